"""Personal data: what is masked and what is left alone. All numbers are invented."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from complaint_motive.features.normalize import encode, fold_characters
from complaint_motive.features.privacy import find_pii, mask_pii, may_hold_pii

FOUND = [
    ("mobile", "打13800138000找我", "打[手机号]找我"),
    ("mobile glued to letters", "tel13912345678", "tel[手机号]"),
    ("mobile with blanks", "138 0013 8000", "[手机号]"),
    ("mobile with hyphens", "138-0013-8000", "[手机号]"),
    ("mobile with +86", "+8613800138000", "[手机号]"),
    ("mobile with +86 and blank", "+86 138 0013 8000", "[手机号]"),
    ("mobile with 0086", "0086-13800138000", "[手机号]"),
    ("mobile with 86", "8613800138000", "[手机号]"),
    ("mobile full width", "１３８００１３８０００", "[手机号]"),
    ("mobile 19x", "19900001111，", "[手机号]，"),
    ("two mobiles", "13800138000/13912345678", "[手机号]/[手机号]"),
    ("landline", "010-62345678", "[电话]"),
    ("landline of four digits", "0755 82345678", "[电话]"),
    ("landline in brackets", "(021)52345678", "[电话]"),
    ("landline full-width brackets", "（021）52345678", "[电话]"),
    ("landline without hyphen", "057187654321", "[电话]"),
    ("service number", "400-123-4567", "[电话]"),
    ("service number in one", "8008208820", "[电话]"),
    ("identity number", "身份证11010519491231002X", "身份证[身份证号]"),
    ("identity number, small x", "44030819990110123x", "[身份证号]"),
    ("identity number, digits only", "330102200512310047", "[身份证号]"),
    ("identity number with blanks", "110105 19491231 002X", "[身份证号]"),
    ("identity number full width", "１１０１０５１９４９１２３１００２Ｘ", "[身份证号]"),
    ("card of 16", "卡号6228481901011234", "卡号[银行卡号]"),
    ("card of 19", "6222020000000000018", "[银行卡号]"),
    ("card in groups", "6222 0200 0000 0000 018", "[银行卡号]"),
    ("card with hyphens", "4111-1111-1111-1111", "[银行卡号]"),
    ("e-mail", "发到abc.def+1@mail.example.com吧", "发到[邮箱]吧"),
    ("e-mail full width", "ａｂｃ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[邮箱]"),
    ("e-mail of digits", "123456@example.com", "[邮箱]"),
    ("plate", "车牌京A12345堵路", "车牌[车牌]堵路"),
    ("plate with a dot", "沪B·1A2C3", "[车牌]"),
    ("plate in small letters", "粤b12345", "[车牌]"),
    ("new energy plate", "浙AD12345", "[车牌]"),
    ("police plate", "豫K1234警", "[车牌]"),
    ("full-width plate", "京Ａ１２３４５", "[车牌]"),
]  # fmt: skip

LEFT = [
    ("amount", "赔我1380013元"),
    ("mobile too short", "1380013800"),
    ("mobile too long", "138001380001"),
    ("second digit", "12800138000"),
    ("order number", "订单20231105123456789012345"),
    ("identity number, wrong checksum", "110105194912310021"),
    ("identity number, wrong month", "11010519491331002X"),
    ("card, Luhn fails", "6228481901011235"),
    ("card of 12", "622848190101"),
    ("date", "2024-05-01 10:20:30"),
    ("hotline", "12315和12345都打了"),
    ("short landline", "62345678"),
    ("landline beginning with 1", "010-12345678"),
    ("at sign alone", "@客服 快点"),
    ("no domain", "abc@def"),
    ("plate without digits", "京ABCDEF"),
    ("plate with I", "京I12345"),
    ("province in a word", "新A座12345层"),
    ("model", "苏A区的3号楼"),
    ("empty", ""),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_personal_data_are_masked_by_type(text, expected):
    assert mask_pii(text) == expected
    folded = encode(fold_characters(text))
    assert may_hold_pii(folded, np.array([0, len(folded)])).all()


@pytest.mark.parametrize("text", [row[1] for row in LEFT], ids=[row[0] for row in LEFT])
def test_other_numbers_are_left(text):
    assert mask_pii(text) == text


def test_kinds_and_spans():
    text = "13800138000,ab@example.com"
    assert [(s.kind, text[s.start : s.end]) for s in find_pii(text)] == [
        ("phone", "13800138000"),
        ("email", "ab@example.com"),
    ]


RANGES = [
    ("before", 0, 2, "回电"),
    ("cut at its end", 0, 6, "回电[手机号]"),
    ("cut at its start", 6, 15, "[手机号],谢"),
    ("inside", 5, 8, "[手机号]"),
    ("behind", 13, 16, ",谢谢"),
]


@pytest.mark.parametrize(("start", "end", "expected"), [row[1:] for row in RANGES], ids=[row[0] for row in RANGES])
def test_a_range_that_cuts_a_number_shows_none_of_it(start, end, expected):
    assert mask_pii("回电13800138000,谢谢", start, end) == expected


PIECES = st.sampled_from([
    "13800138000", "1", "0", "-", " ", "6228481901011234", "11010519491231002X", "ab@example.com", "京A12345", "８６",
    "010", "62345678", "元", "。", "\ud800", "a",
])  # fmt: skip


def test_a_plate_ends_where_a_number_begins():
    assert mask_pii("京A12345a13800138000到了") == "[车牌][手机号]到了"


@given(st.lists(PIECES, max_size=12).map("".join))
@example("京A12345a13800138000")
def test_nothing_is_found_after_masking(text):
    assert list(find_pii(fold_characters(mask_pii(text)))) == []


@given(st.lists(st.one_of(PIECES, st.characters()), max_size=12).map("".join))
def test_what_is_found_could_be_foreseen(text):
    folded = fold_characters(text)
    spans = list(find_pii(folded))
    assert all(a.end <= b.start for a, b in pairwise(spans))
    codes = encode(folded)
    assert may_hold_pii(codes, np.array([0, len(codes)])).all() or not spans
