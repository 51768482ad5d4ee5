"""The pairs of characters that sentences hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.fact_gates import BEHIND, COMMA, FIGURE, SENTENCE_END
from complaint_motive.features.kernels.lookup import compiled

__all__ = ["sentence_pairs"]


@compiled
def sentence_pairs(
    codes: NDArray[np.uint32], roles: NDArray[np.uint64], marks: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
    """See :func:`complaint_motive.features.fact_gates.sentence_pairs`."""
    size, last = len(codes), len(roles) - 1
    pairs, ends, found = np.empty(size, np.uint64), np.empty(size, np.int64), np.empty(size, np.uint64)
    count, held = 0, np.uint64(0)
    code = min(codes[0], last) if size else 0
    for k in range(size):
        following = min(codes[k + 1], last) if k + 1 < size else last
        pair = roles[code] & (roles[following] >> BEHIND) if k + 1 < size else np.uint64(0)
        pairs[k] = pair
        held |= pair
        kind = marks[code]
        if kind == SENTENCE_END or (kind == COMMA and k + 1 < size and marks[following] != FIGURE):
            ends[count], found[count] = k + 1, held
            count, held = count + 1, np.uint64(0)
        code = following
    return pairs, ends[:count].copy(), found[:count].copy()
