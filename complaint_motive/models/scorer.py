"""From features to calibrated probabilities: arrays only, no scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.cues import CueMatches
from complaint_motive.features.document import Documents
from complaint_motive.features.filters import FilterBank
from complaint_motive.features.matrix import FeatureMatrix, matrix_product, placed_product
from complaint_motive.features.zones import ZonedVocabulary

__all__ = ["HEADS", "Probabilities", "Scorer"]

HEADS = {"category": slice(0, 7), "needs": slice(7, 9), "intensity": slice(9, 12), "cause": slice(12, 16)}
"""Columns of each head among the 16 outputs; intensity has one output per step (above 0, above 1, above 2)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Probabilities:
    """Calibrated probabilities of a batch; columns in the order of the taxonomy.

    Attributes
    ----------
    category : ndarray of float64, shape (n, 7)
        Sums to 1 in each row.
    needs : ndarray of float64, shape (n, 2)
        Rational and emotional need, independent of each other.
    intensity : ndarray of float64, shape (n, 4)
        Levels 0 to 3; sums to 1 in each row.
    cause : ndarray of float64, shape (n, 4)
        Sums to 1 in each row.
    """

    category: Floats
    needs: Floats
    intensity: Floats
    cause: Floats

    def without_words(self, empty: NDArray[np.bool_]) -> Probabilities:
        """Return the probabilities with ``none`` certain, and every need and intensity nil, where there are no words.

        Parameters
        ----------
        empty : ndarray of bool, shape (n,)
        """
        if not empty.any():
            return self
        column = empty[:, None]
        nil = np.zeros(1)
        return Probabilities(
            category=np.where(column, np.eye(7)[6], self.category),
            needs=np.where(column, nil, self.needs),
            intensity=np.where(column, np.eye(4)[0], self.intensity),
            cause=self.cause,
        )


def softmax(scores: Floats) -> Floats:
    """Return exp(scores), each row divided by its sum."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def sigmoid(scores: Floats) -> Floats:
    """Return 1 / (1 + exp(-scores)) without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)))


def level_probabilities(steps: Floats) -> Floats:
    """Return P(level = 0, 1, 2, 3) from P(level above 0), P(above 1), P(above 2), which are made to fall.

    Parameters
    ----------
    steps : ndarray, shape (n, 3)
        Probabilities in [0, 1].

    Returns
    -------
    ndarray, shape (n, 4)
    """
    falling = np.minimum.accumulate(steps, axis=1)
    edges = np.concatenate([np.ones((len(steps), 1)), falling, np.zeros((len(steps), 1))], axis=1)
    return np.asarray(edges[:, :-1] - edges[:, 1:])


@dataclass(frozen=True, eq=False)
class Scorer:
    """The fitted state of a model: linear heads over one feature matrix.

    Attributes
    ----------
    vocabulary : ZonedVocabulary
        Known n-grams: the first features.
    cue_ids : tuple of str
        Cues behind the next ``2 * len(cue_ids)`` features (standing, negated).
    filters : FilterBank
        Filters behind the last features.
    coefficients : ndarray of float32, shape (n_features, 16)
        Log-odds per unit of a feature, columns as in :data:`HEADS`.
    intercepts : ndarray of float64, shape (16,)
        Log-odds of an empty matrix row.
    temperatures : ndarray of float64, shape (16,)
        Scores are divided by these before they become probabilities.
    """

    vocabulary: ZonedVocabulary
    cue_ids: tuple[str, ...]
    filters: FilterBank
    coefficients: NDArray[np.float32]
    intercepts: Floats
    temperatures: Floats

    @cached_property
    def contrast(self) -> tuple[Floats, Floats]:
        """Each category against the geometric mean of the others, in log-odds.

        Coefficients of shape (7, n_features) and intercepts of shape (7,).
        """
        columns = HEADS["category"]
        # Category by category: numpy sums along rows of seven slowly.
        coefficients = self.coefficients[:, columns].T.astype(np.float64, order="C")
        coefficients /= self.temperatures[columns, None]
        intercepts = self.intercepts[columns] / self.temperatures[columns]
        n = len(coefficients)
        coefficients -= coefficients.sum(axis=0) / n
        coefficients *= n / (n - 1)
        return coefficients, (intercepts - intercepts.mean()) * (n / (n - 1))

    def scores(self, matrix: sparse.csr_matrix) -> Floats:
        """Return the raw linear scores, shape (n, 16), of a feature matrix."""
        # CSR @ dense gives the same bits whatever the number of rows; dense @ dense does not.
        return np.asarray(matrix @ self.coefficients, dtype=np.float64) + self.intercepts

    def document_scores(self, documents: Documents, matches: CueMatches) -> Floats:
        """Return :meth:`scores` of a batch, whose feature matrix is not kept.

        Parameters
        ----------
        documents : Documents
            The batch.
        matches : CueMatches
            Its cue hits.
        """
        product = matrix_product(documents, self.vocabulary, self.filters, matches, self.coefficients)
        return product.astype(np.float64) + self.intercepts

    def placed_scores(self, documents: Documents, features: FeatureMatrix) -> Floats:
        """Return :meth:`scores` of a batch whose features are known."""
        return placed_product(documents, features, self.coefficients).astype(np.float64) + self.intercepts

    def probabilities(self, scores: Floats) -> Probabilities:
        """Return calibrated probabilities from raw scores.

        Parameters
        ----------
        scores : ndarray, shape (n, 16)
            As returned by :meth:`scores`.
        """
        cooled = scores / self.temperatures
        return Probabilities(
            category=softmax(cooled[:, HEADS["category"]]),
            needs=sigmoid(cooled[:, HEADS["needs"]]),
            intensity=level_probabilities(sigmoid(cooled[:, HEADS["intensity"]])),
            cause=softmax(cooled[:, HEADS["cause"]]),
        )
