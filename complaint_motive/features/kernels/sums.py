"""Weighted sums over the features of each document."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.blocks import Block
from complaint_motive.features.document import Stretches
from complaint_motive.features.feature_sums import ZoneLookup
from complaint_motive.features.kernels.lookup import compiled
from complaint_motive.features.kernels.ngrams import character_entries, scratch, sizes, weigh, word_entries
from complaint_motive.features.ngram_entries import Lookup, Units

__all__ = ["feature_sums"]

_Offsets = NDArray[np.int64]


@compiled
def _add_rows(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    weight: np.float32,
    coefficients: NDArray[np.float32],
    total: NDArray[np.float32],
) -> None:
    """Add up rows in their order; four at a time, so that a total is read and written once for four of them."""
    k, size = 0, len(columns)
    while k + 4 <= size:
        a, b = values[k] * weight, values[k + 1] * weight
        c, d = values[k + 2] * weight, values[k + 3] * weight
        row_a, row_b = coefficients[np.uint32(columns[k])], coefficients[np.uint32(columns[k + 1])]
        row_c, row_d = coefficients[np.uint32(columns[k + 2])], coefficients[np.uint32(columns[k + 3])]
        for j in range(len(total)):
            total[j] = total[j] + a * row_a[j] + b * row_b[j] + c * row_c[j] + d * row_d[j]
        k += 4
    while k < size:
        value, row = values[k] * weight, coefficients[columns[k]]
        for j in range(len(total)):
            total[j] += value * row[j]
        k += 1


@compiled
def _add_ngrams(
    codes: NDArray[np.uint32],
    word_bounds: _Offsets,
    words: Units,
    stretches: Stretches,
    lookup: Lookup,
    weight: np.float32,
    coefficients: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> None:
    widest, _ = sizes(word_bounds, stretches)
    columns, values = np.empty(3 * widest, dtype=np.int32), np.empty(3 * widest, dtype=np.float32)
    room = scratch(widest)
    for d in range(len(sums)):
        if stretches.first[d] >= stretches.stop[d]:  # only edges
            continue
        some = word_entries(words, d, lookup, columns, room)
        weigh(columns[:some], values, lookup.idf)
        _add_rows(columns[:some], values, weight, coefficients, sums[d])
        low, high = word_bounds[stretches.first[d]], word_bounds[stretches.stop[d]]
        some = character_entries(codes, low, high, lookup, columns, room)
        weigh(columns[:some], values, lookup.idf)
        _add_rows(columns[:some], values, weight, coefficients, sums[d])


@compiled
def _add_block(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    indptr: _Offsets,
    coefficients: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> None:
    for d in range(len(sums)):
        own = slice(indptr[d], indptr[d + 1])
        _add_rows(columns[own], values[own], np.float32(1), coefficients, sums[d])


@compiled
def _add_responses(
    responses: NDArray[np.float32], coefficients: NDArray[np.float32], sums: NDArray[np.float32]
) -> None:
    """Add all responses, also those of 0, which change nothing: fewer branches cost less than fewer sums."""
    columns = np.arange(responses.shape[1]).astype(np.int32)
    for d in range(len(sums)):
        _add_rows(columns, responses[d], np.float32(1), coefficients, sums[d])


def feature_sums(
    codes: NDArray[np.uint32],
    word_bounds: _Offsets,
    zones: Sequence[ZoneLookup],
    others: Sequence[Block],
    responses: NDArray[np.float32],
    coefficients: NDArray[np.float32],
) -> NDArray[np.float32]:
    """See :func:`complaint_motive.features.feature_sums.feature_sums`."""
    sums = np.zeros((len(responses), coefficients.shape[1]), dtype=np.float32)
    for stretches, words, lookup, weight, offset in zones:
        _add_ngrams(codes, word_bounds, words, stretches, lookup, weight, coefficients[offset:], sums)
    for block in others:
        _add_block(block.columns, block.values, block.indptr, coefficients, sums)
    _add_responses(responses, coefficients[len(coefficients) - responses.shape[1] :], sums)
    return sums
