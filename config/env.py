"""Typed readers of environment variables; what is wrong is said with what to set instead."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

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


def secret(name: str, *, kept_in: Path) -> str:
    """A secret: the variable, else the file named by NAME_FILE, else one made and kept in a file.

    The file is made once, readable by its owner only.
    """
    if value := text(name):
        return value
    path = Path(text(f"{name}_FILE") or kept_in)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_once(path)
    return path.read_text(encoding="ascii").strip()


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
