"""A case as the handling book sees it: a small key for conditions and the words that fill templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from complaint_motive.analysis import Decision, Fact

__all__ = ["TRIAGE_FACTS", "Bands", "CaseExtras", "CaseKey", "case_extras", "case_key", "triage_words"]

TRIAGE_FACTS = frozenset({"amount", "contact_count", "deadline", "people_count", "remedy"})
"""Fact kinds that strategy, urgency and headline may depend on; a batch needs to extract no others."""

_CUE_REMEDY = {
    "refund_request": "refund",
    "compensation_request": "compensate",
    "apology_request": "apology",
    "reply_request": "reply",
}


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

    def features(self) -> Iterable[str]:
        """Return the ``key:value`` features that conditions are tested on."""
        yield from (f"motives:{self.motive}", f"categories:{self.category}", f"needs:{self.need}")
        yield from (f"intensity:{self.intensity}", f"causes:{self.cause}", f"review:{self.review}")
        yield f"secondary:{self.secondary}"
        yield from (f"cues:{cue}" for cue in self.cues)
        yield from (f"remedies:{remedy}" for remedy in self.remedies)
        yield from (f"signals:{signal}" for signal in self.signals)


class CaseExtras(NamedTuple):
    """What only the full plan depends on: kinds of facts known and further signals."""

    facts: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()

    def features(self) -> Iterable[str]:
        """Return the ``key:value`` features that conditions are tested on."""
        yield from (f"facts:{kind}" for kind in self.facts)
        yield from (f"signals:{signal}" for signal in self.signals)


def _number(fact: Fact) -> float:
    return float(fact.value) if isinstance(fact.value, int | float) else 0.0


def _largest(facts: Iterable[Fact], kind: str) -> Fact | None:
    return max((f for f in facts if f.kind == kind), key=_number, default=None)


def _remedies(cues: frozenset[str], facts: Iterable[Fact]) -> frozenset[str]:
    stated = {str(f.value) for f in facts if f.kind == "remedy"}
    return frozenset(stated.union(remedy for cue, remedy in _CUE_REMEDY.items() if cue in cues))


def _triage_signals(cues: frozenset[str], facts: Iterable[Fact], remedies: frozenset[str], bands: Bands) -> set[str]:
    signals = set()
    if amount := _largest(facts, "amount"):
        value = _number(amount)
        size = "large" if value >= bands.amount_large else "medium" if value >= bands.amount_medium else "small"
        signals.add(f"amount_{size}")
    contacts = _largest(facts, "contact_count")
    if "repeated_contact" in cues or (contacts and _number(contacts) >= 2):
        signals.add("contact_repeated")
    if contacts and _number(contacts) >= bands.contact_many:
        signals.add("contact_many")
    if (people := _largest(facts, "people_count")) and _number(people) >= bands.people_many:
        signals.add("people_many")
    if "deadline" in cues or any(f.kind == "deadline" for f in facts):
        signals.add("deadline_set")
    if len(remedies & {"refund", "replace", "repair", "compensate", "restore", "deliver"}) >= 2:
        signals.add("two_options")
    return signals


def case_key(decision: Decision, cues: frozenset[str], facts: Iterable[Fact], bands: Bands) -> CaseKey:
    """Return the key of a case.

    Parameters
    ----------
    decision : Decision
        The decided labels.
    cues : frozenset of str
        Ids of the cues found and not negated.
    facts : iterable of Fact
        Facts of the case; kinds outside ``TRIAGE_FACTS`` are not looked at.
    bands : Bands
        Thresholds for sums and counts.
    """
    known = tuple(f for f in facts if f.kind in TRIAGE_FACTS)
    remedies = _remedies(cues, known)
    return CaseKey(
        decision.motive,
        decision.category,
        decision.secondary or "",
        decision.needs.label,
        decision.intensity,
        decision.cause or "",
        (decision.review_reason or "").partition(":")[0],
        cues,
        remedies,
        frozenset(_triage_signals(cues, known, remedies, bands)),
    )


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


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _word(fact: Fact) -> str:
    value = fact.value
    if isinstance(value, int | float) and fact.kind == "amount":
        return f"{_figure(float(value))}元"
    if isinstance(value, int | float) and fact.kind in ("contact_count", "people_count"):
        return f"{_figure(float(value))}{'次' if fact.kind == 'contact_count' else '人'}"
    return fact.text.strip()


def triage_words(facts: Iterable[Fact], remedy_names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return fact kind → words to fill templates with; the largest figure, the first of other kinds.

    Parameters
    ----------
    facts : iterable of Fact
        Facts of the case.
    remedy_names : mapping of str to str, optional
        Chinese names of remedies; without them the remedy's own words stand.
    """
    best: dict[str, Fact] = {}
    for fact in facts:
        kept = best.get(fact.kind)
        larger = fact.kind in ("amount", "contact_count", "people_count") and kept and _number(fact) > _number(kept)
        if kept is None or larger:
            best[fact.kind] = fact
    words = {kind: _word(fact) for kind, fact in best.items()}
    if remedy_names and "remedy" in best:
        words["remedy"] = remedy_names.get(str(best["remedy"].value), words["remedy"])
    # 一句话里放不下的长串，或只有空白的，不填进话术。
    return {kind: word for kind, word in words.items() if word and len(word) <= 24}
