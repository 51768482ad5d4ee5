"""Segmentation: the most probable words, as jieba finds them without HMM."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.kernels.lookup import compiled, position
from complaint_motive.features.keytable import MULTIPLIER
from complaint_motive.features.word_dictionary import WordDictionary, word_dictionary

__all__ = ["word_bounds"]

_Offsets = NDArray[np.int64]


@compiled
def _pairs(codes: NDArray[np.uint32], book: WordDictionary) -> NDArray[np.int32]:
    """Return the entry that each character begins together with the next one, -1 where there is none.

    The table is larger than the caches: read ahead of the loop that branches on what stands there, it is read sooner.
    """
    table, size = book.entries, len(codes)
    pairs = np.full(size, -1, dtype=np.int32)
    keys, likely = np.empty(size, dtype=np.uint64), np.empty(size, dtype=np.int64)
    slots, heads = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.uint64)
    some, shift, square = 0, table.shift - np.uint64(1), MULTIPLIER * MULTIPLIER
    for k in range(size - 1):
        keys[some], likely[some] = np.uint64(codes[k]) * MULTIPLIER + np.uint64(codes[k + 1]) * square, k
        mark = np.int64((keys[some] * MULTIPLIER) >> shift)
        some += table.seen[mark >> 3] >> (mark & 7) & 1
    for k in range(some):
        slots[k] = np.int64((keys[k] * MULTIPLIER) >> table.shift)
        heads[k] = table.keys[slots[k]]
    for k in range(some):
        slot, found = slots[k], heads[k]
        while found != keys[k] and found != 0:
            slot = (slot + 1) & (len(table.keys) - 1)
            found = table.keys[slot]
        if found != 0:
            pairs[likely[k]] = table.positions[slot]
    return pairs


@compiled
def _best_words(
    codes: NDArray[np.uint32],
    pairs: NDArray[np.int32],
    first: int,
    stop: int,
    book: WordDictionary,
    scores: NDArray[np.float64],
    ends: _Offsets,
) -> None:
    """Write where the best word from each character on ends, in a stretch without other characters than of words."""
    scores[stop] = 0.0
    for begin in range(stop - 1, first - 1, -1):
        score, end = -np.inf, begin + 1
        total = book.single_weights[codes[begin]] + scores[begin + 1]
        if total >= score:  # not so where the weight is NaN: the character is no word
            score = total
        number, power, k = np.uint64(codes[begin]) * MULTIPLIER, MULTIPLIER, begin + 1
        grows = book.begins[codes[begin]]
        while grows and k < stop:
            power *= MULTIPLIER
            number += np.uint64(codes[k]) * power
            entry = np.int64(pairs[begin]) if k == begin + 1 else position(number, book.entries)
            grows = 0 <= entry < book.n_begun
            k += 1
            if entry >= 0:
                total = book.weights[entry] + scores[k]
                if total >= score:  # of equals the longer one
                    score, end = total, k
        scores[begin] = score if score > -np.inf else book.unknown + scores[begin + 1]
        ends[begin] = end


@compiled
def _segmented(codes: NDArray[np.uint32], book: WordDictionary) -> _Offsets:
    size = len(codes)
    bounds, count = np.zeros(size + 1, dtype=np.int64), 1
    scores, ends = np.empty(size + 1, dtype=np.float64), np.empty(size + 1, dtype=np.int64)
    pairs, at = _pairs(codes, book), 0
    while at < size:
        first = at
        while at < size and codes[at] < 0x10000 and book.kinds[codes[at]]:
            at += 1
        _best_words(codes, pairs, first, at, book, scores, ends)
        while first < at:
            end = ends[first]
            if end == first + 1 and book.kinds[codes[first]] == 2:
                while end < at and ends[end] == end + 1 and book.kinds[codes[end]] == 2:
                    end += 1
            bounds[count] = first = end
            count += 1
        if at < size:
            at += 1
            bounds[count] = at
            count += 1
    return bounds[:count]


def word_bounds(codes: NDArray[np.uint32]) -> _Offsets:
    """See :func:`complaint_motive.features.tokenizer.word_bounds`."""
    return _segmented(codes, word_dictionary())
