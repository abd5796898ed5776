"""Postfix logs made up with dice: many messages told at the same time, plainly or not."""

from datetime import UTC, datetime, timedelta

BEGUN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMPS = {
    "classic": lambda at: f"{at:%b} {at.day:2} {at:%H:%M:%S}",
    "iso": lambda at: at.isoformat(timespec="microseconds"),
}
# What replaces a piece of a line, or is put into it.
MANGLED = [
    "", " ", ": ", ", ", ">", "<", "[", "]", ")", "é", "\x07", "\x00", "9" * 12, ", relay=",
    ">, relay=", "removed", ", status=sent (", " queued as ", "client=", "message-id=", ", size=",
    "orig_to=<", "NOQUEUE", "postfix", "(queue active)", "to=<", "dsn=", "x" * 400,
]  # fmt: skip
KINDS = ["client", "client", "client", "auth", "uid", "headers", "lost", "open", "canceled"]


def _life(dice, queue_id):
    """(seconds, program, text) of the lines of a message, mostly plain."""
    kind = dice.choice(KINDS)
    ip = dice.choice(["192.0.2.7", "2001:db8::7", "198.51.100.9"])
    first = {
        "uid": ("pickup", "uid=33 from=<www-data>"),
        "lost": ("smtpd", "client=unknown[unknown]"),
        "auth": ("smtpd", f"client=a.example[{ip}], sasl_method=PLAIN, sasl_username=Mika"),
    }.get(kind, ("smtpd", f"client=a.example[{ip}]"))
    lines = [] if kind == "headers" else [first]
    lines.append(("cleanup", f"message-id=<{queue_id}.{dice.randrange(99)}@a.example>"))
    count = dice.choice([1, 1, 2, 3, 12])
    lines.append(("qmgr", f"from=<W@a.example>, size={dice.randrange(9999)}, nrcpt={count}"))
    lines[-1] = ("qmgr", lines[-1][1] + " (queue active)")
    lines += [("smtp", _delivery(dice, number)) for number in range(count)]
    if dice.random() < 0.1:
        lines.append(("bounce", f"sender non-delivery notification: {queue_id[::-1]}"))
    if kind != "open":
        lines.append(("qmgr", "removed" + (" (canceled)" if kind == "canceled" else "")))
    start = dice.randrange(600)
    return [
        (start + place // 2, program, f"{queue_id}: {text}")
        for place, (program, text) in enumerate(lines)
    ]


def _delivery(dice, number):
    original = dice.choice(["", "", "", f", orig_to=<info{number}@ours.example>"])
    again = dice.choice(["", "", ", conn_use=2"])
    relay = dice.choice(
        ["mx.far.example[203.0.113.5]:25", "local", "none", "127.0.0.1[127.0.0.1]:10024"]
    )
    answer = dice.choices([
        "2.0.0, status=sent (250 2.0.0 Ok: queued as A1B2C3D4E5)",
        "2.0.0, status=sent (forwarded as B1B2C3D4E5)",
        "4.4.1, status=deferred (connect to mx[203.0.113.5]:25: Connection timed out)",
        "5.1.1, status=bounced (host mx said: 550 5.1.1 <r@far.example>: no such user, sorry)",
        "5.0.0, status=expired (x)",
    ], [50, 10, 10, 10, 1])[0]  # fmt: skip
    to = f"R{number if dice.random() > 0.01 else 0}@far{dice.randrange(3)}.example"
    return f"to=<{to}>{original}, relay={relay}{again}, delay=1, delays=0/0/0/1, dsn={answer}"


def log(dice, stamp, count=90):
    """Lines of many messages on two hosts, told at the same time, with others between them."""
    told = []
    for _ in range(count):
        queue_id = f"{dice.randrange(16**9, 16**10):X}"
        told += [(dice.choice("12"), *line) for line in _life(dice, queue_id)]
        if dice.random() < 0.1:  # the ID comes round
            told += [(told[-1][0], at + 700, *rest) for at, *rest in _life(dice, queue_id)]
    for text in ("connect from a.example[192.0.2.7]", "warning: hostname x does not resolve"):
        told += [("1", dice.randrange(600), "smtpd", text) for _ in range(20)]
    hosts = {}
    told = [(hosts.setdefault(text[:10], host), *rest, text) for host, *rest, text in told]
    told.sort(key=lambda line: line[1])
    return [
        f"{stamp(BEGUN + timedelta(seconds=at))} mx{host} postfix/{program}[{100 + at % 7}]: {text}"
        for host, at, program, text in told
    ]


def mangled(dice, lines, times):
    """Change lines in place: what a stranger smuggled in, what a disk lost, what came twice."""
    for _ in range(times):
        place = dice.randrange(len(lines))
        line = lines[place]
        at = dice.randrange(len(line))
        lines[place] = line[:at] + dice.choice(MANGLED) + line[at + dice.choice([0, 1, 5]) :]
        if dice.random() < 0.2:
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
        if dice.random() < 0.2:  # a filter's line about the same message
            words = dice.choice(lines).split(": ")
            text = (
                f"rspamd_task_write_log: id: <m@x>, qid: <{words[min(1, len(words) - 1)]}>, ip: x"
            )
            lines.insert(place, f"{words[0].partition(' mx')[0]} mx1 rspamd[9]: <a>; proxy; {text}")
