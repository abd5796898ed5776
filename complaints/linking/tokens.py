"""Recipients that a reporter writes as tokens, and who is meant by them. Source: RFC 6590.

Who redacts an address by the standard writes the same token for it each time. Where other
complaints of the same reporter show that token in messages that are certain, who is meant is the
one to whom all of those went.
"""

from collections.abc import Collection

from complaints.linking.addressees import domain_of
from complaints.linking.asking import LookUp, ask
from complaints.linking.reporters import CERTAIN_FROM
from complaints.models import Complaint, Delivery, Link, ReportedMessage

MOST_SHOWN, MOST_RECIPIENTS = 20, 400
# A word in place of every address ("redacted") names nobody; what a hash makes is not so short,
# and of letters and digits or of large and small letters within.
SHORTEST_TOKEN = 8

RECIPIENTS = LookUp(
    "SELECT shown.complaint_id, l.message_id, d.recipient "  # noqa: S608 (our own tables)
    "FROM (SELECT id, complaint_id FROM "
    f"{ReportedMessage._meta.db_table} WHERE recipient = %s AND NOT (recipient = '') "
    f"ORDER BY id DESC LIMIT {MOST_SHOWN}) AS shown "
    f"JOIN {Complaint._meta.db_table} c ON c.id = shown.complaint_id AND c.sender = %s "
    f"JOIN {Link._meta.db_table} l ON l.reported_message_id = shown.id "
    f"AND (l.state = '{Link.State.CONFIRMED}' "
    f"OR (l.state = '{Link.State.LINKED}' AND l.score >= {CERTAIN_FROM})) "
    f"JOIN {Delivery._meta.db_table} d ON d.message_id = l.message_id LIMIT {MOST_RECIPIENTS}",
    (str, str),
)

Token = tuple[str, str]  # the recipient as it is shown, and the address of who shows it


class Tokens:
    """Who is meant by the tokens of one batch, as other complaints show."""

    def __init__(self) -> None:
        """Nothing is known before `read` is told which."""
        self._went_to: dict[Token, dict[tuple[int, int], set[str]]] = {}

    def read(self, tokens: Collection[Token]) -> None:
        """Ask to whom the messages went in which certain links show these tokens: one query."""
        new = sorted(set(tokens) - self._went_to.keys())
        self._went_to.update((one, {}) for one in new)
        for values, (complaint, message, recipient) in ask(RECIPIENTS, new):
            self.learn((values[0], values[1]), complaint, message, [recipient.lower()])

    def learn(
        self, token: Token, complaint: int, message: int, recipients: Collection[str]
    ) -> None:
        """Note a certain link of a complaint that shows this token, if it is asked for."""
        if token in self._went_to:
            self._went_to[token].setdefault((complaint, message), set()).update(recipients)

    def meaning(self, token: Token, without: int) -> str:
        """Who is meant; empty where nobody or several may be.

        without  the key of a complaint that is to be told nothing by its own links
        """
        domain = domain_of(token[0]).lower()
        common: set[str] | None = None
        for (complaint, _), recipients in self._went_to.get(token, {}).items():
            if complaint != without:
                there = {one for one in recipients if domain_of(one) == domain} or recipients
                common = there if common is None else common & there
        return next(iter(common)) if common and len(common) == 1 else ""


def is_token(recipient: str) -> bool:
    """Whether an address is of the form of a token: its local part, as a hash is written."""
    local = recipient.rpartition("@")[0] or recipient
    if len(local) < SHORTEST_TOKEN or not all(one.isalnum() or one in "+/=-_" for one in local):
        return False
    inner = local[1:]
    has_digits = any(one.isdigit() for one in local) and any(one.isalpha() for one in local)
    return has_digits or (any(map(str.isupper, inner)) and any(map(str.islower, inner)))
