"""PURE: subjects as complaints and logs show them, folded so that they can be compared."""

from functools import lru_cache


def alike(one: str, other: str) -> float:
    """How many pairs of neighbouring characters two texts share: 1.0 for the same text."""
    pairs, others = ({text[n : n + 2] for n in range(len(text) - 1)} for text in (one, other))
    return len(pairs & others) / max(1, len(pairs | others))


@lru_cache(maxsize=4096)
def bare_subject(subject: str) -> str:
    """A folded subject without what logs put at its folds: blanks, question marks (Postfix)."""
    return "".join(char for char in fold_subject(subject) if char not in " ?")


def fold_subject(subject: str) -> str:
    """A subject without Re:, Fwd: and the like, in one case, single-spaced."""
    text = " ".join(subject.split()).lower()
    for _ in range(5):
        head, colon, rest = text.partition(":")
        if not colon or head.strip("[] ") not in {"re", "fw", "fwd", "aw", "wg", "tr", "sv"}:
            break
        text = rest.strip()
    return text
