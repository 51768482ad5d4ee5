"""Word and character n-grams of a batch as one sparse matrix.

An n-gram is a 64-bit key made of small integers: the ids of its words, or of its characters. Values are TF-IDF where
each occurrence counts (no merging of repeats), normalised per block (words, characters) by the root of the summed
squared idf of the occurrences; so each occurrence has a place in the text and its own share of the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.document import Documents
from complaint_motive.features.keytable import KeyTable
from complaint_motive.features.normalize import SEPARATOR, encode

__all__ = ["NgramVocabulary", "Occurrences"]

_UNKNOWN, _BLANK, _EDGE, _FIRST = 0, 1, 2, 3
_FIELD, _TAG = 20, 60
_WORD1, _WORD2, _CHAR1, _CHAR2, _CHAR3 = 1, 2, 3, 4, 5
_WORD_KINDS, _CHARACTER_KINDS = (_WORD1, _WORD2), (_CHAR1, _CHAR2, _CHAR3)


@dataclass(frozen=True)
class Occurrences:
    """Features of a batch and where each of them stands.

    Attributes
    ----------
    matrix : csr_matrix of float32, shape (n_documents, n_features)
        Values; a feature that occurs twice in a document has two entries in its row.
    start, end : ndarray of int64, shape (matrix.nnz,)
        Half-open range of each entry in the joined text of the batch.
    """

    matrix: sparse.csr_matrix
    start: NDArray[np.int64]
    end: NDArray[np.int64]


@dataclass(frozen=True)
class _Grams:
    """n-grams of a batch in text order: key (0 = unknown), document, first and last unit."""

    keys: NDArray[np.uint64]
    document: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def __getitem__(self, chosen: NDArray[np.bool_]) -> _Grams:
        return _Grams(self.keys[chosen], self.document[chosen], self.first[chosen], self.last[chosen])


def _grams(ids: NDArray[np.int64], kinds: Sequence[int]) -> Iterator[_Grams]:
    """Yield the 1-grams, 2-grams, ... of units; an edge stands before and after each document, blanks do not count."""
    index = np.flatnonzero(ids != _BLANK)
    units = np.concatenate([[_EDGE], ids[index]])
    index = np.concatenate([[0], index])
    edge = units == _EDGE
    document = np.cumsum(edge) - 1
    fields = units.astype(np.uint64)
    for n, kind in enumerate(kinds, 1):
        stop = max(len(units) - n + 1, 0)
        keys = np.full(stop, kind << _TAG, dtype=np.uint64)
        known = np.ones(stop, dtype=np.bool_)
        for k in range(n):
            keys |= fields[k : stop + k] << np.uint64(_FIELD * k)
            known &= units[k : stop + k] != _UNKNOWN
        keys[~known] = 0
        within = ~(edge[:stop] & edge[n - 1 :][:stop])
        if n == 3:
            within &= ~edge[1 : stop + 1]
        first = np.flatnonzero(within)
        last = first + n - 1
        begin = first + edge[first]
        yield _Grams(keys[first], document[begin], index[begin], index[last - edge[last]])


def _word_ids(words: Sequence[str]) -> dict[str, int]:
    return {" ": _BLANK, SEPARATOR: _EDGE} | {word: k for k, word in enumerate(words, _FIRST)}


def _character_ids(characters: str) -> NDArray[np.int64]:
    table = np.zeros(0x110000, dtype=np.int64)
    table[encode(characters)] = np.arange(_FIRST, _FIRST + len(characters))
    table[ord(" ")] = _BLANK
    table[ord(SEPARATOR)] = _EDGE
    return table


def _weighted(
    documents: Documents, parts: Sequence[_Grams], features: Sequence[NDArray[np.int32]], idf: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the values of one block's entries and the row of each."""
    rows = np.concatenate([part.document for part in parts])
    values = idf[np.concatenate(list(features))]
    norm = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=len(documents)))
    return (values / np.maximum(norm, 1e-9)[rows]).astype(np.float32), rows


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
        for part in everything._parts(documents):
            pairs = np.unique(np.stack([part.keys, part.document.astype(np.uint64)]), axis=1)
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
    def _ids(self) -> tuple[dict[str, int], NDArray[np.int64]]:
        return _word_ids(self.words), _character_ids(self.characters)

    def _parts(self, documents: Documents) -> list[_Grams]:
        """Return the n-grams of the batch whose words or characters are all known, kind by kind."""
        words, characters = self._ids
        found = list(map(words.get, documents.words, repeat(_UNKNOWN)))
        word_units = np.array(found, dtype=np.int64)
        parts = [*_grams(word_units, _WORD_KINDS), *_grams(characters[documents.codes], _CHARACTER_KINDS)]
        return [part[part.keys != 0] for part in parts]

    def _known(self, documents: Documents) -> tuple[list[_Grams], list[NDArray[np.int32]]]:
        parts, features = [], []
        for part in self._parts(documents):
            feature = self._table.lookup(part.keys)
            hit = feature >= 0
            parts.append(part[hit])
            features.append(feature[hit])
        return parts, features

    def _assemble(
        self, documents: Documents
    ) -> tuple[sparse.csr_matrix, list[_Grams], NDArray[np.int64]]:
        parts, features = self._known(documents)
        n_word_kinds = len(_WORD_KINDS)
        words, word_rows = _weighted(documents, parts[:n_word_kinds], features[:n_word_kinds], self.idf)
        chars, char_rows = _weighted(documents, parts[n_word_kinds:], features[n_word_kinds:], self.idf)
        rows = np.concatenate([word_rows, char_rows])
        order = np.argsort(rows, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(documents)))])
        matrix = sparse.csr_matrix(
            (np.concatenate([words, chars])[order], np.concatenate(features)[order], indptr),
            shape=(len(documents), len(self)),
        )
        return matrix, parts, order

    def transform(self, documents: Documents) -> sparse.csr_matrix:
        """Return the matrix of a batch, float32, shape (n_documents, n_features); repeats are separate entries."""
        return self._assemble(documents)[0]

    def locate(self, documents: Documents) -> Occurrences:
        """Return the matrix of a batch together with the place of every entry."""
        matrix, parts, order = self._assemble(documents)
        ends = np.cumsum(np.fromiter(map(len, documents.words), dtype=np.int64, count=len(documents.words)))
        starts = ends - np.fromiter(map(len, documents.words), dtype=np.int64, count=len(documents.words))
        first, last = [], []
        for k, part in enumerate(parts):
            is_word = k < len(_WORD_KINDS)
            first.append(starts[part.first] if is_word else part.first)
            last.append(ends[part.last] if is_word else part.last + 1)
        return Occurrences(matrix, np.concatenate(first)[order], np.concatenate(last)[order])

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
