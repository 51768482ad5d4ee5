"""Personal data in Chinese texts: found, typed, masked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated

__all__ = [
    "AT",
    "DIGIT",
    "GAP",
    "LETTER",
    "MIN_DIGITS",
    "PII_MARKS",
    "PROVINCE",
    "PiiSpan",
    "enough_roles",
    "find_pii",
    "mask_pii",
    "mask_spans",
    "may_be_private",
    "may_hold_pii",
    "pii_spans",
]

_LABELS = {
    "phone": "[手机号]",
    "landline": "[电话]",
    "id_number": "[身份证号]",
    "bank_card": "[银行卡号]",
    "email": "[邮箱]",
    "plate": "[车牌]",
}
PII_MARKS = {kind: chr(0xE001 + k) for k, kind in enumerate(_LABELS)}
"""Private-use character that stands for each kind of personal data in normalised text."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTERS = "A-HJ-NP-Za-hj-np-z"
_PATTERN = re.compile(
    rf"""(?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)
    |(?<![0-9])(?:
     (?P<id_number>[1-9][0-9]{{5}}[ -]?
        (?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{{3}}[0-9Xx])
    |(?P<phone>(?:(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{{4}}){{2}})
    |(?P<bank_card>[3-6][0-9]{{3}}(?:[ -]?[0-9]{{4}}){{2,3}}(?:[ -]?[0-9]{{1,7}})?)
    |(?P<landline>\(?0[1-9][0-9]{{1,2}}\)?[ -]?[2-9][0-9]{{6,7}}|[48]00[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}))
     (?:(?<=[Xx])|(?![0-9]))
    |(?P<plate>[{_PROVINCES}][{_LETTERS}][·.• -]?
        (?:[0-9{_LETTERS}]{{4}}[0-9{_LETTERS}挂学警港澳]|[0-9{_LETTERS}]{{6}}))(?![A-Za-z0-9])""",
    re.VERBOSE,
)
_STRETCH = re.compile(rf"[0-9+(][0-9 ()+-]{{9,}}|[{_PROVINCES}][{_LETTERS}]")
"""Where personal data other than an e-mail address begins: in a stretch of digits, or at a plate."""
MIN_DIGITS = 10
"""Digits of the shortest number that is personal data."""
_HIDDEN = "\ue000"


DIGIT, GAP, AT, PROVINCE, LETTER = 1, 2, 4, 8, 16
"""Bits of what a character may be to personal data: part of a number, of an e-mail address, of a plate."""


@lru_cache(maxsize=1)
def _roles() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, dtype=np.uint8)
    table[0x30:0x3A] = DIGIT
    table[[ord(gap) for gap in " ()+-"]] = GAP
    table[ord("@")] = AT
    table[0x41:0x5B] = table[0x61:0x7B] = LETTER
    table[[ord(province) for province in _PROVINCES]] = PROVINCE
    return table


class PiiSpan(NamedTuple):
    """A span of personal data: kind and half-open range of code points."""

    kind: str
    start: int
    end: int


def _digits(text: str) -> str:
    return re.sub(r"[ -]", "", text)


def _id_checks(text: str) -> bool:
    digits = _digits(text).upper()
    remainder = sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False)) % 11
    return digits[17] == "10X98765432"[remainder]


def _luhn_checks(text: str) -> bool:
    digits = _digits(text)
    total = sum(sum(divmod(int(d) * (1 + k % 2), 10)) for k, d in enumerate(reversed(digits)))
    return 13 <= len(digits) <= 19 and total % 10 == 0


def _plate_checks(text: str) -> bool:
    return any(c.isdigit() for c in text)


_CHECKS: dict[str, Callable[[str], bool]] = {"id_number": _id_checks, "bank_card": _luhn_checks, "plate": _plate_checks}


def may_hold_pii(codes: NDArray[np.uint32], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which documents of a joined batch are worth the pattern: a number of digits enough, an @, or a plate.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Folded code points.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Bounds of the documents.
    """
    return enough_roles(codes, bounds, _roles())


@accelerated
def enough_roles(codes: NDArray[np.uint32], bounds: NDArray[np.int64], roles: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Do what :func:`may_hold_pii` does, given what characters may be to personal data."""
    own = roles.take(codes, mode="clip")
    digits = np.cumsum(own & DIGIT, dtype=np.int64)
    # a number may hold gaps, and ends where anything else stands
    before = np.maximum.accumulate(np.where(own & (DIGIT | GAP), 0, digits))
    found = (digits - before >= MIN_DIGITS) | (own & AT != 0)
    found[:-1] |= (own[:-1] & PROVINCE != 0) & (own[1:] & LETTER != 0)
    worth = np.zeros(len(bounds) - 1, dtype=np.bool_)
    worth[np.searchsorted(bounds, np.flatnonzero(found), side="right") - 1] = True
    return worth


def may_be_private(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return which original texts are worth :func:`pii_spans`.

    Parameters
    ----------
    texts : sequence of str
        Original texts.
    """
    from complaint_motive.features.normalize import encode, fold_characters

    bounds = np.cumsum([0, *(len(text) + 1 for text in texts)])
    return may_hold_pii(encode(fold_characters("\n".join([*texts, ""]))), bounds)


def find_pii(text: str) -> Iterator[PiiSpan]:
    """Yield the personal data of a text, in order.

    Mobile and landline phones, 18-digit identity numbers with a right checksum, bank cards that pass Luhn, e-mail
    addresses, number plates. What is found bounds its neighbours: a plate may end where a number begins.

    Parameters
    ----------
    text : str
        Text with half-width digits (see :func:`~complaint_motive.features.normalize.fold_characters`).

    Examples
    --------
    >>> [span.kind for span in find_pii("打我13800138000,邮箱ab@example.com")]
    ['phone', 'email']
    """
    found: list[PiiSpan] = []
    while fresh := list(_found(text)):
        found += fresh
        for _, start, end in fresh:
            text = text[:start] + _HIDDEN * (end - start) + text[end:]
    yield from sorted(found, key=lambda span: span.start)


def _found(text: str) -> Iterator[PiiSpan]:
    for match in _PATTERN.finditer(text) if "@" in text else _numbers(text):
        kind = str(match.lastgroup)
        if kind not in _CHECKS or _CHECKS[kind](match.group()):
            yield PiiSpan(kind, match.start(), match.end())


def _numbers(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of the pattern in a text without e-mail addresses, trying it only where one can begin."""
    at = 0
    for stretch in _STRETCH.finditer(text):
        at = max(at, stretch.start())
        while at < stretch.end():
            match = _PATTERN.match(text, at)
            if match:
                yield match
            at = match.end() if match else at + 1


def mask_pii(text: str, start: int = 0, end: int | None = None) -> str:
    """Return ``text[start:end]`` with personal data replaced by its type.

    The whole text is read, so that a number which the range cuts through is masked as well.

    Examples
    --------
    >>> mask_pii("请回电１３８００１３８０００，谢谢")
    '请回电[手机号]，谢谢'
    """
    return mask_spans(text, pii_spans(text), start, len(text) if end is None else end)


def pii_spans(text: str) -> list[PiiSpan]:
    """Return the personal data of an original text, in order; full-width digits count."""
    from complaint_motive.features.normalize import fold_characters

    return list(find_pii(fold_characters(text)))


def mask_spans(text: str, spans: Sequence[PiiSpan], start: int, end: int) -> str:
    """Return ``text[start:end]`` with personal data replaced by its type, its places in the whole text being known.

    Parameters
    ----------
    text : str
        The text.
    spans : sequence of PiiSpan
        All personal data of the text, in order.
    start, end : int
        Half-open range of code points.
    """
    parts, at = [], start
    for k in range(bisect_right(spans, start, key=lambda span: span.end), len(spans)):
        span = spans[k]
        if span.start >= end:
            break
        parts += [text[at : max(span.start, at)], _LABELS[span.kind]]
        at = max(span.end, at)
    return "".join([*parts, text[at:end]])
