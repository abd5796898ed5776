"""compile_words: from the translations we write (.po), those that Django reads (.mo)."""

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Compile every file of words; what is fuzzy or empty stays in English."""

    help = (
        "Compile the translations of the screens, without gettext's own programs; "
        "`make setup` does it. Example: ./manage.py compile_words"
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a file, at the usual verbosity."""
        for folder in settings.LOCALE_PATHS:
            for written in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                count = compile_file(written)
                if options["verbosity"]:
                    self.stdout.write(f"{written.relative_to(settings.BASE_DIR)}: {count} entries")


def compile_file(written: Path) -> int:
    """Write the .mo beside a .po, whole or not at all, and return how many entries it has.

    raises  OSError, with the line, where the .po cannot be understood
    source  GNU gettext manual, The Format of GNU MO Files
    """
    words = polib.pofile(str(written), encoding="utf-8")
    # Several processes of the tests compile at once, while others read.
    unfinished = written.with_suffix(f".mo-{os.getpid()}")
    unfinished.write_bytes(words.to_binary())
    unfinished.replace(written.with_suffix(".mo"))
    return len(words.translated_entries())
