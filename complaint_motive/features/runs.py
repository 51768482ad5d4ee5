"""Runs of equal numbers in an array."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["runs"]


def runs(numbers: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Yield (value, first, end) of each run of equal numbers, none of which is below 0.

    Examples
    --------
    >>> list(runs(np.array([3, 3, 7])))
    [(3, 0, 2), (7, 2, 3)]
    """
    cuts = np.flatnonzero(np.diff(numbers, prepend=-1))
    bounds = [*cuts.tolist(), len(numbers)]
    for value, (first, end) in zip(numbers[cuts].tolist(), pairwise(bounds), strict=True):
        yield value, first, end
