"""Numbers as people write them: ``1.2万``, ``三百八``, ``两千五六``, ``3k``, ``三十几``.

Written here because the maintained converter (cn2an 0.5) rejects spoken forms (三千多, 五六百, 俩, 半, 3k), fails
on some short ones (一亿二) and adds a dependency of its own and a quarter of a second to a cold start.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["HAN_NUMERALS", "NUMBER", "is_vague", "parse_number", "parse_year"]

_DIGITS = {c: k for k, c in enumerate("零一二三四五六七八九")} | {c: k for k, c in enumerate("〇壹贰叁肆伍陆柒捌玖")}
_DIGITS |= {"两": 2, "俩": 2, "仨": 3, "几": 2, "数": 2}
_SCALES = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "k": 1000,
    "万": 10**4,
    "w": 10**4,
    "亿": 10**8,
}
HAN_NUMERALS = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟俩仨廿卅几"
"""Characters of Chinese numerals, for character classes."""
_FIGURE = r"(?<![\d.])\d+(?:,\d{3})*(?:\.\d+)?"

NUMBER = (
    rf"(?:{_FIGURE}(?:[kw](?![a-z\d])|[多来余]?[十百千万亿][{HAN_NUMERALS}\d]*)?"
    rf"|(?:(?<![人次参分少系岁总字倍级])数(?=[十百千万]))?[{HAN_NUMERALS}]+(?:[多来余][万亿]+|点[零〇一二三四五六七八九]+[百千万亿]?)?)"
)
"""Source of the regular expression for a number; what it matches may still be no number for :func:`parse_number`."""

_TOKEN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|.", re.DOTALL)
_AROUND = re.compile(r"^(?:大概|大约|将近|差不多|好|约|近|足足|整整)+|[多来余]+(?=[十百千万亿]|$)")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_VAGUE = re.compile(
    r"[几多来余约近]|数[十百千万次]|上[百千万]|左右|上下|差不多|大概|一二|二三|两三|三四|三五|四五|五六|六七|七八|八九"
)


def is_vague(words: str) -> bool:
    """Return whether the words of a figure leave it open, so that its value is only the least they can mean.

    Examples
    --------
    >>> is_vague("三百多块"), is_vague("好几次"), is_vague("三百八")
    (True, True, False)
    """
    return _VAGUE.search(words) is not None


def parse_year(words: str) -> int | None:
    """Return a year written digit by digit; two digits mean this century.

    Examples
    --------
    >>> parse_year("二〇二三"), parse_year("23"), parse_year("三百")
    (2023, 2023, None)
    """
    digits = "".join(c if c.isdecimal() else str(_DIGITS.get(c, "?")) for c in words)
    if not (digits.isdecimal() and len(digits) in (2, 4)):
        return None
    year = int(digits)
    return 2000 + year if year < 50 else year if 1950 <= year < 2100 else None


@lru_cache(maxsize=4096)
def parse_number(words: str) -> float | None:
    """Return the value of a number in digits, Chinese numerals or both; None where the words are no number.

    Where the words leave the figure open, the value is the least they can mean: ``三十几`` 30, ``五六百`` 500,
    ``几百`` 200, ``好几百`` 300.

    Parameters
    ----------
    words : str
        The number without its unit, half width and lower case.

    Returns
    -------
    float or None

    Examples
    --------
    >>> [parse_number(words) for words in ("三百八", "1.2万", "两千零五", "3k", "十来", "一点五万", "万千")]
    [380.0, 12000.0, 2005.0, 3000.0, 10.0, 15000.0, None]
    """
    several = 3 if words.startswith("好几") else 2
    words = _AROUND.sub("", words)
    if _PLAIN.fullmatch(words):
        return float(words)
    if words == "半":
        return 0.5
    whole, point, fraction = words.partition("点")
    if point:
        return _decimal(whole, fraction)
    tokens = _TOKEN.findall(words.replace("廿", "二十").replace("卅", "三十"))
    if not tokens or all(token in _SCALES and token not in "十拾" for token in tokens):
        return None
    return _evaluate(tokens, several)


def _decimal(whole: str, fraction: str) -> float | None:
    digits = [str(_DIGITS[c]) for c in fraction if c in _DIGITS]
    scale = _SCALES.get(fraction[-1:], 1)
    left = parse_number(whole)
    if left is None or not digits or len(digits) + (scale > 1) != len(fraction):
        return None
    return round(float(f"{left:.0f}.{''.join(digits)}") * scale, 6)


def _evaluate(tokens: list[str], several: int) -> float | None:
    """Return the value of digit and scale tokens: sections below 万 and 亿 are summed, then multiplied."""
    total = section = 0.0
    pending: float | None = None
    last, zero = 0, False
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token in _SCALES:
            scale = _SCALES[token]
            if scale >= 10**4:
                amount = section + (pending or 0.0) or float(total == 0)
                if 10**4 <= last <= scale and not pending and not section:
                    return None
                total, section = (total + amount) * scale if scale > 10**4 else total + amount * scale, 0.0
            elif 0 < last <= scale:
                return None
            else:
                section += (1.0 if pending is None else pending) * scale
            pending, last, zero = None, scale, False
            continue
        value = _digit(token, several, following)
        if value is None or (pending is not None and not _continues(pending, value, token)):
            return None
        zero = zero or (value == 0 and token in "零〇")
        pending = value if pending in (None, 0.0) else pending
    return _close(total + section, pending, last, zero, tokens[-1])


def _digit(token: str, several: int, following: str) -> float | None:
    if token[0].isdecimal():
        return float(token.replace(",", ""))
    if token in "几数":
        return float(several) if following else -1.0
    value = _DIGITS.get(token)
    return None if value is None else float(value)


def _continues(pending: float, value: float, token: str) -> bool:
    """Return whether a second digit may follow a digit: 零 before it, or a range such as 五六, 三五."""
    return pending == 0 or (not token[0].isdecimal() and (value == pending + 1 or (pending, value) == (3, 5)))


def _close(total: float, pending: float | None, last: int, zero: bool, end: str) -> float | None:
    """Return the total with the digit that stands last: 三百八 = 380, 三百零八 = 308, 三十几 = 30."""
    if pending is None:
        return total
    if pending < 0:
        return total if total else 2.0
    if last >= 100 and not zero and pending < 10 and (len(end) == 1):
        pending *= last / 10
    return total + pending
