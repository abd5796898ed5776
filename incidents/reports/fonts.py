"""The font in which Japanese is set on paper: one that is embedded, where this machine has one."""

from functools import cache
from pathlib import Path

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from incidents.reports.drawnfont import DrawnFont

# Where Debian and others put TrueType fonts with Japanese (fonts-ipaexfont, fonts-ipafont).
USUAL = (
    "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf",
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
    "/usr/share/fonts/opentype/ipafont-mincho/ipam.ttf",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/ipa-ex-mincho-fonts/ipaexm.ttf",
)
# OpenType fonts that are drawn (fonts-noto-cjk): with Japanese as the first of their faces.
DRAWN = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
)


def japanese(named: str) -> str:
    """The font's name, registered; `named` is one of reportlab's, which readers have to bring.

    A program that makes a fax of a PDF often has none and leaves the text out. So what is used of a
    font goes into the file: of MEYASU_PAPER_FONT, else of a TrueType font that is usually found,
    else of an OpenType font, drawn.
    """
    embedded = _embedded(str(settings.MEYASU_PAPER_FONT))
    if not embedded and named not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(named))
    return embedded or named


@cache
def _embedded(wanted: str) -> str:
    """The name under which a font is embedded, "" where there is none that can be."""
    for path in (wanted,) if wanted else (*USUAL, *DRAWN):
        if Path(path).is_file() and (font := _font(path)) is not None:
            pdfmetrics.registerFont(font)
            return str(font.fontName)
    return ""


def _font(path: str) -> TTFont | None:
    """The font in a file: as it is, else drawn; None if it is none."""
    name = Path(path).stem
    try:
        return TTFont(name, path)
    except TTFError:
        pass
    try:
        return DrawnFont(name, path)
    except OSError:
        return None
