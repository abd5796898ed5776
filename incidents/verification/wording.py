"""PURE: Reason, one clause of a verdict: a template to be translated, its values, its evidence."""

from dataclasses import dataclass, field


def gettext_noop(words: str) -> str:
    """Mark words for the translators; pure files know nothing of Django."""
    return words


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause of a verdict: `words` is a template (to be translated) for `values`.

    evidence  names of the probes it rests on; "log" for the mail log
    """

    words: str
    values: dict[str, int | str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.words % self.values
