"""What prose states of a mail: its subject, sender, time, ID; and the address that it blames."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from complaints.cleantext import clean_line
from complaints.evidence import dates, text
from complaints.evidence.observables import (
    Kind,
    Observable,
    Origin,
    is_masked,
    normal_message_id,
    observable,
)
from complaints.formats import wording
from complaints.formats.opened import Opened
from complaints.formats.report import Original, Report

WHERE = "what the text states"
# Where a label may mean two things, the first in the list counts.
_LABELS = {word: name for name, words in reversed(wording.LABELS.items()) for word in words}
_CITING = ("subject", "from", "url")
LOOKED_AT_CHARS = 64 * 1024
MOST_ADDRESSES = 2000
MOST_LABELLED = 501


def labelled(value: str) -> dict[str, str]:
    """Return what labelled lines state, by the names of `wording.LABELS`; the first of each."""
    found: dict[str, str] = {}
    for name, stated, _ in _labelled_lines(value[:LOOKED_AT_CHARS])[:MOST_LABELLED]:
        if name:
            found.setdefault(name, stated)
    return found


@lru_cache(maxsize=8)  # several formats ask the same text
def _labelled_lines(value: str) -> tuple[tuple[str, str, str], ...]:
    """The labelled lines: what each states ("" if no label of ours), its value, and itself."""
    return tuple(
        (_label_name(hit.group("label")), hit.group("value").strip(), hit.group())
        for hit in wording.LABELLED_LINE.finditer(value)
    )


def original_of(opened: Opened, *, where: str = WHERE) -> Original:
    """Return the mail that a complaint in prose is about, as far as the prose tells.

    The reporter's address stands for the recipient where no other is stated: people mostly
    write from the address that got the mail.
    """
    words = opened.shown.own_text[:LOOKED_AT_CHARS]
    stated = labelled(words)
    when = stated_time(opened, words, stated)
    return Original(
        where=where,
        message_id=message_id_of(words, stated),
        subject=_subject(opened, words, stated),
        header_from=_sender(opened, words, stated),
        recipient=_recipient(opened, stated),
        arrived_at=when.at if when else None,
        zone_stated=when.zone_stated if when else True,
        clock_stated=when.clock_stated if when else True,
        source_ip=_handed_in_by(opened.headers.subject, words),
        urls=_accused_links(opened, words),
    )


def observables_of(opened: Opened, original: Original | None = None) -> Iterator[Observable | None]:
    """Yield what the reporter states in prose, blamed things only.

    original  what `original_of` made of it, where that is known
    """
    words = opened.shown.own_text[:LOOKED_AT_CHARS]
    stated = original or original_of(opened)
    for kind, value in (
        (Kind.MESSAGE_ID, stated.message_id),
        (Kind.SUBJECT, stated.subject),
        (Kind.HEADER_FROM, stated.header_from),
        (Kind.DATE, stated.arrived_at.isoformat() if stated.arrived_at else ""),
    ):
        yield observable(kind, value, where=WHERE, origin=Origin.REPORTED)
    for address in blamed_ips(opened.headers.subject, words):
        yield observable(Kind.IP, address, where=WHERE, origin=Origin.REPORTED)
    for url in stated.urls:
        yield observable(Kind.URL, url, where=WHERE, origin=Origin.REPORTED)


@lru_cache(maxsize=16)  # several formats ask the same text
def blamed_ips(subject: str, words: str) -> tuple[str, ...]:
    """Return the addresses that a text blames.

    Those in the subject, else those called a source, else all that are not called a target.
    """
    if named := text.ips(subject):
        return named
    named = text.ips(words)
    if not named:
        return ()
    if valid := text.ips("\n".join(_called(wording.SOURCE, words))):
        return valid
    targets = set(_called(wording.TARGET, words))
    return tuple(address for address in named if address not in targets)


def _called(what: re.Pattern[str], words: str, behind: re.Pattern[str] | None = None) -> list[str]:
    """The addresses, at most 200, before which a text says what they are, or behind which."""
    hits = sorted(
        (hit.start(), hit.group())
        for kind in (wording.IPV4, wording.IPV6)[: 1 + (words.count(":") > 1)]
        for hit in islice(kind.finditer(words[:LOOKED_AT_CHARS]), MOST_ADDRESSES)
    )
    said = (
        found
        for at, found in hits
        if _says(what, words[max(0, at - 60) : at])
        or (behind and behind.match(words, at + len(found), at + len(found) + 40))
    )
    return list(islice(said, 200))


def _says(what: re.Pattern[str], before: str) -> bool:
    """Whether the words before an address say what it is; the last of them tells if they may."""
    if what is wording.HANDED_IN:
        last = before.rstrip(" \n[(<:").rpartition(" ")[2].rpartition("\n")[2].lower()
        if last not in wording.LAST_OF_HANDED_IN:
            return False
    return bool(what.search(before))


@lru_cache(maxsize=16)
def _handed_in_by(subject: str, words: str) -> str:
    """Who sent the mail: the one address that the text names beside that of the subject.

    Who reports a server puts its address into the subject and says who used it. Log lines name
    addresses that were attacked as well.
    """
    if not (named := text.ips(subject)) and not text.ips(words):
        return ""
    if said := text.ips("\n".join(_called(wording.HANDED_IN, words, wording.HANDED_IN_BEHIND))):
        return said[0]
    others = [address for address in text.ips(words) if address not in named]
    if named and len(others) == 1 and not shows_log_lines(words):
        return others[0]
    return next(iter(blamed_ips(subject, words)), "")


def own_words(opened: Opened, found: Report) -> str:
    """Return subject and text without what is cited: other mails' subjects, words in quotes.

    What is cited is the abuser's wording; it tells neither the writer's language nor his aim.
    """
    subject = opened.headers.subject
    for original in found.originals:
        subject = subject.replace(original.subject, " ") if original.subject else subject
    if subject_behind_reply(subject):
        subject = ""
    words = found.text[:LOOKED_AT_CHARS]
    # A labelled line that gives a subject, a sender or a link has the abuser's words.
    cites = {line for name, _, line in _labelled_lines(words) if name in _CITING}
    kept = [line for line in words.split("\n") if line not in cites] if cites else [words]
    return wording.CITED.sub(" ", f"{subject}\n\n" + "\n".join(kept))


def states_facts(words: str) -> bool:
    """Whether labelled lines give a Message-ID or a source address."""
    return not {"message-id", "ip"}.isdisjoint(labelled(words))


def small_facts(opened: Opened) -> int:
    """Return how many facts of a mail or an attack a text states, whatever its language.

    An address, a time of day, words in quotation marks, a host below the domain that is written to,
    and a subject that answers a mail not in this thread.
    """
    headers, words = opened.headers, opened.shown.own_text[:8000]
    said = f"{headers.subject}\n{words}"
    times = dates.stated_times(words, opened.zone, headers.date)
    domains = {address.rpartition("@")[2].lower() for address in headers.to} - {""}
    return sum(
        (
            bool(text.ips(said)),
            any(time.clock_stated for time in times),
            bool(wording.CITED.search(words)),
            any(f".{domain}" in said.lower() for domain in domains),
            bool(subject_behind_reply(headers.subject)) and not headers.in_reply_to,
        )
    )


def shows_log_lines(words: str) -> bool:
    """Whether a line has a time of day with seconds and an IP address, as log lines have."""
    if not wording.CLOCK.search(words):
        return False
    lines = words[:LOOKED_AT_CHARS].split("\n")
    return any(wording.CLOCK.search(line[:500]) and text.ips(line[:500]) for line in lines[:500])


def message_id_of(words: str, stated: dict[str, str]) -> str:
    """Return the Message-ID that a text states, in angle brackets, or ""."""
    value = stated.get("message-id", "")
    if value and not is_masked(value):
        return normal_message_id(value.split()[0].rstrip(".,;"))
    return next((normal_message_id(one) for one in text.labelled_message_ids(words)), "")


def stated_time(opened: Opened, words: str, stated: dict[str, str]) -> dates.StatedTime | None:
    """Return the time that a text states, a labelled one first."""
    for source in (stated.get("time", ""), words[:8000]):
        found = dates.stated_times(source, opened.zone, opened.headers.date)
        with_clock = [one for one in found if one.clock_stated]
        if with_clock or found:
            return (with_clock or list(found))[0]
    return None


def subject_behind_reply(subject: str) -> str:
    """Return what a Re: or Fwd: subject answers, without ticket tags; "" if it has no prefix."""
    bare = wording.TICKET_TAG.sub("", subject)
    rest = wording.REPLY_PREFIX.sub("", bare)
    return wording.TICKET_TAG.sub("", rest).strip() if rest != bare else ""


def _label_name(label: str) -> str:
    return _LABELS.get(" ".join(label.lower().strip("*-• 　").split()), "")


def _subject(opened: Opened, words: str, stated: dict[str, str]) -> str:
    if "subject" in stated:
        return clean_line(stated["subject"].strip('"“”„'), 998)
    if hit := _cited_subject(words) or wording.SUBJECT_BEHIND.search(words):
        return clean_line(next(group for group in hit.groups() if group), 998)
    quoted = [
        next(g for g in hit.groups() if g)
        for _, hit in zip(range(20), wording.CITED.finditer(words), strict=False)
    ]
    return clean_line(quoted[0] if quoted else subject_behind_reply(opened.headers.subject), 998)


def _sender(opened: Opened, words: str, stated: dict[str, str]) -> str:
    found = next(iter(text.addresses(stated.get("from", ""))), "")
    found = found or _named_sender(words)
    ours = {address.lower() for address in (*opened.headers.to, opened.headers.from_address)}
    return "" if found.lower() in ours or is_masked(found) else clean_line(found, 320)


def _cited_subject(words: str) -> re.Match[str] | None:
    """The first citation that is called a subject by the words before it."""
    behind = 0
    for mark in wording.MARK.finditer(words):
        at = mark.start()
        start = max(behind, at - wording.SUBJECT_BEFORE_CHARS)
        if (hit := wording.CITED.match(words, at)) and wording.SUBJECT_BEFORE.search(
            words, start, at
        ):
            return hit
        behind = mark.end()
    return None


def _named_sender(words: str) -> str:
    """The first address that is called a sender by the words before it."""
    behind, at = 0, words.find("@")
    while at >= 0:
        start = max(behind, at - wording.SENDER_CHARS)
        domain = wording.DOMAIN.match(words, at)
        if domain and (hit := wording.SENDER.search(words, start, at)):
            return hit.group(1) + domain.group()
        behind = at + 1
        at = words.find("@", behind)
    return ""


def _recipient(opened: Opened, stated: dict[str, str]) -> str:
    if named := next(iter(text.addresses(stated.get("to", ""))), ""):
        return "" if is_masked(named) else clean_line(named, 320)
    return opened.headers.from_address


def _accused_links(opened: Opened, words: str) -> tuple[str, ...]:
    """The links of the text, without those to the reporter's own site."""
    own = opened.headers.from_address.rpartition("@")[2].lower()
    organisation = ".".join(own.split(".")[-2:]) if own else "\0"
    hosts = (
        (url, url.partition("://")[2].split("/")[0].split(":")[0].lower())
        for url in text.links(words)
    )
    return tuple(
        url for url, host in hosts if host != organisation and not host.endswith("." + organisation)
    )
