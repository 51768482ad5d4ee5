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
def _met(
    wanted: _Bits, plane: int, codes: NDArray[np.uint16], tables: GateTables, gate: int, first: int, stop: int
) -> _Bits:
    """Return the bits that a window meets; of those not wanted perhaps not all."""
    base, found = gate * tables.width, tables.always[plane, gate]
    for k in range(first, stop):
        code = codes[k]
        found |= tables.table[plane, base + np.int64(tables.singles[code])]
        if not tables.edged:
            found |= tables.table[plane, base + np.int64(tables.pairs[pair_hash(code, codes[k + 1])])]
        if not wanted & ~found and plane:
            break
    return found


@compiled
def gate_windows(
    codes: NDArray[np.uint16], tables: GateTables, gates: _Offsets, low: _Offsets, high: _Offsets, backward: bool
) -> NDArray[np.bool_]:
    """See :func:`complaint_motive.features.cue_gates.gate_windows`."""
    opened = np.empty(len(gates), dtype=np.bool_)
    for row in range(len(gates)):
        gate, first, stop = gates[row], low[row], high[row]
        bits = tables.always[0, gate]
        if tables.edged:
            edge, step = (stop - 1, -1) if backward else (first, 1)
            for distance in range(3):
                place = min(max(edge + step * distance, 0), len(codes) - 1)
                bits |= tables.table[0, gate * tables.width + np.int64(tables.singles[codes[place]])]
            if backward:
                first = max(first, stop - tables.reach[gate])
            else:
                stop = min(stop, first + tables.reach[gate])
        else:
            bits = _met(bits, 0, codes, tables, gate, first, stop)
        for plane in range(1, 3):
            if bits & ~tables.always[plane, gate]:
                bits = _met(bits, plane, codes, tables, gate, first, stop) & bits
        opened[row] = bits != 0
    return opened
