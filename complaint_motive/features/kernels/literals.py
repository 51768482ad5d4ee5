"""The scan of a text for thousands of literals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_literals import SHIFT, Heads
from complaint_motive.features.kernels.lookup import compiled, pair_hash
from complaint_motive.features.keytable import MULTIPLIER

__all__ = ["begun_literals"]

_Offsets = NDArray[np.int64]

_CHARACTER = np.uint64(16)


@compiled
def begun_literals(codes: NDArray[np.uint16], heads: Heads) -> tuple[_Offsets, _Offsets]:
    """See :func:`complaint_motive.features.cue_literals.begun_literals`."""
    # pages that are never written cost nothing
    places, entries = np.empty(3 * len(codes), dtype=np.int64), np.empty(3 * len(codes), dtype=np.int64)
    count = 0
    for k in range(len(codes) - 1):
        if not heads.begins[pair_hash(codes[k], codes[k + 1])]:
            continue
        word, shift = np.uint64(codes[k]), np.uint64(0)
        for size in range(2, 5):
            shift += _CHARACTER
            place = k + size - 1
            word |= np.uint64(codes[place] if place < len(codes) else 0) << shift
            entry = heads.slots[np.int64((word * MULTIPLIER) >> SHIFT)]
            while entry >= 0:
                if heads.words[entry] == word and heads.sizes[entry] == size:
                    places[count], entries[count] = k, entry
                    count += 1
                entry = heads.following[entry]
    return places[:count], entries[:count]
