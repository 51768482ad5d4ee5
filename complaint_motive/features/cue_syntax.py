"""Derives from a regular expression which characters every match of it holds.

Where one of them is missing the expression cannot match and need not be run. What the parser does not understand needs
nothing, which is always safe.
"""

from __future__ import annotations

import re
from functools import lru_cache

from complaint_motive.features.cue_needs import (
    ANYTHING,
    ASTRAL,
    FAR,
    NOTHING,
    ZERO,
    Branch,
    Part,
    any_of,
    in_row,
    moved,
    one_of,
    words_of,
)

__all__ = ["branches_of", "first_characters", "guarded"]

_QUANTIFIER = re.compile(r"(?:[?*+]|\{(?!\})(\d*)(,?)(\d*)\})[?+]?")
_WORDS = re.compile(r"\?:([^\\^$.*+?()\[\]{}]+)\)")
_CLASS = re.compile(r"(\^?\]?(?:[^\]\\]|\\.)*)\]", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)")
_ZERO_WIDTH, _ANY_OF_MANY = "ZAbB", "sSwWD"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def branches_of(text: str, *, backward: bool, slack: int = 0) -> tuple[Branch, ...]:
    """Return alternatives, one of which holds for every match.

    Parameters
    ----------
    text : str
        Regular expression.
    backward : bool
        True where reaches count from the end of the match, False from its start.
    slack : int
        Added to every reach, in characters.
    """
    part = _parsed(text, backward)
    return tuple(moved(branch, slack) for branch in part.branches)


def first_characters(text: str) -> str | None:
    """Return the characters one of which every match begins with; None where that cannot be told.

    Parameters
    ----------
    text : str
        Regular expression.

    Examples
    --------
    >>> first_characters("[赔退]款|(?:再|还)?不理")
    '赔退再还不'
    """
    part = _parsed(f"(?:{text})", False)
    return None if part.empty else part.edge


def guarded(text: str) -> str:
    """Return a regular expression that matches the same but looks at the first character before anything else.

    Parameters
    ----------
    text : str
        Regular expression.

    Examples
    --------
    >>> guarded("退款|赔钱")
    '(?=[退赔])(?:退款|赔钱)'
    """
    characters = first_characters(text)
    if not characters:
        return text
    plain = "".join(character for character in characters if not character.isdecimal())
    digits = r"\d" if len(plain) < len(characters) else ""
    beyond = "\U00010000-\U0010ffff" if ASTRAL in characters else ""
    return f"(?=[{re.escape(plain)}{digits}{beyond}])(?:{text})"


@lru_cache(maxsize=64)
def _parsed(text: str, backward: bool) -> Part:
    parser = _Parser(text, backward=backward)
    try:
        part = parser.sequence()
    except _UnknownSyntaxError:
        return NOTHING
    # alternatives outside a group do not all reach the edge
    return part if parser.place == len(text) else NOTHING


class _UnknownSyntaxError(Exception):
    pass


class _Parser:
    def __init__(self, text: str, *, backward: bool) -> None:
        self.text = text
        self.place = 0
        self.backward = backward

    def alternatives(self) -> Part:
        parts = [self.sequence()]
        while self.text[self.place : self.place + 1] == "|":
            self.place += 1
            parts.append(self.sequence())
        return any_of(parts)

    def sequence(self) -> Part:
        parts = []
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            parts.append(self.quantified())
        return in_row(parts[::-1] if self.backward else parts, self.backward)

    def quantified(self) -> Part:
        part = self.atom()
        found = _QUANTIFIER.match(self.text, self.place)
        if found is None:
            return part
        self.place = found.end()
        sign, (least, comma, most) = found[0][0], found.groups()
        if sign != "{":
            least, comma, most = str(int(sign == "+")), ",", "1" * (sign == "?")
        times = (int(most) if most else FAR) if comma else int(least)
        width = min(part.width * times, FAR)
        # of several repetitions the first from the edge needs no more reach than one
        if not int(least or 0):
            return Part((Branch((), part.edge, width),), part.edge, width, True)
        branches = tuple(branch._replace(width=width) for branch in part.branches)
        return part._replace(branches=branches, width=width)

    def atom(self) -> Part:
        character = self.text[self.place]
        self.place += 1
        if character == "(":
            return self.group()
        if character == "[":
            return self.characters()
        if character == "\\":
            return self.escape()
        if character in "^$":
            return ZERO
        return ANYTHING if character == "." else one_of(character)

    def group(self) -> Part:
        plain = _WORDS.match(self.text, self.place)
        if plain is not None:
            self.place = plain.end()
            return words_of(plain[1], self.backward)
        opening = next(
            (sign for sign in ("?:", "?!", "?=", "?<!", "?<=") if self.text.startswith(sign, self.place)), ""
        )
        if not opening and self.text.startswith("?", self.place):
            raise _UnknownSyntaxError
        self.place += len(opening)
        part = self.alternatives()
        self.place += 1
        return part if opening in ("", "?:") else ZERO

    def escape(self) -> Part:
        character = self.text[self.place : self.place + 1]
        self.place += 1
        if not character:
            raise _UnknownSyntaxError
        if character == "d":
            return one_of(_digits())
        if character in _ZERO_WIDTH or character in _ANY_OF_MANY:
            return ZERO if character in _ZERO_WIDTH else ANYTHING
        if character.isalnum() and character not in _ESCAPES:
            raise _UnknownSyntaxError
        return one_of(_ESCAPES.get(character, character))

    def characters(self) -> Part:
        found = _CLASS.match(self.text, self.place)
        if found is None:
            raise _UnknownSyntaxError
        self.place = found.end()
        inner = found[1]
        if inner.startswith("^") or re.search(r"\\[^dnrt\W]", inner):
            return ANYTHING
        plain = re.sub(
            r"\\([nrt])|\\([^d])", lambda sign: sign[2] or _ESCAPES[sign[1]], inner.replace("\\d", _digits())
        )
        ranges = "".join("".join(map(chr, range(ord(low), ord(high) + 1))) for low, high in _RANGE.findall(plain))
        return one_of(plain + ranges)


@lru_cache(maxsize=1)
def _digits() -> str:
    return "".join(re.findall(r"\d", "".join(map(chr, range(0x10000))))) + ASTRAL
