"""A font that is drawn on paper glyph by glyph, where none can be embedded as it is.

OpenType fonts with PostScript outlines, as Noto CJK has, cannot be embedded by reportlab. Each
glyph that is used becomes a picture in a Type 3 font; what is shown can be searched and copied.
Source: PDF 1.7 (ISO 32000-1), 9.6.5 Type 3 Fonts and 8.9.7 Inline Images.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import TTEncoding, TTFont, makeToUnicodeCMap

PIXELS = 128  # of an em: at 11 points more than 800 to the inch, a fine fax has 200


@dataclass(frozen=True, slots=True)
class Glyph:
    """A drawn glyph; all in pixels from its origin, upwards and to the right.

    bits  rows from the top, each filled up to whole bytes, 1 for ink; b"" for a blank
    """

    advance: float
    left: int
    bottom: int
    width: int
    height: int
    bits: bytes


class _All:
    """Every character is tried: what the font lacks is drawn as its own sign for that."""

    def __contains__(self, _code: object) -> bool:
        return True


class _Face:
    """What reportlab asks of a face; measures are thousandths of an em."""

    subfontNameX = b""  # noqa: N815 (reportlab's name)
    charToGlyph = _All()  # noqa: N815 (reportlab's name)

    def __init__(self, path: str) -> None:
        self.name = Path(path).stem.encode("ascii", "replace")
        self._font = ImageFont.truetype(path, PIXELS, index=0)
        ascent, descent = self._font.getmetrics()
        self.ascent, self.descent = ascent * 1000 / PIXELS, -descent * 1000 / PIXELS
        self.glyph = lru_cache(maxsize=4096)(self._drawn)

    def getCharWidth(self, code: int) -> float:  # noqa: N802 (reportlab's name)
        return self.glyph(code).advance * 1000 / PIXELS

    def _drawn(self, code: int) -> Glyph:
        character = chr(code)
        left, top, right, bottom = map(int, self._font.getbbox(character, anchor="ls"))
        size = right - left, bottom - top
        advance = float(self._font.getlength(character))
        if code < ord(" ") or min(size) <= 0:
            return Glyph(advance if code >= ord(" ") else 0.0, 0, 0, 0, 0, b"")
        picture = Image.new("1", size, 0)
        ImageDraw.Draw(picture).text((-left, -top), character, fill=1, font=self._font, anchor="ls")
        return Glyph(advance, left, -bottom, *size, picture.tobytes())


class DrawnFont(TTFont):
    """A font of reportlab's, dynamic like its TrueType fonts: subsets of what a document uses."""

    def __init__(self, name: str, path: str) -> None:
        """Raises OSError for what is no font."""
        self.fontName = name
        self.face: Any = _Face(path)
        self.encoding = TTEncoding()
        self.state: Any = {}
        self._asciiReadable = False
        self.shapable = False

    def stringWidth(self, text: str | bytes, size: float, encoding: str = "utf8") -> float:  # noqa: N802
        """The width of a text in points."""
        words = text.decode(encoding) if isinstance(text, bytes) else text
        width: float = sum(self.face.getCharWidth(ord(one)) for one in words) * size / 1000
        return width

    def addObjects(self, doc: Any) -> None:  # noqa: N802 (reportlab's name)
        """Put each subset into the document as a Type 3 font."""
        state = self.state[doc]
        state.frozen = 1
        for number, codes in enumerate(state.subsets):
            name = self.getSubsetInternalName(number, doc)[1:]
            doc.idToObject["BasicFonts"].dict[name] = self._subset(doc, name, codes)
        del self.state[doc]

    def _subset(self, doc: Any, name: str, codes: list[int]) -> Any:
        glyphs = [self.face.glyph(code) for code in codes]
        drawn = {
            f"g{place}": doc.Reference(_stream(doc, _program(glyph)), f"{name}-g{place}")
            for place, glyph in enumerate(glyphs)
        }
        names = pdfdoc.PDFArray([0, *(pdfdoc.PDFName(f"g{place}") for place in range(len(glyphs)))])
        words = _stream(doc, makeToUnicodeCMap(name, codes))
        return pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("Type3"),
                "Name": pdfdoc.PDFName(name),
                "FontBBox": pdfdoc.PDFArray([0, 0, 0, 0]),
                "FontMatrix": pdfdoc.PDFArray([1 / PIXELS, 0, 0, 1 / PIXELS, 0, 0]),
                "FirstChar": 0,
                "LastChar": len(glyphs) - 1,
                "Widths": pdfdoc.PDFArray([glyph.advance for glyph in glyphs]),
                "CharProcs": pdfdoc.PDFDictionary(drawn),
                "Encoding": pdfdoc.PDFDictionary(
                    {"Type": pdfdoc.PDFName("Encoding"), "Differences": names}
                ),
                "Resources": pdfdoc.PDFDictionary({}),
                "ToUnicode": doc.Reference(words, f"{name}-words"),
            }
        )


def _program(glyph: Glyph) -> str:
    """How a glyph is drawn: its advance and frame, then its picture as a mask for the ink."""
    right, top = glyph.left + glyph.width, glyph.bottom + glyph.height
    frame = f"{glyph.advance:g} 0 {glyph.left} {glyph.bottom} {right} {top} d1"
    if not glyph.bits:
        return frame
    return (
        f"{frame}\nq {glyph.width} 0 0 {glyph.height} {glyph.left} {glyph.bottom} cm\n"
        f"BI /W {glyph.width} /H {glyph.height} /BPC 1 /IM true /D [1 0] /F /AHx ID\n"
        f"{glyph.bits.hex()}>\nEI Q"
    )


def _stream(doc: Any, content: str) -> Any:
    stream = pdfdoc.PDFStream()
    stream.content = content
    if doc.compression:
        stream.filters = [pdfdoc.PDFZCompress]
    return stream
