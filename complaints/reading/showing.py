"""The HTML of a mail as it may be looked at, cleaned in a process that may be killed."""

import subprocess
import sys

from complaints.reading.pool import PROJECT_ROOT

COMMAND = (sys.executable, "-m", "complaints.reading.shown")
WALL_SECONDS = 15.0


class NotShown(Exception):
    """It could not be cleaned within its bounds: worded for the person who wants to see it."""


def shown(raw: bytes, *, with_pictures: bool) -> str:
    """Return a page's body without anything that acts or fetches; "" if the mail has no HTML.

    raises   NotShown if cleaning it took too much time or memory, or failed
    """
    arguments = (*COMMAND, "pictures") if with_pictures else COMMAND
    try:
        done = subprocess.run(
            arguments,
            input=raw,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=True,
            cwd=PROJECT_ROOT,
            env={"PYTHONPATH": str(PROJECT_ROOT), "PATH": ""},
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as failure:
        raise NotShown("It could not be made safe to look at within its bounds.") from failure
    return done.stdout.decode("utf-8", "replace")
