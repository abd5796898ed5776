"""Builds what Outlook writes: .msg files and winmail.dat, with words of our own."""

import io
import struct

from extract_msg.ole_writer import OleWriter

SUBJECT, HEADERS, BODY, FILE_NAME, FILE_DATA = 0x0037, 0x007D, 0x1000, 0x3707, 0x3701
IS_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def msg_file(texts: dict[int, str], *, inside: dict[int, str] | None = None) -> bytes:
    """A .msg file of a mail with these properties; `inside` is a mail attached to it."""
    writer = OleWriter()
    _add(writer, (), texts)
    if inside is not None:
        attachment = ("__attach_version1.0_#00000000",)
        _add(writer, attachment, {FILE_NAME: "kettles"})
        _add(writer, (*attachment, "__substg1.0_3701000D"), inside)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def winmail(body: str, *, files: dict[str, bytes], inside: bytes | None = None) -> bytes:
    """A winmail.dat with a body and these files; `inside` is another, as a mail within it."""
    objects = [_object(1, 0x9007, struct.pack("<II", 1252, 0)), _object(1, 0x800C, body.encode())]
    for name, content in files.items():
        objects += [
            _object(2, 0x9002, b"\0" * 14),
            _object(2, 0x8010, name.encode() + b"\0"),
            _object(2, 0x800F, content),
        ]
    if inside is not None:
        data = IS_MESSAGE + inside
        packed = struct.pack("<IHHII", 1, 0x000D, FILE_DATA, 1, len(data)) + data
        packed += b"\0" * (-len(data) % 4)
        objects += [_object(2, 0x9002, b"\0" * 14), _object(2, 0x9005, packed)]
    return bytes.fromhex("789f3e220100") + b"".join(objects)


def mapi_text(texts: dict[int, str]) -> bytes:
    """The properties of a mail as an object of a winmail.dat."""
    packed = struct.pack("<I", len(texts))
    for number, text in texts.items():
        value = text.encode("utf-16-le") + b"\0\0"
        packed += struct.pack("<HHII", 0x001F, number, 1, len(value)) + value
        packed += b"\0" * (-len(value) % 4)
    return bytes.fromhex("789f3e220100") + _object(1, 0x9003, packed)


def _add(writer: OleWriter, above: tuple[str, ...], texts: dict[int, str]) -> None:
    writer.addEntry([*above, "__properties_version1.0"], b"\0" * 32)
    for number, text in texts.items():
        name = f"__substg1.0_{number:04X}001F"
        writer.addEntry([*above, name], text.encode("utf-16-le"))


def _object(level: int, number: int, data: bytes) -> bytes:
    head = struct.pack("<BHHI", level, number, 0x0006, len(data))
    return head + data + struct.pack("<H", sum(data) & 0xFFFF)
