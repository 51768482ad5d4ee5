"""Runs of equal numbers in a sorted array."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["runs"]


def runs(sorted_: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Yield (value, first, end) of each run of equal numbers.

    Examples
    --------
    >>> list(runs(np.array([3, 3, 7])))
    [(3, 0, 2), (7, 2, 3)]
    """
    cuts = np.flatnonzero(np.diff(sorted_, prepend=-1))
    bounds = [*cuts.tolist(), len(sorted_)]
    for value, (first, end) in zip(sorted_[cuts].tolist(), pairwise(bounds), strict=True):
        yield value, first, end
