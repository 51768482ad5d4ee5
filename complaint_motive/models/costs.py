"""What mistakes cost: a table with defaults in ``resources/costs.toml``, to be overridden by the user."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from complaint_motive.errors import InputError
from complaint_motive.taxonomy import taxonomy

__all__ = ["CostTable", "default_costs", "read_costs"]

_OTHER = ("accused", "review", "reviewed", "safety_cue")


@dataclass(frozen=True, slots=True)
class CostTable:
    """Costs relative to an ordinary mistake, which costs 1.

    Attributes
    ----------
    missed : mapping of str to float
        Cost of missing a category.
    pairs : mapping of (str, str) to float
        Cost of one pair of labelled and decided category; prevails over `missed`.
    accused : float
        Least cost of deciding a scheming category for a record that has none.
    safety_cue : float
        Cost of missing a safety cue.
    reviewed : float
        Share of a mistake's cost that remains where the record was sent to review, in [0, 1].
    review : float
        Cost of one review.
    """

    missed: Mapping[str, float]
    pairs: Mapping[tuple[str, str], float]
    accused: float
    safety_cue: float
    reviewed: float
    review: float

    def mistake(self, gold: str, decided: str) -> float:
        """Return the cost of deciding one category for a record of another; 0 where they are equal.

        Parameters
        ----------
        gold, decided : str
            Category ids.
        """
        if gold == decided:
            return 0.0
        if (gold, decided) in self.pairs:
            return self.pairs[gold, decided]
        names = taxonomy()
        wrongly = names.motive_of(decided) == "scheming" != names.motive_of(gold)
        return max(self.missed[gold], self.accused if wrongly else 0.0)

    def record(self, gold: str, decided: str, *, reviewed: bool) -> float:
        """Return what one record costs: its mistake, less where a person looks at it, and the person's time."""
        mistake = self.mistake(gold, decided)
        return mistake * self.reviewed + self.review if reviewed else mistake


def _number(value: object, where: str, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise InputError(f"{where}: key {key!r} is {value!r}; allowed: a number from 0 up")
    return float(value)


def _table(content: Mapping[str, Any], name: str, allowed: tuple[str, ...], source: str) -> Mapping[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{source}: [{name}] is {table!r}; needed is a table")
    for key in table:
        if key not in allowed:
            raise InputError(f"{source}: [{name}] has the key {key!r}; allowed: {', '.join(allowed)}")
    return table


def _parse(content: str, source: str, base: CostTable | None) -> CostTable:
    """Return the costs written in TOML, laid over `base`."""
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}") from error
    _table({"file": data}, "file", ("missed", "pair", "other"), source)
    categories = tuple(taxonomy().categories)
    missed = dict(base.missed) if base else {}
    pairs = dict(base.pairs) if base else {}
    other = {name: getattr(base, name) for name in _OTHER} if base else {}
    for key, value in _table(data, "missed", categories, source).items():
        missed[key] = _number(value, f"{source}: [missed]", key)
    for gold in _table(data, "pair", categories, source):
        for decided, value in _table(data["pair"], gold, categories, f"{source}: [pair]").items():
            pairs[gold, decided] = _number(value, f"{source}: [pair.{gold}]", decided)
    for key, value in _table(data, "other", _OTHER, source).items():
        other[key] = _number(value, f"{source}: [other]", key)
    if other["reviewed"] > 1:
        raise InputError(f"{source}: [other]: key 'reviewed' is {other['reviewed']}; allowed: 0 to 1")
    return CostTable(MappingProxyType(missed), MappingProxyType(pairs), **other)


def default_costs() -> CostTable:
    """Return the packaged cost table: missing ``coercion`` or a safety cue costs most.

    Examples
    --------
    >>> costs = default_costs()
    >>> costs.mistake("coercion", "redress"), costs.mistake("redress", "coercion"), costs.mistake("none", "none")
    (8.0, 4.0, 0.0)
    """
    content = (files("complaint_motive") / "resources" / "costs.toml").read_text(encoding="utf-8")
    return _parse(content, "costs.toml", None)


def read_costs(path: Path | str) -> CostTable:
    """Return the packaged costs with those of a TOML file laid over them.

    Parameters
    ----------
    path : path
        File of the shape of ``resources/costs.toml``; keys it does not give keep their value.

    Raises
    ------
    InputError
        If the file cannot be read, or a key or value is not allowed; the message names file, table and key.
    """
    try:
        content = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return _parse(content, str(path), default_costs())
