"""What a handler must never be told to say: promises, admissions, accusations, blame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from complaint_motive.analysis import CueHit, Decision, Fact, HandlingPlan, Needs
from complaint_motive.strategy import forbidden_phrases, strategy_book
from complaint_motive.taxonomy import taxonomy

BAD = [
    ("我们保证三天内退款给您。", "promise"),
    ("您放心，一定会解决。", "promise"),
    ("今天就给您退款。", "promise"),
    ("我们会全额退给您。", "promise"),
    ("这样吧，赔您500元。", "promise"),
    ("以后不会再发生了。", "promise"),
    ("这确实是我们的责任。", "admission"),
    ("都怪我们的失误。", "admission"),
    ("我们公司会承担全部责任。", "admission"),
    ("我们的产品确实有质量问题。", "admission"),
    ("您这是敲诈。", "accusation"),
    ("您涉嫌威胁我们。", "accusation"),
    ("这种就是恶意投诉。", "accusation"),
    ("您是不是被人指使的？", "accusation"),
    ("您当时没看清说明书。", "blame"),
    ("这是您自己的问题。", "blame"),
    ("您先冷静一下。", "blame"),
    ("别人都没反映过。", "blame"),
    ("这不归我们管。", "blame"),
]
GOOD = [
    "您的要求我单独记下来，按规则该怎么办就怎么办。",
    "到点之前，不管有没有结果我都联系您。",
    "向有关部门反映是您的权利。",
    "先请您改一下密码。",
    "这笔款走到哪一环、还差谁确认，我查清了跟您说。",
]


@pytest.mark.parametrize(("text", "rule"), BAD, ids=[f"{rule}-{k}" for k, (_, rule) in enumerate(BAD)])
def test_bad_phrases_are_found(text: str, rule: str) -> None:
    assert any(found.startswith(rule) for found in forbidden_phrases(text))


@pytest.mark.parametrize("text", GOOD)
def test_good_phrases_pass(text: str) -> None:
    assert forbidden_phrases(text) == ()


FACTS = [
    Fact("event", "amount", "三百八", 380.0, "CNY", 0, 3),
    Fact("event", "contact_count", "三次", 3.0, "times", 0, 2),
    Fact("time", "deadline", "周五前", None, "", 0, 3),
    Fact("time", "date", "上周三", None, "", 0, 3),
    Fact("time", "duration", "半个月", 15.0, "day", 0, 3),
    Fact("event", "product", "电饭锅", None, "", 0, 3),
    Fact("event", "remedy", "退款", "refund", "", 0, 2),
]


def plans() -> Iterator[HandlingPlan]:
    labels, book = taxonomy(), strategy_book()
    cues = ["", *book.tables.names["cues"]]
    for category, need, level, cue in product(labels.categories, ("rational", "both"), range(4), cues):
        cause = list(labels.causes)[len(cue) % 4]
        decision = Decision(
            labels.motive_of(category), category, None, Needs(1, 1, need), level, cause, None, None, {}, False, None
        )
        hits = [CueHit(cue, "原话", 0, 2)] if cue else []
        yield book.recommend(decision, hits, FACTS if level % 2 else [], text_length=300 if level == 2 else 10)


def test_no_rendered_plan_says_what_must_not_be_said() -> None:
    found = {
        (text, bad)
        for plan in plans()
        for text in (plan.headline, *plan.wording, *plan.steps, *plan.questions, *plan.escalation, *plan.checklist)
        for bad in forbidden_phrases(text)
    }
    assert found == set()


def test_no_entry_says_what_must_not_be_said() -> None:
    found = [
        (entry.id, bad)
        for entry in strategy_book().entries
        for text in (
            entry.first,
            *(text for v in entry.wording for text, _ in v.versions),
            *(text for rows in entry.steps.values() for v in rows for text, _ in v.versions),
            *(question.ask for question in entry.questions),
            *entry.review_points,
            *entry.closing,
        )
        for bad in forbidden_phrases(text)
    ]
    assert found == []


def test_scheming_is_worded_as_a_signal() -> None:
    for category in ("coercion", "sabotage"):
        decision = Decision("scheming", category, None, Needs(1, 1, "both"), 2, "price", None, None, {}, True, None)
        plan = strategy_book().recommend(decision, [], [])
        assert "请人工复核" in plan.headline
        assert plan.review_points


def test_lawful_escalation_is_a_right() -> None:
    decision = Decision("compensation", "redress", None, Needs(1, 1, "both"), 1, "price", None, None, {}, False, None)
    plan = strategy_book().recommend(decision, [CueHit("lawful_escalation", "打12315", 0, 7)], [])
    assert any("权利" in text for text in plan.wording)
    assert not {"exposure", "cat_coercion", "motive_scheming"} & {entry.id for entry in plan.entries}


def test_no_plan_of_the_corpus_promises_admits_accuses_or_blames(analyzer, corpus) -> None:
    said = {
        sentence
        for analysis in analyzer.analyze_many(row["text"] for rows in corpus.values() for row in rows)
        for sentence in (*analysis.plan.wording, *analysis.plan.steps, analysis.plan.headline)
    }
    assert len(said) > 1000
    assert {sentence: forbidden_phrases(sentence) for sentence in said if forbidden_phrases(sentence)} == {}
