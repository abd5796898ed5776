"""Whom one could write to about an incident: our own list first, then what sources say."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.correspondence.contacts import Reach
from incidents.correspondence.lookup import guess, public
from incidents.correspondence.lookup.rdap import Found
from incidents.models import Contact, Incident, Letter, LookUp, Reply
from incidents.reporting import figures
from incidents.workflow.moves import NotAllowed

MOST_SOURCES = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """One source of an incident's mail, and who could be written to about it.

    refusal   why nobody outside is asked about it, "" if somebody may be
    contacts  of our own list, with what became of letters to them
    asked     what each source of contacts says
    guessed   by RFC 2142, for want of better
    """

    address: str
    name: str
    count: int
    refusal: str
    contacts: list[Contact]
    asked: list[LookUp]
    guessed: list[Found]


def offers(incident: Incident) -> list[Offer]:
    """By source, most mail first: a fixed number of queries, whatever there is."""
    sources = figures.sources(incident)[:MOST_SOURCES]
    known = _with_history()
    asked = list(LookUp.objects.filter(about__in=[row["client_ip"] for row in sources]))
    return [
        Offer(
            address=row["client_ip"],
            name=row["client_name"],
            count=row["count"],
            refusal=public.why_not(row["client_ip"]),
            contacts=[one for one in known if _reaches(one, row["client_ip"], row["client_name"])],
            asked=[one for one in asked if one.about == row["client_ip"]],
            guessed=guess.guess(row["client_name"]),
        )
        for row in sources
    ]


def _with_history() -> list[Contact]:
    """Providers of our list, with `sent`, `came_back`, `answered` and `last_answer`."""
    came_back = Q(letters__replies__kind=Reply.Kind.BOUNCE) | Q(letters__state=Letter.State.FAILED)
    answer = Q(letters__replies__kind=Reply.Kind.ANSWER)
    return list(
        Contact.objects.filter(kind=Contact.Kind.PROVIDER)
        .annotate(
            sent=Count("letters", filter=~Q(letters__sent_at=None), distinct=True),
            came_back=Count("letters", filter=came_back, distinct=True),
            answered=Count("letters", filter=answer, distinct=True),
            last_answer=Max("letters__replies__received_at", filter=answer),
        )
        .order_by("doubtful_since", "name")
    )


def _reaches(contact: Contact, address: str, name: str) -> bool:
    return Reach(contact.networks, contact.domains).has(address, name)


def confirm(
    found: Found, *, source: str, found_at: datetime, about: str, by: Actor, now: datetime
) -> Contact:
    """A person takes an address into our own list: from then on letters may go to it.

    raises   NotAllowed if it is in the list for that network already
    """
    networks = list(found.networks) or ([about] if not public.why_not(about) else [])
    same = Contact.objects.filter(email__iexact=found.address, kind=Contact.Kind.PROVIDER)
    if any(Reach(one.networks, one.domains).has(about) for one in same):
        raise NotAllowed(_("%(address)s is in the list already.") % {"address": found.address})
    with transaction.atomic():
        contact = Contact.objects.create(
            name=(found.name or found.address.rpartition("@")[2])[:200],
            kind=Contact.Kind.PROVIDER,
            email=found.address,
            networks=networks,
            domains=[found.name] if source == Contact.Source.GUESS else [],
            source=source,
            source_detail=found.where[:500],
            found_at=found_at,
            confirmed_by=audit.name_of(by),
        )
        audit.record("contact-confirmed", contact, at=now, by=by, source=source, about=about)
    return contact


def offered(
    incident: Incident, about: str, source: str, address: str
) -> tuple[Found, datetime | None]:
    """What stands on the screen under these three words, and when it was found.

    raises   NotAllowed if it does not stand there any more
    """
    for offer in offers(incident):
        if offer.address != about:
            continue
        for found in offer.guessed if source == Contact.Source.GUESS else ():
            if found.address == address:
                return found, None
        for row in offer.asked:
            for answer in row.answers if row.source == source else ():
                if answer["address"] == address:
                    return _found(answer), row.looked_up_at
    raise NotAllowed(_("This is not offered any more: look again."))


def _found(answer: dict[str, object]) -> Found:
    networks = answer.get("networks")
    return Found(
        address=str(answer["address"]),
        name=str(answer["name"]),
        role=str(answer["role"]),
        is_weak=bool(answer["is_weak"]),
        where=str(answer["where"]),
        networks=tuple(map(str, networks)) if isinstance(networks, list) else (),
    )
