"""PURE: numbers that other ticket systems give, as they are written, so that we can repeat them.

Sources: the subjects of RT, OTRS and Zammad, osTicket, Freshdesk, Zendesk, ServiceNow, Jira and
Salesforce, and how people write "your case number is …".
"""

import re

MOST_SUBJECT, MOST_TEXT = 500, 4000
LONGEST = 80

# What stands in a subject: the whole is repeated, for their system finds it by its form.
_IN_SUBJECT = (
    re.compile(r"\[[\w.@ -]{0,40}#[\w-]{1,30}\]"),  # [example.net #12345], [#12345], [Ticket#2024…]
    re.compile(r"\[(?:ticket|case|ref(?:erence)?|id)\b[ :.#-]{1,3}[\w./-]{2,30}\]", re.I),
    re.compile(r"\[ ?ref:[\w.!:]{6,60}:ref ?\]"),
    re.compile(r"##-? ?[\w-]{2,30} ?-?##"),
    re.compile(r"\[[A-Z][A-Z0-9]{1,9}-\d{1,10}\]"),  # [ABUSE-1234]
    re.compile(r"\b(?:INC|CS|REQ|SIR)\d{6,10}\b"),
    re.compile(r"\b[A-Z]{3,10}(?:/CC)?#\d{4,12}\b"),  # JPCERT#12345678
    re.compile(r"\b(?:ticket|case)(?: (?:id|no\.?|number))? ?[:#] ?[\w-]{2,30}", re.I),
    re.compile(r"(?:受付|受理|管理|整理|問い?合わ?せ)(?:番号|No\.?)[ :：#]{0,3}[\w-]{2,30}"),
)
# What a person or a robot says in the text. The number itself has a digit.
_IN_TEXT = (
    re.compile(
        r"\b(?:your|the|our) (?:ticket|case|reference|incident|tracking|request)"
        r"(?: (?:id|no\.?|number))?(?: is|:)? {0,3}[#\[(]?([A-Z0-9][\w./-]{1,30}\d)",
        re.I,
    ),
    re.compile(
        r"\b(?:ticket|case|tracking) (?:id|no\.?|number)(?: is|:)? {0,3}[#\[(]?([\w-]{1,30}\d)",
        re.I,
    ),
    re.compile(r"\b(?:ticket|case) ?#([\w-]{1,30})", re.I),
    re.compile(r"(?:受付|受理|管理|整理)番号(?:は|[ :：])? {0,3}([\w-]{1,30}\d)"),
)
_OURS = re.compile(r"\b[CIN]-\d{4}-\d{4,6}\b")


def their_ticket(subject: str, text: str = "") -> str:
    """The number by which the writer's system knows the matter, as it is to be repeated; "".

    What bears a reference of the form of ours is none of theirs. Linear in the first characters.
    """
    for pattern in _IN_SUBJECT:
        for found in pattern.finditer(subject[:MOST_SUBJECT]):
            if _is_theirs(found.group()):
                return found.group().strip()[:LONGEST]
    for pattern in _IN_TEXT:
        for found in pattern.finditer(text[:MOST_TEXT]):
            if _is_theirs(found.group(1)):
                return f"#{found.group(1)}"[:LONGEST]
    return ""


def _is_theirs(words: str) -> bool:
    return any(character.isdigit() for character in words) and not _OURS.search(words)
