#!/usr/bin/env python3
"""Django's command line for Meyasu: `./manage.py NAME --help`."""

import os
import sys


def main() -> None:
    """Run one management command with Meyasu's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
