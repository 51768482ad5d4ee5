"""Searches a batch for cues: one scan for literals, then the regular expressions around those that may match."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cue_gates import FEW, Gates
from complaint_motive.features.cue_literals import LiteralScan
from complaint_motive.features.cue_needs import Branch
from complaint_motive.features.cue_patterns import AnchoredPattern
from complaint_motive.features.cue_rules import CueRules
from complaint_motive.features.cue_syntax import branches_of
from complaint_motive.features.cue_text import JoinedText
from complaint_motive.features.cue_vetoes import MARGIN, Vetoes
from complaint_motive.features.runs import runs

__all__ = ["CueSearch"]

_BEFORE, _BEHIND = 28, 48

_Offsets = NDArray[np.int64]


class CueSearch:
    """Finds the hits of all cues, contexts not yet looked at.

    Parameters
    ----------
    rules : CueRules
        Rules of a cue file.
    """

    def __init__(self, rules: CueRules) -> None:
        self._scan = LiteralScan(list(rules.literals))
        self._counts = np.array([len(found) for found in rules.literals.values()], dtype=np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._rules = np.array(list(chain.from_iterable(rules.literals.values())), dtype=np.int64).reshape(-1, 2)
        self._patterns = rules.patterns
        self._shortest = np.array([min(map(len, pattern.anchors)) for pattern in rules.patterns], dtype=np.int64)
        self._unless = rules.unless
        self._cancellable = np.array([unless is not None for unless in rules.unless], dtype=np.bool_)

    @cached_property
    def _leads(self) -> list[tuple[Branch, ...]]:
        return [branches_of(pattern.before, backward=True) for pattern in self._patterns]

    @cached_property
    def _widths(self) -> _Offsets:
        return np.array([max(branch.width for branch in branches) for branches in self._leads], dtype=np.int64)

    @cached_property
    def _gates(self) -> Gates:
        return Gates([*self._leads, *map(_tail, self._patterns)], edged=True)

    @cached_property
    def _vetoes(self) -> Vetoes:
        return Vetoes(self._unless)

    def hits(self, joined: JoinedText) -> _Offsets:
        """Return document, start, cue and end of the hits, in this order, sorted by it, as an (n_hits, 4) array."""
        literals, starts, ends = self._scan.find(joined.text, joined.codes)
        if not literals.size:
            return np.zeros((0, 4), dtype=np.int64)
        counts = self._counts[literals]
        rows = np.repeat(np.arange(len(literals)), counts)
        firsts = np.repeat(self._firsts[literals] - np.cumsum(counts) + counts, counts)
        cue, pattern = self._rules[firsts + np.arange(len(rows))].T
        starts, ends = self._spans(joined, pattern, starts[rows], ends[rows])
        kept = (starts >= 0).nonzero()[0]
        table = _distinct(starts[kept], cue[kept], ends[kept])
        documents = joined.documents(table[:, 0])[0]
        return _longest(self._standing(joined, np.column_stack((documents, table))))

    def _spans(
        self, joined: JoinedText, patterns: _Offsets, starts: _Offsets, ends: _Offsets
    ) -> tuple[_Offsets, _Offsets]:
        """Return the spans of the rules that match at their literals; -1 where a rule does not."""
        rows = (patterns >= 0).nonzero()[0]
        _, firsts, lasts = joined.documents(starts[rows])
        lows = np.maximum(firsts, starts[rows] - _BEFORE)
        highs = np.minimum(lasts, ends[rows] + _BEHIND)
        if len(rows) >= FEW:
            may_match = self._possible(joined, patterns[rows], starts[rows], lows, highs)
            rows, lows, highs = rows[may_match], lows[may_match], highs[may_match]
            # no match of a lead begins farther off than it is wide
            lows = np.maximum(lows, starts[rows] - self._widths[patterns[rows]])
        # Not a list of tuples, which would call the garbage collector.
        places = zip(*(part.tolist() for part in (rows, starts[rows], lows, highs)), strict=True)
        matched: list[int] = []
        for number, first, end in runs(patterns[rows]):
            matched += _matches(self._patterns[number], joined.text, islice(places, end - first))
        begins, closes = np.where(patterns < 0, starts, -1), ends.copy()
        found, *spans = np.array(matched, dtype=np.int64).reshape(-1, 3).T
        begins[found], closes[found] = spans
        return begins, closes

    def _possible(
        self, joined: JoinedText, patterns: _Offsets, starts: _Offsets, lows: _Offsets, highs: _Offsets
    ) -> _Offsets:
        """Return the indices of the anchors around which their patterns may match, pattern by pattern."""
        # numpy sorts 16 bits by counting
        rows = np.argsort(patterns.astype(np.uint16), kind="stable")
        rows = rows[self._gates.may_match(joined.codes, patterns[rows], lows[rows], starts[rows], backward=True)]
        tails, begins = patterns[rows] + len(self._patterns), starts[rows] + self._shortest[patterns[rows]]
        return rows[self._gates.may_match(joined.codes, tails, begins, highs[rows], backward=False)]

    def _standing(self, joined: JoinedText, table: _Offsets) -> _Offsets:
        """Return the hits without those that overlap a match of their cue's `unless`."""
        rows = np.flatnonzero(self._cancellable[table[:, 2]])
        starts, cues, ends = table[rows, 1:].T
        _, firsts, lasts = joined.documents(starts)
        if len(rows) >= FEW:
            few = self._vetoes.possible(joined.codes, cues, (starts, ends), (firsts, lasts))
            rows, starts, cues, ends, firsts, lasts = (part[few] for part in (rows, starts, cues, ends, firsts, lasts))
        lows, highs = np.maximum(firsts, starts - MARGIN), np.minimum(lasts, ends + MARGIN)
        stands = np.ones(len(table), dtype=np.bool_)
        columns = (rows, starts, cues, ends, lows, highs)
        for row, start, cue, end, low, high in zip(*(column.tolist() for column in columns), strict=True):
            unless = self._unless[cue]
            for match in unless.regex.finditer(joined.text, low, high) if unless is not None else ():
                if match.start() < end and match.end() > start:
                    stands[row] = False
                    break
        return table[stands]


def _tail(pattern: AnchoredPattern) -> tuple[Branch, ...]:
    widths = [len(anchor) for anchor in pattern.anchors]
    # another anchor than the literal may match, and the tail begins behind it
    return branches_of(pattern.after, backward=False, slack=max(widths) - min(widths))


def _distinct(starts: _Offsets, cues: _Offsets, ends: _Offsets) -> _Offsets:
    table = np.column_stack((starts, cues, ends))[np.lexsort((ends, cues, starts))]
    fresh = np.ones(len(table), dtype=np.bool_)
    fresh[1:] = (table[1:] != table[:-1]).any(axis=1)
    return table[fresh]


def _matches(pattern: AnchoredPattern, text: str, places: Iterable[tuple[int, int, int, int]]) -> list[int]:
    """Return row, start and end of the matches at places given as row, start of the anchor, lower and upper limit."""
    behind = pattern.rest.regex.match
    before = pattern.lead.regex.search if pattern.lead is not None else None
    found: list[int] = []
    for row, start, low, high in places:
        rest = behind(text, start, high)
        if rest is not None:
            lead = before(text, low, start) if before is not None else rest
            if lead is not None:
                found += (row, lead.start(), rest.end())
    return found


def _longest(table: _Offsets) -> _Offsets:
    """Keep of overlapping hits of one cue the longest, and of equally long ones the first."""
    if len(table) < 2:
        return table
    order = np.lexsort((table[:, 1], table[:, 2]))
    # offsets of later cues lie behind those of earlier ones, so one pass serves all
    shift = table[order, 2] * (table[:, 3].max() + 1)
    starts, ends = table[order, 1] + shift, table[order, 3] + shift
    apart = np.ones(len(table) + 1, dtype=np.bool_)
    apart[1:-1] = starts[1:] >= np.maximum.accumulate(ends)[:-1]
    alone = apart[:-1] & apart[1:]
    kept: list[tuple[int, int, int]] = []
    for row, start, end in zip(*(part[~alone].tolist() for part in (order, starts, ends)), strict=True):
        if not kept or kept[-1][2] <= start:
            kept.append((row, start, end))
        elif end - start > kept[-1][2] - kept[-1][1]:
            kept[-1] = (row, start, end)
    return table[np.sort(np.append(order[alone], np.array([row for row, _, _ in kept], dtype=np.int64)))]
