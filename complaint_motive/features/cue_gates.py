"""Tells in bulk which regular expressions cannot match at which places, so that they are not run there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_needs import Needs

__all__ = ["NEAR", "Gates"]

NEAR = 6
_BITS = 32
_PLANES = 3
_EVERY = np.uint32(0xFFFFFFFF)

_Offsets = NDArray[np.int64]


class Gates:
    """Necessary conditions of many expressions, tested for many windows of a text at once.

    A gate knows of each alternative of its expression up to three sets of characters, one of each of which every
    match holds. The first set is looked for right at the edge of the window only.

    Parameters
    ----------
    gates : sequence of (sequence of Needs, bool)
        Alternatives per expression, and whether its matches touch an edge of the window.
    """

    def __init__(self, gates: Sequence[tuple[Sequence[Needs], bool]]) -> None:
        planned = [[_planned(needs, edged) for needs in branches] for branches, edged in gates]
        signs = {sign for branches in planned for planes in branches for characters in planes for sign in characters}
        self._classes = np.zeros(0x10000, dtype=np.uint16)
        self._classes[[ord(sign) for sign in sorted(signs)]] = np.arange(1, len(signs) + 1)
        self._table = np.zeros((_PLANES, len(gates), len(signs) + 1), dtype=np.uint32)
        self._always = np.zeros((_PLANES, len(gates)), dtype=np.uint32)
        for gate, branches in enumerate(planned):
            for index, planes in enumerate(branches):
                self._admit(gate, np.uint32(1 << index % _BITS), planes)

    def _admit(self, gate: int, bit: np.uint32, planes: Sequence[str]) -> None:
        for plane, characters in enumerate(planes):
            if not characters:
                self._always[plane, gate] |= bit
            for sign in characters:
                self._table[plane, gate, self._classes[ord(sign)]] |= bit

    def classes(self, codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """Return the class of each code point; gates are asked about these."""
        return self._classes[np.minimum(codes, 0xFFFF)]

    def near(self, classes: NDArray[np.uint16], gates: _Offsets, low: _Offsets, high: _Offsets) -> NDArray[np.uint32]:
        return _EVERY


def _planned(needs: Needs, edged: bool) -> tuple[str, str, str]:
    near = [need for need in needs if edged and need.reach <= NEAR]
    first = min(near, key=lambda need: need.cost * need.reach, default=None)
    others = sorted((need for need in needs if need is not first), key=lambda need: need.cost * min(need.reach, 30))
    sets = [need.characters for need in others[: _PLANES - 1]] + ["", ""]
    return (first.characters if first is not None else "", sets[0], sets[1])
