"""What time it is: the real time, or the time of a case that is being played."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present, in UTC.

    With MEYASU_CLOCK_FILE set (for the demo alone), the present is the ISO time in that file
    plus the time that has passed since it was written.
    """
    if not settings.MEYASU_CLOCK_FILE:
        return timezone.now()
    file = Path(settings.MEYASU_CLOCK_FILE)
    started_at = datetime.fromisoformat(file.read_text(encoding="ascii").strip())
    passed = max(0.0, time.time() - file.stat().st_mtime)
    return started_at.astimezone(UTC) + timedelta(seconds=passed)


def play(file: Path, moment: datetime) -> None:
    """Set the clock of a case that is being played, while others read it.

    The file is put in place whole: what is half written would be no time at all.
    """
    written = file.with_name(f"{file.name}.new")
    written.write_text(moment.isoformat(), encoding="ascii")
    written.replace(file)
