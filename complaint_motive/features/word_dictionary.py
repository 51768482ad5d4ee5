"""jieba's dictionary as arrays, for the segmentation of large batches.

An entry is the polynomial of the code points of a word, or of the beginning of one, so that the number of each longer
stretch of text follows from that of the one before.
"""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.keytable import KeyTable, Slots, word_powers
from complaint_motive.features.normalize import encode

__all__ = ["WordDictionary", "word_dictionary"]

_PLAIN = "+#&._%-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FD5


class WordDictionary(NamedTuple):
    """Words with their log-probabilities.

    Attributes
    ----------
    entries : Slots
        Words and beginnings of words, of two characters and more, by their numbers.
    weights : ndarray of float64, shape (n_entries,)
        Log-probability of a word; NaN for what is only the beginning of one.
    n_begun : int
        Entries before this one are beginnings of longer ones.
    single_weights : ndarray of float64, shape (65536,)
        The same for single characters.
    begins : ndarray of bool, shape (65536,)
        Which characters begin longer entries.
    unknown : float
        Log-probability of an unknown word.
    kinds : ndarray of uint8, shape (65536,)
        0: a character that stands alone; 1: one that may be part of a word; 2: a Latin letter or digit, which also
        joins its like.
    """

    entries: Slots
    weights: NDArray[np.float64]
    n_begun: int
    single_weights: NDArray[np.float64]
    begins: NDArray[np.bool_]
    unknown: float
    kinds: NDArray[np.uint8]


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(0x10000, dtype=np.uint8)
    kinds[_FIRST_HAN : _LAST_HAN + 1] = 1
    kinds[[ord(character) for character in _PLAIN]] = [1 + character.isalnum() for character in _PLAIN]
    return kinds


@lru_cache(maxsize=1)
def word_dictionary() -> WordDictionary:
    """Return the dictionary that comes with jieba.

    Raises
    ------
    FileNotFoundError
        If jieba is not installed.
    """
    words, counts = _read()
    codes = encode("".join(words))
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    lasts = np.cumsum(lengths) - 1
    place = np.arange(len(codes)) - np.repeat(lasts + 1 - lengths, lengths)
    sums = np.cumsum(codes * word_powers().take(place, mode="clip"))
    numbers = sums - np.repeat(np.append(np.uint64(0), sums.take(lasts)[:-1]), lengths)
    grows = np.ones(len(codes), dtype=np.bool_)
    grows[lasts] = False
    keys, entry = np.unique(numbers, return_inverse=True)
    begun = np.zeros(len(keys), dtype=np.bool_)
    begun[entry[grows]] = True
    unknown = -math.log(counts.sum())
    weights = np.full(len(keys), np.nan)
    weights[entry[lasts]] = np.where(counts > 0, np.log(np.maximum(counts, 1)) + unknown, np.nan)
    single = entry[place == 0]
    firsts = codes[place == 0]
    single_weights, begins = np.full(0x10000, np.nan), np.zeros(0x10000, dtype=np.bool_)
    single_weights[firsts], begins[firsts] = weights[single], begun[single]
    longer = np.ones(len(keys), dtype=np.bool_)
    longer[single] = False
    order = np.concatenate([np.flatnonzero(longer & begun), np.flatnonzero(longer & ~begun)])
    slots = KeyTable(keys[order]).slots
    return WordDictionary(slots, weights[order], int((longer & begun).sum()), single_weights, begins, unknown, _kinds())


def _read() -> tuple[list[str], NDArray[np.float64]]:
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise FileNotFoundError("the dictionary of jieba is missing; install jieba")
    rows = Path(found.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    fields = [row.split(" ", 2) for row in rows]
    return [field[0] for field in fields], np.array([int(field[1]) for field in fields], dtype=np.float64)
