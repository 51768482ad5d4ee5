"""Normalisation of whole batches, with a map from every character back to the original.

All texts of a batch are joined into one array of code points, so that each step is one numpy operation whatever the
number of texts. Nothing is expanded: a character is replaced by one character or dropped, which keeps the map simple.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.runs import runs
from complaint_motive.transcript import HEAD_LENGTH, INLINE_ENDS, customer_spans

__all__ = ["SEPARATOR", "Normalized", "encode", "fold_characters", "kept_places", "normalize", "speaker_places"]

SEPARATOR = "\x1e"
"""Stands after every document in joined text; it cannot occur inside one, because control characters are dropped."""

_DROPPED_RANGES = (
    (0x00, 0x09), (0x0B, 0x20), (0x7F, 0xA0), (0xAD, 0xAE), (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070),
    (0xD800, 0xF900), (0xFE00, 0xFE10), (0xFEFF, 0xFF00), (0xFFF0, 0x10000), (0xE0000, 0x110000),
)  # fmt: skip
_KEPT_MARKS = frozenset("!?.,;:~…。、-—*_=+^'\"")
_REPEATS = 3


class Normalized(NamedTuple):
    """The normalised documents of a batch, each followed by one :data:`SEPARATOR`.

    Attributes
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of the joined text.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Document i is ``codes[bounds[i]:bounds[i + 1] - 1]``.
    origin : ndarray of int64, shape (n_characters,)
        Offset of each character in its own original text, in code points.
    attributed : ndarray of bool, shape (n_documents,)
        True where speaker turns were told apart and only the customer's kept.
    """

    codes: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    origin: NDArray[np.int64]
    attributed: NDArray[np.bool_]


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Return the character table: code point in, code point out; 0 = dropped."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)
    resource = files("complaint_motive") / "resources" / "t2s.txt"
    traditional, simplified = resource.read_text(encoding="utf-8").split()
    table[encode(traditional)] = encode(simplified)
    upper = np.arange(0x41, 0x5B)
    table[upper] = upper + 0x20
    table[upper + 0xFEE0] = upper + 0x20
    for start, stop in _DROPPED_RANGES:
        table[start:stop] = 0
    table[encode("\t\r\u00a0\u3000\u2028\u2029\x0b\x0c\x85")] = 0x20
    for character, plain in {"‘": "'", "’": "'", "﹐": ",", "﹗": "!", "﹖": "?", "–": "-", "￥": "¥"}.items():
        table[ord(character)] = ord(plain)
    table[0x2000:0x200B] = 0x20
    return table


@lru_cache(maxsize=1)
def _marks() -> NDArray[np.bool_]:
    marks = np.zeros(0x10000, dtype=np.bool_)
    marks[[ord(mark) for mark in _KEPT_MARKS]] = True
    return marks


@lru_cache(maxsize=1)
def _role_ends() -> NDArray[np.bool_]:
    ends = np.zeros(0x10000, dtype=np.bool_)
    ends[[ord(character) for character in INLINE_ENDS]] = True
    return ends


def encode(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def fold_characters(text: str) -> str:
    """Return the text with each character folded (width, script, case); characters that are dropped become spaces.

    The length stays the same.

    Examples
    --------
    >>> fold_characters("退還ＡＢＣ！")
    '退还abc!'
    """
    folded = _table()[encode(text)]
    folded[folded == 0] = 0x20
    return folded.astype("<u4").tobytes().decode("utf-32-le")


@accelerated
def speaker_places(
    codes: NDArray[np.uint32], starts: NDArray[np.int64], role_ends: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where speakers may be told: at the beginning of a line, or within one.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Folded code points of the joined text.
    starts : ndarray of int64, shape (n_documents + 1,)
        Where the documents begin, and the end of the last.
    role_ends : ndarray of bool, shape (65536,)
        Which characters end a role that is told within a line.

    Returns
    -------
    heads : ndarray of int64, shape (n_lines, 2)
        Beginning and first colon of the lines that have one near their beginning.
    inline : ndarray of int64, shape (n,)
        Colons behind the end of a role.
    """
    lines = np.append(0, np.flatnonzero(codes == 0x0A) + 1)
    colons = np.flatnonzero(codes == ord(":"))
    begun = np.maximum(*(begins[np.searchsorted(begins, colons, side="right") - 1] for begins in (starts, lines)))
    near = np.flatnonzero(colons - begun < HEAD_LENGTH)
    heads = near[np.diff(begun[near], prepend=-1) > 0]
    inline = colons[role_ends.take(codes.take(colons - 1), mode="clip")]
    return np.column_stack((begun[heads], colons[heads])), inline


def _drop_agents(codes: NDArray[np.uint32], texts: Sequence[str], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    attributed = np.zeros(len(texts), dtype=np.bool_)
    # a text in which no line has a colon near its beginning has no speakers
    heads, inline = speaker_places(codes, starts, _role_ends())
    own = np.searchsorted(starts, heads[:, 0], side="right") - 1
    offsets, colons = (heads - starts[own, None]).T.tolist()
    some, begins = np.searchsorted(inline, starts).tolist(), starts.tolist()
    inline_colons = (inline - np.repeat(starts[:-1], np.diff(some))).tolist()
    for i, first, last in runs(own):
        heads_of = zip(offsets[first:last], colons[first:last], strict=True)
        spans = customer_spans(texts[i], heads_of, inline_colons[some[i] : some[i + 1]])
        if spans is None:
            continue
        attributed[i] = True
        at = begin = begins[i]
        for start, end in spans:
            codes[at : begin + start] = 0
            if start:
                codes[begin + start - 1] = 0x0A
            at = begin + end
        codes[at : begins[i + 1] - 1] = 0
    return attributed


@accelerated
def kept_places(codes: NDArray[np.uint32], marks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where characters stay: not those that are dropped, and of repeated blanks and marks only the first ones.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Folded code points of the joined text, 0 = dropped.
    marks : ndarray of bool, shape (65536,)
        Which characters stay three times in a row at most.
    """
    kept = np.flatnonzero(codes)
    # Blanks may come together only once the characters between them are gone, so this runs on what was kept.
    kept = kept.take(np.flatnonzero(~_redundant(codes.take(kept), marks)))
    breaks = np.flatnonzero(codes.take(kept) == 0x0A)
    doubled = breaks[1:][np.diff(breaks) == 1]
    return np.delete(kept, doubled) if len(doubled) else kept


def _redundant(codes: NDArray[np.uint32], marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which characters repeat what stands before them: blanks after blanks, marks after three of their like."""
    drop = np.zeros(len(codes), dtype=np.bool_)
    blank = (codes == 0x20) | (codes == 0x0A) | (codes == 0x1E)
    drop[:1] = codes[:1] == 0x20
    drop[1:] = (codes[1:] == 0x20) & blank[:-1]
    drop[1:] |= (codes[1:] == 0x0A) & (codes[:-1] == 0x0A)
    same = np.ones(max(len(codes) - _REPEATS, 0), dtype=np.bool_)
    for k in range(_REPEATS):
        same &= codes[_REPEATS:] == codes[k : len(codes) - _REPEATS + k]
    same &= marks.take(codes[_REPEATS:], mode="clip")
    drop[_REPEATS:] |= same
    return drop


def normalize(texts: Sequence[str]) -> Normalized:
    """Return the normalised customer words of each text.

    Full width becomes half width, traditional becomes simplified, upper becomes lower case; control, zero-width and
    private-use characters and lone surrogates are dropped; blanks in a row become one, a punctuation mark stands at
    most three times in a row; agents' turns are left out.

    Parameters
    ----------
    texts : sequence of str
        Original texts.

    Returns
    -------
    Normalized
        Joined code points with document bounds and offsets into the originals.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(lengths + 1, out=starts[1:])
    codes = _table().take(encode(SEPARATOR.join([*texts, ""])))
    codes[starts[1:] - 1] = ord(SEPARATOR)
    attributed = _drop_agents(codes, texts, starts)
    kept = kept_places(codes, _marks())
    codes = codes.take(kept)
    bounds = np.zeros(len(texts) + 1, dtype=np.int64)
    bounds[1:] = np.searchsorted(kept, starts[1:])
    return Normalized(codes, bounds, kept - np.repeat(starts[:-1], np.diff(bounds)), attributed)
