"""The handling book: what to do about a decided complaint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple, TypeVar

from complaint_motive.analysis import CueHit, Decision, Fact, HandlingPlan
from complaint_motive.errors import ResourceError
from complaint_motive.strategy.case import (
    TRIAGE_FACTS,
    CaseExtras,
    CaseKey,
    CaseLabels,
    case_extras,
    case_key,
    figure_signals,
    triage_words,
)
from complaint_motive.strategy.coverage import Coverage, measure_coverage
from complaint_motive.strategy.entry import StrategyEntry
from complaint_motive.strategy.plan import Case, build_plan, headline
from complaint_motive.strategy.select import Opening, Selection, Selector
from complaint_motive.strategy.tables import RawBook, Tables
from complaint_motive.taxonomy import taxonomy

__all__ = ["SAFETY_CUES", "StrategyBook", "Triage", "strategy_book"]

SAFETY_CUES = frozenset({"safety_injury", "self_harm", "violence"})
"""Cues that always mean urgency 4 and a human first, whatever a company's own file says."""

_REMEMBERED = 20_000
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _remember(memory: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a value; the memory is emptied when full, which costs less than keeping track of age."""
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = value


class Triage(NamedTuple):
    """The part of a plan that a batch writes out.

    Attributes
    ----------
    strategy : str
        Id of the first handling entry.
    urgency : int
        1 (can wait) to 4 (a person, now).
    headline : str
        One sentence: what this person wants and what to do first.
    """

    strategy: str
    urgency: int
    headline: str


class StrategyBook:
    """An immutable handling book, read from TOML; thread-safe, picklable.

    Examples
    --------
    >>> book = strategy_book()
    >>> book.entry("ask_leader").name
    '强烈要求找领导'
    """

    def __init__(self, raw: RawBook) -> None:
        self._raw = raw
        self._labels = taxonomy()
        self._tables = Tables.check(raw, self._labels)
        self._selector = Selector(self._tables)
        self._by_id = {entry.id: entry for entry in self._tables.entries}
        self._selections: dict[tuple[CaseKey, CaseExtras], Selection] = {}
        self._openings: dict[int, Opening] = {}
        self._plain: dict[tuple[CaseLabels, frozenset[str], frozenset[str]], tuple[int, Triage]] = {}
        self._asking: dict[CaseLabels, bool] = {}
        says_remedies = "remedy" in self._tables.names["headline"] or any(
            "remedy" in want.fields for want, _ in self._tables.wants
        )
        self._figures = TRIAGE_FACTS if says_remedies else TRIAGE_FACTS - {"remedy"}
        self._check_safety()

    def __reduce__(self) -> tuple[type[StrategyBook], tuple[RawBook]]:
        return type(self), (self._raw,)

    @classmethod
    def from_toml(cls, content: str, source: str, *, base: StrategyBook | None = None) -> StrategyBook:
        """Return the book written in TOML.

        Parameters
        ----------
        content : str
            TOML text; its shape is described in ``strategy/README.md``.
        source : str
            File name for messages.
        base : StrategyBook, optional
            Book that the content is laid over: entries of the same id replace the keys they give,
            new entries are added, other tables replace theirs whole.

        Raises
        ------
        ResourceError
            If the TOML is malformed or a value is not allowed; the message names file, entry, key and
            the allowed values. Also if a safety cue would no longer put a person first.
        """
        return cls(RawBook.parse(content, source, base._raw if base else None))

    @cached_property
    def digest(self) -> str:
        """sha256 over all tables and entries: equal digests give equal plans."""
        plain = {"tables": dict(self._raw.tables), "entries": [dict(row) for row, _ in self._raw.rows.values()]}
        return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def entries(self) -> tuple[StrategyEntry, ...]:
        """All entries, highest priority first."""
        return self._tables.entries

    @property
    def tables(self) -> Tables:
        """The whole book, checked: entries, names, levels, rules."""
        return self._tables

    def entry(self, ident: str) -> StrategyEntry:
        """Return one entry.

        Raises
        ------
        ResourceError
            If the book has no such entry.
        """
        if ident not in self._by_id:
            raise ResourceError(f"no entry {ident!r} in {self._raw.source}; allowed: {', '.join(sorted(self._by_id))}")
        return self._by_id[ident]

    def recommend(
        self, decision: Decision, cues: Sequence[CueHit], facts: Sequence[Fact], *, text_length: int | None = None
    ) -> HandlingPlan:
        """Return the handling plan of one decided complaint.

        Parameters
        ----------
        decision : Decision
            The decided labels.
        cues : sequence of CueHit
            Cues found; negated ones trigger nothing.
        facts : sequence of Fact
            Facts found; may be empty.
        text_length : int, optional
            Characters of the customer's words; tells very short and very long complaints apart.
        """
        active = tuple(hit for hit in cues if not hit.negated)
        key = self._key(CaseLabels.of(decision), frozenset(hit.cue for hit in active), facts)
        extras = case_extras(facts, text_length, self._tables.bands)
        selection = self._select(key, extras)
        remedies = self._tables.names["remedies"]
        words = triage_words(facts)
        if wanted := [name for remedy, name in remedies.items() if remedy in key.remedies]:
            words["remedy"] = "、".join(wanted)
        case = Case(decision, key, extras, active, tuple(facts), words)
        return build_plan(case, selection, self._tables, self._labels)

    def triage(self, decision: Decision | CaseLabels, cues: Iterable[str], facts: Sequence[Fact] = ()) -> Triage:
        """Return strategy, urgency and headline; equal to those of :meth:`recommend`.

        Parameters
        ----------
        decision : Decision or CaseLabels
            The decided labels.
        cues : iterable of str
            Ids of the cues found and not negated.
        facts : sequence of Fact
            Facts found; kinds outside ``TRIAGE_FACTS`` need not be extracted.
        """
        labels = decision if isinstance(decision, CaseLabels) else CaseLabels.of(decision)
        active = frozenset(cues)
        key = (labels, active, frozenset([str(fact.value) for fact in facts if fact.kind == "remedy"]))
        plain = self._plain.get(key)
        if plain is None:
            remedies = [fact for fact in facts if fact.kind == "remedy"]
            case = self._selector.opening_case(self._key(labels, active, remedies))
            plain = case, self._triage(case, ())
            _remember(self._plain, key, plain)
        # Most complaints state no figure, and then many of them are the same case.
        figures = [fact for fact in facts if fact.kind in self._figures]
        if not figures:
            return plain[1]
        signals = figure_signals(figures, self._tables.bands)
        return self._triage(plain[0] | self._selector.signal_bits(signals), figures)

    def _triage(self, case: int, facts: Sequence[Fact]) -> Triage:
        opening = self._openings.get(case)
        if opening is None:
            opening = self._selector.open(case)
            _remember(self._openings, case, opening)
        sentence = headline(opening, triage_words(facts), self._tables.names["headline"])
        return Triage(opening.lead.id, opening.urgency, sentence)

    def asks_remedies(self, labels: CaseLabels) -> bool:
        """Return whether remedies can make a difference to :meth:`triage` for some labels.

        Parameters
        ----------
        labels : CaseLabels
            The decided labels.
        """
        asking = self._asking.get(labels)
        if asking is None:
            asking = "remedy" in self._figures or self._selector.asks_remedies(labels)
            _remember(self._asking, labels, asking)
        return asking

    def coverage(self) -> Coverage:
        """Return which entries can be reached, by what, and where only general entries apply."""
        return measure_coverage(self._tables, self._labels, self._selector)

    def _key(self, labels: CaseLabels, cues: frozenset[str], facts: Sequence[Fact]) -> CaseKey:
        return case_key(labels, cues, facts, self._tables.bands)

    def _select(self, key: CaseKey, extras: CaseExtras) -> Selection:
        found = self._selections.get((key, extras))
        if found is None:
            found = self._selector.select(key, extras)
            _remember(self._selections, (key, extras), found)
        return found

    def _check_safety(self) -> None:
        for category in self._labels.categories.values():
            for cue in sorted(SAFETY_CUES):
                cues = frozenset({cue})
                key = CaseKey(category.motive, category.id, "", "", 0, "", "", cues, frozenset(), frozenset())
                lead, urgency, _ = self._selector.open(self._selector.opening_case(key))
                if urgency != 4 or "first" not in lead.steps:
                    needed = "it must lead to urgency 4 and to an entry with steps.first"
                    got = f"urgency {urgency} and entry {lead.id!r}"
                    raise ResourceError(f"{self._raw.source}: cue {cue!r}: {needed}, got {got}")


@lru_cache(maxsize=1)
def strategy_book() -> StrategyBook:
    """Return the packaged handling book, read and validated on first use."""
    resource = files("complaint_motive") / "resources" / "strategies.toml"
    return StrategyBook.from_toml(resource.read_text(encoding="utf-8"), "strategies.toml")
