"""The environment is read with types, and what is wrong with it is said in words."""

import stat
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_values_are_read_with_their_types(monkeypatch):
    monkeypatch.setenv("X_FLAG", "Yes")
    monkeypatch.setenv("X_NUMBER", "42")
    monkeypatch.setenv("X_WORDS", "a, b,,c ")
    assert env.flag("X_FLAG")
    assert env.number("X_NUMBER", 1) == 42
    assert env.seconds("X_NUMBER", 1) == timedelta(seconds=42)
    assert env.words("X_WORDS") == ["a", "b", "c"]


def test_a_wrong_value_names_its_variable(monkeypatch):
    monkeypatch.setenv("X_FLAG", "perhaps")
    monkeypatch.setenv("X_NUMBER", "many")
    with pytest.raises(ImproperlyConfigured, match="X_FLAG is “perhaps”"):
        env.flag("X_FLAG")
    with pytest.raises(ImproperlyConfigured, match="X_NUMBER is “many”"):
        env.number("X_NUMBER", 1)


def test_a_secret_is_made_once_and_readable_by_its_owner_only(monkeypatch, tmp_path):
    monkeypatch.delenv("X_SECRET", raising=False)
    path = tmp_path / "keys" / "secret"
    first = env.secret("X_SECRET", kept_in=path)
    assert env.secret("X_SECRET", kept_in=path) == first
    assert len(first) > 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.setenv("X_SECRET", "given")
    assert env.secret("X_SECRET", kept_in=path) == "given"
