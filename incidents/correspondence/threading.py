"""Which letter of ours a mail answers, and how surely: joined, proposed to a person, or none.

In order: our signed token in its thread; a mail in its thread that is filed with a letter; our
signed tag in its subject. Each joins only what comes from whom we wrote to. All else that names a
letter or an incident of ours is proposed: a stranger may quote our number, or forward our letter.
"""

from dataclasses import dataclass

from complaints.earlier import digest
from complaints.models import Complaint
from incidents.correspondence import tokens
from incidents.correspondence.returned import Returned
from incidents.models import Letter, Reply
from incidents.querysets import LetterQuerySet

MOST_ASKED = 50
MOST_TAGS = 6


@dataclass(frozen=True, slots=True)
class Match:
    """A letter that a mail answers, or may answer.

    why       token, thread, tag or number: by what
    is_sure   it is joined; else a person is asked
    """

    letter: Letter
    why: str
    is_sure: bool


def match(mail: Returned) -> Match | None:
    """The letter this mail answers; a report of a mail server joins by the token alone."""
    for why, letter in _named_by(mail):
        if mail.is_report:
            return Match(letter, why, is_sure=why == "token")
        known = _is_participant(mail, letter) if why == "tag" else _is_from(mail, letter)
        return Match(letter, why, is_sure=known and why != "number" and not mail.is_forward)
    return None


def _named_by(mail: Returned) -> list[tuple[str, Letter]]:
    """The letter it names, by the strongest of the ways; empty, or one pair."""
    for why, find in (
        ("token", _by_token),
        ("thread", _by_thread),
        ("tag", _by_tag),
        ("number", _by_number),
    ):
        letter = find(mail)
        if letter is not None:
            return [(why, letter)]
    return []


def _by_token(mail: Returned) -> Letter | None:
    asked = mail.tokens[:MOST_ASKED]
    known = {letter.token: letter for letter in _letters().filter(token__in=asked)}
    return next((known[token] for token in asked if token in known), None)


def _by_thread(mail: Returned) -> Letter | None:
    """Through a reply that is filed already: they write on in their own thread."""
    asked = [digest(identifier) for identifier in mail.thread]
    if not asked:
        return None
    filed = Complaint.objects.filter(message_id_sha256__in=asked, stage=Complaint.Stage.FILED)
    found = {
        row.complaint.message_id_sha256: row.letter_id
        for row in Reply.objects.filter(complaint__in=filed).select_related("complaint")
        if row.kind != Reply.Kind.BOUNCE
    }
    letter = next((found[one] for one in asked if one in found), None)
    return _letters().filter(pk=letter).first() if letter else None


def _by_tag(mail: Returned) -> Letter | None:
    """Each letter puts its own at the end, so the last one is of the latest."""
    for tag in reversed(mail.tags[-MOST_TAGS:]):
        reference, _, code = tag.strip("[]").partition(":")
        hinted = _letters().filter(token__startswith=code[: tokens.TAG_HINT])
        for letter in hinted.filter(incident__reference=reference)[:MOST_ASKED]:
            if tokens.subject_tag(reference, letter.token) == tag:
                return letter
    return None


def _by_number(mail: Returned) -> Letter | None:
    """The latest letter of the incident whose number it quotes: to its sender before others."""
    letters = (
        _letters().filter(incident__reference__in=mail.numbers[:5]).order_by("-sent_at", "-pk")
    )
    theirs = letters.filter(to_address__iexact=mail.headers.from_address)
    return theirs.first() or letters.first()


def _letters() -> LetterQuerySet:
    return Letter.objects.that_left().select_related("incident", "task__incident", "contact")


def _is_from(mail: Returned, letter: Letter) -> bool:
    """From the address we wrote to, or from another one of its domain or below it."""
    theirs = mail.headers.from_address.lower().rpartition("@")[2]
    asked = letter.to_address.strip().lower().rpartition("@")[2]
    return bool(theirs and asked) and (theirs == asked or theirs.endswith(f".{asked}"))


def _is_participant(mail: Returned, letter: Letter) -> bool:
    """From the very address we wrote to, or one that has answered this letter before."""
    sender = mail.headers.from_address.strip().lower()
    if not sender:
        return False
    if sender == letter.to_address.strip().lower():
        return True
    return letter.replies.exclude(kind=Reply.Kind.BOUNCE).filter(complaint__sender=sender).exists()
