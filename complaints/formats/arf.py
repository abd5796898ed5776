"""ARF feedback reports, as the feedback loops of mailbox providers send them.

Sources: RFC 5965, RFC 6430 (not-spam), RFC 6650 (how they are used). What the report states and
what its copy of the mail shows are kept apart; where only the copy tells, that is what is taken.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from complaints.cleantext import clean_line
from complaints.evidence.observables import (
    Kind,
    Observable,
    Origin,
    is_masked,
    normal_address,
    normal_ip,
    normal_message_id,
    observable,
)
from complaints.evidence.received import Hop, is_routed
from complaints.evidence.text import ips
from complaints.formats import feedback, judge, original
from complaints.formats.feedback import Feedback
from complaints.formats.opened import Opened, report, set_aside
from complaints.formats.parts import Mail
from complaints.formats.report import Original, Report, UnreadableReport

NAME = "arf"
NOT_OURS = "auth-failure"  # has a reader of its own; so has what is X-ARF inside of ARF

CLUES = {
    "reported-domain": Kind.DOMAIN,
    "reported-uri": Kind.URL,
    "original-message-id": Kind.MESSAGE_ID,
}
SINGLE = (
    "feedback-type", "version", "user-agent", "source-ip", "arrival-date", "original-mail-from",
)  # fmt: skip
CATEGORIES = {"fraud": "phishing", "virus": "malware"}

# How providers note the recipient of the mail, and who handed it to them, in head or copy.
_RECIPIENT_FIELDS = ("x-hmxmroriginalrecipient", "x-apparently-to", "x-original-recipient")
_CLIENT_FIELDS = ("x-originating-ip", "x-sender-ip", "x-aol-ip")
_HUMAN_TEXT_CHARS = 8 * 1024
_ID_IN_WORDS = re.compile(
    r"message-?\s?id(?:\s(?:of|is|was)|\s{0,3}[:=])\s{0,3}<?([^\s<>@]{1,300}@[^\s<>@]{1,255})",
    re.IGNORECASE,
)
_VERP = re.compile(r"[-+]([^-+=@]{1,64})=([A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24})$")


def recognises(opened: Opened) -> bool:
    """Whether the mail, or one attached to it, has a feedback report."""
    return bool(opened.feedback) and opened.feedback[0].feedback_type != NOT_OURS


def read(opened: Opened) -> Report:
    """Return what the feedback report says, and apart from it what its copy of the mail shows.

    raises   UnreadableReport where there is neither a type (RFC 5965, section 3.1) nor a clue
    """
    reports = stated(opened)
    found = report_of(opened, reports, NAME)
    found = replace(found, category=CATEGORIES.get(found.feedback_type, ""))
    if all(said.feedback_type == "not-spam" for said in reports):
        return set_aside(found, "The recipient says that the mail is not spam (RFC 6430).")
    return found


def stated(opened: Opened) -> tuple[Feedback, ...]:
    """Return the feedback reports of the mail: one, or several if others' are attached to it.

    raises   UnreadableReport if none has a type, blames an address or copies a mail
    """
    kept = [
        one
        for one in opened.feedback
        if one.feedback_type or one.source_ip or feedback.copy_in(one)
    ]
    if not kept:
        raise UnreadableReport("The ARF report has no Feedback-Type field (RFC 5965, section 3.1).")
    return tuple(kept)


def report_of(opened: Opened, reports: tuple[Feedback, ...], name: str) -> Report:
    """Return the report of feedback reports, whatever their type."""
    originals: list[Original] = []
    clues: list[Observable | None] = []
    notes: list[str] = []
    for number, said in enumerate(reports, start=1):
        copy = feedback.copy_in(said)
        shown = original.of_mail(copy, f"attached message {number}") if copy else None
        originals.append(_completed(opened, said, copy, shown))
        clues += [*_stated(said), *_links_of(shown)]
        notes += _notes(said, shown)
    found = report(
        opened,
        name,
        originals=tuple(originals),
        observables=tuple(clues),
        notes=tuple(notes),
    )
    headers, first = opened.headers, reports[0]
    kind = judge.reporter_of(headers.from_address, headers.from_name, "", is_machine=True)
    return replace(
        found,
        feedback_type=clean_line(first.feedback_type, 50),
        format_version=clean_line(first.first("version"), 30),
        reporter_kind="provider" if kind in ("service", "person") else kind,
    )


def _completed(
    opened: Opened, said: Feedback, copy: Mail | None, shown: Original | None
) -> Original:
    """The copy, completed by what the report states. The report's own words come first."""
    base = shown or Original(where="feedback report")
    words = said.mail.text[:_HUMAN_TEXT_CHARS]
    when = said.arrived
    urls = tuple(clean_line(url, original.MAX_LINK_CHARS) for url in said.all("reported-uri"))
    stated_from = "" if is_masked(said.envelope_from) else said.envelope_from
    envelope_from = stated_from or base.envelope_from
    return replace(
        base,
        message_id=_message_id(copy, said, words) or base.message_id,
        envelope_from=envelope_from,
        recipient=next(iter(said.recipients), "")
        or _recipient(opened, copy, replace(base, envelope_from=envelope_from)),
        arrived_at=when.at if when else base.arrived_at,
        zone_stated=when.zone_stated if when else base.zone_stated,
        source_ip=said.source_ip or _named_client(words) or _client(opened, copy, base),
        urls=urls or base.urls,
    )


def _message_id(copy: Mail | None, said: Feedback, words: str) -> str:
    """The ID of the reported mail; of two in the copy the one that the reporter did not add."""
    stated_id = normal_message_id(said.first("original-message-id"))
    shown = [normal_message_id(value) for value in copy.head.all("message-id")] if copy else []
    shown = [one for one in shown if one]
    if stated_id in shown or not shown:
        spoken = _ID_IN_WORDS.search(words)
        return stated_id or (normal_message_id(spoken.group(1)) if spoken else "")
    return shown[-1]


def _recipient(opened: Opened, copy: Mail | None, base: Original) -> str:
    """Who got the mail, where no field of the report says so: by the provider's own fields,
    by the copy, or by the address that the sender wrote into his envelope (VERP)."""
    heads = [opened.mail.head, *([copy.head] if copy else [])]
    for value in (head.first(name) for name in _RECIPIENT_FIELDS for head in heads):
        address = normal_address(value.split(";")[0].split(" via ")[0])
        if address and not is_masked(address):
            return clean_line(address, 320)
    if base.recipient and base.recipient.lower() not in _own_addresses(opened):
        return base.recipient
    hit = _VERP.search(base.envelope_from.rpartition("@")[0])
    return f"{hit.group(1)}@{hit.group(2).lower()}" if hit else ""


def _own_addresses(opened: Opened) -> frozenset[str]:
    """Those who sent and got the report itself: to them the reported mail did not go."""
    headers = opened.headers
    return frozenset(one.lower() for one in (*headers.to, headers.from_address))


def _named_client(words: str) -> str:
    """The address in the human part, if it names one only."""
    named = ips(words)
    return named[0] if len(named) == 1 else ""


def _client(opened: Opened, copy: Mail | None, base: Original) -> str:
    """Who handed the mail to the reporter, where he does not say so himself.

    By the lines that the reporter's own hosts wrote, then by the fields in which providers note
    it, then by the newest lines of the copy. Older lines are claims of others.
    """
    reporter = _organisation(opened.headers.from_address.rpartition("@")[2])
    if by_trace := _into(base.hops, reporter):
        return by_trace
    fields = (normal_ip(copy.head.first(name)) for name in _CLIENT_FIELDS) if copy else ()
    newest = _organisation(base.hops[0].by) if base.hops else ""
    return next(filter(None, fields), "") or _into(base.hops, newest) or base.source_ip


def _into(hops: tuple[Hop, ...], organisation: str) -> str:
    """The client of the oldest line before the chain leaves the hosts of an organisation."""
    client, inside = "", False
    for hop in hops:
        if _organisation(hop.by) == organisation and organisation:
            inside = True
            client = hop.from_ip if is_routed(hop.from_ip) else client
        elif inside:
            break
    return client


def _organisation(host: str) -> str:
    """The registered part of a host's name, near enough: two labels, three below .co.jp."""
    labels = host.lower().strip(".[]").split(".")
    is_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) < 4
    return ".".join(labels[-3:] if is_second_level else labels[-2:])


def _stated(said: Feedback) -> Iterator[Observable | None]:
    """What the report's fields state."""
    when = said.arrived
    values = [
        ("source-ip", Kind.IP, said.source_ip),
        ("original-mail-from", Kind.ENVELOPE_FROM, said.envelope_from.removeprefix("<>")),
        ("arrival-date", Kind.DATE, when.at.isoformat() if when else ""),
        *(("original-rcpt-to", Kind.ENVELOPE_TO, one) for one in said.recipients),
        *((name, kind, one) for name, kind in CLUES.items() for one in said.all(name)),
    ]
    for name, kind, value in values:
        where = f"feedback report, {feedback.written(name)}"
        yield observable(kind, value, where=where, origin=Origin.REPORTED)


def _links_of(shown: Original | None) -> Iterator[Observable | None]:
    """The links in the copy, which stay clues where the report names others."""
    if shown is None:
        return
    for url in shown.urls:
        yield observable(Kind.URL, url, where=shown.where, origin=Origin.INFERRED)


def _notes(said: Feedback, shown: Original | None) -> Iterator[str]:
    """What is missing, there twice, or contradicts the report's own copy of the mail."""
    for name in feedback.REQUIRED:
        if not said.first(name):
            yield f"The report has no {feedback.written(name)} field."
    for name in SINGLE:
        if (count := len(said.fields.get(name, ()))) > 1:
            yield f"The report has {count} {feedback.written(name)} fields; the first was taken."
    if said.first("arrival-date") and said.first("received-date"):
        yield "The report has both Arrival-Date and Received-Date; the former was taken."
    if (incidents := said.first("incidents")) not in ("", "1"):
        yield f"The report counts {incidents} incidents of this kind."
    clients = {hop.from_ip for hop in shown.hops} if shown else set()
    if said.source_ip and clients and said.source_ip not in clients:
        yield (
            f"The report names {said.source_ip} as the source; no Received line of the copy does."
        )
