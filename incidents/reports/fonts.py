"""The font in which Japanese is set on paper: one that is embedded, where this machine has one."""

from functools import cache
from pathlib import Path

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

# Where Debian and others put TrueType fonts with Japanese (fonts-ipaexfont, fonts-ipafont).
USUAL = (
    "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf",
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
    "/usr/share/fonts/opentype/ipafont-mincho/ipam.ttf",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/ipa-ex-mincho-fonts/ipaexm.ttf",
)


def japanese(named: str) -> str:
    """The font's name, registered; `named` is one of reportlab's, which readers have to bring.

    A program that makes a fax of a PDF often has none and leaves the text out. So a TrueType font
    is embedded, as far as it is used: MEYASU_PAPER_FONT, else one that is usually found.
    """
    embedded = _embedded(str(settings.MEYASU_PAPER_FONT))
    if not embedded and named not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(named))
    return embedded or named


@cache
def _embedded(wanted: str) -> str:
    """The name under which a font is embedded, "" where there is none that can be."""
    for path in (wanted,) if wanted else USUAL:
        if Path(path).is_file():
            try:
                pdfmetrics.registerFont(TTFont(Path(path).stem, path))
            except TTFError:
                continue
            return Path(path).stem
    return ""
