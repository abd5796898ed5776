"""The shared battery of hostile files through `ingest`: each ends as its index says, in its budget.

`MEYASU_BATTERY=FILE` writes the outcomes as a table. A raw file that begins with no header field is
what nobody can hand over as mail: it goes the way of an upload, which refuses it in words.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from complaints import audit, organisation, rawstore
from complaints.intake import files
from complaints.models import Complaint
from complaints.reading import pool
from incidents.correspondence.acknowledge import acknowledge_waiting
from incidents.models import Acknowledgement, Acknowledging
from incidents.pipeline import STEPS
from tests import make
from tests.make import at

NOW = at("2026-11-24 12:00")
MOST_ROWS = 1000
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MIB = 1024 / 2**20
# What the outcomes of `ingest` are in the words of the index.
MEANS = {
    "complaint": {"accept"},
    "reply": {"accept"},
    "duplicate": {"accept"},
    "not-complaint": {"accept", "reject"},
    "quarantined": {"quarantine"},
    "refused": {"reject", "quarantine"},
}


def _status(pid) -> dict[str, float]:
    text = Path(f"/proc/{pid}/status").read_text()
    lines = (line.split() for line in text.splitlines() if line.startswith(("VmHWM", "VmRSS")))
    return {name.rstrip(":"): int(value) / 1024 for name, value, _ in lines}


class Meter:
    """CPU seconds and growth of memory of this process and its reading child, over one row."""

    def __init__(self) -> None:
        self.pids = [os.getpid(), *([pool._reader.child_pid] if pool._reader.child_pid else [])]
        for pid in self.pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        self.resident = {pid: _status(pid)["VmRSS"] for pid in self.pids}
        self.cpu = self._cpu()

    def _cpu(self) -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        dead = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = own.ru_utime + own.ru_stime + dead.ru_utime + dead.ru_stime
        child = pool._reader.child_pid
        if child:
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
        return total

    def read(self) -> tuple[float, float]:
        """(CPU seconds, MiB) since the beginning; a child that died used at most its limit."""
        grown = [0.0]
        for pid, before in self.resident.items():
            if Path(f"/proc/{pid}").exists():
                grown.append(_status(pid)["VmHWM"] - before)
        return self._cpu() - self.cpu, max(grown)


def _ingest(path: Path, capsys) -> str:
    """The outcome of one file, as `ingest` prints it."""
    capsys.readouterr()
    call_command("ingest", str(path), "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return str(Counter(line["outcome"] for line in lines).most_common(1)[0][0])


def _outcome(path: Path, capsys) -> str:
    if path.suffix in (".zip", ".xml"):
        try:
            list(files.uploaded(path, path.name, organisation.ourselves(), now=NOW))
        except files.NoMail:
            return "refused"
    return _ingest(path, capsys)


def _wrong_in(complaint: Complaint, checks: set[str]) -> list[str]:
    wrong = []
    if complaint.stage in STEPS:
        wrong.append(f"did not end: {complaint.stage}")
    parts = (complaint.reported_messages, complaint.observables, complaint.attachments)
    if max(part.count() for part in parts) > MOST_ROWS:
        wrong.append("too many rows")
    for name in complaint.attachments.values_list("name", flat=True):
        unsafe = set(name) & set('/\\\x00"\r\n') or not name.isprintable()
        if "safe-name" in checks and (unsafe or name in ("", ".", "..")):
            wrong.append(f"unsafe name {name!r}")
    return wrong


def _wrong(row: dict, complaints: list[Complaint], outcomes: list[str]) -> list[str]:
    """What does not hold of a row, beside its budgets."""
    checks, wrong = set(row["checks"]), []
    if not all(MEANS[outcome] & set(row["must"]) for outcome in outcomes):
        wrong.append(f"ended as {outcomes}, allowed is {row['must']}")
    for complaint in complaints:
        wrong += _wrong_in(complaint, checks)
    if "distinct" in checks and len({one.pk for one in complaints}) < len(set(row["sha256"])):
        wrong.append("not every file is evidence of its own")
    ends = (Complaint.Stage.QUARANTINED, Complaint.Stage.DUPLICATE)
    if "flagged" in checks and any(one.stage not in ends and not one.notes for one in complaints):
        wrong.append("nobody is told that it is odd")
    acknowledged = Acknowledgement.objects.exclude(state="withheld")
    if "no-auto-reply" in checks and acknowledged.filter(complaint__in=complaints).exists():
        wrong.append("it was answered")
    return wrong


@pytest.mark.timeout(900)
def test_each_row_ends_as_its_index_says(
    db, data_dir, shared, tmp_path, capsys, settings, monkeypatch
):
    maker = shared / "hostile" / "make_hostile.py"
    if not maker.exists():
        pytest.skip("the shared battery is not beside this checkout")
    battery = tmp_path / "battery"
    subprocess.run([sys.executable, str(maker), "--out", str(battery)], check=True)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make.organisation()
    Acknowledging.objects.create(pk=1, enabled=True, enabled_at=at("1970-01-01 00:00"))
    monkeypatch.setattr("incidents.correspondence.acknowledge._send", lambda *_, **__: True)
    rows = [json.loads(line) for line in (battery / "index.jsonl").read_text().splitlines()]
    table, failed = [], []
    for row in rows:
        if row["class"] == "log":
            continue
        meter, started_at = Meter(), time.monotonic()
        outcomes = [_outcome(battery / name, capsys) for name in row["files"]]
        seconds, mib = meter.read()
        wall = time.monotonic() - started_at
        complaints = list(Complaint.objects.filter(raw_sha256__in=row["sha256"]))
        for complaint in complaints:
            complaint.arrivals.update(way="lmtp")
            Complaint.objects.filter(pk=complaint.pk).update(arrived_at=NOW)
        acknowledge_waiting(now=NOW)
        wrong = _wrong(row, complaints, outcomes)
        for complaint in complaints:
            raw = rawstore.read(complaint.raw_sha256)
            if hashlib.sha256(raw).hexdigest() != complaint.raw_sha256:
                wrong.append("the raw bytes have changed")
        if seconds > row["time_s"]:
            wrong.append(f"{seconds:.1f} CPU s of {row['time_s']}")
        if mib > row["mem_mib"]:
            wrong.append(f"{mib:.0f} MiB of {row['mem_mib']}")
        ended = Counter(outcomes).most_common()
        table.append((row["class"], row["name"], ended, seconds, wall, mib, wrong))
        failed += [(row["name"], what) for what in wrong]
    _write(table)
    assert failed == []
    assert list(audit.verify()) == []


def _write(table) -> None:
    if target := os.environ.get("MEYASU_BATTERY"):
        lines = [
            f"{kind:10} {name:32} {ended!s:40} {seconds:5.2f} CPU s {wall:5.2f} s {mib:4.0f} MiB"
            f" {'; '.join(wrong)}"
            for kind, name, ended, seconds, wall, mib, wrong in table
        ]
        Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.timeout(300)
def test_the_shared_samples_of_other_parsers_come_to_an_end(db, data_dir, shared, capsys):
    folder = shared / "corpus" / "hostile"
    if not folder.is_dir():
        pytest.skip("the shared corpus is not beside this checkout")
    make.organisation()
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    assert labels
    for label in labels:
        outcome = _ingest(folder / label["path"], capsys)
        assert outcome in MEANS
        given = (folder / label["path"]).read_bytes()
        if not given.startswith(b"From "):  # an mbox: its separator is none of the mail
            complaint = Complaint.objects.get(raw_sha256=label["sha256"])
            assert complaint.stage not in STEPS, label["path"]
            assert rawstore.read(label["sha256"]) == given
    assert not Complaint.objects.filter(stage__in=STEPS).exists()
    assert list(audit.verify()) == []
