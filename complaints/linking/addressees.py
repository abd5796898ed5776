"""PURE: to whom a message went, and to whom a complaint says that it went."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from complaints.linking.candidate import Clues, Journey
from complaints.linking.moments import Named

SHORTEST_CALLED = 6


def facts(clues: Clues, journey: Journey) -> Iterator[Named]:
    """Yield whether it went to whom the complaint names, or to who complains."""
    reached, named = journey.recipients, clues.recipients_named
    hit = next((address for address in named if address in reached), "")
    if hit:
        yield "recipient", lambda: f"delivered to {hit}, whom the complaint names"
    elif clues.token_means and clues.token_means in reached:
        yield (
            "recipient by its token",
            lambda: (
                f"delivered to {clues.token_means}, whom {clues.reporter} calls {clues.token}, "
                "as a certain link shows"
            ),
        )
    elif tagged := _tagged(named, reached):
        yield (
            "recipient apart from its tag",
            lambda: f"delivered to {tagged}; the complaint says {named[0]}",
        )
    elif clues.reporter and clues.reporter in reached:
        yield "reporter is recipient", lambda: f"delivered to {clues.reporter}, who complains"
    elif not reached:
        return
    elif called := _called(clues.text, reached):
        yield (
            "recipient called by name",
            lambda: f"its text calls {called}, to whom it was delivered",
        )
    elif named:
        yield _bydomain_of(named[0], reached)
    elif clues.reporter and _atdomain_of(domain := domain_of(clues.reporter), reached):
        yield "reporter is of a recipient's domain", lambda: f"delivered to an address at {domain}"


def _tagged(named: Sequence[str], reached: frozenset[str]) -> str:
    """A recipient that is one of those named but for a tag."""
    if not named:
        return ""
    plain = [untagged(address) for address in named]
    return min([one for one in reached if untagged(one) in plain], default="")


def _called(text: str, reached: frozenset[str]) -> str:
    """A recipient whose name before the @ stands in the text as a word of its own."""
    words = _words_of(text)
    for address in sorted(reached):
        local = untagged(address).rpartition("@")[0]
        if len(local) >= SHORTEST_CALLED and local in words:
            return address
    return ""


@lru_cache(maxsize=64)
def _words_of(text: str) -> frozenset[str]:
    """The words of a text, which is compared with each message in question."""
    return frozenset(word.strip(".,;:!?()[]<>\"'") for word in text.split())


def _bydomain_of(named: str, reached: frozenset[str]) -> Named:
    """A masked recipient (RFC 6590) keeps its domain at most."""
    domain = domain_of(named)
    if _atdomain_of(domain, reached):
        return (
            "recipient's domain",
            lambda: f"delivered to an address at {domain}, though not {named}",
        )
    return "recipient differs", lambda: f"not sent to {named}"


def _atdomain_of(domain: str, reached: Iterable[str]) -> bool:
    at = f"@{domain}"
    return any(address.endswith(at) for address in reached)


@lru_cache(maxsize=4096)
def untagged(address: str) -> str:
    """The address without a tag: `reader+shop@far.example` is `reader@far.example`."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]
