"""The words of documents in the database: a tsvector on PostgreSQL, a table of FTS5 on SQLite."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from incidents.finding.terms import Asked

TABLE = "incidents_searchdocument"
WORDS = "incidents_searchwords"


def create(schema_editor: Any) -> None:
    """Make the column or the table; called by the migration."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} ADD COLUMN words tsvector")
        schema_editor.execute(f"CREATE INDEX search_words ON {TABLE} USING gin (words)")
    else:
        schema_editor.execute(
            f"CREATE VIRTUAL TABLE {WORDS} USING fts5(words, tokenize = "
            "'unicode61 remove_diacritics 0')"
        )


def drop(schema_editor: Any) -> None:
    """Undo create(); on PostgreSQL the column goes with its table."""
    if schema_editor.connection.vendor != "postgresql":
        schema_editor.execute(f"DROP TABLE {WORDS}")


def write(documents: Sequence[tuple[int, list[str]]]) -> None:
    """Set the words of documents, each by its number."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Words are letters and digits alone: nothing in them has to be escaped.
            rows = [
                (" ".join(f"{word}:{place}" for place, word in enumerate(found, 1)), key)
                for key, found in documents
            ]
            cursor.executemany(f"UPDATE {TABLE} SET words = %s::tsvector WHERE id = %s", rows)  # noqa: S608
            return
        cursor.executemany(f"DELETE FROM {WORDS} WHERE rowid = %s", [(k,) for k, _ in documents])  # noqa: S608
        cursor.executemany(
            f"INSERT INTO {WORDS} (rowid, words) VALUES (%s, %s)",  # noqa: S608
            [(key, " ".join(found)) for key, found in documents],
        )


def condition(asked: Asked) -> tuple[str, str]:
    """SQL over documents, and its one parameter, for the phrases that are asked for."""
    postgres = connection.vendor == "postgresql"
    last = len(asked.phrases) - 1
    said = [
        _phrase(phrase, begun=asked.last_is_begun and place == last, postgres=postgres)
        for place, phrase in enumerate(asked.phrases)
    ]
    if postgres:
        return f"{TABLE}.words @@ %s::tsquery", " & ".join(said)
    inner = f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s"  # noqa: S608
    return f"{TABLE}.id IN ({inner})", " AND ".join(said)


def _phrase(phrase: tuple[str, ...], *, begun: bool, postgres: bool) -> str:
    if postgres:
        return "(" + " <-> ".join(phrase) + (":*" if begun else "") + ")"
    return '"' + " ".join(phrase) + '"' + (" *" if begun else "")
