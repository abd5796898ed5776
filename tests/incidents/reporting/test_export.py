"""The export says what a complaint is about, by its own words or by the company it keeps."""

from complaints.models import Arrival
from incidents.reporting import export
from tests import make


def case_of(complaint):
    return next(one for one in export.cases() if one["complaint"] == complaint.reference)


def member(incident, campaign, category):
    complaint = make.joined(incident, category=category)
    complaint.memberships.get().campaigns.add(campaign)
    Arrival.objects.create(
        complaint=complaint,
        way="file",
        arrived_at=complaint.arrived_at,
        recorded_at=complaint.arrived_at,
    )
    return complaint


def test_a_complaint_that_hardly_tells_is_about_what_others_of_its_campaign_say(db):
    incident = make.incident()
    campaign = make.campaign(incident)
    one_line = member(incident, campaign, "spam")
    for _ in range(2):
        member(incident, campaign, "phishing")

    assert case_of(one_line)["category"] == "phishing"


def test_few_who_say_otherwise_do_not_count(db):
    incident = make.incident()
    campaign = make.campaign(incident)
    spam = [member(incident, campaign, "spam") for _ in range(3)]
    for _ in range(2):
        member(incident, campaign, "phishing")

    assert case_of(spam[0])["category"] == "spam"


def test_who_tells_by_himself_keeps_his_word(db):
    incident = make.incident()
    campaign = make.campaign(incident)
    malware = member(incident, campaign, "malware")
    for _ in range(5):
        member(incident, campaign, "phishing")

    assert case_of(malware)["category"] == "malware"
