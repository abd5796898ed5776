"""Raw messages by SHA-256, in files outside the database; written once, never changed."""

import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings


class RawMessageMissing(Exception):
    """The bytes of a message are not where they were stored, or are not what was stored."""


def keep(raw: bytes) -> str:
    """Store the bytes durably and return their SHA-256 in hexadecimal.

    The file and its folder are fsynced before this returns: only then may a mail server
    be told that the message is ours. Storing the same bytes again changes nothing, but puts
    right a file that was damaged meanwhile.
    raises   OSError if they cannot be stored; nothing is left behind then
    """
    return keep_all([raw])[0]


def keep_all(raws: Sequence[bytes]) -> list[str]:
    """Store several messages as `keep` does one; each folder is fsynced once."""
    distinct = {id(raw): raw for raw in raws}  # a mail to many recipients is there many times
    known = {key: hashlib.sha256(raw).hexdigest() for key, raw in distinct.items()}
    # Names as text: of each mail little else is asked, and as Paths they cost more than the file.
    root, folders = str(_root()), set()
    for key, raw in distinct.items():
        digest = known[key]
        folder = f"{root}/{digest[:2]}"
        path = f"{folder}/{digest}.eml"
        if not _holds(path, digest):
            if folder not in folders:
                _make_folder(folder)
            _write(path, raw)
        folders.add(folder)
    # Also for a file that was there: another process may have died before it came to this.
    for folder in folders:
        _fsync_folder(folder)
    return [known[id(raw)] for raw in raws]


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
    return _root() / digest[:2] / f"{digest}.eml"


def _root() -> Path:
    return Path(settings.MEYASU_DATA_DIR) / "raw"


def _holds(path: str, digest: str) -> bool:
    return os.access(path, os.F_OK) and _sha256_of(Path(path)) == digest


def _sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: str, raw: bytes) -> None:
    """Write beside the place, fsync, then rename into it: a torn file is never seen there."""
    beside = f"{path[: path.rindex('/')]}/.new-{secrets.token_hex(12)}"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            rest = memoryview(raw)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(beside, path)  # noqa: PTH105 (as text, see above)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def _make_folder(folder: str) -> None:
    """Make the folder and those above it, readable by us alone, each one durable."""
    if os.access(folder, os.F_OK):
        return
    inner = Path(folder)
    missing = [place for place in (inner, *inner.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)
        _fsync_folder(str(place.parent))


def _fsync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
