"""From scores to probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from complaint_motive.features.document import read_documents
from complaint_motive.features.filters import FilterBank
from complaint_motive.features.zones import ZonedVocabulary
from complaint_motive.models.scorer import HEADS, Scorer, level_probabilities, sigmoid, softmax
from complaint_motive.taxonomy import taxonomy

SCORES = hnp.arrays(np.float64, (4, 16), elements=st.floats(-500, 500))


@pytest.fixture(scope="module")
def scorer():
    vocabulary = ZonedVocabulary.fit(read_documents(["要求退款", "要求道歉"]), min_df=1)
    temperatures = np.linspace(0.5, 2, 16)
    coefficients = np.random.default_rng(0).normal(size=(30, 16)).astype(np.float32)
    return Scorer(vocabulary, ("a",), FilterBank.empty(1), coefficients, np.arange(16.0), temperatures)


def test_heads_cover_the_columns_once_and_fit_the_taxonomy():
    columns = np.concatenate([np.arange(16)[part] for part in HEADS.values()])
    assert columns.tolist() == list(range(16))
    widths = {head: part.stop - part.start for head, part in HEADS.items()}
    tax = taxonomy()
    expected = (len(tax.categories), len(tax.needs), len(tax.intensities) - 1, len(tax.causes))
    assert tuple(widths.values()) == expected


@given(scores=SCORES)
def test_probabilities_are_probabilities(scorer, scores):
    p = scorer.probabilities(scores)
    for name, width in (("category", 7), ("needs", 2), ("intensity", 4), ("cause", 4)):
        part = getattr(p, name)
        assert part.shape == (4, width)
        assert ((part >= 0) & (part <= 1)).all()
        if name != "needs":
            assert part.sum(axis=1) == pytest.approx(1)


@given(scores=SCORES)
def test_one_temperature_keeps_the_order(scores):
    vocabulary = ZonedVocabulary.fit(read_documents(["退款"]), min_df=1)
    scores = np.round(scores, 3)
    nothing, no_filters = np.zeros((0, 16), np.float32), FilterBank.empty(1)
    hot = Scorer(vocabulary, (), no_filters, nothing, np.zeros(16), np.full(16, 3.0)).probabilities(scores)
    winner = scores[:, :7].argmax(axis=1)[:, None]
    assert (np.take_along_axis(hot.category, winner, 1)[:, 0] == hot.category.max(axis=1)).all()


def test_scores_are_linear(scorer):
    rows = sparse.csr_matrix(np.eye(3, 30, dtype=np.float32))
    assert scorer.scores(rows) == pytest.approx(scorer.coefficients[:3] + scorer.intercepts)
    assert scorer.scores(sparse.csr_matrix((2, 30), dtype=np.float32)).tolist() == [scorer.intercepts.tolist()] * 2


LEVELS = [
    ("falling", [0.9, 0.5, 0.1], [0.1, 0.4, 0.4, 0.1]),
    ("nil", [0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]),
    ("sure", [1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]),
    ("rising is made to fall", [0.2, 0.6, 0.4], [0.8, 0.0, 0.0, 0.2]),
]


@pytest.mark.parametrize(("steps", "levels"), [row[1:] for row in LEVELS], ids=[row[0] for row in LEVELS])
def test_steps_become_levels(steps, levels):
    assert level_probabilities(np.array([steps]))[0] == pytest.approx(levels)


def test_no_overflow():
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    assert softmax(np.array([[1e4, -1e4]])).tolist() == [[1.0, 0.0]]


def test_texts_without_words_are_certainly_none(scorer):
    p = scorer.probabilities(np.zeros((2, 16))).without_words(np.array([True, False]))
    assert p.category[0].tolist() == [0, 0, 0, 0, 0, 0, 1]
    assert p.needs[0].tolist() == [0, 0]
    assert p.intensity[0].tolist() == [1, 0, 0, 0]
    assert p.needs[1].tolist() == [0.5, 0.5]
