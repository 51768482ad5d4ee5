"""Words: both back ends cut alike, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_motive.features import tokenizer
from complaint_motive.features.document import read_documents

HAND_MADE = [
    "订单号2023-11-05-0098没到",
    "电话400-123-4567打不通",
    "A-1-2栋3-502室",
    "3.14和1,299.50元、50%、100%退款",
    "wifi6路由器x-300 pro max",
    "ok...好的——算了~~~",
    "c++和c#、node.js",
    "2024/05/01 10:20:30 t+1到账",
    "++--++ 1+1=2",
    "哈哈哈哈哈哈 666 233",
    "😀😀退款😡",
    "\n\n换行\n \n",
    "\x1e\x1e",
    "éàü退款ñ",
    "龘靐齉",
    "𠮷野家的饭",
    "\ue001和\ue002",
    "1-2-3-4-5-6",
    "-1 -a- --",
    "http://example.com/a-b_c?d=1&e=2",
]


@pytest.fixture(scope="module")
def both():
    pytest.importorskip("rjieba")
    return tokenizer._rjieba_cutter(), tokenizer._jieba_cutter()


@pytest.mark.parametrize("text", HAND_MADE)
def test_both_back_ends_cut_alike(both, text):
    fast, plain = both
    assert fast(text) == plain(text)
    assert "".join(plain(text)) == text


def test_both_back_ends_cut_the_corpus_alike(both, varied):
    fast, plain = both
    documents = read_documents(varied)
    assert len(documents) > 300
    different = [documents[k] for k in range(len(documents)) if fast(documents[k]) != plain(documents[k])]
    assert different == []


PIECES = st.sampled_from(["退款", "客服", "1", "-", ".", "a", "B", " ", "\n", "%", "+", "#", "😀", "_", "不了的", "é"])


@settings(max_examples=200)
@given(st.lists(st.one_of(PIECES, st.characters(codec="utf-8")), max_size=25).map("".join))
def test_both_back_ends_cut_anything_alike(both, text):
    fast, plain = both
    documents = read_documents([text])
    assert fast(documents.text) == plain(documents.text)


def test_a_joined_batch_is_cut_like_its_documents(varied):
    documents = read_documents(varied)
    alone = [word for k in range(len(documents)) for word in [*tokenizer.cut(documents[k]), "\x1e"]]
    assert documents.words == alone


def test_without_rjieba_jieba_is_used_and_the_applications_tokenizer_left_alone(outside):
    code = (
        "import sys; sys.modules['rjieba'] = None\n"
        "from complaint_motive.features.tokenizer import active_backend, cut\n"
        "assert cut('要求退款') == ['要求', '退款'] and active_backend() == 'jieba'\n"
        "import jieba; assert not jieba.dt.initialized\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=outside, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
