"""PURE: addresses of third persons as tokens, the same person always the same one (RFC 6590)."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Collection

TOKEN_BYTES = 12
HIDDEN = "hidden.invalid"
# The name of a field of a log line, before an address without brackets.
_KEY = re.compile(r"(?:ctladdr|from|to|orig_to|rcpt|recipient|sender)=(?=.)", re.IGNORECASE)
# What follows is a Message-ID, by which the mail is found, and no address.
_MESSAGE_ID = ("msgid=<", "message-id=<", "message-id: <")
# The part before the @ may carry another address (VERP); in a link the @ may be written %40.
_ADDRESS = re.compile(
    r"(?P<local>[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64})(?P<at>@|%40)"
    r"(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})",
)


class Redactor:
    """Replaces the local part of every address but those that may be seen; counts how many.

    secret    of this desk: nobody else can try addresses out against the tokens
    domains   whose addresses may be seen: ours
    seen      single addresses that may be seen: of those who sent the mail
    hidden    single addresses of which not even the domain may be seen: of reporters
    names     of people, replaced wherever they stand
    """

    def __init__(
        self,
        secret: bytes,
        *,
        domains: Collection[str] = (),
        seen: Collection[str] = (),
        hidden: Collection[str] = (),
        names: Collection[str] = (),
    ) -> None:
        self._secret = secret
        self._domains = {domain.lower() for domain in domains}
        self._seen = {address.lower() for address in seen}
        self._hidden = {address.lower() for address in hidden}
        self._names = sorted((name for name in names if len(name) >= 3), key=len, reverse=True)
        self._replaced: set[str] = set()

    @property
    def count(self) -> int:
        """How many different addresses were replaced."""
        return len(self._replaced)

    def text(self, text: str) -> str:
        """The text with tokens in it, each at its domain."""
        redacted = _ADDRESS.sub(self._token, text)
        for name in self._names:
            redacted = re.sub(re.escape(name), "[redacted]", redacted, flags=re.IGNORECASE)
        return redacted

    def _token(self, found: re.Match[str]) -> str:
        key = _KEY.match(found["local"])
        before = key.group() if key else ""
        local, domain = found["local"][len(before) :].lower(), found["domain"].lower()
        if found.string[max(0, found.start() - 13) : found.start()].lower().endswith(_MESSAGE_ID):
            return found.group()
        if domain in self._domains or f"{local}@{domain}" in self._seen:
            return found.group()
        self._replaced.add(f"{local}@{domain}")
        digest = hmac.new(self._secret, f"{local}@{domain}".encode(), hashlib.sha256).digest()
        token = b64encode(digest[:TOKEN_BYTES]).decode()
        shown = HIDDEN if f"{local}@{domain}" in self._hidden else found["domain"]
        return f"{before}{token}{found['at']}{shown}"
