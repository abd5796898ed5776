"""Whom we may answer (RFC 3834)."""

import pytest

from incidents.workflow.answerable import is_answerable

OURS = frozenset({"abuse@example.org"})


@pytest.mark.parametrize("address", ["ann@quarry.example", "postmaster@northlight.example"])
def test_a_person_is_answered(address):
    assert is_answerable(address, ours=OURS)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@far.example",
        "MAILER-DAEMON@far.example",
        "no-reply@far.example",
        "owner-talk@lists.example",
        "talk-request@lists.example",
        "talk-bounces@lists.example",
        "Abuse@Example.org",
    ],
)
def test_machines_lists_and_ourselves_are_not(address):
    assert not is_answerable(address, ours=OURS)


def test_automatic_mail_and_feedback_loops_are_not():
    assert not is_answerable("ann@quarry.example", ours=OURS, is_automatic=True)
    assert not is_answerable("loop@provider.example", ours=OURS, complaint_format="arf")
