"""A further mail in a thread: it asks after the first, adds words, or shows one more sample."""

import re

from complaints.evidence.observables import Kind
from complaints.formats import prose, quoted
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
    if _FORWARD.match(headers.subject) or opened.mail.mails:
        return False
    if not headers.in_reply_to:
        return bool(headers.references and prose.subject_behind_reply(headers.subject))
    return all(one.message_id != headers.in_reply_to for one in opened.in_text)


def read(opened: Opened) -> Report:
    """Return the report: the writer's words without quotes, what they state, what it shows."""
    stated = (one for one in prose.observables_of(opened) if one and one.kind in _STATED)
    return report(
        opened,
        NAME,
        originals=tuple(one for one in opened.in_text if one.hops or one.message_id or one.subject),
        observables=tuple(stated),
        text=quoted.unquoted(opened.shown.own_text),
    )
