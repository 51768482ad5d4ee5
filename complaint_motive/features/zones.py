"""n-grams of the whole text, and once more of where complainants say what they want: the title and the last words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.document import Documents, Stretches
from complaint_motive.features.feature_sums import ZoneLookup
from complaint_motive.features.ngram_entries import Units, word_units
from complaint_motive.features.ngrams import NgramVocabulary

__all__ = ["ZONES", "ZonedVocabulary"]

ZONES = ("whole", "tail", "title")
"""The whole text; its last 30 characters; its first line where it is short and others follow."""

_TAIL_LENGTH, _TITLE_LENGTH = 30, 45
_WEIGHTS = {"whole": 1.0, "tail": 0.5, "title": 0.5}
_NEWLINE, _BLANK = 0x0A, 0x20


def _title_bounds(documents: Documents) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each document's title starts and ends; the same place where it has none."""
    codes, bounds = documents.codes, documents.bounds
    start, last = bounds[:-1], bounds[1:] - 1
    start = start + ((codes[start] == _NEWLINE) | (codes[start] == _BLANK))
    breaks = np.append(np.flatnonzero(codes == _NEWLINE), len(codes))
    end = breaks[np.searchsorted(breaks, start)]
    return start, np.where((end < last - 1) & (end - start < _TITLE_LENGTH), end, start)


def _stretches(documents: Documents, zone: str) -> Stretches:
    """Return which words of each document stand in a zone."""
    whole = documents.stretches
    if zone == "whole":
        return whole
    begins = documents.word_bounds[:-1]
    if zone == "tail":
        tail = np.searchsorted(begins, documents.bounds[1:] - 1 - _TAIL_LENGTH)
        return whole._replace(first=np.maximum(whole.first, tail))
    first, end = (np.searchsorted(begins, places) for places in _title_bounds(documents))
    return Stretches(first, end, whole.end)


@dataclass(frozen=True, eq=False)
class ZonedVocabulary:
    """One vocabulary of n-grams per zone; their features stand side by side.

    Attributes
    ----------
    parts : tuple of NgramVocabulary
        Vocabularies in the order of :data:`ZONES`.
    """

    parts: tuple[NgramVocabulary, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @classmethod
    def fit(cls, documents: Documents, *, min_df: int = 5) -> ZonedVocabulary:
        """Return the vocabularies of all n-grams in at least `min_df` training documents, zone by zone."""
        return cls(tuple(NgramVocabulary.fit(documents, _stretches(documents, zone), min_df=min_df) for zone in ZONES))

    def names(self) -> list[str]:
        """Return each feature as text; those of a zone other than the whole begin with its name."""
        return [
            name if zone == "whole" else f"{zone}:{name}"
            for zone, part in zip(ZONES, self.parts, strict=True)
            for name in part.names()
        ]

    def word_units(self, documents: Documents) -> Units:
        """Return the words of some documents as ids of the vocabulary of the whole text."""
        return word_units(documents.word_hashes, documents.stretches, self.parts[0].lookup.words)

    def lookups(self, documents: Documents) -> list[ZoneLookup]:
        """Return for each zone where it stands in some documents, its words and its vocabulary."""
        zones = []
        for zone, part, end in zip(ZONES, self.parts, accumulate(map(len, self.parts)), strict=True):
            stretches, lookup = _stretches(documents, zone), part.lookup
            words = word_units(documents.word_hashes, stretches, lookup.words)
            zones.append(ZoneLookup(stretches, words, lookup, np.float32(_WEIGHTS[zone]), end - len(part)))
        return zones
