"""Which mail host wrote a line, in a log that several hosts write."""

from collections import Counter
from collections.abc import Iterable

from complaints.maillog.assemble import Assembler
from complaints.maillog.entry import LogEntry
from complaints.models import MailHost


class WrittenBy:
    """Tells the host of each line: one of ours by its name, else the one the log is of."""

    def __init__(self, host: MailHost) -> None:
        self._host = host
        others = MailHost.objects.exclude(pk=host.pk)
        named = [(name, other) for other in others for name in _names(other)]
        times = Counter(name for name, _ in named)
        own = _names(host)
        self._assemblers: dict[MailHost, Assembler] = {}
        self._others = {n: other for n, other in named if times[n] == 1 and n not in own}

    def gather(self, entries: Iterable[LogEntry]) -> list[tuple[MailHost, Assembler]]:
        """The entries by their host: queue IDs mean something on one host alone."""
        gathered: dict[MailHost, list[LogEntry]] = {}
        for entry in entries:
            host = self._others.get(entry.host, self._host)
            gathered.setdefault(host, []).append(entry)
        for writer, lines in gathered.items():
            self._assemblers.setdefault(writer, Assembler()).feed(lines)
        return [(writer, self._assemblers[writer]) for writer in gathered]


def _names(host: MailHost) -> set[str]:
    return {host.name, host.fqdn, host.fqdn.partition(".")[0]}
