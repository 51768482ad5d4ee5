"""Equal numbers in arrays: runs of them, and rows that are alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["alike", "runs"]


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


def alike(columns: Sequence[NDArray[Any]]) -> tuple[list[int], list[int]]:
    """Return a row for each combination of values that some rows share, and which combination each row has.

    Parameters
    ----------
    columns : sequence of ndarray of int64 or bool, shape (n,)
        Values from -1 on, few of each column.

    Examples
    --------
    >>> alike([np.array([5, -1, 5]), np.array([True, False, True])])
    ([1, 0], [1, 0, 1])
    """
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        number = number * (int(column.max(initial=0)) + 2) + column.astype(np.int64) + 1
    _, first, combination = np.unique(number, return_index=True, return_inverse=True)
    return first.tolist(), combination.tolist()
