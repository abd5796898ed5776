"""What a mailbox is signed in with: its password, or an access token that is fetched anew in time.

XOAUTH2 as Google and Microsoft document it; the refresh grant is RFC 6749, section 6. A token
server is asked over HTTPS alone, and only one that is known or that the owner has named.
"""

import http.client
import json
import ssl
import threading
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from complaints import secrets
from complaints.intake.trouble import Kind, MailboxTrouble
from complaints.models import Mailbox

TOKEN_SECONDS = 20.0
MOST_ANSWER = 64 * 1024
# A token is not used in its last minutes: a session outlives its sign-in.
SPARE_SECONDS = 300.0
MICROSOFT_SCOPE = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"
REFUSALS = {
    "invalid_grant": "the refresh token is no longer valid: sign in again and enter the new one",
    "invalid_client": "the client ID or client secret is not known there",
    "unauthorized_client": "this client may not read mail: allow it IMAP access there",
}

_tokens: dict[int, tuple[bytes, str, float]] = {}
_lock = threading.Lock()


def secret_of(mailbox: Mailbox) -> str:
    """The password or access token to sign in with.

    raises   complaints.secrets.NoPassword, MailboxTrouble
    """
    if mailbox.sign_in == Mailbox.SignIn.PASSWORD:
        return secrets.password_of(mailbox)
    with _lock:
        kept = _tokens.get(mailbox.pk)
    if kept and kept[0] == bytes(mailbox.oauth_refresh_encrypted) and monotonic() < kept[2]:
        return kept[1]
    return _refreshed(mailbox)


def forget(mailbox: Mailbox) -> None:
    """Fetch another access token next time: the server did not take this one."""
    with _lock:
        _tokens.pop(mailbox.pk, None)


def token_url(mailbox: Mailbox) -> str:
    """Where access tokens of this mailbox come from.

    raises   MailboxTrouble if it is no HTTPS address of a host that is known or named
    """
    match mailbox.sign_in:
        case Mailbox.SignIn.GOOGLE:
            return "https://oauth2.googleapis.com/token"
        case Mailbox.SignIn.MICROSOFT:
            tenant = quote(mailbox.oauth_tenant or "organizations", safe="")
            return f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    try:
        parts = urlsplit(mailbox.oauth_token_url)
        named = parts.scheme == "https" and not parts.username and parts.port != 0
    except ValueError:
        named = False
    if not named or parts.hostname not in settings.MEYASU_TOKEN_HOSTS:
        raise MailboxTrouble(
            f"{mailbox.name}: the token server must have an https:// address on a host that "
            "MEYASU_TOKEN_HOSTS names.",
            Kind.TOKEN,
        )
    return mailbox.oauth_token_url


def _refreshed(mailbox: Mailbox) -> str:
    client_secret, refresh_token = secrets.oauth_secrets_of(mailbox)
    grant = {
        "grant_type": "refresh_token",
        "client_id": mailbox.oauth_client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
        "scope": MICROSOFT_SCOPE if mailbox.sign_in == Mailbox.SignIn.MICROSOFT else "",
    }
    answer = _ask(mailbox, {name: value for name, value in grant.items() if value})
    token, lasts = answer.get("access_token"), answer.get("expires_in", 3600)
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise MailboxTrouble(f"{mailbox.name}: the token server sent no access token.", Kind.TOKEN)
    _keep_rotated(mailbox, answer.get("refresh_token"))
    seconds = float(lasts) if isinstance(lasts, int | float) else 3600.0
    with _lock:
        kept_until = monotonic() + max(seconds - SPARE_SECONDS, 0.0)
        _tokens[mailbox.pk] = (bytes(mailbox.oauth_refresh_encrypted), token, kept_until)
    return token


def _keep_rotated(mailbox: Mailbox, refresh_token: object) -> None:
    """Microsoft gives a new refresh token with each access token; the old one ends some day."""
    if not isinstance(refresh_token, str) or not refresh_token:
        return
    used = bytes(mailbox.oauth_refresh_encrypted)
    secrets.set_oauth_secrets(mailbox, refresh_token=refresh_token)
    # Unless a person has entered another one meanwhile.
    Mailbox.objects.filter(pk=mailbox.pk, oauth_refresh_encrypted=used).update(
        oauth_refresh_encrypted=mailbox.oauth_refresh_encrypted
    )


def _ask(mailbox: Mailbox, grant: dict[str, str]) -> dict[str, Any]:
    """Post the grant; redirects are not followed, and no more is read than a token needs."""
    parts = urlsplit(token_url(mailbox))
    context = ssl.create_default_context()
    server = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=TOKEN_SECONDS, context=context
    )
    watch = threading.Timer(TOKEN_SECONDS, server.close)
    watch.daemon = True
    watch.start()
    try:
        server.request(
            "POST",
            parts.path or "/",
            urlencode(grant),
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        )
        answer = server.getresponse()
        status, body = answer.status, answer.read(MOST_ANSWER)
        said = json.loads(body)
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as fault:
        raise MailboxTrouble(
            f"{mailbox.name}: {parts.hostname} gives no access token: {fault}", Kind.TOKEN
        ) from fault
    finally:
        watch.cancel()
        server.close()
    if status != http.client.OK or not isinstance(said, dict):
        raise MailboxTrouble(_refusal(mailbox, parts.hostname or "", status, said), Kind.TOKEN)
    return said


def _refusal(mailbox: Mailbox, host: str, status: int, said: object) -> str:
    error = str(said.get("error", ""))[:50] if isinstance(said, dict) else ""
    why = REFUSALS.get(error, f"it answers {status} {error}".strip())
    return f"{mailbox.name}: {host} gives no access token: {why}."
