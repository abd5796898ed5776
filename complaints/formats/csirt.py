"""A response team's report: one mail, one or several incidents, in English or Japanese."""

import re
from dataclasses import replace

from complaints.cleantext import clean_line
from complaints.evidence import dates, text
from complaints.evidence.observables import (
    Kind,
    Observable,
    Origin,
    is_masked,
    normal_ip,
    observable,
)
from complaints.formats import judge, original, prose, quoted
from complaints.formats.category import category_of
from complaints.formats.opened import Opened, report
from complaints.formats.quoted import Shown
from complaints.formats.report import Original, Report

NAME = "csirt"
MAX_ITEMS = 100

_ITEM = re.compile(r"^[ \t　]{0,4}[(（\[]?(\d{1,3})[)）\].．:][ \t　]{1,4}(\S[^\n]{0,500})$")

_FIRST_ITEM = re.compile(r"^[ \t　]{0,4}[(（\[]?0{0,2}1[)）\].．:]", re.MULTILINE)


def recognises(opened: Opened) -> bool:
    """Whether a response team wrote it, or it lists several incidents in numbered items."""
    if opened.mail.mails or opened.headers.in_reply_to:
        return False
    headers = opened.headers
    who = f"{headers.from_name} {judge.spelled_out(headers.from_address)}"
    if judge.names_response_team(f"{who} {headers.subject}"):
        return True
    return sum(bool(_facts(item)[0]) for item in items_of(opened.text)) >= 2


def read(opened: Opened) -> Report:
    """Return the report with one original for each item, or with what its prose states."""
    originals, stated = [], []
    for number, item in enumerate(items_of(opened.text), start=1):
        where = f"item {number} of the list"
        found, reported = _item(item, where, opened)
        originals.append(found)
        stated += reported
    if not originals and opened.shown.samples:
        originals = list(opened.in_text)
    if not originals:
        whole = prose.original_of(opened)
        originals, stated = [replace(whole, recipient="")], [*prose.observables_of(opened, whole)]
    found_report = report(opened, NAME, originals=tuple(originals), observables=tuple(stated))
    return replace(found_report, reporter_kind="csirt", category=_category(opened, originals))


def _category(opened: Opened, originals: list[Original]) -> str:
    """What the first incident is about; "" where no list tells the incidents apart."""
    items = items_of(opened.text)
    if not items:
        return ""
    own = quoted.take_apart(items[0]).own_text
    shown = f"{originals[0].subject}\n{originals[0].body_text[:8000]}"
    first = originals[0]
    is_mail = bool(first.subject or first.hops or first.message_id)
    told = category_of(own, shown, about_mail=is_mail)
    if not told.is_sure and not is_mail and first.urls:
        return "phishing"  # of a link alone, that is the likeliest
    return told.name


def items_of(value: str) -> tuple[str, ...]:
    """Return the items of a numbered list, each with the lines below it; () if there is no list."""
    items: list[list[str]] = []
    if not _FIRST_ITEM.search(value):
        return ()
    for line in value.split("\n")[: quoted.MAX_LINES]:
        hit = _ITEM.match(line)
        if hit and int(hit.group(1)) == len(items) + 1 and len(items) < MAX_ITEMS:
            items.append([hit.group(2)])
        elif items:
            items[-1].append(line)
    return tuple("\n".join(lines) for lines in items)


def _facts(item: str) -> tuple[dict[str, str], Shown]:
    """What an item states by labels, and the mails that it shows below its first line.

    The first line may state a source and a time without any label.
    """
    first, _, rest = item.partition("\n")
    shown = quoted.take_apart(rest)
    facts = prose.labelled(f"{first}\n{shown.own_text}")
    own = f"{first}\n{shown.own_text}"
    if not text.ips(facts.get("ip", "")) and (address := next(iter(text.ips(own)), "")):
        facts["ip"] = address
    if "time" not in facts and dates.stated_times(own):
        facts["time"] = first if dates.stated_time(first) else _line_with_a_time(own)
    return facts, shown


def _line_with_a_time(words: str) -> str:
    return next((line for line in words.split("\n") if dates.stated_time(line)), "")


def _item(item: str, where: str, opened: Opened) -> tuple[Original, list[Observable | None]]:
    facts, shown = _facts(item)
    base = Original(where=where)
    if shown.samples:
        base = original.of_sample(shown.samples[0], where, opened.zone, opened.headers.date)
    when = dates.stated_time(facts.get("time", ""), opened.zone, opened.headers.date)
    is_mail = bool(base.subject or base.hops or base.message_id)
    told = category_of(shown.own_text or item, base.body_text[:8000], about_mail=is_mail)
    found = replace(
        base,
        category=told.name if told.is_sure else "",
        message_id=base.message_id or prose.message_id_of(shown.own_text, facts),
        subject=base.subject or clean_line(facts.get("subject", ""), 998),
        header_from=base.header_from or next(iter(text.addresses(facts.get("from", ""))), ""),
        arrived_at=base.arrived_at or (when.at if when else None),
        zone_stated=when.zone_stated if when and not base.arrived_at else base.zone_stated,
        clock_stated=when.clock_stated if when and not base.arrived_at else base.clock_stated,
        source_ip=base.source_ip or normal_ip(facts.get("ip", "")),
        urls=base.urls or text.links(shown.own_text)[:200],
    )
    stated = [
        observable(kind, value, where=where, origin=Origin.REPORTED)
        for kind, value in (
            (Kind.IP, facts.get("ip", "")),
            (Kind.MESSAGE_ID, "" if is_masked(found.message_id) else found.message_id),
            (Kind.SUBJECT, facts.get("subject", "")),
            (Kind.HEADER_FROM, next(iter(text.addresses(facts.get("from", ""))), "")),
            (Kind.DATE, when.at.isoformat() if when else ""),
        )
    ]
    return found, stated
