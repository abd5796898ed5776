"""Lists as files: complete, streamed, and harmless in a spreadsheet."""

import csv
import io
import shutil
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from complaints.admin import sheets
from tests import make
from tests.make import at

EVIL = ['=HYPERLINK("http://x.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "plain"]


def read_csv(lines):
    return list(csv.reader(io.StringIO("".join(lines).removeprefix("\ufeff"))))


def test_a_cell_that_begins_like_a_formula_is_text_in_csv():
    _, *rows = read_csv(sheets.csv_lines(["text", "number"], [(text, -5) for text in EVIL]))
    for text, number in rows:
        assert not text.startswith(sheets.STARTS_OF_FORMULAS)
        assert number == "-5"
    assert rows[0][0] == f"'{EVIL[0]}"
    assert rows[-1][0] == "plain"


def test_xlsx_has_no_formula_whatever_a_cell_begins_with():
    with sheets.xlsx_file(["text"], [(text,) for text in EVIL]) as file:
        book = zipfile.ZipFile(file)
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<row ") == len(EVIL) + 1


def test_times_are_in_utc_and_flags_are_words():
    row = (at("1998-01-20 05:00"), True, None, 3)
    assert [sheets.cell(value) for value in row] == ["1998-01-20T05:00:00Z", "yes", "", 3]


def test_rows_beyond_the_room_of_a_sheet_are_refused_in_words(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS_OF_XLSX", 3)
    with pytest.raises(sheets.TooManyRows, match="take CSV"):
        sheets.xlsx_file(["n"], [(number,) for number in range(3)])


def test_a_long_list_streams_in_constant_memory():
    def peak(rows):
        tracemalloc.start()
        for _ in sheets.csv_lines(["a", "b"], (("=x", number) for number in range(rows))):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1000)
    assert peak(100_000) < peak(1000) + 100_000


def test_libreoffice_takes_no_cell_for_a_formula(tmp_path):
    if not shutil.which("soffice"):
        pytest.skip("server missing: LibreOffice is not installed")
    source = tmp_path / "cases.csv"
    source.write_text("".join(sheets.csv_lines(["text"], [(text,) for text in EVIL])), "utf-8")
    convert = ["soffice", f"-env:UserInstallation=file://{tmp_path}/home", "--headless"]
    subprocess.run(
        [*convert, "--convert-to", "fods", "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert "table:formula" not in Path(tmp_path, "cases.fods").read_text("utf-8")


@pytest.fixture
def manager(client, db):
    client.force_login(User.objects.create_superuser("manager"))
    return client


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_taken_as_it_is_filtered(manager, kind):
    make.complaint(format="arf", subject="=cmd|' /C calc'!A0")
    make.complaint(format="plain")
    address = reverse(f"admin:complaints_complaint_{kind}")
    answer = manager.get(f"{address}?format__exact=arf")
    body = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].endswith(f'complaint.{kind}"')
    if kind == "csv":
        header, *rows = read_csv([body.decode()])
        assert header[:3] == ["reference", "arrived_at", "stage"]
        assert [row[3] for row in rows] == ["arf"]
        assert rows[0][8].startswith("'=cmd")
    else:
        sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") == 2


@pytest.mark.parametrize(
    "model", ["complaints_refusal", "complaints_relayedmessage", "complaints_auditentry",
              "incidents_incident", "incidents_task", "incidents_letter", "incidents_notice",
              "incidents_proberun", "incidents_acknowledgement"],
)  # fmt: skip
def test_every_list_can_be_taken(manager, model):
    incident = make.incident()
    make.task(incident, "assess")
    make.refusal()
    make.relayed_message()
    answer = manager.get(reverse(f"admin:{model}_csv"))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")


def test_whoever_may_not_see_a_list_does_not_get_its_file(client, db):
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(reverse("admin:complaints_complaint_csv")).status_code == 403


def test_a_list_counts_no_further_than_it_must(manager, monkeypatch):
    monkeypatch.setattr("complaints.admin.lists.MOST_COUNTED", 2)
    for _ in range(3):
        make.complaint()
    page = manager.get(reverse("admin:complaints_complaint_changelist"))
    assert page.context["cl"].result_count == 2
    assert "The first 2 rows are shown" in page.content.decode()


def test_a_search_finds_a_whole_reference_or_address_in_any_case(manager):
    complaint = make.complaint(sender="ann@far.example")
    make.complaint(sender="bob@far.example")
    address = reverse("admin:complaints_complaint_changelist")
    for words in ("ann@far.example", complaint.reference.lower()):
        found = manager.get(address, {"q": words}).context["cl"]
        assert [row.pk for row in found.result_list] == [complaint.pk]
