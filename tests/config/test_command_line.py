"""The command line: what an owner set wrongly is told in one sentence, never as a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def manage(tmp_path, *arguments, **environment):
    """What `./manage.py` does as an owner starts it, on an empty data folder."""
    ours = os.environ | {"MEYASU_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""}
    ours["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=ours | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("MEYASU_WORKERS", "many", "MEYASU_WORKERS is “many”"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL names no database we know"),
        ("MEYASU_DATA_DIR", "/dev/null/data", "MEYASU_DATA_DIR is “/dev/null/data”"),
        ("DATABASE_URL", "postgres://x@127.0.0.1:1/x", "The database says: “connection failed"),
        ("MEYASU_DISPLAY_ZONE", "Mars", "MEYASU_DISPLAY_ZONE is “Mars”"),
    ],
)
def test_what_is_set_wrongly_is_told_in_one_sentence(tmp_path, variable, value, words):
    done = manage(tmp_path, "poll", "--once", **{variable: value})
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_tables_that_are_not_there_are_told(tmp_path):
    done = manage(tmp_path, "poll", "--once")
    assert done.returncode == 1
    assert "no such table" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_developer_still_sees_where_it_happened(tmp_path):
    done = manage(tmp_path, "poll", "--once", "--traceback")
    assert "Traceback" in done.stderr


def test_a_mail_server_that_pipes_mail_keeps_it_while_a_setting_is_wrong(tmp_path):
    done = manage(tmp_path, "ingest", "-", MEYASU_WORKERS="many")
    assert done.returncode == 75
    assert "MEYASU_WORKERS is “many”" in done.stderr
