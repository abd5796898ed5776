"""Where a field of a log line ends, when its value is written by a stranger.

An address may hold anything between double quotes (RFC 5321 section 4.1.2), also what looks
like the fields after it: `to=<"x, relay=[127.0.0.1]"@far.example>, relay=...`.
"""


def cut(text: str, mark: str) -> tuple[str, str]:
    """What stands before and after the first `mark` outside double quotes; (text, "") without."""
    if '"' not in text:
        before, _, after = text.partition(mark)
        return before, after
    at = text.find(mark)
    while at >= 0:
        if not _inside_quotes(text, at):
            return text[:at], text[at + len(mark) :]
        at = text.find(mark, at + 1)
    return text, ""


def split(text: str, mark: str) -> list[str]:
    """The parts between the marks outside double quotes, empty ones left out."""
    if '"' not in text:
        return [part for part in text.split(mark) if part]
    parts = []
    while text:
        part, text = cut(text, mark)
        if part:
            parts.append(part)
    return parts


def _inside_quotes(text: str, at: int) -> bool:
    before = text[:at].replace("\\\\", "").replace('\\"', "")
    return before.count('"') % 2 == 1
