"""Explanations: contributions add up to the score, and the evidence is what carries it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_motive.features.cues import cue_lexicon
from complaint_motive.features.document import read_documents
from complaint_motive.features.matrix import feature_matrix
from complaint_motive.judgement import judge
from complaint_motive.models.explain import MAX_SHARE, attribute, evidence_spans
from complaint_motive.models.scorer import HEADS


def contrast(scorer, scores, category):
    """Return the log-odds of each row's category against the geometric mean of the others."""
    cooled = (scores / scorer.temperatures)[:, HEADS["category"]]
    own = cooled[np.arange(len(cooled)), category]
    return own - (cooled.sum(axis=1) - own) / (cooled.shape[1] - 1)


def scores_of(scorer, texts):
    documents = read_documents(texts)
    matches = cue_lexicon().match(documents.text, documents.bounds)
    return scorer.scores(feature_matrix(documents, scorer.vocabulary, scorer.filters, matches).matrix)


@pytest.fixture(scope="module")
def model(analyzer):
    return analyzer._model


@pytest.fixture(scope="module")
def judged(model, held_out):
    return judge(model.scorer, model.rule, held_out, places=True)


def test_contributions_and_intercept_add_up_to_the_score(judged):
    scorer, category = judged.scorer, judged.decisions.category
    found = attribute(scorer, judged.documents, judged.features, category)
    bounds = judged.documents.bounds
    placed = np.diff(found.characters[bounds])
    expected = contrast(scorer, scorer.scores(judged.features.matrix), category)
    assert found.intercept + found.unplaced + placed == pytest.approx(expected, abs=1e-4)
    assert placed == pytest.approx(np.diff(found.begun[bounds]), abs=1e-6)
    assert placed == pytest.approx(np.diff(found.ended[bounds]), abs=1e-6)


def test_log_odds_of_the_contrast_are_those_of_the_probabilities(judged):
    log_p = np.log(judged.probabilities.category)
    category = judged.decisions.category
    own = log_p[np.arange(len(log_p)), category]
    others = (log_p.sum(axis=1) - own) / 6
    scores = judged.scorer.scores(judged.features.matrix)
    assert own - others == pytest.approx(contrast(judged.scorer, scores, category), abs=1e-6)


def test_features_without_places_cannot_be_explained(judged):
    documents = judged.documents
    matches = cue_lexicon().match(documents.text, documents.bounds)
    plain = feature_matrix(documents, judged.scorer.vocabulary, judged.scorer.filters, matches)
    with pytest.raises(ValueError, match="the feature matrix has no places"):
        attribute(judged.scorer, documents, plain, judged.decisions.category)


def word_edges(judged):
    """Return the offsets in each original at which a word begins or ends."""
    documents = judged.documents
    lengths = np.array([len(word) for word in documents.words])
    last = np.cumsum(lengths)
    row = np.searchsorted(documents.bounds, last - lengths, side="right") - 1
    starts: dict[int, set[int]] = {}
    ends: dict[int, set[int]] = {}
    for k, a, b in zip(row.tolist(), (last - lengths).tolist(), last.tolist(), strict=True):
        starts.setdefault(k, set()).add(int(documents.origin[a]))
        ends.setdefault(k, set()).add(int(documents.origin_end[b - 1]))
    return starts, ends


def check_spans(judged):
    starts, ends = word_edges(judged)
    for k, spans in enumerate(judged.evidence()):
        text = judged.originals[k]
        assert sum(b - a for a, b, _ in spans) <= MAX_SHARE * len(text)
        assert [w for _, _, w in spans] == sorted((w for _, _, w in spans), reverse=True)
        ordered = sorted(spans)
        assert all(a[1] <= b[0] for a, b in pairwise(ordered))
        for a, b, weight in spans:
            assert 0 <= a < b <= len(text)
            assert a in starts[k]
            assert b in ends[k]
            assert np.isfinite(weight)


def test_evidence_is_short_word_aligned_and_in_the_original(judged):
    check_spans(judged)
    assert np.mean([bool(spans) for spans in judged.evidence()]) > 0.9


PIECES = st.sampled_from([
    "要求退款", "垃圾", "！！！！！！！", "，", "\u200b\u200b\u200b", "\n", "客服：", "客户：", "您好",
    "13800138000", "ａｂｃ", "曝光你们", "😀", "\ud800", "建议", " ", "退\u200b款", "道歉",
])  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_evidence_of_anything_is_in_range(model, text):
    check_spans(judge(model.scorer, model.rule, [text], places=True))


def test_evidence_shows_no_word_of_the_agent(model):
    log = "客户：要求退款\n客服：曝光曝光，气死人的垃圾\n客户：退钱，要求赔偿我\n客服：好的\n客户：垃圾，赔钱"
    agent = [(log.index("客服：曝"), log.index("客户：退")), (log.index("客服：好"), log.index("客户：垃"))]
    judged = judge(model.scorer, model.rule, [log], places=True)
    assert judged.evidence()[0]
    for a, b, _ in judged.evidence()[0]:
        assert all(b <= low or a >= high for low, high in agent)


def blanked(text: str, spans) -> str:
    for a, b, _ in spans:
        text = text[:a] + " " * (b - a) + text[b:]
    return text


def test_without_its_evidence_a_text_loses_half_of_its_score(judged):
    """Blanking the evidence takes away half of the log-odds above the intercept on 85 % of the texts that have any."""
    scorer, category = judged.scorer, judged.decisions.category
    found = attribute(scorer, judged.documents, judged.features, category)
    texts = [blanked(t, spans) for t, spans in zip(judged.originals, judged.evidence(), strict=True)]
    before = contrast(scorer, scorer.scores(judged.features.matrix), category) - found.intercept
    after = contrast(scorer, scores_of(scorer, texts), category) - found.intercept
    positive = before > 0
    carried = after[positive] <= 0.5 * before[positive]
    assert positive.mean() >= 0.6, f"share of texts above the intercept: {positive.mean():.3f}"
    assert carried.mean() >= 0.85, f"share that lose half: {carried.mean():.3f}"


def test_an_empty_batch_and_empty_texts_have_no_evidence(model):
    assert judge(model.scorer, model.rule, [], places=True).evidence() == []
    assert judge(model.scorer, model.rule, ["", "  ", "\ud800"], places=True).evidence() == [[], [], []]


def test_weights_speak_of_the_decided_category(model):
    judged = judge(model.scorer, model.rule, ["衣服洗坏了，要求照价赔偿"], places=True)
    spans = evidence_spans(judged.documents, attribute(model.scorer, judged.documents, judged.features, np.array([3])))
    words = [judged.originals[0][a:b] for a, b in zip(spans.start, spans.end, strict=True)]
    assert any("赔偿" in word or "要求" in word for word in words)
    assert spans.weight[0] > 0
