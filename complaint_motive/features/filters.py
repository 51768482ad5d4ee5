"""Convolution filters over words with max-over-time pooling: the strongest response of each filter in a text.

In a sum over n-grams many neutral words outweigh the one remark that decides. A filter responds to windows of one to
three words and only its strongest window counts, so a decisive remark weighs as much in a long text as in a short one,
and the window is the place of the contribution (Kim 2014, "Convolutional neural networks for sentence classification").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.blocks import Block
from complaint_motive.features.compiled import accelerated
from complaint_motive.features.ngram_entries import EDGE, Units

__all__ = ["N_TAPS", "WIDTHS", "FilterBank", "Filters", "filter_entries"]

WIDTHS = (1, 2, 3)
"""Words in a window of each of the three families of filters, which are of equal number."""
N_TAPS = sum(WIDTHS)
"""Taps, one after the other: word 1 of width 1; words 1 and 2 of width 2; words 1, 2 and 3 of width 3."""

NOTHING = np.int16(-(1 << 15))
"""Response of a document without words."""
_SHIFT, _LIMIT = 16.0, 10_900.0
"""A tap's response is kept in 16 bits; three of at most this size still fit."""


class Filters(NamedTuple):
    """The arrays that responses are computed from.

    Attributes
    ----------
    taps : ndarray of int16, shape (n_words, 6 * n)
        Response of each tap of the n filters of each family to each word.
    biases : ndarray of int16, shape (3 * n,)
        Added to the strongest response; what is then not above 0 counts as 0.
    scales : ndarray of float32, shape (3 * n,)
        Value of one unit of response.
    """

    taps: NDArray[np.int16]
    biases: NDArray[np.int16]
    scales: NDArray[np.float32]


class Responses(NamedTuple):
    """Filters that respond, document by document.

    Attributes
    ----------
    columns : ndarray of int32, shape (n_entries,)
        Filters.
    values : ndarray of float32, shape (n_entries,)
        Responses, above 0.
    first : ndarray of int64, shape (n_entries,)
        Unit where the strongest window begins, the first of equals; empty unless asked for.
    indptr : ndarray of int64, shape (n_documents + 1,)
        Entries of document i are ``indptr[i]`` to ``indptr[i + 1]``.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    first: NDArray[np.int64]
    indptr: NDArray[np.int64]


def _strongest(rows: NDArray[np.int16], n: int) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """Return the strongest response of each filter to a document, and where its window begins."""
    strongest, first, tap = [], [], 0
    for width in WIDTHS:
        lead = int(width == 1)  # a lone edge is no window
        n_windows = len(rows) - width + 1 - 2 * lead
        response = np.zeros((n_windows, n), dtype=np.int16)
        for k in range(width):
            response += rows[lead + k : lead + k + n_windows, tap * n : (tap + 1) * n]
            tap += 1
        first.append(lead + response.argmax(axis=0))
        strongest.append(response.max(axis=0))
    return np.concatenate(strongest), np.concatenate(first)


@accelerated
def filter_entries(ids: NDArray[np.uint64], edges: NDArray[np.int64], filters: Filters, places: bool) -> Responses:
    """Return the filters that respond to each document.

    Parameters
    ----------
    ids : ndarray of uint64, shape (n_units,)
        Words as rows of the taps, an edge before and after each document.
    edges : ndarray of int64, shape (n_documents + 1,)
        Where the edges stand.
    filters : Filters
        The filters.
    places : bool
        Also return where the windows begin.
    """
    n_documents, n_filters = len(edges) - 1, len(filters.scales)
    strongest = np.full((n_documents, n_filters), NOTHING, dtype=np.int16)
    begins = np.zeros((n_documents, n_filters), dtype=np.int64)
    for d in np.flatnonzero(np.diff(edges) > 1):
        rows = filters.taps[ids[edges[d] : edges[d + 1] + 1].view(np.int64)]
        strongest[d], begins[d] = _strongest(rows, n_filters // len(WIDTHS))
    response = strongest.astype(np.int32) + filters.biases
    row, column = np.nonzero(response > 0)
    values = response[row, column].astype(np.float32) * filters.scales[column]
    first = edges[row] + begins[row, column] if places else np.zeros(0, dtype=np.int64)
    return Responses(column.astype(np.int32), values, first, np.searchsorted(row, np.arange(n_documents + 1)))


@dataclass(frozen=True, eq=False)
class FilterBank:
    """Learned filters and word vectors.

    All are whole numbers of few bits: their sums are exact, so a response depends neither on the batch nor on the
    order in which a machine adds.

    Attributes
    ----------
    embeddings : ndarray of int8, shape (n_words + 3, n_dimensions)
        Vector of each id of a word: unknown, blank, edge, then the words of the vocabulary of the whole text.
    weights : ndarray of int8, shape (n_dimensions, 6 * n)
        Taps of the n filters of each family, see :data:`N_TAPS`.
    biases, scales
        As in :class:`Filters`.
    """

    embeddings: NDArray[np.int8]
    weights: NDArray[np.int8]
    biases: NDArray[np.int16]
    scales: NDArray[np.float32]

    @classmethod
    def empty(cls, n_ids: int) -> FilterBank:
        """Return a bank without filters, for so many ids of words."""
        nothing = np.zeros(0, dtype=np.int16)
        vectors = np.zeros((n_ids, 1), dtype=np.int8)
        return cls(vectors, np.zeros((1, 0), dtype=np.int8), nothing, nothing.astype(np.float32))

    def __len__(self) -> int:
        return len(self.scales)

    def taps(self, ids: NDArray[np.int64] | slice) -> NDArray[np.int16]:
        """Return the responses of all taps to some words."""
        # Products of whole numbers this small are exact in single precision, in whatever order they are summed.
        exact = self.embeddings[ids].astype(np.float32) @ self.weights.astype(np.float32)
        rounded: NDArray[np.int16] = np.clip(np.rint(exact / _SHIFT), -_LIMIT, _LIMIT).astype(np.int16)
        return rounded

    @cached_property
    def _all_taps(self) -> NDArray[np.int16]:
        return self.taps(slice(None))

    def block(self, units: Units, word_bounds: NDArray[np.int64], offset: int = 0, *, places: bool = False) -> Block:
        """Return the responses as features.

        Parameters
        ----------
        units : Units
            Words of the documents.
        word_bounds : ndarray of int64, shape (n_words + 1,)
            Bounds of the words of the joined text.
        offset : int, default 0
            Column of the first filter.
        places : bool, default False
            Also return the range of each window.
        """
        ids, taps = units.ids, self._all_taps if len(units.ids) >= len(self.embeddings) else None
        if taps is None:
            # For a few words the table of all would cost more than it saves.
            present, inverse = np.unique(ids, return_inverse=True)
            ids, taps = inverse.astype(np.uint64), self.taps(present.view(np.int64))
        found = filter_entries(ids, units.edges, Filters(taps, self.biases, self.scales), places)
        columns = found.columns + np.int32(offset)
        if not places:
            return Block(columns, found.values, found.indptr)
        width = np.repeat(WIDTHS, len(self) // len(WIDTHS)).take(found.columns)
        begin, last = found.first, found.first + width - 1
        begin, last = begin + (units.ids[begin] == EDGE), last - (units.ids[last] == EDGE)
        start, end = word_bounds[units.places[begin]], word_bounds[units.places[last] + 1]
        return Block(columns, found.values, found.indptr, start, end)
