"""A case as the handling book sees it: a small key for conditions and the words that fill templates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from complaint_motive.analysis import Decision, Fact

__all__ = [
    "TRIAGE_FACTS",
    "Bands",
    "CaseExtras",
    "CaseKey",
    "CaseLabels",
    "case_extras",
    "case_key",
    "figure_signals",
    "triage_words",
]

TRIAGE_FACTS = frozenset({"amount", "contact_count", "deadline", "people_count", "remedy"})
"""Fact kinds that strategy, urgency and headline may depend on; a batch needs to extract no others."""

_CUE_REMEDY = {
    "refund_request": "refund",
    "compensation_request": "compensate",
    "apology_request": "apology",
    "reply_request": "reply",
}
_CUE_SIGNAL = {"repeated_contact": "contact_repeated", "deadline": "deadline_set"}
_UNITS = {"amount": "元", "contact_count": "次", "people_count": "人"}
_TIMES = re.compile(r"[\d一二两三四五六七八九十百几]+多?[次回趟遍]")
_VAGUE = frozenset("多几余约近来左右上下数好")
_NUMBERS = (int, float)
_COMPETING = frozenset({"refund", "replace", "repair", "compensate", "restore", "deliver"})


@dataclass(frozen=True, slots=True)
class Bands:
    """Thresholds that turn figures into signals.

    Attributes
    ----------
    amount_medium, amount_large : float
        Yuan from which a sum is of medium size and large.
    contact_many, people_many : float
        Number of contacts and of people from which there are many.
    waiting_days : float
        Days from which waiting is long.
    short_text, long_text : int
        Characters below which a text is short, above which it is long.
    """

    amount_medium: float
    amount_large: float
    contact_many: float
    people_many: float
    waiting_days: float
    short_text: int
    long_text: int


class CaseLabels(NamedTuple):
    """The decided labels that the handling book looks at; empty = absent."""

    motive: str
    category: str
    secondary: str
    need: str
    intensity: int
    cause: str
    review: str

    @classmethod
    def of(cls, decision: Decision) -> CaseLabels:
        """Return the labels of a decision."""
        return cls(
            decision.motive,
            decision.category,
            decision.secondary or "",
            decision.needs.label,
            decision.intensity,
            decision.cause or "",
            (decision.review_reason or "").partition(":")[0],
        )


class CaseKey(NamedTuple):
    """All that strategy, urgency and headline depend on; hashable, so that selections can be remembered."""

    motive: str
    category: str
    secondary: str
    need: str
    intensity: int
    cause: str
    review: str
    cues: frozenset[str]
    remedies: frozenset[str]
    signals: frozenset[str]

    def features(self) -> list[tuple[str, str]]:
        """Return the (key, value) features that conditions are tested on."""
        features = [
            ("motives", self.motive),
            ("categories", self.category),
            ("secondary", self.secondary),
            ("needs", self.need),
            ("intensity", str(self.intensity)),
            ("causes", self.cause),
            ("review", self.review),
        ]
        features += [("cues", cue) for cue in self.cues]
        features += [("remedies", remedy) for remedy in self.remedies]
        features += [("signals", signal) for signal in self.signals]
        return features


class CaseExtras(NamedTuple):
    """What only the full plan depends on: kinds of facts known and further signals."""

    facts: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()

    def features(self) -> list[tuple[str, str]]:
        """Return the (key, value) features that conditions are tested on."""
        return [("facts", kind) for kind in self.facts] + [("signals", signal) for signal in self.signals]


def _number(fact: Fact) -> float:
    return float(fact.value) if isinstance(fact.value, _NUMBERS) else 0.0


def _remedies(cues: frozenset[str], facts: Iterable[Fact]) -> frozenset[str]:
    stated = {str(f.value) for f in facts if f.kind == "remedy"}
    return frozenset(stated.union(remedy for cue, remedy in _CUE_REMEDY.items() if cue in cues))


def figure_signals(facts: Iterable[Fact], bands: Bands) -> set[str]:
    """Return the signals that sums, counts and time limits give.

    Parameters
    ----------
    facts : iterable of Fact
        Facts of the case; other kinds are not looked at.
    bands : Bands
        Thresholds for sums and counts.
    """
    amount, contacts, people = -1.0, 0.0, 0.0
    signals = set()
    for fact in facts:
        kind = fact.kind
        if kind == "amount":
            amount = max(amount, _number(fact))
        elif kind == "contact_count":
            contacts = max(contacts, _number(fact))
        elif kind == "people_count":
            people = max(people, _number(fact))
        elif kind == "deadline":
            signals.add("deadline_set")
    if amount >= 0:
        size = "large" if amount >= bands.amount_large else "medium" if amount >= bands.amount_medium else "small"
        signals.add(f"amount_{size}")
    if contacts >= 2:
        signals.add("contact_repeated")
    if contacts >= bands.contact_many:
        signals.add("contact_many")
    if people >= bands.people_many:
        signals.add("people_many")
    return signals


def case_key(labels: CaseLabels, cues: frozenset[str], facts: Iterable[Fact], bands: Bands) -> CaseKey:
    """Return the key of a case; figures do nothing but add :func:`figure_signals`.

    Parameters
    ----------
    labels : CaseLabels
        The decided labels.
    cues : frozenset of str
        Ids of the cues found and not negated.
    facts : iterable of Fact
        Facts of the case; kinds outside ``TRIAGE_FACTS`` are not looked at.
    bands : Bands
        Thresholds for sums and counts.
    """
    known = [f for f in facts if f.kind in TRIAGE_FACTS]
    remedies = _remedies(cues, known)
    signals = figure_signals(known, bands)
    signals |= {signal for cue, signal in _CUE_SIGNAL.items() if cue in cues}
    if len(remedies & _COMPETING) >= 2:
        signals.add("two_options")
    return CaseKey(*labels, cues, remedies, frozenset(signals))


def case_extras(facts: Iterable[Fact], text_length: int | None, bands: Bands) -> CaseExtras:
    """Return what only the full plan depends on.

    Parameters
    ----------
    facts : iterable of Fact
        Facts of the case.
    text_length : int or None
        Characters of the customer's words; None: unknown, no signal.
    bands : Bands
        Thresholds for durations and lengths.
    """
    facts = tuple(facts)
    kinds = frozenset(f.kind for f in facts)
    signals = set()
    if any(f.kind == "duration" and _number(f) >= bands.waiting_days for f in facts):
        signals.add("waiting_long")
    if text_length is not None and text_length < bands.short_text:
        signals.add("text_short")
    if text_length is not None and text_length > bands.long_text:
        signals.add("text_long")
    if not kinds & {"amount", "date", "order_number", "product", "place", "duration"}:
        signals.add("facts_few")
    if len(kinds) >= 4:
        signals.add("facts_rich")
    return CaseExtras(kinds, frozenset(signals))


@lru_cache(maxsize=4096)
def _figure(value: float) -> str:
    if value >= 10_000 and value % 100 == 0:
        return f"{_figure(value / 10_000)}万"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _word(fact: Fact) -> str:
    value, unit = fact.value, _UNITS.get(fact.kind)
    # The value of a vague figure (三百多块) is its least: said aloud it would put another sum into the mouth.
    if unit and isinstance(value, _NUMBERS) and _VAGUE.isdisjoint(fact.text):
        return f"{_figure(float(value))}{unit}"
    if fact.kind == "contact_count":
        times = _TIMES.search(fact.text)
        return times.group() if times else ""
    return fact.text.strip()


def triage_words(facts: Iterable[Fact]) -> dict[str, str]:
    """Return fact kind → words to fill templates with; the largest figure, the first of other kinds."""
    best: dict[str, Fact] = {}
    for fact in facts:
        kept = best.get(fact.kind)
        if kept is None or (fact.kind in _UNITS and _number(fact) > _number(kept)):
            best[fact.kind] = fact
    # What is blank or too long for a spoken sentence is not filled in.
    return {kind: word for kind, fact in best.items() if (word := _word(fact)) and len(word) <= 24}
