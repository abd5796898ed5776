"""A simulated world whose complaints show no Message-ID of what they report.

`python -m tests.bench.without_message_ids WORLD OUT` writes it: the mails without the IDs, whatever
they are wrapped in (quoted, torn, quoted-printable, base64, base64 in base64); logs and truth as
they are. So it can be measured how linking does on the other evidence alone.
"""

import base64
import binascii
import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

REMOVED = b"removed"
# Between two characters of an ID may stand the end of a quoted-printable or of a quoted line.
TORN = rb"(?:=?\r?\n[ \t>|]*)?"
SHORTEST = 6
BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}(?:(?:\\r|\\n|\s|[>|])+[A-Za-z0-9+/]+)*={0,2}")
LABELLED = re.compile(
    rb"(?im)^([ \t>|]*(?:original-|reported-)?message-?id[ \t]*[:=][ \t]*(?:\r?\n[ \t>|]+)?)\S.*$"
)
DEEPEST = 4


def main(arguments: Sequence[str]) -> None:
    """Copy WORLD to OUT, its mails changed."""
    world, out = (Path(one) for one in arguments)
    shutil.copytree(world, out, ignore=shutil.ignore_patterns("mailbox"))
    (out / "mailbox").mkdir()
    left = 0
    with (world / "truth.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            about = json.loads(line)
            mail = (world / "mailbox" / about["file"]).read_bytes()
            if about["is_complaint"]:
                ids = ids_of(about)
                mail = without(mail, ids)
                left += any(one in mail for one in ids)
            (out / "mailbox" / about["file"]).write_bytes(mail)
    print(f"{left} mails still show an ID")


def ids_of(about: dict) -> list[bytes]:
    """The Message-IDs of what a mail reports, by the truth; never that of the mail itself."""
    told = [*about["evidence"].get("message_ids", ()), *about["tolerated"].get("message_ids", ())]
    told += [one["message_id"] for key in ("relayed", "relayed_optional") for one in about[key]]
    bare = {one.strip().strip("<>") for one in told if one}
    own = about["message_id"].strip("<>")
    return sorted(one.encode() for one in bare - {own} if len(one) >= SHORTEST)


def without(mail: bytes, ids: Sequence[bytes]) -> bytes:
    """The mail without these IDs, and without what its body calls a Message-ID."""
    end = re.search(rb"\r?\n\r?\n", mail)
    head, body = (mail[: end.start()], mail[end.start() :]) if end else (mail, b"")
    return _removed(head, ids) + LABELLED.sub(_blanked, _in_text(body, ids, 0))


def _in_text(text: bytes, ids: Sequence[bytes], depth: int) -> bytes:
    if depth < DEEPEST:
        text = BASE64.sub(lambda found: _in_base64(found[0], ids, depth), text)
    return _removed(text, ids)


def _removed(text: bytes, ids: Sequence[bytes]) -> bytes:
    for one in ids:
        letters = [re.escape(bytes([octet])) for octet in one]
        letters = [rb"(?:=|=3[Dd])" if octet == rb"=" else octet for octet in letters]
        text = re.sub(TORN.join(letters), REMOVED, text)
    return text


def _in_base64(run: bytes, ids: Sequence[bytes], depth: int) -> bytes:
    """The same run of base64 with the IDs taken out; as it is where there are none."""
    plain = re.sub(rb"\\r|\\n|[\s>|]", b"", run)
    try:
        inside = base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return run
    changed = LABELLED.sub(_blanked, _in_text(inside, ids, depth + 1))
    if changed == inside:
        return run
    again, first = base64.b64encode(changed), re.search(rb"(?:\\r|\\n|\s|[>|])+", run)
    if first is None:
        return again
    width = max(4, first.start())
    return first[0].join(again[at : at + width] for at in range(0, len(again), width))


def _blanked(found: re.Match[bytes]) -> bytes:
    return found[1] + b"<" + REMOVED + b">"


if __name__ == "__main__":
    main(sys.argv[1:])
