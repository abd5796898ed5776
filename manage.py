#!/usr/bin/env python3
"""Django's command line for Meyasu: `./manage.py NAME --help`."""

import os
import sys
from typing import NoReturn

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits(3)


def main() -> None:
    """Run one management command with Meyasu's settings.

    What is wrong with the settings, or keeps us from the database, is told in one sentence;
    with --traceback it is shown where it happened.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        said = " ".join(str(error).split())
        if isinstance(error, OperationalError):
            said = f"The database says: “{said}”. `./manage.py doctor` looks further."
        _refuse(said)


def _refuse(words: str) -> NoReturn:
    """End with what is wrong. A mail server that pipes mail to us keeps it and tries again."""
    sys.stderr.write(f"{words}\n")
    takes_mail = sys.argv[1:2] == ["ingest"] and "-" in sys.argv
    sys.exit(TRY_AGAIN if takes_mail else 1)


if __name__ == "__main__":
    main()
