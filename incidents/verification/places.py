"""The addresses a battery is made of: who we are, what is set up, whom the log knows."""

import secrets
from datetime import datetime
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.utils.translation import gettext as _

from complaints.models import MailHost, Network, Organisation
from incidents.models import Incident
from incidents.verification import watch
from incidents.verification.battery import is_usable_sender
from incidents.verification.target import NotAllowed
from incidents.verification.trial import Places


def places_for(incident: Incident | None, host: MailHost, *, now: datetime) -> Places:
    """The addresses the battery is made of; NotAllowed says what is missing."""
    if not settings.MEYASU_PROBE:
        raise NotAllowed(_("Probing is switched off (MEYASU_PROBE)."))
    organisation = Organisation.objects.first()
    if organisation is None or not organisation.domains:
        raise NotAllowed(_("Say first who we are: no mail domain of ours is known."))
    ours = [str(domain).lower() for domain in organisation.domains]
    recipient = settings.MEYASU_PROBE_RECIPIENT
    sender_domain = settings.MEYASU_PROBE_SENDER_DOMAIN or recipient.rpartition("@")[2]
    if not is_usable_sender(recipient):
        raise NotAllowed(_("Set MEYASU_PROBE_RECIPIENT to a test mailbox of yours."))
    if {recipient.rpartition("@")[2].lower(), sender_domain.lower()} & set(ours):
        raise NotAllowed(
            _("The test mailbox and sender domain must not be of a domain of ours: %(ours)s.")
            % {"ours": ", ".join(ours)}
        )
    mailboxes = [box for box in organisation.mailboxes if str(box).rpartition("@")[2] in ours]
    return Places(
        our_domain=ours[0],
        our_mailbox=mailboxes[0] if mailboxes else f"postmaster@{ours[0]}",
        test_recipient=recipient,
        sender_domain=sender_domain,
        campaign_senders=tuple(watch.campaign_senders(incident, host, before=now)),
        token=secrets.token_hex(4),
        our_host=host.fqdn,
        signs_in=bool(settings.MEYASU_PROBE_USER),
    )


def is_inside(source: str) -> bool:
    """Whether an address is in a network for which our hosts may relay."""
    if not source:
        return False
    prefixes = Network.objects.values_list("prefix", flat=True)
    return any(ip_address(source) in ip_network(prefix, strict=False) for prefix in prefixes)
