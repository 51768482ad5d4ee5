"""Tells in bulk at which places of a text an expression cannot match, so that it need not be run there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.cue_needs import ASTRAL, FAR, Branch, Need
from complaint_motive.features.cue_text import pair_hash

__all__ = ["FEW", "GateTables", "Gates", "gate_windows"]

FEW = 100  # so few windows are sooner tried than tested

_NEAR = 3
_PLANES = 3
_PIECE = 4096
_UNLIMITED = 1 << 40
_LAST = ord(ASTRAL)

_Offsets = NDArray[np.int64]
_Bits = NDArray[Any]
_Planes = tuple[tuple[str, ...], ...]


class GateTables(NamedTuple):
    """What :func:`gate_windows` looks up.

    Attributes
    ----------
    singles, pairs : ndarray of uint16, shape (65536,)
        Number of each character, and of each pair of neighbours by its hash; 0 for those that no gate needs.
    table : ndarray of uint32 or uint64, shape (3, n_gates * width)
        Bits that a number meets, by plane and gate.
    always : ndarray of uint32 or uint64, shape (3, n_gates)
        Bits that need nothing.
    reach : ndarray of int64, shape (n_gates,)
        How far from the edge a gate looks, in characters.
    width : int
        Numbers of a gate.
    edged : bool
        See :class:`Gates`.
    """

    singles: NDArray[np.uint16]
    pairs: NDArray[np.uint16]
    table: _Bits
    always: _Bits
    reach: _Offsets
    width: int
    edged: bool


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
        signs = {sign for branches in planned for planes in branches for chosen in planes for sign in chosen}
        number = {sign: index for index, sign in enumerate(sorted(signs), start=1)}
        bits, width = np.uint32 if edged else np.uint64, len(signs) + 1
        self._tables = GateTables(
            np.zeros(_LAST + 1, dtype=np.uint16),
            np.zeros(_LAST + 1, dtype=np.uint16),
            np.zeros((_PLANES, len(expressions) * width), dtype=bits),
            np.zeros((_PLANES, len(expressions)), dtype=bits),
            np.array([_reach(branches) for branches in expressions], dtype=np.int64),
            width,
            edged,
        )
        for sign in sorted(signs):
            number[sign] = self._enter(sign, number[sign])
        for gate, branches in enumerate(planned):
            self._fill(gate, branches, number)

    def _enter(self, sign: str, number: int) -> int:
        """Return the number that the text shows for a sign: pairs of one hash share theirs."""
        if len(sign) == 1:
            self._tables.singles[ord(sign)] = number
            return number
        place = pair_hash(*np.array([[ord(sign[0])], [ord(sign[1])]]).astype(np.uint16))[0]
        pairs = self._tables.pairs
        pairs[place] = pairs[place] or number
        return int(pairs[place])

    def _fill(self, gate: int, branches: Sequence[Sequence[Sequence[str]]], number: dict[str, int]) -> None:
        tables = self._tables
        size = tables.table.itemsize * 8
        # branches of one first need share a bit, so that the text tells them from the others
        firsts = [planes[int(tables.edged)] for planes in branches]
        number_of = {first: index % size for index, first in enumerate(dict.fromkeys(firsts))}
        bits = [1 << number_of[first] for first in firsts]
        for plane in range(_PLANES):
            row: dict[int, int] = {}
            always = 0
            for bit, planes in zip(bits, branches, strict=True):
                for sign in planes[plane]:
                    row[number[sign]] = row.get(number[sign], 0) | bit
                always |= 0 if planes[plane] else bit
            tables.always[plane, gate] = always if row else (1 << size) - 1
            for place, met in row.items():
                tables.table[plane, gate * tables.width + place] = met

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
        return gate_windows(codes, self._tables, gates, low, high, backward)


@accelerated
def gate_windows(
    codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets, backward: bool
) -> NDArray[np.bool_]:
    """Do what :meth:`Gates.may_match` does.

    Parameters
    ----------
    codes, gates, low, high, backward
        As there.
    tables : GateTables
        The gates.
    """
    # gate by gate and piece by piece, all that is read and written stays in the cache
    order = np.argsort(gates.astype(np.uint16), kind="stable")
    open_gates = np.empty(len(order), dtype=np.bool_)
    for first in range(0, len(order), _PIECE):
        rows = order[first : first + _PIECE]
        open_gates[rows] = _tested(codes, tables, gates[rows], low[rows], high[rows], backward)
    return open_gates


def _tested(
    codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets, backward: bool
) -> NDArray[np.bool_]:
    if tables.edged:
        bits = _near(codes, tables, gates, high - 1 if backward else low, -1 if backward else 1)
        reach = tables.reach[gates]
        low, high = (np.maximum(low, high - reach), high) if backward else (low, np.minimum(high, low + reach))
    else:
        bits = _met(0, codes, tables, gates, low, high)
    for plane in range(1, _PLANES):
        rows = np.flatnonzero(bits & ~tables.always[plane][gates])
        bits[rows] &= _met(plane, codes, tables, gates[rows], low[rows], high[rows])
    closed: NDArray[np.bool_] = bits == 0
    return ~closed


def _near(codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, edge: _Offsets, step: int) -> _Bits:
    bits: _Bits = tables.always[0][gates]
    rows = np.flatnonzero(~bits)
    base, edge = gates[rows] * tables.width, edge[rows]
    for distance in range(_NEAR):
        # beyond the window other characters stand, which at worst open a gate in vain
        place = np.clip(edge + step * distance, 0, len(codes) - 1)
        bits[rows] |= tables.table[0][base + tables.singles[codes[place]]]
    return bits


def _met(
    plane: int, codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets
) -> _Bits:
    """Return the bits that the characters of each window meet."""
    found: _Bits = tables.always[plane][gates]
    filled = np.flatnonzero(high > low)
    if not filled.size:
        return found
    sizes = (high - low)[filled]
    begins = np.cumsum(sizes) - sizes
    places = np.arange(int(sizes.sum())) + np.repeat(low[filled] - begins, sizes)
    base = np.repeat((gates[filled] * tables.width).astype(np.int32), sizes)
    bits = tables.table[plane][base + tables.singles[codes[places]]]
    if not tables.edged:
        bits |= tables.table[plane][base + tables.pairs[pair_hash(codes[places], codes[places + 1])]]
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


def _reach(branches: Sequence[Branch]) -> int:
    reach = max((need.reach for branch in branches for need in branch.needs), default=0)
    return reach if reach < FAR else _UNLIMITED
