"""The batch of documents that every later stage reads: normalised once, tokenised once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.keytable import hash_words
from complaint_motive.features.normalize import SEPARATOR, normalize
from complaint_motive.features.privacy import PII_MARKS, find_pii, may_hold_pii
from complaint_motive.features.tokenizer import cut, word_bounds

__all__ = ["Documents", "Stretches", "count_by_document", "read_documents"]


class Stretches(NamedTuple):
    """A stretch of each document: words ``first`` to ``stop``, and its separator, which is word ``end``.

    Attributes
    ----------
    first, stop, end : ndarray of int64, shape (n_documents,)
        Indices of words.
    """

    first: NDArray[np.int64]
    stop: NDArray[np.int64]
    end: NDArray[np.int64]


@dataclass(frozen=True)
class Documents:
    """Normalised documents of a batch, joined; each is followed by one separator character.

    Attributes
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of the joined text.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Document i is ``text[bounds[i]:bounds[i + 1] - 1]``.
    origin, origin_end : ndarray of int64, shape (n_characters,)
        Half-open range, in its own original text, that each character stands for.
    attributed : ndarray of bool, shape (n_documents,)
        True where speaker turns were told apart and only the customer's kept.
    """

    codes: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    origin: NDArray[np.int64]
    origin_end: NDArray[np.int64]
    attributed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @cached_property
    def text(self) -> str:
        """The joined text."""
        return self.codes.astype("<u4").tobytes().decode("utf-32-le")

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Characters of each document, the separator not counted."""
        return np.diff(self.bounds) - 1

    @cached_property
    def words(self) -> list[str]:
        """Words of the joined text in order; a separator is a word of its own."""
        return cut(self.text)

    @cached_property
    def word_bounds(self) -> NDArray[np.int64]:
        """Bounds of the words: word i is ``text[word_bounds[i]:word_bounds[i + 1]]``."""
        return word_bounds(self.codes)

    @cached_property
    def word_documents(self) -> NDArray[np.int64]:
        """Document of each word, shape (n_words,)."""
        counts = np.diff(np.searchsorted(self.word_bounds[:-1], self.bounds))
        return np.repeat(np.arange(len(self)), counts)

    @cached_property
    def word_hashes(self) -> NDArray[np.uint64]:
        """Number of each word, see :func:`~complaint_motive.features.keytable.hash_words`."""
        return hash_words(self.codes, self.word_bounds)

    @cached_property
    def stretches(self) -> Stretches:
        """All words of each document."""
        first = np.searchsorted(self.word_bounds, self.bounds)
        return Stretches(first[:-1], first[1:] - 1, first[1:] - 1)

    @cached_property
    def texts(self) -> list[str]:
        """The normalised text of each document."""
        return self.text.split(SEPARATOR)[:-1]

    def __getitem__(self, index: int) -> str:
        """Return the normalised text of one document."""
        return self.text[self.bounds[index] : self.bounds[index + 1] - 1]


@accelerated
def count_by_document(
    codes: NDArray[np.uint32], bounds: NDArray[np.int64], kinds: NDArray[np.uint8], n_kinds: int
) -> NDArray[np.int64]:
    """Return how many characters of each kind each document has, shape (n_documents, n_kinds).

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of the joined text.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Bounds of the documents.
    kinds : ndarray of uint8
        Kind of each code point; the last entry stands for all behind it.
    n_kinds : int
        Kinds from this one on are not counted.
    """
    own = kinds.take(codes, mode="clip")
    cell = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)) * n_kinds + own
    counted = np.bincount(cell[own < n_kinds], minlength=(len(bounds) - 1) * n_kinds)
    return counted.reshape(-1, n_kinds)


def _mark_pii(codes: NDArray[np.uint32], bounds: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the codes with every piece of personal data as one mark, and how many characters each code stands for."""
    width = np.ones(len(codes), dtype=np.int64)
    for i in np.flatnonzero(may_hold_pii(codes, bounds)):
        first = int(bounds[i])
        for span in find_pii(codes[first : bounds[i + 1]].astype("<u4").tobytes().decode("utf-32-le")):
            width[first + span.start + 1 : first + span.end] = 0
            width[first + span.start] = span.end - span.start
            codes[first + span.start] = ord(PII_MARKS[span.kind])
    return codes, width


def read_documents(texts: Sequence[str]) -> Documents:
    r"""Return the batch of documents for some original texts (transcripts: the customer's words).

    Examples
    --------
    >>> documents = read_documents(["客服：您好\n客户：要求退款！！！！"])
    >>> documents[0].strip(), int(documents.origin[1])
    ('要求退款!!!', 9)
    """
    plain = normalize(texts)
    codes, width = _mark_pii(plain.codes, plain.bounds)
    if (width == 1).all():
        return Documents(codes, plain.bounds, plain.origin, plain.origin + 1, plain.attributed)
    kept = np.flatnonzero(width)
    last = kept + width.take(kept) - 1
    bounds = np.searchsorted(kept, plain.bounds)
    return Documents(codes.take(kept), bounds, plain.origin.take(kept), plain.origin.take(last) + 1, plain.attributed)
