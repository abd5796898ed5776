"""What parent and child say to each other: length-prefixed frames, answers as msgpack."""

import struct
from typing import Final

import msgspec

from complaints.formats.report import Report

READY: Final = b"ready\n"
LENGTH: Final = struct.Struct(">I")
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What the child says of one mail: exactly one of the three is set.

    report   what the mail says
    refusal  why a recognised format says nothing: expected, worded for a person
    defect   what went wrong in the reading itself
    """

    report: Report | None = None
    refusal: str = ""
    defect: str = ""


def encode(answer: Answer) -> bytes:
    """Return the answer as a frame."""
    body = msgspec.msgpack.encode(answer)
    return LENGTH.pack(len(body)) + body


def decode(body: bytes) -> Answer:
    """Return the answer in a frame's body, every field checked against its type.

    raises   msgspec.DecodeError (and its ValidationError) if it is none
    """
    return msgspec.msgpack.decode(body, type=Answer)
