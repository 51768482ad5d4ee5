"""Fitting the linear heads, and what follows from held-out scores: how much the filters count, and temperatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from complaint_motive.models.scorer import HEADS, sigmoid, softmax

__all__ = ["Calibration", "HeadTargets", "fit_calibration", "fit_heads"]

_UNSEEN = -30.0
"""Intercept of a class without training examples: its probability is nil, and the arithmetic stays finite."""

_TOLERANCE, _MAX_ITER = 5e-5, 600
"""scikit-learn's loss is a mean: on tens of thousands of rows 2e-4 still stops where held-out loss wobbles by 0.01."""
_SHARE = 1.0
"""What the scores of the filters count where nothing is held out to tell."""
_NEED_BALANCE = 1 / 3
"""A need is decided at probability 0.5; calibrated without it, the rare answer (no rational need) is hardly given."""
_WORTH_PROCESSES = 5000
"""Rows from which the heads are fitted side by side."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class HeadTargets:
    """What the heads learn; -1 marks a row that a head leaves out.

    Attributes
    ----------
    category, rational, emotional, intensity, cause : ndarray of int64, shape (n,)
        Class index per row, -1 where unlabelled.
    """

    category: Integers
    rational: Integers
    emotional: Integers
    intensity: Integers
    cause: Integers

    def __getitem__(self, rows: NDArray[np.bool_] | Integers) -> HeadTargets:
        return HeadTargets(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def problems(self) -> list[tuple[str, slice, Integers, int]]:
        """Return (head, output columns, target, number of classes) of every linear problem."""
        needs, steps = HEADS["needs"].start, HEADS["intensity"].start
        above = [np.where(self.intensity < 0, -1, self.intensity > k).astype(np.int64) for k in range(3)]
        return [
            ("category", HEADS["category"], self.category, 7),
            ("needs", slice(needs, needs + 1), self.rational, 2),
            ("needs", slice(needs + 1, needs + 2), self.emotional, 2),
            *(("intensity", slice(steps + k, steps + k + 1), above[k], 2) for k in range(3)),
            ("cause", HEADS["cause"], self.cause, 4),
        ]


def balanced_weights(target: Integers, weight: Floats, power: float) -> Floats:
    """Return weights times (total / class weight) ** power, with mean 1; power 1 makes all classes count the same."""
    totals = np.bincount(target, weights=weight)
    factor = (totals.sum() / np.maximum(totals, 1e-9)) ** power
    out = weight * factor[target]
    return np.asarray(out / out.mean())


def _fit_problem(
    matrix: sparse.csr_matrix, target: Integers, n_classes: int, weight: Floats, c: float
) -> tuple[NDArray[np.float64], Floats]:
    """Return coefficients (n_features, n_outputs) and intercepts of one logistic regression."""
    from sklearn.linear_model import LogisticRegression

    n_outputs = 1 if n_classes == 2 else n_classes
    coefficients = np.zeros((matrix.shape[1], n_outputs))
    present = np.unique(target)
    if len(present) < 2:
        intercepts = np.full(n_outputs, _UNSEEN)
        intercepts[present if n_outputs > 1 else [0]] = 0.0 if n_outputs > 1 else -_UNSEEN * (2 * present - 1)
        return coefficients, intercepts
    model = LogisticRegression(C=c, max_iter=_MAX_ITER, tol=_TOLERANCE).fit(matrix, target, sample_weight=weight)
    if n_outputs == 1:
        return model.coef_.T, model.intercept_
    intercepts = np.full(n_outputs, _UNSEEN)
    if len(present) == 2:
        coefficients[:, present[1]], intercepts[present] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        coefficients[:, present], intercepts[present] = model.coef_.T, model.intercept_
    return coefficients, intercepts


def fit_heads(
    matrix: sparse.csr_matrix,
    targets: HeadTargets,
    weight: Mapping[str, Floats],
    *,
    c: dict[str, float],
    balance: dict[str, float],
) -> tuple[NDArray[np.float32], Floats]:
    """Return the coefficients and intercepts of all heads.

    Parameters
    ----------
    matrix : csr_matrix, shape (n, n_features)
        Features.
    targets : HeadTargets
        Labels.
    weight : mapping of str to ndarray, shape (n,)
        Weight of each row, for each head.
    c : dict of str to float
        Inverse regularisation strength of each head.
    balance : dict of str to float
        How far classes are balanced, 0 (as they come) to 1 (all alike), for each head.

    Returns
    -------
    coefficients : ndarray of float32, shape (n_features, 16)
    intercepts : ndarray of float64, shape (16,)
    """
    coefficients = np.zeros((matrix.shape[1], 16), dtype=np.float32)
    intercepts = np.zeros(16)
    tasks, places = [], []
    for head, columns, target, n_classes in targets.problems():
        rows = np.flatnonzero((target >= 0) & (weight[head] > 0))
        if not len(rows):
            continue
        weights = balanced_weights(target[rows], weight[head][rows], balance[head])
        tasks.append(delayed(_fit_problem)(matrix[rows], target[rows], n_classes, weights, c[head]))
        places.append(columns)
    n_jobs = -1 if matrix.shape[0] >= _WORTH_PROCESSES else 1
    for columns, (part, constant) in zip(places, Parallel(n_jobs=n_jobs)(tasks), strict=True):
        coefficients[:, columns], intercepts[columns] = part, constant
    return coefficients, intercepts


def _log_loss(scores: Floats, target: Integers, weight: Floats) -> float:
    if scores.shape[1] == 1:
        p = sigmoid(scores[:, 0])
        chosen = np.where(target == 1, p, 1 - p)
    else:
        chosen = softmax(scores)[np.arange(len(target)), target]
    return float(-(weight * np.log(np.maximum(chosen, 1e-12))).sum() / weight.sum())


class Calibration(NamedTuple):
    """How scores become log-odds: ``(linear + shares * filters + shifts) / temperatures``.

    Attributes
    ----------
    shares : ndarray of float64, shape (16,)
        What the scores of the filters are multiplied by.
    shifts : ndarray of float64, shape (16,)
        Added to the scores.
    temperatures : ndarray of float64, shape (16,)
        What the sum is divided by.
    """

    shares: Floats
    shifts: Floats
    temperatures: Floats


def fit_calibration(linear: Floats, filters: Floats, targets: HeadTargets, weight: Floats) -> Calibration:
    """Return how much the filters count beside the linear features, and what makes the probabilities truest.

    Minimises the log loss of held-out rows, head by head. The shift undoes the balancing of classes, so that
    probabilities follow the frequencies of these rows (those of needs lean to the rarer answer, by a third of the way
    to classes of equal weight) while the model stays one sum.

    Parameters
    ----------
    linear, filters : ndarray, shape (n, 16)
        Scores by n-grams, cues and shape, and by filters, of models that did not see the rows.
    targets : HeadTargets
        Labels of the rows.
    weight : ndarray of float64, shape (n,)
        Weight of each row; 0 leaves a row out.
    """
    found = Calibration(np.full(16, _SHARE), np.zeros(16), np.ones(16))
    for head, columns, target, _ in targets.problems():
        rows = np.flatnonzero((target >= 0) & (weight > 0))
        if not len(rows) or len(np.unique(target[rows])) < 2:
            continue
        parts, gold, mass = (linear[rows][:, columns], filters[rows][:, columns]), target[rows], weight[rows]
        mass = balanced_weights(gold, mass, _NEED_BALANCE) if head == "needs" else mass
        width = parts[0].shape[1]

        def loss(x: Floats, parts: tuple[Floats, Floats] = parts, gold: Integers = gold, mass: Floats = mass) -> float:
            scores = (parts[0] + x[1] * parts[1] + x[2:]) * np.exp(-x[0])
            return _log_loss(scores, gold, mass) + 1e-3 * float((x[2:] ** 2).mean())

        bounds = [(-3, 3), (0, 3)] + [(-8, 8)] * width
        x = minimize(loss, [0.0, _SHARE, *np.zeros(width)], method="L-BFGS-B", bounds=bounds).x
        found.temperatures[columns] = np.exp(x[0])
        found.shares[columns] = x[1]
        found.shifts[columns] = x[2:] - (x[2:].mean() if width > 1 else 0.0)
    return found
