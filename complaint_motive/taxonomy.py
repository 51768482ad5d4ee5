"""The label system, read once from ``resources/taxonomy.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from complaint_motive.errors import ResourceError

__all__ = ["BehaviourRule", "Category", "Label", "Taxonomy", "taxonomy"]


@dataclass(frozen=True, slots=True)
class Label:
    """One named value of a label dimension.

    Attributes
    ----------
    id : str
        ASCII identifier; part of the API.
    name : str
        Chinese name.
    definition : str
        Chinese definition, in the words of the codebook.
    """

    id: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Category(Label):
    """A motive category with its one parent motive.

    Attributes
    ----------
    motive : str
        Id of the parent motive.
    purpose : str or None
        Id of the complaint's purpose that follows from the category; None for ``none``.
    aliases : tuple of str
        Other Chinese names under which the category is known.
    """

    motive: str
    purpose: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BehaviourRule:
    """One row of the behaviour table: any-of inside a key, all-of across keys; an empty key always holds."""

    behaviour: str
    categories: frozenset[str]
    intensity: frozenset[int]
    cues: frozenset[str]

    def holds(self, category: str, intensity: int, cues: Collection[str]) -> bool:
        """Return whether the rule applies to a decided case."""
        return (
            (not self.categories or category in self.categories)
            and (not self.intensity or intensity in self.intensity)
            and (not self.cues or not self.cues.isdisjoint(cues))
        )


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All labels and the tables derived from them.

    Attributes
    ----------
    motives, causes, needs, purposes, behaviours : mapping of str to Label
        Labels by id, in file order.
    categories : mapping of str to Category
        The seven categories by id; their order is the column order of category probabilities.
    intensities : tuple of Label
        The four levels of intensity; the position is the level.
    need_codes : mapping of str to str
        Codebook letter (``R``, ``E``) to need id.
    behaviour_rules : tuple of BehaviourRule
        Read from the top; the last one always holds.
    digest : str
        sha256 over ids and parents: two models with equal digests speak of the same labels.
    """

    motives: Mapping[str, Label]
    categories: Mapping[str, Category]
    causes: Mapping[str, Label]
    needs: Mapping[str, Label]
    intensities: tuple[Label, ...]
    purposes: Mapping[str, Label]
    behaviours: Mapping[str, Label]
    need_codes: Mapping[str, str]
    behaviour_rules: tuple[BehaviourRule, ...]
    digest: str

    def motive_of(self, category: str) -> str:
        """Return the id of the motive that a category belongs to.

        Examples
        --------
        >>> taxonomy().motive_of("redress")
        'compensation'
        """
        return self.categories[category].motive

    def purpose_of(self, category: str) -> str | None:
        """Return the purpose id (constructive, critical, accusatory), or None for ``none``."""
        return self.categories[category].purpose

    def behaviour_of(self, category: str, intensity: int, cues: Collection[str]) -> str | None:
        """Return the behaviour id of a decided case, or None for ``none``.

        Parameters
        ----------
        category : str
            Decided category id.
        intensity : int
            Decided intensity, 0 to 3.
        cues : collection of str
            Ids of the cues found and not negated.
        """
        if self.categories[category].purpose is None:
            return None
        return next(rule.behaviour for rule in self.behaviour_rules if rule.holds(category, intensity, cues))

    def name(self, label: str) -> str:
        """Return the Chinese name of a motive, category, cause, need, purpose or behaviour id; of none, nothing.

        Raises
        ------
        KeyError
            If no dimension has this id.
        """
        if not label:
            return ""
        dimensions = (self.categories, self.motives, self.causes, self.needs, self.purposes, self.behaviours)
        for dimension in dimensions:
            if label in dimension:
                return dimension[label].name
        raise KeyError(label)


class _Reader:
    """Checks TOML tables and names file, table, id and key in every complaint."""

    def __init__(self, data: Mapping[str, Any], source: str) -> None:
        self.data = data
        self.source = source

    def fail(self, where: str, problem: str) -> ResourceError:
        return ResourceError(f"{self.source}: {where}: {problem}")

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        rows = self.data.get(table)
        if not isinstance(rows, list) or not rows:
            raise self.fail(f"[[{table}]]", "is missing; at least one entry is needed")
        return rows

    def text(self, row: Mapping[str, Any], key: str, where: str) -> str:
        value = row.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(where, f"key {key!r} must be a non-empty text, got {value!r}")
        return value

    def labels(self, table: str) -> dict[str, tuple[Label, Mapping[str, Any]]]:
        out: dict[str, tuple[Label, Mapping[str, Any]]] = {}
        for number, row in enumerate(self.rows(table), 1):
            where = f"[[{table}]] number {number}"
            ident = self.text(row, "id", where)
            where = f"[[{table}]] {ident!r}"
            if not ident.isascii() or not ident.isidentifier():
                raise self.fail(where, "the id must be an ASCII identifier")
            if ident in out:
                raise self.fail(where, "the id stands twice")
            out[ident] = (Label(ident, self.text(row, "name", where), self.text(row, "definition", where)), row)
        return out

    def known(self, values: Iterable[Any], allowed: Collection[Any], where: str, key: str) -> frozenset[Any]:
        values = list(values)
        for value in values:
            if value not in allowed:
                raise self.fail(where, f"key {key!r} has {value!r}; allowed: {', '.join(map(str, allowed))}")
        return frozenset(values)


def _categories(read: _Reader, motives: Collection[str], purposes: Collection[str]) -> dict[str, Category]:
    out: dict[str, Category] = {}
    names: dict[str, str] = {}
    for ident, (label, row) in read.labels("category").items():
        where = f"[[category]] {ident!r}"
        motive = read.text(row, "motive", where)
        read.known([motive], motives, where, "motive")
        purpose = row.get("purpose")
        read.known([] if purpose is None else [purpose], purposes, where, "purpose")
        aliases = tuple(row.get("aliases", ()))
        for name in (label.name, *aliases):
            if not isinstance(name, str) or not name:
                raise read.fail(where, f"key 'aliases' must list texts, got {name!r}")
            if names.setdefault(name, ident) != ident:
                raise read.fail(where, f"the name {name!r} already belongs to {names[name]!r}")
        out[ident] = Category(ident, label.name, label.definition, motive, purpose, aliases)
    for motive in motives:
        if not any(c.motive == motive for c in out.values()):
            raise read.fail(f"[[motive]] {motive!r}", "no category belongs to it")
    return out


def _behaviour_rules(
    read: _Reader, behaviours: Collection[str], categories: Collection[str], levels: int
) -> tuple[BehaviourRule, ...]:
    rules = []
    for number, row in enumerate(read.rows("behaviour_rule"), 1):
        where = f"[[behaviour_rule]] number {number}"
        behaviour = read.text(row, "behaviour", where)
        read.known([behaviour], behaviours, where, "behaviour")
        rules.append(
            BehaviourRule(
                behaviour,
                read.known(row.get("categories", ()), categories, where, "categories"),
                read.known(row.get("intensity", ()), range(levels), where, "intensity"),
                frozenset(row.get("cues", ())),
            )
        )
    if rules[-1] != BehaviourRule(rules[-1].behaviour, frozenset(), frozenset(), frozenset()):
        raise read.fail("[[behaviour_rule]]", "the last rule must have no condition")
    return tuple(rules)


def parse_taxonomy(content: str, source: str) -> Taxonomy:
    """Return the taxonomy written in TOML.

    Raises
    ------
    ResourceError
        If the TOML is malformed, an id is doubled, a parent is unknown or a definition is missing;
        the message names `source`, table, id and key.
    """
    try:
        read = _Reader(tomllib.loads(content), source)
    except tomllib.TOMLDecodeError as error:
        raise ResourceError(f"{source}: not valid TOML: {error}") from error
    plain = {table: read.labels(table) for table in ("motive", "cause", "need", "purpose", "behaviour")}
    labels = {table: {ident: label for ident, (label, _) in rows.items()} for table, rows in plain.items()}
    categories = _categories(read, labels["motive"], labels["purpose"])
    levels = read.rows("intensity")
    if [row.get("level") for row in levels] != list(range(len(levels))):
        raise read.fail("[[intensity]]", "key 'level' must count 0, 1, 2, ... in order")
    intensities = tuple(
        Label(str(k), read.text(row, "name", f"[[intensity]] {k}"), read.text(row, "definition", f"[[intensity]] {k}"))
        for k, row in enumerate(levels)
    )
    identity = repr(
        ([(c.id, c.motive) for c in categories.values()], list(labels["cause"]), list(labels["need"]), len(levels))
    )
    return Taxonomy(
        motives=MappingProxyType(labels["motive"]),
        categories=MappingProxyType(categories),
        causes=MappingProxyType(labels["cause"]),
        needs=MappingProxyType(labels["need"]),
        intensities=intensities,
        purposes=MappingProxyType(labels["purpose"]),
        behaviours=MappingProxyType(labels["behaviour"]),
        need_codes=MappingProxyType(
            {read.text(row, "code", f"[[need]] {i!r}"): i for i, (_, row) in plain["need"].items()}
        ),
        behaviour_rules=_behaviour_rules(read, labels["behaviour"], categories, len(levels)),
        digest=hashlib.sha256(identity.encode()).hexdigest(),
    )


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """Return the packaged taxonomy, read and validated on first use.

    Examples
    --------
    >>> list(taxonomy().categories)
    ['improvement', 'recognition', 'scolding', 'redress', 'coercion', 'sabotage', 'none']
    """
    resource = files("complaint_motive") / "resources" / "taxonomy.toml"
    return parse_taxonomy(resource.read_text(encoding="utf-8"), "taxonomy.toml")
