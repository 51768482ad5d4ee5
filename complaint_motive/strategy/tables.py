"""The handling book as read from TOML: tables, entries, and the merging of a company's own file."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from complaint_motive.errors import ResourceError
from complaint_motive.strategy.case import Bands
from complaint_motive.strategy.entry import Condition, ProcessStep, Question, StrategyEntry, UrgencyRule, Variants
from complaint_motive.strategy.reader import Reader
from complaint_motive.taxonomy import Taxonomy

__all__ = ["LEAD_PRIORITY", "Kind", "Level", "RawBook", "Tables"]

LEAD_PRIORITY = 60
"""Entries from this priority on may lead a plan; their conditions use nothing beyond the triage facts."""

_NAMES = ("cues", "remedies", "facts", "signals", "dimensions", "headline")
_ROWS = ("level", "urgency", "want", "department", "question", "process")
_EXTRA_SIGNALS = frozenset({"waiting_long", "text_short", "text_long", "facts_few", "facts_rich"})
_REVIEW = (
    "no_text",
    "too_short",
    "no_customer_words",
    "low_confidence",
    "close_call",
    "not_chinese",
    "accusing_motive",
    "safety_cue",
)


@dataclass(frozen=True, slots=True)
class RawBook:
    """Unchecked tables of one or two files, kept so that another file can be laid over them.

    Attributes
    ----------
    tables : mapping
        Everything but the entries.
    rows : mapping of str to (mapping, str)
        Entry id → the entry's values and the file that gave the last of them.
    source : str
        File name for messages.
    """

    tables: Mapping[str, Any]
    rows: Mapping[str, tuple[Mapping[str, Any], str]]
    source: str

    @classmethod
    def parse(cls, content: str, source: str, base: RawBook | None) -> RawBook:
        """Return the tables of a file, laid over those of `base`.

        Raises
        ------
        ResourceError
            If the TOML is malformed, a table is unknown, or an entry has no id or stands twice.
        """
        try:
            data = tomllib.loads(content)
        except tomllib.TOMLDecodeError as error:
            raise ResourceError(f"{source}: not valid TOML: {error}") from error
        allowed = ("version", "entry", "bands", "kinds", *_NAMES, *_ROWS)
        for table in data:
            if table not in allowed:
                raise ResourceError(f"{source}: table {table!r} is unknown; allowed: {', '.join(allowed)}")
        rows = dict(base.rows) if base else {}
        for ident, row in _own_rows(data.get("entry", []), source).items():
            below = rows[ident][0] if ident in rows else {}
            rows[ident] = ({**below, **row}, source)
        tables = dict(base.tables) if base else {}
        tables |= {table: value for table, value in data.items() if table != "entry"}
        return cls(tables, rows, source)


def _own_rows(entries: object, source: str) -> dict[str, Mapping[str, Any]]:
    if not isinstance(entries, list):
        raise ResourceError(f"{source}: [[entry]]: must be an array of tables, got {type(entries).__name__}")
    out: dict[str, Mapping[str, Any]] = {}
    for number, row in enumerate(entries, 1):
        ident = row.get("id") if isinstance(row, Mapping) else None
        if not isinstance(ident, str) or not ident.isascii() or not ident.isidentifier():
            where = f"{source}: [[entry]] number {number}"
            raise ResourceError(f"{where}: key 'id' has {ident!r}; allowed: an ASCII identifier such as 'ask_leader'")
        if ident in out:
            raise ResourceError(f"{source}: [[entry]] {ident!r}: key 'id' stands twice; allowed: one entry per id")
        out[ident] = row
    return out


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry, its Chinese name, and how many of the kind one plan may use."""

    name: str
    limit: int


@dataclass(frozen=True, slots=True)
class Level:
    """A level of urgency with its name and its default limits."""

    level: int
    name: str
    respond_minutes: int
    progress_hours: int


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything in the book, checked.

    Attributes
    ----------
    entries : tuple of StrategyEntry
        Highest priority first, then by id.
    names : mapping of str to mapping of str to str
        Chinese names by table (``cues``, ``remedies``, ``facts``, ``signals``, ``dimensions``, ``headline``).
    bands, kinds, levels, urgency, wants, departments, questions, process
        The other tables of the file, in file order.
    """

    entries: tuple[StrategyEntry, ...]
    names: Mapping[str, Mapping[str, str]]
    bands: Bands
    kinds: Mapping[str, Kind]
    levels: Mapping[int, Level]
    urgency: tuple[UrgencyRule, ...]
    wants: tuple[tuple[Variants, tuple[Condition, ...]], ...]
    departments: tuple[tuple[str, tuple[Condition, ...]], ...]
    questions: tuple[tuple[Question, tuple[Condition, ...]], ...]
    process: tuple[ProcessStep, ...]

    @classmethod
    def check(cls, raw: RawBook, labels: Taxonomy) -> Tables:
        """Return the checked tables.

        Raises
        ------
        ResourceError
            If anything is missing, misspelt or out of range.
        """
        names = {table: _names(raw, table) for table in _NAMES}
        allowed = _allowed(names, labels)
        rows = {table: _readers(raw, table, allowed) for table in _ROWS if table != "process"}
        process = _readers(raw, "process", allowed | {"fields": (*names["facts"], "known", "department", "limit")})
        kinds = {ident: _kind(r) for ident, r in _named_readers(raw, "kinds", allowed).items()}
        bands = Reader(raw.source, "[bands]", raw.tables.get("bands", {}), {})
        return cls(
            entries=_entries(raw, kinds, allowed),
            names=names,
            bands=Bands(**{key: bands.number(key, 0, 10**9) for key in Bands.__dataclass_fields__}),
            kinds=kinds,
            levels={level.level: level for level in map(_level, rows["level"])},
            urgency=tuple(map(_urgency, rows["urgency"])),
            wants=tuple((r.variant("text", r.row.get("text")), r.conditions()) for r in rows["want"]),
            departments=tuple((r.text("name"), r.conditions()) for r in rows["department"]),
            questions=tuple((Question(r.text("ask"), r.text("fact", "")), r.conditions()) for r in rows["question"]),
            process=tuple(_process(r, labels) for r in process),
        )


def _names(raw: RawBook, table: str) -> dict[str, str]:
    value = raw.tables.get(table)
    if not isinstance(value, Mapping) or not all(isinstance(v, str) and v.strip() for v in value.values()):
        raise ResourceError(f"{raw.source}: [{table}]: must be a table of id = Chinese name, got {value!r}")
    return dict(value)


def _allowed(names: Mapping[str, Mapping[str, str]], labels: Taxonomy) -> dict[str, Collection[str]]:
    return {
        "cues": names["cues"],
        "remedies": names["remedies"],
        "facts": names["facts"],
        "signals": names["signals"],
        "fields": names["facts"],
        "without": (*names["cues"], *names["signals"]),
        "categories": labels.categories,
        "secondary": labels.categories,
        "motives": labels.motives,
        "causes": labels.causes,
        "needs": (*labels.needs, "both"),
        "intensity": tuple(str(k) for k in range(len(labels.intensities))),
        "review": _REVIEW,
    }


def _readers(raw: RawBook, table: str, allowed: Mapping[str, Collection[str]]) -> list[Reader]:
    rows = raw.tables.get(table)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise ResourceError(f"{raw.source}: [[{table}]]: is missing; at least one row is needed")
    return [Reader(raw.source, f"[[{table}]] number {k}", row, allowed) for k, row in enumerate(rows, 1)]


def _named_readers(raw: RawBook, table: str, allowed: Mapping[str, Collection[str]]) -> dict[str, Reader]:
    rows = raw.tables.get(table)
    if not isinstance(rows, Mapping) or not all(isinstance(row, Mapping) for row in rows.values()):
        raise ResourceError(f"{raw.source}: [{table}]: must be a table of tables, got {rows!r}")
    return {ident: Reader(raw.source, f"[{table}.{ident}]", row, allowed) for ident, row in rows.items()}


def _kind(read: Reader) -> Kind:
    return Kind(read.text("name"), read.number("limit", 0, 20))


def _level(read: Reader) -> Level:
    return Level(
        read.number("level", 1, 4),
        read.text("name"),
        read.number("respond_minutes", 1, 10_080),
        read.number("progress_hours", 1, 720),
    )


def _urgency(read: Reader) -> UrgencyRule:
    dimension = read.one_of("dimension", ("性质", "风险", "情绪"))
    reason = read.variant("reason", read.row.get("reason"))
    return UrgencyRule(read.number("level", 1, 4), dimension, reason, read.conditions())


def _process(read: Reader, labels: Taxonomy) -> ProcessStep:
    by_cause, by_category = read.row.get("by_cause", {}), read.row.get("by_category", {})
    read.known("by_cause", by_cause, labels.causes)
    read.known("by_category", by_category, labels.categories)
    text = read.variant("text", read.row.get("text"))
    return ProcessStep(read.text("id"), read.text("name"), text, dict(by_cause), dict(by_category))


def _needs_extras(condition: Condition) -> bool:
    return any(key == "facts" or (key == "signals" and _EXTRA_SIGNALS & {*values}) for key, values in condition.keys)


def _entries(
    raw: RawBook, kinds: Mapping[str, Kind], allowed: Mapping[str, Collection[str]]
) -> tuple[StrategyEntry, ...]:
    rows = {ident: pair for ident, pair in raw.rows.items() if pair[0].get("enabled", True)}

    def read(ident: str) -> Reader:
        row, source = rows[ident]
        return Reader(source, f"[[entry]] {ident!r}", row, allowed)

    entries = tuple(read(ident).entry(kinds, raw.rows) for ident in rows)
    for entry in entries:
        if entry.priority >= LEAD_PRIORITY and any(map(_needs_extras, entry.when)):
            needed = f"conditions on facts or text length need a priority below {LEAD_PRIORITY}"
            raise read(entry.id).fail("priority", entry.priority, needed)
        if entry.priority >= LEAD_PRIORITY and not entry.first:
            raise read(entry.id).fail("first", "", f"entries from priority {LEAD_PRIORITY} on need a text")
    return tuple(sorted(entries, key=lambda entry: (-entry.priority, entry.id)))
