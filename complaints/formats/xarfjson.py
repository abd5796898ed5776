"""XARF 3 and 4: one JSON document to an Event.

Sources: the schemas of XARF 3 (github.com/abusix/xarf) and the XARF 4 specification
(github.com/xarf/xarf-spec). Version 3 is two things: flat names (SourceIp), and a nested Source.
"""

import binascii
from dataclasses import dataclass

from complaints.evidence.dates import stated_time
from complaints.evidence.observables import normal_ip
from complaints.evidence.text import refang
from complaints.formats import mime, original
from complaints.formats.event import Event
from complaints.formats.jsontext import lower, record, several, words
from complaints.formats.report import Original

MAX_SAMPLES = 50
MAX_SAMPLE_CHARS = 8 * 1024 * 1024

CATEGORIES = {
    "spam": "spam", "spamtrap": "spam", "bulkmessaging": "spam", "messaging": "spam",
    "phishing": "phishing", "fraud": "phishing", "scam": "phishing",
    "compromisedserver": "malware", "compromisedwebsite": "malware", "webshell": "malware",
    "malware": "malware", "botnet": "malware", "infectedhost": "malware", "bot": "malware",
    "virus": "malware", "malwareattack": "malware", "malwaredistribution": "malware",
    "copyright": "copyright", "p2p": "copyright", "cyberlocker": "copyright",
    "linksite": "copyright", "ugcplatform": "copyright", "usenet": "copyright",
    "trademark": "copyright", "dmca": "copyright", "brandinfringement": "copyright",
    "remotecompromise": "malware",
    "loginattack": "login-attack", "authfailure": "login-attack", "bruteforce": "login-attack",
    "portscan": "port-scan", "scan": "port-scan", "reconnaissance": "port-scan",
    "vulnerabilityscan": "port-scan",
}  # fmt: skip

# Long, not for people, or shown elsewhere.
_NOT_SHOWN = ("samples", "evidence", "attachment", "payload", "source", "sender", "reporter")


@dataclass(frozen=True, slots=True)
class XarfReport:
    """What one document states.

    version    "3" or "4.2.0", as the document says it
    type_name  ReportType, or "category/type"
    """

    version: str
    type_name: str
    category: str
    reporter_is_person: bool
    event: Event


def is_xarf(document: dict[str, object]) -> bool:
    """Whether a JSON object is a XARF report, told by the names that only XARF has."""
    names = lower(document)
    if "xarfversion" in names:
        return bool({"category", "type", "sourceidentifier"} & names.keys())
    inner = names.get("report")
    if isinstance(inner, dict):
        return bool({"reporttype", "reportclass"} & lower(inner).keys())
    return "reporttype" in names and bool({"reportclass", "sourceip", "sourceurl"} & names.keys())


def read(document: dict[str, object], where: str) -> XarfReport:
    """Return what a document for which `is_xarf` holds states."""
    names = lower(document)
    return _version_4(document, where) if "xarfversion" in names else _version_3(document, where)


def category_of(type_name: str, category: str = "", service: str = "") -> str:
    """Return our word for a type; an open service that handles mail is an open relay."""
    kind = type_name.lower().replace("-", "").replace("_", "").replace(" ", "")
    if kind in ("openservice", "openrelay", "misconfiguration"):
        is_mail = "smtp" in service.lower() or "relay" in f"{service} {kind}".lower()
        return "open-relay" if is_mail else "other"
    named = CATEGORIES.get(kind) or CATEGORIES.get(category.lower())
    parts = (word for part, word in CATEGORIES.items() if len(part) > 4 and part in kind)
    return named or next(parts, "other")


def _version_3(document: dict[str, object], where: str) -> XarfReport:
    root = lower(document)
    inner = root.get("report")
    report = inner if isinstance(inner, dict) else document
    facts = lower(report)
    nested = facts.get("source")
    source = lower(nested) if isinstance(nested, dict) else {"value": nested}
    version = words(root.get("version")) or "3"
    named = identified(words(source.get("value")))
    addresses = (facts.get("sourceip"), source.get("ip"), named.source_ip)
    urls = (*several(facts.get("sourceurl")), *several(source.get("url")), *named.urls)
    domains = (facts.get("sourcedomain"), facts.get("domainname"), source.get("domain"))
    event = Event(
        where=where,
        source_ip=_first(*addresses),
        at=stated_time(_first(facts.get("date"), facts.get("firstseen"))),
        urls=urls,
        domains=(*filter(None, map(words, domains)), *named.domains),
        subject=_first(facts.get("subject"), facts.get("smtpmessagesubject")),
        message_id=_first(facts.get("messageid"), facts.get("smtpmessageid")),
        envelope_from=_first(facts.get("smtpmailfromaddress"), facts.get("smtpfrom")),
        recipient=_first(facts.get("smtprcpttoaddress"), facts.get("smtpto")),
        asn=_first(facts.get("asn"), source.get("asn")),
        record=record(report, leave_out=_NOT_SHOWN) + record({"Source": nested or {}}),
        copy=_copy(facts.get("samples") or facts.get("attachment") or facts.get("evidence")),
    )
    who = root.get("reporterinfo")
    kind = words(lower(who).get("reportertype")) if isinstance(who, dict) else ""
    type_name = words(facts.get("reporttype"))
    category = category_of(
        type_name, words(facts.get("reportclass")), words(facts.get("servicename"))
    )
    return XarfReport(_plain_version(version), type_name, category, kind == "Person", event)


def _version_4(document: dict[str, object], where: str) -> XarfReport:
    facts = lower(document)
    named = identified(words(facts.get("sourceidentifier")))
    urls = (
        value
        for name in ("url", "urls", "infringingurl", "infringingurls", "spamvertisedurl")
        for value in several(facts.get(name))
    )
    event = Event(
        where=where,
        source_ip=named.source_ip or _first(facts.get("sourceip")),
        at=stated_time(_first(facts.get("timestamp"), facts.get("firstseen"))),
        urls=tuple(dict.fromkeys((*named.urls, *urls))),
        domains=tuple(dict.fromkeys((*named.domains, *several(facts.get("domain"))))),
        subject=words(facts.get("subject")),
        message_id=words(facts.get("messageid")),
        envelope_from=words(facts.get("smtpfrom")),
        recipient=words(facts.get("smtpto")),
        asn=_first(facts.get("asn"), facts.get("sourceasn")),
        file_hash=words(facts.get("filehash")),
        record=record(document, leave_out=_NOT_SHOWN),
        copy=_copy(facts.get("evidence")),
    )
    kind, type_name = words(facts.get("category")), words(facts.get("type"))
    return XarfReport(
        words(facts.get("xarfversion")) or "4",
        f"{kind}/{type_name}" if kind and type_name else type_name or kind,
        category_of(type_name, kind, words(facts.get("service"))),
        False,
        event,
    )


def identified(value: str, where: str = "") -> Event:
    """Return an event with the address, link or domain that a source names."""
    plain = refang(value.strip())
    if address := normal_ip(plain):
        return Event(where, source_ip=address)
    if "://" in plain or "/" in plain:
        return Event(where, urls=(plain,))
    host = plain.rstrip(".")
    is_domain = "." in host and " " not in host and "@" not in host and not host[-1:].isdigit()
    return Event(where, domains=(host,) if is_domain and "xxx" not in host.lower() else ())


def _copy(samples: object) -> Original | None:
    """The first sample that is a mail, in base64 or not."""
    listed = samples if isinstance(samples, list) else [samples]
    for number, sample in enumerate(listed[:MAX_SAMPLES], start=1):
        if not isinstance(sample, dict):
            continue
        facts = lower(sample)
        payload = words(facts.get("payload")) or words(facts.get("data"))
        content = _content(payload[:MAX_SAMPLE_CHARS], facts.get("base64encoded"))
        kind = words(facts.get("contenttype")).lower()
        if mime.looks_like_mail(content) or (content and kind.startswith("message/rfc822")):
            return original.of_mail(mime.read(content), f"sample {number} of the report")
    return None


def _content(payload: str, is_encoded: object) -> bytes:
    """The bytes of a sample. Version 4 has base64 always, version 3 where it says so."""
    plain = payload.encode("utf-8", "replace")
    if is_encoded is False and ":" in payload[:200]:
        return plain
    try:
        return binascii.a2b_base64(plain)
    except (binascii.Error, ValueError):
        return plain


def _plain_version(version: str) -> str:
    """Return the version in which a report of the third kind says what it is."""
    return version if version.startswith("3") else f"3 ({version})"


def _first(*values: object) -> str:
    return next(filter(None, map(words, values)), "")
