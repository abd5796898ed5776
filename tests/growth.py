"""How work grows with its input: a bound on the ratio of two sizes, never on seconds.

The two sizes are measured in turn, in processor time of this process, and the least of each counts:
another process can only add to a measurement, so that more rounds bring both nearer to the truth. A
reader that is quadratic stays above the bound however often it is tried.
"""

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Input = TypeVar("Input")

TIMES = 4
"""How much larger the large input is: linear work takes 4 times as long, quadratic 16 times."""
ALLOWED = 9.0
ROUNDS = 8
UNMEASURABLE_SECONDS = 0.02


def growth(
    make: Callable[[int], Input],
    work: Callable[[Input], object],
    *,
    small: int,
    refusals: tuple[type[Exception], ...] = (),
) -> float:
    """The ratio of the seconds for 4 times the input to those for ``small``; below 9 if linear.

    ``work`` may raise one of the ``refusals``. The garbage collector is off meanwhile: it walks
    everything that the tests before have left, which has nothing to do with the input.
    """
    inputs = make(small), make(TIMES * small)
    least = [float("inf"), float("inf")]
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for which, given in enumerate(inputs):
                began = time.process_time()
                with suppress(*refusals):
                    work(given)
                least[which] = min(least[which], time.process_time() - began)
            ratio = least[1] / max(least[0], UNMEASURABLE_SECONDS)
            if ratio < ALLOWED:
                break
            gc.collect()
    finally:
        gc.enable()
    return ratio
