"""Which entries a case calls for: conditions as bit masks, conflicts by priority, urgency by rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from complaint_motive.strategy.case import CaseExtras, CaseKey, CaseLabels
from complaint_motive.strategy.entry import Condition, StrategyEntry, UrgencyRule, Variants
from complaint_motive.strategy.tables import LEAD_PRIORITY, Tables

__all__ = ["Chosen", "Opening", "Selection", "Selector"]

_TOTAL = 10
_TOTAL_URGENT = 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """An entry together with the condition that chose it."""

    entry: StrategyEntry
    condition: Condition


class Opening(NamedTuple):
    """The part of a selection that a batch needs.

    Attributes
    ----------
    lead : StrategyEntry
        The entry that stands first.
    urgency : int
        1 to 4.
    want : Variants
        First half of the headline.
    """

    lead: StrategyEntry
    urgency: int
    want: Variants


@dataclass(frozen=True, slots=True)
class Selection:
    """What a case calls for, before any words of the case are filled in.

    Attributes
    ----------
    opening : Opening
        Lead, urgency and want.
    chosen : tuple of Chosen
        All entries, the lead first, then by priority.
    reasons : tuple of UrgencyRule
        The rules that hold, highest level first.
    department : str
        Responsible department.
    conflicts : tuple of str
        What was set aside, and why.
    """

    opening: Opening
    chosen: tuple[Chosen, ...]
    reasons: tuple[UrgencyRule, ...]
    department: str
    conflicts: tuple[str, ...]


_Masks = tuple[tuple[tuple[int, ...], int, Condition], ...]


def _bits_of(conditions: Iterable[_Masks]) -> int:
    """Return every bit that some conditions look at."""
    bits = 0
    for masks in conditions:
        for needed, without, _ in masks:
            bits |= without
            for mask in needed:
                bits |= mask
    return bits


def _holding(masks: _Masks, case: int) -> Condition | None:
    for needed, without, condition in masks:
        if case & without:
            continue
        for mask in needed:
            if not case & mask:
                break
        else:
            return condition
    return None


class Selector:
    """Tests the conditions of all tables against cases; immutable after construction."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._bits: dict[tuple[str, str], int] = {}
        self._entries = [(entry, self._compile(entry.when)) for entry in tables.entries]
        self._leads = [(entry, masks) for entry, masks in self._entries if entry.priority >= LEAD_PRIORITY]
        urgency = sorted(tables.urgency, key=lambda rule: -rule.level)
        self._urgency = [(rule, self._compile(rule.when)) for rule in urgency]
        self._wants = [(text, self._compile(when)) for text, when in tables.wants]
        self._departments = [(name, self._compile(when)) for name, when in tables.departments]
        self._opening = [masks for part in (self._leads, self._urgency, self._wants) for _, masks in part]
        self._asked = _bits_of(self._opening)
        self._signals = {value: bit & self._asked for (key, value), bit in self._bits.items() if key == "signals"}
        self._rivals = {ident for e in tables.entries if e.excludes for ident in (e.id, *e.excludes)}

    def _compile(self, conditions: Iterable[Condition]) -> _Masks:
        def mask(key: str, values: Iterable[str]) -> int:
            return sum(self._bits.setdefault((key, v), 1 << len(self._bits)) for v in dict.fromkeys(values))

        return tuple(
            (
                tuple(mask(key, values) for key, values in c.keys),
                mask("cues", c.without) | mask("signals", c.without),
                c,
            )
            for c in conditions
        )

    def _case(self, part: CaseKey | CaseExtras) -> int:
        case, bits = 0, self._bits
        for feature in part.features():
            case |= bits.get(feature, 0)
        return case

    def _want(self, case: int) -> Variants:
        return next(text for text, masks in self._wants if _holding(masks, case))

    def opening_case(self, key: CaseKey) -> int:
        """Return all that :meth:`open` looks at, as bits; many keys share theirs."""
        return self._case(key) & self._asked

    def signal_bits(self, signals: Iterable[str]) -> int:
        """Return what some signals add to an opening case."""
        bits = 0
        for signal in signals:
            bits |= self._signals.get(signal, 0)
        return bits

    def asks_remedies(self, labels: CaseLabels) -> bool:
        """Return whether remedies can make a difference to :meth:`open` for some labels."""
        case = self._case(CaseKey(*labels, frozenset(), frozenset(), frozenset()))
        remedies = self._bits.get(("signals", "two_options"), 0)
        remedies |= sum(bit for (key, _), bit in self._bits.items() if key == "remedies")
        decided = sum(bit for (key, _), bit in self._bits.items() if key not in ("cues", "remedies", "signals"))
        return any(
            without & remedies or any(mask & remedies for mask in needed)
            for masks in self._opening
            for needed, without, _ in masks
            if all(mask & case for mask in needed if not mask & ~decided)
        )

    def open(self, case: int) -> Opening:
        """Return lead, urgency and want of a case; equal to those of :meth:`select`, at a fraction of its cost.

        Parameters
        ----------
        case : int
            As returned by :meth:`opening_case`.
        """
        lead = next(entry for entry, masks in self._leads if _holding(masks, case))
        level = next(rule.level for rule, masks in self._urgency if _holding(masks, case))
        return Opening(lead, level, self._want(case))

    def select(self, key: CaseKey, extras: CaseExtras) -> Selection:
        """Return what the case calls for; lead, urgency and want depend on `key` alone."""
        alone = self._case(key)
        case = alone | self._case(extras)
        reasons = [rule for rule, masks in self._urgency if _holding(masks, alone)]
        # The unconditional rule is worth saying only when there is no other reason.
        reasons = [rule for rule in reasons if rule.when[0].keys] or reasons
        # Where a life may be at stake, a short page is read and a long one is not.
        total = _TOTAL_URGENT if reasons[0].level == 4 else _TOTAL
        matching = [Chosen(entry, c) for entry, masks in self._entries if (c := _holding(masks, case))]
        chosen, conflicts = self._settle(matching, total)
        department, shared = self._department(chosen, alone)
        opening = Opening(chosen[0].entry, reasons[0].level, self._want(alone))
        return Selection(opening, chosen, tuple(reasons), department, (*conflicts, *shared))

    def _settle(self, matching: Iterable[Chosen], total: int) -> tuple[tuple[Chosen, ...], list[str]]:
        kept: list[Chosen] = []
        conflicts: list[str] = []
        used = dict.fromkeys(self._tables.kinds, 0)
        for candidate in matching:
            entry = candidate.entry
            if entry.id in self._rivals and (clash := _clash(kept, entry)):
                conflicts.append(clash)
            elif used[entry.kind] < self._tables.kinds[entry.kind].limit:
                used[entry.kind] += 1
                kept.append(candidate)
        return _within_total(kept, total), conflicts

    def _department(self, chosen: Iterable[Chosen], case: int) -> tuple[str, list[str]]:
        named: dict[str, str] = {}
        for entry in (c.entry for c in chosen if c.entry.department):
            named.setdefault(entry.department, entry.name)
        if not named:
            return next(name for name, masks in self._departments if _holding(masks, case)), []
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


def _within_total(kept: list[Chosen], total: int) -> tuple[Chosen, ...]:
    """Return the entries within the limit of a page; the self-check for the handler does not count."""
    lead = next(k for k, c in enumerate(kept) if c.entry.priority >= LEAD_PRIORITY)
    kept.insert(0, kept.pop(lead))
    on_page = [c for c in kept if c.entry.kind != "self"][:total]
    return (*on_page, *(c for c in kept if c.entry.kind == "self"))
