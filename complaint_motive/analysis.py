"""Result types: what an analysis is made of. All are frozen; none holds behaviour of its own beyond display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
class PlanEntry:
    """A handling-book entry that the plan uses, and why.

    Attributes
    ----------
    id, name : str
        Id and Chinese name of the entry.
    reason : str
        Why it was chosen, in Chinese, naming the label, cue or fact.
    trigger : str
        What chose it: ``category``, ``motive``, ``cue``, ``fact``, ``needs``, ``intensity``, ``cause`` or ``default``.
    source : str
        Seed text and section that the entry goes back to.
    """

    id: str
    name: str
    reason: str
    trigger: str
    source: str


@dataclass(frozen=True, slots=True)
class HandlingPlan:
    """What the handler should do, drawn from the handling book.

    Attributes
    ----------
    headline : str
        One sentence: what this person wants and what to do first.
    urgency : int
        1 (can wait) to 4 (a person, now).
    urgency_reasons : tuple of str
        Why it is that urgent, in Chinese.
    time_limit : str
        By when the first response is due.
    steps, wording, questions, taboos, checklist, self_check, review_points, closing_questions : tuple of str
        Ordered steps; sentences a handler can say (they promise nothing); open questions for the missing facts;
        what to avoid; the process checklist with what is already known; a self-check for the handler;
        what a reviewer should verify; questions for the review after closing.
    escalation : tuple of str
        To whom and when.
    department : str
        Responsible department.
    entries : tuple of PlanEntry
        Entries used, in order of priority.
    conflicts : tuple of str
        Where two entries disagreed and which one prevailed.
    """

    headline: str
    urgency: int
    urgency_reasons: tuple[str, ...]
    time_limit: str
    steps: tuple[str, ...]
    wording: tuple[str, ...]
    questions: tuple[str, ...]
    taboos: tuple[str, ...]
    escalation: tuple[str, ...]
    department: str
    checklist: tuple[str, ...]
    entries: tuple[PlanEntry, ...]
    self_check: tuple[str, ...] = ()
    review_points: tuple[str, ...] = ()
    closing_questions: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def strategy(self) -> str:
        """Id of the first handling entry; the output column ``strategy``."""
        return self.entries[0].id

    @property
    def sources(self) -> tuple[str, ...]:
        """Seed texts and sections behind the plan, each once, in order of use."""
        return tuple(dict.fromkeys(entry.source for entry in self.entries))

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain lists and values."""
        plain: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            plain[name] = list(value) if isinstance(value, tuple) else value
        plain["entries"] = [{name: getattr(e, name) for name in PlanEntry.__dataclass_fields__} for e in self.entries]
        return plain

    def _repr_html_(self) -> str:
        from complaint_motive.report.html import plan_html

        return plan_html(self)


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
