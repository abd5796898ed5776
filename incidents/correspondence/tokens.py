"""Signed tokens in our Message-IDs, by which an answer is known to answer a letter of ours."""

import hashlib
import hmac
import re
import secrets

from django.conf import settings

TOKEN = re.compile(r"<?letter\.([0-9a-f]{16})\.([0-9a-f]{24})@")


def new_token() -> str:
    """A token nobody can guess: 64 random bits and our signature over them."""
    nonce = secrets.token_hex(8)
    return f"{nonce}.{_signature(nonce)}"


def message_id(token: str, domain: str) -> str:
    """The Message-ID of the letter with this token (RFC 5322, section 3.6.4)."""
    return f"<letter.{token}@{domain}>"


def token_in(message_id: str) -> str:
    """The token in a Message-ID of ours; "" if there is none, or the signature is not ours."""
    found = TOKEN.match(message_id.strip())
    if not found:
        return ""
    nonce, signature = found.groups()
    genuine = hmac.compare_digest(signature, _signature(nonce))
    return f"{nonce}.{signature}" if genuine else ""


def _signature(nonce: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"letter " + nonce.encode(), hashlib.sha256).hexdigest()[:24]
