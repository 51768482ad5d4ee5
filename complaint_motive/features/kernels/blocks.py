"""Blocks of entries laid side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.kernels.lookup import compiled

__all__ = ["interleave"]

_Offsets = NDArray[np.int64]


@compiled
def interleave(
    columns: NDArray[np.int32], values: NDArray[np.float32], start: _Offsets, end: _Offsets, bounds: _Offsets
) -> tuple[NDArray[np.int32], NDArray[np.float32], _Offsets, _Offsets]:
    """See :func:`complaint_motive.features.blocks.interleave`."""
    new_columns, new_values = np.empty_like(columns), np.empty_like(values)
    new_start, new_end = np.empty_like(start), np.empty_like(end)
    n_blocks, n_documents = len(bounds), bounds.shape[1] - 1
    firsts = np.zeros(n_blocks, dtype=np.int64)
    for b in range(1, n_blocks):
        firsts[b] = firsts[b - 1] + bounds[b - 1, n_documents]
    count = 0
    for d in range(n_documents):
        for b in range(n_blocks):
            for k in range(firsts[b] + bounds[b, d], firsts[b] + bounds[b, d + 1]):
                new_columns[count], new_values[count] = columns[k], values[k]
                if len(start):
                    new_start[count], new_end[count] = start[k], end[k]
                count += 1
    return new_columns, new_values, new_start, new_end
