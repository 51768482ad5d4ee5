"""Segmentation: the most probable words, as jieba finds them without HMM."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.kernels.lookup import compiled, following, is_seen, position
from complaint_motive.features.keytable import MULTIPLIER, Slots
from complaint_motive.features.word_dictionary import WordDictionary, word_dictionary

__all__ = ["word_bounds"]

_Offsets = NDArray[np.int64]

with np.errstate(over="ignore"):
    _SQUARE, _CUBE = MULTIPLIER * MULTIPLIER, MULTIPLIER * MULTIPLIER * MULTIPLIER
    """Factors of the second and the third character of a word."""


class _Begun(NamedTuple):
    """The entries of one length that begin at each character.

    Attributes
    ----------
    entries : ndarray of int32, shape (n_characters,)
        Entry, -1 where there is none.
    weights : ndarray of float64, shape (n_characters,)
        Its weight; nothing in particular where there is none.
    """

    entries: NDArray[np.int32]
    weights: NDArray[np.float64]


class _Room(NamedTuple):
    """Scratch arrays: numbers to look up, where they begin, their slots and what stands there."""

    numbers: NDArray[np.uint64]
    places: _Offsets
    slots: NDArray[np.uint64]
    heads: NDArray[np.uint64]


@compiled
def _append(number: np.uint64, place: int, some: int, table: Slots, room: _Room) -> int:
    """Append a number to those to be looked up, and return how many there are: one that is surely unknown is not."""
    room.numbers[some], room.places[some] = number, place
    return some + is_seen((number * MULTIPLIER) >> (table.shift - np.uint64(1)), table)


@compiled
def _look_up(some: int, book: WordDictionary, room: _Room, begun: _Begun) -> int:
    """Write the entries of some numbers; leave those that have one in front, and return how many these are.

    The tables are larger than the caches: read ahead of the loop that branches on what stands there, they are read
    sooner.
    """
    table, known = book.entries, 0
    numbers, places, slots, heads = room
    for k in range(some):
        slots[k] = (numbers[k] * MULTIPLIER) >> table.shift
        heads[k] = table.keys[slots[k]]
    for k in range(some):
        slot, found = slots[k], heads[k]
        while found != numbers[k] and found != 0:
            slot = following(slot, table)
            found = table.keys[slot]
        slots[known], places[known], numbers[known] = slot, places[k], numbers[k]
        known += found != 0
    for k in range(known):
        begun.entries[places[k]] = table.positions[slots[k]]
    for k in range(known):
        begun.weights[places[k]] = book.weights[begun.entries[places[k]]]
    return known


@compiled
def _short_entries(codes: NDArray[np.uint32], book: WordDictionary) -> tuple[_Begun, _Begun]:
    """Return the entries of two and of three characters, which are nearly all that texts hold."""
    table, size, some = book.entries, len(codes), 0
    pairs = _Begun(np.full(size, -1, dtype=np.int32), np.empty(size, dtype=np.float64))
    triples = _Begun(np.full(size, -1, dtype=np.int32), np.empty(size, dtype=np.float64))
    room = _Room(
        np.empty(size, dtype=np.uint64),
        np.empty(size, dtype=np.int64),
        np.empty(size, dtype=np.uint64),
        np.empty(size, dtype=np.uint64),
    )
    for k in range(size - 1):
        some = _append(np.uint64(codes[k]) * MULTIPLIER + np.uint64(codes[k + 1]) * _SQUARE, k, some, table, room)
    known, some = _look_up(some, book, room, pairs), 0
    for k in range(known):
        place = room.places[k]
        if pairs.entries[place] < book.n_begun and place + 2 < size:
            some = _append(room.numbers[k] + np.uint64(codes[place + 2]) * _CUBE, place, some, table, room)
    _look_up(some, book, room, triples)
    return pairs, triples


@compiled
def _best_words(
    codes: NDArray[np.uint32],
    pairs: _Begun,
    triples: _Begun,
    first: int,
    stop: int,
    book: WordDictionary,
    scores: NDArray[np.float64],
    ends: _Offsets,
) -> None:
    """Write where the best word from each character on ends, in a stretch without other characters than of words."""
    (twos, pair_weights), (threes, triple_weights) = pairs, triples
    scores[stop] = 0.0
    for begin in range(stop - 1, first - 1, -1):
        score, end = -np.inf, begin + 1
        total = book.single_weights[codes[begin]] + scores[begin + 1]
        if total >= score:  # not so where the weight is NaN: the character, or the beginning, is no word
            score = total
        if twos[begin] >= 0 and begin + 2 <= stop:
            total = pair_weights[begin] + scores[begin + 2]
            if total >= score:  # of equals the longer one
                score, end = total, begin + 2
            if threes[begin] >= 0 and begin + 3 <= stop:
                total = triple_weights[begin] + scores[begin + 3]
                if total >= score:
                    score, end = total, begin + 3
                entry, k, power = int(threes[begin]), begin + 3, _CUBE
                number = np.uint64(codes[begin]) * MULTIPLIER
                number += np.uint64(codes[begin + 1]) * _SQUARE + np.uint64(codes[begin + 2]) * _CUBE
                while 0 <= entry < book.n_begun and k < stop:
                    power *= MULTIPLIER
                    number += np.uint64(codes[k]) * power
                    entry, k = position(number, book.entries), k + 1
                    if entry >= 0:
                        total = book.weights[entry] + scores[k]
                        if total >= score:
                            score, end = total, k
        scores[begin] = score if score > -np.inf else book.unknown + scores[begin + 1]
        ends[begin] = end


@compiled
def _segmented(codes: NDArray[np.uint32], book: WordDictionary) -> _Offsets:
    size = len(codes)
    bounds, count = np.zeros(size + 1, dtype=np.int64), 1
    scores, ends = np.empty(size + 1, dtype=np.float64), np.empty(size + 1, dtype=np.int64)
    pairs, triples = _short_entries(codes, book)
    at = 0
    while at < size:
        first = at
        while at < size and codes[at] < 0x10000 and book.kinds[codes[at]]:
            at += 1
        _best_words(codes, pairs, triples, first, at, book, scores, ends)
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
