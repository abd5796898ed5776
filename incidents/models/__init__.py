"""The tables of what we do about it: incidents, tasks, letters, notices, verifications."""

from incidents.models.acknowledgement import Acknowledgement, Acknowledging
from incidents.models.api_token import ApiToken
from incidents.models.blocking import ListCheck, Listing, ListZone, Threat
from incidents.models.campaign import Campaign, CampaignProfile, KnownValue, Placement
from incidents.models.contact import Contact, LookUp, RegistryList
from incidents.models.correction import Correction, CorrectionBatch
from incidents.models.desk import Presence, SavedView, TriageAct
from incidents.models.enclosure import Enclosure
from incidents.models.fix import Fix
from incidents.models.incident import Incident, IncidentComplaint, IncidentKey
from incidents.models.letter import Letter, Reply, ReplyProposal
from incidents.models.letter_text import LetterText
from incidents.models.notice import Notice, NoticeVersion
from incidents.models.nudge import Nudge
from incidents.models.nudge_mail import NudgeMailing, NudgeWish
from incidents.models.playbook import PlaybookVersion
from incidents.models.probe import ProbeAnswer, ProbeRun
from incidents.models.promise import Promise
from incidents.models.reader import ReportMailing, ReportReader
from incidents.models.rollup import DayFigure, IncidentFigure, RollupState
from incidents.models.rule import Rule, RuleMark, RuleRun
from incidents.models.search import SearchDocument, SearchMark
from incidents.models.sending import LogMark, SentHour
from incidents.models.task import ChecklistLine, Task, TaskComment
from incidents.models.telling import Consent, Telling

__all__ = [
    "Acknowledgement",
    "Acknowledging",
    "ApiToken",
    "Campaign",
    "CampaignProfile",
    "ChecklistLine",
    "Consent",
    "Contact",
    "Correction",
    "CorrectionBatch",
    "DayFigure",
    "Enclosure",
    "Fix",
    "Incident",
    "IncidentComplaint",
    "IncidentFigure",
    "IncidentKey",
    "KnownValue",
    "Letter",
    "LetterText",
    "ListCheck",
    "ListZone",
    "Listing",
    "LogMark",
    "LookUp",
    "Notice",
    "NoticeVersion",
    "Nudge",
    "NudgeMailing",
    "NudgeWish",
    "Placement",
    "PlaybookVersion",
    "Presence",
    "ProbeAnswer",
    "ProbeRun",
    "Promise",
    "RegistryList",
    "Reply",
    "ReplyProposal",
    "ReportMailing",
    "ReportReader",
    "RollupState",
    "Rule",
    "RuleMark",
    "RuleRun",
    "SavedView",
    "SearchDocument",
    "SearchMark",
    "SentHour",
    "Task",
    "TaskComment",
    "Telling",
    "Threat",
    "TriageAct",
]
