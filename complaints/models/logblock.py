"""LogBlock: a stretch of a log as it was read, packed; rows of messages point to its lines."""

import hashlib
from collections.abc import Iterable
from functools import cached_property

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

    @cached_property
    def content(self) -> bytes:
        """The lines as they stand in the log."""
        unpacked: bytes = zstandard.ZstdDecompressor().decompress(
            bytes(self.packed), max_output_size=self.size_bytes
        )
        return unpacked

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.content.split(b"\n")

    def lines(self, numbers: Iterable[int]) -> list[str]:
        """Lines by their numbers, the first is 0. Only lines of printable ASCII are pointed to."""
        return [self._lines[number].decode("ascii", "backslashreplace") for number in numbers]

    def offset_of(self, number: int) -> int:
        """Where a line begins in the file, in bytes."""
        return self.offset + sum(len(line) + 1 for line in self._lines[:number])

    @property
    def is_intact(self) -> bool:
        """Whether these are the bytes that were read."""
        return hashlib.sha256(self.content).hexdigest() == self.sha256
