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

__all__ = ["N_TAPS", "WIDTHS", "FilterBank", "Filters", "filter_responses", "response_block", "window_ranges"]

WIDTHS = (1, 2, 3)
"""Words in a window of each of the three families of filters, which are of equal number; the compiled twins are written
for these three."""
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
    """Responses of filters to documents.

    Attributes
    ----------
    values : ndarray of float32, shape (n_documents, n_filters)
        Strongest responses, 0 where a filter does not respond.
    first : ndarray of int32, shape (n_documents, n_filters)
        Unit where the strongest window begins, the first of equals; nothing in particular in documents without words.
    """

    values: NDArray[np.float32]
    first: NDArray[np.int32]


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
def filter_responses(ids: NDArray[np.uint64], edges: NDArray[np.int64], filters: Filters) -> Responses:
    """Return the responses of filters to documents.

    Parameters
    ----------
    ids : ndarray of uint64, shape (n_units,)
        Words as rows of the taps, an edge before and after each document.
    edges : ndarray of int64, shape (n_documents + 1,)
        Where the edges stand.
    filters : Filters
        The filters.
    """
    n_documents, n_filters = len(edges) - 1, len(filters.scales)
    strongest = np.full((n_documents, n_filters), NOTHING, dtype=np.int16)
    first = np.zeros((n_documents, n_filters), dtype=np.int32)
    for d in np.flatnonzero(np.diff(edges) > 1):
        rows = filters.taps[ids[edges[d] : edges[d + 1] + 1].view(np.int64)]
        strongest[d], begins = _strongest(rows, n_filters // len(WIDTHS))
        first[d] = edges[d] + begins
    responses = np.maximum(strongest.astype(np.int32) + filters.biases, 0)
    return Responses(responses.astype(np.float32) * filters.scales, first)


@accelerated
def window_ranges(
    ids: NDArray[np.uint64], places: NDArray[np.int64], word_bounds: NDArray[np.int64], responses: Responses
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the ranges of the strongest windows of all responses above 0, document by document.

    Parameters
    ----------
    ids, places : ndarray, shape (n_units,)
        As in :class:`~complaint_motive.features.ngram_entries.Units`.
    word_bounds : ndarray of int64, shape (n_words + 1,)
        Bounds of the words of the joined text.
    responses : Responses
        The responses.
    """
    row, column = np.nonzero(responses.values)
    begin = responses.first[row, column].astype(np.int64)
    last = begin + np.repeat(WIDTHS, responses.values.shape[1] // len(WIDTHS)).take(column) - 1
    begin, last = begin + (ids[begin] == EDGE), last - (ids[last] == EDGE)
    return word_bounds[places[begin]], word_bounds[places[last] + 1]


def response_block(values: NDArray[np.float32], offset: int) -> Block:
    """Return the responses above 0 as features, without places.

    Parameters
    ----------
    values : ndarray of float32, shape (n_documents, n_filters)
        Responses.
    offset : int
        Column of the first filter.
    """
    row, column = np.nonzero(values)
    indptr = np.searchsorted(row, np.arange(len(values) + 1))
    return Block((column + offset).astype(np.int32), values[row, column], indptr)


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

    def tap_responses(self, ids: NDArray[np.int64] | slice) -> NDArray[np.int16]:
        """Return the responses of all taps to some words."""
        # Products of whole numbers this small are exact in single precision, in whatever order they are summed.
        exact = self.embeddings[ids].astype(np.float32) @ self.weights.astype(np.float32)
        rounded: NDArray[np.int16] = np.clip(np.rint(exact / _SHIFT), -_LIMIT, _LIMIT).astype(np.int16)
        return rounded

    @cached_property
    def _all_taps(self) -> NDArray[np.int16]:
        return self.tap_responses(slice(None))

    def responses(self, units: Units) -> Responses:
        """Return the responses to the words of some documents."""
        if len(units.ids) >= len(self.embeddings):
            ids, taps = units.ids, self._all_taps
        else:
            # For a few words the table of all would cost more than it saves.
            present, inverse = np.unique(units.ids, return_inverse=True)
            ids, taps = inverse.astype(np.uint64), self.tap_responses(present.view(np.int64))
        return filter_responses(ids, units.edges, Filters(taps, self.biases, self.scales))

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
        responses = self.responses(units)
        block = response_block(responses.values, offset)
        if not places:
            return block
        start, end = window_ranges(units.ids, units.places, word_bounds, responses)
        return block._replace(start=start, end=end)
