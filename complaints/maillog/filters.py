"""A line of a content filter to a LogEntry, or None: rspamd, amavis, milters that name a subject.

Such lines belong to the message whose queue ID they name. They tell a subject, a Message-ID
and a score; the score is read by people, in the line itself. Sources: rspamd "log_format",
amavisd "log_templ", clamav-milter(8), opendkim(8).
"""

from complaints.maillog import quoting
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.fields import printed

NAME = "filters"
QUEUE_ID_LENGTHS = range(5, 26)
RSPAMD, AMAVIS, CLAMAV, MAILSCANNER = "rspamd", "amavis", "clamav-milter", "MailScanner"
# Milters and policy services whose lines tell nothing that the mail server does not log too.
OTHERS = (
    "milter-greylist", "mimedefang", "opendkim", "opendmarc", "openarc", "policyd-spf", "postgrey",
    "spamass-milter", "spamd", "spf-milter", "dkimpy-milter", "pyspf-milter", "policyd-weight",
)  # fmt: skip
TASK = "rspamd_task_write_log: "


def recognises(stamped: Stamped) -> bool:
    """Whether a filter may have written the line: by its tag."""
    return _program(stamped).startswith((RSPAMD, AMAVIS, CLAMAV, MAILSCANNER, *OTHERS))


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    program = _program(stamped)
    if program.startswith(RSPAMD):
        told = _rspamd(stamped.text)
    elif program.startswith(AMAVIS):
        told = _amavis(stamped.text)
    elif program.startswith(CLAMAV):
        told = _clamav(stamped.text)
    elif program.startswith(MAILSCANNER):
        told = _mailscanner(stamped.text)
    else:
        told = None
    if told is None or not _is_queue_id(told[0]):
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    return LogEntry(stamped.at, told[0], Event.FILTERED, told[1], line)


def _program(stamped: Stamped) -> str:
    return stamped.program.rpartition("/")[2]


def _rspamd(text: str) -> tuple[str, dict[str, str]] | None:
    """`id: <message-id>, qid: <queue ID>, ip: , user: , from: <>, (default: F (…): [3/15] …`.

    Message-ID and sender are a stranger's: a line that seems to name two queue IDs says nothing.
    """
    _, is_result, told = text.partition(TASK)
    before, named, rest = told.partition(", qid: <")
    if not (is_result and named) or "qid: <" in rest:
        return None
    facts = {"message_id": before.removeprefix("id: ")}
    _, has_subject, subject = rest.rpartition("subject: <")
    if has_subject:
        facts["subject"] = subject.rpartition(">")[0]
    return rest.partition(">")[0], facts


def _amavis(text: str) -> tuple[str, dict[str, str]] | None:
    """`(1-2) Passed CLEAN {…}, [ip] <a> -> <b>, Queue-ID: X, Message-ID: <>, … Hits: 1, …`."""
    _, verdict, _ = text.partition(") ")
    if not verdict or not text.partition(") ")[2].startswith(("Passed ", "Blocked ")):
        return None
    _, told = quoting.cut(text, ", Queue-ID: ")
    queue_id, _, rest = told.partition(", ")
    facts = {}
    if rest.startswith("Message-ID: "):
        facts["message_id"] = rest.removeprefix("Message-ID: ").partition(", mail_id: ")[0]
    _, has_subject, subject = rest.partition(', Subject: "')
    if has_subject:
        facts["subject"] = printed(subject.partition('", ')[0])
    return queue_id, facts


def _clamav(text: str) -> tuple[str, dict[str, str]] | None:
    """`Message X from <a> to <b> with subject 'S' message-id '<M>' date '' infected by V`."""
    queue_id, _, rest = text.removeprefix("Message ").partition(" from ")
    _, has_subject, rest = rest.partition(" with subject '")
    if not has_subject:
        return None
    subject, _, rest = rest.rpartition("' message-id '")
    return queue_id, {"subject": subject, "message_id": rest.partition("' date '")[0]}


def _mailscanner(text: str) -> tuple[str, dict[str, str]] | None:
    """`Message X from ip (a@far.example) to ours.example is spam, SpamAssassin (score=9, …)`.

    It puts a part of its own, `.A1B2C`, behind the queue ID.
    """
    queue_id, is_one, _ = text.removeprefix("Message ").partition(" from ")
    return (queue_id.partition(".")[0], {}) if is_one and text.startswith("Message ") else None


def _is_queue_id(text: str) -> bool:
    bare = text.replace("-", "")
    return len(text) in QUEUE_ID_LENGTHS and bare.isascii() and bare.isalnum()
