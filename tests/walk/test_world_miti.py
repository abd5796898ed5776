"""The same case in other words: a simulated world of 1998, by the commands, and its scorer."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command


@pytest.mark.timeout(180)
def test_the_simulated_case_is_linked_and_grouped(db, data_dir, shared, tmp_path):
    world = tmp_path / "world"
    _run(shared, "miti", "--out", str(world))
    call_command("organisation", "import", str(world / "org.json"))
    call_command("maillog", "import", str(world / "maillog"), stdout=io.StringIO())
    call_command("ingest", str(world / "mailbox"), stdout=io.StringIO())
    result = tmp_path / "result.jsonl"
    with result.open("w", encoding="utf-8") as file:
        call_command("export", "cases", stdout=file)

    score = json.loads(
        _run(shared, "score", "--truth", str(world), "--result", str(result), "--json")
    )

    assert score["detection"]["f1"] == 1
    assert score["format"]["accuracy"] == 1
    assert score["evidence"]["all"]["f1"] == 1
    assert score["linking"]["precision"] == 1
    # Two writers show neither their address nor a time that tells: their messages are
    # proposed, not linked.
    assert score["linking"]["recall"] >= 0.875
    assert score["grouping"]["b3_f1"] == 1
    assert score["duplicates"]["f1"] == 1


def _run(shared, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "world", *arguments],
        cwd=shared,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
