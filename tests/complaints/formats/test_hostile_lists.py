"""Whatever is done to a list or service report, it is read or refused, in time for its size."""

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.formats.registry import read_report
from complaints.formats.report import UnreadableReport
from tests.growth import ALLOWED, growth

SAMPLES = Path(__file__).parents[2] / "data" / "complaints"
FORMATS = ("xarf", "shadowserver", "spamcop", "acns")
PATHS = sorted(path for name in FORMATS for path in (SAMPLES / name).glob("*.eml"))
HEAD = b"From: a@b.example\nMessage-ID: <1@b.example>\nSubject: report\n"
XARF_NAMES = [
    "xarf_version", "Version", "Report", "ReportType", "ReportClass", "Source", "SourceIp", "Date",
    "Samples", "evidence", "payload", "Payload", "source_identifier", "category", "type", "url",
]  # fmt: skip
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(XARF_NAMES), inner, max_size=6)
    ),
    max_leaves=25,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_report_with_bytes_changed_is_read_or_refused(path: Path) -> None:
    chance = random.Random(path.stem)
    raw = path.read_bytes()
    for _ in range(60):
        changed = bytearray(raw)
        for _ in range(chance.choice((1, 3, 30))):
            place = chance.randrange(len(changed))
            changed[place : place + chance.choice((0, 1, 40))] = chance.randbytes(
                chance.choice((0, 1, 3))
            )
        with contextlib.suppress(UnreadableReport):
            assert read_report(bytes(changed)).format


@settings(deadline=None, max_examples=100)
@given(ANY_JSON, st.sampled_from(["xarf_version", "ReportType"]))
def test_json_of_any_shape_is_read_or_refused(document: object, name: str) -> None:
    source = json.dumps({name: "4", "category": document, "Report": document, "evidence": document})
    with contextlib.suppress(UnreadableReport):
        read_report(part(b"application/json", source.encode()))


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="abc:-*&!{}[]\"'|> \n\t#%@`", max_size=300))
def test_yaml_of_any_shape_is_read_or_refused(lines: str) -> None:
    with contextlib.suppress(UnreadableReport):
        read_report(part(b"text/plain", XARF_PLAIN + lines.encode()))


def test_yaml_that_doubles_itself_stays_small() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [*{old},*{old},*{old},*{old},*{old},*{old},*{old},*{old}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    found = read_report(part(b"text/plain", XARF_PLAIN + bomb.encode()))
    assert found.format == "xarf"
    assert all(len(one.body_text) < 5000 for one in found.originals)


def part(content_type: bytes, content: bytes) -> bytes:
    return HEAD + b"Content-Type: " + content_type + b"\n\n" + content


XARF_PLAIN = (
    b"---\nReported-From: a@b.example\nCategory: abuse\nReport-Type: spam\nReport-ID: 1\n"
    b"Source: 192.0.2.1\nSource-Type: ipv4\nDate: Mon, 11 Mar 2024 10:00:00 +0000\n"
)
LIST_HEAD = b"timestamp,ip,asn\n"
GROWING: dict[str, Callable[[int], bytes]] = {
    "xarf reports": lambda n: part(b"text/plain", XARF_PLAIN * (n // 8)),
    "xarf fields": lambda n: part(b"text/plain", XARF_PLAIN + b"Note: x\n" * n),
    "xarf folded": lambda n: part(b"text/plain", XARF_PLAIN + b"  further\n" * n),
    "xarf yaml": lambda n: part(b"text/plain", XARF_PLAIN + b"- [\n" * n),
    "json starts": lambda n: part(b"text/plain", b'{ "report_type": [\n' * n),
    "json depth": lambda n: part(b"application/json", b'{"xarf_version":' + b"[" * n),
    "json fields": lambda n: part(b"application/json", b'{"xarf_version":1,' + b'"a":"b\\' * n),
    "list rows": lambda n: part(b"text/csv", LIST_HEAD + b"2024-03-01 00:00:01,192.0.2.1,1\n" * n),
    "list columns": lambda n: part(b"text/csv", b"timestamp,ip" + b",a" * n + b"\n" + b"1," * n),
    "list quotes": lambda n: part(b"text/csv", LIST_HEAD + b'"a\n' * n),
    "list in text": lambda n: part(b"text/plain", b"a,b,c,d\n" * n + LIST_HEAD),
    "banners": lambda n: part(b"text/plain", b"> [ SpamCop V5.1 ]\n" * n),
    "fact lines": lambda n: part(
        b"text/plain", b"[ SpamCop V5.1 ]\n" + b"Email from 192.0.2.1 / Tue, 12 Mar 2024\n" * n
    ),
    "sites": lambda n: part(
        b"text/plain", b"[ SpamCop V5.1 ]\n" + b"Spamvertised web site: http://a.example/\n" * n
    ),
    "summary rows": lambda n: part(
        b"text/plain", b"Trap User Length\n" + b"192.0.2.1 Mar  8 20h/4 1 2 3 4\n" * n
    ),
    "notices": lambda n: part(
        b"text/plain", b"<Infringement><Source><IP_Address>192.0.2.1</IP_Address></Source>" * n
    ),
    "notice sources": lambda n: part(b"application/xml", b"<Infringement>" + b"<Source>x" * n),
    "records": lambda n: part(
        b"application/json", b'{"rows":[' + b'{"ip":"192.0.2.1"},' * n + b"0]}"
    ),
    "record names": lambda n: part(
        b"application/json", b'{"ip":"192.0.2.1"' + b',"src_ip":"a.b"' * n + b"}"
    ),
    "xml records": lambda n: part(b"application/xml", b"<a>" + b'<b ip="192.0.2.1"/>' * n),
    "yaml lines": lambda n: part(b"text/yaml", b"---\nip: 192.0.2.1\n" + b"a: {\n" * (n // 4)),
    "log lines": lambda n: part(
        b"text/plain", b"Mar 12 06:00:11 gate sshd[7]: Invalid user a from 192.0.2.1\n" * n
    ),
    "listed addresses": lambda n: part(b"text/plain", b"192.0.2.1\n  - Mar 12 06:00\n" * n),
    "bans": lambda n: part(b"text/plain", b"banned " * n + b"192.0.2.1"),
    "zones": lambda n: part(b"text/plain", b"192.0.2.1\n" + b"time " * n),
    "takedown links": lambda n: part(
        b"text/plain", b"DMCA copyright owner, remove\n" + b"http://a.example/%d\n" % n * (n // 4)
    ),
    "takedown labels": lambda n: part(b"text/plain", b"DMCA copyright owner ://\n" + b"a :" * n),
    "json list": lambda n: part(
        b"application/json", b"[" + b'{"xarf_version":"4","type":"spam"},' * n + b"0]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", GROWING)
def test_twice_the_mail_takes_about_twice_the_time(what: str) -> None:
    found = growth(GROWING[what], read_report, small=2_000, refusals=(UnreadableReport,))
    assert found < ALLOWED
