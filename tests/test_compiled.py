"""Compiled loops give what numpy gives, bit for bit."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest

import complaint_motive as cm
from complaint_motive.features import compiled
from complaint_motive.features.document import read_documents
from complaint_motive.features.normalize import encode
from complaint_motive.features.segmentation import segment
from complaint_motive.features.tokenizer import cut
from complaint_motive.features.word_dictionary import word_dictionary

pytest.importorskip("numba")

ODD = ["", " ", "\n", "!!!!!\n \n\n a  b", "1" * 300, "客服：您好\n客户：退款！！！！", "𠮷野家a𠮷b要100块"]
ODD += ["c++ 4g网络 t恤 3.5% wi-fi x_1 é½", "\ud800投诉", "ＡＢＣ退還", "客服：您好\n客服：再见", "打13800138000", None]


@pytest.fixture
def always_compiled(monkeypatch):
    monkeypatch.setattr(compiled, "_WORTH", 0)


def never(monkeypatch):
    monkeypatch.setattr(compiled, "_WORTH", sys.maxsize)


def equal(one, other):
    assert list(one) == list(other)
    for name, values in one.items():
        if isinstance(values, np.ndarray):
            assert values.dtype == other[name].dtype
            assert values.tobytes() == other[name].tobytes()
        else:
            assert values == other[name]


@pytest.mark.parametrize("evidence", [True, False])
@pytest.mark.parametrize("n", [0, 1, 13, 700])
def test_columns_are_equal(varied, monkeypatch, evidence, n):
    texts = [*ODD, *varied][:n]
    never(monkeypatch)
    expected = cm.load().columns(texts, evidence=evidence)
    monkeypatch.setattr(compiled, "_WORTH", 0)
    equal(cm.load().columns(texts, evidence=evidence), expected)


@pytest.mark.usefixtures("always_compiled")
def test_words_are_those_of_the_tokenizer(varied):
    documents = read_documents([*[text for text in ODD if text], *varied])
    bounds = documents.word_bounds.tolist()
    words = [documents.text[a:b] for a, b in pairwise(bounds)]
    assert words == cut(documents.text)


def test_words_in_numpy_are_those_of_the_tokenizer(varied):
    documents = read_documents([*[text for text in ODD if text], *varied])
    bounds = segment(documents.codes, word_dictionary()).tolist()
    assert [documents.text[a:b] for a, b in pairwise(bounds)] == cut(documents.text)


@pytest.mark.parametrize(("text", "bounds"), [("", [0]), ("。", [0, 1]), ("中", [0, 1]), ("ab1", [0, 3])])
def test_the_shortest_texts_are_segmented(text, bounds):
    assert segment(encode(text), word_dictionary()).tolist() == bounds


def test_small_batches_do_not_import_the_compiler(monkeypatch):
    def refused():
        raise AssertionError("asked for the compiler")

    monkeypatch.setattr(compiled, "_kernels", refused)
    assert cm.load().columns(["要求退款"])["motive"]


def test_without_the_compiler_numpy_does_it(monkeypatch, varied):
    monkeypatch.setitem(sys.modules, "complaint_motive.features.kernels", None)
    compiled._kernels.cache_clear()
    monkeypatch.setattr(compiled, "_WORTH", 0)
    try:
        assert len(cm.load().columns(varied[:3])["motive"]) == 3
        assert compiled._kernels() is None
    finally:
        compiled._kernels.cache_clear()
