"""Which entries a case calls for: conditions as bit masks, conflicts by priority, urgency by rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from complaint_motive.strategy.case import CaseExtras, CaseKey
from complaint_motive.strategy.entry import Condition, StrategyEntry, UrgencyRule, Variants
from complaint_motive.strategy.tables import LEAD_PRIORITY, Tables

__all__ = ["Chosen", "Selection", "Selector"]

_TOTAL = 9


@dataclass(frozen=True, slots=True)
class Chosen:
    """An entry together with the condition that chose it."""

    entry: StrategyEntry
    condition: Condition


@dataclass(frozen=True, slots=True)
class Selection:
    """What a case calls for, before any words of the case are filled in.

    Attributes
    ----------
    lead : Chosen
        The entry that stands first.
    chosen : tuple of Chosen
        All entries, the lead first, then by priority.
    urgency : int
        1 to 4.
    reasons : tuple of UrgencyRule
        The rules that hold, highest level first.
    want : Variants
        First half of the headline.
    department : str
        Responsible department.
    conflicts : tuple of str
        What was set aside, and why.
    """

    lead: Chosen
    chosen: tuple[Chosen, ...]
    urgency: int
    reasons: tuple[UrgencyRule, ...]
    want: Variants
    department: str
    conflicts: tuple[str, ...]


_Masks = tuple[tuple[tuple[int, ...], int, Condition], ...]


class Selector:
    """Tests the conditions of all tables against cases; immutable after construction."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._bits: dict[str, int] = {}
        self._entries = [(entry, self._compile(entry.when)) for entry in tables.entries]
        self._urgency = [(rule, self._compile(rule.when)) for rule in tables.urgency]
        self._wants = [(text, self._compile(when)) for text, when in tables.wants]
        self._departments = [(name, self._compile(when)) for name, when in tables.departments]

    def _compile(self, conditions: Iterable[Condition]) -> _Masks:
        def mask(key: str, values: Iterable[str]) -> int:
            return sum(self._bits.setdefault(f"{key}:{v}", 1 << len(self._bits)) for v in dict.fromkeys(values))

        return tuple(
            (tuple(mask(key, values) for key, values in c.keys), mask("cues", c.without), c) for c in conditions
        )

    def _case(self, *parts: CaseKey | CaseExtras) -> int:
        case = 0
        for part in parts:
            for feature in part.features():
                case |= self._bits.get(feature, 0)
        return case

    @staticmethod
    def _holding(masks: _Masks, case: int) -> Condition | None:
        for needed, without, condition in masks:
            if not case & without and all(case & mask for mask in needed):
                return condition
        return None

    def _matching(self, case: int) -> Iterator[Chosen]:
        for entry, masks in self._entries:
            if condition := self._holding(masks, case):
                yield Chosen(entry, condition)

    def select(self, key: CaseKey, extras: CaseExtras) -> Selection:
        """Return what the case calls for; lead, urgency and want depend on `key` alone."""
        case = self._case(key, extras)
        alone = self._case(key)
        chosen, conflicts = self._settle(tuple(self._matching(case)))
        reasons = [rule for rule, masks in self._urgency if self._holding(masks, alone)]
        # 兜底的一条只在没有别的理由时才说。
        reasons = [rule for rule in reasons if rule.when[0].keys] or reasons
        reasons.sort(key=lambda rule: -rule.level)
        want = next(text for text, masks in self._wants if self._holding(masks, alone))
        department, shared = self._department(chosen, alone)
        return Selection(chosen[0], chosen, reasons[0].level, tuple(reasons), want, department, (*conflicts, *shared))

    def _settle(self, matching: tuple[Chosen, ...]) -> tuple[tuple[Chosen, ...], list[str]]:
        kept: list[Chosen] = []
        conflicts: list[str] = []
        used = dict.fromkeys(self._tables.kinds, 0)
        for candidate in matching:
            entry = candidate.entry
            if clash := _clash(kept, entry):
                conflicts.append(clash)
            elif used[entry.kind] < self._tables.kinds[entry.kind].limit:
                used[entry.kind] += 1
                kept.append(candidate)
        return _within_total(kept), conflicts

    def _department(self, chosen: Iterable[Chosen], case: int) -> tuple[str, list[str]]:
        named: dict[str, str] = {}
        for entry in (c.entry for c in chosen if c.entry.department):
            named.setdefault(entry.department, entry.name)
        if not named:
            return next(name for name, masks in self._departments if self._holding(masks, case)), []
        (department, owner), *others = named.items()
        return department, [
            f"责任部门取「{department}」（{owner}，优先级较高）；「{other}」（{name}）协办" for other, name in others
        ]


def _clash(kept: Iterable[Chosen], entry: StrategyEntry) -> str:
    for other in (c.entry for c in kept):
        because = other.excludes.get(entry.id) or entry.excludes.get(other.id)
        if because:
            return f"「{other.name}」与「{entry.name}」不同时用，取优先级高的「{other.name}」：{because}"
    return ""


def _within_total(kept: list[Chosen]) -> tuple[Chosen, ...]:
    """Return the entries within the limit of a page; the self-check for the handler does not count."""
    lead = next(k for k, c in enumerate(kept) if c.entry.priority >= LEAD_PRIORITY)
    kept.insert(0, kept.pop(lead))
    on_page = [c for c in kept if c.entry.kind != "self"][:_TOTAL]
    return (*on_page, *(c for c in kept if c.entry.kind == "self"))
