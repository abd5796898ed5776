"""examine(): all that the doctor looks at, in order."""

from collections.abc import Iterator
from datetime import datetime

from config.doctor import desk, machine, outside
from config.doctor.finding import Finding, Level


def examine(*, now: datetime) -> Iterator[Finding]:
    """Yield what is found, part by part. Nothing is changed, fetched or sent.

    Without a database that works, only what needs none is looked at.
    """
    tables = list(machine.database())
    yield from tables
    yield from machine.storage()
    yield from machine.broker()
    yield from machine.workers()
    yield from outside.outgoing_mail()
    if any(finding.level == Level.WRONG for finding in tables):
        return
    yield from machine.clocks()
    yield from machine.configuration()
    yield from desk.organisation()
    yield from outside.mailboxes(now)
    yield from outside.mail_logs(now)
    yield from outside.host_names()
    yield from desk.waiting(now)
    yield from desk.probing(now)
    yield from desk.figures()
