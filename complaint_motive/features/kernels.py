"""Loops that numba compiles: the results of the numpy functions of the same names, several times as fast.

Imported by :mod:`complaint_motive.features.compiled` only. Machine code is kept on disk where a folder is writable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_gates import GateTables
from complaint_motive.features.document import Stretches
from complaint_motive.features.keytable import Slots
from complaint_motive.features.ngram_entries import Entries, Lookup
from complaint_motive.features.word_dictionary import WordDictionary, word_dictionary

__all__ = ["gate_windows", "hash_words", "interleave", "ngram_entries", "word_bounds"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Offsets = NDArray[np.int64]

_Room = tuple[_Offsets, _Offsets, NDArray[np.uint64], _Offsets]
"""First and last unit of each entry of a document; keys of likely n-grams and where these begin."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_UNKNOWN, _BLANK, _EDGE = np.uint64(0), np.uint64(1), np.uint64(2)
_WORD_KIND, _CHARACTER_KIND = 1, 3


def _compiled(function: _Function) -> _Function:
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel: _Function = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep machine code in
        kernel = numba.njit(**options)(function)
    return kernel


@_compiled
def hash_words(codes: NDArray[np.uint32], bounds: _Offsets) -> NDArray[np.uint64]:
    """See :func:`complaint_motive.features.keytable.hash_words`."""
    powers = np.empty(64, dtype=np.uint64)
    power = _MULTIPLIER
    for k in range(64):
        powers[k] = power
        power *= _MULTIPLIER
    hashes = np.empty(len(bounds) - 1, dtype=np.uint64)
    for word in range(len(hashes)):
        total, first = np.uint64(0), bounds[word]
        for k in range(first, bounds[word + 1]):
            total += np.uint64(codes[k]) * powers[min(k - first, 63)]
        hashes[word] = total
    return hashes


@_compiled
def _position(key: np.uint64, table: Slots) -> int:
    """Return the position of a key in its table, -1 where it is not there."""
    mixed = key * _MULTIPLIER
    if not table.seen[np.int64(mixed >> (table.shift - np.uint64(1)))]:
        return -1
    slot = np.int64(mixed >> table.shift)
    while table.keys[slot] != 0:
        if table.keys[slot] == key:
            return table.positions[slot]
        slot = (slot + 1) & (len(table.keys) - 1)
    return -1


@_compiled
def _word_units(
    hashes: NDArray[np.uint64], first: int, stop: int, table: Slots, units: NDArray[np.uint64], places: _Offsets
) -> int:
    """Write the ids of some words, blanks left out and an edge on both sides, and where they stand; return how many."""
    units[0], size = _EDGE, 1
    for word in range(first, stop):
        unit = np.uint64(_position(hashes[word], table) + 1)
        if unit != _BLANK:
            units[size], places[size] = unit, word
            size += 1
    units[size] = _EDGE
    return size + 1


@_compiled
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
        unit = ids[min(np.int64(codes[k]), len(ids) - 1)]
        if unit != _BLANK:
            units[size], places[size] = unit, k
            size += 1
    units[size] = _EDGE
    return size + 1


@_compiled
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


@_compiled
def _append(
    units: NDArray[np.uint64], size: int, kind: int, n: int, table: Slots, count: int, columns: NDArray[np.int32], room: _Room
) -> int:
    """Append the known n-grams of two or three units, and return how many entries there are then.

    What turns out unknown is overwritten by the next: without branches the look-ups of many n-grams run side by side.
    """
    firsts, lasts, keys, likely = room
    tag, some, shift = np.uint64(kind) << np.uint64(60), 0, table.shift - np.uint64(1)
    for k in range(size - n + 1):
        key = tag | units[k] | (units[k + 1] << np.uint64(20))
        if n == 3:
            key |= units[k + 2] << np.uint64(40)
        keys[some], likely[some] = key, k
        some += table.seen[np.int64((key * _MULTIPLIER) >> shift)]
    for k in range(some):
        key = keys[k]
        slot = np.int64((key * _MULTIPLIER) >> table.shift)
        while table.keys[slot] != key and table.keys[slot] != 0:
            slot = (slot + 1) & (len(table.keys) - 1)
        columns[count], firsts[count], lasts[count] = table.positions[slot], likely[k], likely[k] + n - 1
        count += table.keys[slot] == key
    return count


@_compiled
def _weigh(columns: NDArray[np.int32], values: NDArray[np.float32], lookup: Lookup) -> None:
    """Write the values of the entries that are normalised together; sums run in the order of numpy's."""
    total = 0.0
    for column in columns:
        total += lookup.squares[column]
    norm = max(np.sqrt(total), 1e-9)
    for k in range(len(columns)):
        values[k] = lookup.idf[columns[k]] / norm


@_compiled
def _place(
    some: int, units: NDArray[np.uint64], places: _Offsets, room: _Room, start: _Offsets, end: _Offsets
) -> None:
    """Write the first and last word or character of some entries, edges left out."""
    firsts, lasts, _, _ = room
    for k in range(some):
        start[k] = places[firsts[k] + (units[firsts[k]] == _EDGE)]
        end[k] = places[lasts[k] - (units[lasts[k]] == _EDGE)]


@_compiled
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
    room = (np.empty(3 * widest, np.int64), np.empty(3 * widest, np.int64), np.empty(widest, np.uint64), np.empty(widest, np.int64))
    count = 0
    for d in range(len(first)):
        low, high = first[d], stop[d]
        size = _word_units(hashes, low, high, lookup.words, units, where)
        some = _append_single(units, size, lookup.single_words, columns[count:], room)
        some = _append(units, size, _WORD_KIND + 1, 2, lookup.ngrams, some, columns[count:], room)
        _weigh(columns[count : count + some], values[count:], lookup)
        if places:
            _place(some, units, where, room, start[count:], end[count:])
            for k in range(count, count + some):
                start[k], end[k] = word_bounds[start[k]], word_bounds[end[k] + 1]
        count += some
        size = _character_units(codes, word_bounds[low], word_bounds[high], lookup.characters, units, where)
        some = _append_single(units, size, lookup.single_characters, columns[count:], room)
        for n in range(2, 4):
            some = _append(units, size, _CHARACTER_KIND + n - 1, n, lookup.ngrams, some, columns[count:], room)
        _weigh(columns[count : count + some], values[count:], lookup)
        if places:
            _place(some, units, where, room, start[count:], end[count:])
            for k in range(count, count + some):
                end[k] += 1
        count += some
        indptr[0, d + 1] = count
    placed = count if places else 0
    return Entries(columns[:count], values[:count], start[:placed], end[:placed], indptr)


@_compiled
def interleave(
    columns: NDArray[np.int32], values: NDArray[np.float32], start: _Offsets, end: _Offsets, bounds: _Offsets
) -> tuple[NDArray[np.int32], NDArray[np.float32], _Offsets, _Offsets]:
    """See :func:`complaint_motive.features.blocks.interleave`."""
    new_columns, new_values = np.empty_like(columns), np.empty_like(values)
    new_start, new_end = np.empty_like(start), np.empty_like(end)
    n_blocks, n_documents = len(bounds), bounds.shape[1] - 1
    firsts = np.zeros(n_blocks, dtype=np.int64)
    firsts[1:] = np.cumsum(bounds[:-1, n_documents])
    count = 0
    for d in range(n_documents):
        for b in range(n_blocks):
            for k in range(firsts[b] + bounds[b, d], firsts[b] + bounds[b, d + 1]):
                new_columns[count], new_values[count] = columns[k], values[k]
                if len(start):
                    new_start[count], new_end[count] = start[k], end[k]
                count += 1
    return new_columns, new_values, new_start, new_end


@_compiled
def _met(
    wanted: Any, plane: int, codes: NDArray[np.uint16], tables: GateTables, gate: int, first: int, stop: int
) -> Any:
    """Return the bits that a window meets; of those not wanted perhaps not all."""
    base, found = gate * tables.width, tables.always[plane, gate]
    for k in range(first, stop):
        code = codes[k]
        found |= tables.table[plane, base + np.int64(tables.singles[code])]
        if not tables.edged:
            pair = (np.uint16(code * np.uint16(0x9E35))) ^ codes[k + 1]
            found |= tables.table[plane, base + np.int64(tables.pairs[pair])]
        if not wanted & ~found and plane:
            break
    return found


@_compiled
def gate_windows(
    codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets, backward: bool
) -> NDArray[np.bool_]:
    """See :func:`complaint_motive.features.cue_gates.gate_windows`."""
    opened = np.empty(len(gates), dtype=np.bool_)
    for row in range(len(gates)):
        gate, first, stop = gates[row], low[row], high[row]
        bits = tables.always[0, gate]
        if tables.edged:
            edge, step = (stop - 1, -1) if backward else (first, 1)
            for distance in range(3):
                place = min(max(edge + step * distance, 0), len(codes) - 1)
                bits |= tables.table[0, gate * tables.width + np.int64(tables.singles[codes[place]])]
            if backward:
                first = max(first, stop - tables.reach[gate])
            else:
                stop = min(stop, first + tables.reach[gate])
        else:
            bits = _met(bits, 0, codes, tables, gate, first, stop)
        for plane in range(1, 3):
            if bits & ~tables.always[plane, gate]:
                bits = _met(bits, plane, codes, tables, gate, first, stop) & bits
        opened[row] = bits != 0
    return opened


@_compiled
def _best_words(
    codes: NDArray[np.uint32],
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
        number, power, k = np.uint64(codes[begin]) * _MULTIPLIER, _MULTIPLIER, begin + 1
        grows = book.begins[codes[begin]]
        while grows and k < stop:
            power *= _MULTIPLIER
            number += np.uint64(codes[k]) * power
            entry = _position(number, book.entries)
            grows = 0 <= entry < book.n_begun
            k += 1
            if entry >= 0:
                total = book.weights[entry] + scores[k]
                if total >= score:  # of equals the longer one
                    score, end = total, k
        scores[begin] = score if score > -np.inf else book.unknown + scores[begin + 1]
        ends[begin] = end


@_compiled
def _segmented(codes: NDArray[np.uint32], book: WordDictionary) -> _Offsets:
    size = len(codes)
    bounds, count = np.zeros(size + 1, dtype=np.int64), 1
    scores, ends = np.empty(size + 1, dtype=np.float64), np.empty(size + 1, dtype=np.int64)
    at = 0
    while at < size:
        first = at
        while at < size and codes[at] < 0x10000 and book.kinds[codes[at]]:
            at += 1
        _best_words(codes, first, at, book, scores, ends)
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
