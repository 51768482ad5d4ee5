"""The small pattern language of ``resources/cues.toml``: macros, gaps and literal anchors on top of regular expressions.

``⟨a|b⟩`` marks the literals that one multi-pattern scan looks for; the regular expression runs only around a place where one
of them stands. ``{name}`` inserts a macro, ``{c8}`` up to 8 characters of the same clause, ``{s8}`` of the same sentence,
``{x8}`` of the same document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["CLAUSE_MARKS", "SENTENCE_MARKS", "AnchoredPattern", "PatternError", "anchored", "expand", "union"]

SENTENCE_MARKS = "。!?;\n\x1e"
CLAUSE_MARKS = SENTENCE_MARKS + ",:… ~"
_GAPS = {"c": "[^。!?;\n\x1e,:]", "s": "[^。!?;\n\x1e]", "x": "[^\x1e]"}
_MACRO = re.compile(r"\{([a-z_]+)(\d*)\}")
_ANCHOR = re.compile(r"⟨([^⟨⟩]*)⟩")
_NOT_LITERAL = re.compile(r"[\\^$.*+?()\[\]{}\s\x1e]")


class PatternError(ValueError):
    """A pattern that cannot be compiled; the caller adds file, entry and key."""


@dataclass(frozen=True, slots=True)
class AnchoredPattern:
    """A compiled pattern with the literals that lead to it.

    Attributes
    ----------
    regex : re.Pattern of str
        The compiled expression.
    anchors : tuple of str
        Literals, one of which is part of every match.
    leads : bool
        True where every match begins with its anchor, so that one look at the anchor's place is enough.
    """

    regex: re.Pattern[str]
    anchors: tuple[str, ...]
    leads: bool


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
    """Return the compiled form of a pattern that has exactly one anchor group.

    Parameters
    ----------
    pattern : str
        Text of the pattern, e.g. ``"要{c6}⟨退款|退钱⟩"``.
    macros : mapping of str to str
        Expanded macros by name.

    Raises
    ------
    PatternError
        If there is no anchor group or more than one, if an anchor is not a literal, or if the expression is malformed.

    Examples
    --------
    >>> anchored("要{c6}⟨退款|退钱⟩", {}).anchors
    ('退款', '退钱')
    """
    raw = _ANCHOR.sub(lambda anchor: _MACRO.sub(lambda found: _written_out(found, macros, grouped=False), anchor[0]), pattern)
    text = expand(raw, macros)
    groups = _ANCHOR.findall(text)
    if len(groups) != 1:
        raise PatternError(f"pattern {pattern!r} has {len(groups)} anchor groups ⟨a|b⟩; exactly one is needed")
    anchors = tuple(dict.fromkeys(groups[0].split("|")))
    for anchor in anchors:
        if not anchor or _NOT_LITERAL.search(anchor):
            raise PatternError(f"anchor {anchor!r} of pattern {pattern!r} is not a plain word")
    return AnchoredPattern(_compiled(_ANCHOR.sub(r"(?:\1)", text)), anchors, text.startswith("⟨"))


def union(patterns: Sequence[str], macros: Mapping[str, str]) -> re.Pattern[str] | None:
    """Return one expression that matches where any of `patterns` does, or None for no patterns.

    Parameters
    ----------
    patterns : sequence of str
        Texts of the patterns; anchors are not needed.
    macros : mapping of str to str
        Expanded macros by name.

    Raises
    ------
    PatternError
        If a pattern is malformed.
    """
    if not patterns:
        return None
    return _compiled("|".join(f"(?:{_compiled(expand(pattern, macros)).pattern})" for pattern in patterns))


def _written_out(found: re.Match[str], macros: Mapping[str, str], *, grouped: bool) -> str:
    name, width = found.groups()
    if width and name in _GAPS:
        return f"{_GAPS[name]}{{0,{width}}}?"
    if width or name not in macros:
        allowed = ", ".join([*sorted(macros), "c<N>", "s<N>", "x<N>"])
        raise PatternError(f"unknown macro {found[0]!r}; allowed: {allowed}")
    return f"(?:{macros[name]})" if grouped else macros[name]


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise PatternError(f"malformed pattern {text!r}: {error}") from error
