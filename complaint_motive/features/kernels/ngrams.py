"""N-grams of a batch, looked up and weighed, and blocks of them laid side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.document import Stretches
from complaint_motive.features.kernels.lookup import compiled, position
from complaint_motive.features.keytable import MULTIPLIER, Slots
from complaint_motive.features.ngram_entries import (
    BLANK,
    CHARACTER_KINDS,
    EDGE,
    FIELD,
    TAG,
    WORD_KINDS,
    Entries,
    Lookup,
)

__all__ = ["interleave", "ngram_entries"]

_Offsets = NDArray[np.int64]
_Room = tuple[_Offsets, _Offsets, NDArray[np.uint64], _Offsets]
"""First and last unit of each entry of a document; keys of likely n-grams and where these begin."""

_BLANK, _EDGE = np.uint64(BLANK), np.uint64(EDGE)


@compiled
def _word_units(
    hashes: NDArray[np.uint64], first: int, stop: int, table: Slots, units: NDArray[np.uint64], places: _Offsets
) -> int:
    """Write the ids of some words, blanks left out and an edge on both sides, and where they stand; return how many."""
    units[0], size = _EDGE, 1
    for word in range(first, stop):
        unit = np.uint64(position(hashes[word], table) + BLANK)
        if unit != _BLANK:
            units[size], places[size] = unit, word
            size += 1
    units[size] = _EDGE
    return size + 1


@compiled
def _character_units(
    codes: NDArray[np.uint32],
    first: int,
    stop: int,
    ids: NDArray[np.uint64],
    units: NDArray[np.uint64],
    places: _Offsets,
) -> int:
    """Do the same with some characters."""
    units[0], size = _EDGE, 1
    for k in range(first, stop):
        unit = ids[min(int(codes[k]), len(ids) - 1)]
        if unit != _BLANK:
            units[size], places[size] = unit, k
            size += 1
    units[size] = _EDGE
    return size + 1


@compiled
def _append_single(
    units: NDArray[np.uint64], size: int, singles: NDArray[np.int32], columns: NDArray[np.int32], room: _Room
) -> int:
    """Write the known single units, and return how many entries there are."""
    firsts, lasts, _, _ = room
    count = 0
    for k in range(size):
        feature = singles[np.int64(units[k])]
        columns[count], firsts[count], lasts[count] = feature, k, k
        count += feature >= 0
    return count


@compiled
def _append(
    units: NDArray[np.uint64],
    size: int,
    kind: int,
    n: int,
    table: Slots,
    count: int,
    columns: NDArray[np.int32],
    room: _Room,
) -> int:
    """Append the known n-grams of two or three units, and return how many entries there are then.

    What turns out unknown is overwritten by the next: without branches the look-ups of many n-grams run side by side.
    """
    firsts, lasts, keys, likely = room
    tag, some, shift = np.uint64(kind) << np.uint64(TAG), 0, table.shift - np.uint64(1)
    for k in range(size - n + 1):
        key = tag | units[k] | (units[k + 1] << np.uint64(FIELD))
        if n == 3:
            key |= units[k + 2] << np.uint64(2 * FIELD)
        keys[some], likely[some] = key, k
        mark = np.int64((key * MULTIPLIER) >> shift)
        some += table.seen[mark >> 3] >> (mark & 7) & 1
    for k in range(some):
        key = keys[k]
        slot = np.int64((key * MULTIPLIER) >> table.shift)
        while table.keys[slot] != key and table.keys[slot] != 0:
            slot = (slot + 1) & (len(table.keys) - 1)
        columns[count], firsts[count], lasts[count] = table.positions[slot], likely[k], likely[k] + n - 1
        count += table.keys[slot] == key
    return count


@compiled
def _weigh(columns: NDArray[np.int32], values: NDArray[np.float32], lookup: Lookup) -> None:
    """Write the values of the entries that are normalised together; sums run in the order of numpy's."""
    total = 0.0
    for column in columns:
        total += lookup.squares[column]
    norm = max(np.sqrt(total), 1e-9)
    for k in range(len(columns)):
        values[k] = lookup.idf[columns[k]] / norm


@compiled
def _place(some: int, units: NDArray[np.uint64], places: _Offsets, room: _Room, start: _Offsets, end: _Offsets) -> None:
    """Write the first and last word or character of some entries, edges left out."""
    firsts, lasts, _, _ = room
    for k in range(some):
        start[k] = places[firsts[k] + (units[firsts[k]] == _EDGE)]
        end[k] = places[lasts[k] - (units[lasts[k]] == _EDGE)]


@compiled
def ngram_entries(
    codes: NDArray[np.uint32],
    word_bounds: _Offsets,
    hashes: NDArray[np.uint64],
    stretches: Stretches,
    lookup: Lookup,
    places: bool,
) -> Entries:
    """See :func:`complaint_motive.features.ngram_entries.ngram_entries`; one block."""
    first, stop = stretches.first, stretches.stop
    widest, capacity = 1, 1
    for d in range(len(first)):
        width = word_bounds[stop[d]] - word_bounds[first[d]] + 2
        widest = max(widest, width)
        capacity += 2 * (stop[d] - first[d] + 2) + 3 * width
    # pages that are never written cost nothing, so the arrays need not be shorter than they may become
    columns, values = np.empty(capacity, dtype=np.int32), np.empty(capacity, dtype=np.float32)
    start, end = np.empty(capacity, dtype=np.int64), np.empty(capacity, dtype=np.int64)
    indptr = np.zeros((1, len(first) + 1), dtype=np.int64)
    units, where = np.empty(widest, dtype=np.uint64), np.empty(widest, dtype=np.int64)
    firsts, lasts = np.empty(3 * widest, dtype=np.int64), np.empty(3 * widest, dtype=np.int64)
    room = (firsts, lasts, np.empty(widest, dtype=np.uint64), np.empty(widest, dtype=np.int64))
    count = 0
    for d in range(len(first)):
        low, high = first[d], stop[d]
        size = _word_units(hashes, low, high, lookup.words, units, where)
        some = _append_single(units, size, lookup.single_words, columns[count:], room)
        some = _append(units, size, WORD_KINDS[1], 2, lookup.ngrams, some, columns[count:], room)
        _weigh(columns[count : count + some], values[count:], lookup)
        if places:
            _place(some, units, where, room, start[count:], end[count:])
            for k in range(count, count + some):
                start[k], end[k] = word_bounds[start[k]], word_bounds[end[k] + 1]
        count += some
        size = _character_units(codes, word_bounds[low], word_bounds[high], lookup.characters, units, where)
        some = _append_single(units, size, lookup.single_characters, columns[count:], room)
        for n in range(2, 4):
            some = _append(units, size, CHARACTER_KINDS[n - 1], n, lookup.ngrams, some, columns[count:], room)
        _weigh(columns[count : count + some], values[count:], lookup)
        if places:
            _place(some, units, where, room, start[count:], end[count:])
            for k in range(count, count + some):
                end[k] += 1
        count += some
        indptr[0, d + 1] = count
    placed = count if places else 0
    return Entries(columns[:count], values[:count], start[:placed], end[:placed], indptr)


@compiled
def interleave(
    columns: NDArray[np.int32], values: NDArray[np.float32], start: _Offsets, end: _Offsets, bounds: _Offsets
) -> tuple[NDArray[np.int32], NDArray[np.float32], _Offsets, _Offsets]:
    """See :func:`complaint_motive.features.blocks.interleave`."""
    new_columns, new_values = np.empty_like(columns), np.empty_like(values)
    new_start, new_end = np.empty_like(start), np.empty_like(end)
    n_blocks, n_documents = len(bounds), bounds.shape[1] - 1
    firsts = np.zeros(n_blocks, dtype=np.int64)
    for b in range(1, n_blocks):
        firsts[b] = firsts[b - 1] + bounds[b - 1, n_documents]
    count = 0
    for d in range(n_documents):
        for b in range(n_blocks):
            for k in range(firsts[b] + bounds[b, d], firsts[b] + bounds[b, d + 1]):
                new_columns[count], new_values[count] = columns[k], values[k]
                if len(start):
                    new_start[count], new_end[count] = start[k], end[k]
                count += 1
    return new_columns, new_values, new_start, new_end
