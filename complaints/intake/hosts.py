"""Which mail host wrote a line, in a log that several hosts write."""

from collections import Counter
from collections.abc import Callable

from complaints.models import MailHost


def host_of(host: MailHost) -> Callable[[str], MailHost]:
    """Tells the host of a name in the log: one of ours, else the one whose log it is."""
    named = [
        (name, other) for other in MailHost.objects.exclude(pk=host.pk) for name in _names(other)
    ]
    times = Counter(name for name, _ in named)
    own = _names(host)
    others = {name: other for name, other in named if times[name] == 1 and name not in own}
    return lambda name: others.get(name, host)


def _names(host: MailHost) -> set[str]:
    return {host.name, host.fqdn, host.fqdn.partition(".")[0]}
