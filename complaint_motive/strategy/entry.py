"""What the handling book is made of: conditions, entries and rules, as immutable values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CONDITION_KEYS",
    "STAGES",
    "Condition",
    "ProcessStep",
    "Question",
    "StrategyEntry",
    "UrgencyRule",
    "Variants",
]

STAGES = ("first", "feeling", "matter", "closing")
"""Stages of a plan in order: safety first, the person's feelings, the matter itself, what follows."""

CONDITION_KEYS = (
    "cues",
    "facts",
    "remedies",
    "signals",
    "categories",
    "secondary",
    "motives",
    "review",
    "causes",
    "needs",
    "intensity",
)
"""Keys of a condition, from the most to the least specific; the first one present names the trigger."""

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Variants:
    """One sentence in one or more versions; the first version whose facts are all known is used.

    Attributes
    ----------
    versions : tuple of (str, frozenset of str)
        Template and the fact kinds that it needs.
    """

    versions: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of(cls, texts: tuple[str, ...]) -> Variants:
        """Return the versions with the fact kinds read off their ``{placeholders}``."""
        return cls(tuple((text, frozenset(_FIELD.findall(text))) for text in texts))

    @property
    def fields(self) -> frozenset[str]:
        """All fact kinds that any version mentions."""
        return frozenset().union(*(needed for _, needed in self.versions))

    def fill(self, words: Mapping[str, str]) -> str:
        """Return the first version that the known facts can fill, or the empty string.

        Parameters
        ----------
        words : mapping of str to str
            Fact kind to the words that stand for it.

        Examples
        --------
        >>> v = Variants.of(("您提到的{amount}，我先核对。", "您提到的费用，我先核对。"))
        >>> v.fill({"amount": "380元"}), v.fill({})
        ('您提到的380元，我先核对。', '您提到的费用，我先核对。')
        """
        for template, needed in self.versions:
            if not needed:
                return template
            if needed <= words.keys():
                return template.format_map(words)
        return ""


@dataclass(frozen=True, slots=True)
class Condition:
    """When something applies: any-of inside a key, all-of across keys; no key at all always holds.

    Attributes
    ----------
    keys : tuple of (str, tuple of str)
        Condition key (see ``CONDITION_KEYS``) and its allowed values, most specific key first.
    without : tuple of str
        Cue and signal ids none of which may be present.
    """

    keys: tuple[tuple[str, tuple[str, ...]], ...]
    without: tuple[str, ...] = ()

    @property
    def trigger(self) -> str:
        """What kind of thing chooses the entry, as in :class:`~complaint_motive.analysis.PlanEntry`."""
        names = {"cues": "cue", "facts": "fact", "remedies": "fact", "signals": "fact", "secondary": "category"}
        names |= {"categories": "category", "motives": "motive", "causes": "cause", "review": "default"}
        return names.get(self.keys[0][0], self.keys[0][0]) if self.keys else "default"


@dataclass(frozen=True, slots=True)
class Question:
    """An open question to the customer; left out when the fact it asks for is already known."""

    ask: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class StrategyEntry:
    """One entry of the handling book.

    Attributes
    ----------
    id, name, kind, goal : str
        Identifier, Chinese name, kind (``category``, ``flow``, ``technique``, ...) and goal.
    when : tuple of Condition
        The entry applies when any of the conditions holds.
    priority : int
        0 to 100; higher stands first and prevails in conflicts.
    first : str
        What to do first in a few words; the second half of the headline when the entry leads.
    steps : mapping of str to tuple of Variants
        Steps by stage (``first``, ``feeling``, ``matter``, ``closing``).
    wording : tuple of Variants
        Sentences a handler can say.
    questions : tuple of Question
        Open questions.
    taboos, escalation, closing, self_check, review_points : tuple of str
        What to avoid; to whom and when; closing checks; the handler's self-check; what a reviewer verifies.
    respond_minutes, progress_hours : int or None
        Tighter limits than the urgency's own for the first human response and the first progress report.
    department : str
        Responsible department, or empty: the cause decides.
    excludes : mapping of str to str
        Entry ids that may not stand beside this one, with the reason.
    source : str
        Seed text and section.
    """

    id: str
    name: str
    kind: str
    goal: str
    when: tuple[Condition, ...]
    priority: int
    first: str
    steps: Mapping[str, tuple[Variants, ...]]
    wording: tuple[Variants, ...]
    questions: tuple[Question, ...]
    taboos: tuple[str, ...]
    escalation: tuple[str, ...]
    closing: tuple[str, ...]
    self_check: tuple[str, ...]
    review_points: tuple[str, ...]
    respond_minutes: int | None
    progress_hours: int | None
    department: str
    excludes: Mapping[str, str]
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain values, for listing and showing."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["when"] = [dict(c.keys) | ({"without": c.without} if c.without else {}) for c in self.when]
        plain["steps"] = {stage: [v.versions[0][0] for v in rows] for stage, rows in self.steps.items()}
        plain["wording"] = [[text for text, _ in v.versions] for v in self.wording]
        plain["questions"] = [q.ask for q in self.questions]
        plain["excludes"] = dict(self.excludes)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """A reason for a level of urgency: ``dimension`` is 性质 (severity), 风险 (risk) or 情绪 (emotion)."""

    level: int
    dimension: str
    reason: Variants
    when: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One step of the handling process: its text, and what the category or else the cause adds to it."""

    id: str
    name: str
    text: Variants
    by_cause: Mapping[str, str]
    by_category: Mapping[str, str]
