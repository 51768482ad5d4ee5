"""N-grams of a batch, looked up and weighed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.document import Stretches
from complaint_motive.features.kernels.lookup import compiled, following, is_seen, position
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
    Units,
)

__all__ = ["character_entries", "ngram_entries", "scratch", "sizes", "weigh", "word_entries", "word_units"]

_Offsets = NDArray[np.int64]


class Scratch(NamedTuple):
    """Scratch arrays for one document after the other.

    Attributes
    ----------
    units, places
        Ids of its words or characters, and where they stand.
    firsts, lasts
        First and last unit of each entry.
    keys, likely, slots, heads
        Of n-grams that may be known: the key, the unit where it begins, its slot and the key there.
    """

    units: NDArray[np.uint64]
    places: _Offsets
    firsts: _Offsets
    lasts: _Offsets
    keys: NDArray[np.uint64]
    likely: _Offsets
    slots: NDArray[np.uint64]
    heads: NDArray[np.uint64]


_BLANK, _EDGE = np.uint64(BLANK), np.uint64(EDGE)


@compiled
def word_units(hashes: NDArray[np.uint64], stretches: Stretches, words: Slots) -> Units:
    """See :func:`complaint_motive.features.ngram_entries.word_units`."""
    first, stop, _ = stretches
    capacity = np.sum(stop - first + 1) + 1
    ids, places = np.empty(capacity, dtype=np.uint64), np.zeros(capacity, dtype=np.int64)
    edges = np.zeros(len(first) + 1, dtype=np.int64)
    ids[0], count = _EDGE, 1
    for d in range(len(first)):
        for word in range(first[d], stop[d]):
            unit = np.uint64(position(hashes[word], words) + BLANK)
            ids[count], places[count] = unit, word
            count += unit != _BLANK
        ids[count], places[count] = _EDGE, stretches.end[d]
        edges[d + 1] = count
        count += 1
    return Units(ids[:count], places[:count], edges)


@compiled
def _character_units(codes: NDArray[np.uint32], first: int, stop: int, ids: NDArray[np.uint64], room: Scratch) -> int:
    """Write the ids of some characters, an edge on both sides, and where they stand; return how many."""
    units, places = room.units, room.places
    units[0], size = _EDGE, 1
    for k in range(first, stop):
        unit = ids[min(codes[k], np.uint32(len(ids) - 1))]
        if unit != _BLANK:
            units[size], places[size] = unit, k
            size += 1
    units[size] = _EDGE
    return size + 1


@compiled
def _append_single(size: int, singles: NDArray[np.int32], columns: NDArray[np.int32], room: Scratch) -> int:
    """Write the known single units, and return how many entries there are."""
    units, firsts, lasts = room.units, room.firsts, room.lasts
    count = 0
    for k in range(size):
        feature = singles[units[k]]
        columns[count], firsts[count], lasts[count] = feature, k, k
        count += feature >= 0
    return count


@compiled
def _append(size: int, kind: int, n: int, table: Slots, count: int, columns: NDArray[np.int32], room: Scratch) -> int:
    """Append the known n-grams of two or three units, and return how many entries there are then.

    What turns out unknown is overwritten by the next: without branches the look-ups of many n-grams run side by side,
    and the table is read ahead of the loop that branches on what stands there.
    """
    units, _, firsts, lasts, keys, likely, slots, heads = room
    tag, some, shift = np.uint64(kind) << np.uint64(TAG), 0, table.shift - np.uint64(1)
    for k in range(size - n + 1):
        key = tag | units[k] | (units[k + 1] << np.uint64(FIELD))
        if n == 3:
            key |= units[k + 2] << np.uint64(2 * FIELD)
        keys[some], likely[some] = key, k
        some += is_seen((key * MULTIPLIER) >> shift, table)
    for k in range(some):
        slots[k] = (keys[k] * MULTIPLIER) >> table.shift
        heads[k] = table.keys[slots[k]]
    for k in range(some):
        key, slot, found = keys[k], slots[k], heads[k]
        while found != key and found != 0:
            slot = following(slot, table)
            found = table.keys[slot]
        columns[count], firsts[count], lasts[count] = table.positions[slot], likely[k], likely[k] + n - 1
        count += found == key
    return count


@compiled
def weigh(columns: NDArray[np.int32], values: NDArray[np.float32], idf: NDArray[np.float32]) -> None:
    """Write the values of the entries that are normalised together; sums run in the order of numpy's."""
    total = 0.0
    for k in range(len(columns)):
        values[k] = idf[np.uint32(columns[k])]
        total += np.float64(values[k]) * np.float64(values[k])
    norm = max(np.sqrt(total), 1e-9)
    for k in range(len(columns)):
        values[k] /= norm


@compiled
def _place(some: int, room: Scratch, start: _Offsets, end: _Offsets) -> None:
    """Write the first and last word or character of some entries, edges left out."""
    units, places, firsts, lasts = room.units, room.places, room.firsts, room.lasts
    for k in range(some):
        start[k] = places[firsts[k] + (units[firsts[k]] == _EDGE)]
        end[k] = places[lasts[k] - (units[lasts[k]] == _EDGE)]


@compiled
def sizes(word_bounds: _Offsets, stretches: Stretches) -> tuple[int, int]:
    """Return how many units the widest document may have, and how many entries all may."""
    first, stop, _ = stretches
    widest, capacity = 1, 1
    for d in range(len(first)):
        width = word_bounds[stop[d]] - word_bounds[first[d]] + 2
        widest = max(widest, width)
        capacity += 2 * (stop[d] - first[d] + 2) + 3 * width
    return widest, capacity


@compiled
def scratch(widest: int) -> Scratch:
    """Return room for a document of so many units, see :func:`sizes`."""
    units, keys, slots, heads = (
        np.empty(widest, dtype=np.uint64),
        np.empty(widest, dtype=np.uint64),
        np.empty(widest, dtype=np.uint64),
        np.empty(widest, dtype=np.uint64),
    )
    places, likely = np.empty(widest, dtype=np.int64), np.empty(widest, dtype=np.int64)
    firsts, lasts = np.empty(3 * widest, dtype=np.int64), np.empty(3 * widest, dtype=np.int64)
    return Scratch(units, places, firsts, lasts, keys, likely, slots, heads)


@compiled
def word_entries(words: Units, document: int, lookup: Lookup, columns: NDArray[np.int32], room: Scratch) -> int:
    """Write the known word n-grams of a document, and return how many there are."""
    first = words.edges[document]
    size = words.edges[document + 1] + 1 - first
    for k in range(size):
        room.units[k], room.places[k] = words.ids[first + k], words.places[first + k]
    some = _append_single(size, lookup.single_words, columns, room)
    return _append(size, WORD_KINDS[1], 2, lookup.ngrams, some, columns, room)


@compiled
def character_entries(
    codes: NDArray[np.uint32], low: int, high: int, lookup: Lookup, columns: NDArray[np.int32], room: Scratch
) -> int:
    """Do the same with its character n-grams."""
    size = _character_units(codes, low, high, lookup.characters, room)
    some = _append_single(size, lookup.single_characters, columns, room)
    for n in range(2, 4):
        some = _append(size, CHARACTER_KINDS[n - 1], n, lookup.ngrams, some, columns, room)
    return some


@compiled
def ngram_entries(
    codes: NDArray[np.uint32],
    word_bounds: _Offsets,
    words: Units,
    stretches: Stretches,
    lookup: Lookup,
    places: bool,
) -> Entries:
    """See :func:`complaint_motive.features.ngram_entries.ngram_entries`; one block."""
    first, stop, _ = stretches
    widest, capacity = sizes(word_bounds, stretches)
    # pages that are never written cost nothing, so the arrays need not be shorter than they may become
    columns, values = np.empty(capacity, dtype=np.int32), np.empty(capacity, dtype=np.float32)
    start, end = np.empty(capacity, dtype=np.int64), np.empty(capacity, dtype=np.int64)
    indptr = np.zeros((1, len(first) + 1), dtype=np.int64)
    room, count = scratch(widest), 0
    for d in range(len(first)):
        some = word_entries(words, d, lookup, columns[count:], room)
        weigh(columns[count : count + some], values[count:], lookup.idf)
        if places:
            _place(some, room, start[count:], end[count:])
            for k in range(count, count + some):
                start[k], end[k] = word_bounds[start[k]], word_bounds[end[k] + 1]
        count += some
        some = character_entries(codes, word_bounds[first[d]], word_bounds[stop[d]], lookup, columns[count:], room)
        weigh(columns[count : count + some], values[count:], lookup.idf)
        if places:
            _place(some, room, start[count:], end[count:])
            end[count : count + some] += 1
        count += some
        indptr[0, d + 1] = count
    placed = count if places else 0
    return Entries(columns[:count], values[:count], start[:placed], end[:placed], indptr)
