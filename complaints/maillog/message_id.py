"""The normal form of a Message-ID, the same for what a log and what a complaint shows.

RFC 5322 section 3.6.4. Case is kept: some systems tell IDs apart by it.
"""

import hashlib


def normal_form(message_id: str) -> str:
    """Without angle brackets and surrounding blanks; empty for none."""
    text = message_id.strip()
    if "<" in text:
        text = text[text.index("<") + 1 :]
    return text.split(">", 1)[0].strip()


def digest(message_id: str) -> str:
    """SHA-256 of the normal form, as it is indexed; empty for none."""
    return digest_of_normal(normal_form(message_id))


def digest_of_normal(normal: str) -> str:
    """SHA-256 of what is in normal form already; empty for none."""
    return hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest() if normal else ""
