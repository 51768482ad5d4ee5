"""Word vectors from the training texts themselves, for the filters to begin with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from complaint_motive.features.ngram_entries import EDGE, FIRST, UNKNOWN, Units

__all__ = ["word_vectors"]

_DIMENSIONS, _REACH, _SMOOTHING = 64, 5, 0.75
_LENGTH = 2.0
"""Of every vector: what frequent words are and what rare words are should weigh alike."""

Floats = NDArray[np.float32]


def _information(units: Units, size: int) -> sparse.csr_matrix:
    """Return how much more often than by chance two words stand near each other, where they do."""
    ids = units.ids.astype(np.int64)
    document = np.searchsorted(units.edges, np.arange(len(ids)), side="right")
    known = (ids != EDGE) & (ids != UNKNOWN)
    left, right, near = [], [], []
    for apart in range(1, _REACH + 1):
        first = np.flatnonzero((document[apart:] == document[:-apart]) & known[apart:] & known[:-apart])
        left.append(ids[first])
        right.append(ids[first + apart])
        near.append(np.full(len(first), 1 / apart))
    row, column, value = (np.concatenate(parts) for parts in (left + right, right + left, near + near))
    counts = sparse.coo_matrix(sparse.csr_matrix((value, (row, column)), shape=(size, size)))
    total = np.bincount(counts.row, counts.data, size)
    context = total**_SMOOTHING
    context *= total.sum() / max(context.sum(), 1.0)
    information = np.log(counts.data * total.sum() / (total[counts.row] * context[counts.col]))
    held = information > 0
    return sparse.csr_matrix((information[held], (counts.row[held], counts.col[held])), shape=(size, size))


def word_vectors(units: Units, n_words: int, *, random_state: int) -> Floats:
    """Return vectors of words, near each other where the words stand in like company; shape (n_words + 3, 64).

    Positive pointwise mutual information of words up to five apart, reduced by truncated singular value decomposition
    (Levy, Goldberg and Dagan 2015, "Improving distributional similarity with lessons learned from word embeddings").

    Parameters
    ----------
    units : Units
        Words of the training texts.
    n_words : int
        Words of the vocabulary.
    random_state : int
        Seed of the decomposition.
    """
    from sklearn.utils.extmath import randomized_svd

    size = n_words + FIRST
    rank = min(_DIMENSIONS, size)
    information = _information(units, size)
    if information.nnz:
        vectors = np.zeros((size, _DIMENSIONS))
        with threadpool_limits(1):
            left, strength, _ = randomized_svd(information, rank, n_iter=4, random_state=random_state)
        vectors[:, :rank] = left * np.sqrt(strength)
    else:  # texts of one word each: nothing is known of any
        vectors = np.random.default_rng(random_state).normal(size=(size, _DIMENSIONS))
    vectors *= _LENGTH / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors.astype(np.float32)
