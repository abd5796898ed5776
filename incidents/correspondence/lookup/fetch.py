"""The only file that asks over HTTP: listed hosts, few redirects, bounded size and time."""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

MOST_BYTES = 1024 * 1024
MOST_REDIRECTS = 3
LOOPBACK = ("127.0.0.1", "::1")
ACCEPT = "application/rdap+json, application/json;q=0.8"


class NotFetched(Exception):
    """There is no answer; says why."""


class NotKnown(NotFetched):
    """The registry says that it knows nothing of this (404)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A JSON answer, and the address that gave it after all redirects."""

    data: Any
    url: str


def json_at(url: str) -> Fetched:
    """What a registry answers at this address.

    raises   NotFetched for a host that is not listed, too many redirects, an answer that is no
             JSON, too large or too slow; NotKnown for a 404
    """
    deadline = time.monotonic() + settings.MEYASU_LOOKUP_TIMEOUT.total_seconds()
    for _hop in range(MOST_REDIRECTS + 1):
        _must_be_listed(url)
        response, content = _get(url, deadline)
        if not response.has_redirect_location:
            return Fetched(_json_of(response, content), url)
        url = urljoin(url, response.headers["location"])
    raise NotFetched(_("It redirected more than %(most)s times.") % {"most": MOST_REDIRECTS})


def _must_be_listed(url: str) -> None:
    """HTTPS to a host of MEYASU_RDAP_HOSTS; plain HTTP to this machine alone, if it is listed."""
    try:
        parts = urlsplit(url)
        place = parts.hostname or ""
        named = f"{place}:{parts.port}" if parts.port else place
    except ValueError:
        raise NotFetched(_("“%(url)s” is no address.") % {"url": url[:200]}) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and place in LOOPBACK)
    if not is_safe or named.lower() not in settings.MEYASU_RDAP_HOSTS or parts.username:
        raise NotFetched(_("%(host)s is not in MEYASU_RDAP_HOSTS.") % {"host": named[:200]})


def _get(url: str, deadline: float) -> tuple[httpx.Response, bytes]:
    """One answer, read no further than it may be large and no longer than it may take."""
    left = max(deadline - time.monotonic(), 0.1)
    is_local = urlsplit(url).hostname in LOOPBACK
    headers = {"Accept": ACCEPT, "Accept-Encoding": "identity", "User-Agent": "Meyasu"}
    try:
        with (
            httpx.Client(timeout=left, trust_env=not is_local, follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            content = b""
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise NotFetched(_("Its answer is larger than 1 MiB."))
                if time.monotonic() > deadline:
                    raise NotFetched(_("Its answer took too long."))
            return response, content
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = f"{type(error).__name__}: {error}"[:200]
        raise NotFetched(_("It could not be reached: %(why)s") % {"why": words}) from error


def _json_of(response: httpx.Response, content: bytes) -> Any:
    if response.status_code == httpx.codes.NOT_FOUND:
        raise NotKnown(_("The registry knows nothing of it."))
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        after = response.headers.get("retry-after", "?")[:20]
        raise NotFetched(_("The registry wants to be asked later (%(after)s).") % {"after": after})
    if response.status_code != httpx.codes.OK:
        raise NotFetched(
            _("The registry answered with %(status)s.") % {"status": response.status_code}
        )
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise NotFetched(_("Its answer is no JSON.")) from None
