"""Figures of merit over gold and decided labels; the definitions are those of the model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MIN_SUPPORT",
    "CoveragePoint",
    "ReliabilityBin",
    "bootstrap_macro_f1",
    "calibration_error",
    "coverage_points",
    "frequent_classes",
    "macro_f1",
    "quadratic_kappa",
    "reliability_bins",
    "wilson_interval",
]

MIN_SUPPORT = 8
"""Classes with fewer gold records stay out of macro averages."""

_BINS = 15
_DRAWS = 300
_DRAWN_TOGETHER = 5_000_000

Labels = NDArray[np.str_]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Records whose confidence lies in [low, high): how many, how sure on average, how often right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """The `coverage` most confident share of the records: its lowest confidence, and its accuracy."""

    coverage: float
    n: int
    threshold: float
    accuracy: float


def frequent_classes(gold: Labels, least: int = MIN_SUPPORT) -> Labels:
    """Return the classes with at least `least` gold records, or all where none has so many."""
    names, counts = np.unique(gold, return_counts=True)
    enough = counts >= least
    return names[enough] if enough.any() else names


def macro_f1(gold: Labels | Flags, decided: Labels | Flags, labels: Sequence[str] | Labels | None = None) -> float:
    """Return the mean F1 over `labels` (all present ones by default); a class never decided counts 0."""
    from sklearn.metrics import f1_score

    return float(f1_score(gold, decided, labels=labels, average="macro", zero_division=0))


def bootstrap_macro_f1(gold: Labels, decided: Labels, labels: Labels, draws: int = _DRAWS) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the macro-F1; the same on every call.

    Parameters
    ----------
    gold, decided : ndarray of str, shape (n,)
        Labels.
    labels : ndarray of str
        Classes to average over.
    draws : int, default 300
        Resamples of the records.
    """
    # Counts per class instead of one library call per draw: the same numbers, a hundred times faster.
    random, together = np.random.default_rng(0), max(1, _DRAWN_TOGETHER // len(gold))
    counts = [(gold == label, decided == label) for label in labels]
    scores: list[float] = []
    while len(scores) < draws:
        rows = random.integers(0, len(gold), (min(together, draws - len(scores)), len(gold)))
        f1 = [
            2 * (was & said)[rows].sum(axis=1) / np.maximum(was[rows].sum(axis=1) + said[rows].sum(axis=1), 1)
            for was, said in counts
        ]
        scores += np.mean(f1, axis=0).tolist()
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def quadratic_kappa(gold: Sequence[int], decided: Sequence[int]) -> float | None:
    """Return the quadratic weighted kappa of levels 0 to 3; None where both sides hold one and the same level."""
    if len({*gold, *decided}) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(gold, decided, weights="quadratic", labels=[0, 1, 2, 3]))


def reliability_bins(confidence: Floats, correct: Flags) -> tuple[ReliabilityBin, ...]:
    """Return the filled ones of 15 equal-width bins of confidence."""
    cell = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return tuple(
        ReliabilityBin(
            float(b / _BINS),
            float((b + 1) / _BINS),
            int((cell == b).sum()),
            float(confidence[cell == b].mean()),
            float(correct[cell == b].mean()),
        )
        for b in np.unique(cell)
    )


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy over all records."""
    return sum(abs(b.accuracy - b.confidence) * b.n for b in bins) / max(sum(b.n for b in bins), 1)


def coverage_points(confidence: Floats, correct: Flags, steps: int = 20) -> tuple[CoveragePoint, ...]:
    """Return accuracy over coverage, the most confident records first, in `steps` equal steps up to all of them."""
    order = np.argsort(-confidence, kind="stable")
    right, sure = np.cumsum(correct[order]), confidence[order]
    # Integers: 0.8 * n as a float may fall just below a whole number.
    sizes = [(k / steps, len(order) * k // steps) for k in range(1, steps + 1)]
    return tuple(CoveragePoint(c, n, float(sure[n - 1]), float(right[n - 1] / n)) for c, n in sizes if n)


def wilson_interval(correct: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `correct` in `n`, sensible for small n as well.

    Examples
    --------
    >>> low, high = wilson_interval(9, 10)
    >>> round(low, 2), round(high, 2)
    (0.6, 0.98)
    """
    z = 1.959964
    share, spread = correct / n, z * z / n
    half = z * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    middle = share + spread / 2
    return float((middle - half) / (1 + spread)), float((middle + half) / (1 + spread))
