"""Anything else that a person wrote to complain: prose, a form, log lines, a picture."""

from complaints.formats import prose
from complaints.formats.opened import Opened, report
from complaints.formats.report import Report

NAME = "plain"


def recognises(opened: Opened) -> bool:
    """Whatever it is: the last format in the list. Whether it complains is judged elsewhere."""
    return opened is not None


def read(opened: Opened) -> Report:
    """Return the report with one original, made of what the prose states."""
    stated = prose.original_of(opened)
    return report(
        opened,
        NAME,
        originals=(stated,),
        observables=tuple(prose.observables_of(opened, stated)),
    )
