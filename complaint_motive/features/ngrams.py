"""Word and character n-grams of a batch as one sparse matrix.

An n-gram is a 64-bit key made of small integers: the ids of its words, or of its characters. Values are TF-IDF where
each occurrence counts (no merging of repeats), normalised per block (words, characters) by the root of the summed
squared idf of the occurrences; so each occurrence has a place in the text and its own share of the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.blocks import Block, Occurrences, side_by_side
from complaint_motive.features.document import Documents
from complaint_motive.features.keytable import KeyTable, hash_words
from complaint_motive.features.normalize import SEPARATOR, encode

__all__ = ["NgramVocabulary"]

_UNKNOWN, _BLANK, _EDGE, _FIRST = 0, 1, 2, 3
_FIELD, _TAG = 20, 60
_WORD1, _WORD2, _CHAR1, _CHAR2, _CHAR3 = 1, 2, 3, 4, 5
_WORD_KINDS, _CHARACTER_KINDS = (_WORD1, _WORD2), (_CHAR1, _CHAR2, _CHAR3)


class _Units(NamedTuple):
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
    def of(cls, ids: NDArray[np.uint64]) -> _Units:
        """Return the units of a joined text from the ids of its words or characters."""
        standing = np.flatnonzero(ids != _BLANK)
        units = np.concatenate([[np.uint64(_EDGE)], ids.take(standing)])
        return cls(units, np.concatenate([[0], standing]), np.flatnonzero(units == _EDGE))

    def keys(self, kind: int, n: int) -> NDArray[np.uint64]:
        """Return the key of the n-gram that begins at each unit; no vocabulary has one that holds an unknown id."""
        stop = max(len(self.ids) - n + 1, 0)
        keys = self.ids[:stop] | np.uint64(kind << _TAG)
        for k in range(1, n):
            keys |= self.ids[k : stop + k] << np.uint64(_FIELD * k)
        return keys

    def within(self, n: int) -> NDArray[np.int64]:
        """Return where an n-gram begins that reaches over no edge and is more than edges."""
        edge = self.ids == _EDGE
        stop = max(len(edge) - n + 1, 0)
        outside = edge[:stop] & edge[n - 1 :]
        for k in range(1, n - 1):
            outside |= edge[k : stop + k]
        return np.flatnonzero(~outside)

    def ranges(self, first: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return first and last word or character of the n-grams that begin at some units, edges left out."""
        last = first + n - 1
        return (
            self.places.take(first + (self.ids.take(first) == _EDGE)),
            self.places.take(last - (self.ids.take(last) == _EDGE)),
        )


class _Hits(NamedTuple):
    """Known n-grams of one kind in text order: feature of each, unit where it begins, bounds of the documents."""

    features: NDArray[np.int32]
    first: NDArray[np.int64]
    indptr: NDArray[np.int64]


def _character_ids(characters: str) -> NDArray[np.uint64]:
    codes = encode(characters)
    table = np.full(int(codes.max(initial=0x7F)) + 2, _UNKNOWN, dtype=np.uint64)
    table[codes] = np.arange(_FIRST, _FIRST + len(characters))
    table[ord(" ")] = _BLANK
    table[ord(SEPARATOR)] = _EDGE
    return table


def _word_table(words: Sequence[str]) -> KeyTable:
    listed = [" ", SEPARATOR, *words]
    bounds = np.concatenate([[0], np.cumsum(np.fromiter(map(len, listed), dtype=np.int64, count=len(listed)))])
    return KeyTable(hash_words(encode("".join(listed)), bounds))


@dataclass(frozen=True, eq=False)
class NgramVocabulary:
    """The n-grams that a model knows, with their inverse document frequencies.

    Attributes
    ----------
    words : tuple of str
        Words that occur in the word n-grams; a word's id is its position + 3.
    characters : str
        Characters that occur in the character n-grams; a character's id is its position + 3.
    keys : ndarray of uint64, shape (n_features,)
        Keys of the n-grams in ascending order: word n-grams stand before character n-grams.
    idf : ndarray of float32, shape (n_features,)
        Inverse document frequencies.
    """

    words: tuple[str, ...]
    characters: str
    keys: NDArray[np.uint64]
    idf: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def fit(cls, documents: Documents, *, min_df: int = 5) -> NgramVocabulary:
        """Return the vocabulary of all n-grams that occur in at least `min_df` documents.

        Parameters
        ----------
        documents : Documents
            Training documents.
        min_df : int, default 5
            Least document frequency: rarer n-grams would carry somebody's text or name into the model.
        """
        words = sorted(set(documents.words) - {" ", SEPARATOR})
        characters = "".join(sorted(set(documents.text) - {" ", SEPARATOR}))
        everything = cls(tuple(words), characters, np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.float32))
        keys, counts = [], []
        for kind, n, units in everything._kinds(documents):
            first = units.within(n)
            document = np.searchsorted(units.edges, first, side="right").astype(np.uint64)
            pairs = np.unique(np.stack([units.keys(kind, n)[first], document]), axis=1)
            found, df = np.unique(pairs[0], return_counts=True)
            keys.append(found[df >= min_df])
            counts.append(df[df >= min_df])
        idf = np.log((1 + len(documents)) / (1 + np.concatenate(counts))) + 1
        return cls(everything.words, characters, np.concatenate(keys), idf.astype(np.float32)).compact()

    def compact(self, chosen: NDArray[np.bool_] | None = None) -> NgramVocabulary:
        """Return the vocabulary of the chosen features, without words and characters that none of them uses."""
        keys = self.keys if chosen is None else self.keys[chosen]
        idf = self.idf if chosen is None else self.idf[chosen]
        fields = np.stack([(keys >> np.uint64(_FIELD * k)) & np.uint64((1 << _FIELD) - 1) for k in range(3)])
        is_word = keys >> np.uint64(_TAG) <= _WORD2
        renumbered = fields.copy()
        kept = []
        for block, size in ((is_word, len(self.words)), (~is_word, len(self.characters))):
            used = np.zeros(size + _FIRST, dtype=np.bool_)
            used[fields[:, block].astype(np.int64)] = True
            used[:_FIRST] = True
            new = (np.cumsum(used) - 1).astype(np.uint64)
            renumbered[:, block] = new[fields[:, block].astype(np.int64)]
            kept.append(np.flatnonzero(used[_FIRST:]))
        fresh = (keys >> np.uint64(_TAG)) << np.uint64(_TAG)
        for k in range(3):
            fresh |= renumbered[k] << np.uint64(_FIELD * k)
        order = np.argsort(fresh)
        words = tuple(self.words[k] for k in kept[0])
        return NgramVocabulary(words, "".join(self.characters[k] for k in kept[1]), fresh[order], idf[order])

    @cached_property
    def n_word_features(self) -> int:
        """How many features are word n-grams; they are the first ones."""
        return int(np.searchsorted(self.keys, np.uint64(_CHAR1 << _TAG)))

    @cached_property
    def _table(self) -> KeyTable:
        return KeyTable(self.keys)

    @cached_property
    def _ids(self) -> tuple[KeyTable, NDArray[np.uint64]]:
        return _word_table(self.words), _character_ids(self.characters)

    def _kinds(self, documents: Documents) -> list[tuple[int, int, _Units]]:
        """Return (kind, n, units) of every kind of n-gram, in the order of their features."""
        table, characters = self._ids
        word_ids = np.full(len(documents.word_bounds) - 1, _UNKNOWN, dtype=np.uint64)
        known, positions = table.find(hash_words(documents.codes, documents.word_bounds))
        word_ids[known] = positions + _BLANK
        words, letters = _Units.of(word_ids), _Units.of(characters.take(documents.codes, mode="clip"))
        kinds = [(kind, n, words) for n, kind in enumerate(_WORD_KINDS, 1)]
        return kinds + [(kind, n, letters) for n, kind in enumerate(_CHARACTER_KINDS, 1)]

    @cached_property
    def _single(self) -> dict[int, NDArray[np.int32]]:
        """Feature of each single word and character by its id, -1 where it is none."""
        tables = {}
        for kind, n_units in ((_WORD1, len(self.words)), (_CHAR1, len(self.characters))):
            start, stop = np.searchsorted(self.keys, [np.uint64(kind << _TAG), np.uint64((kind + 1) << _TAG)])
            tables[kind] = np.full(n_units + _FIRST, -1, dtype=np.int32)
            tables[kind][(self.keys[start:stop] - np.uint64(kind << _TAG)).view(np.int64)] = np.arange(start, stop)
        return tables

    def _hits(self, kind: int, n: int, units: _Units) -> _Hits:
        if n == 1:
            features = self._single[kind].take(units.ids.view(np.int64))
            first = np.flatnonzero(features >= 0)
            features = features.take(first)
        else:
            first, features = self._table.find(units.keys(kind, n))
        return _Hits(features, first, np.searchsorted(first, units.edges))

    @cached_property
    def _squares(self) -> NDArray[np.float64]:
        return self.idf.astype(np.float64) ** 2

    def _values(self, parts: Sequence[_Hits]) -> list[NDArray[np.float32]]:
        """Return the values of the hits of the kinds that are normalised together."""
        n_documents = len(parts[0].indptr) - 1
        counts = np.stack([np.diff(part.indptr) for part in parts])
        rows = np.repeat(np.tile(np.arange(n_documents), len(parts)), counts.ravel())
        features = np.concatenate([part.features for part in parts])
        norm = np.sqrt(np.bincount(rows, weights=self._squares.take(features), minlength=n_documents))
        values = (self.idf.take(features) / np.maximum(norm, 1e-9).take(rows)).astype(np.float32)
        return np.split(values, np.cumsum([len(part.first) for part in parts])[:-1])

    def blocks(self, documents: Documents, *, places: bool = False) -> list[Block]:
        """Return the features of a batch, one block for each kind of n-gram.

        Parameters
        ----------
        documents : Documents
            The batch.
        places : bool, default False
            Also return where each entry stands.
        """
        kinds = self._kinds(documents)
        hits = [self._hits(*kind) for kind in kinds]
        n_word_kinds = len(_WORD_KINDS)
        values = [*self._values(hits[:n_word_kinds]), *self._values(hits[n_word_kinds:])]
        blocks = [Block(hit.features, value, hit.indptr) for hit, value in zip(hits, values, strict=True)]
        if not places:
            return blocks
        placed = []
        for (kind, n, units), hit, block in zip(kinds, hits, blocks, strict=True):
            first, last = units.ranges(hit.first, n)
            if kind in _WORD_KINDS:
                first, last = documents.word_bounds.take(first), documents.word_bounds.take(last + 1) - 1
            placed.append(block._replace(start=first, end=last + 1))
        return placed

    def transform(self, documents: Documents) -> sparse.csr_matrix:
        """Return the matrix of a batch, float32, shape (n_documents, n_features); repeats are separate entries."""
        return side_by_side(self.blocks(documents), len(self)).matrix

    def locate(self, documents: Documents) -> Occurrences:
        """Return the matrix of a batch together with the place of every entry."""
        return side_by_side(self.blocks(documents, places=True), len(self))

    def names(self) -> list[str]:
        """Return each n-gram as text: words joined by a space, characters as they stand, ``^`` and ``$`` for edges."""
        out = []
        for key in self.keys.tolist():
            kind = key >> _TAG
            n = kind if kind <= _WORD2 else kind - _WORD2
            ids = [(key >> (_FIELD * k)) & ((1 << _FIELD) - 1) for k in range(n)]
            units = self.words if kind <= _WORD2 else self.characters
            parts = [("$" if k else "^") if i == _EDGE else units[i - _FIRST] for k, i in enumerate(ids)]
            out.append((" " if kind <= _WORD2 else "").join(parts))
        return out
