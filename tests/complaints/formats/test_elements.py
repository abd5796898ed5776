"""XML is read whatever is wrong with it, and never costs more than its bounds allow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats import elements
from tests.growth import ALLOWED, growth

WELL_FORMED = b"""<?xml version="1.0"?>
<!-- a list --><f:List xmlns:f="urn:x" KIND='a &amp; b'>
 <f:Item>one &lt; two</f:Item><Item><![CDATA[<three>]]></Item><item/>
</f:List>"""


def items(content: bytes) -> list[str]:
    return [one.text for one in elements.parse(content)[0].all("item")]


def test_names_lose_their_prefix_and_case() -> None:
    root, note = elements.parse(WELL_FORMED)
    assert (root.name, root.attributes["kind"], note) == ("list", "a & b", "")
    assert items(WELL_FORMED) == ["one < two", "<three>", ""]


@pytest.mark.parametrize(
    "broken",
    [
        WELL_FORMED.replace(b"</f:Item>", b"", 1).replace(b"</f:List>", b""),
        WELL_FORMED.replace(b"one", b"\x01 one"),
        WELL_FORMED.replace(b'"1.0"?>', b'"1.0" encoding="x-none"?>'),
        WELL_FORMED.replace(b"<f:List", b"<!DOCTYPE a [<!ENTITY b 'c'>]><f:List"),
        b"text before\n" + WELL_FORMED + b"<List>",
    ],
)
def test_what_is_not_well_formed_is_read_by_its_tags(broken: bytes) -> None:
    root, note = elements.parse(broken)
    found = [one.text for one in root.all("item")]
    assert found[0].replace("\x01 ", "").startswith("one < two")
    assert found[1] == "<three>"
    assert "not well-formed" in note


def test_utf_16_is_read() -> None:
    assert items("<list><item>é</item></list>".encode("utf-16")) == ["é"]


def test_bytes_of_another_charset_are_text_all_the_same() -> None:
    assert items(b"<list><item>caf\xe9</item></list>")[0].startswith("caf")


def test_entities_do_not_grow() -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY b 'xxxxxxxxxx'><!ENTITY c '&b;&b;&b;&b;'>]><item>&c;</item>"
    root, _ = elements.parse(bomb)
    assert "xxxx" not in root.text


def test_depth_and_count_are_bounded() -> None:
    assert "cut there" in elements.parse(b"<a>" * 1000)[1]
    assert "cut there" in elements.parse(b"<a>" + b"<b/>" * 300_000)[1]


@pytest.mark.parametrize(
    "unit",
    [b"<a", b"<!--", b"<a b=", b"<a b='", b"</a>", b"<![CDATA[", b"&amp;", b"<", b"<?", b"<b></c>"],
)
def test_twice_the_input_takes_about_twice_the_time(unit: bytes) -> None:
    assert growth(lambda n: b"<a>" + unit * n, elements.parse, small=15_000) < ALLOWED


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from([b"<a>", b"</a>", b"<b c='", b"'/>", b"<!--", b"]]>", b"&x;", b"\0"]))
)
def test_no_bytes_raise(pieces: list[bytes]) -> None:
    assert elements.parse(b"".join(pieces))[0] is not None
