"""The joined text of a batch, as the cue search reads it."""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_patterns import CLAUSE_MARKS, SENTENCE_MARKS

__all__ = ["PAIR_FACTOR", "JoinedText", "code_points", "pair_hash"]

PAIR_FACTOR = np.uint16(0x9E35)
"""Of :func:`pair_hash`; odd, so that no two first characters share a product."""

_Offsets = NDArray[np.int64]


class JoinedText:
    r"""Documents, each followed by one ``"\x1e"``, with where they, their sentences and their clauses end.

    Parameters
    ----------
    text : str
        The documents.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Document ``i`` is ``text[bounds[i]:bounds[i + 1] - 1]``.
    """

    def __init__(self, text: str, bounds: _Offsets) -> None:
        self.text = text
        self.bounds = bounds

    @cached_property
    def codes(self) -> NDArray[np.uint16]:
        """Code points of the text, see :func:`code_points`."""
        return code_points(self.text)

    @cached_property
    def _marks(self) -> tuple[_Offsets, _Offsets]:
        kinds = _mark_kinds()[self.codes]
        clauses = np.flatnonzero(kinds)
        sentences = clauses[kinds[clauses] == 2]
        return _with_ends(clauses, len(kinds)), _with_ends(sentences, len(kinds))

    def documents(self, places: _Offsets) -> tuple[_Offsets, _Offsets, _Offsets]:
        """Return for each offset the index of its document and where that begins and ends."""
        found = np.searchsorted(self.bounds, places, side="right") - 1
        return found, self.bounds[found], self.bounds[found + 1] - 1

    def scopes(self, starts: _Offsets, lasts: _Offsets, *, clause: bool) -> tuple[_Offsets, _Offsets]:
        """Return for each span where the clause of its start begins and the clause of its last character ends.

        Parameters
        ----------
        starts, lasts : ndarray of int64, shape (n,)
            Offsets of the first and the last character of the spans.
        clause : bool
            True for clauses, False for sentences.
        """
        marks = self._marks[0 if clause else 1]
        return marks[np.searchsorted(marks, starts) - 1] + 1, marks[np.searchsorted(marks, lasts)]


def _with_ends(marks: _Offsets, length: int) -> _Offsets:
    return np.concatenate(([-1], marks, [length]))


def code_points(text: str) -> NDArray[np.uint16]:
    """Return the code points of a text; U+FFFF for every character outside the basic plane."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    clipped: NDArray[np.uint16] = np.minimum(codes, 0xFFFF).astype(np.uint16)
    return clipped


@lru_cache(maxsize=1)
def _mark_kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(0x10000, dtype=np.uint8)
    kinds[[ord(mark) for mark in CLAUSE_MARKS]] = 1
    kinds[[ord(mark) for mark in SENTENCE_MARKS]] = 2
    return kinds


def pair_hash(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return a number of 16 bits for each pair of characters."""
    return (first * PAIR_FACTOR) ^ second
