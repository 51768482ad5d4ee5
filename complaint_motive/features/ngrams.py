"""Word and character n-grams of a batch as one sparse matrix.

An n-gram is a 64-bit key made of small integers: the ids of its words, or of its characters. Values are TF-IDF where
each occurrence counts (no merging of repeats), normalised per block (words, characters) by the root of the summed
squared idf of the occurrences; so each occurrence has a place in the text and its own share of the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.blocks import Block, Occurrences, side_by_side, split_blocks
from complaint_motive.features.document import Documents, Stretches
from complaint_motive.features.keytable import KeyTable, hash_words
from complaint_motive.features.ngram_entries import (
    BLANK,
    CHARACTER_KINDS,
    EDGE,
    FIELD,
    FIRST,
    TAG,
    UNKNOWN,
    WORD_KINDS,
    Lookup,
    character_units,
    ngram_entries,
    units_of_kinds,
    word_units,
)
from complaint_motive.features.normalize import SEPARATOR, encode

__all__ = ["NgramVocabulary"]


def _character_ids(characters: str) -> NDArray[np.uint64]:
    codes = encode(characters)
    table = np.full(int(codes.max(initial=0x7F)) + 2, UNKNOWN, dtype=np.uint64)
    table[codes] = np.arange(FIRST, FIRST + len(characters))
    table[ord(" ")] = BLANK
    table[ord(SEPARATOR)] = EDGE
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
    def fit(cls, documents: Documents, stretches: Stretches | None = None, *, min_df: int = 5) -> NgramVocabulary:
        """Return the vocabulary of all n-grams that occur in at least `min_df` documents.

        Parameters
        ----------
        documents : Documents
            Training documents.
        stretches : Stretches, optional
            Which words of each document count; default: all.
        min_df : int, default 5
            Least document frequency: rarer n-grams would carry somebody's text or name into the model.
        """
        words = sorted(set(documents.words) - {" ", SEPARATOR})
        characters = "".join(sorted(set(documents.text) - {" ", SEPARATOR}))
        everything = cls(tuple(words), characters, np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.float32))
        stretches = documents.stretches if stretches is None else stretches
        lookup = everything.lookup
        units = (
            word_units(documents.word_hashes, stretches, lookup.words),
            character_units(documents.codes, documents.word_bounds, stretches, lookup.characters),
        )
        keys, counts = [], []
        for kind, n, some in units_of_kinds(*units):
            first = some.within(n)
            document = np.searchsorted(some.edges, first, side="right").astype(np.uint64)
            pairs = np.unique(np.stack([some.keys(kind, n)[first], document]), axis=1)
            found, df = np.unique(pairs[0], return_counts=True)
            keys.append(found[df >= min_df])
            counts.append(df[df >= min_df])
        idf = np.log((1 + len(documents)) / (1 + np.concatenate(counts))) + 1
        return cls(everything.words, characters, np.concatenate(keys), idf.astype(np.float32)).compact()

    def compact(self, chosen: NDArray[np.bool_] | None = None) -> NgramVocabulary:
        """Return the vocabulary of the chosen features, without words and characters that none of them uses."""
        keys = self.keys if chosen is None else self.keys[chosen]
        idf = self.idf if chosen is None else self.idf[chosen]
        fields = np.stack([(keys >> np.uint64(FIELD * k)) & np.uint64((1 << FIELD) - 1) for k in range(3)])
        is_word = keys >> np.uint64(TAG) <= WORD_KINDS[-1]
        renumbered = fields.copy()
        kept = []
        for block, size in ((is_word, len(self.words)), (~is_word, len(self.characters))):
            used = np.zeros(size + FIRST, dtype=np.bool_)
            used[fields[:, block].astype(np.int64)] = True
            used[:FIRST] = True
            new = (np.cumsum(used) - 1).astype(np.uint64)
            renumbered[:, block] = new[fields[:, block].astype(np.int64)]
            kept.append(np.flatnonzero(used[FIRST:]))
        fresh = (keys >> np.uint64(TAG)) << np.uint64(TAG)
        for k in range(3):
            fresh |= renumbered[k] << np.uint64(FIELD * k)
        order = np.argsort(fresh)
        words = tuple(self.words[k] for k in kept[0])
        return NgramVocabulary(words, "".join(self.characters[k] for k in kept[1]), fresh[order], idf[order])

    @cached_property
    def n_word_features(self) -> int:
        """How many features are word n-grams; they are the first ones."""
        return int(np.searchsorted(self.keys, np.uint64(CHARACTER_KINDS[0] << TAG)))

    @cached_property
    def lookup(self) -> Lookup:
        """The arrays that n-grams are looked up in."""
        idf = self.idf.astype(np.float32)
        tables = _word_table(self.words).slots, _character_ids(self.characters)
        singles = self._single(WORD_KINDS[0], len(self.words)), self._single(CHARACTER_KINDS[0], len(self.characters))
        return Lookup(*tables, *singles, KeyTable(self.keys).slots, idf, idf.astype(np.float64) ** 2)

    def _single(self, kind: int, n_units: int) -> NDArray[np.int32]:
        """Return the feature of each single word or character by its id, -1 where it is none."""
        start, stop = np.searchsorted(self.keys, [np.uint64(kind << TAG), np.uint64((kind + 1) << TAG)])
        features = np.full(n_units + FIRST, -1, dtype=np.int32)
        features[(self.keys[start:stop] - np.uint64(kind << TAG)).view(np.int64)] = np.arange(start, stop)
        return features

    def blocks(self, documents: Documents, stretches: Stretches | None = None, *, places: bool = False) -> list[Block]:
        """Return the features of a batch in blocks.

        Parameters
        ----------
        documents : Documents
            The batch.
        stretches : Stretches, optional
            Which words of each document count; default: all.
        places : bool, default False
            Also return where each entry stands.
        """
        stretches = documents.stretches if stretches is None else stretches
        words = word_units(documents.word_hashes, stretches, self.lookup.words)
        entries = ngram_entries(documents.codes, documents.word_bounds, words, stretches, self.lookup, places)
        return split_blocks(*entries)

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
            kind = key >> TAG
            n = kind if kind <= WORD_KINDS[-1] else kind - WORD_KINDS[-1]
            ids = [(key >> (FIELD * k)) & ((1 << FIELD) - 1) for k in range(n)]
            units = self.words if kind <= WORD_KINDS[-1] else self.characters
            parts = [("$" if k else "^") if i == EDGE else units[i - FIRST] for k, i in enumerate(ids)]
            out.append((" " if kind <= WORD_KINDS[-1] else "").join(parts))
        return out
