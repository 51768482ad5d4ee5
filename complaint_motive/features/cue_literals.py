"""Finds thousands of literals in a long text at once, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.cue_text import code_points, pair_hash
from complaint_motive.features.keytable import MULTIPLIER

__all__ = ["SHIFT", "Heads", "LiteralScan", "begun_literals"]

_WORD = 4  # characters of 16 bits that one word of 64 bits holds
SHIFT = np.uint64(64 - 17)
"""Leaves 17 bits of the hash of a word."""

_Offsets = NDArray[np.int64]
_Codes = NDArray[np.uint16]
_Words = NDArray[np.uint64]


class Heads(NamedTuple):
    """The first words of some literals, in a hash table with chains.

    Attributes
    ----------
    begins : ndarray of bool, shape (65536,)
        By the hash of a pair of characters: whether some literal begins with it.
    slots : ndarray of int32, shape (2**17,)
        By the hash of a word: the first entry of its chain, -1 where there is none.
    following : ndarray of int32, shape (n_entries,)
        The next entry of the chain, -1 at its end.
    words : ndarray of uint64, shape (n_entries,)
        Up to four characters of 16 bits.
    sizes : ndarray of int64, shape (n_entries,)
        How many.
    """

    begins: NDArray[np.bool_]
    slots: NDArray[np.int32]
    following: NDArray[np.int32]
    words: _Words
    sizes: _Offsets


class LiteralScan:
    """All occurrences of some literals, overlapping ones too.

    A table of the pairs that literals begin with leaves about a tenth of the text to be looked up; the first two,
    three and four characters there are looked up as one number each, and longer literals are then compared.

    Parameters
    ----------
    literals : sequence of str
        Different literals, not empty.
    """

    def __init__(self, literals: Sequence[str]) -> None:
        self._sizes = np.array([len(literal) for literal in literals], dtype=np.int64)
        self._beyond = {index: literal for index, literal in enumerate(literals) if max(literal) > "\uffff"}
        width = _WORD * -(-max(self._sizes, default=1) // _WORD)
        joined = "".join([literal.ljust(width, "\0") for literal in literals])
        codes = code_points(joined).reshape(-1, width)
        self._words = codes.view(np.uint64)
        self._masks = np.where(np.arange(width) < self._sizes[:, None], 0xFFFF, 0).astype(np.uint16).view(np.uint64)
        self._is_literal = np.zeros(0x10000, dtype=np.bool_)
        self._is_literal[codes[self._sizes == 1, 0]] = True
        several = self._sizes > 1
        begins = np.zeros(0x10000, dtype=np.bool_)
        begins[pair_hash(codes[several, 0], codes[several, 1])] = True
        self._ones = np.zeros(0x10000, dtype=np.int64)
        self._ones[codes[self._sizes == 1, 0]] = np.flatnonzero(self._sizes == 1)
        self._enter(np.flatnonzero(several), begins)

    def _enter(self, literals: _Offsets, begins: NDArray[np.bool_]) -> None:
        """Enter literals by their first word; those that share one follow each other."""
        self._order = literals[np.argsort(self._words[literals, 0], kind="stable")]
        heads = np.minimum(self._sizes[self._order], _WORD)
        keys, firsts, counts = np.unique(self._words[self._order, 0], return_index=True, return_counts=True)
        self._firsts, self._counts = firsts, counts
        slots, following = np.full(1 << 17, -1, dtype=np.int32), np.full(len(keys), -1, dtype=np.int32)
        for entry, slot in enumerate(_slots(keys).tolist()):
            following[entry] = slots[slot]
            slots[slot] = entry
        self._table = Heads(begins, slots, following, keys, heads[firsts])

    def find(self, text: str, codes: _Codes) -> tuple[_Offsets, _Offsets, _Offsets]:
        """Return the literal (as its index), start and end of every occurrence, in no particular order.

        Parameters
        ----------
        text : str
            The text.
        codes : ndarray of uint16, shape (n_characters,)
            Its code points; U+FFFF for every character outside the basic plane.
        """
        ones = np.flatnonzero(self._is_literal[codes])
        words = _words_of(codes, self._words.shape[1])
        places, entries = begun_literals(codes, self._table)
        counts = self._counts[entries]
        repeated = np.repeat(self._firsts[entries] - np.cumsum(counts) + counts, counts)
        literals = self._order[repeated + np.arange(len(repeated))]
        starts = np.repeat(places, counts)
        return self._checked(text, words, np.append(literals, self._ones[codes[ones]]), np.append(starts, ones))

    def _checked(
        self, text: str, words: _Words, literals: _Offsets, starts: _Offsets
    ) -> tuple[_Offsets, _Offsets, _Offsets]:
        """Return the occurrences of which not only the first word is right."""
        for word in range(1, self._words.shape[1]):
            rows = (self._sizes[literals] > word * _WORD).nonzero()[0]
            if not rows.size:
                break
            # a text too short for the word holds zeros behind its end
            places = np.minimum(starts[rows] + word * _WORD, len(words) - 1)
            same = (words[places] & self._masks[literals[rows], word]) == self._words[literals[rows], word]
            kept = np.ones(len(literals), dtype=np.bool_)
            kept[rows[~same]] = False
            literals, starts = literals[kept], starts[kept]
        ends = starts + self._sizes[literals]
        for row in np.flatnonzero(np.isin(literals, list(self._beyond))).tolist() if self._beyond else ():
            if text[starts[row] : ends[row]] != self._beyond[int(literals[row])]:
                literals[row] = -1
        real = literals >= 0
        return literals[real], starts[real], ends[real]


_HEAD_MASKS = [
    np.array([0xFFFF] * size + [0] * (_WORD - size), dtype=np.uint16).view(np.uint64)[0] for size in range(2, _WORD + 1)
]


@accelerated
def begun_literals(codes: _Codes, heads: Heads) -> tuple[_Offsets, _Offsets]:
    """Return where first words of literals stand, and which entries of the table these are, in no particular order.

    Parameters
    ----------
    codes : ndarray of uint16, shape (n_characters,)
        The text; U+FFFF for every character outside the basic plane.
    heads : Heads
        The table.
    """
    places = np.flatnonzero(heads.begins[pair_hash(codes[:-1], codes[1:])])
    words = _words_of(codes, 1)[places]
    masked = np.concatenate([words & mask for mask in _HEAD_MASKS])
    found = heads.slots[_slots(masked)]
    rows = (found >= 0).nonzero()[0]
    found = found[rows]
    hit_rows, hits = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int32)]
    while rows.size:
        same = heads.words[found] == masked[rows]
        hit_rows.append(rows[same])
        hits.append(found[same])
        found = np.where(same, -1, heads.following[found])
        rows, found = rows[found >= 0], found[found >= 0]
    row, entry = np.concatenate(hit_rows), np.concatenate(hits).astype(np.int64)
    # a NUL in the text looks like the end of a shorter literal
    right = heads.sizes[entry] == row // max(len(words), 1) + 2
    return places[row[right] % max(len(words), 1)], entry[right]


def _words_of(codes: _Codes, length: int) -> _Words:
    """Return the word that begins at each character and at the end; `length` words of zeros follow the text."""
    padded = np.concatenate((codes, np.zeros(length * _WORD, dtype=np.uint16)))
    return np.ndarray(len(codes) + 1, dtype=np.uint64, buffer=padded.data, strides=(2,))


def _slots(words: _Words) -> NDArray[np.int64]:
    return ((words * MULTIPLIER) >> SHIFT).astype(np.int64)
