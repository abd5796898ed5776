"""The formats in order, and read_report(): raw bytes to a Report.

A format is recognised by its structure first, then by its text; the sender's address decides
nothing, since a good part of all reports comes through somebody else.
"""

from dataclasses import replace
from types import ModuleType

from complaints.cleantext import clean_line
from complaints.evidence.dates import ambiguous
from complaints.evidence.language import language_of
from complaints.formats import (
    acns,
    arf,
    authfailure,
    authprose,
    autoreply,
    blocklist,
    csirt,
    dmarc,
    followup,
    forwarded,
    iodef,
    judge,
    machine,
    other,
    pasted,
    phrases,
    plain,
    prose,
    shadowserver,
    spamcop,
    takedown,
    tlsrpt,
    topics,
    xarf,
)
from complaints.formats.category import Category, category_of
from complaints.formats.deadline import answer_by
from complaints.formats.missing import missing_in
from complaints.formats.opened import Opened, open_mail, set_aside
from complaints.formats.phrasehits import hits, mentions
from complaints.formats.report import Report
from complaints.formats.threats import threat_in

FORMATS: tuple[ModuleType, ...] = (
    xarf,
    arf,
    authfailure,
    authprose,
    shadowserver,
    spamcop,
    acns,
    tlsrpt,
    dmarc,
    iodef,
    autoreply,
    other,
    machine,
    csirt,
    followup,
    forwarded,
    pasted,
    takedown,
    blocklist,
    plain,
)

# What evidence counts before a word is weighed: see judge.weigh.
_EVIDENCE = {"csirt": 3, "pasted-headers": 3, "attached": 2, "inline": 2, "follow-up": 2}
# Readers of "plain" that are told by data or by a notice's own statements: as good as a sample.
_SHOWS_DATA = (machine, takedown)
# What a format says of any mail; the mail itself may say more.
_GENERAL = ("", "other", "spam")
_BY_PEOPLE = (forwarded.ATTACHED, forwarded.INLINE, pasted.NAME, plain.NAME)
MOST_SMALL_FACTS = 3
LANGUAGE_CHARS = 8000
_TWO_DAYS = "The date {} is two days, by whether the day or the month comes first."
_NAMES_OF_THE_TYPE = frozenset(("loginattack", "login attack*"))
_SURE = (
    arf.NAME,
    authfailure.NAME,
    iodef.NAME,
    xarf.NAME,
    shadowserver.NAME,
    spamcop.NAME,
    acns.NAME,
)
# These say themselves what they are about; a category of theirs that is "other" stays so.
_TELLING = (xarf.NAME, shadowserver.NAME)


def read_report(raw: bytes) -> Report:
    """Return what the mail in these bytes says.

    raises   UnreadableReport where a format is recognised but says nothing; the message is
             for the person who looks at the quarantined mail
    """
    opened = open_mail(raw)
    reader = next(each for each in FORMATS if each.recognises(opened))
    found: Report = reader.read(opened)
    words = prose.own_words(opened, found)
    found = _described(found, opened, words)
    evidence = 2 if reader in _SHOWS_DATA else _EVIDENCE.get(found.format, 0)
    return _understood(_judged(found, opened, words, evidence), opened, words)


def _described(found: Report, opened: Opened, words: str) -> Report:
    """Add language, category, reporter and threat, where the format itself does not know."""
    headers = opened.headers
    said = f"{headers.subject}\n\n{found.text}"  # as `own_words` has it: then it is looked at once
    about_mail = (
        found.format == followup.NAME
        or _shows_picture(found)
        or any(
            one.hops or one.subject or one.message_id or one.body_text for one in found.originals
        )
    )
    threat = _threat(found, words) if found.is_complaint else ""
    is_machine = bool(
        headers.auto_submitted not in ("", "no") or headers.precedence or opened.mail.report_type
    )
    reporter = found.reporter_kind or judge.reporter_of(
        headers.from_address, headers.from_name, found.text, is_machine=is_machine
    )
    category = _category(found, said, about_mail=about_mail)
    return replace(
        found,
        language=_language(found, opened, words),
        category=category.name,
        reasons=(*found.reasons, f"Category {category.name}: {category.reason}."),
        reporter_kind=reporter,
        threatens_block=bool(threat),
        threat=threat,
    )


def _category(found: Report, said: str, *, about_mail: bool) -> Category:
    """What is complained about: what the format says, unless that is general and the mail tells."""
    told = Category(found.category, "the report says so")
    if found.category == "login-attack" and _shows_packets(found.text):
        return Category("port-scan", "its log lines show packets that were dropped, and no login")
    if found.category not in _GENERAL:
        return told
    by_itself = found.format in _TELLING
    if by_itself and not any(one.hops or one.subject for one in found.originals):
        return told
    read = _told_by_mails(found, "" if by_itself else said, about_mail=about_mail)
    return read if read.is_sure or (found.category != "spam" and not by_itself) else told


def _shows_packets(words: str) -> bool:
    """Whether log lines tell of scans alone: programs call all they see attacks on logins."""
    scans = len(hits(topics.PORT_SCAN, words))
    return scans > 1 and hits(topics.LOGIN_ATTACK, words) <= _NAMES_OF_THE_TYPE


def _told_by_mails(found: Report, said: str, *, about_mail: bool) -> Category:
    """What the first reported mail that tells says."""
    shown = [f"{one.subject}\n{one.body_text[:8000]}" for one in found.originals[:5]] or [""]
    several = (category_of(said, each, about_mail=about_mail) for each in shown)
    first = next(several)
    tells = first.is_sure or (found.originals and found.originals[0].body_text)
    return first if tells else next((one for one in several if one.is_sure), first)


def _threat(found: Report, words: str) -> str:
    """The threat in the writer's words: before pasted headers, or in a few lines behind."""
    threat = threat_in(words)
    shown = () if found.format in _TELLING else found.originals  # theirs are records, not words
    behind = [one.body_text for one in shown if len(one.body_text) < 600 and not one.urls]
    return threat or next(filter(None, map(threat_in, behind)), "")


def _language(found: Report, opened: Opened, words: str) -> str:
    """The language of the writer's words, else of all that is shown, else of the subject."""
    name_words = set(opened.headers.from_name.split())
    own = words[:LANGUAGE_CHARS]
    if any(map(own.__contains__, name_words)):
        own = "\n".join(
            " ".join(word for word in line.split() if word not in name_words)
            for line in own.split("\n")
        )
    texts = (own, found.text, opened.text, opened.headers.subject)
    return next((code for code in map(language_of, texts) if code), "")


def _shows_picture(found: Report) -> bool:
    """Whether a picture is attached: of the mail on a screen, as people send it."""
    return any(file.actual_type.startswith("image/") for file in found.attachments)


def _slight_evidence(found: Report, opened: Opened) -> int:
    """Points for a picture with few words, log lines, labelled facts; else for each small fact."""
    if _shows_picture(found) and len(found.text) < 400:
        return 2
    if prose.shows_log_lines(found.text) or prose.states_facts(found.text):
        return 2
    most = 0 if len(found.text) > judge.LONG_CHARS else MOST_SMALL_FACTS
    return min(most, prose.small_facts(opened))


def _understood(found: Report, opened: Opened, words: str) -> Report:
    """Add what a complaint asks for, by when, and what it lacks for us to act on it."""
    if not found.is_complaint:
        return found
    return replace(
        found,
        # What is said altogether was looked through before, and mostly has no such phrase.
        asks_removal=mentions(phrases.REMOVAL, opened.said) and mentions(phrases.REMOVAL, words),
        answer_by=answer_by(words, found.headers.date, opened.zone),
        missing=missing_in(found),
        notes=(*found.notes, *map(_TWO_DAYS.format, ambiguous(words))),
    )


def _is_colleague(opened: Opened, found: Report) -> bool:
    """Whether a colleague writes to us, and not in a thread that he began."""
    if opened.headers.in_reply_to or prose.states_facts(found.text):
        return False
    domain = opened.headers.from_address.rpartition("@")[2]
    return bool(domain) and any(to.lower().endswith(f"@{domain}") for to in opened.headers.to)


def _judged(found: Report, opened: Opened, words: str, evidence: int) -> Report:
    """Set aside what does not complain."""
    if not found.is_complaint or found.format in _SURE:
        return found
    evidence = evidence or _slight_evidence(found, opened)
    said = f"{opened.headers.subject}\n\n{found.text}"
    verdict = judge.weigh(
        said,
        words,
        evidence=evidence,
        by_colleague=found.format in _BY_PEOPLE and _is_colleague(opened, found),
    )
    if verdict.is_complaint:
        why = f"A complaint: {'; '.join(verdict.reasons)}."
        return replace(found, reasons=(*found.reasons, why))
    reason = "; ".join(verdict.reasons) or "nothing in it speaks of abuse or of us"
    kept = replace(
        found,
        format=other.NAME if found.format == plain.NAME else found.format,
        threatens_block=False,
        threat="",
    )
    return set_aside(kept, clean_line(f"No complaint: {reason}.", 255))
