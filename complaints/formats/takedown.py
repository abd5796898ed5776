"""Copyright and takedown notices in prose: whose right, what is copied, where it must go.

Source: 17 U.S.C. 512(c)(3), whose statements such notices repeat word for word in any country.
Notices list the links of the original works beside those of the copies: only these are accused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from complaints.evidence import dates, text
from complaints.evidence.dates import StatedTime
from complaints.evidence.observables import normal_ip
from complaints.formats import blocklist, elements, event, facts, prose
from complaints.formats.event import Event
from complaints.formats.opened import Opened
from complaints.formats.report import Report

NAME = "plain"
LEAST_STATEMENTS = 2
MAX_LINES = 3000
MAX_LINE_CHARS = 2000
LOOKED_AT_CHARS = 128 * 1024

# What only a notice says, and what everybody says who writes about rights.
ASSERTIONS = (
    "good faith belief", "under penalty of perjury", "512(c)", "infringing material",
    "infringing content", "infringes our", "infringement notice", "notice of infringement",
    "notice of copyright infringement", "claimed infringement", "alleged infringement",
    "takedown notice", "authorized to act on behalf", "authorised to act on behalf",
    "remove or disable access", "infringer's ip", "urheberrechtsverletz", "rechtsverletz",
    "widerrechtlich", "infracción de derechos", "atteinte aux droits", "violação de direitos",
    "著作権侵害", "侵犯版权", "侵犯著作权", "нарушение авторских",
)  # fmt: skip
TOPICS = (
    "digital millennium", "dmca", "copyright", "exclusive right", "rights holder", "rightsholder",
    "trademark", "intellectual property", "rechteinhaber", "rechtswidrig", "urheber",
    "derechos de autor", "droit d'auteur", "droits d'auteur", "ayant droit", "direitos autorais",
    "著作権者", "権利者", "版权所有者", "правообладател",
)  # fmt: skip

_ORIGINAL = re.compile(
    r"\b(?:original|authori[sz]ed|legitimate|official|genuine|our (?:own )?(?:work|site|website"
    r"|product)|copyrighted works?|works? (?:is|are|can be)|registration|more info|reference"
    r"|originalwerk|obra original|œuvre originale)\b|正規|原作",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"infring|unauthori[sz]ed|illegal|pirat|counterfeit|\bremov|take ?down|disable|reported ur[li]"
    r"|located at|location of|following (?:ur[li]|link|page|address)|rechtsverletz|rechtswidrig"
    r"|infractor|contrefa|侵害|侵权|нарушающ",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^[ \t]{0,4}(?:--[ \t]?$|sincerely|(?:best |kind )?regards|respectfully|yours |signature"
    r"|/s/|mit freundlichen|cordialement|atentamente|atenciosamente)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^[ \t>*-]{0,6}(?P<name>[^:\n]{2,50}?)[ \t]{0,4}[:：=][ \t]{0,6}(?P<value>\S.*)$"
)
_TIME_LABEL = re.compile(r"time|date|seen|detected|datum|zeit|fecha|日時", re.IGNORECASE)
_NOT_THE_DEED = re.compile(r"notice|sent|today|letter|due|deadline", re.IGNORECASE)
_ADDRESS_LABEL = re.compile(r"\bip\b|\bip[- ]?addr|infring\w*'?s? (?:ip|address)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the lines of a notice state."""

    links: tuple[str, ...]
    address: str
    at: StatedTime | None
    labels: tuple[str, ...]


def recognises(opened: Opened) -> bool:
    """Whether the text makes the statements of a notice, and names a place or an address."""
    headers = opened.headers
    if opened.mail.mails or opened.shown.samples or headers.in_reply_to:
        return False
    words = f"{headers.subject}\n{opened.text[:LOOKED_AT_CHARS]}".lower()
    asserted = sum(statement in words for statement in ASSERTIONS)
    said = asserted + any(topic in words for topic in TOPICS)
    return (
        bool(asserted)
        and said >= LEAST_STATEMENTS
        and ("://" in words or bool(text.ips(words[:LOOKED_AT_CHARS])))
    )


def read(opened: Opened) -> Report:
    """Return the report: one event, with the accused links, the address, the time."""
    found = _lines(opened)
    record = _record(opened)
    named = text.ips(opened.headers.subject) or prose.blamed_ips("", opened.text[:LOOKED_AT_CHARS])
    address = found.address or record.source_ip or (named[0] if len(named) == 1 else "")
    said = Event(
        "what the notice states",
        source_ip=address,
        at=found.at or record.at or _time_in_words(opened, address),
        urls=found.links or record.urls,
        domains=tuple(dict.fromkeys(filter(None, map(_host, found.links))))[:50],
        record="\n".join((*found.labels, record.record)).strip(),
    )
    report = event.report_of(opened, NAME, [said])
    kind = "person" if opened.headers.auto_submitted in ("", "no") else "rights-holder"
    kind = "rights-holder" if _is_agent(opened) else kind
    return replace(report, category="copyright", reporter_kind=kind)


def _record(opened: Opened) -> Event:
    """What a record in XML states that stands in the text, of whatever make."""
    lines = opened.text[:LOOKED_AT_CHARS].split("\n", MAX_LINES)[:MAX_LINES]
    tagged = [line for line in lines if line.lstrip().startswith("<") and line.rstrip()[-1:] == ">"]
    tree = elements.parse("\n".join(tagged).encode("utf-8", "replace"))[0] if tagged else None
    found = facts.events(facts.of_element(tree), "record in the text") if tree else ()
    return found[0] if found else Event("record in the text")


def _time_in_words(opened: Opened, address: str) -> StatedTime | None:
    """When log lines show the address, else the time that the prose states."""
    words = opened.text[:LOOKED_AT_CHARS]
    by_log = blocklist.earliest(words, opened, (address,)) if address else None
    return by_log or prose.stated_time(opened, words, {})


def _is_agent(opened: Opened) -> bool:
    """Whether somebody acts for a rights holder, as their services do."""
    return "on behalf of" in opened.text[:LOOKED_AT_CHARS].lower()


def _lines(opened: Opened) -> _Found:
    """Read the notice line by line; a heading says what the links below it are."""
    accused: dict[str, None] = {}
    unclear: dict[str, None] = {}
    others: set[str] = set()
    labels: dict[str, str] = {}
    is_copy: bool | None = None
    for line in _own_lines(opened):
        # The words of the line itself go before its heading; of both kinds, the copy's count.
        words = text.refang(line).partition("://")[0]
        if words.strip():
            says_copy, says_original = bool(_COPY.search(words)), bool(_ORIGINAL.search(words))
            if says_copy or says_original:
                is_copy = says_copy
        for url in text.links(line):
            if is_copy is False:
                others.add(url)
            elif is_copy:
                accused[url] = None
            else:
                unclear[url] = None
        if hit := _LABEL.match(line):
            labels.setdefault(hit.group("name").strip(), hit.group("value").strip()[:300])
    chosen = accused or unclear
    hosts = {_host(url) for url in others} | {_own_domain(opened)}
    kept = [url for url in chosen if url not in others and not _is_of(_host(url), hosts)]
    return _Found(
        tuple(kept),
        _labelled_address(labels),
        _labelled_time(labels, opened),
        tuple(f"{name}: {value}" for name, value in list(labels.items())[:40]),
    )


def _own_lines(opened: Opened) -> Iterator[str]:
    """The lines of the notice up to its signature."""
    for line in opened.text[:LOOKED_AT_CHARS].split("\n", MAX_LINES)[:MAX_LINES]:
        if _SIGNATURE.match(line):
            return
        yield line[:MAX_LINE_CHARS]


def _labelled_address(labels: dict[str, str]) -> str:
    named = (normal_ip(value) for name, value in labels.items() if _ADDRESS_LABEL.search(name))
    return next(filter(None, named), "")


def _labelled_time(labels: dict[str, str], opened: Opened) -> StatedTime | None:
    """The earliest labelled time of the deed, not that of the notice."""
    times = (
        dates.stated_time(value, opened.zone, opened.headers.date)
        for name, value in labels.items()
        if _TIME_LABEL.search(name) and not _NOT_THE_DEED.search(name)
    )
    return min(filter(None, times), key=lambda one: one.at, default=None)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _own_domain(opened: Opened) -> str:
    return opened.headers.from_address.rpartition("@")[2].lower()


def _is_of(host: str, others: set[str]) -> bool:
    """Whether a host is one of these or below it."""
    parts = host.split(".")
    return any(".".join(parts[at:]) in others for at in range(len(parts)))
