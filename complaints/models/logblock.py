"""LogBlock: a stretch of a log as it was read, packed; rows of messages point to its lines."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import zstandard
from django.db import models


class LogBlock(models.Model):
    """Whole lines of a log. Their file may be rotated, packed or gone: they can still be shown.

    `offset` and `size_bytes` say where they stand in the file as its program wrote it,
    unpacked; `sha256` is of those bytes, without the end of the last line.
    """

    path = models.CharField(max_length=500)
    offset = models.BigIntegerField()
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    packed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="log_block_last")]

    def __str__(self) -> str:
        return f"{self.path}, byte {self.offset}"

    @property
    def content(self) -> bytes:
        """The lines as they stand in the log."""
        return b"\n".join(_unpacked(bytes(self.packed), self.size_bytes))

    def lines(self, numbers: Iterable[int]) -> list[str]:
        """Lines by their numbers, the first is 0. Only lines of printable ASCII are pointed to."""
        lines = _unpacked(bytes(self.packed), self.size_bytes)
        return [lines[number].decode("ascii", "backslashreplace") for number in numbers]

    def offset_of(self, number: int) -> int:
        """Where a line begins in the file, in bytes."""
        lines = _unpacked(bytes(self.packed), self.size_bytes)
        return self.offset + sum(len(line) + 1 for line in lines[:number])

    @property
    def is_intact(self) -> bool:
        """Whether these are the bytes that were read."""
        return hashlib.sha256(self.content).hexdigest() == self.sha256


# Rows that are shown together stand near each other; each block takes some megabytes.
@lru_cache(maxsize=4)
def _unpacked(packed: bytes, size_bytes: int) -> list[bytes]:
    unpacked = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size_bytes)
    return unpacked.split(b"\n")
