"""Blocks of features that stand side by side in one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["Block", "Occurrences", "side_by_side"]

_Number = TypeVar("_Number", bound=np.generic)


class Block(NamedTuple):
    """Some features of a batch; a row may hold a column twice.

    Attributes
    ----------
    columns : ndarray of int32, shape (n_entries,)
        Column of each entry; entries stand in the order of their documents.
    values : ndarray of float32, shape (n_entries,)
        Values.
    indptr : ndarray of int64, shape (n_documents + 1,)
        Entries of document i are ``indptr[i]`` to ``indptr[i + 1]``.
    start, end : ndarray of int64, shape (n_entries,), or None
        Range of each entry in the joined text, where it was asked for.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    indptr: NDArray[np.int64]
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


def _gather(parts: Sequence[NDArray[_Number]], target: NDArray[np.int64]) -> NDArray[_Number]:
    joined = np.concatenate(parts)
    placed = np.empty_like(joined)
    placed[target] = joined
    return placed


def side_by_side(blocks: Sequence[Block], n_columns: int) -> Occurrences:
    """Return blocks of the same documents as one matrix; in each row stand the entries of the first block, and so on.

    Parameters
    ----------
    blocks : sequence of Block
        The blocks, all with or all without places.
    n_columns : int
        Columns of the matrix.

    Notes
    -----
    ``scipy.sparse.hstack`` could do it; for one text it would cost more than everything else together.
    """
    bounds = np.stack([block.indptr for block in blocks])
    counts = np.diff(bounds, axis=1)
    ends = np.cumsum(counts.T).reshape(counts.T.shape).T
    shifts = ends - counts - bounds[:, :-1]
    target = np.concatenate([np.arange(n) for n in bounds[:, -1]]) + np.repeat(shifts.ravel(), counts.ravel())
    columns = _gather([block.columns for block in blocks], target)
    values = _gather([block.values for block in blocks], target)
    indptr = np.concatenate([[0], ends[-1]])
    matrix = sparse.csr_matrix((values, columns, indptr), shape=(counts.shape[1], n_columns))
    starts = [block.start for block in blocks if block.start is not None]
    stops = [block.end for block in blocks if block.end is not None]
    if not starts:
        return Occurrences(matrix, None, None)
    return Occurrences(matrix, _gather(starts, target), _gather(stops, target))
