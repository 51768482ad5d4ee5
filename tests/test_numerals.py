"""Numbers as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_motive.features.numerals import NUMBER, is_vague, parse_number, parse_year

ROWS = [
    ("5", 5),
    ("1,299.50", 1299.5),
    ("1.2万", 12000),
    ("3万5千", 35000),
    ("2千5", 2500),
    ("3k", 3000),
    ("2w", 20000),
    ("30多万", 300000),
    ("三百八", 380),
    ("三百零八", 308),
    ("三百五十", 350),
    ("两千三", 2300),
    ("一千零五", 1005),
    ("一万二", 12000),
    ("十二万八", 128000),
    ("一百零五万", 1050000),
    ("一亿五千万", 150000000),
    ("十", 10),
    ("十五", 15),
    ("廿三", 23),
    ("俩", 2),
    ("仨", 3),
    ("半", 0.5),
    ("三点五", 3.5),
    ("一点五万", 15000),
    ("壹佰贰拾叁", 123),
    ("三十几", 30),
    ("十几", 10),
    ("几十", 20),
    ("几百", 200),
    ("好几百", 300),
    ("数十", 20),
    ("五六百", 500),
    ("两三千", 2000),
    ("一百来", 100),
    ("两千多", 2000),
    ("一万五六", 15000),
]
NO_NUMBERS = ["", "万", "千百", "百万千", "一二三", "很多", "三点", "点五", "abc", "12.3.4", "一百万亿千万", "十十"]


@pytest.mark.parametrize(("words", "value"), ROWS, ids=[row[0] for row in ROWS])
def test_value(words, value):
    assert parse_number(words) == value


@pytest.mark.parametrize("words", NO_NUMBERS)
def test_no_number(words):
    assert parse_number(words) is None


@pytest.mark.parametrize(
    ("words", "year"), [("2023", 2023), ("二〇二三", 2023), ("二零一九", 2019), ("23", 2023), ("1998", 1998)]
)
def test_year(words, year):
    assert parse_year(words) == year


@pytest.mark.parametrize("words", ["三百", "1800", "123", "二千", "55"])
def test_no_year(words):
    assert parse_year(words) is None


@pytest.mark.parametrize(
    ("words", "vague"),
    [
        ("三百多块", True),
        ("好几次", True),
        ("五六百", True),
        ("十来个", True),
        ("上万元", True),
        ("三百八", False),
        ("20", False),
    ],
)
def test_vague(words, vague):
    assert is_vague(words) is vague


def _section(number: int) -> str:
    """Return a number below ten thousand in Chinese numerals."""
    words, gap = "", False
    for scale, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            words += ("零" if gap and words else "") + "零一二三四五六七八九"[digit] + mark
            gap = False
        else:
            gap = True
    return words


def _spell(number: int) -> str:
    """Return a number below 10**12 in Chinese numerals, in full."""
    words = ""
    for scale, mark in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, scale)
        if part:
            words += ("零" if words and part < 1000 else "") + _section(part) + mark
    return words


@given(st.one_of(st.integers(1, 10**5), st.integers(1, 10**12 - 1)))
@settings(max_examples=300, deadline=None)
def test_round_trip(number):
    words = _spell(number)
    assert parse_number(words) == number
    assert re.fullmatch(NUMBER, words)


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([("百", 100), ("千", 1000), ("万", 10000)]))
def test_round_trip_of_short_forms(first, second, scale):
    digits = "零一二三四五六七八九"
    assert parse_number(digits[first] + scale[0] + digits[second]) == first * scale[1] + second * scale[1] // 10


@given(st.text(alphabet="零一二三四五六七八九十百千万亿几半点多来余0123456789.,kw", max_size=12))
@settings(max_examples=300, deadline=None)
def test_never_fails(words):
    value = parse_number(words)
    assert value is None or value >= 0
