"""The handling plan as a result: what the handler should do, and why each part of it was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["HandlingPlan", "PlanEntry"]


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
