"""Known n-grams of some documents: which stand where, and what each occurrence is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.document import Stretches
from complaint_motive.features.keytable import Slots, find_keys

__all__ = [
    "BLANK",
    "CHARACTER_KINDS",
    "EDGE",
    "FIELD",
    "FIRST",
    "TAG",
    "UNKNOWN",
    "WORD_KINDS",
    "Entries",
    "Lookup",
    "Units",
    "character_units",
    "ngram_entries",
    "units_of_kinds",
    "word_units",
]

UNKNOWN, BLANK, EDGE, FIRST = 0, 1, 2, 3
FIELD, TAG = 20, 60
WORD_KINDS, CHARACTER_KINDS = (1, 2), (3, 4, 5)
"""Tags of single words and pairs, and of single characters, pairs and triples."""


class Units(NamedTuple):
    """The words or characters of a batch as ids, an edge before and after each document; blanks do not count.

    Attributes
    ----------
    ids : ndarray of uint64, shape (n_units,)
        Ids.
    places : ndarray of int64, shape (n_units,)
        Which word or character of the joined text each unit is; the first edge is none.
    edges : ndarray of int64, shape (n_documents + 1,)
        Indices of the edges: n-grams that begin at ``edges[i]`` or later, before ``edges[i + 1]``, are of document i.
    """

    ids: NDArray[np.uint64]
    places: NDArray[np.int64]
    edges: NDArray[np.int64]

    @classmethod
    def of(cls, ids: NDArray[np.uint64], places: NDArray[np.int64]) -> Units:
        """Return the units of some words or characters of the joined text from their ids and places."""
        standing = np.flatnonzero(ids != BLANK)
        units = np.concatenate([[np.uint64(EDGE)], ids.take(standing)])
        return cls(units, np.concatenate([[0], places.take(standing)]), np.flatnonzero(units == EDGE))

    def of_documents(self, documents: NDArray[np.int64]) -> Units:
        """Return the units of some documents."""
        first, last = self.edges.take(documents), self.edges.take(documents + 1)
        chosen = np.append(_spread(first, last - 1, last - 1), last[-1:])
        return Units(self.ids.take(chosen), self.places.take(chosen), np.append(0, np.cumsum(last - first)))

    def keys(self, kind: int, n: int) -> NDArray[np.uint64]:
        """Return the key of the n-gram that begins at each unit; no vocabulary has one that holds an unknown id."""
        stop = max(len(self.ids) - n + 1, 0)
        keys = self.ids[:stop] | np.uint64(kind << TAG)
        for k in range(1, n):
            keys |= self.ids[k : stop + k] << np.uint64(FIELD * k)
        return keys

    def within(self, n: int) -> NDArray[np.int64]:
        """Return where an n-gram begins that reaches over no edge and is more than edges."""
        edge = self.ids == EDGE
        stop = max(len(edge) - n + 1, 0)
        outside = edge[:stop] & edge[n - 1 :]
        for k in range(1, n - 1):
            outside |= edge[k : stop + k]
        return np.flatnonzero(~outside)

    def ranges(self, first: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return first and last word or character of the n-grams that begin at some units, edges left out."""
        last = first + n - 1
        return (
            self.places.take(first + (self.ids.take(first) == EDGE)),
            self.places.take(last - (self.ids.take(last) == EDGE)),
        )


class Lookup(NamedTuple):
    """The arrays of a vocabulary that n-grams are looked up in.

    Attributes
    ----------
    words : Slots
        Words by their numbers; the id of a word is its position + 1.
    characters : ndarray of uint64
        Id of each character by its code point; the last entry stands for all behind it.
    single_words, single_characters : ndarray of int32
        Feature by id, -1 where it is none.
    ngrams : Slots
        Features by their keys.
    idf : ndarray of float32, shape (n_features,)
        Inverse document frequencies.
    squares : ndarray of float64, shape (n_features,)
        Their squares.
    """

    words: Slots
    characters: NDArray[np.uint64]
    single_words: NDArray[np.int32]
    single_characters: NDArray[np.int32]
    ngrams: Slots
    idf: NDArray[np.float32]
    squares: NDArray[np.float64]


class Entries(NamedTuple):
    """Known n-grams in some blocks, one for each row of `indptr`; the entries of a block stand in text order.

    Attributes
    ----------
    columns : ndarray of int32, shape (n_entries,)
        Features.
    values : ndarray of float32, shape (n_entries,)
        idf, divided by the root of the summed squares of the document's words or characters.
    start, end : ndarray of int64, shape (n_entries,)
        Where each entry stands in the joined text; empty unless asked for.
    indptr : ndarray of int64, shape (n_blocks, n_documents + 1)
        Entries of document i in block b are ``indptr[b, i]`` to ``indptr[b, i + 1]`` of the block.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    indptr: NDArray[np.int64]


class _Hits(NamedTuple):
    """Known n-grams of one kind in text order: feature of each, unit where it begins, bounds of the documents."""

    features: NDArray[np.int32]
    first: NDArray[np.int64]
    indptr: NDArray[np.int64]


def _hits(lookup: Lookup, kind: int, n: int, units: Units) -> _Hits:
    if n == 1:
        singles = lookup.single_words if kind in WORD_KINDS else lookup.single_characters
        features = singles.take(units.ids.view(np.int64))
        first = np.flatnonzero(features >= 0)
        features = features.take(first)
    else:
        first, features = find_keys(units.keys(kind, n), lookup.ngrams)
    return _Hits(features, first, np.searchsorted(first, units.edges))


def _values(lookup: Lookup, parts: Sequence[_Hits]) -> NDArray[np.float32]:
    """Return the values of the hits of the kinds that are normalised together."""
    n_documents = len(parts[0].indptr) - 1
    counts = np.stack([np.diff(part.indptr) for part in parts])
    rows = np.repeat(np.tile(np.arange(n_documents), len(parts)), counts.ravel())
    features = np.concatenate([part.features for part in parts])
    norm = np.sqrt(np.bincount(rows, weights=lookup.squares.take(features), minlength=n_documents))
    values = lookup.idf.take(features) / np.maximum(norm, 1e-9).take(rows)
    return np.asarray(values, dtype=np.float32)


def _spread(first: NDArray[np.int64], stop: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``first[0], …, stop[0] - 1, end[0], first[1], …``."""
    counts = stop - first + 1
    ends = np.cumsum(counts)
    indices: NDArray[np.int64] = np.arange(int(counts.sum())) + np.repeat(first - ends + counts, counts)
    indices[ends - 1] = end
    return indices


@accelerated
def word_units(hashes: NDArray[np.uint64], stretches: Stretches, words: Slots) -> Units:
    """Return the words of the stretches.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n_words,)
        The words' numbers.
    stretches : Stretches
        Which words are looked at.
    words : Slots
        The known words; the id of a word is its position + 1.
    """
    places = _spread(*stretches)
    ids = np.full(len(places), UNKNOWN, dtype=np.uint64)
    known, positions = find_keys(hashes.take(places), words)
    ids[known] = positions + BLANK
    return Units.of(ids, places)


def character_units(
    codes: NDArray[np.uint32], word_bounds: NDArray[np.int64], stretches: Stretches, characters: NDArray[np.uint64]
) -> Units:
    """Return the characters of the stretches, see :func:`ngram_entries` and :class:`Lookup`."""
    first, stop, end = stretches
    letters = _spread(word_bounds.take(first), word_bounds.take(stop), word_bounds.take(end))
    ids = characters.take(codes.take(letters), mode="clip")
    return Units.of(ids, letters)


def units_of_kinds(words: Units, letters: Units) -> list[tuple[int, int, Units]]:
    """Return (kind, n, units) of every kind of n-gram, in the order of their features."""
    kinds = [(kind, n, words) for n, kind in enumerate(WORD_KINDS, 1)]
    return kinds + [(kind, n, letters) for n, kind in enumerate(CHARACTER_KINDS, 1)]


@accelerated
def ngram_entries(
    codes: NDArray[np.uint32],
    word_bounds: NDArray[np.int64],
    words: Units,
    stretches: Stretches,
    lookup: Lookup,
    places: bool,
) -> Entries:
    """Return the known n-grams of a stretch of each document.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of the joined text.
    word_bounds : ndarray of int64, shape (n_words + 1,)
        Bounds of its words.
    words : Units
        Words of the stretches.
    stretches : Stretches
        Which words are looked at.
    lookup : Lookup
        The vocabulary.
    places : bool
        Also return where each entry stands.
    """
    kinds = units_of_kinds(words, character_units(codes, word_bounds, stretches, lookup.characters))
    hits = [_hits(lookup, *kind) for kind in kinds]
    values = np.concatenate([_values(lookup, hits[: len(WORD_KINDS)]), _values(lookup, hits[len(WORD_KINDS) :])])
    columns, indptr = np.concatenate([hit.features for hit in hits]), np.stack([hit.indptr for hit in hits])
    if not places:
        nowhere = np.zeros(0, dtype=np.int64)
        return Entries(columns, values, nowhere, nowhere, indptr)
    starts, ends = [], []
    for (kind, n, units), hit in zip(kinds, hits, strict=True):
        start, last = units.ranges(hit.first, n)
        if kind in WORD_KINDS:
            start, last = word_bounds.take(start), word_bounds.take(last + 1) - 1
        starts.append(start)
        ends.append(last + 1)
    return Entries(columns, values, np.concatenate(starts), np.concatenate(ends), indptr)
