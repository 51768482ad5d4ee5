"""Tells in bulk at which places of a text an expression cannot match, so that it need not be run there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    kinds : ndarray of uint8 or larger, shape (n_gates * width,)
        What a number is to a gate; most are nothing to it (0), and many are the same.
    firsts : ndarray of int64, shape (n_gates,)
        Where the kinds of a gate begin in `met`.
    met : ndarray of uint32 or uint64, shape (n_kinds, 3)
        Bits that a kind meets, by plane.
    always : ndarray of uint32 or uint64, shape (n_gates, 3)
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
    kinds: NDArray[Any]
    firsts: _Offsets
    met: _Bits
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
        numbered = _Numbered(sorted(signs))
        bits = np.dtype(np.uint32 if edged else np.uint64)
        rows = [_row(branches, numbered.numbers, bits.itemsize * 8, int(edged)) for branches in planned]
        kinds = [list(dict.fromkeys([(0,) * _PLANES, *row.met.values()])) for row in rows]
        width = len(signs) + 1
        table = np.zeros((len(rows), width), dtype=np.min_scalar_type(max(map(len, kinds), default=0)))
        for gate, (row, known) in enumerate(zip(rows, kinds, strict=True)):
            kind_of = {met: kind for kind, met in enumerate(known)}
            table[gate, list(row.met)] = [kind_of[met] for met in row.met.values()]
        sizes = np.array([len(known) for known in kinds], dtype=np.int64)
        self._tables = GateTables(
            numbered.singles,
            numbered.pairs,
            table.ravel(),
            np.cumsum(sizes) - sizes,
            np.array([met for known in kinds for met in known], dtype=bits).reshape(-1, _PLANES),
            np.array([row.always for row in rows], dtype=bits).reshape(-1, _PLANES),
            np.array([_reach(branches) for branches in expressions], dtype=np.int64),
            width,
            edged,
        )

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
    opened = np.zeros(len(gates), dtype=np.bool_)
    if not tables.edged:
        return np.asarray(np.bitwise_and.reduce(_met(codes, tables, gates, low, high)) != 0)
    near = _near(codes, tables, gates, high - 1 if backward else low, -1 if backward else 1)
    rows = np.flatnonzero(near)
    gates, low, high = gates[rows], low[rows], high[rows]
    reach = tables.reach[gates]
    low, high = (np.maximum(low, high - reach), high) if backward else (low, np.minimum(high, low + reach))
    _, *others = _met(codes, tables, gates, low, high)
    opened[rows] = np.bitwise_and.reduce([near[rows], *others]) != 0
    return opened


def _near(codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, edge: _Offsets, step: int) -> _Bits:
    bits: _Bits = tables.always[gates, 0]
    rows = np.flatnonzero(~bits)
    base, head, edge = gates[rows] * tables.width, tables.firsts[gates[rows]], edge[rows]
    for distance in range(_NEAR):
        # beyond the window other characters stand, which at worst open a gate in vain
        place = np.clip(edge + step * distance, 0, len(codes) - 1)
        bits[rows] |= tables.met[head + tables.kinds[base + tables.singles[codes[place]]], 0]
    return bits


def _met(
    codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets
) -> tuple[_Bits, ...]:
    """Return the bits that the characters of each window meet, plane by plane."""
    planes: tuple[_Bits, ...] = tuple(tables.always[gates].T.copy())
    filled = np.flatnonzero(high > low)
    if not filled.size:
        return planes
    sizes = (high - low)[filled]
    begins = np.cumsum(sizes) - sizes
    places = np.arange(int(sizes.sum())) + np.repeat(low[filled] - begins, sizes)
    base, head = (np.repeat(part[filled], sizes) for part in (gates * tables.width, tables.firsts[gates]))
    kinds = [head + tables.kinds[base + tables.singles[codes[places]]]]
    if not tables.edged:
        kinds.append(head + tables.kinds[base + tables.pairs[pair_hash(codes[places], codes[places + 1])]])
    for plane, found in enumerate(planes):
        met = tables.met[:, plane].copy()
        for some in kinds:
            found[filled] |= np.bitwise_or.reduceat(met.take(some), begins)
    return planes


class _Numbered:
    """Numbers of some signs, single characters or pairs of neighbours, as the text shows them.

    Parameters
    ----------
    signs : sequence of str
        The signs.
    """

    def __init__(self, signs: Sequence[str]) -> None:
        self.singles, self.pairs = np.zeros((2, _LAST + 1), dtype=np.uint16)
        self.numbers = {sign: self._enter(sign, number) for number, sign in enumerate(signs, start=1)}

    def _enter(self, sign: str, number: int) -> int:
        """Return the number that the text shows for a sign: pairs of one hash share theirs."""
        if len(sign) == 1:
            self.singles[ord(sign)] = number
            return number
        place = pair_hash(*np.array([[ord(sign[0])], [ord(sign[1])]]).astype(np.uint16))[0]
        self.pairs[place] = self.pairs[place] or number
        return int(self.pairs[place])


class _Row(NamedTuple):
    """A gate: bits that each number meets, and bits that need nothing, by plane."""

    met: dict[int, tuple[int, ...]]
    always: tuple[int, ...]


def _row(branches: Sequence[_Planes], numbers: Mapping[str, int], size: int, leading: int) -> _Row:
    """Return a gate of `size` bits; branches of one set in the plane `leading` share a bit, which tells them apart."""
    firsts = dict.fromkeys(planes[leading] for planes in branches)
    bit_of = {first: 1 << index % size for index, first in enumerate(firsts)}
    met: dict[int, list[int]] = {}
    always, needed = [0] * _PLANES, [False] * _PLANES
    for planes in branches:
        bit = bit_of[planes[leading]]
        for plane, signs in enumerate(planes):
            for sign in signs:
                met.setdefault(numbers[sign], [0] * _PLANES)[plane] |= bit
            always[plane] |= 0 if signs else bit
            needed[plane] |= bool(signs)
    all_bits = (1 << size) - 1
    chosen = tuple(bits if some else all_bits for bits, some in zip(always, needed, strict=True))
    return _Row({number: tuple(bits) for number, bits in met.items()}, chosen)


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
