"""Signed tokens in our Message-IDs and subjects, by which an answer to our letter is known."""

import hashlib
import hmac
import re
import secrets

from django.conf import settings

TAG_HINT = 6  # of the token's random digits: enough to find the letter, too few to forge it
TAG = re.compile(r"\[(I-\d{4}-\d{4,6}):([0-9a-f]{14})\]")
NUMBER = re.compile(r"\bI-\d{4}-\d{4,6}\b")
TOKEN = re.compile(r"letter\.([0-9a-f]{16})\.([0-9a-f]{24})@", re.IGNORECASE)


def new_token() -> str:
    """A token nobody can guess: 64 random bits and our signature over them."""
    nonce = secrets.token_hex(8)
    return f"{nonce}.{_signature(nonce)}"


def message_id(token: str, domain: str) -> str:
    """The Message-ID of the letter with this token (RFC 5322, section 3.6.4)."""
    return f"<letter.{token}@{domain or 'localhost'}>"


def page_token(token: str) -> str:
    """What opens the correspondent's page of the letter with this token.

    Not the token itself: that stands in the Message-ID, which travels further than the text.
    """
    nonce = token.partition(".")[0]
    return f"{nonce}.{_signature(nonce, of='page')}"


def letter_of_page(opener: str) -> str:
    """The token of the letter whose page this opens; "" if we did not make it."""
    nonce = opener.partition(".")[0]
    genuine = hmac.compare_digest(opener.encode(), page_token(nonce).encode())
    return f"{nonce}.{_signature(nonce)}" if genuine else ""


def subject_tag(reference: str, token: str) -> str:
    """What ends the subject of the letter with this token, for systems that strip our headers.

    Signed for this letter: another desk may have incidents of the same number.
    """
    return f"[{reference}:{token[:TAG_HINT]}{_signature(token, of='tag')[:8]}]"


def tokens_in(text: str) -> list[str]:
    """The genuine tokens in a text, each once, in its order; forged ones are left out."""
    found = dict.fromkeys(
        f"{nonce}.{signature}".lower() for nonce, signature in TOKEN.findall(text)
    )
    return [token for token in found if _is_genuine(token)]


def _is_genuine(token: str) -> bool:
    nonce, _, signature = token.partition(".")
    return hmac.compare_digest(signature, _signature(nonce))


def _signature(nonce: str, *, of: str = "letter") -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{of} {nonce}".encode(), hashlib.sha256).hexdigest()[:24]
