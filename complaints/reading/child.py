"""The child that reads mail: raw mails on standard input, answers on standard output.

Run as `python -m complaints.reading.child`. It imports no Django, needs no network and no files,
and holds no secret; whatever a mail makes of it, the parent kills it and starts another.
"""

import contextlib
import logging
import os
import resource
import sys
from typing import BinaryIO

from complaints.evidence.files import actual_type
from complaints.evidence.language import language_of
from complaints.formats.registry import read_report
from complaints.formats.report import UnreadableReport
from complaints.reading import wire

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 5


def main() -> None:
    """Answer one mail after the other until standard input ends."""
    logging.disable(logging.CRITICAL)  # mail-parser logs whole header fields
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    _warm_up()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    answers.write(wire.READY)
    answers.flush()
    while (raw := _next_mail(requests)) is not None:
        _allow_cpu(CPU_SECONDS)
        answers.write(wire.encode(answer_to(raw)))
        answers.flush()


def answer_to(raw: bytes) -> wire.Answer:
    """Return what one mail says, or why it could not be read.

    Here and only here every exception is caught: hostile mail finds those that nobody foresaw,
    and each is told to the person who looks at the quarantined mail.
    """
    try:
        return wire.Answer(report=read_report(raw))
    except UnreadableReport as refusal:
        return wire.Answer(refusal=str(refusal))
    except MemoryError:
        return wire.Answer(defect=f"Reading it needs more than {MEMORY_BYTES >> 20} MiB of memory.")
    except Exception as defect:  # noqa: BLE001  the border of the child: told, not swallowed
        return wire.Answer(
            defect=f"Reading it failed: {type(defect).__name__}: {str(defect)[:300]}"
        )


def _warm_up() -> None:
    """Load the language model and libmagic before the limits are set and the clock runs."""
    language_of("This sentence is here to have the model loaded.")
    actual_type(b"%PDF-1.4")


def _next_mail(requests: BinaryIO) -> bytes | None:
    head = requests.read(wire.LENGTH.size)
    if len(head) < wire.LENGTH.size:
        return None
    return requests.read(wire.LENGTH.unpack(head)[0])


def _allow_cpu(seconds: int) -> None:
    """Move the soft limit: the next mail may use this much CPU, then SIGXCPU ends the child."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # the parent went away
        main()
    os._exit(0)
