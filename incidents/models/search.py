"""SearchDocument: what the search knows of a complaint, an incident, a letter or a notice."""

from django.db import models


class SearchDocument(models.Model):
    """One thing that can be found. Its words are in a column or table of the database's own.

    On PostgreSQL that is a `tsvector`, on SQLite a table of FTS5; migrations make them, and
    `incidents.finding.words` alone knows them.
    """

    kind = models.CharField(max_length=10)  # complaint, incident, letter, notice
    key = models.BigIntegerField()
    reference = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_document_a_thing")]
        indexes = [models.Index(fields=["-at", "-id"], name="search_newest")]

    def __str__(self) -> str:
        return self.reference


class SearchMark(models.Model):
    """How far the search has followed the history: up to this entry all is known."""

    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.sequence)
