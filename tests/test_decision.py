"""Decisions as tables: probabilities and circumstances in, coherent labels and review reasons out."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from complaint_motive.features.cues import cue_lexicon
from complaint_motive.features.document import read_documents
from complaint_motive.models.decision import (
    REVIEW_REASONS,
    SAFETY_CUES,
    DecisionRule,
    TextState,
    cue_flags,
    decide,
    text_states,
)
from complaint_motive.models.scorer import Probabilities
from complaint_motive.taxonomy import taxonomy

CATEGORIES = list(taxonomy().categories)
CAUSES = list(taxonomy().causes)
SURE = {"redress": 0.9, "scolding": 0.1}


def probabilities(category: dict[str, float], needs=(0.9, 0.1), intensity=(1, 0, 0, 0), cause=(1, 0, 0, 0)):
    row = [category.get(c, 0.0) for c in CATEGORIES]
    return Probabilities(*(np.array([values], dtype=float) for values in (row, needs, intensity, cause)))


def state(*holds: str) -> TextState:
    return TextState(**{f.name: np.array([f.name in holds]) for f in fields(TextState)})


def one(p, *holds, rule=None, safety=False, pressure=False):
    """Decide one text; return its labels by name."""
    rule = rule or DecisionRule()
    d = decide(p, rule, state=state(*holds), safety=np.array([safety]), pressure=np.array([pressure]))
    name = [*CATEGORIES, None]
    return {
        "category": name[d.category[0]],
        "secondary": name[d.secondary[0]],
        "runner_up": name[d.runner_up[0]],
        "intensity": int(d.intensity[0]),
        "cause": [*CAUSES, None][d.cause[0]],
        "needs": (bool(d.rational[0]), bool(d.emotional[0])),
        "reason": [*REVIEW_REASONS, None][d.reason[0]],
    }


WINNERS = [
    ("largest", {"redress": 0.6, "scolding": 0.4}, "redress"),
    ("scheming as largest but not surely", {"coercion": 0.45, "redress": 0.4, "none": 0.15}, "redress"),
    ("scheming surely", {"coercion": 0.55, "redress": 0.45}, "coercion"),
    ("both scheming categories together", {"coercion": 0.3, "sabotage": 0.25, "redress": 0.45}, "coercion"),
    ("the larger of the two", {"coercion": 0.2, "sabotage": 0.4, "redress": 0.4}, "sabotage"),
    ("none", {"none": 0.8, "redress": 0.2}, "none"),
]


@pytest.mark.parametrize(("p", "expected"), [row[1:] for row in WINNERS], ids=[row[0] for row in WINNERS])
def test_category(p, expected):
    assert one(probabilities(p))["category"] == expected


def test_offsets_shift_the_choice_but_not_among_scheming_and_others():
    offsets = tuple(2.0 if c == "recognition" else 0.0 for c in CATEGORIES)
    rule = DecisionRule(offsets=offsets)
    assert one(probabilities({"scolding": 0.6, "recognition": 0.4}), rule=rule)["category"] == "recognition"
    towards = DecisionRule(offsets=tuple(9.0 if c == "coercion" else 0.0 for c in CATEGORIES))
    assert one(probabilities({"redress": 0.6, "coercion": 0.4}), rule=towards)["category"] == "redress"


SECONDARY = [
    ("plausible", {"redress": 0.7, "recognition": 0.3}, "recognition"),
    ("just plausible", {"redress": 0.8, "recognition": 0.2}, "recognition"),
    ("too small", {"redress": 0.85, "recognition": 0.15}, None),
    ("none is no secondary", {"redress": 0.7, "none": 0.3}, None),
    ("none has no secondary", {"none": 0.7, "redress": 0.3}, None),
    ("scheming not decided shows", {"redress": 0.6, "coercion": 0.4}, "coercion"),
]


@pytest.mark.parametrize(("p", "expected"), [row[1:] for row in SECONDARY], ids=[row[0] for row in SECONDARY])
def test_secondary(p, expected):
    assert one(probabilities(p))["secondary"] == expected


REASONS = [
    ("nothing", SURE, (), False, None),
    ("no text", SURE, ("no_text", "too_short", "not_chinese"), True, "no_text"),
    ("agent only", SURE, ("no_customer_words", "too_short"), False, "no_customer_words"),
    ("too short", SURE, ("too_short", "not_chinese"), True, "too_short"),
    ("not Chinese", SURE, ("not_chinese",), True, "not_chinese"),
    ("safety before accusing", {"coercion": 0.9, "redress": 0.1}, (), True, "safety_cue"),
    ("accusing, however sure", {"coercion": 1.0}, (), False, "accusing_motive"),
    ("accusing by sabotage", {"sabotage": 0.6, "redress": 0.4}, (), False, "accusing_motive"),
    ("close", {"redress": 0.45, "recognition": 0.4, "scolding": 0.15}, (), False, "close_call"),
    ("close but sure enough", {"redress": 0.52, "recognition": 0.48}, (), False, None),
    ("unsure, not close", {"redress": 0.45, "recognition": 0.3, "scolding": 0.25}, (), False, "low_confidence"),
    ("none may be unsure too", {"none": 0.4, "redress": 0.25, "scolding": 0.35}, (), False, "close_call"),
]


@pytest.mark.parametrize(("p", "holds", "safety", "expected"), [r[1:] for r in REASONS], ids=[r[0] for r in REASONS])
def test_review_reason(p, holds, safety, expected):
    assert one(probabilities(p), *holds, safety=safety)["reason"] == expected


def test_every_reason_is_in_the_table():
    assert {row[4] for row in REASONS} - {None} == set(REVIEW_REASONS)


@pytest.mark.parametrize("holds", ["no_text", "no_customer_words"])
def test_without_words_the_category_is_none(holds):
    p = probabilities(SURE).without_words(np.array([True]))
    found = one(p, holds)
    assert found["category"] == "none"
    assert (found["secondary"], found["cause"], found["intensity"], found["needs"]) == (None, None, 0, (False, False))


def test_none_has_no_cause_needs_or_intensity():
    found = one(probabilities({"none": 1.0}, needs=(0.9, 0.9), intensity=(0, 0, 0, 1)))
    assert (found["cause"], found["intensity"], found["needs"]) == (None, 0, (False, False))


NEEDS = [
    ((0.9, 0.1), (True, False)),
    ((0.1, 0.9), (False, True)),
    ((0.7, 0.6), (True, True)),
    ((0.5, 0.5), (True, True)),
    ((0.3, 0.2), (True, False)),
    ((0.2, 0.3), (False, True)),
    ((0.2, 0.2), (True, False)),
]


@pytest.mark.parametrize(("p", "expected"), NEEDS)
def test_needs_follow_the_probabilities(p, expected):
    assert one(probabilities(SURE, needs=p))["needs"] == expected


INTENSITY = [
    ("calm", (1, 0, 0, 0), (0.5, 0.5, 0.5), 0),
    ("fierce", (0, 0, 0, 1), (0.5, 0.5, 0.5), 3),
    ("median", (0.3, 0.3, 0.3, 0.1), (0.5, 0.5, 0.5), 1),
    ("low cuts", (0.3, 0.3, 0.3, 0.1), (0.5, 0.3, 0.5), 2),
    ("no level is skipped", (0.1, 0.1, 0.1, 0.7), (0.95, 0.3, 0.3), 0),
]


@pytest.mark.parametrize(("p", "cuts", "expected"), [row[1:] for row in INTENSITY], ids=[row[0] for row in INTENSITY])
def test_intensity(p, cuts, expected):
    assert one(probabilities(SURE, intensity=p), rule=DecisionRule(intensity_cuts=cuts))["intensity"] == expected


def test_cause_with_offsets():
    p = probabilities(SURE, cause=(0.5, 0.3, 0.1, 0.1))
    assert one(p)["cause"] == "quality"
    assert one(p, rule=DecisionRule(cause_offsets=(0.0, 1.0, 0.0, 0.0)))["cause"] == "service"


STATES = [
    ("blank", "  \n", ["no_text", "too_short"]),
    ("control characters", "\x00\x01", ["no_text", "too_short"]),
    ("agent only", "客服：您好，请问有什么可以帮您", ["no_customer_words", "too_short"]),
    ("emoji", "😡😡😡", ["too_short"]),
    ("one word", "退", ["too_short"]),
    ("two words", "差评", ["too_short"]),
    ("digits", "123456", ["too_short"]),
    ("English", "I want my money back", ["not_chinese"]),
    ("Cyrillic", "верните деньги", ["not_chinese"]),
    ("mostly English", "please refund my order now 谢谢", ["not_chinese"]),
    ("Chinese with English", "这个app的vip怎么退", []),
    ("Chinese", "要退款", []),
    ("traditional", "請退款給我", []),
    ("customer's turn", "客服：您好\n客户：要求退款", []),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
def test_what_a_text_allows(text, expected):
    found = text_states(read_documents([text]), np.array([not text.strip()]))
    assert [f.name for f in fields(TextState) if getattr(found, f.name)[0]] == expected
    assert found.empty[0] == ("no_text" in expected or "no_customer_words" in expected)


def test_pressure_with_scheming_next_is_a_close_call():
    p = probabilities({"redress": 0.85, "coercion": 0.15})
    assert one(p)["reason"] is None
    assert one(p, pressure=True)["reason"] == "close_call"
    assert one(probabilities({"redress": 0.85, "scolding": 0.15}), pressure=True)["reason"] is None


def test_cue_flags_leave_negated_hits_out():
    documents = read_documents(["再不退款我就发抖音曝光你们", "我不会去网上曝光你们的", "要求退款"])
    lexicon = cue_lexicon()
    matches = lexicon.match(documents.text, documents.bounds)
    assert cue_flags(matches, lexicon.ids, frozenset({"exposure_threat"}), 3).tolist() == [True, False, False]


def test_the_cues_of_the_rules_exist():
    assert set(cue_lexicon().ids) >= SAFETY_CUES


def test_a_rule_survives_its_plain_form():
    rule = DecisionRule(offsets=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), scheming_minimum=0.7)
    assert DecisionRule.from_dict(rule.to_dict()) == rule


DAMAGED = [
    ("missing", {"review_margin": None}, TypeError, "NoneType"),
    ("too few", {"offsets": [0.0] * 6}, ValueError, "offsets has 6 values, expected 7"),
    ("a word", {"intensity_cuts": ["x", 0.1, 0.2]}, ValueError, "could not convert"),
]


@pytest.mark.parametrize(("change", "error", "message"), [r[1:] for r in DAMAGED], ids=[r[0] for r in DAMAGED])
def test_a_damaged_rule_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        DecisionRule.from_dict(DecisionRule().to_dict() | change)


@given(
    hnp.arrays(np.float64, (5, 7), elements=st.floats(0.001, 1)),
    hnp.arrays(np.bool_, (5, 4)),
    hnp.arrays(np.bool_, 5),
)
def test_decisions_are_coherent(weights, holds, safety):
    p = weights / weights.sum(axis=1, keepdims=True)
    given_state = TextState(*holds.T)
    all_heads = Probabilities(p, p[:, :2], p[:, :4] / p[:, :4].sum(1, keepdims=True), p[:, :4])
    before = p.copy()
    d = decide(all_heads, DecisionRule(), state=given_state, safety=safety, pressure=safety[::-1])
    assert (p == before).all()
    none = d.category == CATEGORIES.index("none")
    accused = np.isin(d.category, [CATEGORIES.index("coercion"), CATEGORIES.index("sabotage")])
    assert none[given_state.empty].all()
    assert ((d.cause < 0) == none).all()
    assert (d.secondary != d.category).all()
    assert (d.runner_up != d.category).all()
    assert (~none == (d.rational | d.emotional)).all()
    assert (d.reason[accused | safety | given_state.empty] >= 0).all()
    assert (p[accused][:, 4:6].sum(axis=1) >= 0.35).all()
