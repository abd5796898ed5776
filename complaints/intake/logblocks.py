"""The blocks of logs that were read, kept packed as long as messages point to their lines."""

import hashlib

import zstandard

from complaints.cleantext import clean_text
from complaints.maillog.lives import Source
from complaints.models import LogBlock

LEVEL = 1  # a fifth of the size at half a second for a gigabyte


def key_of(source: Source) -> int:
    """The row of the block that lives were cut out of, stored at first need."""
    if source.stored_as is None:
        data = source.block.data
        told = [at for at in source.moments if at]
        row = LogBlock.objects.create(
            path=clean_text(source.origin.path, 500),
            offset=source.origin.offset,
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            first_at=min(told),
            last_at=max(told),
            packed=zstandard.ZstdCompressor(level=LEVEL).compress(data),
        )
        source.stored_as = row.pk
    return source.stored_as
