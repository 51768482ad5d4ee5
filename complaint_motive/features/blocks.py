"""Blocks of features that stand side by side in one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Block", "Occurrences", "side_by_side"]


class Block(NamedTuple):
    """Some columns of the feature matrix of a batch; a row may hold a column twice.

    Attributes
    ----------
    columns : ndarray of int32, shape (n_entries,)
        Column of each entry within the block; entries stand in the order of their documents.
    values : ndarray of float32, shape (n_entries,)
        Values.
    indptr : ndarray of int64, shape (n_documents + 1,)
        Entries of document i are ``indptr[i]`` to ``indptr[i + 1]``.
    width : int
        Number of columns.
    start, end : ndarray of int64, shape (n_entries,), or None
        Range of each entry in the joined text, where it was asked for.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    indptr: NDArray[np.int64]
    width: int
    start: NDArray[np.int64] | None = None
    end: NDArray[np.int64] | None = None


class Occurrences(NamedTuple):
    """Features of a batch and where each of them stands.

    Attributes
    ----------
    matrix : csr_matrix of float32, shape (n_documents, n_features)
        Values; a feature that occurs twice in a document has two entries in its row.
    start, end : ndarray of int64, shape (matrix.nnz,), or None
        Half-open range of each entry in the joined text, where the blocks give it.
    """

    matrix: sparse.csr_matrix
    start: NDArray[np.int64] | None
    end: NDArray[np.int64] | None


def side_by_side(blocks: Sequence[Block]) -> Occurrences:
    """Return blocks of the same documents as one matrix; in each row the entries of a block keep their order.

    Notes
    -----
    ``scipy.sparse.hstack`` gives the same matrix; for one text it costs more than everything else together.
    """
    bounds = np.stack([block.indptr for block in blocks])
    counts = np.diff(bounds, axis=1)
    ends = np.cumsum(counts.T).reshape(counts.shape[::-1]).T
    shifts = ends - counts - bounds[:, :-1]
    target = np.concatenate([np.arange(n) for n in bounds[:, -1]]) + np.repeat(shifts.ravel(), counts.ravel())
    offsets = np.cumsum([0, *(block.width for block in blocks)])

    def gather(parts: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
        joined = np.concatenate(parts)
        placed = np.empty_like(joined)
        placed[target] = joined
        return placed

    columns = gather([block.columns + np.int32(at) for block, at in zip(blocks, offsets, strict=False)])
    indptr = np.concatenate([[0], ends[-1]])
    shape = (counts.shape[1], int(offsets[-1]))
    matrix = sparse.csr_matrix((gather([block.values for block in blocks]), columns, indptr), shape=shape)
    starts, ends_ = ([block[k] for block in blocks] for k in (4, 5))
    if any(start is None for start in starts):
        return Occurrences(matrix, None, None)
    return Occurrences(matrix, gather(starts), gather(ends_))
