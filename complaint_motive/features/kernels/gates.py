"""Tests of windows of a text for characters that a match needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_gates import GateTables
from complaint_motive.features.kernels.lookup import compiled, pair_hash

__all__ = ["gate_windows"]

_Offsets = NDArray[np.int64]
_Bits = Any  # an unsigned integer of the size of the tables' entries


@compiled
def _kind(tables: GateTables, gate: int, number: np.uint16) -> np.uint64:
    place = np.uint64(gate * tables.width) + np.uint64(number)
    return np.uint64(tables.firsts[gate]) + np.uint64(tables.kinds[place])


@compiled
def _near(codes: NDArray[np.uint16], tables: GateTables, gate: int, edge: int, step: int) -> _Bits:
    """Return the bits of the first plane that the characters at the edge meet."""
    bits = tables.always[gate, 0]
    for distance in range(3):
        place = min(max(edge + step * distance, 0), len(codes) - 1)
        bits |= tables.met[_kind(tables, gate, tables.singles[codes[place]]), 0]
    return bits


@compiled
def gate_windows(
    codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets, backward: bool
) -> NDArray[np.bool_]:
    """See :func:`complaint_motive.features.cue_gates.gate_windows`."""
    opened = np.empty(len(gates), dtype=np.bool_)
    for row in range(len(gates)):
        gate, k, stop = gates[row], low[row], high[row]
        zero, one, two = tables.always[gate, 0], tables.always[gate, 1], tables.always[gate, 2]
        if tables.edged:
            edge, step = (stop - 1, -1) if backward else (k, 1)
            zero = _near(codes, tables, gate, edge, step)
            if backward:
                k = max(k, stop - tables.reach[gate])
            else:
                stop = min(stop, k + tables.reach[gate])
            stop = stop if zero else k
        while k < stop and not zero & one & two:
            met = tables.met[_kind(tables, gate, tables.singles[codes[k]])]
            one, two = one | met[1], two | met[2]
            if not tables.edged:
                pair = tables.met[_kind(tables, gate, tables.pairs[pair_hash(codes[k], codes[k + 1])])]
                zero, one, two = zero | met[0] | pair[0], one | pair[1], two | pair[2]
            k += 1
        opened[row] = zero & one & two != 0
    return opened
