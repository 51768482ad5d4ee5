"""Plans for the case table: labels, cues and facts are given, so that the plan is tested apart from the model."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from complaint_motive.analysis import CueHit, Decision, Fact, HandlingPlan, Needs
from complaint_motive.strategy import SAFETY_CUES, TRIAGE_FACTS, strategy_book
from complaint_motive.taxonomy import taxonomy

CASES = tomllib.loads((Path(__file__).parent / "cases" / "plans.toml").read_text(encoding="utf-8"))["case"]
BY_CASE = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
UNITS = {"amount": "CNY", "contact_count": "times", "people_count": "people", "duration": "day"}
DIMENSIONS = {"date": "time", "duration": "time", "deadline": "time", "people_count": "party", "place": "place"}
FLOWS = {
    "拒付": {"refusal_mind"},
    "代理": {"agent_signs"},
    "疑难": {"hard_reception", "outside_talk", "legal_thinking"},
    "曝光与舆情": {"exposure", "public_opinion"},
    "监管与诉讼": {"legal_first", "regulator", "lawful_path"},
    "人身安全": {"safety_injury", "safety_violence"},
    "自伤": {"safety_self_harm"},
    "食品": {"food_safety"},
    "隐私": {"privacy"},
    "弱势": {"vulnerable"},
    "找领导": {"ask_leader"},
    "粗言": {"abusive_words"},
}


def decision_of(case: dict[str, Any]) -> Decision:
    labels = taxonomy()
    review = case.get("review")
    return Decision(
        motive=labels.motive_of(case["category"]),
        category=case["category"],
        secondary=case.get("secondary"),
        needs=Needs(0.5, 0.5, case["needs"]),
        intensity=case["intensity"],
        cause=case["cause"] or None,
        purpose=labels.purpose_of(case["category"]),
        behaviour=None,
        probabilities={},
        needs_review=review is not None,
        review_reason=review,
    )


def cues_of(case: dict[str, Any]) -> list[CueHit]:
    return [CueHit(cue.lstrip("!"), "原话", 0, 2, negated=cue.startswith("!")) for cue in case["cues"]]


def facts_of(case: dict[str, Any]) -> list[Fact]:
    return [
        Fact(
            DIMENSIONS.get(fact["kind"], "event"),
            fact["kind"],
            fact["text"],
            fact.get("value"),
            UNITS.get(fact["kind"], ""),
            max(case["text"].find(fact["text"]), 0),
            max(case["text"].find(fact["text"]), 0) + len(fact["text"]),
        )
        for fact in case["facts"]
    ]


def plan_of(case: dict[str, Any]) -> HandlingPlan:
    return strategy_book().recommend(decision_of(case), cues_of(case), facts_of(case), text_length=len(case["text"]))


@BY_CASE
def test_case_reaches_its_entries(case: dict[str, Any]) -> None:
    used = {entry.id for entry in plan_of(case).entries}
    wanted = {ident for ident in case["entries"] if not ident.startswith("-")}
    barred = {ident[1:] for ident in case["entries"] if ident.startswith("-")}
    assert wanted <= used
    assert not barred & used


@BY_CASE
def test_case_urgency_department_first_step(case: dict[str, Any]) -> None:
    plan = plan_of(case)
    assert (plan.urgency, plan.department) == (case["urgency"], case["department"])
    assert plan.steps[0].startswith(case["first_step"])


@BY_CASE
def test_triage_equals_the_plan(case: dict[str, Any]) -> None:
    plan, cues = plan_of(case), {hit.cue for hit in cues_of(case) if not hit.negated}
    few = [fact for fact in facts_of(case) if fact.kind in TRIAGE_FACTS]
    triage = strategy_book().triage(decision_of(case), cues, few)
    assert (triage.strategy, triage.urgency, triage.headline) == (plan.strategy, plan.urgency, plan.headline)


@BY_CASE
def test_plan_is_complete_and_deterministic(case: dict[str, Any]) -> None:
    plan = plan_of(case)
    assert plan == plan_of(case)
    complaint = case["category"] != "none"
    assert len(plan.entries) >= (3 if complaint else 1)
    assert plan.steps
    assert plan.wording
    assert plan.taboos
    assert plan.time_limit
    assert len(plan.checklist) == 8
    assert all(entry.reason and "「」" not in entry.reason for entry in plan.entries)
    known = {fact["kind"] for fact in case["facts"]} & {"amount", "date", "product", "place", "contact_count"}
    active = [cue for cue in case["cues"] if not cue.startswith("!")]
    if complaint and (known or active):
        assert {"cue", "fact"} & {entry.trigger for entry in plan.entries}


@BY_CASE
def test_plan_works_without_facts_and_leaves_no_placeholder(case: dict[str, Any]) -> None:
    plan = strategy_book().recommend(decision_of(case), cues_of(case), [])
    assert "{" not in str(plan.to_dict()).replace("{'", "")
    assert all("{" not in text for text in (*plan.steps, *plan.wording, *plan.checklist, plan.headline))


@BY_CASE
def test_known_facts_are_not_asked_for(case: dict[str, Any]) -> None:
    known = {fact["kind"] for fact in case["facts"]}
    asked = {q.ask: q.fact for q, _ in strategy_book().tables.questions}
    asked |= {q.ask: q.fact for entry in strategy_book().entries for q in entry.questions}
    assert not known & {asked[question] for question in plan_of(case).questions}


def test_table_is_wide_enough() -> None:
    motives = Counter(taxonomy().motive_of(case["category"]) for case in CASES)
    assert len(CASES) >= 120
    assert all(motives[motive] >= 15 for motive in ("suggestion", "venting", "compensation", "scheming"))
    for flow, entries in FLOWS.items():
        assert sum(bool(entries & {*case["entries"]}) for case in CASES) >= 4, flow
    assert sum(any(cue.startswith("!") for cue in case["cues"]) for case in CASES) >= 8


def test_plans_differ() -> None:
    assert len({tuple(entry.id for entry in plan_of(case).entries) for case in CASES}) >= 60


@pytest.mark.parametrize("category", list(taxonomy().categories))
@pytest.mark.parametrize("cue", sorted(SAFETY_CUES))
@pytest.mark.parametrize("intensity", range(4))
def test_safety_puts_a_person_first(category: str, cue: str, intensity: int) -> None:
    case = {"category": category, "needs": "", "intensity": intensity, "cause": "", "cues": [cue], "facts": []}
    plan = strategy_book().recommend(decision_of(case), cues_of(case), [])
    assert plan.urgency == 4
    assert "人工" in plan.headline
    assert plan.steps[0].startswith("立即")
    negated = strategy_book().recommend(decision_of(case), [CueHit(cue, "原话", 0, 2, negated=True)], [])
    assert negated.urgency < 4


def test_scheming_separates_demand_and_pressure() -> None:
    case = next(case for case in CASES if case["category"] == "coercion" and case["needs"] == "both")
    plan = plan_of(case)
    assert any("分成两栏" in step for step in plan.steps)
    assert plan.review_points
    assert "请人工复核" in plan.headline


def test_emotion_comes_before_matter_where_it_is_needed() -> None:
    case = {"category": "redress", "intensity": 0, "cause": "price", "cues": [], "facts": []}
    first = {need: _first_step({**case, "needs": need}) for need in ("rational", "both")}
    assert first == {
        "rational": "调出相关记录（订单、账单、工单或受理单），列出已确认与待确认",
        "both": "先认可这件事带来的不便，再进入核对",
    }


def _first_step(case: dict[str, Any]) -> str:
    return strategy_book().recommend(decision_of(case), [], []).steps[0]


def test_facts_fill_the_wording() -> None:
    case = next(case for case in CASES if "电饭锅" in case["text"])
    plan = plan_of(case)
    assert "您提到的380元我记下了，我先核对这笔的来龙去脉。" in plan.wording
    assert "文中提到380元" in plan.headline


def test_conflict_is_resolved_by_priority_and_shown() -> None:
    case = {"category": "redress", "needs": "both", "intensity": 1, "cause": "quality", "facts": []}
    plan = strategy_book().recommend(
        decision_of(case), cues_of({"cues": ["food_safety", "gift_offer", "exposure_threat"]}), []
    )
    assert "goodwill_gift" not in {entry.id for entry in plan.entries}
    assert any("礼" in conflict and "食品安全" in conflict for conflict in plan.conflicts)
    assert any("协办" in conflict for conflict in plan.conflicts)
