"""What the ministry's sendmail 8.8 handled and logged in January and February 1998.

The same call gives the same lines. Log grammar: sendmail 8.8, op.me section "The System Log".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from incidents.demo import cast
from incidents.demo.cast import ENVELOPE, PILOT, TOKYO, Spam, tokyo

FLOOD_STARTS, FLOOD_ENDS = tokyo("1998-01-20 13:02:00"), tokyo("1998-01-20 19:40:00")
FIRST_DAY, LAST_DAY = tokyo("1998-01-12 00:00"), tokyo("1998-02-28 00:00")
SENDERS_BLOCKED, RELAY_CLOSED = tokyo("1998-01-25 10:30"), tokyo("1998-01-30 18:00")
FLOOD_MESSAGES = 236


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log and its moment."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A spam message that the ministry relayed, with all that its recipients were shown."""

    spam: Spam
    at: datetime
    queue_id: str
    message_id: str
    sender: str
    client_name: str
    client_ip: str
    size_bytes: int
    recipients: tuple[str, ...]


@dataclass(slots=True)
class Traffic:
    """The whole log, and the relayed spam that complaints can be about."""

    lines: list[LogLine] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)

    def between(self, start: datetime, end: datetime) -> list[str]:
        """Log lines with start <= time < end, in the order of the log."""
        return [line.text for line in self.lines if start <= line.at < end]


def make_traffic() -> Traffic:
    """The traffic of seven weeks: everyday mail, the flood, the attempts after it."""
    dice = Random(19980120)
    traffic = Traffic()
    for day in range((LAST_DAY - FIRST_DAY).days):
        _everyday(traffic, dice, FIRST_DAY + timedelta(days=day))
    _spam(traffic, dice, ENVELOPE, ENVELOPE.senders[0], tokyo("1998-01-19 22:41:09"), recipients=1)
    for at in _flood_times(dice):
        spam = ENVELOPE if dice.random() < 0.7 else PILOT
        _spam(traffic, dice, spam, dice.choice(spam.senders), at, recipients=dice.randint(9, 18))
    _after_the_block(traffic, dice)
    _after_the_upgrade(traffic, dice)
    traffic.lines.sort(key=lambda line: line.at)
    traffic.passed.sort(key=lambda passed: passed.at)
    return traffic


def _flood_times(dice: Random) -> Iterator[datetime]:
    span = (FLOOD_ENDS - FLOOD_STARTS).total_seconds()
    yield from (
        FLOOD_STARTS + timedelta(seconds=int(dice.uniform(0, span))) for _ in range(FLOOD_MESSAGES)
    )


def _everyday(traffic: Traffic, dice: Random, day: datetime) -> None:
    busy = 26 if (day + timedelta(hours=9)).weekday() < 5 else 6
    for _ in range(busy):
        at = day + timedelta(hours=9, seconds=dice.randrange(9 * 3600))
        partner, partner_ip = dice.choice(cast.PARTNERS)
        theirs, ours = f"{_name(dice)}@{partner}", f"{_name(dice)}@{cast.DOMAIN}"
        if dice.random() < 0.5:
            relay = f"mx.{partner} [{partner_ip}]"
            queue_id = _accept(traffic, dice, at, theirs, relay, dice.randint(700, 9000), 1)
            _deliver_here(traffic, at + timedelta(seconds=3), queue_id, ours)
        else:
            desk = dice.randint(30, 60)
            relay = f"pc{desk}.{cast.DOMAIN} [192.0.2.{100 + desk}]"
            queue_id = _accept(traffic, dice, at, ours, relay, dice.randint(700, 9000), 1)
            _deliver_away(traffic, dice, at + timedelta(seconds=5), queue_id, at, theirs)


def _spam(
    traffic: Traffic, dice: Random, spam: Spam, sender: str, at: datetime, *, recipients: int
) -> None:
    client_name, client_ip = dice.choice(cast.DIAL_UP)
    message_id = f"<{at:%y%m%d%H%M%S}.{dice.randrange(16**6):06X}@{sender.partition('@')[2]}>"
    size = len(spam.body) + 420 + len(sender)
    relay = f"{client_name} [{client_ip}]"
    queue_id = _accept(traffic, dice, at, sender, relay, size, recipients, message_id)
    reached = tuple(
        f"{_name(dice)}{dice.randint(2, 99)}@{dice.choice(cast.OUTSIDE)[0]}"
        for _ in range(recipients)
    )
    reached = tuple(dict.fromkeys(reached))
    for number, recipient in enumerate(reached):
        delivered = at + timedelta(seconds=4 + 6 * number + dice.randint(0, 5))
        _deliver_away(traffic, dice, delivered, queue_id, at, recipient)
    passed = Passed(spam, at, queue_id, message_id, sender, client_name, client_ip, size, reached)
    traffic.passed.append(passed)


def _after_the_block(traffic: Traffic, dice: Random) -> None:
    """From the 25th the three known senders are refused; a fourth one still gets through."""
    for _ in range(95):
        at = _within(dice, SENDERS_BLOCKED, RELAY_CLOSED)
        sender = dice.choice(ENVELOPE.senders + PILOT.senders)
        _refuse(
            traffic,
            dice,
            at,
            f"ruleset=check_mail, arg1=<{sender}>",
            f"reject=553 <{sender}>... Mail from this sender is not accepted here",
        )
    for _ in range(14):
        at = _within(dice, tokyo("1998-01-27 09:10"), tokyo("1998-01-28 12:00"))
        _spam(traffic, dice, ENVELOPE, cast.FOURTH_SENDER, at, recipients=dice.randint(8, 15))


def _after_the_upgrade(traffic: Traffic, dice: Random) -> None:
    """From the 30th every foreign recipient is refused; the attempts thin out over February."""
    span = (LAST_DAY - RELAY_CLOSED).total_seconds()
    for _ in range(640):
        at = RELAY_CLOSED + timedelta(seconds=int(span * dice.betavariate(1, 3.5)))
        recipient = f"{_name(dice)}{dice.randint(2, 99)}@{dice.choice(cast.OUTSIDE)[0]}"
        _refuse(
            traffic,
            dice,
            at,
            f"ruleset=check_rcpt, arg1=<{recipient}>",
            f"reject=550 <{recipient}>... Relaying denied",
        )


def _refuse(traffic: Traffic, dice: Random, at: datetime, what: str, answer: str) -> None:
    client_name, client_ip = dice.choice(cast.DIAL_UP)
    queue_id, pid = _queue_id(dice, at)
    text = f"{queue_id}: {what}, relay={client_name} [{client_ip}], {answer}"
    traffic.lines.append(_line(at, pid, text))


def _accept(
    traffic: Traffic,
    dice: Random,
    at: datetime,
    sender: str,
    relay: str,
    size: int,
    recipients: int,
    message_id: str = "",
) -> str:
    queue_id, pid = _queue_id(dice, at)
    message_id = message_id or f"<{at:%Y%m%d%H%M}.{queue_id}@{sender.partition('@')[2]}>"
    text = (
        f"{queue_id}: from=<{sender}>, size={size}, class=0, pri={30000 * recipients + size}, "
        f"nrcpts={recipients}, msgid={message_id}, proto=SMTP, relay={relay}"
    )
    traffic.lines.append(_line(at, pid, text))
    return queue_id


def _deliver_here(traffic: Traffic, at: datetime, queue_id: str, recipient: str) -> None:
    text = f"{queue_id}: to=<{recipient}>, delay=00:00:03, xdelay=00:00:01, mailer=local, stat=Sent"
    traffic.lines.append(_line(at, int(queue_id[3:]) + 1, text))


def _deliver_away(
    traffic: Traffic, dice: Random, at: datetime, queue_id: str, queued_at: datetime, to: str
) -> None:
    domain = to.partition("@")[2]
    address = dict(cast.OUTSIDE + cast.PARTNERS)[domain]
    delay = f"{timedelta(seconds=int((at - queued_at).total_seconds()))!s:0>8}"
    head = f"{queue_id}: to=<{to}>, delay={delay}, xdelay=00:00:02, mailer=esmtp, "
    fate = dice.random()
    if fate < 0.86:
        text = f"{head}relay=mx.{domain}. [{address}], stat=Sent (OK)"
    elif fate < 0.95:
        text = f"{head}relay=mx.{domain}. [{address}], stat=User unknown"
    else:
        text = f"{head}stat=Deferred: Connection timed out with mx.{domain}."
    traffic.lines.append(_line(at, int(queue_id[3:]) + 1, text))


def _line(at: datetime, pid: int, text: str) -> LogLine:
    local = at.astimezone(TOKYO)
    return LogLine(at, f"{local:%b} {local.day:2} {local:%H:%M:%S} mail sendmail[{pid}]: {text}")


def _queue_id(dice: Random, at: datetime) -> tuple[str, int]:
    """A queue ID of sendmail 8.8: the hour as a letter, AA, and the process ID."""
    pid = dice.randint(400, 29999)
    return f"{chr(65 + at.astimezone(TOKYO).hour)}AA{pid:05}", pid


def _within(dice: Random, start: datetime, end: datetime) -> datetime:
    return start + timedelta(seconds=dice.randrange(int((end - start).total_seconds())))


def _name(dice: Random) -> str:
    syllables = ("ka", "ri", "mo", "te", "sa", "lu", "no", "be", "hi", "ta")
    return "".join(dice.choice(syllables) for _ in range(3))
