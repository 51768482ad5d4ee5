"""The figures within groups of records: by any column, and by the length of the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from complaint_motive.models.metrics import frequent_classes, macro_f1, wilson_interval

__all__ = ["Slice", "find_slices", "length_band"]

_BANDS = (20, 60, 150, 400)
_VALUES = 30
_REST = "(other)"


@dataclass(frozen=True, slots=True)
class Slice:
    """One group of records.

    Attributes
    ----------
    column, value : str
        What the records have in common; values beyond the 30 most frequent are put together as ``(other)``.
    n : int
        Number of records.
    accuracy, accuracy_low, accuracy_high : float
        Category accuracy with its 95 % Wilson interval.
    macro_f1 : float
        Category macro-F1 over the classes with at least 8 gold records in the group, or all where none has so many.
    confidence : float
        Mean probability of the decided category; above the accuracy means too sure.
    review_share : float
        Share sent to review.
    """

    column: str
    value: str
    n: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    confidence: float
    review_share: float


def length_band(text: str) -> str:
    """Return the band of a text's length in characters.

    Examples
    --------
    >>> length_band("退款"), length_band("差" * 500)
    ('0-20', '401+')
    """
    low = 0
    for high in _BANDS:
        if len(text) <= high:
            return f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def _values(column: str, values: Sequence[str]) -> list[str]:
    """Return the groups of a column: bands of length in order, else the most frequent first."""
    if column == "length":
        bands = [length_band("x" * size) for size in (*_BANDS, _BANDS[-1] + 1)]
        return [band for band in bands if band in values]
    return [value for value, _ in Counter(values).most_common()]


def find_slices(
    groups: Mapping[str, Sequence[str]],
    gold: NDArray[np.str_],
    decided: NDArray[np.str_],
    confidence: NDArray[np.float64],
    review: NDArray[np.bool_],
) -> tuple[Slice, ...]:
    """Return the figures within groups.

    Parameters
    ----------
    groups : mapping of str to sequence of str
        Column name → the group of each of the n records.
    gold, decided, confidence, review : ndarray, shape (n,)
        Labels, probability of the decided category, whether it was sent to review.
    """
    found = []
    for column, given in groups.items():
        order = _values(column, given)
        rare = set(order[_VALUES:])
        values = np.array([_REST if value in rare else value for value in given])
        for value in [*order[:_VALUES], *([_REST] if rare else [])]:
            rows = values == value
            n, correct = int(rows.sum()), int((gold == decided)[rows].sum())
            low, high = wilson_interval(correct, n)
            f1 = macro_f1(gold[rows], decided[rows], frequent_classes(gold[rows]))
            sure, reviewed = float(confidence[rows].mean()), float(review[rows].mean())
            found.append(Slice(column, value, n, correct / n, low, high, f1, sure, reviewed))
    return tuple(found)
