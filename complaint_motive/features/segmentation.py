"""Segmentation of large batches in numpy: jieba's most probable words without HMM, all clauses side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.keytable import find_keys, word_powers
from complaint_motive.features.word_dictionary import WordDictionary

__all__ = ["segment"]

_Offsets = NDArray[np.int64]
_LATIN = 2


def segment(codes: NDArray[np.uint32], book: WordDictionary) -> _Offsets:
    """Return the bounds of the words of a text, see :func:`~complaint_motive.features.tokenizer.word_bounds`.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points.
    book : WordDictionary
        The dictionary.

    Notes
    -----
    A clause is a stretch without characters that stand alone. The best words from a character on depend on those
    behind it in its clause only, so the last characters of all clauses are settled first, then the ones before these.
    """
    plain = np.minimum(codes, 0xFFFF)
    kinds = book.kinds.take(plain)
    alone = np.append(np.flatnonzero(kinds == 0), len(codes))
    stops = np.repeat(alone, np.diff(alone, prepend=-1))[: len(codes)]
    ends = _best_ends(*_candidates(plain, kinds, stops, book), stops)
    starts = _starts(kinds, ends, stops)
    # single Latin letters and digits join their like
    latin = starts & (kinds == _LATIN) & (ends == np.arange(1, len(codes) + 1))
    starts[1:] &= ~(latin[1:] & latin[:-1])
    return np.append(np.flatnonzero(starts), len(codes))


def _candidates(
    codes: NDArray[np.uint32], kinds: NDArray[np.uint8], stops: _Offsets, book: WordDictionary
) -> tuple[_Offsets, _Offsets, NDArray[np.float64]]:
    """Return where the words of the dictionary begin and end in the text, and their weights."""
    inside = np.flatnonzero(kinds)
    begins, ends, weights = [inside], [inside + 1], [book.single_weights.take(codes.take(inside))]
    alive = inside[book.begins.take(codes.take(inside))]
    numbers = codes.take(alive) * word_powers()[0]
    for length in range(2, len(word_powers())):
        near = np.flatnonzero(alive + length <= stops.take(alive))
        alive = alive.take(near)
        numbers = numbers.take(near) + codes.take(alive + length - 1) * word_powers()[length - 1]
        found, entries = find_keys(numbers, book.entries)
        alive, numbers = alive.take(found), numbers.take(found)
        words = ~np.isnan(book.weights.take(entries))
        begins.append(alive[words])
        ends.append(alive[words] + length)
        weights.append(book.weights.take(entries[words]))
        grows = entries < book.n_begun
        alive, numbers = alive[grows], numbers[grows]
        if not len(alive):
            break
    longer = np.zeros(len(codes), dtype=np.bool_)
    longer[np.concatenate([np.zeros(0, dtype=np.int64), *begins[1:]])] = True
    # a character that is no word stands for itself only where no word begins with it
    unknown = np.isnan(weights[0])
    weights[0] = np.where(unknown, book.unknown, weights[0])
    kept = ~(unknown & longer.take(inside))
    begins[0], ends[0], weights[0] = begins[0][kept], ends[0][kept], weights[0][kept]
    return np.concatenate(begins), np.concatenate(ends), np.concatenate(weights)


def _best_ends(begins: _Offsets, ends: _Offsets, weights: NDArray[np.float64], stops: _Offsets) -> _Offsets:
    """Return where the best word from each character on ends; of equally good ones the longest."""
    best_ends, scores = np.arange(1, len(stops) + 1), np.zeros(len(stops) + 1)
    distance = stops.take(begins) - begins
    order = np.argsort((distance * len(stops) + begins) * 64 + ends - begins)
    begins, ends, weights = begins.take(order), ends.take(order), weights.take(order)
    firsts = np.flatnonzero(np.diff(begins, prepend=-1))
    counts = np.diff(np.append(firsts, len(begins)))
    steps = np.searchsorted(distance.take(order).take(firsts), np.arange(1, int(distance.max(initial=0)) + 2))
    for low, high in zip(steps[:-1].tolist(), steps[1:].tolist(), strict=True):
        first = int(firsts[low])
        last = int(firsts[high]) if high < len(firsts) else len(begins)
        totals = weights[first:last] + scores.take(ends[first:last])
        best = np.maximum.reduceat(totals, firsts[low:high] - first)
        scores[begins.take(firsts[low:high])] = best
        chosen = first + np.flatnonzero(totals == np.repeat(best, counts[low:high]))
        # the longest stands last, and of several values for one place the last one stays
        best_ends[begins.take(chosen)] = ends.take(chosen)
    return best_ends


def _starts(kinds: NDArray[np.uint8], ends: _Offsets, stops: _Offsets) -> NDArray[np.bool_]:
    """Return where words begin: every character that stands alone, and those reached from the beginning of a clause."""
    starts: NDArray[np.bool_] = kinds == 0
    clause = kinds > 0
    clause[1:] &= kinds[:-1] == 0
    at = np.flatnonzero(clause)
    while len(at):
        starts[at] = True
        following = ends.take(at)
        at = following[following < stops.take(at)]
    return starts
