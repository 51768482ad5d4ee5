"""What placed features contribute to one output of each document, and the words that carry most of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.blocks import Block
from complaint_motive.features.contributions import GRAIN, LEAST, Contributions
from complaint_motive.features.kernels.lookup import compiled

__all__ = ["contributions", "heaviest_words"]

_Floats = NDArray[np.float64]
_Offsets = NDArray[np.int64]


@compiled
def _share_out(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    indptr: _Offsets,
    start: _Offsets,
    end: _Offsets,
    coefficients: _Floats,
    output: _Offsets,
    found: Contributions,
) -> None:
    unplaced, slope, begun, ended = found
    for d in range(len(output)):
        own = coefficients[output[d]]
        for k in range(indptr[d], indptr[d + 1]):
            share, low, high = np.float64(values[k]) * own[columns[k]], start[k], end[k]
            if high > low:
                share = np.rint(share / GRAIN) * GRAIN
                each = np.rint(share / (high - low) / GRAIN) * GRAIN
                slope[low] += each
                slope[high] -= each
                begun[low] += share
                ended[high] += share
            else:
                unplaced[d] += share


def contributions(
    codes: NDArray[np.uint32], blocks: Sequence[Block], coefficients: _Floats, output: _Offsets
) -> Contributions:
    """See :func:`complaint_motive.features.contributions.contributions`."""
    slope, begun, ended = np.zeros((3, len(codes) + 1))
    found = Contributions(np.zeros(len(output)), slope, begun, ended)
    for columns, values, indptr, start, end in blocks:
        if start is not None and end is not None:
            _share_out(columns, values, indptr, start, end, coefficients, output, found)
    return found


@compiled
def heaviest_words(
    begun: _Floats, ended: _Floats, words: _Offsets, word_bounds: _Offsets, cost: _Offsets, budget: _Floats
) -> _Offsets:
    """See :func:`complaint_motive.features.contributions.heaviest_words`."""
    chosen = np.zeros(len(cost), dtype=np.bool_)
    widest = np.max(np.diff(words)) if len(budget) else 0
    able, weights = np.empty(widest, dtype=np.int64), np.empty(widest)
    for d in range(len(budget)):
        some = 0
        for word in range(words[d], words[d + 1]):
            first, last = word_bounds[word], word_bounds[word + 1]
            loss = begun[last] - ended[first + 1]
            if loss > LEAST and cost[word] <= budget[d]:
                able[some], weights[some] = word, -loss / (last - first)
                some += 1
        used = 0
        for k in np.argsort(weights[:some], kind="mergesort"):
            used += cost[able[k]]
            if used > budget[d]:
                break
            chosen[able[k]] = True
    return np.flatnonzero(chosen)
