"""Result types: what an analysis is made of. All are frozen; none holds behaviour of its own beyond display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from complaint_motive.handling_plan import HandlingPlan, PlanEntry

__all__ = ["Analysis", "CueHit", "Decision", "EvidenceSpan", "Fact", "HandlingPlan", "Needs", "PlanEntry"]


@dataclass(frozen=True, slots=True)
class CueHit:
    """One place where a cue was found.

    Attributes
    ----------
    cue : str
        Cue id.
    text : str
        The words, with personal data masked.
    start, end : int
        Half-open offsets in code points of the original text.
    negated : bool
        True where the words are negated, asked, reported of the other side or joking: listed, triggers nothing.
    """

    cue: str
    text: str
    start: int
    end: int
    negated: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the hit as plain values, in the order of the output column ``cues``."""
        return {"cue": self.cue, "text": self.text, "start": self.start, "end": self.end, "negated": self.negated}


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """A span of the original text that speaks for the decided category.

    Attributes
    ----------
    text : str
        The words, with personal data masked.
    start, end : int
        Half-open offsets in code points of the original text.
    weight : float
        Contribution in log-odds of the decided category against the others.
    """

    text: str
    start: int
    end: int
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """Return the span as plain values, in the order of the output column ``evidence``."""
        return {"text": self.text, "start": self.start, "end": self.end, "weight": round(self.weight, 4)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the case that the text states.

    Attributes
    ----------
    dimension : str
        One of the five dimensions: ``time``, ``place``, ``party``, ``event``, ``emotion``.
    kind : str
        What it is: ``amount``, ``date``, ``duration``, ``deadline``, ``contact_count``, ``order_number``, ...
    text : str
        The words, with personal data masked.
    value : str, float or None
        Normalised value (yuan, days, times, ISO date), where there is one.
    unit : str
        Unit of `value`: ``CNY``, ``day``, ``times``, ``people``, ``date`` or empty.
    start, end : int
        Half-open offsets in code points of the original text.
    """

    dimension: str
    kind: str
    text: str
    value: str | float | None
    unit: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fact as plain values."""
        return {name: getattr(self, name) for name in ("dimension", "kind", "text", "value", "unit", "start", "end")}


@dataclass(frozen=True, slots=True)
class Needs:
    """The two needs behind a complaint; not exclusive.

    Attributes
    ----------
    rational, emotional : float
        Independent probabilities in [0, 1].
    label : str
        ``rational``, ``emotional``, ``both``, or empty for ``none``.
    """

    rational: float
    emotional: float
    label: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one text, without its explanation.

    Attributes
    ----------
    motive, category : str
        Ids; the motive is always the parent of the category.
    secondary : str or None
        Id of a second plausible category.
    needs : Needs
        Rational and emotional need.
    intensity : int
        Emotional intensity, 0 to 3.
    cause : str or None
        Id of the cause; None for ``none``.
    purpose, behaviour : str or None
        Derived from the taxonomy's tables; None for ``none``.
    probabilities : mapping of str to float
        Calibrated probability of each category, in taxonomy order; sums to 1.
    needs_review : bool
        True where a person should look before anything is done with the label.
    review_reason : str or None
        Reason code, e.g. ``close_call:redress/recognition``.
    """

    motive: str
    category: str
    secondary: str | None
    needs: Needs
    intensity: int
    cause: str | None
    purpose: str | None
    behaviour: str | None
    probabilities: Mapping[str, float]
    needs_review: bool
    review_reason: str | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything said about one complaint.

    Attributes
    ----------
    text : str
        The original text; display and export mask personal data.
    decision : Decision
        Labels, probabilities and review flag; its fields are also readable on the analysis itself.
    evidence : tuple of EvidenceSpan
        Spans that speak for the decided category, heaviest first.
    cues : tuple of CueHit
        Cues in order of appearance.
    facts : tuple of Fact
        Facts of the case in order of appearance.
    plan : HandlingPlan
        What to do.
    """

    text: str = field(repr=False)
    decision: Decision
    evidence: tuple[EvidenceSpan, ...]
    cues: tuple[CueHit, ...]
    facts: tuple[Fact, ...]
    plan: HandlingPlan = field(repr=False)

    @property
    def motive(self) -> str:
        """Id of the motive, always the parent of :attr:`category`."""
        return self.decision.motive

    @property
    def category(self) -> str:
        """Id of the decided category."""
        return self.decision.category

    @property
    def secondary(self) -> str | None:
        """Id of a second plausible category."""
        return self.decision.secondary

    @property
    def needs(self) -> Needs:
        """Rational and emotional need."""
        return self.decision.needs

    @property
    def intensity(self) -> int:
        """Emotional intensity, 0 to 3."""
        return self.decision.intensity

    @property
    def cause(self) -> str | None:
        """Id of the cause; None for ``none``."""
        return self.decision.cause

    @property
    def probabilities(self) -> Mapping[str, float]:
        """Calibrated probability of each category; sums to 1."""
        return self.decision.probabilities

    @property
    def needs_review(self) -> bool:
        """True where a person should look first."""
        return self.decision.needs_review

    @property
    def review_reason(self) -> str | None:
        """Reason code of the review."""
        return self.decision.review_reason

    def to_dict(self) -> dict[str, Any]:
        """Return the analysis as plain values; the text itself is left out.

        The keys are the output columns of ``score`` and ``facts`` and ``plan``.
        """
        d = self.decision
        return {
            "motive": d.motive,
            "category": d.category,
            "secondary": d.secondary,
            **{f"p_{category}": p for category, p in d.probabilities.items()},
            "need_rational": d.needs.rational,
            "need_emotional": d.needs.emotional,
            "needs": d.needs.label or None,
            "intensity": d.intensity,
            "cause": d.cause,
            "purpose": d.purpose,
            "behaviour": d.behaviour,
            "needs_review": d.needs_review,
            "review_reason": d.review_reason,
            "cues": [hit.to_dict() for hit in self.cues],
            "evidence": [span.to_dict() for span in self.evidence],
            "strategy": self.plan.strategy,
            "urgency": self.plan.urgency,
            "headline": self.plan.headline,
            "facts": [fact.to_dict() for fact in self.facts],
            "plan": self.plan.to_dict(),
        }

    def _repr_html_(self) -> str:
        from complaint_motive.report.html import analysis_html

        return analysis_html(self)
