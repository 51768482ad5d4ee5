"""The small pattern language of ``resources/cues.toml``: macros, gaps and literal anchors on regular expressions.

``⟨a|b⟩`` marks the literals that one multi-pattern scan looks for; the regular expression runs only around a place
where one of them stands. ``{name}`` inserts a macro, ``{c8}`` up to 8 characters of the same clause, ``{s8}`` of the
same sentence, ``{x8}`` of the same document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from complaint_motive.features.cue_syntax import guarded

__all__ = [
    "CLAUSE_MARKS",
    "SENTENCE_MARKS",
    "AnchoredPattern",
    "Expression",
    "PatternError",
    "anchored",
    "expand",
    "union",
]

SENTENCE_MARKS = "。!?;\n\x1e"
CLAUSE_MARKS = SENTENCE_MARKS + ",:… ~"
_GAPS = {"c": "[^。!?;\n\x1e,:]", "s": "[^。!?;\n\x1e]", "x": "[^\x1e]"}
_MACRO = re.compile(r"\{([a-z_]+)(\d*)\}")
_ANCHOR = re.compile(r"⟨([^⟨⟩]*)⟩")
_NOT_LITERAL = re.compile(r"[\\^$.*+?()\[\]{}\s\x1e]")


class PatternError(ValueError):
    """A pattern that cannot be compiled; the caller adds file, entry and key."""


class Expression:
    """A regular expression that is compiled when it is first used, so that loading a large file stays quick.

    Parameters
    ----------
    text : str
        Text of the expression.
    searched : bool
        True where it is looked for at many places: a look at the first character then leaves most of them at once.
    """

    __slots__ = ("_regex", "searched", "text")

    def __init__(self, text: str, *, searched: bool = False) -> None:
        self.text = text
        self.searched = searched
        self._regex: re.Pattern[str] | None = None

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression."""
        return self._regex or self.compile()

    def compile(self) -> re.Pattern[str]:
        """Compile and keep the expression.

        Raises
        ------
        PatternError
            If the expression is malformed.
        """
        if self._regex is None:
            try:
                self._regex = re.compile(guarded(self.text) if self.searched else self.text)
            except re.error as error:
                raise PatternError(f"malformed pattern {self.text!r}: {error}") from error
        return self._regex


@dataclass(frozen=True, slots=True)
class AnchoredPattern:
    """A pattern cut at its anchor, with the literals that lead to it.

    Attributes
    ----------
    lead : Expression or None
        Expression for what stands before the anchor, up to it; None where a match begins with its anchor.
    rest : Expression
        Expression for the anchor and what follows.
    anchors : tuple of str
        Literals, one of which is part of every match.
    before, after : str
        Text of the pattern before and behind its anchor group.
    """

    lead: Expression | None
    rest: Expression
    anchors: tuple[str, ...]
    before: str
    after: str


def expand(pattern: str, macros: Mapping[str, str]) -> str:
    """Return `pattern` with macros and gaps written out; macros may use macros defined before them.

    Parameters
    ----------
    pattern : str
        Text of the pattern.
    macros : mapping of str to str
        Expanded macros by name.

    Raises
    ------
    PatternError
        If a macro is unknown.

    Examples
    --------
    >>> expand("退{money}", {"money": "钱|款"})
    '退(?:钱|款)'
    """
    return _MACRO.sub(lambda found: _written_out(found, macros, grouped=True), pattern)


def anchored(pattern: str, macros: Mapping[str, str]) -> AnchoredPattern:
    """Return a pattern cut at its one anchor group.

    Parameters
    ----------
    pattern : str
        Text of the pattern, e.g. ``"要{c6}⟨退款|退钱⟩"``.
    macros : mapping of str to str
        Expanded macros by name.

    Raises
    ------
    PatternError
        If there is no anchor group or more than one, if an anchor is not a literal, or if a macro is unknown.

    Examples
    --------
    >>> anchored("要{c6}⟨退款|退钱⟩", {}).anchors
    ('退款', '退钱')
    """
    text = expand(_ANCHOR.sub(lambda group: _plain(group[0], macros), pattern), macros)
    groups = _ANCHOR.findall(text)
    if len(groups) != 1:
        raise PatternError(f"pattern {pattern!r} has {len(groups)} anchor groups ⟨a|b⟩; exactly one is needed")
    anchors = tuple(dict.fromkeys(groups[0].split("|")))
    for anchor in anchors:
        if not anchor or _NOT_LITERAL.search(anchor):
            raise PatternError(f"anchor {anchor!r} of pattern {pattern!r} is not a plain word")
    before, rest = text.split("⟨")
    lead = _joined([before + r"\Z"], searched=True) if before else None
    return AnchoredPattern(lead, Expression("(?:" + rest.replace("⟩", ")", 1)), anchors, before, rest.partition("⟩")[2])


def union(patterns: Sequence[str], macros: Mapping[str, str], *, searched: bool = False) -> Expression | None:
    """Return one expression that matches where any of `patterns` does, or None for no patterns.

    Parameters
    ----------
    patterns : sequence of str
        Texts of the patterns; anchors are not needed.
    macros : mapping of str to str
        Expanded macros by name.
    searched : bool
        See :class:`Expression`.

    Raises
    ------
    PatternError
        If a macro is unknown.
    """
    return _joined([expand(pattern, macros) for pattern in patterns], searched=searched) if patterns else None


def _plain(text: str, macros: Mapping[str, str]) -> str:
    return _MACRO.sub(lambda found: _written_out(found, macros, grouped=False), text)


def _joined(texts: Sequence[str], *, searched: bool = False) -> Expression:
    return Expression("|".join(f"(?:{text})" for text in texts), searched=searched)


def _written_out(found: re.Match[str], macros: Mapping[str, str], *, grouped: bool) -> str:
    name, width = found.groups()
    if width and name in _GAPS:
        return f"{_GAPS[name]}{{0,{width}}}?"
    if width or name not in macros:
        allowed = ", ".join([*sorted(macros), "c<N>", "s<N>", "x<N>"])
        raise PatternError(f"unknown macro {found[0]!r}; allowed: {allowed}")
    return f"(?:{macros[name]})" if grouped else macros[name]
