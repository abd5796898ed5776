"""From a complaint and its links to Cases: what grouping compares. Changes nothing."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, Link, RelayedMessage, ReportedMessage
from incidents.correspondence import tokens
from incidents.grouping.case import Case, Trait
from incidents.grouping.contacts import contacts_in
from incidents.grouping.keys import GroupKey, LinkedMessage, incident_keys, machine_key
from incidents.grouping.normal import words

LONGEST = 255
# A filter and a second host: the client is with the first queue ID of the chain.
MOST_HOPS = 5
# What a campaign without a subject is called after.
TITLES = (
    Trait.PAGE,
    Trait.SENDER,
    Trait.LINK_DOMAIN,
    Trait.SCRIPT,
    Trait.MACHINE,
    Trait.IP,
)
# A link that is no surer than this, of a complaint that shows nothing, is a guess.
SURE_LINK = 0.9
# Complaints of these categories are about no mail, whatever they quote.
NO_MAIL = {"login-attack", "port-scan", "copyright"}
# Under these suffixes a third label is the owner's.
SECOND_LEVEL = {"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"}


@dataclass(frozen=True, slots=True)
class Found:
    """A case with what grouping needs beside it.

    keys      of the incidents it names by itself, strongest first
    messages  of the log, that it is linked to
    title     what its campaign is called after, "" for nothing
    """

    case: Case
    keys: tuple[GroupKey, ...] = ()
    messages: tuple[RelayedMessage, ...] = ()
    title: str = ""


def cases_of(complaints: Sequence[Complaint], us: Ourselves) -> list[list[Found]]:
    """The cases of each complaint: one a reported message, in their order."""
    links: dict[int, list[Link]] = {one.pk: [] for one in complaints}
    held = Link.objects.filter(complaint__in=complaints, state__in=Link.HOLDING)
    for link in held.order_by("pk").select_related(
        "message__host", "message__parent__host", "message__parent__parent__host"
    ):
        links[link.complaint_id].append(link)
    reported: dict[int, list[ReportedMessage]] = {one.pk: [] for one in complaints}
    shown = ReportedMessage.objects.filter(complaint__in=complaints)
    for message in shown.order_by("number"):
        reported[message.complaint_id].append(message)
    return [_cases(one, links[one.pk], reported[one.pk], us) for one in complaints]


def _cases(
    complaint: Complaint, links: list[Link], reported: list[ReportedMessage], us: Ourselves
) -> list[Found]:
    found: list[Found] = []
    used: set[int] = set()
    for message in reported:
        own = [link for link in links if link.reported_message_id == message.pk]
        used.update(link.pk for link in own)
        if not own and _only_quotes_a_letter(message):
            continue
        found.append(_case(complaint, message, own, us, many=len(reported) > 1))
    for number, link in enumerate((link for link in links if link.pk not in used), start=1):
        found.append(_case(complaint, ReportedMessage(number=-number), [link], us))
    return found


def _is_guess(reported: ReportedMessage, links: list[Link]) -> bool:
    """Whether the complaint shows nothing of the mail, and the program is not sure which it is."""
    shows = (
        reported.hops
        or reported.urls
        or reported.files
        or reported.queue_id
        or reported.message_id
        or reported.subject
        or reported.header_from
        or reported.envelope_from
        or reported.source_ip
        or reported.body_text
    )
    sure = (one.state != Link.State.LINKED or one.score >= SURE_LINK for one in links)
    return bool(links) and not shows and not any(sure)


def _only_quotes_a_letter(message: ReportedMessage) -> bool:
    """Whether all it shows is the subject of a letter about an incident, ours or another desk's.

    Strangers who quote one say nothing of a mail; alike as they are, they would open an incident.
    """
    shows = (
        message.hops
        or message.urls
        or message.message_id
        or message.header_from
        or message.envelope_from
        or message.source_ip
        or message.body_text
    )
    return not shows and bool(tokens.NUMBER.search(message.subject))


def linked_message(message: RelayedMessage, us: Ourselves) -> LinkedMessage:
    """A row of the log as the keys see it."""
    return LinkedMessage(
        host=message.host.name,
        queue_id=message.queue_id,
        direction=message.direction,
        authenticated_user=message.authenticated_user,
        client_ip=message.client_ip,
        customer=us.customer_of(message.client_ip),
        client_is_ours=us.has_address(message.client_ip),
        sender=message.sender,
    )


def source_traits(message: RelayedMessage, us: Ourselves) -> dict[str, set[str]]:
    """Where a logged message came from, who sent it, and its shape."""
    linked = linked_message(message, us)
    traits: dict[str, set[str]] = {
        Trait.HAS_ID: {"some" if message.message_id else "none"},
        Trait.COPIES: {"one" if message.recipient_count <= 1 else "several"},
        Trait.WAY: {_way(linked)},
    }
    if linked.script:
        traits[Trait.SCRIPT] = {linked.script}
    else:
        if linked.authenticated_user:
            traits[Trait.ACCOUNT] = {linked.authenticated_user.lower()}
        elif linked.customer:
            traits[Trait.CUSTOMER] = {linked.customer}
        traits |= _sender_traits(message.sender)
    return traits | _address_traits(message.client_ip)


def network_of(address: str) -> str:
    """The /24 (IPv6: /64) an address is in, "" for what is no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if ip.version == 4 else 64
    return str(ipaddress.ip_network(f"{ip}/{bits}", strict=False))


def owner_domain(host: str) -> str:
    """The domain that its owner registered, as far as a name tells without a list."""
    labels = host.lower().strip(".").split(".")
    if len(labels) > 2 and labels[-2] in SECOND_LEVEL and len(labels[-1]) == 2:
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])


def _case(
    complaint: Complaint,
    reported: ReportedMessage,
    links: list[Link],
    us: Ourselves,
    *,
    many: bool = False,
) -> Found:
    roots = [_first_of(link.message) for link in links]
    is_guess = _is_guess(reported, links)
    traits: dict[str, set[str]] = {}
    for root in roots:
        _add(traits, source_traits(root, us))
        _add(traits, {Trait.MESSAGE: {str(root.pk)}})
    if not roots:
        _add(traits, _stated_source(reported, us))
    senders = (reported.envelope_from, reported.header_from)
    if Trait.SCRIPT not in traits:
        for sender in senders:
            _add(traits, _sender_traits(sender))
    _add(traits, _link_traits(reported.urls, us))
    _add(traits, _word_traits(reported, roots))
    _add(traits, _lasting_traits(complaint, reported, us))
    is_mail = bool(roots) or _is_mail(reported, complaint.category, traits)
    if not is_mail:
        traits = _of_machine(traits)
    at = roots[0].queued_at if roots else reported.arrived_at or reported.date
    case = Case(
        key=f"{complaint.reference}/{reported.number}",
        traits={
            kind: frozenset(value[:LONGEST] for value in values if value)
            for kind, values in traits.items()
            if any(values)
        },
        at=at or complaint.arrived_at,
        is_timed=at is not None,
        category=complaint.category,
        is_mail=is_mail,
        is_one_of_many=many,
        is_guess=is_guess,
    )
    known = () if is_guess else roots
    keys = tuple(incident_keys(linked_message(root, us) for root in known))
    if not case.is_mail:
        keys = tuple(_machine_keys(case, us))
    return Found(case, keys, tuple(roots), _title(reported, roots, case))


def _first_of(message: RelayedMessage) -> RelayedMessage:
    for _ in range(MOST_HOPS):
        if message.parent is None:
            break
        message = message.parent
    return message


def _way(message: LinkedMessage) -> str:
    if message.script:
        return "a script of ours"
    if message.authenticated_user:
        return "an account"
    if message.customer:
        return "a customer"
    return "a machine of ours" if message.client_is_ours else "a stranger"


def _stated_source(reported: ReportedMessage, us: Ourselves) -> dict[str, set[str]]:
    """Who handed the mail over: to the reporter's side, else to us; else whom the report names."""
    outside = [hop for hop in reported.hops if _is_public(hop["from_ip"])]
    address = ""
    if outside and outside[0]["from_ip"] not in us.host_addresses:
        address = outside[0]["from_ip"]
    else:
        ours = [hop["from_ip"] for hop in outside if us.has_host(hop["by"])]
        address = next((ip for ip in reversed(ours) if ip not in us.host_addresses), "")
    if not address and reported.source_ip not in us.host_addresses:
        address = reported.source_ip
    customer = us.customer_of(address)
    return _address_traits(address) | ({Trait.CUSTOMER: {customer}} if customer else {})


def _is_public(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    private = (
        ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    )
    return not ip.is_loopback and not (ip.version == 4 and any(ip in net for net in private))


def _address_traits(address: str) -> dict[str, set[str]]:
    network = network_of(address)
    return {Trait.IP: {address}, Trait.NETWORK: {network}} if network else {}


def _sender_traits(sender: str) -> dict[str, set[str]]:
    address = sender.strip().strip("<>").lower()
    if "@" not in address:
        return {}
    return {Trait.SENDER: {address}, Trait.SENDER_DOMAIN: {address.rpartition("@")[2]}}


def _link_traits(urls: list[str], us: Ourselves) -> dict[str, set[str]]:
    """Domains of links; a page on a machine of ours by its whole path: many share the machine."""
    traits: dict[str, set[str]] = {}
    for url in urls:
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        if not host:
            continue
        if us.has_domain(host):
            page = f"{host.removeprefix('www.')}{parts.path}".rstrip("/")
            traits.setdefault(Trait.PAGE, set()).add(page)
        else:
            traits.setdefault(Trait.LINK_DOMAIN, set()).add(owner_domain(host))
    return traits


def _word_traits(reported: ReportedMessage, roots: list[RelayedMessage]) -> dict[str, set[str]]:
    recipient = reported.recipient.lower()
    names = (recipient, *recipient.split("@"))
    subjects = " ".join([reported.subject, *(root.subject for root in roots)])
    return {
        Trait.SUBJECT: set(words(subjects, without=names)),
        Trait.BODY: set(words(reported.body_text, without=names)),
    }


def _lasting_traits(
    complaint: Complaint, reported: ReportedMessage, us: Ourselves
) -> dict[str, set[str]]:
    """The files of the reported mail, and where it wants victims to turn."""
    named = (reported.recipient, complaint.sender, reported.header_from, reported.envelope_from)
    ours = (f"@{domain}" for domain in us.domains)
    return {
        Trait.FILE: set(reported.files),
        Trait.PROGRAM: {reported.script},
        Trait.CONTACT: set(contacts_in(reported.body_text, without=(*named, *ours))),
    }


def _machine_keys(case: Case, us: Ourselves) -> Iterator[GroupKey]:
    for address in sorted(case.has(Trait.MACHINE)):
        if us.has_address(address) and address not in us.host_addresses:
            yield machine_key(address, case.category)


def _is_mail(reported: ReportedMessage, category: str, traits: dict[str, set[str]]) -> bool:
    """Whether it is about a mail: attacks and pages have titles and excerpts too."""
    if reported.hops or reported.message_id or reported.header_from or reported.envelope_from:
        return True
    if category in NO_MAIL or traits.get(Trait.PAGE):
        return False
    return bool(reported.subject or reported.body_text)


def _of_machine(traits: dict[str, set[str]]) -> dict[str, set[str]]:
    """What tells apart what machines do: which one it is, and what it shows, never an excerpt."""
    return {
        Trait.MACHINE: traits.get(Trait.IP, set()),
        Trait.PAGE: traits.get(Trait.PAGE, set()),
        Trait.FILE: traits.get(Trait.FILE, set()),
        Trait.SUBJECT: traits.get(Trait.SUBJECT, set()),
    }


def _title(reported: ReportedMessage, roots: list[RelayedMessage], case: Case) -> str:
    subjects = [reported.subject, *(root.subject for root in roots)]
    best = next((subject for subject in subjects if subject.strip()), "")
    if best:
        return " ".join(best.split())[:200]
    for kind in TITLES:
        for value in sorted(case.has(kind)):
            return value[:200]
    return ""


def _add(traits: dict[str, set[str]], more: dict[str, set[str]]) -> None:
    for kind, values in more.items():
        traits.setdefault(kind, set()).update(values)
