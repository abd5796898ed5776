"""The tables of what we do about it: incidents, tasks, letters, notices, verifications."""

from incidents.models.acknowledgement import Acknowledgement, Acknowledging
from incidents.models.api_token import ApiToken
from incidents.models.campaign import Campaign, CampaignKey, Placement
from incidents.models.correction import Correction
from incidents.models.incident import Incident, IncidentComplaint, IncidentKey
from incidents.models.letter import Contact, Letter, Reply
from incidents.models.notice import Notice, NoticeVersion
from incidents.models.probe import ProbeAnswer, ProbeRun
from incidents.models.rollup import DayFigure, IncidentFigure, RollupState
from incidents.models.task import Task

__all__ = [
    "Acknowledgement",
    "Acknowledging",
    "ApiToken",
    "Campaign",
    "CampaignKey",
    "Contact",
    "Correction",
    "DayFigure",
    "Incident",
    "IncidentComplaint",
    "IncidentFigure",
    "IncidentKey",
    "Letter",
    "Notice",
    "NoticeVersion",
    "Placement",
    "ProbeAnswer",
    "ProbeRun",
    "Reply",
    "RollupState",
    "Task",
]
