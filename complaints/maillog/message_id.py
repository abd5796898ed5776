"""The normal form of a Message-ID, the same for what a log and what a complaint shows.

RFC 5322 section 3.6.4. Case is kept: some systems tell IDs apart by it.
"""

import hashlib

# sendmail logs the first 100 characters of a Message-ID, its opening bracket among them.
CUT_BY_SENDMAIL = 99


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
