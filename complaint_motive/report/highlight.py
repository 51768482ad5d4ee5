"""The text of an analysis cut into pieces that carry their evidence and cues, with personal data masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from complaint_motive.analysis import Analysis, CueHit, EvidenceSpan
from complaint_motive.features.normalize import fold_characters
from complaint_motive.features.privacy import find_pii, mask_pii

__all__ = ["Piece", "highlighted_pieces"]

_Span = TypeVar("_Span", CueHit, EvidenceSpan)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text with the same marks throughout.

    Attributes
    ----------
    text : str
        Words to show; personal data replaced by its type.
    weight : float
        Log-odds of the evidence span it belongs to; 0 outside evidence.
    cues : tuple of str
        Ids of the cues found here that are not negated.
    negated : tuple of str
        Ids of those that are.
    """

    text: str
    weight: float = 0.0
    cues: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """True where there is anything to highlight."""
        return bool(self.weight or self.cues or self.negated)


class _Reach(Generic[_Span]):
    """Spans asked for from left to right: each is looked at only while it can still matter."""

    def __init__(self, spans: Sequence[_Span]) -> None:
        self._waiting: list[_Span] = sorted(spans, key=lambda span: -span.start)
        self._current: list[_Span] = []

    def over(self, start: int, end: int) -> list[_Span]:
        """Return the spans that overlap a range; ranges must be asked for in order."""
        while self._waiting and self._waiting[-1].start < end:
            self._current.append(self._waiting.pop())
        self._current = [span for span in self._current if span.end > start]
        return self._current


def _shown(text: str, private: bool) -> str:
    shown = mask_pii(text) if private else text
    return shown.encode("utf-8", "replace").decode("utf-8")


def _cuts(analysis: Analysis, private: Sequence[tuple[int, int]]) -> list[int]:
    """Return the bounds of the pieces; none lies inside personal data."""
    spans = [(span.start, span.end) for span in analysis.evidence] + [(hit.start, hit.end) for hit in analysis.cues]
    inner = {at for start, end in private for at in range(start + 1, end)}
    cuts = {0, len(analysis.text), *(at for pair in (*spans, *private) for at in pair)}
    return sorted(cuts - inner)


def highlighted_pieces(analysis: Analysis) -> Iterator[Piece]:
    """Yield the pieces of the whole text in order.

    Parameters
    ----------
    analysis : Analysis
        What to show.
    """
    private = [(span.start, span.end) for span in find_pii(fold_characters(analysis.text))]
    masked = {start for start, _ in private}
    hits, spans = _Reach(analysis.cues), _Reach(analysis.evidence)
    for start, end in pairwise(_cuts(analysis, private)):
        found = hits.over(start, end)
        yield Piece(
            _shown(analysis.text[start:end], start in masked),
            max((span.weight for span in spans.over(start, end)), default=0.0),
            tuple(dict.fromkeys(hit.cue for hit in found if not hit.negated)),
            tuple(dict.fromkeys(hit.cue for hit in found if hit.negated)),
        )
