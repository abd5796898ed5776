"""What prose states of a mail: its subject, sender, time, ID; and the address that it blames."""

import re
from collections.abc import Iterator

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
from complaints.formats.opened import Opened
from complaints.formats.report import Original, Report

WHERE = "what the text states"
_CITING = ("subject", "from", "url")
LOOKED_AT_CHARS = 64 * 1024

_QUOTED = r"(?:\"([^\"\n]{3,300})\"|“([^”\n]{3,300})”|„([^“”\n]{3,300})[“”]|«([^»\n]{3,300})»|「([^」\n]{2,300})」|『([^』\n]{2,300})』)"
_SUBJECT_BEFORE = re.compile(
    r"(?:subject|titled?|called|entitled|headed|betreff|assunto|título|asunto|objet|件名|題名|表題|主题|标题|제목)"
    r"[^\"“„«「『\n]{0,40}\n?[^\"“„«「『\n]{0,20}" + _QUOTED, re.IGNORECASE
)  # fmt: skip
_SUBJECT_BEHIND = re.compile(_QUOTED + r"[^\n]{0,12}(?:という|との|と題|件名|题|라는)")
_ANY_QUOTED = re.compile(_QUOTED)
_LABELLED = re.compile(
    r"^[ \t>*]{0,9}(?P<label>[^\s:：=][^:：=\n]{0,30}?)[ \t]{0,9}(?:[:：=]|[ \t]{2,20}|　)[ \t　]{0,9}(?P<value>\S[^\n]{0,500})$", re.MULTILINE
)  # fmt: skip
_SENDER_STATED = re.compile(
    r"(?:sender|from|von|absender|de|remetente|expéditeur|差出人|送信者|发件人)[^\n@]{0,25}?([A-Za-z0-9._%+=-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,20})", re.IGNORECASE
)  # fmt: skip
_REPLY_PREFIX = re.compile(
    r"^(?:(?:re|aw|fw|fwd|wg|res|enc|tr|rv|antw|sv|回复|答复|転送|返信)\s?(?:\[\d\])?\s?[:：]\s?)+",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b")
_TAG = re.compile(r"^\s{0,3}\[[^\]\n]{1,60}\]\s{0,3}")
_ATTACKED = re.compile(
    r"(?:\bDST=|->\s{0,3}|\bto\s|\bdst\s|\btarget\s?[:=]\s?)\[?((?:\d{1,3}\.){3}\d{1,3})",
    re.IGNORECASE,
)
_SOURCES = re.compile(
    r"(?:\bSRC=|\bsource(?:\s(?:address|ip))?\s?[:=]\s{0,9}|\battacker\s?[:=]\s?|発信元\s{0,9}[:：]?\s{0,9}|\brhost=|Invalid user \S{1,40} from |for \S{1,40} from |\bfrom\s)"
    r"\[?((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,40})", re.IGNORECASE
)  # fmt: skip

LABELS = {
    "subject": ("subject", "subject of the mail", "betreff", "assunto", "asunto", "objet", "件名", "主题", "title"),
    "from": ("from", "sender", "sender address", "von", "absender", "de", "remetente", "差出人", "送信者", "发件人", "envelope sender"),
    "to": ("to", "recipient", "an", "empfänger", "para", "destinatário", "宛先", "受信者", "收件人"),
    "time": ("date", "time", "seen", "seen at", "when", "received", "received at", "arrival", "first seen", "timestamp", "datum", "zeit", "data", "hora", "時刻", "日時", "受信日時", "受信時刻", "时间"),
    "message-id": ("message-id", "message id", "messageid", "msgid", "メッセージid"),
    "ip": ("ip", "source", "source address", "source ip", "source-ip", "sender ip", "client ip", "ip address", "address", "attacker", "発信元", "送信元", "ipアドレス", "送信元ip", "来源"),
    "url": ("url", "link", "links", "web page", "page", "website", "uri"),
}  # fmt: skip


def labelled(value: str) -> dict[str, str]:
    """Return what labelled lines state: subject, from, to, time, message-id, ip, url; the first of each."""
    found: dict[str, str] = {}
    for number, hit in enumerate(_LABELLED.finditer(value[:LOOKED_AT_CHARS])):
        if number > 500:
            break
        name = _label_name(hit.group("label"))
        if name and name not in found:
            found[name] = hit.group("value").strip()
    return found


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
        source_ip=next(iter(blamed_ips(opened.headers.subject, words)), ""),
        urls=_accused_links(opened, words),
    )


def observables_of(opened: Opened) -> Iterator[Observable | None]:
    """Yield what the reporter states in prose, blamed things only."""
    words = opened.shown.own_text[:LOOKED_AT_CHARS]
    stated = original_of(opened)
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


def blamed_ips(subject: str, words: str) -> tuple[str, ...]:
    """Return the addresses that a text blames: the Subject's, else those called a source, else all but targets."""
    if named := text.ips(subject):
        return named
    sources = [hit.group(1) for hit in _SOURCES.finditer(words[:LOOKED_AT_CHARS])]
    if valid := text.ips("\n".join(sources[:200])):
        return valid
    targets = {hit.group(1) for hit in _ATTACKED.finditer(words[:LOOKED_AT_CHARS])}
    return tuple(address for address in text.ips(words) if address not in targets)


def own_words(opened: Opened, found: Report) -> str:
    """Return subject and text without what is cited: subjects of other mails, words in quotation marks.

    What is cited is the abuser's wording; it tells neither the writer's language nor his aim.
    """
    subject = opened.headers.subject
    for original in found.originals:
        subject = subject.replace(original.subject, " ") if original.subject else subject
    if subject_behind_reply(subject):
        subject = ""
    lines = found.text[:LOOKED_AT_CHARS].split("\n")
    kept = [line for line in lines if next(iter(labelled(line)), "") not in _CITING]
    return _ANY_QUOTED.sub(" ", f"{subject}\n" + "\n".join(kept))


def states_facts(words: str) -> bool:
    """Whether labelled lines give a Message-ID or a source address."""
    return not {"message-id", "ip"}.isdisjoint(labelled(words))


def shows_log_lines(words: str) -> bool:
    """Whether a line has a time of day with seconds and an IP address, as log lines have."""
    lines = words[:LOOKED_AT_CHARS].split("\n")
    return any(_CLOCK.search(line[:500]) and text.ips(line[:500]) for line in lines[:500])


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
    """Return what a Re: or Fwd: subject answers, tags of ticket systems taken off; "" without such a prefix."""
    bare = _TAG.sub("", subject)
    rest = _REPLY_PREFIX.sub("", bare)
    return _TAG.sub("", rest).strip() if rest != bare else ""


def _label_name(label: str) -> str:
    words = " ".join(label.lower().strip("*-• 　").split())
    return next((name for name, known in LABELS.items() if words in known), "")


def _subject(opened: Opened, words: str, stated: dict[str, str]) -> str:
    if "subject" in stated:
        return clean_line(stated["subject"].strip('"“”„'), 998)
    for pattern in (_SUBJECT_BEFORE, _SUBJECT_BEHIND):
        if hit := pattern.search(words):
            return clean_line(next(group for group in hit.groups() if group), 998)
    quoted = [
        next(g for g in hit.groups() if g)
        for _, hit in zip(range(20), _ANY_QUOTED.finditer(words), strict=False)
    ]
    return clean_line(quoted[0] if quoted else subject_behind_reply(opened.headers.subject), 998)


def _sender(opened: Opened, words: str, stated: dict[str, str]) -> str:
    found = next(iter(text.addresses(stated.get("from", ""))), "")
    if not found and (hit := _SENDER_STATED.search(words)):
        found = hit.group(1)
    ours = {address.lower() for address in (*opened.headers.to, opened.headers.from_address)}
    return "" if found.lower() in ours or is_masked(found) else clean_line(found, 320)


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
