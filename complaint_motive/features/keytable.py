"""A hash table from 64-bit keys to positions, looked up for whole arrays at once.

scikit-learn joins n-grams into Python strings and looks them up one by one, which costs more than segmenting the text;
here an n-gram is an integer and a batch of them is looked up in a few numpy operations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["KeyTable"]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_LOAD = 3


class KeyTable:
    """Open addressing with linear probing over a power-of-two table.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n_keys,)
        Distinct keys, none of them 0.
    """

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        bits = max(int(np.ceil(np.log2(max(len(keys), 1) * _LOAD))), 4)
        self._shift = np.uint64(64 - bits)
        self._mask = (1 << bits) - 1
        self._keys = np.zeros(1 << bits, dtype=np.uint64)
        self._positions = np.full(1 << bits, -1, dtype=np.int32)
        waiting = np.arange(len(keys), dtype=np.int32)
        slots = self._slots(keys)
        while len(waiting):
            free = self._keys[slots] == 0
            # Of several keys that want one free slot the last written stays; the others go on to the next slot.
            self._keys[slots[free]] = keys[waiting[free]]
            self._positions[slots[free]] = waiting[free]
            placed = self._keys[slots] == keys[waiting]
            waiting, slots = waiting[~placed], (slots[~placed] + 1) & self._mask

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        return ((keys * _MULTIPLIER) >> self._shift).astype(np.int64)

    def lookup(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return the position of each key among the table's keys, -1 where it is not one of them."""
        slots = self._slots(keys)
        found = self._keys[slots]
        positions = np.where(found == keys, self._positions[slots], np.int32(-1))
        open_ = np.flatnonzero((found != keys) & (found != 0))
        while len(open_):
            next_slots = (slots[open_] + 1) & self._mask
            slots[open_] = next_slots
            found = self._keys[next_slots]
            hit = found == keys[open_]
            positions[open_[hit]] = self._positions[next_slots[hit]]
            open_ = open_[~hit & (found != 0)]
        return positions
