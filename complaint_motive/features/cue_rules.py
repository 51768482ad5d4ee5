"""Reads a cue file (``resources/cues.toml``) into compiled rules, and says precisely what is wrong with a malformed one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from complaint_motive.errors import ResourceError
from complaint_motive.features.cue_context import ContextFilter, context_filter
from complaint_motive.features.cue_patterns import AnchoredPattern, Expression, PatternError, anchored, expand, union

__all__ = ["CueRule", "CueRules", "read_cue_rules"]

_KEYS = ("name", "definition", "filters", "terms", "patterns", "unless")
_SECTIONS = ("macros", "filters", "cues")
_NOT_A_TERM = re.compile(r"[⟨⟩{}\x1e]")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CueRule:
    """What a literal leads to.

    Attributes
    ----------
    cue : int
        Index of the cue.
    pattern : AnchoredPattern or None
        What must stand around the literal; None where the literal is the cue.
    """

    cue: int
    pattern: AnchoredPattern | None


@dataclass(frozen=True, slots=True)
class CueRules:
    """A cue file, compiled.

    Attributes
    ----------
    names, definitions : dict of str to str
        By cue id, in file order.
    literals : dict of str to list of CueRule
        Every literal to scan for, with what it leads to.
    unless : tuple of Expression or None
        By cue: a hit that overlaps a match of it is no hit.
    filters : tuple of tuple of ContextFilter
        By cue: contexts that take a hit back.
    """

    names: dict[str, str]
    definitions: dict[str, str]
    literals: dict[str, list[CueRule]]
    unless: tuple[Expression | None, ...]
    filters: tuple[tuple[ContextFilter, ...], ...]


def read_cue_rules(content: str, source: str) -> CueRules:
    """Return the compiled rules of a cue file.

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
        macros[name] = _placed(f"{source}: macro {name!r}", lambda p=pattern: expand(p, macros))
    filters = {
        name: _placed(f"{source}: filter {name!r}", lambda e=entry: context_filter(e, macros))
        for name, entry in book.get("filters", {}).items()
    }
    cues: dict[str, dict[str, Any]] = book["cues"]
    literals: dict[str, list[CueRule]] = {}
    for index, (cue, entry) in enumerate(cues.items()):
        _add_rules(literals, index, entry, macros, f"{source}: cue {cue!r}")
    return CueRules(
        names={cue: entry["name"] for cue, entry in cues.items()},
        definitions={cue: entry["definition"] for cue, entry in cues.items()},
        literals=literals,
        unless=tuple(
            _placed(f"{source}: cue {cue!r}: key 'unless'", lambda e=entry: union(e.get("unless", []), macros))
            for cue, entry in cues.items()
        ),
        filters=tuple(_named_filters(entry, filters, f"{source}: cue {cue!r}") for cue, entry in cues.items()),
    )


def _add_rules(
    literals: dict[str, list[CueRule]], index: int, entry: Mapping[str, Any], macros: Mapping[str, str], place: str
) -> None:
    for term in (word for row in entry.get("terms", []) for word in row.split()):
        if _NOT_A_TERM.search(term):
            raise ResourceError(f"{place}: key 'terms': {term!r} is not a plain word; write it under 'patterns'")
        rule = CueRule(index, None)
        if rule not in literals.setdefault(term, []):
            literals[term].append(rule)
    for text in entry.get("patterns", []):
        pattern = _placed(f"{place}: key 'patterns'", lambda t=text: anchored(t, macros))
        for anchor in pattern.anchors:
            literals.setdefault(anchor, []).append(CueRule(index, pattern))


def _named_filters(
    entry: Mapping[str, Any], filters: Mapping[str, ContextFilter], place: str
) -> tuple[ContextFilter, ...]:
    for name in entry.get("filters", []):
        if name not in filters:
            raise ResourceError(f"{place}: key 'filters': unknown filter {name!r}; allowed: {', '.join(sorted(filters))}")
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


def _placed(place: str, build: Callable[[], _T]) -> _T:
    try:
        return build()
    except PatternError as error:
        raise ResourceError(f"{place}: {error}") from error
