"""The verdict on four real mail servers in five states each, and on a tarpit: probes and seconds.

`make bench ARGS="-k verification"` prints the table of docs/verification.md. MEYASU_BENCH_ROUNDS
asks every cell so often; a cell that is wrong once fails. Seconds are wall time of the battery, the
start of the server apart, CPU seconds are ours.
"""

import os
import time

import pytest

from incidents.verification.dialogue import Limits
from tests.incidents.verification import relays
from tests.incidents.verification.test_matrix import verdict_at

ROUNDS = int(os.environ.get("MEYASU_BENCH_ROUNDS", "1"))
LINE = "{:<11} {:<8} {:<8} {:>6} {:>8} {:>8} {:>8}"


@pytest.mark.parametrize("server", relays.SERVERS)
def test_verification_of_a_server_in_each_state(server):
    print("\n" + LINE.format("server", "state", "verdict", "probes", "rounds", "seconds", "CPU s"))
    began = time.monotonic()
    with relays.SERVERS[server]() as doors:
        started = time.monotonic() - began
        for state, due in relays.VERDICTS.items():
            _cell(server, state, doors[state], due, ROUNDS)
    print(f"{server} was started in {started:.2f} s")


def test_verification_of_a_tarpit():
    with relays.exim() as doors:
        _cell("Exim", "tarpit", doors["tarpit"], "unknown", 1, Limits(seconds=0.5))


def _cell(server, state, port, due, rounds, limits=Limits()):  # noqa: B008
    began, used = time.monotonic(), time.process_time()
    for _ in range(rounds):
        verdict, answers = verdict_at(port, limits)
        assert verdict.outcome == due, [str(reason) for reason in verdict.reasons]
    took, spent = (time.monotonic() - began) / rounds, (time.process_time() - used) / rounds
    figures = (len(answers), rounds, f"{took:.2f}", f"{spent:.2f}")
    print(LINE.format(server, state, verdict.outcome, *figures))
