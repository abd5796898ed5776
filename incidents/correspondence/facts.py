"""What letters and notices say of an incident: numbers, times with their zone, log lines."""

from datetime import datetime
from statistics import median

from django.conf import settings

from complaints.models import Complaint, Link, Organisation, ReportedMessage
from complaints.querysets import RelayedMessageQuerySet
from incidents.correspondence import contacts, draft
from incidents.correspondence.places import reported_places
from incidents.models import Contact, Incident, Listing, Notice
from incidents.reporting import figures
from incidents.workflow.planning import desk_zone

# Every slot that a text may have: those of `facts_of`.
SLOTS = frozenset(
    (
        "organisation",
        "incident",
        "host",
        "log_zone",
        "clock",
        "messages",
        "recipients",
        "counted_messages",
        "counted_recipients",
        "how_much",
        "first_seen",
        "last_seen",
        "when_seen",
        "sources",
        "log_lines",
        "discovered_at",
        "fixed_at",
        "partially_fixed_at",
        "notices_url",
        "reporter",
        "addressee",
        "complaint",
        "their_ticket",
        "advertised",
        "listings",
        "reported_places",
        "status",
        "their_messages",
        "written_at",
        "proof",
    )
)
MOST_SOURCES = 12
MOST_CLOCKS, FEWEST_CLOCKS = 50, 2
CLOCK = {
    "en": {None: "not measured", True: "{seconds} seconds fast", False: "{seconds} seconds slow"},
    "ja": {None: "未測定", True: "{seconds}秒進み", False: "{seconds}秒遅れ"},
}
MOST_LINES = 12
MOST_LISTINGS = 20
MESSAGES = {"en": ("{count:,} message", "{count:,} messages"), "ja": ("{count:,} 通",) * 2}
RECIPIENTS = {"en": ("{count:,} recipient", "{count:,} recipients"), "ja": ("{count:,} 件",) * 2}
TO_HOW_MANY = {"en": "{messages} for {recipients}", "ja": "{messages}（宛先 {recipients}）"}
SPAN = {"en": ("on {first}", "between {first} and {last}"),
        "ja": ("{first}に", "{first}から{last}までの間に")}  # fmt: skip
FOUND = {"en": "  {when}, queue ID {queue_id}", "ja": "  {when} キューID {queue_id}"}


def facts_of(
    incident: Incident,
    complaint: Complaint | None = None,
    *,
    contact: Contact | None = None,
    language: str = "en",
) -> dict[str, str]:
    """Every slot a template may have, as text; "" where nothing is known.

    Nothing in it names a reporter but the own one. A provider or customer is shown what came from
    its own networks, where any are listed; everybody else is shown the whole.
    """
    seen = messages_for(incident, contact)
    extent = seen.extent()
    organisation = Organisation.objects.first()
    facts = {
        "organisation": organisation.name if organisation else "",
        "incident": incident.reference,
        "host": incident.host.fqdn if incident.host else "",
        "log_zone": f"UTC{incident.host.log_utc_offset}" if incident.host else "UTC",
        "clock": _clock(incident, language),
        "messages": f"{extent['messages']:,}" if extent["messages"] else "",
        "recipients": f"{extent['recipients']:,}" if extent["recipients"] else "",
        "counted_messages": _counted(extent["messages"], MESSAGES, language),
        "counted_recipients": _counted(extent["recipients"], RECIPIENTS, language),
        "how_much": _how_much(extent["messages"], extent["recipients"], language),
        "first_seen": _known(extent["first_at"], language),
        "last_seen": _known(extent["last_at"], language),
        "when_seen": _span(extent["first_at"], extent["last_at"], language),
        "sources": _sources(seen, language),
        "log_lines": _log_lines(seen),
        "discovered_at": when(incident.discovered_at, language),
        "fixed_at": _known(incident.fixed_at, language),
        "partially_fixed_at": _known(incident.partially_fixed_at, language),
        "notices_url": _notices_url(incident, language),
        "reporter": _name(complaint),
        "addressee": contact.name if contact else "",
        "complaint": complaint.reference if complaint else "",
        "their_ticket": "-",
        "advertised": _advertised(incident),
        "listings": _listings(incident),
        "reported_places": "\n".join(f"  {place}" for place in reported_places(incident)),
    }
    facts["status"] = _status(incident, language, facts)
    facts["their_messages"] = _their_messages(complaint, language)
    facts["written_at"] = _known(complaint.arrived_at if complaint else None, language)
    facts["proof"] = _proof(complaint)
    return facts


def when(at: datetime | None, language: str = "en") -> str:
    """A time in the zone of the desk, with the zone; a dash for none."""
    if at is None:
        return "-"
    local = at.astimezone(desk_zone())
    if language == "ja":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（{local:%Z}）"
    return f"{local.day} {local:%B %Y, %H:%M} ({local:%Z})"


def ahead_seconds(incident: Incident) -> float | None:
    """How far the clock of its host was ahead, by links that are exact; None if too few are."""
    exact = Link.objects.filter(message__host=incident.host_id)
    known = exact.order_by("-pk").values_list("ahead_seconds", flat=True)
    ahead = [one for one in known.exclude(ahead_seconds=None)[:MOST_CLOCKS] if one is not None]
    return median(ahead) if len(ahead) >= FEWEST_CLOCKS else None


def _clock(incident: Incident, language: str) -> str:
    words = CLOCK.get(language, CLOCK["en"])
    ahead = ahead_seconds(incident)
    if ahead is None:
        return words[None]
    return words[ahead >= 0].format(seconds=f"{abs(ahead):.0f}")


def _status(incident: Incident, language: str, facts: dict[str, str]) -> str:
    """How far the fix is, in a sentence; a fix is claimed only once it is verified."""
    state = Incident.State.OPEN
    if incident.fixed_at is not None:
        state = Incident.State.FIXED
    elif incident.state == Incident.State.PARTIALLY_FIXED:
        state = Incident.State.PARTIALLY_FIXED
    return draft.phrase(f"status-{state}", language, facts, about=incident.kind)


def _known(at: datetime | None, language: str) -> str:
    return when(at, language) if at else ""


def _counted(count: int, words: dict[str, tuple[str, str]], language: str) -> str:
    """`1 message`, `251 messages`; `251 通`; "" where the log knows of none."""
    if not count:
        return ""
    one, more = words.get(language, words["en"])
    return (one if count == 1 else more).format(count=count)


def _how_much(messages: int, recipients: int, language: str) -> str:
    """Messages, and for how many recipients, where the log has their deliveries."""
    known = {
        "messages": _counted(messages, MESSAGES, language),
        "recipients": _counted(recipients, RECIPIENTS, language),
    }
    if not recipients:
        return known["messages"]
    return TO_HOW_MANY.get(language, TO_HOW_MANY["en"]).format(**known)


def _span(first: datetime | None, last: datetime | None, language: str) -> str:
    """From when to when it was seen, or at which minute; "" where nothing was."""
    if first is None or last is None:
        return ""
    at, between = SPAN.get(language, SPAN["en"])
    shown = {"first": when(first, language), "last": when(last, language)}
    return (at if shown["first"] == shown["last"] else between).format(**shown)


def messages_for(incident: Incident, contact: Contact | None) -> RelayedMessageQuerySet:
    """A provider's or customer's own messages, where any are listed; everybody else's are all."""
    seen: RelayedMessageQuerySet = figures.messages_of(incident)
    if contact is None or contact.kind not in (Contact.Kind.PROVIDER, Contact.Kind.CUSTOMER):
        return seen
    theirs = seen.filter(client_ip__in=contacts.sources_of(contact, seen))
    return theirs if theirs.exists() else seen


def _name(complaint: Complaint | None) -> str:
    if complaint is None:
        return ""
    return complaint.sender_name or complaint.sender


def _sources(seen: RelayedMessageQuerySet, language: str) -> str:
    return "\n".join(
        f"  {row['client_ip']}  {row['client_name'] or '-'}  "
        f"{_counted(row['count'], MESSAGES, language)}"
        for row in figures.sources_in(seen)[:MOST_SOURCES]
    )


def _log_lines(seen: RelayedMessageQuerySet) -> str:
    """The first line of each message: it tells the source, and names no recipient."""
    rows = seen.order_by("queued_at").prefetch_related("log_block")[:MOST_LINES]
    heads = [row.lines()[0] for row in rows]
    return "\n".join(f"  {line}" for line in heads if line)


def _their_messages(complaint: Complaint | None, language: str) -> str:
    """What our log has of the messages this reporter complained of, and of nobody else's."""
    if complaint is None:
        return ""
    links = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
    line = FOUND.get(language, FOUND["en"])
    found = [
        line.format(when=when(link.message.queued_at, language), queue_id=link.message.queue_id)
        for link in links
    ]
    return "\n".join(found) or draft.phrase("not-found", language, {})


def _proof(complaint: Complaint | None) -> str:
    """Why a reported mail is not ours, as the search in the log found it."""
    if complaint is None:
        return ""
    not_ours = complaint.reported_messages.filter(verdict=ReportedMessage.Verdict.NOT_OURS)
    reasons = [reason for one in not_ours.order_by("number") for reason in one.verdict_reasons]
    return "\n".join(f"  {reason}" for reason in dict.fromkeys(reasons))


def _listings(incident: Incident) -> str:
    """The addresses of the host that blocklists have now, with the list and what it says."""
    if incident.host is None:
        return ""
    rows = Listing.objects.of(incident.host).still().select_related("zone").order_by("pk")
    return "\n".join(
        f"  {row.address}  {row.zone.zone}  {' '.join(row.codes)}  {row.reason}".rstrip()
        for row in rows[:MOST_LISTINGS]
    )


def _advertised(incident: Incident) -> str:
    titles = incident.campaigns.filter(merged_into=None).values_list("title", flat=True)
    return "\n".join(f"  {title}" for title in titles if title)


def _notices_url(incident: Incident, language: str) -> str:
    """The page of the incident's notice in this language if it is public, else that of all."""
    published = incident.notices.filter(state=Notice.State.PUBLISHED)
    notice = published.filter(language=language).first() or published.first()
    page = f"{notice.reference}/" if notice else ""
    return f"{settings.MEYASU_PUBLIC_URL}/notices/{page}"
