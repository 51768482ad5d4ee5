"""Tells in bulk which hits may overlap a match of their cue's ``unless``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_gates import Gates
from complaint_motive.features.cue_needs import Branch
from complaint_motive.features.cue_patterns import Expression
from complaint_motive.features.cue_syntax import branches_of

__all__ = ["MARGIN", "Vetoes"]

MARGIN = 16
_WIDTHS = (6, MARGIN)
_MOST = 128

_Offsets = NDArray[np.int64]


class Vetoes:
    """Gates of the ``unless`` of every cue, their alternatives grouped by how far from a hit they may begin or end.

    Parameters
    ----------
    unless : sequence of (Expression or None)
        By cue.
    """

    def __init__(self, unless: Sequence[Expression | None]) -> None:
        groups = [
            (cue, width, group)
            for cue, expression in enumerate(unless)
            if expression is not None
            for width, group in _grouped(branches_of(f"(?:{expression.text})", backward=False))
        ]
        self._gates = Gates([group for _, _, group in groups], edged=False)
        self._margins = np.array([width for _, width, _ in groups], dtype=np.int64)
        self._counts = np.bincount([cue for cue, _, _ in groups], minlength=len(unless))
        self._firsts = np.cumsum(self._counts) - self._counts

    def possible(
        self,
        codes: NDArray[np.uint16],
        cues: _Offsets,
        spans: tuple[_Offsets, _Offsets],
        documents: tuple[_Offsets, _Offsets],
    ) -> _Offsets:
        """Return the indices of the hits that may overlap a match.

        Parameters
        ----------
        codes : ndarray of uint16, shape (n_characters,)
            Of the whole text; U+FFFF for every character outside the basic plane.
        cues : ndarray of int64, shape (n,)
            Cues of the hits.
        spans, documents : tuple of two ndarray of int64, shape (n,)
            Half-open offsets of the hits and of their documents.
        """
        counts = self._counts[cues]
        hits = np.repeat(np.arange(len(cues)), counts)
        gates = np.arange(len(hits)) + np.repeat(self._firsts[cues] - np.cumsum(counts) + counts, counts)
        # gate by gate its tables stay in the cache; numpy sorts 16 bits by counting
        order = np.argsort(gates.astype(np.uint16), kind="stable")
        hits, gates = hits[order], gates[order]
        margins = self._margins[gates]
        low = np.maximum(documents[0][hits], spans[0][hits] - margins)
        high = np.minimum(documents[1][hits], spans[1][hits] + margins)
        open_gates = self._gates.may_match(codes, gates, low, high, backward=False)
        possible = np.zeros(len(cues), dtype=np.bool_)
        possible[hits[open_gates]] = True
        return np.flatnonzero(possible)


def _grouped(branches: Sequence[Branch]) -> list[tuple[int, list[Branch]]]:
    groups = []
    for least, width in zip((0, *_WIDTHS), _WIDTHS, strict=False):
        # a match that overlaps the hit reaches beyond it by its width less one
        some = [
            branch
            for branch in branches
            if least < min(branch.width - 1, MARGIN) <= width or branch.width - 1 <= least == 0
        ]
        groups += [(width, some[first : first + _MOST]) for first in range(0, len(some), _MOST)]
    return groups
