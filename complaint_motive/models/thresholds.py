"""Choosing the thresholds of the decision on held-out scores of training data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from complaint_motive.models.decision import DecisionRule, TextState, decide, scheming_categories
from complaint_motive.models.heads import HeadTargets
from complaint_motive.models.scorer import Probabilities

__all__ = ["choose_rule"]

_TARGET_ACCURACY = 0.96
"""Of what is not sent to review. Held-out rows share the channels of the training rows; elsewhere 0.95 is the aim."""
_MAX_REVIEW = 0.33
_SCHEMING_PRECISION = 0.92
"""Asked of held-out authors who all wrote for this project; other writers cost about a tenth of it."""
_SCHEMING_GRID = np.arange(0.4, 0.9, 0.025)
_LEAST_GOLD = 8

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def weighted_macro_f1(gold: Integers, said: Integers, weight: Floats, n_classes: int) -> float:
    """Return the mean F1 of the classes with at least eight gold rows."""
    scores = []
    for k in range(n_classes):
        is_gold, is_said = gold == k, said == k
        if is_gold.sum() < _LEAST_GOLD:
            continue
        hit = weight[is_gold & is_said].sum()
        scores.append(2 * hit / max(weight[is_gold].sum() + weight[is_said].sum(), 1e-12))
    return float(np.mean(scores)) if scores else 0.0


def quadratic_kappa(gold: Integers, said: Integers, weight: Floats, n_levels: int = 4) -> float:
    """Return Cohen's kappa with quadratic weights."""
    table = np.zeros((n_levels, n_levels))
    np.add.at(table, (gold, said), weight)
    distance = (np.arange(n_levels)[:, None] - np.arange(n_levels)) ** 2
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(1 - (distance * table).sum() / max((distance * expected).sum(), 1e-12))


def _prior_offsets(gold: Integers, weight: Floats, n_classes: int, power: float) -> tuple[float, ...]:
    mass = np.bincount(gold, weights=weight, minlength=n_classes)
    prior = np.maximum(mass / mass.sum(), 1e-3)
    return tuple((-power * np.log(prior)).tolist())


def _best(values: list[float], score: Callable[[float], float]) -> float:
    """Return the value with the highest score; of equals, the first."""
    scores = [score(value) for value in values]
    return values[int(np.argmax(scores))]


def _choose_scheming(p: Floats, gold: Integers, rule: DecisionRule) -> DecisionRule:
    """Return the lowest minimum at which the scheming categories are decided with the precision asked for."""
    columns = list(scheming_categories())
    together, is_scheming = p[:, columns].sum(axis=1), np.isin(gold, columns)
    for minimum in _SCHEMING_GRID:
        said = together >= minimum
        if said.sum() >= _LEAST_GOLD and is_scheming[said].mean() >= _SCHEMING_PRECISION:
            return replace(rule, scheming_minimum=float(minimum))
    return replace(rule, scheming_minimum=float(_SCHEMING_GRID[-1]))


def _choose_review(
    confidence: Floats, correct: Flags, always: Flags, weight: Floats, rule: DecisionRule
) -> DecisionRule:
    """Return the lowest confidence above which decisions are right often enough, within the share for review."""
    best = rule
    for threshold in np.arange(0.3, 0.96, 0.01):
        review = always | (confidence < threshold)
        if np.average(review, weights=weight) > _MAX_REVIEW:
            break
        best = replace(rule, review_confidence=float(threshold), review_margin=0.15)
        if np.average(correct[~review], weights=weight[~review]) >= _TARGET_ACCURACY:
            break
    return best


def choose_rule(
    probabilities: Probabilities,
    targets: HeadTargets,
    weight: Floats,
    *,
    state: TextState,
    safety: Flags,
    pressure: Flags,
) -> DecisionRule:
    """Return the thresholds that do best on held-out probabilities.

    Parameters
    ----------
    probabilities : Probabilities
        Calibrated probabilities of rows that their models did not see.
    targets : HeadTargets
        Labels of the rows.
    weight : ndarray of float64, shape (n,)
        Weight of each row; rows of weight 0 count for the scheming threshold only.
    state, safety, pressure
        As for :func:`~complaint_motive.models.decision.decide`.

    Notes
    -----
    One number per head is chosen (how far frequent classes are held back), not one per class: seven free offsets
    would fit the handful of rare rows.
    """
    rule = DecisionRule()
    gold = targets.category
    labelled = (gold >= 0) & (weight > 0)

    def run(candidate: DecisionRule) -> NDArray[np.int64]:
        return decide(probabilities, candidate, state=state, safety=safety, pressure=pressure).category

    rule = _choose_scheming(probabilities.category[gold >= 0], gold[gold >= 0], rule)
    powers = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]

    def with_power(power: float) -> DecisionRule:
        return replace(rule, offsets=_prior_offsets(gold[labelled], weight[labelled], 7, power))

    rule = with_power(
        _best(powers, lambda x: weighted_macro_f1(gold[labelled], run(with_power(x))[labelled], weight[labelled], 7))
    )
    rule = _choose_cause(probabilities.cause, targets.cause, weight, rule, powers)
    rule = _choose_cuts(probabilities.intensity, targets.intensity, weight, rule)
    decided = decide(probabilities, rule, state=state, safety=safety, pressure=pressure)
    p = probabilities.category[labelled]
    rows = np.arange(len(p))
    confidence = p[rows, decided.category[labelled]]
    accused = list(scheming_categories())
    close = pressure & np.isin(decided.runner_up, accused)
    always = (safety | np.isin(decided.category, accused) | close)[labelled]
    correct = decided.category[labelled] == gold[labelled]
    return _choose_review(confidence, correct, always, weight[labelled], rule)


def _choose_cause(p: Floats, gold: Integers, weight: Floats, rule: DecisionRule, powers: list[float]) -> DecisionRule:
    rows = (gold >= 0) & (weight > 0)
    if not rows.any():
        return rule
    log_p = np.log(np.maximum(p[rows], 1e-12))

    def score(power: float) -> float:
        said = (log_p + np.asarray(_prior_offsets(gold[rows], weight[rows], 4, power))).argmax(axis=1)
        return weighted_macro_f1(gold[rows], said, weight[rows], 4)

    return replace(rule, cause_offsets=_prior_offsets(gold[rows], weight[rows], 4, _best(powers, score)))


def _choose_cuts(p: Floats, gold: Integers, weight: Floats, rule: DecisionRule) -> DecisionRule:
    rows = (gold >= 0) & (weight > 0)
    if not rows.any():
        return rule
    at_least = np.cumsum(p[rows][:, ::-1], axis=1)[:, ::-1][:, 1:]
    cuts = [0.5, 0.5, 0.5]
    for _ in range(2):
        for k in range(3):

            def score(cut: float, k: int = k) -> float:
                trial = np.array([*cuts[:k], cut, *cuts[k + 1 :]])
                said = np.minimum.accumulate(at_least > trial, axis=1).sum(axis=1)
                return quadratic_kappa(gold[rows], said, weight[rows])

            cuts[k] = _best([0.5, 0.3, 0.35, 0.4, 0.45, 0.55, 0.6], score)
    return replace(rule, intensity_cuts=tuple(cuts))
