"""A further mail in a thread: it asks after the first, adds words, or shows one more sample."""

import re
from dataclasses import replace

from complaints.evidence.observables import Kind, Observable
from complaints.evidence.received import is_routed
from complaints.formats import prose, quoted, torn, wording
from complaints.formats.opened import Opened, report
from complaints.formats.report import Report

NAME = "follow-up"
_STATED = (Kind.IP, Kind.URL, Kind.MESSAGE_ID)

_FORWARD = re.compile(
    r"^\s{0,3}(?:fwd?|wg|enc|tr|rv|i|doorst|pd|vb|转发|轉寄|転送|전달)\s?[:：]", re.IGNORECASE
)


def recognises(opened: Opened) -> bool:
    """Whether the mail answers another one, and not the very mail it complains of.

    Some programs set References when they forward, and when they send the same again.
    """
    headers = opened.headers
    if _FORWARD.match(wording.TICKET_TAG.sub("", headers.subject)) or opened.mail.mails:
        return False
    if not headers.in_reply_to:
        return bool(headers.references and prose.subject_behind_reply(headers.subject))
    return all(one.message_id != headers.in_reply_to for one in opened.in_text)


def read(opened: Opened) -> Report:
    """Return the report: the writer's words without quotes, what they state, what it shows."""
    words = opened.shown.own_text
    stated = _stated(opened, words) or _stated(opened, _quoted(opened))
    return report(
        opened,
        NAME,
        originals=tuple(one for one in opened.in_text if one.hops or one.message_id or one.subject),
        observables=stated,
        text=quoted.unquoted(opened.shown.own_text),
    )


def _stated(opened: Opened, words: str) -> tuple[Observable, ...]:
    """What words of the thread state; whoever handed the mail in goes before other addresses."""
    headers = replace(opened.headers, subject="")
    said = replace(opened, headers=headers, shown=quoted.Shown((), words))
    found = [
        one
        for one in prose.observables_of(said)
        if one and one.kind in _STATED and (one.kind is not Kind.IP or is_routed(one.value))
    ]
    client = next((one for one in found if one.value == prose.original_of(said).source_ip), None)
    others = [one for one in found if client is None or one.kind is not Kind.IP]
    return (client, *others) if client else tuple(others)


def _quoted(opened: Opened) -> str:
    """The quoted lines of the mail: the first one of the thread, which the writer asks after."""
    lines = map(torn.line_of, opened.text.split("\n")[: quoted.MAX_LINES])
    return "\n".join(line.text for line in lines if line.depth)
