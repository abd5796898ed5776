"""Asking: the dialogues of one run with one host: the battery, then the marked messages."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from complaints.intake import maillog
from complaints.models import LogSource, MailHost
from incidents.verification import marked, probe
from incidents.verification.doors import Door
from incidents.verification.findings import Answer, Fate, Marked
from incidents.verification.probe import Us
from incidents.verification.target import Target
from incidents.verification.trial import Places, Probe

# No run goes on longer, however slowly the host answers: a job has four minutes.
LONGEST_RUN_SECONDS = 170.0
# So long is waited for the log to say what became of a marked message.
LOG_WITHIN_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Asking:
    """Where one run goes, and as whom.

    pinned  the host's main door
    doors   its others by their names
    """

    pinned: Target
    doors: dict[str, Door]
    places: Places
    now: datetime

    def ask_all(self, probes: tuple[Probe, ...]) -> tuple[Answer, ...]:
        """Answers to as many probes as the host lets us ask in the time of one run."""
        give_up_at = time.monotonic() + LONGEST_RUN_SECONDS
        answers = []
        for answer in probe.ask_all(probes, self._ask, per_minute=settings.MEYASU_PROBE_PER_MINUTE):
            answers.append(answer)
            if time.monotonic() > give_up_at:
                break
        return tuple(answers)

    def send_marked(
        self, probes: tuple[Probe, ...], answers: tuple[Answer, ...], host: MailHost
    ) -> tuple[Marked, ...]:
        """Send the few marked messages that tell what accepting means, and look for them.

        None are sent to a host that has blocked us, or where MEYASU_PROBE_SEND is off.
        """
        if not settings.MEYASU_PROBE_SEND or any(answer.is_a_block for answer in answers):
            return ()
        first = self._send(marked.chosen(probes, answers), host, first_number=1)
        more = tuple((one, (one.name,)) for one in marked.further(probes, answers, first))
        return first + self._send(more, host, first_number=len(first) + 1)

    def _send(
        self,
        chosen: tuple[tuple[Probe, tuple[str, ...]], ...],
        host: MailHost,
        *,
        first_number: int,
    ) -> tuple[Marked, ...]:
        """A message for each of these probes, and what became of it."""
        sent = []
        for number, (one, stands) in enumerate(chosen, start=first_number):
            name, message = marked.message(one, number, self.places, now=self.now)
            answer = self._ask(one, message)
            if answer.is_a_block or not answer.code:
                break
            sent.append((one, stands, name, answer))
        fates = self._fates([name for _, _, name, answer in sent if answer.accepted], host)
        return tuple(
            Marked(one.name, stands, answer, fates.get(name, Fate.REFUSED), name)
            for one, stands, name, answer in sent
        )

    def _ask(self, one: Probe, message: bytes | None = None) -> Answer:
        where = self.pinned.at(self.doors[one.door]) if one.door else self.pinned
        us = Us(
            settings.MEYASU_PROBE_HELO, settings.MEYASU_PROBE_USER, settings.MEYASU_PROBE_PASSWORD
        )
        return probe.ask(one, where, us=us, message=message)

    def _fates(self, names: list[str], host: MailHost) -> dict[str, Fate]:
        """What the host's log says of these messages, waiting a little for its lines."""
        give_up_at = time.monotonic() + LOG_WITHIN_SECONDS
        sources = list(LogSource.objects.filter(host=host, paused=False))
        while True:
            for source in sources if names else ():
                maillog.read_new_lines(source, now=self.now)
            fates = {name: marked.fate_of(name, host) for name in names}
            is_told = all(
                fate is not Fate.UNSEEN or marked.waits_in_queue(name, host)
                for name, fate in fates.items()
            )
            if is_told or not sources or time.monotonic() > give_up_at:
                return fates
            time.sleep(0.5)
