"""A file packed by zstandard (RFC 8878), read as others are: streamed, from any place."""

import io
from pathlib import Path

import zstandard

# A block of four bytes may stand for 128 KiB: so little at once that a bomb stays small.
PACKED_AT_ONCE = 512
SKIPPED_AT_ONCE = 1024 * 1024


class ZstandardFile(io.RawIOBase):
    """The unpacked bytes; going back begins again.

    raises   OSError where it is broken, EOFError where it ends too early
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._begin()

    def _begin(self) -> None:
        self._file.seek(0)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = self._ready = b""
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always, at the cost of unpacking again."""
        return True

    def tell(self) -> int:
        """The place in the unpacked bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place counted from the beginning or from here."""
        offset += self._at if whence == io.SEEK_CUR else 0
        if offset < self._at:
            self._begin()
        while self._at < offset and self.read(min(offset - self._at, SKIPPED_AT_ONCE)):
            pass
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as bytes are ready; 0 at the end."""
        while not self._ready and self._unpack():
            pass
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        self._at += size
        return size

    def _unpack(self) -> bool:
        """Unpack a little more; False at the end of the file."""
        packed = self._packed or self._file.read(PACKED_AT_ONCE)
        self._packed = b""
        if not packed:
            if self._frame:
                raise EOFError("the file ended in the middle")
            return False
        if self._frame is None:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            self._ready = self._frame.decompress(packed)
        except zstandard.ZstdError as error:
            raise OSError(f"cannot be unpacked: {error}") from error
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return True

    def close(self) -> None:
        """Close the packed file too."""
        self._file.close()
        super().close()
