"""Typed readers of environment variables; what is wrong is said with what to set instead."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

DATABASES = ("postgres", "postgresql", "sqlite")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable's text, without surrounding blanks."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """Yes or no."""
    value = os.environ.get(name, "yes" if default else "no").strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is “{value}”: set it to yes or no.")
    return value in TRUE


def number(name: str, default: int) -> int:
    """A whole number, zero or more."""
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is “{value}”: set it to a whole number.")
    return int(value)


def seconds(name: str, default: int) -> timedelta:
    """A duration, given in whole seconds."""
    return timedelta(seconds=number(name, default))


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def log_level(name: str, default: str) -> str:
    """How much is logged."""
    value = text(name, default).upper()
    if value not in LOG_LEVELS:
        raise ImproperlyConfigured(f"{name} is “{value}”: set it to {', '.join(LOG_LEVELS)}.")
    return value


def zone(name: str, default: str) -> str:
    """The name of a time zone, as Asia/Tokyo."""
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError) as error:
        raise ImproperlyConfigured(
            f"{name} is “{value}”, which is no time zone: set it to a name like Asia/Tokyo."
        ) from error
    return value


def database(name: str) -> dict[str, Any]:
    """The database that an address names, as Django wants it; empty where none is named.

    The address holds a password, so no message repeats it.
    """
    address = text(name)
    if not address:
        return {}
    try:
        if urlsplit(address).scheme in DATABASES:
            return dict(environ.Env.db_url_config(address))
    except ValueError:
        pass  # a port that is no number, brackets that do not close: no address either
    raise ImproperlyConfigured(
        f"{name} names no database we know: set it to postgres://user:password@host:port/name, "
        "or unset it for SQLite."
    )


def folder(name: str, default: Path) -> Path:
    """A folder that is there: it is made where it is missing."""
    path = Path(text(name) or default).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is “{path}”, which cannot be made: {error.strerror}. Name a folder that can."
        ) from error
    return path


def file(name: str) -> Path | None:
    """A file that can be read, or None where none is named."""
    if not text(name):
        return None
    path = Path(text(name)).resolve()
    if not (path.is_file() and os.access(path, os.R_OK)):
        raise ImproperlyConfigured(f"{name} is “{path}”, which is no file that can be read.")
    return path


def secret(name: str, *, kept_in: Path) -> str:
    """A secret: the variable, else the file named by NAME_FILE, else one made and kept in a file.

    The file is made once, readable by its owner only.
    """
    if value := text(name):
        return value
    path = Path(text(f"{name}_FILE") or kept_in)
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make_once(path)
        value = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no ASCII text"
        raise ImproperlyConfigured(
            f"{name} cannot be kept in {path}: {why}. Set {name}, or {name}_FILE to a file."
        ) from error
    if not value:
        raise ImproperlyConfigured(f"{path} is empty: put {name} into it, or remove the file.")
    return value


def _make_once(path: Path) -> None:
    """Write a new secret beside its place and link it there: the first of two writers wins."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process made it first; that one is used
    finally:
        draft.unlink()
