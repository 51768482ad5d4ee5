"""How kernels are compiled, and the hashing and look-up that several of them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from complaint_motive.features.cue_text import PAIR_FACTOR
from complaint_motive.features.keytable import MULTIPLIER, Slots

__all__ = ["compiled", "following", "is_seen", "pair_hash", "position"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Return a function compiled at its first call; it lets other threads run."""
    try:
        return cast(_Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # no folder to keep machine code in
        return cast(_Function, numba.njit(nogil=True, error_model="numpy")(function))


@compiled
def pair_hash(first: np.uint16, second: np.uint16) -> np.uint16:
    """See :func:`complaint_motive.features.cue_text.pair_hash`."""
    return np.uint16(first * PAIR_FACTOR) ^ second


@compiled
def is_seen(mark: np.uint64, table: Slots) -> int:
    """Return 1 if some key of a table has such a hash, of one bit more than slots have; else 0.

    All indices here are unsigned: signed ones are first tested for counting from the end.
    """
    return int((np.uint64(table.seen[mark >> np.uint64(3)]) >> (mark & np.uint64(7))) & np.uint64(1))


@compiled
def following(slot: np.uint64, table: Slots) -> np.uint64:
    """Return the next slot of a table."""
    return (slot + np.uint64(1)) & np.uint64(len(table.keys) - 1)


@compiled
def position(key: np.uint64, table: Slots) -> int:
    """Return the position of a key in its table, -1 where it is not there."""
    mixed = key * MULTIPLIER
    if not is_seen(mixed >> (table.shift - np.uint64(1)), table):
        return -1
    slot = mixed >> table.shift
    while table.keys[slot] != 0:
        if table.keys[slot] == key:
            return int(table.positions[slot])
        slot = following(slot, table)
    return -1
