"""Is a page gone? A bounded look at addresses of ours alone: pinned, and led nowhere else.

The page is asked of the machine that the incident is about, whatever its name says in DNS today;
no redirect is followed off the name, no more is read than tells the page from any other.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _

from complaints import organisation
from incidents.verification import pinned, target
from incidents.verification.held import Finding, Holds
from incidents.verification.wording import Reason, gettext_noop

PORTS = (80, 443, 8080, 8443)
MOST_PAGES = 5
MOST_REDIRECTS = 2
MOST_BYTES = 64 * 1024
WITHIN_SECONDS = 10.0
GONE = (404, 410, 451)
AGENT = "Meyasu (abuse desk of this network)"


@dataclass(frozen=True, slots=True)
class Page:
    """What a machine said when it was asked for a page.

    status    of HTTP, 0 where no answer came: `words` then says why
    leads_to  where it redirects to, "" for nowhere
    is_shut   nobody listens at the port
    """

    status: int = 0
    leads_to: str = ""
    sha256: str = ""
    words: str = ""
    is_shut: bool = False

    @property
    def in_words(self) -> str:
        """The answer as one line."""
        return f"HTTP {self.status} {self.leads_to}".strip() if self.status else self.words

    def is_like(self, other: "Page", path: str, others_path: str) -> bool:
        """Whether a path nobody made up a page for gets the same answer."""
        leads_alike = self.leads_to.replace(path, "") == other.leads_to.replace(others_path, "")
        return self.status == other.status and leads_alike and self.sha256 == other.sha256


def look(address: str, urls: Iterable[str]) -> list[Finding]:
    """One finding a page, of those that may be asked for; or why none may be.

    address  the machine of ours that the incident is about: all is asked there
    urls     pages that complaints name
    """
    why_not = refusal(address)
    if why_not:
        return [_not_looked(address, why_not)]
    return [_finding(address, url) for url in list(_worth_asking(address, urls))[:MOST_PAGES]]


def refusal(address: str) -> str:
    """Why no page may be asked for at this address; "" if it may be."""
    if not settings.MEYASU_PROBE:
        return _("Probing is switched off (MEYASU_PROBE).")
    if settings.MEYASU_PROBE_LOOPBACK:
        return ""
    why_not = target.refusal(address, port=target.PORTS[0])
    if why_not:
        return why_not
    us = organisation.ourselves()
    if us.has_address(str(ip_address(address))) or us.customer_of(str(ip_address(address))):
        return ""
    return _("an address of no network of ours")


def _worth_asking(address: str, urls: Iterable[str]) -> list[str]:
    """Pages at the address or under a domain of ours; where there is none, all that are named."""
    us = organisation.ourselves()
    known = [url for url in dict.fromkeys(urls) if _may_be_asked(url)]
    ours = [
        url
        for url in known
        if (name := (urlsplit(url).hostname or "")) == address
        or any(name == domain or name.endswith(f".{domain}") for domain in us.domains)
    ]
    return ours or known


def _may_be_asked(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return False
    is_known = port in PORTS or settings.MEYASU_PROBE_LOOPBACK
    plain = url.isascii() and url.isprintable() and " " not in url and not parts.username
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_known and plain


def _finding(address: str, url: str) -> Finding:
    """Ask for the page, and for one that nobody made: a site may answer anything alike."""
    page = ask(address, url)
    values: dict[str, int | str] = {"page": url[:200], "answer": page.in_words[:200]}
    if page.is_shut or page.status in GONE:
        words = gettext_noop("%(page)s is gone: %(answer)s")
        return Finding(Holds.YES, Reason(words, values))
    if 200 <= page.status < 400:
        parts = urlsplit(url)
        nobodys = f"/meyasu-{secrets.token_hex(6)}"
        other = ask(address, f"{parts.scheme}://{parts.netloc}{nobodys}")
        if not page.is_like(other, parts.path, nobodys):
            words = gettext_noop("%(page)s is still there: %(answer)s")
            return Finding(
                Holds.NO, Reason(words, values), Reason(gettext_noop("the page taken away"))
            )
        words = gettext_noop(
            "%(page)s is answered as any page of this machine is, one that was never there too: "
            "%(answer)s"
        )
    else:
        words = gettext_noop("whether %(page)s is gone cannot be told: %(answer)s")
    return Finding(
        Holds.UNKNOWN,
        Reason(words, values),
        Reason(gettext_noop("a look at %(page)s by a person"), {"page": url[:200]}),
    )


def ask(address: str, url: str) -> Page:
    """What the machine at this address says to whoever wants this page.

    The name in the page's address is told to the machine and looked up nowhere.
    """
    where = "127.0.0.1" if settings.MEYASU_PROBE_LOOPBACK else str(ip_address(address))
    line = pinned.Line(where, seconds=WITHIN_SECONDS)
    page = Page()
    for _hop in range(MOST_REDIRECTS + 1):
        page = _get(line, url)
        further = urljoin(url, page.leads_to) if page.leads_to else ""
        if not further or further == url or not _stays(url, further):
            return page
        url = further
    return page


def _stays(url: str, further: str) -> bool:
    """Whether a redirect stays at the name that was asked for, at a port that may be asked."""
    return _may_be_asked(further) and urlsplit(further).hostname == urlsplit(url).hostname


def _get(line: pinned.Line, url: str) -> Page:
    headers = [
        ("Host", urlsplit(url).netloc),
        ("User-Agent", AGENT),
        ("Accept-Encoding", "identity"),
    ]
    try:
        with pinned.pool(line) as pool, pool.stream("GET", url, headers=headers) as response:
            return _read(response)
    except httpcore.ConnectError as error:
        return Page(words=str(error)[:200], is_shut="refused" in str(error).lower())
    except pinned.ERRORS as error:
        return Page(words=f"{type(error).__name__}: {error}".rstrip(": ")[:200])


def _read(response: httpcore.Response) -> Page:
    """Its status, and the hash of its first bytes: enough to tell it from another."""
    content = b""
    for piece in response.iter_stream():
        content += piece
        if len(content) > MOST_BYTES:
            break
    fields = {name.lower(): value.decode("ascii", "replace") for name, value in response.headers}
    leads_to = fields.get(b"location", "") if 300 <= response.status < 400 else ""
    digest = hashlib.sha256(content[:MOST_BYTES]).hexdigest()
    return Page(response.status, "".join(filter(str.isprintable, leads_to))[:500], digest)


def _not_looked(address: str, why: str) -> Finding:
    return Finding(
        Holds.UNKNOWN,
        Reason(
            gettext_noop("no page was asked for at %(address)s: %(why)s"),
            {"address": address[:100], "why": why},
        ),
        Reason(gettext_noop("a look at the page by a person")),
    )
