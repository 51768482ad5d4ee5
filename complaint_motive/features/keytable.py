"""A hash table from 64-bit keys to positions, looked up for whole arrays at once.

scikit-learn joins n-grams into Python strings and looks them up one by one, which costs more than segmenting the text;
here a word or an n-gram is an integer and a batch of them is looked up in a few numpy operations.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated

__all__ = ["LONGEST_WORD", "MULTIPLIER", "KeyTable", "Slots", "find_keys", "hash_words", "word_powers"]

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""Spreads keys over 64 bits; also the base of the numbers of words."""
LONGEST_WORD = 64
"""Characters of a word that differ in their factor; those behind share the last."""
_SLOTS_PER_KEY = 1.5
_BITS = np.left_shift(1, np.arange(8)).astype(np.uint8)


class Slots(NamedTuple):
    """The arrays of a table.

    Attributes
    ----------
    keys : ndarray of uint64, shape (2**b,)
        Key in each slot, 0 where it is free.
    positions : ndarray of int32, shape (2**b,)
        Position of that key among the table's keys.
    seen : ndarray of uint8, shape (2**(b - 2),)
        Bits: which of twice as many slots some key hashes to.
    shift : uint64
        ``64 - b``.
    """

    keys: NDArray[np.uint64]
    positions: NDArray[np.int32]
    seen: NDArray[np.uint8]
    shift: np.uint64


class KeyTable:
    """Open addressing with linear probing over a power-of-two table.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n_keys,)
        Distinct keys, none of them 0.
    """

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        bits = max(int(np.ceil(np.log2(max(len(keys), 1) * _SLOTS_PER_KEY))), 4)
        mask = (1 << bits) - 1
        # Most n-grams of a text are unknown: a table of bits fits the cache and turns them away first.
        self.slots = Slots(
            np.zeros(1 << bits, dtype=np.uint64),
            np.full(1 << bits, -1, dtype=np.int32),
            np.zeros((2 << bits) >> 3, dtype=np.uint8),
            np.uint64(64 - bits),
        )
        taken, positions, seen, shift = self.slots
        hashes = _hashes(keys)
        marked = np.zeros(2 * len(taken), dtype=np.bool_)
        marked[_slots(hashes, shift - np.uint64(1))] = True
        seen[:] = np.packbits(marked, bitorder="little")
        waiting, slots = np.arange(len(keys), dtype=np.int32), _slots(hashes, shift)
        while len(waiting):
            free = taken[slots] == 0
            # Of several keys that want one free slot the last written stays; the others go on to the next slot.
            taken[slots[free]] = keys[waiting[free]]
            positions[slots[free]] = waiting[free]
            placed = taken[slots] == keys[waiting]
            waiting, slots = waiting[~placed], (slots[~placed] + 1) & mask

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return the indices of those keys that the table has, and their positions; see :func:`find_keys`."""
        return find_keys(keys, self.slots)


def find_keys(keys: NDArray[np.uint64], table: Slots) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the indices of those keys that a table has, ascending, and the position of each in the table's keys.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n,)
        Keys to look up.
    table : Slots
        The table.

    Notes
    -----
    ``take`` with indices is several times as fast here as a boolean mask, which stalls on unpredictable branches.
    """
    taken, positions, seen, shift = table
    hashes = _hashes(keys)
    marks = _slots(hashes, shift - np.uint64(1))
    index = np.flatnonzero(seen.take(marks >> 3) & _BITS.take(marks & 7))
    wanted, slots = keys.take(index), _slots(hashes.take(index), shift)
    found = taken.take(slots)
    astray = np.flatnonzero((found != wanted) & (found != 0))
    while len(astray):
        slots[astray] = (slots[astray] + 1) & (len(taken) - 1)
        found[astray] = taken[slots[astray]]
        astray = astray[(found[astray] != wanted[astray]) & (found[astray] != 0)]
    hit = np.flatnonzero(found == wanted)
    return index.take(hit), positions.take(slots.take(hit))


def _hashes(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return keys * MULTIPLIER


def _slots(hashes: NDArray[np.uint64], shift: np.uint64) -> NDArray[np.int64]:
    return (hashes >> shift).view(np.int64)


@lru_cache(maxsize=1)
def word_powers() -> NDArray[np.uint64]:
    """Return the factors of the code points of a word, by their places in it."""
    return np.cumprod(np.full(LONGEST_WORD, MULTIPLIER, dtype=np.uint64), dtype=np.uint64)


@accelerated
def hash_words(codes: NDArray[np.uint32], bounds: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one number for each word, the same for the same characters: a polynomial of its code points.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points.
    bounds : ndarray of int64, shape (n_words + 1,)
        Word i is ``codes[bounds[i]:bounds[i + 1]]``; none is empty.

    Notes
    -----
    Two of 25,000 words share a number with a probability below 1e-10.
    """
    place = np.arange(len(codes)) - np.repeat(bounds[:-1], np.diff(bounds))
    return np.add.reduceat(codes * word_powers().take(place, mode="clip"), bounds[:-1])
