"""Blocks of features that stand side by side in one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.compiled import accelerated

__all__ = ["Block", "Occurrences", "interleave", "side_by_side", "split_blocks"]

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


def split_blocks(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    indptr: NDArray[np.int64],
) -> list[Block]:
    """Return blocks that were written one behind the other, one for each row of `indptr`.

    Parameters
    ----------
    columns, values, start, end : ndarray, shape (n_entries,)
        As in :class:`Block`; empty `start` and `end`: not asked for.
    indptr : ndarray of int64, shape (n_blocks, n_documents + 1)
        As in :class:`Block`.
    """
    cuts = np.cumsum(indptr[:, -1])[:-1]
    parts = [np.split(array, cuts) for array in (columns, values)]
    places = [np.split(array, cuts) if len(start) else [None] * len(indptr) for array in (start, end)]
    return [Block(*block) for block in zip(*parts, indptr, *places, strict=True)]


@accelerated
def interleave(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Return entries document by document that stand block by block.

    Parameters
    ----------
    columns, values, start, end : ndarray, shape (n_entries,)
        Entries of all blocks, those of one behind those of the other; `start` and `end` may be empty.
    bounds : ndarray of int64, shape (n_blocks, n_documents + 1)
        Entries of document i in block b are ``bounds[b, i]`` to ``bounds[b, i + 1]`` of the block.
    """
    counts = np.diff(bounds, axis=1)
    shifts = np.cumsum(counts.T).reshape(counts.T.shape).T - counts - bounds[:, :-1]
    target = np.concatenate([np.arange(n) for n in bounds[:, -1]]) + np.repeat(shifts.ravel(), counts.ravel())
    places = target[: len(start)]
    return _placed(columns, target), _placed(values, target), _placed(start, places), _placed(end, places)


def _placed(array: NDArray[_Number], target: NDArray[np.int64]) -> NDArray[_Number]:
    placed = np.empty_like(array)
    placed[target] = array
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
    nowhere = [np.zeros(0, dtype=np.int64)]
    starts = [block.start for block in blocks if block.start is not None] or nowhere
    ends = [block.end for block in blocks if block.end is not None] or nowhere
    columns, values = (np.concatenate(parts) for parts in list(zip(*blocks, strict=True))[:2])
    columns, values, start, end = interleave(columns, values, np.concatenate(starts), np.concatenate(ends), bounds)
    matrix = sparse.csr_matrix((values, columns, bounds.sum(axis=0)), shape=(bounds.shape[1] - 1, n_columns))
    placed = starts is not nowhere
    return Occurrences(matrix, start if placed else None, end if placed else None)
