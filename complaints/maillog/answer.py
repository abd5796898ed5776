"""What another server answered, as a log quotes it: its status code and its queue ID."""

# `Ok: queued as X`, `OK id=X`, `forwarded as X`.
MARKS = (" queued as ", "forwarded as ", " id=")
ENHANCED = frozenset("245")
LONGEST_ID = 100


def next_queue_id(reply: str) -> str:
    """The queue ID under which the next host took a message; empty if it named none.

    Sendmail puts it first: `2.0.0 4B1x Message accepted for delivery`.
    """
    for mark in MARKS:
        _, marked, behind = reply.rpartition(mark)
        if marked:
            return behind.partition(" ")[0].partition(";")[0].strip('<>()[]".,;')[:LONGEST_ID]
    before, marked, _ = reply.partition(" Message accepted")
    return before.rpartition(" ")[2][:LONGEST_ID] if marked else ""


def enhanced_code(reply: str) -> str:
    """The enhanced status code (RFC 3463) of a reply, the first in it; empty for none."""
    second = reply[4:9]
    usual = second[1:2] == second[3:4] == "." and reply[9:10] == " " and second[0] in ENHANCED
    if usual and second.replace(".", "").isdecimal():
        return second
    for word in reply.split(None, 40)[:40]:
        parts = word.lstrip("#").rstrip(":;,.").partition("-")[2] or word.lstrip("#").rstrip(":;,.")
        digits = parts.split(".")
        if len(digits) == 3 and digits[0] in ENHANCED and _are_numbers(digits[1:]):
            return parts
    return ""


def reply_code(reply: str) -> str:
    """The three digits (RFC 5321 section 4.2) that a text begins with; empty for none."""
    code = reply[:3]
    return code if _are_numbers([code]) and len(code) == 3 and not reply[3:4].isalnum() else ""


def _are_numbers(parts: list[str]) -> bool:
    return all(len(part) <= 3 and part.isascii() and part.isdecimal() for part in parts)
