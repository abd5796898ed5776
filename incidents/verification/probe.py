"""Asks a host under test: one probe, one Answer; and one probe after the other, until it blocks us.

Source: RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 6531 (SMTPUTF8).
"""

import base64
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from incidents.verification.dialogue import Dialogue, DialogueBroke, Limits, Reply
from incidents.verification.doors import Tls
from incidents.verification.findings import Answer, Said, Stage
from incidents.verification.target import Target
from incidents.verification.trial import Login, Probe

# Two dialogues in a row in which nothing was said end a run: the host is away, or stalls us.
MOST_SILENT_IN_A_ROW = 2
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Us:
    """How we introduce ourselves.

    helo      our name for EHLO and HELO
    user      an account of the desk on the host, "" for none
    password  its password; never in a transcript
    """

    helo: str
    user: str = ""
    password: str = ""


def ask_all(
    probes: tuple[Probe, ...],
    ask_one: Callable[[Probe], Answer],
    *,
    per_minute: int = 0,
) -> Iterator[Answer]:
    """Ask one probe after the other, each in a dialogue of its own, until the host blocks us.

    per_minute  how many dialogues may begin in a minute, 0 for no limit
    yields      an Answer for each probe asked. It ends early at the first sign of a block, or
                after MOST_SILENT_IN_A_ROW dialogues in which nothing was learned. A door that
                is not there is tried once
    """
    silent = 0
    shut: set[str] = set()
    for probe in probes:
        if probe.door in shut:
            continue
        began = time.monotonic()
        answer = ask_one(probe)
        if probe.door and answer.stage is Stage.CONNECT and not answer.code:
            shut.add(probe.door)
            answer = replace(answer, offered=False)
        yield answer
        silent = silent + 1 if answer.said is Said.NOTHING else 0
        if answer.is_a_block or silent >= MOST_SILENT_IN_A_ROW:
            return
        if per_minute:
            time.sleep(max(0.0, 60 / per_minute - (time.monotonic() - began)))


def ask(
    probe: Probe,
    target: Target,
    *,
    us: Us,
    message: bytes | None = None,
    limits: Limits = LIMITS,
) -> Answer:
    """Try one sender and recipient on the target, and stop before DATA.

    us       how we introduce ourselves
    message  a marked message to go on with, when the recipient is accepted and the probe
             `may_send`: lines end in CR LF; None stops before DATA
    returns  an Answer, also when the server is away or talks nonsense: then its code is 0
    """
    dialogue = Dialogue(limits)
    try:
        dialogue.open(target)
        goes_on = _introduce(dialogue, probe, target, us)
        if goes_on:
            _converse(dialogue, probe, message if probe.may_send else None)
    except _NotOffered as lacking:
        dialogue.note(f"-- {lacking}")
        return replace(_answer(probe, dialogue, Reply(0, str(lacking))), offered=False)
    except DialogueBroke as broken:
        dialogue.note(f"-- {broken}")
        return _answer(probe, dialogue, Reply(0, str(broken)))
    finally:
        dialogue.close()
    return _answer(probe, dialogue, dialogue.last)


class _NotOffered(Exception):
    """The server does not offer what the probe is about; the message says what."""


def _introduce(dialogue: Dialogue, probe: Probe, target: Target, us: Us) -> bool:
    """Greet, encrypt and sign in as the probe asks; False if the server goes on no further."""
    if not dialogue.goes_on(dialogue.read(), 200):
        return False
    dialogue.stage = Stage.HELLO
    helo = probe.helo or us.helo
    offers = _greet(dialogue, helo)
    if target.tls is Tls.STARTTLS and offers is not None:
        if "STARTTLS" not in offers:
            raise _NotOffered("STARTTLS is not offered")
        if not dialogue.goes_on(dialogue.command("STARTTLS"), 200):
            return False
        dialogue.encrypt()
        offers = _greet(dialogue, helo)
    if offers is None:
        return False
    if not probe.recipient.isascii() and "SMTPUTF8" not in offers:
        raise _NotOffered("SMTPUTF8 is not offered")
    return not probe.login or _sign_in(dialogue, probe, offers, us)


def _greet(dialogue: Dialogue, helo: str) -> str | None:
    """What the server says it can, in capitals; None if it does not want to hear us."""
    reply = dialogue.command(f"EHLO {helo}")
    if dialogue.goes_on(reply, 200):
        return reply.text.upper()
    return "" if dialogue.goes_on(dialogue.command(f"HELO {helo}"), 200) else None


def _sign_in(dialogue: Dialogue, probe: Probe, offers: str, us: Us) -> bool:
    """Sign in; after a wrong password the dialogue goes on, as if it had been right.

    Our own password goes over an encrypted connection only.
    """
    if "AUTH" not in offers or "PLAIN" not in offers:
        raise _NotOffered("AUTH PLAIN is not offered")
    own = probe.login is Login.OWN
    if own and not dialogue.is_encrypted:
        raise _NotOffered("no encryption, and so no password of ours")
    user = us.user if own else probe.sender.partition("@")[0]
    password = us.password if own else secrets.token_urlsafe(12)
    secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    words = "our account and its password" if own else f"{user} and a wrong password"
    reply = dialogue.command(f"AUTH PLAIN {secret}", shown=f"AUTH PLAIN ({words})")
    return dialogue.goes_on(reply, 200) or not own


def _converse(dialogue: Dialogue, probe: Probe, message: bytes | None) -> None:
    """Go through the stages as far as the server lets us; `dialogue.stage` says how far."""
    utf8 = "" if probe.recipient.isascii() else " SMTPUTF8"
    dialogue.stage = Stage.MAIL
    if not dialogue.goes_on(dialogue.command(f"MAIL FROM:<{probe.sender}>{utf8}"), 200):
        return
    dialogue.stage = Stage.RCPT
    accepted = dialogue.goes_on(dialogue.command(f"RCPT TO:<{probe.recipient}>"), 200)
    if accepted and message is not None:
        dialogue.stage = Stage.DATA
        if dialogue.goes_on(dialogue.command("DATA"), 300):
            dialogue.send_message(message)
            dialogue.read()


def _answer(probe: Probe, dialogue: Dialogue, reply: Reply) -> Answer:
    return Answer(
        probe=probe.name,
        stage=dialogue.stage,
        code=reply.code,
        text=reply.text,
        accepted=dialogue.stage in (Stage.RCPT, Stage.DATA) and 200 <= reply.code < 300,
        transcript=tuple(dialogue.transcript),
    )
