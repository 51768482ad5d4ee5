"""Derives from a regular expression which characters every match of it holds, and how far from an edge they stand.

A multi-character condition that is cheap to test in bulk: where one of the needed characters is missing, the
expression cannot match and need not be run. What the parser does not understand needs nothing, which is always safe.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = ["ASTRAL", "Need", "Needs", "branches_of"]

ASTRAL = "\uffff"  # stands for every character outside the basic plane

# the commonest characters of complaints, commonest first: needing one of them rules little out
_COMMON = (
    ",。的我一了不个是人上来没说 就在天们到有家子三你里这十那都要下给年0去着还过回月点!1?“”看、退也电2两出好车老能打开户得把请后头用小"
    "门二大时次发问费机前号多4单么话他公:口五自面行手钱道换水分收全别已3客地写跟工让第同8六台再店可理本百几会4位成事日楼当交谁走管"
)
_FAR = 99
_KEPT = 4
_QUANTIFIER = re.compile(r"(?:[?*+]|\{(\d*)(,?)(\d*)\})[?+]?")
_WORDS = re.compile(r"\?:([^\\^$.*+?()\[\]{}]+)\)")
_CLASS = re.compile(r"(\^?\]?(?:[^\]\\]|\\.)*)\]", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)")
_ZERO_WIDTH, _ANY_OF_MANY = "ZAbB", "sSwWD"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Need(NamedTuple):
    """One of `characters` stands at most `reach` characters from the edge of a match; `cost` grows with its chance."""

    characters: str
    reach: int
    cost: float


Needs = tuple[Need, ...]
_Branches = tuple[Needs, ...]
_NOTHING: _Branches = ((),)


class _Part(NamedTuple):
    """What a piece of an expression needs.

    `edge` holds the characters one of which stands at the edge, None where any may; `empty`: it may match nothing.
    """

    branches: _Branches
    width: int
    edge: str | None
    empty: bool


_ANYTHING = _Part(_NOTHING, 1, None, False)
_ZERO = _Part(_NOTHING, 0, "", True)


def branches_of(text: str, *, backward: bool, slack: int = 0) -> tuple[Needs, ...]:
    """Return alternatives, one of which holds for every match; each is a conjunction of needs.

    Parameters
    ----------
    text : str
        Regular expression.
    backward : bool
        True where reaches count from the end of the match, False from its start.
    slack : int
        Added to every reach, in characters.
    """
    parser = _Parser(text, backward=backward)
    try:
        part = parser.sequence()
    except _UnknownSyntaxError:
        return _NOTHING
    # alternatives outside a group do not all reach the edge
    return tuple(_moved(needs, slack) for needs in part.branches) if parser.place == len(text) else _NOTHING


class _UnknownSyntaxError(Exception):
    pass


class _Parser:
    def __init__(self, text: str, *, backward: bool) -> None:
        self.text = text
        self.place = 0
        self.backward = backward

    def alternatives(self) -> _Part:
        parts = [self.sequence()]
        while self.text[self.place : self.place + 1] == "|":
            self.place += 1
            parts.append(self.sequence())
        return _any_of(parts)

    def sequence(self) -> _Part:
        parts = []
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            parts.append(self.quantified())
        return _in_row(parts[::-1] if self.backward else parts)

    def quantified(self) -> _Part:
        part = self.atom()
        found = _QUANTIFIER.match(self.text, self.place)
        if found is None:
            return part
        self.place = found.end()
        sign, (least, comma, most) = found[0][0], found.groups()
        if sign != "{":
            least, comma, most = str(int(sign == "+")), ",", "1" * (sign == "?")
        times = (int(most) if most else _FAR) if comma else int(least)
        width = min(part.width * times, _FAR)
        # of several repetitions the first from the edge needs no more reach than one
        if not int(least or 0):
            return _Part(_NOTHING, width, part.edge, True)
        return _Part(part.branches, width, part.edge, part.empty)

    def atom(self) -> _Part:
        character = self.text[self.place]
        self.place += 1
        if character == "(":
            return self.group()
        if character == "[":
            return self.characters()
        if character == "\\":
            return self.escape()
        if character in "^$":
            return _ZERO
        return _ANYTHING if character == "." else _one_of(character)

    def group(self) -> _Part:
        plain = _WORDS.match(self.text, self.place)
        if plain is not None:
            self.place = plain.end()
            return _words(plain[1], self.backward)
        opening = next((sign for sign in ("?:", "?!", "?=", "?<!", "?<=") if self.text.startswith(sign, self.place)), "")
        if not opening and self.text.startswith("?", self.place):
            raise _UnknownSyntaxError
        self.place += len(opening)
        part = self.alternatives()
        self.place += 1
        return part if opening in ("", "?:") else _ZERO

    def escape(self) -> _Part:
        character = self.text[self.place]
        self.place += 1
        if character == "d":
            return _one_of(_digits())
        if character in _ZERO_WIDTH or character in _ANY_OF_MANY:
            return _ZERO if character in _ZERO_WIDTH else _ANYTHING
        if character.isalnum() and character not in _ESCAPES:
            raise _UnknownSyntaxError
        return _one_of(_ESCAPES.get(character, character))

    def characters(self) -> _Part:
        found = _CLASS.match(self.text, self.place)
        if found is None:
            raise _UnknownSyntaxError
        self.place = found.end()
        inner = found[1]
        if inner.startswith("^") or re.search(r"\\[^dnrt\W]", inner):
            return _ANYTHING
        plain = re.sub(r"\\([nrt])|\\([^d])", lambda sign: sign[2] or _ESCAPES[sign[1]], inner.replace("\\d", _digits()))
        ranges = "".join("".join(map(chr, range(ord(low), ord(high) + 1))) for low, high in _RANGE.findall(plain))
        return _one_of(plain + ranges)


@lru_cache(maxsize=4096)
def _one_of(characters: str) -> _Part:
    return _Part(((Need(characters, 1, _cost(characters)),),), 1, characters, False)


@lru_cache(maxsize=1024)
def _words(text: str, backward: bool) -> _Part:
    words = text.split("|")
    return _any_of([_in_row([_one_of(sign) for sign in (word[::-1] if backward else word)]) for word in words])


def _any_of(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    edges = [part.edge for part in parts]
    return _Part(
        tuple(needs for part in parts for needs in part.branches),
        max(part.width for part in parts),
        None if None in edges else "".join(dict.fromkeys("".join(edges))),
        any(part.empty for part in parts),
    )


def _in_row(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    moved: list[_Branches] = []
    width, edge, empty = 0, "", True
    for part in parts:
        moved.append(tuple(_moved(needs, width) for needs in part.branches))
        if empty:
            edge = None if edge is None or part.edge is None else edge + part.edge
        width, empty = min(width + part.width, _FAR), empty and part.empty
    spread = max(range(len(moved)), key=lambda index: len(moved[index]), default=0)
    shared = [need for index, branches in enumerate(moved) if index != spread for need in _merged(branches)]
    if edge and not empty:
        shared.append(Need("".join(dict.fromkeys(edge)), 1, _cost(edge)))
    widest = moved[spread] if moved else _NOTHING
    return _Part(tuple(_best((*shared, *needs)) for needs in widest), width, edge, empty)


def _merged(branches: _Branches) -> Needs:
    """Return what all the branches need, as far as one need per branch can say it."""
    if len(branches) == 1:
        return branches[0]
    if not all(branches):
        return ()
    chosen = [min(needs, key=_value) for needs in branches]
    characters = "".join(dict.fromkeys("".join(need.characters for need in chosen)))
    return (Need(characters, max(need.reach for need in chosen), _cost(characters)),)


def _best(needs: Needs) -> Needs:
    return tuple(sorted(dict.fromkeys(needs), key=_value)[:_KEPT])


def _value(need: Need) -> float:
    return need.cost * min(need.reach, 30)


def _moved(needs: Needs, width: int) -> Needs:
    if not width:
        return needs
    return tuple(Need(need.characters, min(need.reach + width, _FAR), need.cost) for need in needs)


def _cost(characters: str) -> float:
    costs = _costs()
    return sum(costs.get(character, 0.0005 if character >= "一" else 0.00005) for character in characters)


@lru_cache(maxsize=1)
def _costs() -> dict[str, float]:
    return {character: 0.05 / (rank + 1) ** 0.7 for rank, character in reversed(list(enumerate(_COMMON)))}


@lru_cache(maxsize=1)
def _digits() -> str:
    return "".join(re.findall(r"\d", "".join(map(chr, range(0x10000))))) + ASTRAL
