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
from complaint_motive.features.ngram_entries import Lookup

__all__ = ["feature_sums"]

_Offsets = NDArray[np.int64]


@compiled
def _add_rows(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    coefficients: NDArray[np.float32],
    total: NDArray[np.float32],
) -> None:
    for k in range(len(columns)):
        value, row = values[k], coefficients[columns[k]]
        for j in range(len(total)):
            total[j] += value * row[j]


@compiled
def _add_ngrams(
    codes: NDArray[np.uint32],
    word_bounds: _Offsets,
    hashes: NDArray[np.uint64],
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
        low, high = stretches.first[d], stretches.stop[d]
        some = word_entries(hashes, low, high, lookup, columns, room)
        weigh(columns[:some], values, lookup.idf)
        values[:some] *= weight
        _add_rows(columns[:some], values, coefficients, sums[d])
        some = character_entries(codes, word_bounds[low], word_bounds[high], lookup, columns, room)
        weigh(columns[:some], values, lookup.idf)
        values[:some] *= weight
        _add_rows(columns[:some], values, coefficients, sums[d])


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
        _add_rows(columns[own], values[own], coefficients, sums[d])


@compiled
def _add_responses(
    responses: NDArray[np.float32], coefficients: NDArray[np.float32], sums: NDArray[np.float32]
) -> None:
    """Add all responses, also those of 0, which change nothing: fewer branches cost less than fewer sums."""
    for d in range(len(sums)):
        own, total = responses[d], sums[d]
        for f in range(len(own)):
            value, row = own[f], coefficients[f]
            for j in range(len(total)):
                total[j] += value * row[j]


def feature_sums(
    codes: NDArray[np.uint32],
    word_bounds: _Offsets,
    hashes: NDArray[np.uint64],
    zones: Sequence[ZoneLookup],
    others: Sequence[Block],
    responses: NDArray[np.float32],
    coefficients: NDArray[np.float32],
) -> NDArray[np.float32]:
    """See :func:`complaint_motive.features.feature_sums.feature_sums`."""
    sums = np.zeros((len(responses), coefficients.shape[1]), dtype=np.float32)
    for stretches, lookup, weight, offset in zones:
        _add_ngrams(codes, word_bounds, hashes, stretches, lookup, weight, coefficients[offset:], sums)
    for block in others:
        _add_block(block.columns, block.values, block.indptr, coefficients, sums)
    _add_responses(responses, coefficients[len(coefficients) - responses.shape[1] :], sums)
    return sums
