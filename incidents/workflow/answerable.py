"""PURE: whom we may answer without starting a loop or bothering a machine.

Source: RFC 3834, section 2; RFC 5965 for feedback reports, which no person reads answers to.
"""

import re

from complaints.formats.head import Head

_ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()@]{1,255}")

# Formats that only programs write.
BY_MACHINES = frozenset(
    {"arf", "arf-auth-failure", "xarf", "dmarc-aggregate", "tls-rpt", "bounce", "auto-reply"}
)
NOBODY = frozenset(
    {"mailer-daemon", "noreply", "no-reply", "donotreply", "do-not-reply", "nobody", "bounce"}
)
PREFIXES = ("owner-", "bounce-", "bounces-", "noreply-", "no-reply-")
SUFFIXES = ("-request", "-owner", "-bounces", "-noreply", "-no-reply")


# Formats in which a person writes, for whom a word is meant.
BY_PEOPLE = frozenset({"attached", "inline", "pasted-headers", "plain", "csirt"})
LIST_FIELDS = ("list-id", "list-post", "list-unsubscribe", "list-help", "mailing-list", "x-loop")
NOT_ALONE = ("list", "bulk", "junk", "auto_reply")
ASKS_FOR_NONE = ("all", "autoreply", "oof", "dr")


def why_no_acknowledgement(
    head: Head,
    *,
    sender: str,
    return_path: str,
    complaint_format: str,
    ours: frozenset[str],
) -> str:
    """Why a mail gets no automatic word, "" if it may (RFC 3834, section 2).

    head         its header section
    return_path  its envelope sender, "<>" for the null sender, "" where it is not known
    ours         our own addresses, in lower case
    """
    if complaint_format not in BY_PEOPLE:
        return f"no person writes in the format “{complaint_format}”"
    if return_path == "<>":
        return "its envelope sender is empty: a machine sent it"
    if said := _head_says(head):
        return said
    for address in {sender, return_path.strip("<>") or sender}:
        if not is_answerable(address, ours=ours):
            return "nobody reads answers at its sender's address, or it is ours"
    if ours.isdisjoint(_named(head)):
        return "none of our addresses is named in its To or Cc"
    return ""


def _head_says(head: Head) -> str:
    """What in a header section says that no person waits for an answer, "" for nothing."""
    asked = head.first("x-auto-response-suppress").lower().split(",")
    signs = {
        "a field of it says that a program sent it": any(
            head.first(name).partition(";")[0].strip().lower() not in ("", "no")
            for name in ("auto-submitted", "x-autoreply", "x-autorespond")
        ),
        "it came through a mailing list, or from a program of a desk": any(
            name in head.fields for name in LIST_FIELDS
        ),
        "its field Precedence says that it is one of many": (
            head.first("precedence").strip().lower() in NOT_ALONE
        ),
        "its sender asks for no automatic answers": any(
            word.strip() in ASKS_FOR_NONE for word in asked
        ),
        "it is a report of a program": (
            head.first("content-type").strip().lower().startswith("multipart/report")
        ),
    }
    return next((words for words, holds in signs.items() if holds), "")


def _named(head: Head) -> set[str]:
    """The addresses in To and Cc, in lower case."""
    in_copy = [address for value in head.all("cc") for address in _ADDRESS.findall(value[:8192])]
    return {address.lower() for address in [*(one for _, one in head.to), *in_copy]}


def is_answerable(
    address: str, *, ours: frozenset[str], complaint_format: str = "", is_automatic: bool = False
) -> bool:
    """Whether a person is likely to read an answer at this address.

    ours              our own addresses, in lower case: a desk that answers itself never stops
    complaint_format  the format of the complaint
    is_automatic      the mail said of itself that a program sent it
    """
    local, at, domain = address.strip().lower().rpartition("@")
    if not (local and at and domain) or is_automatic or complaint_format in BY_MACHINES:
        return False
    if f"{local}@{domain}" in ours or local in NOBODY:
        return False
    return not local.startswith(PREFIXES) and not local.endswith(SUFFIXES)
