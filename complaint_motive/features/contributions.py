"""What placed features contribute to one output of each document, and the words that carry most of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.blocks import Block
from complaint_motive.features.compiled import accelerated

__all__ = ["GRAIN", "LEAST", "Contributions", "contributions", "heaviest_words"]

GRAIN = 2.0**-30
"""Contributions are multiples of this: their running sums are exact, so no text depends on its batch."""
LEAST = 1e-9
"""A word that is worth less than this is no evidence."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Contributions(NamedTuple):
    """Contributions of features to one output of each document, in log-odds.

    Attributes
    ----------
    unplaced : ndarray of float64, shape (n_documents,)
        Of features that stand nowhere in particular.
    slope : ndarray of float64, shape (n_characters + 1,)
        Contribution of each character of the joined text, less that of the one before; a feature's is shared out
        evenly over its range.
    begun, ended : ndarray of float64, shape (n_characters + 1,)
        Of the features whose range begins, or ends, at each character.
    """

    unplaced: Floats
    slope: Floats
    begun: Floats
    ended: Floats


def _exact(values: Floats) -> Floats:
    return np.asarray(np.rint(values / GRAIN) * GRAIN)


def _totals(at: Integers, values: Floats, size: int) -> Floats:
    return np.bincount(at, values, size).astype(np.float64, copy=False)


@accelerated
def contributions(
    codes: NDArray[np.uint32], blocks: Sequence[Block], coefficients: Floats, output: Integers
) -> Contributions:
    """Return the contributions of features to one output of each document.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of the joined text.
    blocks : sequence of Block
        All features with their places.
    coefficients : ndarray of float64, shape (n_outputs, n_features)
        Log-odds per unit of a feature.
    output : ndarray of int64, shape (n_documents,)
        Which output counts.
    """
    n, size = len(output), len(codes) + 1
    blocks = [block for block in blocks if block.start is not None]  # without entries a block may lack places
    row = np.concatenate([np.repeat(np.arange(n), np.diff(block.indptr)) for block in blocks])
    columns, values, _, start, end = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    shares = values * coefficients[output[row], columns]
    placed = end > start
    unplaced = _totals(row[~placed], shares[~placed], n)
    start, end, shares = start[placed], end[placed], _exact(shares[placed])
    own = _exact(shares / (end - start))
    slope = _totals(start, own, size) - _totals(end, own, size)
    return Contributions(unplaced, slope, _totals(start, shares, size), _totals(end, shares, size))


@accelerated
def heaviest_words(
    begun: Floats, ended: Floats, words: Integers, word_bounds: Integers, cost: Integers, budget: Floats
) -> Integers:
    """Return the words that carry most per character, as many of a document as its budget allows, in text order.

    Parameters
    ----------
    begun, ended : ndarray of float64, shape (n_characters + 2,)
        Running sums of what begins and of what ends before each character, see :class:`Contributions`.
    words : ndarray of int64, shape (n_documents + 1,)
        Words of document i are ``words[i]`` to ``words[i + 1]``.
    word_bounds : ndarray of int64, shape (n_words + 1,)
        Bounds of the words.
    cost : ndarray of int64, shape (n_words,)
        What each word takes of the budget, above 0; a word that costs more than all of it cannot be chosen.
    budget : ndarray of float64, shape (n_documents,)
        Budgets.
    """
    first, last = word_bounds[:-1], word_bounds[1:]
    document = np.repeat(np.arange(len(budget)), np.diff(words))
    # What begins before a word ends, and has not ended when it begins, touches it.
    loss = begun[last] - ended[first + 1]
    able = np.flatnonzero((loss > LEAST) & (cost <= budget[document]))
    order = able[np.lexsort((-loss[able] / (last - first)[able], document[able]))]
    used = np.cumsum(cost[order])
    before = np.searchsorted(document[order], document[order])
    within = used - np.where(before > 0, used[before - 1], 0) <= budget[document[order]]
    return np.sort(order[within])
