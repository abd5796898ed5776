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


@pytest.mark.parametrize(
    "address",
    ["mysql://u:hidden@h/x", "u:hidden", "postgres://u:hidden@h:port/x", "postgres://[::"],
)
def test_an_address_of_no_database_is_refused_without_its_password(monkeypatch, recwarn, address):
    monkeypatch.setenv("X_URL", address)
    with pytest.raises(ImproperlyConfigured, match="X_URL names no database") as refusal:
        env.database("X_URL")
    assert "hidden" not in str(refusal.value)
    assert not list(recwarn)


def test_databases_are_known_by_their_addresses(monkeypatch):
    monkeypatch.setenv("X_URL", "postgres://desk:word@db.example.org:5433/meyasu")
    found = env.database("X_URL")
    assert (found["ENGINE"], found["PORT"]) == ("django.db.backends.postgresql", 5433)
    monkeypatch.setenv("X_URL", "sqlite:////srv/desk.sqlite3")
    assert env.database("X_URL")["NAME"] == "/srv/desk.sqlite3"
    monkeypatch.setenv("X_URL", "")
    assert env.database("X_URL") == {}


def test_zones_and_log_levels_are_those_that_exist(monkeypatch):
    monkeypatch.setenv("X_ZONE", "Asia/Tokyo")
    monkeypatch.setenv("X_LEVEL", "debug")
    assert env.zone("X_ZONE", "UTC") == "Asia/Tokyo"
    assert env.log_level("X_LEVEL", "INFO") == "DEBUG"
    monkeypatch.setenv("X_ZONE", "../Mars")
    monkeypatch.setenv("X_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match="no time zone"):
        env.zone("X_ZONE", "UTC")
    with pytest.raises(ImproperlyConfigured, match="X_LEVEL is “LOUD”"):
        env.log_level("X_LEVEL", "INFO")


def test_a_place_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("X_FOLDER", str(tmp_path / "file" / "below"))
    with pytest.raises(ImproperlyConfigured, match="which cannot be made"):
        env.folder("X_FOLDER", tmp_path)
    monkeypatch.delenv("X_SECRET", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Set X_SECRET, or X_SECRET_FILE"):
        env.secret("X_SECRET", kept_in=tmp_path / "file" / "below" / "secret")
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        env.secret("X_SECRET", kept_in=tmp_path / "file")
