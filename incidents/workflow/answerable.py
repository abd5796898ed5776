"""PURE: whom we may answer without starting a loop or bothering a machine.

Source: RFC 3834, section 2; RFC 5965 for feedback reports, which no person reads answers to.
"""

# Formats that only programs write.
BY_MACHINES = frozenset({"arf", "arf-auth-failure", "xarf", "dmarc", "bounce", "auto-reply"})
NOBODY = frozenset(
    {"mailer-daemon", "noreply", "no-reply", "donotreply", "do-not-reply", "nobody", "bounce"}
)
PREFIXES = ("owner-", "bounce-", "bounces-", "noreply-", "no-reply-")
SUFFIXES = ("-request", "-owner", "-bounces", "-noreply", "-no-reply")


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
