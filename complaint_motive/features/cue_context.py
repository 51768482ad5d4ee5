"""Context filters: whether the words around a cue take it back (negated, asked, reported of the other side, joking)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_patterns import CLAUSE_MARKS, SENTENCE_MARKS, Expression, PatternError, union

__all__ = ["Boundaries", "ContextFilter", "context_filter"]

_KEYS = ("scope", "before", "after", "around", "unless")
_SCOPES = ("clause", "sentence")
_REACH = 40


@dataclass(frozen=True, slots=True)
class ContextFilter:
    """What must stand before, after or around a hit for the hit to be taken back.

    Attributes
    ----------
    clause : bool
        True where only the clause is looked at, False for the whole sentence.
    before, after : Expression or None
        Must reach up to the hit, must follow right behind it (gaps such as ``{c8}`` may lie between).
    around, unless : Expression or None
        Searched in the whole scope, hit included; `unless` calls the filter off.
    """

    clause: bool
    before: Expression | None
    after: Expression | None
    around: Expression | None
    unless: Expression | None

    def applies(self, text: str, span: tuple[int, int], scope: tuple[int, int]) -> bool:
        """Return True where the context takes the hit back.

        Parameters
        ----------
        text : str
            Joined documents.
        span : tuple of int
            Half-open offsets of the hit.
        scope : tuple of int
            Half-open offsets of the clause or sentence around it.
        """
        start, end = span
        low, high = max(scope[0], start - _REACH), min(scope[1], end + _REACH)
        found = (
            (self.before is not None and self.before.regex.search(text, low, start))
            or (self.after is not None and self.after.regex.match(text, end, high))
            or (self.around is not None and self.around.regex.search(text, low, high))
        )
        return bool(found) and not (self.unless is not None and self.unless.regex.search(text, low, high))


def context_filter(entry: Mapping[str, Any], macros: Mapping[str, str]) -> ContextFilter:
    """Return the filter written in one ``[filters.<id>]`` table.

    Parameters
    ----------
    entry : mapping
        Keys ``scope`` (``clause`` or ``sentence``) and lists of patterns ``before``, ``after``, ``around``, ``unless``.
    macros : mapping of str to str
        Expanded macros by name.

    Raises
    ------
    PatternError
        If a key or the scope is unknown or a pattern is malformed.
    """
    for key in entry:
        if key not in _KEYS:
            raise PatternError(f"unknown key {key!r}; allowed: {', '.join(_KEYS)}")
    if entry.get("scope") not in _SCOPES:
        raise PatternError(f"scope is {entry.get('scope')!r}; allowed: {', '.join(_SCOPES)}")
    before = union([f"(?:{pattern})\\Z" for pattern in entry.get("before", [])], macros)
    after, around, unless = (union(entry.get(key, []), macros) for key in _KEYS[2:])
    return ContextFilter(entry["scope"] == "clause", before, after, around, unless)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where clauses and sentences end in a joined text.

    Attributes
    ----------
    clauses, sentences : ndarray of int64
        Sorted offsets of the marks.
    length : int
        Length of the text in characters.
    """

    clauses: NDArray[np.int64]
    sentences: NDArray[np.int64]
    length: int

    @classmethod
    def of(cls, text: str) -> Boundaries:
        """Return the boundaries of `text`."""
        # no mark lies outside the basic plane, so clipping the code points keeps the table small
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        table = _mark_kinds()
        kinds = table[np.minimum(codes, table.size - 1)]
        clauses = np.flatnonzero(kinds)
        return cls(clauses, clauses[kinds[clauses] == 2], len(text))

    def around(self, starts: Sequence[int], lasts: Sequence[int], *, clause: bool) -> list[tuple[int, int]]:
        """Return for each span where the clause of its start begins and the clause of its last character ends.

        Parameters
        ----------
        starts, lasts : sequence of int
            Offsets of the first and the last character of the spans.
        clause : bool
            True for clauses, False for sentences.
        """
        marks = self.clauses if clause else self.sentences
        padded = np.concatenate(([-1], marks, [self.length]))
        begins = padded[np.searchsorted(marks, np.asarray(starts, dtype=np.int64))] + 1
        ends = padded[np.searchsorted(marks, np.asarray(lasts, dtype=np.int64)) + 1]
        return list(zip(begins.tolist(), ends.tolist(), strict=True))


@lru_cache(maxsize=1)
def _mark_kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(0x10000, dtype=np.uint8)
    kinds[[ord(mark) for mark in CLAUSE_MARKS]] = 1
    kinds[[ord(mark) for mark in SENTENCE_MARKS]] = 2
    return kinds
