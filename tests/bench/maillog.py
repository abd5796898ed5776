"""How much dearer it is to understand a mail log than to read it: CPU against `grep -c`.

`make bench ARGS="-k maillog"`. Ratios of one run on one machine, medians of three; the log and
the truth about it come from the generator in the shared folder.
"""

import json
import resource
import statistics
import subprocess
import sys

import pytest

LINES = 200_000
READ = """
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from complaints.maillog import archive, dialects
from complaints.maillog.assemble import Assembler
from complaints.maillog.direction import Ourselves, direction_of
from complaints.maillog.framing import Framing

us = Ourselves(
    domains=frozenset({"example.org", "shop.example.org", "lists.example.org"}),
    networks=("10.20.0.0/16",),
)
framing = Framing(zone=UTC, not_after=datetime(2025, 12, 31, tzinfo=UTC))
entries = dialects.read_lines(
    archive.lines_of(Path(sys.argv[1])), framing=framing, tally=dialects.Tally()
)
strangers = 0
while stretch := list(islice(entries, 50_000)):
    hosts = {}
    for entry in stretch:
        hosts.setdefault(entry.host, []).append(entry)
    for of_host in hosts.values():
        assembler = Assembler()
        assembler.feed(of_host)
        for passage in assembler.take()[0]:
            strangers += "stranger" == direction_of(
                us,
                client_ip=passage.client_ip,
                authenticated_user=passage.authenticated_user,
                recipients=[handover.asked_for for handover in passage.handovers.values()],
                known=passage.client_known,
            )
print(strangers)
"""


def _cpu(*command):
    """(seconds of CPU of a whole process, what it printed)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize("dialect", ["postfix", "sendmail", "sendmail88"])
def test_understanding_a_log_against_reading_it(shared, tmp_path, dialect, request):
    log, truth = tmp_path / "maillog", tmp_path / "truth"
    generator = [sys.executable, str(shared / "bench" / "make_maillog.py"), "--dialect", dialect]
    subprocess.run(
        [*generator, "--lines", str(LINES), "--out", str(log), "--truth", str(truth)], check=True
    )
    rows = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    abuse = sum(row.get("abuse", False) is True for row in rows)

    program = ("env", f"PYTHONPATH={request.config.rootpath}", sys.executable, "-c", READ, str(log))
    read = statistics.median(_cpu("grep", "-c", "from=<", str(log))[0] for _ in range(3))
    runs = [_cpu(*program) for _ in range(3)]
    understood = statistics.median(seconds for seconds, _ in runs)
    print(
        f"\n{dialect}: {LINES / understood:,.0f} lines a CPU second, "
        f"{understood / read:.0f} x grep; {runs[0][1].strip()} relayed for strangers, "
        f"{abuse} by the truth"
    )
