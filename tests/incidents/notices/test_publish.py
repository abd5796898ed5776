"""A public notice: written by one, approved by another, kept as the public saw it."""

import pytest

from complaints import audit
from complaints.models import AuditEntry
from incidents.models import Notice, NoticeVersion, Task
from incidents.notices import publish
from incidents.workflow import planning
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY, MONDAY = at("1998-01-22 06:00"), at("1998-01-23 02:00"), at("1998-01-26 02:00")


@pytest.fixture
def incident():
    make.organisation(name="Example Ministry", utc_offset="+09:00")
    made = make.incident()
    make.campaign(made, make.relayed_message(), make.relayed_message())
    planning.plan_incident(made, now=made.discovered_at)
    return made


@pytest.fixture
def agent(db):
    return make.user("agent")


@pytest.fixture
def lead(db):
    return make.user("lead", "lead")


@pytest.fixture
def draft(incident, agent):
    return publish.draft_notice(incident, language="en", by=agent, now=THURSDAY)


@pytest.fixture
def public(draft, lead):
    publish.approve(draft, by=lead, now=FRIDAY)
    publish.publish(draft, by=lead, now=FRIDAY)
    return draft


def edit(notice, by, **fields):
    publish.edit(
        notice, **({"title": notice.title, "body": notice.body} | fields), by=by, now=FRIDAY
    )


def test_a_notice_is_drafted_from_the_incidents_numbers(draft):
    assert draft.reference == "N-1998-0001"
    assert "2 messages" in draft.body
    assert "Example Ministry" in draft.body
    assert draft.task.kind == "notice"


def test_it_is_drafted_in_japanese_too(incident, agent):
    notice = publish.draft_notice(incident, language="ja", by=agent, now=THURSDAY)
    assert notice.language == "ja"
    assert "1998年1月20日 13:00（UTC+09:00）" in notice.body


def test_who_wrote_it_does_not_approve_it(draft, agent, lead):
    with pytest.raises(NotAllowed, match="you wrote it"):
        publish.approve(draft, by=agent, now=FRIDAY)
    publish.approve(draft, by=lead, now=FRIDAY)
    assert (draft.state, draft.approved_by) == (Notice.State.APPROVED, lead)


def test_who_changes_it_has_written_it(draft, agent, lead):
    edit(draft, lead, body="Changed by the lead.")
    with pytest.raises(NotAllowed, match="you wrote it"):
        publish.approve(draft, by=lead, now=FRIDAY)
    publish.approve(draft, by=agent, now=FRIDAY)


def test_a_change_after_the_approval_voids_it(draft, agent, lead):
    publish.approve(draft, by=lead, now=FRIDAY)
    edit(draft, agent, body="Something else.")
    with pytest.raises(NotAllowed, match="state “draft”"):
        publish.publish(draft, by=lead, now=FRIDAY)


def test_what_changed_since_it_was_read_is_not_approved(draft, agent, lead):
    read = Notice.objects.get(pk=draft.pk)
    edit(draft, agent, body="You did not read this.")
    with pytest.raises(NotAllowed, match="read it again"):
        publish.approve(read, by=lead, now=FRIDAY)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Thanks to ann@quarry.example.", "ann@quarry.example"),
        ("Ann Quarry told us first.", "Ann Quarry"),
        ("送信元は winner@riches.example です", "winner@riches.example"),
        ("山田太郎様のご指摘", "山田太郎"),
        ("ann＠quarry.exampleより", "ann@quarry.example"),
        ("It came from 198.51.100.7.", "198.51.100.7"),
        ("送信元は 2001:db8:99::7 です", "2001:db8:99::7"),
    ],
)
def test_a_notice_that_names_other_people_is_not_approved(
    incident, draft, agent, lead, words, found
):
    make.joined(incident, sender_name="Ann Quarry")
    make.joined(incident, sender_name="山田太郎")
    edit(draft, agent, body=words)
    with pytest.raises(NotAllowed, match=found):
        publish.approve(draft, by=lead, now=FRIDAY)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_paragraph_of_a_notice_is_one_line_for_pages_wrap_themselves(incident, agent, language):
    notice = publish.draft_notice(incident, language=language, by=agent, now=THURSDAY)
    paragraphs = notice.body.strip().split("\n\n")
    assert len(paragraphs) == 5
    assert not any("\n" in paragraph for paragraph in paragraphs)
    assert "設定になっていた" in notice.body or "knowledge because" in notice.body


def test_our_own_addresses_may_be_named(draft, agent, lead):
    words = "Write to abuse@example.org or abuse@mail.example.org. 192.0.2.25 is ours, at 13:05:31."
    edit(draft, agent, body=words)
    publish.approve(draft, by=lead, now=FRIDAY)


def test_nothing_is_left_to_be_filled_in(draft, agent, lead):
    edit(draft, agent, body="Since [first_seen?] mail has passed.")
    with pytest.raises(NotAllowed, match=r"\[first_seen\?\]"):
        publish.approve(draft, by=lead, now=FRIDAY)


def test_a_notice_has_a_title_and_a_text(draft, agent):
    with pytest.raises(NotAllowed):
        edit(draft, agent, title=" ")


def test_a_draft_is_not_public_and_is_not_published(draft, lead):
    assert not Notice.objects.public().exists()
    with pytest.raises(NotAllowed, match="state “draft”"):
        publish.publish(draft, by=lead, now=FRIDAY)


def test_publishing_takes_the_time_and_finishes_the_task(incident, public):
    incident.refresh_from_db()
    assert incident.notice_published_at == FRIDAY
    task = Task.objects.get(kind="notice")
    assert (task.state, task.outcome, task.outcome_note) == (
        Task.State.DONE,
        "published",
        "N-1998-0001",
    )
    assert list(Notice.objects.public()) == [public]


def test_a_second_notice_does_not_move_the_time(incident, public, agent, lead):
    second = publish.draft_notice(incident, language="ja", by=agent, now=MONDAY)
    publish.approve(second, by=lead, now=MONDAY)
    publish.publish(second, by=lead, now=MONDAY)
    incident.refresh_from_db()
    assert incident.notice_published_at == FRIDAY


def test_a_correction_is_told_and_what_the_public_saw_is_kept(public, lead):
    before = public.body
    publish.correct(
        public, title="New", body="3 messages", correction="Three, not two.", by=lead, now=MONDAY
    )
    versions = list(NoticeVersion.objects.values_list("number", "body", "correction"))
    assert versions == [(1, before, ""), (2, "3 messages", "Three, not two.")]
    assert (public.state, public.corrected_at) == (Notice.State.PUBLISHED, MONDAY)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"correction": " "}, "what was corrected"),
        ({"body": "ann@quarry.example was right"}, "ann@quarry.example"),
        ({"body": ""}, "a title and a text"),
    ],
)
def test_a_correction_keeps_the_same_rules(public, lead, fields, why):
    facts = {"title": "New", "body": "Text", "correction": "Typing error."} | fields
    with pytest.raises(NotAllowed, match=why):
        publish.correct(public, **facts, by=lead, now=MONDAY)
    assert NoticeVersion.objects.count() == 1


def test_a_withdrawn_notice_says_why_and_is_not_corrected(public, lead):
    with pytest.raises(NotAllowed, match="names no other people"):
        publish.withdraw(public, reason="ann@quarry.example sued us.", by=lead, now=MONDAY)
    with pytest.raises(NotAllowed, match="why"):
        publish.withdraw(public, reason="", by=lead, now=MONDAY)
    publish.withdraw(public, reason="It named the wrong server.", by=lead, now=MONDAY)
    assert list(Notice.objects.public()) == [public]
    with pytest.raises(NotAllowed, match="withdrawn"):
        publish.correct(public, title="a", body="b", correction="c", by=lead, now=MONDAY)


def test_every_step_is_in_the_history(incident, public):
    acts = AuditEntry.objects.filter(subject_reference="N-1998-0001")
    assert list(acts.values_list("action", flat=True)) == [
        "notice-drafted",
        "notice-approved",
        "notice-published",
    ]
    assert list(audit.verify()) == []
