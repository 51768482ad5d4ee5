"""What matches of a piece of a regular expression need to hold: characters, and how far from an edge they stand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "ANYTHING",
    "ASTRAL",
    "FAR",
    "NOTHING",
    "ZERO",
    "Branch",
    "Need",
    "Part",
    "any_of",
    "in_row",
    "moved",
    "one_of",
    "words_of",
]

ASTRAL = "\uffff"  # stands for every character outside the basic plane

# the commonest characters of complaints, commonest first: needing one of them rules little out
_COMMON = (
    ",。的我一了不个是人上来没说 就在天们到有家子三你里这十那都要下给年0去着还过回月点!1?“”看"
    "、退也电2两出好车老能打开户得把请后头用小门二大时次发问费机前号多4单么话他公:口五自面行手钱道"
    "换水分收全别已3客地写跟工让第同8六台再店可理本百几会4位成事日楼当交谁走管"
)
FAR = 99  # this far or farther
_SELDOM = 0.0005
_MOST_PAIRS = 128
_KEPT = 4


class Need(NamedTuple):
    """One of `signs` stands at most `reach` characters from the edge of a match; `cost` grows with its chance.

    Signs are single characters, or some of them pairs of neighbours where `paired`.
    """

    signs: tuple[str, ...]
    reach: int
    cost: float
    paired: bool = False


class Branch(NamedTuple):
    """One way in which an expression can match: all of `needs` hold.

    `edge` holds the characters one of which stands at the edge, None where any may; `width` is that of the longest
    match, :data:`FAR` where it has no limit.
    """

    needs: tuple[Need, ...]
    edge: str | None
    width: int


class Part(NamedTuple):
    """What a piece of an expression needs: its branches, `edge` and `width` of all; `empty`: it may match nothing."""

    branches: tuple[Branch, ...]
    edge: str | None
    width: int
    empty: bool


UNKNOWN = Branch((), None, FAR)
NOTHING = Part((UNKNOWN,), None, FAR, True)
ANYTHING = Part((Branch((), None, 1),), None, 1, False)
ZERO = Part((Branch((), "", 0),), "", 0, True)


@lru_cache(maxsize=4096)
def one_of(characters: str) -> Part:
    """Return a piece that matches one of some characters."""
    characters = "".join(min(character, ASTRAL) for character in characters)
    return Part((Branch((_need(characters),), characters, 1),), characters, 1, False)


@lru_cache(maxsize=1024)
def words_of(text: str, backward: bool) -> Part:
    """Return a piece that matches one of some words, given with ``|`` between them."""
    words = text.split("|")
    return any_of([in_row([one_of(sign) for sign in word[:: -1 if backward else 1]], backward) for word in words])


def any_of(parts: Sequence[Part]) -> Part:
    """Return a piece that matches where one of its parts does."""
    if len(parts) == 1:
        return parts[0]
    edges = [part.edge for part in parts]
    edge = None if None in edges else "".join(dict.fromkeys("".join(str(one) for one in edges)))
    branches = tuple(branch for part in parts for branch in part.branches)
    return Part(branches, edge, max(part.width for part in parts), any(part.empty for part in parts))


def in_row(parts: Sequence[Part], backward: bool) -> Part:
    """Return a piece made of parts one behind the other, the one at the edge first."""
    if len(parts) < 2:
        return parts[0] if parts else ZERO
    spread = max(range(len(parts)), key=lambda index: len(parts[index].branches))
    shared: list[Need] = []
    edge: str | None = ""
    width, before, empty = 0, 0, True
    for index, part in enumerate(parts):
        if index == spread:
            before = width
        else:
            shared += moved(_merged(part), width).needs
            shared += _pairs(parts[index - 1], part.edge, width + 1, backward) if index and not part.empty else []
        if empty:
            edge = None if edge is None or part.edge is None else edge + part.edge
        width, empty = min(width + part.width, FAR), empty and part.empty
    if edge and not empty:
        shared.append(_need(edge))
    joint = parts[spread - 1] if spread and not parts[spread].empty else ZERO
    others = width - parts[spread].width if width < FAR else FAR
    branches = []
    for branch in parts[spread].branches:
        needs = (*shared, *moved(branch, before).needs, *_pairs(joint, branch.edge, before + 1, backward))
        own = branch.edge if not spread and not parts[0].empty else edge
        branches.append(Branch(_best(needs), own, min(others + branch.width, FAR)))
    return Part(tuple(branches), edge, width, empty)


def _pairs(inner: Part, outer: str | None, reach: int, backward: bool) -> list[Need]:
    """Return the pairs of neighbours that stand where the one character of `inner` meets the edge `outer`."""
    if inner.width != 1 or inner.empty or not inner.edge or not outer or len(inner.edge) * len(outer) > _MOST_PAIRS:
        return []
    costs = _costs()
    found = {
        (second + first if backward else first + second): 20 * costs.get(first, _SELDOM) * costs.get(second, _SELDOM)
        for first in inner.edge
        for second in outer
    }
    return [Need(tuple(found), reach, sum(found.values()), True)]


def _merged(part: Part) -> Branch:
    """Return what all the branches need, as far as one need of each kind can say it."""
    needs = [branch.needs for branch in part.branches]
    if len(needs) == 1 or not all(needs):
        return part.branches[0] if len(needs) == 1 else UNKNOWN
    single = [[need for need in some if not need.paired] for some in needs]
    merged = [_united([min(some, key=_value) for some in single])] if all(single) else []
    if any(need.paired for some in needs for need in some):
        merged.append(_united([min(some, key=_value) for some in needs]))
    return Branch(tuple(merged), None, FAR)


def _united(needs: Sequence[Need]) -> Need:
    costs = {sign: need.cost / len(need.signs) for need in needs for sign in need.signs}
    paired = any(need.paired for need in needs)
    return Need(tuple(costs), max(need.reach for need in needs), sum(costs.values()), paired)


def _best(needs: Sequence[Need]) -> tuple[Need, ...]:
    ordered = sorted(dict.fromkeys(needs), key=_value)
    return (*[need for need in ordered if not need.paired][:_KEPT], *[need for need in ordered if need.paired][:3])


def _value(need: Need) -> float:
    return need.cost * min(need.reach, 30)


def moved(branch: Branch, width: int) -> Branch:
    """Return a branch whose needs reach farther by `width`."""
    if not width:
        return branch
    return branch._replace(needs=tuple(need._replace(reach=min(need.reach + width, FAR)) for need in branch.needs))


def _need(characters: str) -> Need:
    costs, signs = _costs(), tuple(dict.fromkeys(characters))
    return Need(signs, 1, sum(costs.get(sign, _SELDOM if sign >= "一" else _SELDOM / 10) for sign in signs))


@lru_cache(maxsize=1)
def _costs() -> dict[str, float]:
    return {character: 0.05 / (rank + 1) ** 0.7 for rank, character in reversed(list(enumerate(_COMMON)))}
