"""Tells in bulk at which places of a text an expression cannot match, so that it need not be run there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_needs import ASTRAL, FAR, Branch, Need

__all__ = ["FEW", "Gates"]

FEW = 100  # so few windows are sooner tried than tested

_NEAR = 3
_PLANES = 3
_PIECE = 4096
_UNLIMITED = 1 << 40
_LAST = ord(ASTRAL)

_Offsets = NDArray[np.int64]
_Bits = NDArray[Any]
_Planes = tuple[tuple[str, ...], ...]


class Gates:
    """Necessary conditions of many expressions, tested for many windows of a text at once.

    Of each alternative of an expression up to three sets of characters are known, one of each of which every match
    holds. Alternatives are bits: a window keeps the bits whose sets it meets, and an expression without bits cannot
    match. The first set stands close to the edge, so that it alone closes most gates.

    Parameters
    ----------
    expressions : sequence of sequence of Branch
        By number of the gate: alternatives, one of which holds for every match.
    edged : bool
        True where every match touches the edge of its window that reaches count from.
    """

    def __init__(self, expressions: Sequence[Sequence[Branch]], *, edged: bool) -> None:
        plan = _edged_plan if edged else _free_plan
        planned = [[plan(branch.needs) for branch in branches] for branches in expressions]
        self._edged = edged
        signs = {sign for branches in planned for planes in branches for chosen in planes for sign in chosen}
        number = {sign: index for index, sign in enumerate(sorted(signs), start=1)}
        self._singles = np.zeros(_LAST + 1, dtype=np.uint16)
        self._pairs = np.zeros(_LAST + 1, dtype=np.uint16)
        self._width = len(signs) + 1
        bits = np.uint32 if edged else np.uint64
        self._table = np.zeros((_PLANES, len(expressions) * self._width), dtype=bits)
        self._always = np.zeros((_PLANES, len(expressions)), dtype=bits)
        self._reach = np.array([_reach(branches) for branches in expressions], dtype=np.int64)
        for sign in sorted(signs):
            number[sign] = self._enter(sign, number[sign])
        for gate, branches in enumerate(planned):
            self._fill(gate, branches, number)

    def _enter(self, sign: str, number: int) -> int:
        """Return the number that the text shows for a sign: pairs of one hash share theirs."""
        if len(sign) == 1:
            self._singles[ord(sign)] = number
            return number
        place = _hashed(np.array([ord(sign[0])]), np.array([ord(sign[1])]))[0]
        self._pairs[place] = self._pairs[place] or number
        return int(self._pairs[place])

    def _fill(self, gate: int, branches: Sequence[Sequence[Sequence[str]]], number: dict[str, int]) -> None:
        size = self._table.itemsize * 8
        # branches of one first need share a bit, so that the text tells them from the others
        firsts = [planes[int(self._edged)] for planes in branches]
        number_of = {first: index % size for index, first in enumerate(dict.fromkeys(firsts))}
        bits = [1 << number_of[first] for first in firsts]
        for plane in range(_PLANES):
            row: dict[int, int] = {}
            always = 0
            for bit, planes in zip(bits, branches, strict=True):
                for sign in planes[plane]:
                    row[number[sign]] = row.get(number[sign], 0) | bit
                always |= 0 if planes[plane] else bit
            self._always[plane, gate] = always if row else (1 << size) - 1
            for place, met in row.items():
                self._table[plane, gate * self._width + place] = met

    def may_match(
        self, codes: NDArray[np.uint16], gates: _Offsets, low: _Offsets, high: _Offsets, *, backward: bool
    ) -> NDArray[np.bool_]:
        """Return False where the expression of a gate surely has no match in its window.

        Parameters
        ----------
        codes : ndarray of uint16, shape (n_characters,)
            Of the whole text; U+FFFF for every character outside the basic plane.
        gates : ndarray of int64, shape (n,)
            Numbers of the gates.
        low, high : ndarray of int64, shape (n,)
            Half-open windows.
        backward : bool
            True where reaches count from `high`, False from `low`.
        """
        # gate by gate and piece by piece, all that is read and written stays in the cache
        order = np.argsort(gates.astype(np.uint16), kind="stable")
        open_gates = np.empty(len(order), dtype=np.bool_)
        for first in range(0, len(order), _PIECE):
            rows = order[first : first + _PIECE]
            open_gates[rows] = self._tested(codes, gates[rows], low[rows], high[rows], backward=backward)
        return open_gates

    def _tested(
        self, codes: NDArray[np.uint16], gates: _Offsets, low: _Offsets, high: _Offsets, *, backward: bool
    ) -> NDArray[np.bool_]:
        if self._edged:
            bits = self._near(codes, gates, low, high, backward=backward)
            reach = self._reach[gates]
            low, high = (np.maximum(low, high - reach), high) if backward else (low, np.minimum(high, low + reach))
        else:
            bits = self._met(0, codes, gates, low, high)
        for plane in range(1, _PLANES):
            rows = np.flatnonzero(bits & ~self._always[plane][gates])
            bits[rows] &= self._met(plane, codes, gates[rows], low[rows], high[rows])
        closed: NDArray[np.bool_] = bits == 0
        return ~closed

    def _near(
        self, codes: NDArray[np.uint16], gates: _Offsets, low: _Offsets, high: _Offsets, *, backward: bool
    ) -> _Bits:
        bits: _Bits = self._always[0][gates]
        rows = np.flatnonzero(~bits)
        base, edge = gates[rows] * self._width, high[rows] - 1 if backward else low[rows]
        for step in range(_NEAR):
            # beyond the window other characters stand, which at worst open a gate in vain
            place = np.maximum(edge - step, 0) if backward else np.minimum(edge + step, len(codes) - 1)
            bits[rows] |= self._table[0][base + self._singles[codes[place]]]
        return bits

    def _met(self, plane: int, codes: NDArray[np.uint16], gates: _Offsets, low: _Offsets, high: _Offsets) -> _Bits:
        """Return the bits that the characters of each window meet."""
        found: _Bits = self._always[plane][gates]
        filled = np.flatnonzero(high > low)
        if not filled.size:
            return found
        sizes = (high - low)[filled]
        begins = np.cumsum(sizes) - sizes
        places = np.arange(int(sizes.sum())) + np.repeat(low[filled] - begins, sizes)
        base = np.repeat((gates[filled] * self._width).astype(np.int32), sizes)
        bits = self._table[plane][base + self._singles[codes[places]]]
        if not self._edged:
            bits |= self._table[plane][base + self._pairs[_hashed(codes[places], codes[places + 1])]]
        found[filled] |= np.bitwise_or.reduceat(bits, begins)
        return found


def _edged_plan(needs: Sequence[Need]) -> _Planes:
    single = [need for need in needs if not need.paired]
    near = [need for need in single if need.reach <= _NEAR]
    first = min(near, key=lambda need: need.cost * need.reach, default=None)
    far = [need.signs for need in single if need is not first][:2]
    return (first.signs if first is not None else (), *far, (), ())[:_PLANES]


def _free_plan(needs: Sequence[Need]) -> _Planes:
    chosen: list[Need] = []
    for need in sorted(needs, key=lambda need: need.cost):
        if not any(set("".join(need.signs)) & set("".join(one.signs)) for one in chosen):
            chosen.append(need)
    return (*(need.signs for need in chosen), (), (), ())[:_PLANES]


def _hashed(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.uint16]:
    return (first.astype(np.uint16) * np.uint16(0x9E35)) ^ second.astype(np.uint16)


def _reach(branches: Sequence[Branch]) -> int:
    reach = max((need.reach for branch in branches for need in branch.needs), default=0)
    return reach if reach < FAR else _UNLIMITED
