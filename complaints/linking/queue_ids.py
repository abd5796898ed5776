"""PURE: the forms of queue IDs, by which a forged one is told from what our servers write.

Sources: Postfix postconf(5) enable_long_queue_ids; sendmail 8 envelope.c (queue names); Exim
specification, chapter "Message identification".
"""

import string

_LONG_POSTFIX = frozenset("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")
_BASE_62 = frozenset(string.digits + string.ascii_letters)
_HEX = frozenset("0123456789ABCDEF")
_EXIM_PARTS = ((6, 6, 2), (6, 11, 4))


def fits(software: str, queue_id: str) -> bool | None:
    """Whether this software gives IDs of this form; None where its forms are not known here."""
    known = {"postfix": _is_postfix, "sendmail": _is_sendmail, "exim": _is_exim}
    test = known.get(software.lower())
    return test(queue_id) if test else None


def _is_postfix(queue_id: str) -> bool:
    """Hexadecimal digits of the microsecond and the inode, or the long form with a `z`."""
    if 5 <= len(queue_id) <= 17 and _HEX.issuperset(queue_id):
        return True
    return 10 <= len(queue_id) <= 25 and "z" in queue_id and _LONG_POSTFIX.issuperset(queue_id)


def _is_sendmail(queue_id: str) -> bool:
    """`AAA12345` until 8.9; from 8.10 eight letters or digits and the process ID."""
    letters, digits = queue_id[:3], queue_id[3:]
    if letters.isalpha() and letters.isupper() and digits.isdigit() and len(digits) in (5, 6):
        return True
    head, process = queue_id[:8], queue_id[8:]
    return len(head) == 8 and head.isalnum() and process.isdigit() and 5 <= len(process) <= 8


def _is_exim(queue_id: str) -> bool:
    parts = queue_id.split("-")
    lengths = tuple(len(part) for part in parts)
    return lengths in _EXIM_PARTS and all(_BASE_62.issuperset(part) for part in parts)
