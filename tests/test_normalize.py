"""Normalisation: what becomes of characters, and that each one can be found again in the original."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_motive.features.document import read_documents
from complaint_motive.features.normalize import SEPARATOR, encode, fold_characters, normalize
from complaint_motive.features.privacy import PII_MARKS

ANY = st.characters()
"""All code points, lone surrogates included."""

PIECES = st.sampled_from([
    "退", "款", "還", "錢", "Ａ", "ａ", "！", "!", "。", "…", " ", "\u3000", "\n", "\r\n", "\t", "\u200b", "\ufeff",
    "\x00", "\x1e", "\ud83d", "\udc00", "😀", "13800138000", "客服：", "客户:", "é", "\U0010ffff", "\ue001", "～",
    "？？？？",
])  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, ANY), max_size=40).map("".join)


def plain(text: str) -> str:
    normalized = normalize([text])
    return normalized.codes[:-1].astype("<u4").tobytes().decode("utf-32-le")


CASES = [
    ("full width", "ＡＢＣ１２３，。！？", "abc123,。!?"),
    ("brackets", "（一）", "(一)"),
    ("traditional", "退還貨款，請處理", "退还货款,请处理"),
    ("case", "ABC退款", "abc退款"),
    ("zero width", "退\u200b款\ufeff", "退款"),
    ("control", "退\x00\x07款", "退款"),
    ("separator inside", "退\x1e款", "退款"),
    ("lone surrogates", "退\ud83d款\udc00", "退款"),
    ("emoji stays", "退款😀", "退款😀"),
    ("private use", "退\ue001款", "退款"),
    ("variation selector", "❤\ufe0f", "❤"),
    ("many marks", "退款！！！！！！", "退款!!!"),
    ("many dots", "退款。。。。。", "退款。。。"),
    ("three marks", "退款???", "退款???"),
    ("mixed marks", "?!?!?!?!", "?!?!?!?!"),
    ("letters may repeat", "哈哈哈哈哈哈", "哈哈哈哈哈哈"),
    ("digits may repeat", "100000000", "100000000"),
    ("blanks", "退   \t　款", "退 款"),
    ("leading blanks", "   退款", "退款"),
    ("lines", "退\n\n\n款", "退\n款"),
    ("blank lines", "退\n \n  \n款", "退\n款"),
    ("windows lines", "退\r\n款", "退 \n款"),
    ("quotes", "‘退款’", "'退款'"),
    ("yen", "￥100", "¥100"),
    ("zero width between blanks", "退 \u200b 款", "退 款"),
    ("empty", "", ""),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_characters_become_plain(text, expected):
    assert plain(text) == expected


@given(TEXTS)
def test_every_character_maps_back_in_order_and_in_range(text):
    normalized = normalize([text])
    origin = normalized.origin[:-1]
    assert ((origin >= 0) & (origin < max(len(text), 1))).all()
    assert (np.diff(origin) > 0).all()
    assert normalized.origin[-1] == len(text)


@given(TEXTS)
def test_a_character_is_the_folded_form_of_the_one_it_maps_to(text):
    normalized = normalize([text])
    folded = encode(fold_characters(text))
    for code, at in zip(normalized.codes[:-1].tolist(), normalized.origin[:-1].tolist(), strict=True):
        assert code in (folded[at], 0x0A)


@given(TEXTS.filter(lambda text: ":" not in text and "：" not in text))
def test_normal_text_stays_as_it_is(text):
    once = plain(text)
    assert plain(once) == once


@given(TEXTS)
def test_folding_keeps_the_length_and_is_idempotent(text):
    folded = fold_characters(text)
    assert len(folded) == len(text)
    assert fold_characters(folded) == folded


@given(st.lists(TEXTS, max_size=6))
def test_a_document_does_not_depend_on_its_neighbours(texts):
    batch = read_documents(texts)
    assert len(batch) == len(texts)
    for k, text in enumerate(texts):
        alone = read_documents([text])
        low, high = batch.bounds[k], batch.bounds[k + 1]
        assert batch.codes[low:high].tolist() == alone.codes.tolist()
        assert batch.origin[low : high - 1].tolist() == alone.origin[:-1].tolist()
        assert batch.origin_end[low : high - 1].tolist() == alone.origin_end[:-1].tolist()
        assert batch.attributed[k] == alone.attributed[0]


@given(st.lists(TEXTS, max_size=6))
def test_documents_are_separated_and_clean(texts):
    documents = read_documents(texts)
    assert documents.text.count(SEPARATOR) == len(texts)
    assert all(documents.text[end - 1] == SEPARATOR for end in documents.bounds[1:].tolist())
    documents.text.encode("utf-8")
    assert "".join(documents.words) == documents.text


@given(TEXTS)
def test_ranges_in_the_original_are_apart(text):
    documents = read_documents([text])
    start, end = documents.origin[:-1], documents.origin_end[:-1]
    assert (end > start).all()
    assert (end <= len(text)).all()
    assert (start[1:] >= end[:-1]).all()


def test_personal_data_become_one_mark_that_covers_all_digits():
    text = "回电１３８００１３８０００，谢谢"
    documents = read_documents([text])
    assert documents[0] == f"回电{PII_MARKS['phone']},谢谢"
    assert text[documents.origin[2] : documents.origin_end[2]] == "１３８００１３８０００"
