"""Dear patterns tried only where they can match: before an anchor, a few characters that every match must hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from complaint_motive.features.numerals import HAN_NUMERALS

__all__ = ["NUMBER_CHARACTERS", "Ranges", "anchored_matches", "matches_within", "places_of"]

NUMBER_CHARACTERS = "0123456789.,kw数好多来余点" + HAN_NUMERALS
"""What a number and the words that make it vague are written with."""

Ranges: TypeAlias = Sequence[tuple[int, int]]
"""Half-open ranges of a text."""

_PAST = 16


def anchored_matches(
    pattern: re.Pattern[str],
    text: str,
    anchors: Iterable[int],
    run: str,
    *,
    reach: int = 0,
) -> Iterator[re.Match[str]]:
    """Yield what ``pattern.finditer(text)`` yields, without trying the pattern everywhere.

    Parameters
    ----------
    pattern : re.Pattern
        What to find; no match is empty.
    text : str
        Text to search.
    anchors : iterable of int
        Places in ascending order, one of which is in every match; the match begins there or before.
    run : str
        Characters that may stand between the beginning of a match and its anchor; digits of any script are in it.
    reach : int, default 0
        How many other characters may stand before these.
    """
    tried = 0
    for last in anchors:
        at = max(_run_start(text, tried, last, run) - reach, tried)
        while at <= last:
            match = pattern.match(text, at)
            if match:
                yield match
            at = match.end() if match else at + 1
        tried = max(at, tried)


def places_of(pattern: re.Pattern[str], text: str, within: Ranges | None = None) -> Iterator[int]:
    """Yield where the matches begin that :func:`matches_within` yields."""
    return (match.start() for match in matches_within(pattern, text, within))


def _run_start(text: str, low: int, end: int, run: str) -> int:
    """Return where the run of characters that ends at `end` begins, at `low` or behind it."""
    start = low + len(text[low:end].rstrip(run))
    while start > low and text[start - 1].isdecimal():
        start = low + len(text[low : start - 1].rstrip(run))
    return start


def matches_within(pattern: re.Pattern[str], text: str, ranges: Ranges | None) -> Iterator[re.Match[str]]:
    """Yield those matches of ``pattern.finditer(text)`` that begin in some ranges, or all.

    Parameters
    ----------
    pattern : re.Pattern
        What to find; matches reach over no sentence mark and look no further than a few characters past one.
    text : str
        Text to search.
    ranges : sequence of (int, int), or None
        Ascending ranges that begin and end right after a sentence mark or at an end of the text; None: the whole text.
    """
    if ranges is None:
        yield from pattern.finditer(text)
        return
    for start, end in ranges:
        for match in pattern.finditer(text, start, end + _PAST):
            if match.start() >= end:
                break
            yield match
