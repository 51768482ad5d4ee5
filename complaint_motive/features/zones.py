"""n-grams of the whole text, and once more of where complainants say what they want: the title and the last words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.blocks import Block
from complaint_motive.features.document import Documents
from complaint_motive.features.ngrams import NgramVocabulary

__all__ = ["ZONES", "ZonedVocabulary", "zone_documents"]

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


def zone_documents(documents: Documents, zone: str) -> tuple[Documents, NDArray[np.int64]]:
    """Return the documents cut down to a zone, at word boundaries, and where each kept character stood.

    Parameters
    ----------
    documents : Documents
        The batch.
    zone : str
        One of :data:`ZONES`.

    Returns
    -------
    Documents
        As many documents, each with the words of the zone only.
    ndarray of int64
        Index of each character in the joined text of `documents`.
    """
    if zone == "whole":
        return documents, np.arange(len(documents.codes))
    at, owner = documents.word_bounds[:-1], documents.word_documents
    last = documents.bounds[owner + 1] - 1
    if zone == "tail":
        return documents.keep_words(at >= last - _TAIL_LENGTH)
    first, end = _title_bounds(documents)
    return documents.keep_words((at >= first[owner]) & (at < end[owner]) | (at == last))


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
        return cls(tuple(NgramVocabulary.fit(zone_documents(documents, zone)[0], min_df=min_df) for zone in ZONES))

    def names(self) -> list[str]:
        """Return each feature as text; those of a zone other than the whole begin with its name."""
        return [
            name if zone == "whole" else f"{zone}:{name}"
            for zone, part in zip(ZONES, self.parts, strict=True)
            for name in part.names()
        ]

    def blocks(self, documents: Documents, *, places: bool = False) -> list[Block]:
        """Return the features of a batch in blocks.

        Parameters
        ----------
        documents : Documents
            The batch.
        places : bool, default False
            Also return where each entry stands.
        """
        blocks, offset = [], 0
        for zone, part in self._zones():
            cut, kept = zone_documents(documents, zone)
            for columns, values, indptr, start, end in part.blocks(cut, places=places):
                weighted = Block(columns + np.int32(offset), values * np.float32(_WEIGHTS[zone]), indptr)
                if start is not None and end is not None:
                    weighted = weighted._replace(start=kept[start], end=kept[end - 1] + 1)
                blocks.append(weighted)
            offset += len(part)
        return blocks

    def _zones(self) -> Iterator[tuple[str, NgramVocabulary]]:
        return zip(ZONES, self.parts, strict=True)
