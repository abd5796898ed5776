"""Raw messages by SHA-256, in files outside the database; written once, never changed."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


class RawMessageMissing(Exception):
    """The bytes of a message are not where they were stored, or are not what was stored."""


def keep(raw: bytes) -> str:
    """Store the bytes durably and return their SHA-256 in hexadecimal.

    The file and its folder are fsynced before this returns: only then may a mail server
    be told that the message is ours. Storing the same bytes again changes nothing.
    """
    digest = hashlib.sha256(raw).hexdigest()
    path = path_of(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    _fsync_folder(path.parent)
    _fsync_folder(path.parent.parent)
    return digest


def read(digest: str) -> bytes:
    """Return the stored bytes.

    raises   RawMessageMissing if the file is gone or its content has another SHA-256
    """
    try:
        raw = path_of(digest).read_bytes()
    except FileNotFoundError:
        raise RawMessageMissing(f"No raw message is stored under {digest}.") from None
    if hashlib.sha256(raw).hexdigest() != digest:
        raise RawMessageMissing(f"The raw message stored under {digest} has been changed.")
    return raw


def path_of(digest: str) -> Path:
    """Where the message with this SHA-256 is kept, whether or not it is there."""
    return Path(settings.MEYASU_DATA_DIR) / "raw" / digest[:2] / f"{digest}.eml"


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
