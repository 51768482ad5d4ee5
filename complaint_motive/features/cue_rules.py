"""Reads a cue file (``resources/cues.toml``) into rules, and says precisely what is wrong with a malformed one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from complaint_motive.errors import ResourceError
from complaint_motive.features.cue_context import ContextFilter, context_filter
from complaint_motive.features.cue_patterns import AnchoredPattern, Expression, PatternError, anchored, expand, union

__all__ = ["CueRule", "CueRules", "check_cue_rules", "read_cue_rules"]

_KEYS = ("name", "definition", "filters", "terms", "patterns", "unless")
_SECTIONS = ("macros", "filters", "cues")
_NOT_A_TERM = re.compile(r"[⟨⟩{}\x1e]")


class CueRule(NamedTuple):
    """What a literal leads to.

    Attributes
    ----------
    cue : int
        Index of the cue.
    pattern : int
        Index of the pattern that must match around the literal; -1 where the literal is the cue.
    """

    cue: int
    pattern: int


@dataclass(frozen=True, slots=True)
class CueRules:
    """A cue file, read.

    Attributes
    ----------
    names, definitions : dict of str to str
        By cue id, in file order.
    literals : dict of str to list of CueRule
        Every literal to scan for, with what it leads to.
    patterns : tuple of AnchoredPattern
        All patterns of the file.
    unless : tuple of Expression or None
        By cue: a hit that overlaps a match of it is no hit.
    filters : tuple of tuple of ContextFilter
        By cue: contexts that take a hit back.
    """

    names: dict[str, str]
    definitions: dict[str, str]
    literals: dict[str, list[CueRule]]
    patterns: tuple[AnchoredPattern, ...]
    unless: tuple[Expression | None, ...]
    filters: tuple[tuple[ContextFilter, ...], ...]


def read_cue_rules(content: str, source: str) -> CueRules:
    """Return the rules of a cue file; their expressions are compiled at first use.

    Parameters
    ----------
    content : str
        TOML text with the tables ``macros``, ``filters`` and ``cues``.
    source : str
        Name of the file, for error messages.

    Raises
    ------
    ResourceError
        If the text is not TOML or an entry is malformed; the message names file, entry, key and what is allowed.
    """
    book = _checked(content, source)
    macros: dict[str, str] = {}
    for name, pattern in book.get("macros", {}).items():
        with _placed(f"{source}: macro {name!r}"):
            macros[name] = expand(pattern, macros)
    filters: dict[str, ContextFilter] = {}
    for name, entry in book.get("filters", {}).items():
        with _placed(f"{source}: filter {name!r}"):
            filters[name] = context_filter(entry, macros)
    return _rules(book["cues"], macros, filters, source)


def check_cue_rules(rules: CueRules, source: str) -> None:
    """Compile every expression of `rules`, which otherwise happens at first use.

    Parameters
    ----------
    rules : CueRules
        Rules of a cue file.
    source : str
        Name of the file, for error messages.

    Raises
    ------
    ResourceError
        If an expression is malformed; the message names file, cue and key.
    """
    cues = list(rules.names)
    for found in rules.literals.values():
        for rule in found:
            if rule.pattern >= 0:
                with _placed(f"{source}: cue {cues[rule.cue]!r}: key 'patterns'"):
                    _compile(rules.patterns[rule.pattern].lead, rules.patterns[rule.pattern].rest)
    for cue, unless, filters in zip(cues, rules.unless, rules.filters, strict=True):
        with _placed(f"{source}: cue {cue!r}: key 'unless'"):
            _compile(unless)
        for part in filters:
            with _placed(f"{source}: a filter of cue {cue!r}"):
                _compile(part.before, part.after, part.around, part.unless)


def _compile(*expressions: Expression | None) -> None:
    for expression in expressions:
        if expression is not None:
            expression.compile()


def _rules(
    cues: Mapping[str, dict[str, Any]], macros: Mapping[str, str], filters: Mapping[str, ContextFilter], source: str
) -> CueRules:
    literals: dict[str, list[CueRule]] = {}
    patterns: list[AnchoredPattern] = []
    unless: list[Expression | None] = []
    for index, (cue, entry) in enumerate(cues.items()):
        _add_rules(literals, patterns, CueRule(index, -1), entry, macros, f"{source}: cue {cue!r}")
        with _placed(f"{source}: cue {cue!r}: key 'unless'"):
            unless.append(union(entry.get("unless", []), macros, searched=True))
    return CueRules(
        names={cue: entry["name"] for cue, entry in cues.items()},
        definitions={cue: entry["definition"] for cue, entry in cues.items()},
        literals=literals,
        patterns=tuple(patterns),
        unless=tuple(unless),
        filters=tuple(_named_filters(entry, filters, f"{source}: cue {cue!r}") for cue, entry in cues.items()),
    )


def _add_rules(
    literals: dict[str, list[CueRule]],
    patterns: list[AnchoredPattern],
    plain: CueRule,
    entry: Mapping[str, Any],
    macros: Mapping[str, str],
    place: str,
) -> None:
    for term in dict.fromkeys(word for row in entry.get("terms", []) for word in row.split()):
        if _NOT_A_TERM.search(term):
            raise ResourceError(f"{place}: key 'terms': {term!r} is not a plain word; write it under 'patterns'")
        literals.setdefault(term, []).append(plain)
    for text in entry.get("patterns", []):
        with _placed(f"{place}: key 'patterns'"):
            pattern = anchored(text, macros)
        rule = plain._replace(pattern=len(patterns))
        patterns.append(pattern)
        for anchor in pattern.anchors:
            literals.setdefault(anchor, []).append(rule)


def _named_filters(
    entry: Mapping[str, Any], filters: Mapping[str, ContextFilter], place: str
) -> tuple[ContextFilter, ...]:
    for name in entry.get("filters", []):
        if name not in filters:
            allowed = ", ".join(sorted(filters))
            raise ResourceError(f"{place}: key 'filters': unknown filter {name!r}; allowed: {allowed}")
    return tuple(filters[name] for name in entry.get("filters", []))


def _checked(content: str, source: str) -> dict[str, Any]:
    try:
        book = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise ResourceError(f"{source}: not valid TOML: {error}") from error
    for section, entries in book.items():
        if section not in _SECTIONS:
            raise ResourceError(f"{source}: unknown table {section!r}; allowed: {', '.join(_SECTIONS)}")
        if not isinstance(entries, dict):
            raise ResourceError(f"{source}: {section!r} must be a table, not {type(entries).__name__}")
    if not book.get("cues"):
        raise ResourceError(f"{source}: table 'cues' is missing or empty; add at least one [cues.<id>]")
    for cue, entry in book["cues"].items():
        _check_entry(entry, f"{source}: cue {cue!r}")
    return book


def _check_entry(entry: object, place: str) -> None:
    if not isinstance(entry, dict):
        raise ResourceError(f"{place}: must be a table with the keys {', '.join(_KEYS)}")
    for key, value in entry.items():
        if key not in _KEYS:
            raise ResourceError(f"{place}: unknown key {key!r}; allowed: {', '.join(_KEYS)}")
        if key in _KEYS[:2] and not isinstance(value, str):
            raise ResourceError(f"{place}: key {key!r} must be a string")
        if key in _KEYS[2:] and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise ResourceError(f"{place}: key {key!r} must be a list of strings")
    for key in _KEYS[:2]:
        if not entry.get(key):
            raise ResourceError(f"{place}: key {key!r} is missing or empty; required: name, definition")
    if not entry.get("terms") and not entry.get("patterns"):
        raise ResourceError(f"{place}: has neither 'terms' nor 'patterns'; give at least one of them")


@contextmanager
def _placed(place: str) -> Iterator[None]:
    try:
        yield
    except PatternError as error:
        raise ResourceError(f"{place}: {error}") from error
