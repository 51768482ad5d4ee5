"""Context filters: whether the words around a cue take it back (negated, asked, reported of the other side, joking)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_gates import FEW, Gates
from complaint_motive.features.cue_needs import Branch
from complaint_motive.features.cue_patterns import Expression, PatternError, union
from complaint_motive.features.cue_syntax import branches_of
from complaint_motive.features.cue_text import JoinedText

__all__ = ["ContextFilter", "ContextJudge", "context_filter"]

_KEYS = ("scope", "before", "after", "around", "unless")
_SCOPES = ("clause", "sentence")
_REACH = 40

_Offsets = NDArray[np.int64]
_Window = tuple[_Offsets, _Offsets]


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

    def applies(self, text: str, span: tuple[int, int], window: tuple[int, int], parts: Sequence[bool]) -> bool:
        """Return True where the context takes the hit back.

        Parameters
        ----------
        text : str
            Joined documents.
        span : tuple of int
            Half-open offsets of the hit.
        window : tuple of int
            Half-open offsets of what is looked at around it.
        parts : sequence of bool, length 3
            Which of `before`, `after` and `around` may match and are to be tried.
        """
        (start, end), (low, high) = span, window
        found = (
            (parts[0] and self.before is not None and self.before.regex.search(text, low, start))
            or (parts[1] and self.after is not None and self.after.regex.match(text, end, high))
            or (parts[2] and self.around is not None and self.around.regex.search(text, low, high))
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
    before = union([f"(?:{pattern})\\Z" for pattern in entry.get("before", [])], macros, searched=True)
    after, around, unless = (union(entry.get(key, []), macros, searched=key != "after") for key in _KEYS[2:])
    return ContextFilter(entry["scope"] == "clause", before, after, around, unless)


class ContextJudge:
    """Decides for the hits of a batch whether their context takes them back.

    Parameters
    ----------
    filters : sequence of sequence of ContextFilter
        By cue.
    """

    def __init__(self, filters: Sequence[Sequence[ContextFilter]]) -> None:
        self._filters = tuple(dict.fromkeys(part for parts in filters for part in parts))
        number = {part: index for index, part in enumerate(self._filters)}
        self._counts = np.array([len(parts) for parts in filters], dtype=np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._numbers = np.array([number[part] for parts in filters for part in parts], dtype=np.int64)
        self._clause = np.array([part.clause for part in self._filters], dtype=np.bool_)
        self._present = np.array(
            [[part is not None for part in (one.before, one.after, one.around)] for one in self._filters],
            dtype=np.bool_,
        ).reshape(-1, 3)

    @cached_property
    def _gates(self) -> tuple[Gates, Gates, Gates]:
        before = [_branches(one.before, backward=True) for one in self._filters]
        after, around = (
            [_branches(part, backward=False) for part in parts]
            for parts in ([one.after for one in self._filters], [one.around for one in self._filters])
        )
        return Gates(before, edged=True), Gates(after, edged=True), Gates(around, edged=False)

    def taken_back(self, joined: JoinedText, table: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each hit whether its context takes it back.

        Parameters
        ----------
        joined : JoinedText
            The batch.
        table : ndarray of int64, shape (n_hits, 4)
            Document, start, cue and end of the hits.
        """
        negated = np.zeros(len(table), dtype=np.bool_)
        if not len(table):
            return negated
        counts = self._counts[table[:, 2]]
        hits = np.repeat(np.arange(len(table)), counts)
        inner = np.arange(len(hits)) - np.repeat(np.cumsum(counts) - counts, counts)
        numbers = self._numbers[self._firsts[table[hits, 2]] + inner]
        starts, ends = table[hits, 1], table[hits, 3]
        lows, highs = self._windows(joined, numbers, hits, table)
        parts = self._possible(joined, numbers, (starts, ends), (lows, highs))
        rows = np.flatnonzero(parts.any(axis=1))
        columns = (column[rows].tolist() for column in (hits, numbers, starts, ends, lows, highs, *parts.T))
        for hit, number, start, end, low, high, *tried in zip(*columns, strict=True):
            if not negated[hit] and self._filters[number].applies(joined.text, (start, end), (low, high), tried):
                negated[hit] = True
        return negated

    def _windows(self, joined: JoinedText, numbers: _Offsets, hits: _Offsets, table: _Offsets) -> _Window:
        starts, ends = table[:, 1], table[:, 3]
        clause = self._clause[numbers]
        inner, outer = (joined.scopes(starts, ends - 1, clause=kind) for kind in (True, False))
        lows, highs = (np.where(clause, *(ends[hits] for ends in pair)) for pair in zip(inner, outer, strict=True))
        return np.maximum(lows, starts[hits] - _REACH), np.minimum(highs, ends[hits] + _REACH)

    def _possible(self, joined: JoinedText, numbers: _Offsets, spans: _Window, windows: _Window) -> NDArray[np.bool_]:
        parts = self._present[numbers]
        if len(numbers) < FEW:
            return parts
        (starts, ends), (lows, highs) = spans, windows
        for place, low, high in ((0, lows, starts), (1, ends, highs), (2, lows, highs)):
            rows = np.flatnonzero(parts[:, place])
            parts[rows, place] = self._gates[place].may_match(
                joined.codes, numbers[rows], low[rows], high[rows], backward=place == 0
            )
        return parts


def _branches(part: Expression | None, *, backward: bool) -> tuple[Branch, ...]:
    return branches_of(f"(?:{part.text})", backward=backward) if part is not None else ()
