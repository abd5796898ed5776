"""From the rows of a complaint to Clues: what it shows of each message, in the log's forms."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from complaints.evidence.received import is_routed
from complaints.evidence.text import addresses, ips
from complaints.linking.candidate import Clues, OwnHop
from complaints.linking.subjects import fold_subject
from complaints.linking.tokens import is_token
from complaints.maillog import message_id
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, ReportedMessage

MOST_LINKS_READ = 20
MOST_ADDRESSED = 3
TEXT_CHARS = 4000
NO_MAIL = frozenset({"copyright", "login-attack", "port-scan"})
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3

Hops = Sequence[Mapping[str, Any]]


def clues_of(
    reported: ReportedMessage, complaint: Complaint, us: Ourselves, hosts: Mapping[str, str]
) -> Clues:
    """Return what the complaint shows of one reported message.

    hosts    the name of each mail host of ours by its addresses and full names
    """
    theirs, ours, claimed = split_chain(reported.hops, us)
    hops = tuple(_own_hop(hop, us) for hop in ours)
    handed_over = next((hop["from_ip"] for hop in reversed(theirs) if hop["from_ip"]), "")
    through_us = passed_us(reported.hops, us)
    their_at = _their_stamp(theirs) if through_us else None
    at = _moment(reported, hops, their_at)
    is_stated = at is not None and at == reported.arrived_at
    return Clues(
        message_id=message_id.normal_form(reported.message_id),
        hops=hops,
        their_queue_ids=frozenset(hop["queue_id"] for hop in theirs if hop["queue_id"]),
        source_ip=_source(reported.source_ip, claimed, hosts)
        or _handed_in_by(complaint, us, alone=_is_of_prose(reported)),
        hosts_named=frozenset(
            hosts[address] for address in (reported.source_ip, handed_over) if address in hosts
        ),
        passed_us=through_us,
        senders=tuple(filter(None, [reported.envelope_from.lower()])),
        author=reported.header_from.lower(),
        recipient=_recipient(reported, complaint),
        token=reported.recipient if is_token(reported.recipient) else "",
        more_recipients=tuple(dict.fromkeys(_more_recipients(reported, ours))),
        reporter=complaint.sender.lower(),
        subject=fold_subject(reported.subject),
        raw_subject=reported.subject,
        text=f"{reported.subject} {reported.body_text[:TEXT_CHARS]}".lower(),
        at=at,
        is_day=is_stated and not reported.clock_stated,
        zone_unsure=is_stated and not reported.zone_stated,
        size_bytes=reported.size_bytes,
        is_no_mail=_is_no_mail(reported, complaint),
        feedback_id=reported.feedback_id,
        their_at=their_at,
        reported_at=complaint.arrived_at,
        own_message_id=message_id.normal_form(complaint.message_id),
    )


def split_chain(hops: Hops, us: Ourselves) -> tuple[Hops, Hops, Hops]:
    """Return the Received lines of the receiving side, ours, and what others claim below.

    Ours are the topmost lines that a host of ours wrote, if whoever wrote the line above got the
    message from us: anybody can write our name below his own line. Where our lines were taken
    out, the line that names our address as its client ends the receiving side.
    """
    first = next((n for n, hop in enumerate(hops) if us.has_host(hop["by"])), None)
    if first is None:
        last = next((n for n, hop in enumerate(hops) if _is_host(hop["from_ip"], us)), len(hops))
        return hops[: last + 1], (), hops[last + 1 :]
    if first and _is_stranger(hops[first - 1]["from_ip"], us):
        return hops[:first], (), hops[first:]
    end = next((n for n in range(first, len(hops)) if not us.has_host(hops[n]["by"])), len(hops))
    return hops[:first], hops[first:end], hops[end:]


def passed_us(hops: Hops, us: Ourselves) -> bool | None:
    """Whether the Received lines say that we handed it on; None where they are silent."""
    theirs, ours, _ = split_chain(hops, us)
    if ours or any(_is_host(hop["from_ip"], us) for hop in theirs):
        return True
    return False if any(_is_stranger(hop["from_ip"], us) for hop in theirs) else None


def _is_host(address: str, us: Ourselves) -> bool:
    return bool(address) and us.has_host(address)


def _is_stranger(address: str, us: Ourselves) -> bool:
    return is_routed(address) and not us.has_address(address)


def _own_hop(hop: Mapping[str, Any], us: Ourselves) -> OwnHop:
    at = datetime.fromisoformat(hop["at"]) if hop["at"] else None
    inside = us.has_host(hop["from_ip"]) or not is_routed(hop["from_ip"])
    return OwnHop(hop["by"].lower(), hop["queue_id"], "" if inside else hop["from_ip"], at)


def _their_stamp(theirs: Hops) -> datetime | None:
    """When the receiving side got it from us, by the line that it wrote then."""
    stamp = theirs[-1]["at"] if theirs else ""
    return datetime.fromisoformat(stamp) if stamp else None


def _moment(
    reported: ReportedMessage, ours: Sequence[OwnHop], their_at: datetime | None
) -> datetime | None:
    """When it passed: by our own stamp, by that of who got it from us, or as it is stated."""
    own = next((hop.at for hop in reversed(ours) if hop.at), None)
    return own or their_at or reported.arrived_at or reported.date


def _source(stated: str, claimed: Hops, hosts: Mapping[str, str]) -> str:
    """Whom the report blames: not us, and not who is named in lines that a sender made up."""
    if stated in hosts or any(hop["from_ip"] == stated for hop in claimed):
        return ""
    return stated


def _is_of_prose(reported: ReportedMessage) -> bool:
    """Whether no copy of the mail is shown: what is known of it stands in the complaint's text."""
    return not (reported.hops or reported.body_text)


def _is_no_mail(reported: ReportedMessage, complaint: Complaint) -> bool:
    shows_one = (
        reported.message_id
        or reported.hops
        or reported.subject
        or reported.header_from
        or reported.envelope_from
    )
    return not shows_one and (reported.category or complaint.category) in NO_MAIL


def _handed_in_by(complaint: Complaint, us: Ourselves, *, alone: bool) -> str:
    """Who sent it, where the text names one address beside those of ours: "handed to you by …"."""
    if not alone:
        return ""
    strangers = {one for one in ips(complaint.text[:TEXT_CHARS]) if _is_stranger(one, us)}
    return strangers.pop() if len(strangers) == 1 else ""


def _recipient(reported: ReportedMessage, complaint: Complaint) -> str:
    """The recipient that the reported mail shows; the reporter's own address says less."""
    recipient = reported.recipient.lower()
    return "" if recipient == complaint.sender.lower() else recipient


def _more_recipients(reported: ReportedMessage, ours: Hops) -> Iterator[str]:
    for hop in ours:
        if hop["for_address"]:
            yield hop["for_address"].lower()
    if coded := verp_recipient(reported.envelope_from):
        yield coded
    for url in reported.urls[:MOST_LINKS_READ]:
        if named := _address_in(unquote(str(url))[:2000]):
            yield named
    yield from addresses(reported.subject)[:MOST_ADDRESSED]


def verp_recipient(sender: str) -> str:
    """The recipient coded into an envelope sender: `news-reader=far.example@ours`, "" for none.

    The part before may be anything; what follows its last `-` or `+` is taken.
    """
    local = sender.lower().rpartition("@")[0]
    user, equals, domain = local.rpartition("=")
    if not equals or "." not in domain:
        return ""
    start = max(user.rfind("-"), user.rfind("+")) + 1
    return f"{user[start:]}@{domain}" if user[start:] else ""


def _address_in(url: str) -> str:
    """A mail address that is the value of a parameter or a part of the path of a link."""
    query = url.partition("://")[2]
    for part in query.replace("?", "/").replace("&", "/").replace("=", "/").split("/")[1:]:
        local, at, domain = part.lower().partition("@")
        if at and local and "." in domain and len(part) <= LONGEST_ADDRESS and " " not in part:
            return f"{local}@{domain}"
    return ""
