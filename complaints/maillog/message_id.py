"""The normal form of a Message-ID, the same for what a log and what a complaint shows.

RFC 5322 section 3.6.4. Case is kept: some systems tell IDs apart by it.
"""

import hashlib
import re

# sendmail logs the first 100 characters of a Message-ID, its opening bracket among them.
CUT_BY_SENDMAIL = 99

# Who gives a mail without an ID one writes the queue ID into it: sendmail and Postfix behind the
# time, Exim behind an E.
_MADE_BY_HOST = re.compile(
    r"(?:\d{12,14}\.(?P<id>[0-9A-Za-z]{8,20})|E(?P<exim>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-"
    r"[0-9A-Za-z]{2,4}))@(?P<host>[A-Za-z0-9.-]{1,255})$"
)


def normal_form(message_id: str) -> str:
    """Without angle brackets and surrounding blanks; empty for none."""
    text = message_id.strip()
    if "<" in text:
        text = text[text.index("<") + 1 :]
    return text.split(">", 1)[0].strip()


def queue_id_in(message_id: str) -> tuple[str, str]:
    """Return the queue ID in a Message-ID that a mail host made, and that host; else ("", "")."""
    hit = _MADE_BY_HOST.match(normal_form(message_id))
    return (hit["id"] or hit["exim"], hit["host"].lower()) if hit else ("", "")


def digest(message_id: str) -> str:
    """SHA-256 of the normal form, as it is indexed; empty for none."""
    return digest_of_normal(normal_form(message_id))


def digest_of_normal(normal: str) -> str:
    """SHA-256 of what is in normal form already; empty for none."""
    return hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest() if normal else ""


def logged_forms(message_id: str) -> list[str]:
    """The forms in which our logs may show this Message-ID, without brackets; empty for none.

    As it is; cut by sendmail; and where it has bytes beyond ASCII, in UTF-8 or in Latin-1,
    with each as Postfix (`?`) or as Exim and sendmail (`\\357`) write it.
    """
    normal = normal_form(message_id)
    forms = [normal]
    for charset in () if normal.isascii() else ("utf-8", "latin-1"):
        octets = normal.encode(charset, "replace")
        forms.append("".join(chr(byte) if byte < 128 else "?" for byte in octets))
        forms.append("".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in octets))
    forms += [form[:CUT_BY_SENDMAIL] for form in forms if len(form) > CUT_BY_SENDMAIL]
    return [form for form in dict.fromkeys(forms) if form]


def digests(message_id: str) -> list[str]:
    """SHA-256 of each of its `logged_forms`, as they are indexed."""
    return [digest_of_normal(form) for form in logged_forms(message_id)]
