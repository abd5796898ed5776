"""What tests of letters share: an incident with its tasks, two people, a mail server."""

import pytest

from complaints.models import Link
from incidents.correspondence import compose, outbox
from incidents.models import Contact
from incidents.workflow import planning
from tests import make, servers
from tests.make import at

NOW = at("1998-01-23 02:30")


@pytest.fixture
def sink(settings):
    """The outgoing mail server: a real one, which keeps what it is given."""
    with servers.mail_sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def incident(db):
    """The case of 1998 in small: four relayed messages of two campaigns, its tasks planned."""
    make.organisation(name="Example Ministry", utc_offset="+09:00")
    made = make.incident()
    for number, (sender, address) in enumerate(
        [("winner", "198.51.100.7"), ("winner", "198.51.100.7"), ("pilot", "203.0.113.9")]
    ):
        message = make.relayed_message(
            sender=f"{sender}@riches.example",
            client_ip=address,
            client_name=f"line{number}.slipstream.example",
            log_lines=f"Jan 20 13:0{number} mail sendmail[1]: A{number}: from=<{sender}>\n"
            f"Jan 20 13:0{number} mail sendmail[1]: A{number}: to=<victim@far.example>",
        )
        make.campaign(made, message, number=number + 1)
    planning.plan_incident(made, now=made.discovered_at)
    return made


@pytest.fixture
def provider(db):
    """The provider next to the origin."""
    return Contact.objects.create(
        name="Slipstream Networks",
        kind=Contact.Kind.PROVIDER,
        email="abuse@slipstream.example",
        networks=["198.51.100.0/24"],
    )


@pytest.fixture
def agent(db):
    return make.user("agent")


@pytest.fixture
def lead(db):
    return make.user("lead", "lead")


@pytest.fixture
def write(incident, agent, lead):
    """Draft a letter by the agent, and have the lead approve it."""

    def written(kind, **to):
        task = to.pop("task", None) or incident.tasks.filter(kind=kind).first()
        letter = compose.draft_letter(incident, kind, task=task, by=agent, now=NOW, **to)
        outbox.approve(letter, by=lead, now=NOW)
        return letter

    return written


@pytest.fixture
def complain(incident):
    """A complaint of the incident, with its tasks, and linked to a message where one is given."""

    def complained(message=None, **fields):
        complaint = make.joined(incident, **fields)
        planning.plan_for_complaint(incident, complaint, now=NOW)
        if message is not None:
            Link.objects.create(
                complaint=complaint, message=message, state="linked", score=0.99, linked_at=NOW
            )
        return complaint

    return complained
