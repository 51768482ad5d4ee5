"""What a handling book covers: which entries can be reached, and where only the general ones apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from complaint_motive.strategy.case import CaseExtras, CaseKey
from complaint_motive.strategy.entry import Condition
from complaint_motive.strategy.select import Selection, Selector
from complaint_motive.strategy.tables import Tables
from complaint_motive.taxonomy import Taxonomy

__all__ = ["Coverage", "measure_coverage"]

_EXTRA_SIGNALS = ("waiting_long", "text_short", "text_long", "facts_few", "facts_rich")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which cases reach which entry.

    Attributes
    ----------
    reached : mapping of str to tuple of str
        Entry id → up to five cases that use it, written ``category+need+intensity+cause+cue``.
    unreached : tuple of str
        Entries that no case reaches.
    fallback_only : tuple of str
        ``category+cue`` combinations for which no entry is chosen by the cue.
    combinations : int
        Number of label/cue combinations tried.
    plans : int
        Number of distinct sets of entries among them.
    """

    reached: Mapping[str, tuple[str, ...]]
    unreached: tuple[str, ...]
    fallback_only: tuple[str, ...]
    combinations: int
    plans: int

    def to_dict(self) -> dict[str, Any]:
        """Return the coverage as plain values."""
        return {
            "reached": {ident: list(cases) for ident, cases in self.reached.items()},
            "unreached": list(self.unreached),
            "fallback_only": list(self.fallback_only),
            "combinations": self.combinations,
            "plans": self.plans,
        }


def _key(motive: str, category: str, need: str, intensity: int, cause: str, cues: frozenset[str]) -> CaseKey:
    return CaseKey(motive, category, "", need, intensity, cause, "", cues, frozenset(), frozenset())


def _grid(tables: Tables, labels: Taxonomy) -> Iterator[tuple[str, CaseKey]]:
    cues = ("", *tables.names["cues"])
    for category in labels.categories.values():
        plain = category.id == "none"
        needs = ("",) if plain else (*labels.needs, "both")
        causes = ("",) if plain else tuple(labels.causes)
        for need, level, cause, cue in product(needs, range(len(labels.intensities)), causes, cues):
            name = "+".join(filter(None, (category.id, need, str(level), cause, cue)))
            yield name, _key(category.motive, category.id, need, level, cause, frozenset({cue} if cue else ()))


def _witness(condition: Condition, labels: Taxonomy, category: str) -> tuple[str, CaseKey, CaseExtras]:
    """Return the plainest case that a condition asks for."""
    keys = {key: values[0] for key, values in condition.keys}
    category = keys.get("categories", category)
    if "motives" in keys and labels.motive_of(category) != keys["motives"]:
        category = next(c.id for c in labels.categories.values() if c.motive == keys["motives"])
    need, cause = ("", "") if category == "none" else ("rational", "service")
    signal, facts = keys.get("signals", ""), frozenset(v for k, v in keys.items() if k == "facts")
    key = CaseKey(
        labels.motive_of(category),
        category,
        keys.get("secondary", ""),
        keys.get("needs", need),
        int(keys.get("intensity", "1")),
        keys.get("causes", cause),
        keys.get("review", ""),
        frozenset(v for k, v in keys.items() if k == "cues"),
        frozenset(v for k, v in keys.items() if k == "remedies"),
        frozenset({signal} - {"", *_EXTRA_SIGNALS}),
    )
    name = "+".join((category, *(f"{k}={v}" for k, v in keys.items() if k != "categories")))
    return name, key, CaseExtras(facts, frozenset({signal} & {*_EXTRA_SIGNALS}))


def _witnesses(tables: Tables, labels: Taxonomy) -> Iterator[tuple[str, CaseKey, CaseExtras]]:
    for entry in tables.entries:
        for condition in entry.when:
            for category in ("redress", "recognition", "improvement"):
                yield _witness(condition, labels, category)


def measure_coverage(tables: Tables, labels: Taxonomy, selector: Selector) -> Coverage:
    """Return the coverage over all label/cue combinations and over each entry's own plainest cases.

    Parameters
    ----------
    tables : Tables
        The handling book.
    labels : Taxonomy
        All labels.
    selector : Selector
        Finds the entries of a case.
    """
    reached: dict[str, list[str]] = {entry.id: [] for entry in tables.entries}
    plans: set[tuple[str, ...]] = set()
    fallback: dict[str, bool] = {}

    def note(name: str, selection: Selection) -> None:
        for chosen in selection.chosen:
            if len(reached[chosen.entry.id]) < 5:
                reached[chosen.entry.id].append(name)

    number = 0
    for name, key in _grid(tables, labels):
        selection = selector.select(key, CaseExtras())
        number += 1
        plans.add(tuple(c.entry.id for c in selection.chosen))
        note(name, selection)
        if key.cues:
            pair = f"{key.category}+{next(iter(key.cues))}"
            by_cue = any(c.condition.trigger == "cue" for c in selection.chosen)
            fallback[pair] = fallback.get(pair, True) and not by_cue
    for name, key, extras in _witnesses(tables, labels):
        note(name, selector.select(key, extras))
    return Coverage(
        reached={ident: tuple(cases) for ident, cases in reached.items()},
        unreached=tuple(ident for ident, cases in reached.items() if not cases),
        fallback_only=tuple(pair for pair, only in fallback.items() if only),
        combinations=number,
        plans=len(plans),
    )
