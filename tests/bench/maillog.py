"""How dear it is to understand and store a mail log: CPU against grep, pflogsumm and Exim's own.

`make bench ARGS="-k maillog"`. CPU seconds of whole processes, one at a time, and their ratios
within one run; the logs come from the generator in the shared folder. References that are not
installed are named. MEYASU_BENCH_LINES sets another length than 1,000,000 lines.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = int(os.environ.get("MEYASU_BENCH_LINES", "1000000"))
RUNS = int(os.environ.get("MEYASU_BENCH_RUNS", "3"))
REFERENCES = {
    "postfix": [("grep -c message-id", ["grep", "-c", "message-id"]), ("pflogsumm", ["pflogsumm"])],
    "exim": [
        ("grep -c", ["grep", "-c", "<= "]),
        ("exigrep", ["exigrep", "no-such-word"]),
        ("eximstats", ["eximstats"]),
    ],
    "sendmail": [("grep -c from=", ["grep", "-c", "from="])],
    "sendmail88": [("grep -c from=", ["grep", "-c", "from="])],
}
READ = """
import gc, sys
from datetime import UTC, datetime
from pathlib import Path
from complaints.maillog import archive
from complaints.maillog.dialects import Tally
from complaints.maillog.framing import Framing
from complaints.maillog.gather import Gatherer

gc.disable()
tally, messages = Tally(), 0
gatherer = Gatherer(tally=tally, host_of=str)
framing = Framing(zone=UTC, not_after=datetime(2025, 12, 31, tzinfo=UTC))
fed = 0
for fed in gatherer.feed_file(archive.blocks_of(Path(sys.argv[1])), framing):
    for assembler in gatherer.assemblers.values():
        messages += sum(map(len, assembler.take_lives()))
        messages += len(assembler.take(tally, ended=True)[0])
for assembler in gatherer.assemblers.values():
    messages += len(assembler.take(tally)[0])
print(messages)
"""
ORGANISATION = {
    "name": "Bench",
    "domains": ["example.org", "shop.example.org", "lists.example.org"],
    "networks": ["10.20.0.0/16"],
    "mail_hosts": [
        {"name": name, "fqdn": f"{name}.example.org", "log_utc_offset": "+00:00"}
        for name in ("mx1", "mx2")
    ],
}


@dataclass(frozen=True)
class Run:
    """CPU seconds and peak memory of a whole process, and what it printed."""

    seconds: float
    mib: float
    printed: str


def run(command, folder, **environment):
    """Run a command to its end."""
    out = folder / "printed"
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONPATH": str(ROOT), **environment}
    with out.open("w") as printed:
        process = subprocess.Popen(command, stdout=printed, env=env, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read_text())


@pytest.fixture
def postgresql():
    """The address of a PostgreSQL server of its own; empty where none can be started."""
    script = 'source tests/postgresql.sh; echo "${POSTGRESQL_URL:-}"; read -r'
    server = subprocess.Popen(
        ["bash", "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield server.stdout.readline().strip()
    server.communicate("\n")


def log_of(shared, folder, dialect, lines=LINES):
    """A log of the generator."""
    log = folder / f"{dialect}-{lines}.log"
    generator = [sys.executable, str(shared / "bench" / "make_maillog.py"), "--dialect", dialect]
    told = ["--lines", str(lines), "--out", str(log), "--truth", str(folder / "truth")]
    subprocess.run([*generator, *told], check=True)
    return log


def stored(log, folder, **environment):
    """Import the log into a fresh database, whose indexes are there from the start."""
    data = folder / f"data-{log.name}-{len(environment)}"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    told = {"MEYASU_DATA_DIR": str(data), **environment}
    manage = [sys.executable, "manage.py"]
    organisation = folder / "organisation.json"
    organisation.write_text(json.dumps(ORGANISATION))
    if environment:
        run([*manage, "flush", "--no-input"], folder, **told) if _has_tables(folder, told) else None
    run([*manage, "migrate", "--verbosity", "0"], folder, **told)
    run([*manage, "organisation", "import", str(organisation)], folder, **told)
    options = ["--host", "mx1", "--year", "2025", "--json"]
    return run([*manage, "maillog", "import", str(log), *options], folder, **told)


def _has_tables(folder, environment):
    done = run([sys.executable, "manage.py", "showmigrations", "complaints"], folder, **environment)
    return "[X]" in done.printed


def told(name, one, references):
    """Print one line of the table: what it took, and how it compares."""
    ratios = "".join(
        f"; {other / one.seconds:.1f} x as fast as {reference}"
        if other > one.seconds
        else f"; {one.seconds / other:.1f} x {reference}"
        for reference, other in references.items()
    )
    speed = f"{LINES / one.seconds:,.0f} lines/s"
    print(f"  {name}: {one.seconds:.2f} s CPU, {speed}, {one.mib:.0f} MiB{ratios}")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("dialect", REFERENCES)
def test_understanding_and_storing_against_reading(shared, tmp_path, dialect, postgresql):
    log = log_of(shared, tmp_path, dialect)
    print(f"\n{dialect}, {LINES:,} lines")
    references = {}
    for name, command in REFERENCES[dialect]:
        if not shutil.which(command[0]):
            print(f"  {name}: not measured, {command[0]} is not installed")
            continue
        runs = [run([*command, str(log)], tmp_path).seconds for _ in range(RUNS)]
        references[name] = statistics.median(runs)
        print(f"  {name}: {references[name]:.2f} s CPU")

    read = [run([sys.executable, "-c", READ, str(log)], tmp_path) for _ in range(RUNS)]
    told("understood", _median(read), references)
    told("stored in SQLite", _median([stored(log, tmp_path) for _ in range(RUNS)]), references)
    if postgresql:
        copied = [stored(log, tmp_path, DATABASE_URL=postgresql) for _ in range(RUNS)]
        told("stored in PostgreSQL, client alone", _median(copied), references)
    else:
        print("  PostgreSQL: not measured, no server could be started")


def _median(runs):
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]


@pytest.mark.timeout(1800)
def test_memory_does_not_grow_with_the_log(shared, tmp_path):
    short, long = (
        stored(log_of(shared, tmp_path, "postfix", lines), tmp_path).mib
        for lines in (LINES // 4, LINES)
    )
    print(
        f"\nmemory of an import: {short:.0f} MiB of {LINES // 4:,} lines, {long:.0f} of {LINES:,}"
    )
    assert long < 1.15 * short
