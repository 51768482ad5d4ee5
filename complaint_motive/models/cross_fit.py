"""Fitting heads and filters on all rows, and fold by fold on the others for scores of rows that were held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.filters import FilterBank
from complaint_motive.features.ngram_entries import FIRST, Units
from complaint_motive.models.filter_training import TrainedFilters, fit_filters
from complaint_motive.models.heads import HeadTargets, fit_heads
from complaint_motive.models.word_vectors import word_vectors

__all__ = ["CrossFit", "Rows", "Settings", "cross_fit"]

_WORTH_PROCESSES = 5000
"""Rows from which filters are learned side by side."""


@dataclass(frozen=True)
class Settings:
    """How heads and filters are fitted.

    Attributes
    ----------
    c, balance : dict of str to float
        Inverse regularisation strength of each head, and how far its classes are balanced.
    n_filters, epochs, random_state : int
        As in :class:`~complaint_motive.models.classifier.MotiveClassifier`.
    """

    c: dict[str, float]
    balance: dict[str, float]
    n_filters: int
    epochs: int
    random_state: int


@dataclass(frozen=True)
class Rows:
    """Training rows.

    Attributes
    ----------
    matrix : csr_matrix, shape (n, n_features)
        n-grams, cues and shape.
    units : Units
        Words of the n texts.
    n_words : int
        Words of the vocabulary that the units are numbered by.
    targets : HeadTargets
        Labels.
    weight : mapping of str to ndarray of float64, shape (n,)
        Weight of each row, for each head.
    """

    matrix: sparse.csr_matrix
    units: Units
    n_words: int
    targets: HeadTargets
    weight: Mapping[str, NDArray[np.float64]]

    def weight_of(self, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Return the weight of some rows, for each head."""
        return {head: values[rows] for head, values in self.weight.items()}


class CrossFit(NamedTuple):
    """What was fitted on all rows, and what was held out.

    Attributes
    ----------
    coefficients : ndarray of float32, shape (n_features, 16)
        Of the heads over the matrix.
    intercepts : ndarray of float64, shape (16,)
        Of the same.
    filters : TrainedFilters
        Filters and the heads over them.
    linear, filtered : ndarray of float64, shape (n, 16)
        Scores by the matrix and by the filters of models that did not see the row's labels (vocabulary and word vectors
        come from all texts); 0 without folds.
    """

    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    filters: TrainedFilters
    linear: NDArray[np.float64]
    filtered: NDArray[np.float64]


def _filters(rows: Rows, fits: Sequence[NDArray[np.int64]], settings: Settings) -> list[TrainedFilters]:
    """Return the filters learned from each choice of rows."""
    if not settings.n_filters:
        nothing = np.zeros((0, 16), dtype=np.float32)
        return [TrainedFilters(FilterBank.empty(rows.n_words + FIRST), nothing, np.zeros(16)) for _ in fits]
    vectors = word_vectors(rows.units, rows.n_words, random_state=settings.random_state)
    tasks = [
        delayed(fit_filters)(
            rows.units.of_documents(fit),
            vectors,
            rows.targets[fit],
            rows.weight_of(fit),
            n_filters=settings.n_filters,
            epochs=settings.epochs,
            balance=settings.balance,
            random_state=settings.random_state,
        )
        for fit in fits
    ]
    return list(Parallel(n_jobs=-1 if len(rows.targets.category) >= _WORTH_PROCESSES else 1)(tasks))


def cross_fit(
    rows: Rows, splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], settings: Settings
) -> CrossFit:
    """Fit on all rows, and for each split on its first rows to score its second.

    Parameters
    ----------
    rows : Rows
        Training rows.
    splits : sequence of (ndarray, ndarray)
        Rows to learn from and rows held out, fold by fold; may be empty.
    settings : Settings
        How to fit.
    """
    fits = [np.arange(len(rows.targets.category)), *(train for train, _ in splits)]
    heads = [
        fit_heads(rows.matrix[fit], rows.targets[fit], rows.weight_of(fit), c=settings.c, balance=settings.balance)
        for fit in fits
    ]
    filters = _filters(rows, fits, settings)
    linear, filtered = np.zeros((2, len(rows.targets.category), 16))
    for (_, test), (coefficients, intercepts), trained in zip(splits, heads[1:], filters[1:], strict=True):
        linear[test] = rows.matrix[test] @ coefficients + intercepts
        filtered[test] = trained.scores(rows.units.of_documents(test))
    return CrossFit(*heads[0], filters[0], linear, filtered)
