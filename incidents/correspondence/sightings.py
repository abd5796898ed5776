"""What the mail log says of letters that have perhaps been sent: our server took them."""

from collections.abc import Iterable

from django.db.models import Q

from complaints.maillog import message_id
from complaints.models import RelayedMessage
from incidents.models import Letter


def in_the_log(letters: Iterable[Letter]) -> dict[int, str]:
    """By letter, where the log of our own mail server has its Message-ID: it was taken there.

    A letter that is not in it may still have been sent, by a server whose log we do not read. One
    that broke off within the text leaves its Message-ID there, but no size and no recipients: the
    server never queued it.
    """
    digests = {message_id.digest(letter.message_id): letter.pk for letter in letters}
    digests.pop("", None)
    queued = Q(size_bytes__isnull=False) | Q(recipient_count__gt=0)
    named = RelayedMessage.objects.filter(queued, message_id_sha256__in=digests)
    seen = named.select_related("host")
    return {
        digests[row.message_id_sha256]: f"{row.host.name}: {row.queue_id} ({row.queued_at:%F %T}Z)"
        for row in seen.order_by("-queued_at")
    }
