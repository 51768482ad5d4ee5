"""Checked reading of TOML values: every failure names file, entry, key and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from complaint_motive.errors import ResourceError
from complaint_motive.strategy.entry import CONDITION_KEYS, STAGES, Condition, Question, StrategyEntry, Variants

__all__ = ["ENTRY_KEYS", "Reader"]

ENTRY_KEYS = (
    "id",
    "name",
    "kind",
    "goal",
    "when",
    "priority",
    "first",
    "steps",
    "wording",
    "questions",
    "taboos",
    "escalation",
    "closing",
    "self_check",
    "review_points",
    "respond_minutes",
    "progress_hours",
    "department",
    "excludes",
    "source",
    "enabled",
)
"""Keys that an entry may have."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Checks one table of one file.

    Attributes
    ----------
    source : str
        File name for messages.
    where : str
        Table and id for messages.
    row : mapping
        The table's values.
    allowed : mapping of str to collection of str
        Condition key → allowed values; ``fields`` lists the placeholders.
    """

    source: str
    where: str
    row: Mapping[str, Any]
    allowed: Mapping[str, Collection[str]]

    def fail(self, key: str, value: object, needed: str) -> ResourceError:
        """Return the error for one value."""
        return ResourceError(f"{self.source}: {self.where}: key {key!r} has {value!r}; {needed}")

    def only(self, keys: Collection[str]) -> None:
        """Refuse keys that mean nothing, so that a slip of the pen is not silently ignored."""
        for key in self.row:
            if key not in keys:
                raise self.fail(key, self.row[key], f"unknown key; allowed: {', '.join(keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty text, or the default where the key is missing."""
        value = self.row.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.fail(key, value, "allowed: a non-empty text")
        return value

    def number(self, key: str, low: int, high: int) -> int:
        """Return a whole number within the bounds."""
        value = self.row.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.fail(key, value, f"allowed: a whole number from {low} to {high}")
        return value

    def optional_number(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number within the bounds, or None where the key is missing."""
        return self.number(key, low, high) if key in self.row else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of non-empty texts; empty where the key is missing."""
        value = self.row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.fail(key, value, "allowed: a list of non-empty texts")
        return tuple(value)

    def one_of(self, key: str, values: Collection[str]) -> str:
        """Return a text that is one of `values`."""
        value = self.text(key)
        if value not in values:
            raise self.fail(key, value, f"allowed: {', '.join(values)}")
        return value

    def known(self, key: str, values: Iterable[Any], allowed: Collection[str]) -> tuple[str, ...]:
        """Return the values as texts, each of which must be allowed."""
        found = tuple(str(v) for v in values)
        for value in found:
            if value not in allowed:
                raise self.fail(key, value, f"allowed: {', '.join(allowed)}")
        return found

    def variant(self, key: str, value: object) -> Variants:
        """Return one sentence: a text, or a list of texts of which the first fillable one is used."""
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t.strip() for t in texts):
            raise self.fail(key, value, "allowed: a non-empty text, or a list of its versions")
        variants = Variants.of(tuple(texts))
        self.known(key, sorted(variants.fields), self.allowed["fields"])
        return variants

    def variants(self, key: str) -> tuple[Variants, ...]:
        """Return a list of sentences; empty where the key is missing."""
        value = self.row.get(key, [])
        if not isinstance(value, list):
            raise self.fail(key, value, "allowed: a list of texts")
        return tuple(self.variant(key, item) for item in value)

    def condition(self, value: object) -> Condition:
        """Return one condition table."""
        if not isinstance(value, Mapping):
            raise self.fail("when", value, f"allowed: a table with keys {', '.join(CONDITION_KEYS)}, without")
        keys = []
        for key in value:
            if key not in (*CONDITION_KEYS, "without"):
                raise self.fail("when", key, f"allowed keys: {', '.join(CONDITION_KEYS)}, without")
            if not isinstance(value[key], list) or not value[key]:
                raise self.fail(f"when.{key}", value[key], "allowed: a non-empty list")
        for key in CONDITION_KEYS:
            if key in value:
                keys.append((key, self.known(f"when.{key}", value[key], self.allowed[key])))
        without = self.known("when.without", value.get("without", ()), self.allowed["without"])
        return Condition(tuple(keys), without)

    def conditions(self) -> tuple[Condition, ...]:
        """Return the conditions under ``when``: one table, or a list of tables any of which suffices."""
        value = self.row.get("when")
        tables = value if isinstance(value, list) and value else [value]
        return tuple(self.condition(table) for table in tables)

    def questions(self) -> tuple[Question, ...]:
        """Return the open questions: texts, or tables ``{ask, fact}``."""
        value = self.row.get("questions", [])
        if not isinstance(value, list):
            raise self.fail("questions", value, "allowed: a list of texts or tables {ask, fact}")
        out = []
        for item in value:
            table = {"ask": item} if isinstance(item, str) else item
            if not isinstance(table, Mapping) or not isinstance(table.get("ask"), str) or not table["ask"].strip():
                raise self.fail("questions", item, "allowed: a non-empty text or a table {ask, fact}")
            fact = table.get("fact", "")
            self.known("questions.fact", [fact] if fact else [], self.allowed["facts"])
            out.append(Question(table["ask"], fact))
        return tuple(out)

    def steps(self) -> dict[str, tuple[Variants, ...]]:
        """Return the steps by stage."""
        value = self.row.get("steps", {})
        if not isinstance(value, Mapping):
            raise self.fail("steps", value, f"allowed: a table with keys {', '.join(STAGES)}")
        self.known("steps", value, STAGES)
        return {
            stage: tuple(self.variant(f"steps.{stage}", text) for text in value[stage])
            for stage in STAGES
            if stage in value
        }

    def excludes(self, ids: Collection[str]) -> dict[str, str]:
        """Return the entries that may not stand beside this one, with the reason."""
        value = self.row.get("excludes", {})
        if not isinstance(value, Mapping) or not all(isinstance(v, str) and v.strip() for v in value.values()):
            raise self.fail("excludes", value, "allowed: a table of entry id = reason")
        self.known("excludes", value, ids)
        return dict(value)

    def entry(self, kinds: Collection[str], ids: Collection[str]) -> StrategyEntry:
        """Return the table as an entry of the book."""
        self.only(ENTRY_KEYS)
        entry = StrategyEntry(
            id=self.text("id"),
            name=self.text("name"),
            kind=self.one_of("kind", kinds),
            goal=self.text("goal"),
            when=self.conditions(),
            priority=self.number("priority", 0, 100),
            first=self.text("first", ""),
            steps=self.steps(),
            wording=self.variants("wording"),
            questions=self.questions(),
            taboos=self.texts("taboos"),
            escalation=self.texts("escalation"),
            closing=self.texts("closing"),
            self_check=self.texts("self_check"),
            review_points=self.texts("review_points"),
            respond_minutes=self.optional_number("respond_minutes", 1, 10_080),
            progress_hours=self.optional_number("progress_hours", 1, 720),
            department=self.text("department", ""),
            excludes=self.excludes(ids),
            source=self.text("source"),
        )
        if not (entry.steps or entry.self_check):
            raise self.fail("steps", {}, "an entry needs steps or a self_check")
        return entry
