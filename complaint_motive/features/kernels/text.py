"""Kernels over the characters of a batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.kernels.lookup import compiled
from complaint_motive.features.keytable import LONGEST_WORD, MULTIPLIER
from complaint_motive.features.privacy import AT, DIGIT, GAP, LETTER, MIN_DIGITS, PROVINCE
from complaint_motive.transcript import HEAD_LENGTH

__all__ = ["count_by_document", "enough_roles", "hash_words", "kept_places", "speaker_places"]

_Offsets = NDArray[np.int64]


@compiled
def count_by_document(
    codes: NDArray[np.uint32], bounds: _Offsets, kinds: NDArray[np.uint8], n_kinds: int
) -> NDArray[np.int64]:
    """See :func:`complaint_motive.features.document.count_by_document`."""
    counts = np.zeros((len(bounds) - 1, n_kinds), dtype=np.int64)
    for d in range(len(counts)):
        for k in range(bounds[d], bounds[d + 1]):
            kind = kinds[min(codes[k], len(kinds) - 1)]
            if kind < n_kinds:
                counts[d, kind] += 1
    return counts


@compiled
def enough_roles(codes: NDArray[np.uint32], bounds: _Offsets, roles: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """See :func:`complaint_motive.features.privacy.enough_roles`."""
    worth = np.empty(len(bounds) - 1, dtype=np.bool_)
    for d in range(len(worth)):
        digits, before, found = 0, 0, False
        for k in range(bounds[d], bounds[d + 1]):
            role = int(roles[min(codes[k], len(roles) - 1)])
            digits = digits + (role & DIGIT) if role & (DIGIT | GAP) else 0
            found |= digits >= MIN_DIGITS or role & AT != 0 or (before & PROVINCE != 0 and role & LETTER != 0)
            before = role
        worth[d] = found
    return worth


@compiled
def speaker_places(
    codes: NDArray[np.uint32], starts: _Offsets, role_ends: NDArray[np.bool_]
) -> tuple[_Offsets, _Offsets]:
    """See :func:`complaint_motive.features.normalize.speaker_places`."""
    heads, inline = np.empty((len(codes), 2), dtype=np.int64), np.empty(len(codes), dtype=np.int64)
    n_heads, n_inline = 0, 0
    for d in range(len(starts) - 1):
        begin, near = starts[d], starts[d] + HEAD_LENGTH
        for k in range(starts[d], starts[d + 1]):
            if codes[k] == 0x0A:
                begin, near = k + 1, k + 1 + HEAD_LENGTH
            elif codes[k] == 0x3A:
                if k < near:
                    heads[n_heads, 0], heads[n_heads, 1] = begin, k
                    n_heads, near = n_heads + 1, begin
                if k > 0 and role_ends[min(codes[k - 1], len(role_ends) - 1)]:
                    inline[n_inline] = k
                    n_inline += 1
    return heads[:n_heads].copy(), inline[:n_inline].copy()


@compiled
def kept_places(codes: NDArray[np.uint32], marks: NDArray[np.bool_]) -> _Offsets:
    """See :func:`complaint_motive.features.normalize.kept_places`."""
    kept, count = np.empty(len(codes), dtype=np.int64), 0
    # the three characters before, and the last one that stays; at first a blank, after which no blank stays
    one, two, three, last = np.uint32(0x20), np.uint32(0), np.uint32(0), np.uint32(0)
    for k in range(len(codes)):
        code = codes[k]
        if code == 0:
            continue
        repeated = code < len(marks) and marks[code] and code == one and code == two and code == three
        if code == 0x20:
            repeated = one == 0x20 or one == 0x0A or one == 0x1E
        elif code == 0x0A:
            repeated = one == 0x0A or last == 0x0A
        one, two, three = code, one, two
        if not repeated:
            kept[count], last = k, code
            count += 1
    return kept[:count].copy()


@compiled
def hash_words(codes: NDArray[np.uint32], bounds: _Offsets) -> NDArray[np.uint64]:
    """See :func:`complaint_motive.features.keytable.hash_words`."""
    powers = np.empty(LONGEST_WORD, dtype=np.uint64)
    power = MULTIPLIER
    for k in range(LONGEST_WORD):
        powers[k] = power
        power *= MULTIPLIER
    hashes = np.empty(len(bounds) - 1, dtype=np.uint64)
    for word in range(len(hashes)):
        total, first = np.uint64(0), bounds[word]
        for k in range(first, bounds[word + 1]):
            total += np.uint64(codes[k]) * powers[min(k - first, LONGEST_WORD - 1)]
        hashes[word] = total
    return hashes
