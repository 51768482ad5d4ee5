"""The short cuts of the cue search: literals found as arrays, expressions not run where they cannot match."""

import random
import re
import sys

import numpy as np
import pytest

from complaint_motive.features import compiled
from complaint_motive.features.cue_gates import FEW, Gates
from complaint_motive.features.cue_literals import LiteralScan
from complaint_motive.features.cue_needs import Branch, Need
from complaint_motive.features.cue_patterns import Expression
from complaint_motive.features.cue_syntax import branches_of, first_characters
from complaint_motive.features.cue_text import code_points

PATTERNS = [
    "退款|退钱",
    "(?:我|客户){0,2}要(?:求|你们)?[^。,]{0,4}?退(?:款|钱)",
    r"(?:\d+(?:[.,]\d+)*|[一二三])(?:多|来)?(?:个)?",
    "(?<!不)要(?!求)[退赔]{1,2}",
    "再?不(?:退|赔).(?:就|我)",
    r"一块[,。\x1e]|\d{2}元",
    "(?:要|退|){2}款",
    "赔+[a-c]",
    "😀退",
    "[^退]款",
    "(?i:ABC)",
    "退{",
    "(退)\\1",
]
ALPHABET = "我要退赔款钱求不再一二就,。12.个多来a😀😃块元{"


def texts(count, length, seed=0):
    chooser = random.Random(seed)
    return ["".join(chooser.choices(ALPHABET, k=length)) + "\x1e" for _ in range(count)]


@pytest.mark.parametrize(
    ("literals", "text"),
    [
        pytest.param(["退", "退款", "退款单", "款"], "退退款单款", id="overlapping"),
        pytest.param(["abcdefghijklm", "abcd", "abcde"], "xabcdefghijklmabcde", id="longer than a word"),
        pytest.param(["ab", "a"], "a\0ab\0\0", id="nul"),
        pytest.param(["b😀", "😀", "b"], "b😃b😀", id="outside the basic plane"),
        pytest.param(["ab"], "", id="empty"),
        pytest.param(["ab"], "a", id="one character"),
        pytest.param([], "a", id="no literals"),
    ],
)
def test_literals_are_found_wherever_they_stand(literals, text):
    found = zip(*(part.tolist() for part in LiteralScan(literals).find(text, code_points(text))), strict=True)
    expected = [
        (index, start, start + len(literal))
        for index, literal in enumerate(literals)
        for start in range(len(text))
        if text.startswith(literal, start)
    ]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("backward", [True, False])
def test_no_gate_closes_before_a_match(pattern, backward):
    expression = re.compile(f"(?:{pattern})\\Z" if backward else pattern)
    grouped = f"(?:{pattern})"
    edged = Gates([branches_of(grouped, backward=backward)], edged=True)
    free = Gates([branches_of(grouped, backward=backward)], edged=False)
    for text in texts(300, 12):
        one = np.zeros(1, dtype=np.int64)
        window = (code_points(text), one, one, one + len(text) - 1)
        matches = expression.search if backward else expression.match
        if matches(text, 0, len(text) - 1):
            assert edged.may_match(*window, backward=backward)
        if re.search(pattern, text[:-1]):
            assert free.may_match(*window, backward=False)


def test_gates_close():
    gates = Gates([branches_of("要[^。]{0,4}?(?:退款|赔钱)", backward=False)], edged=False)
    codes = code_points("我要退票\x1e我要退款\x1e")
    low, high = np.array([0, 5]), np.array([4, 9])
    assert gates.may_match(codes, np.zeros(2, dtype=np.int64), low, high, backward=False).tolist() == [False, True]
    assert FEW > 0


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_look_at_the_first_character_changes_nothing(pattern):
    guarded = Expression(pattern, searched=True).regex
    for text in texts(300, 12, seed=1):
        assert [match.span() for match in guarded.finditer(text)] == [
            match.span() for match in re.finditer(pattern, text)
        ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("[赔退]款|(?:再|还)?不理", "赔退再还不"), ("(?!不)退", "退"), (".退", None), ("退?", None), ("(?i:a)", None)],
)
def test_first_characters(pattern, expected):
    assert first_characters(pattern) == expected


@pytest.mark.parametrize("compiled_from", [0, sys.maxsize], ids=["compiled", "numpy"])
@pytest.mark.parametrize("edged", [True, False])
def test_a_gate_may_tell_more_than_255_kinds_of_characters(edged, compiled_from, monkeypatch):
    monkeypatch.setattr(compiled, "_WORTH", compiled_from)
    # thirty branches of pairs: each character is needed by a set of branches of its own
    signs = [chr(0x4E00 + k) for k in range(300)]
    sets = [[sign for k, sign in enumerate(signs) if k + 1 >> bit & 1] for bit in range(9)]
    gates = Gates([[Branch((Need(tuple(some), 1, 0.1),), None, 1) for some in sets]], edged=edged)
    text = "".join(signs) + "退退"
    windows = np.arange(len(text) - 1)
    opened = gates.may_match(code_points(text), np.zeros_like(windows), windows, windows + 1, backward=False)
    # a look at the edge reaches two characters beyond the window
    assert opened[:300].all()
    assert not opened[300]
