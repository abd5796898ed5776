"""A further mail in a thread that brings no new sample of the abuse."""

import re

from complaints.evidence.observables import Kind
from complaints.formats import prose, quoted
from complaints.formats.opened import Opened, report
from complaints.formats.report import Report

NAME = "follow-up"
_STATED = (Kind.IP, Kind.URL, Kind.MESSAGE_ID)

_FORWARD = re.compile(r"^\s{0,3}(?:fwd?|wg|enc|tr|rv|転送)\s?:", re.IGNORECASE)


def recognises(opened: Opened) -> bool:
    """Whether the mail answers another one, and shows nothing but what it quotes of that one.

    A forward made by a program that sets References is no follow-up.
    """
    headers = opened.headers
    answers = bool(headers.in_reply_to or headers.references)
    if not answers or _FORWARD.match(headers.subject) or opened.mail.mails():
        return False
    return all(sample.is_quoted for sample in opened.shown.samples)


def read(opened: Opened) -> Report:
    """Return the report: the writer's words without quotes, what they state, no original."""
    stated = (one for one in prose.observables_of(opened) if one and one.kind in _STATED)
    return report(opened, NAME, observables=tuple(stated), text=quoted.unquoted(opened.text))
