"""The handling book as data: validation, overriding, coverage, immutability, speed."""

from __future__ import annotations

import pickle
import re
import time
import tomllib
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from complaint_motive.analysis import CueHit, Decision, Fact, Needs
from complaint_motive.errors import ResourceError
from complaint_motive.strategy import StrategyBook, strategy_book
from complaint_motive.taxonomy import taxonomy

PACKAGED = Path(__file__).parents[1] / "complaint_motive" / "resources" / "strategies.toml"

REQUIRED = {
    "动机与类别": "cat_improvement cat_recognition cat_scolding cat_redress cat_coercion cat_sabotage cat_none "
    "motive_venting motive_scheming",
    "需求与强度": "need_rational need_emotional need_both mood_calm mood_upset mood_angry mood_fierce",
    "五个策略": "abusive_words ask_leader safe_promise take_initiative goodwill_gift",
    "五个技巧": "tech_information tech_harmony tech_silence tech_effort tech_relate",
    "四个原则": "rule_calm rule_isolate rule_neutral rule_mood_first",
    "四个法宝": "gift_rapport gift_empathy gift_heart gift_script",
    "情绪谈判": "talk_listen talk_empathy talk_emotion talk_consensus",
    "动机识别": "see_observe see_emotion see_question see_feedback",
    "拒付类": "refusal_mind refusal_talk refusal_fair refusal_risk",
    "代理投诉": "agent_signs agent_response agent_talk",
    "非常规疑难": "hard_reception outside_talk legal_thinking",
    "其他流程": "exposure public_opinion warn_others legal_first regulator lawful_path safety_injury safety_violence "
    "safety_self_harm food_safety privacy vulnerable",
    "禁忌": "taboo_shirk taboo_promise taboo_opaque taboo_temper seven_sins",
    "处理人": "self_state self_active self_should self_worry self_general self_black_white self_blame",
    "理解与跟进": "cause_sides own_reasons iceberg open_channels five_steps service_stage trust "
    "market_harm hidden_chance",
    "问题与方案": "five_why structure goal_state_limit t_compare best_option co_create many_sides",
}

ENTRY = """
[[entry]]
id = "ours"
name = "自定"
kind = "flow"
goal = "目标"
when = { cues = ["gift_offer"] }
priority = 97
first = "先照我们的办法做"
steps = { matter = ["第一步"] }
source = "本公司"
"""

BROKEN = [
    ("toml", "[[entry", r"ours\.toml: not valid TOML"),
    ("table", "[nonsense]\na = 1", r"ours\.toml: table 'nonsense' is unknown; allowed: version, entry"),
    ("no id", "[[entry]]\nname = 'x'", r"\[\[entry\]\] number 1: key 'id' has None; allowed: an ASCII identifier"),
    ("id twice", ENTRY + ENTRY, r"\[\[entry\]\] 'ours': key 'id' stands twice"),
    (
        "cue",
        ENTRY.replace("gift_offer", "gifts"),
        r"\[\[entry\]\] 'ours': key 'when\.cues' has 'gifts'; allowed: abusive",
    ),
    ("kind", ENTRY.replace('"flow"', '"flows"'), r"'ours': key 'kind' has 'flows'; allowed: category, secondary"),
    ("key", ENTRY.replace("goal", "goals"), r"'ours': key 'goals' has '目标'; unknown key; allowed: id, name"),
    ("when key", ENTRY.replace("cues =", "cue ="), r"key 'when' has 'cue'; allowed keys: cues, facts"),
    ("when empty", ENTRY.replace('["gift_offer"]', "[]"), r"key 'when\.cues' has \[\]; allowed: a non-empty list"),
    ("when missing", ENTRY.replace("when =", "whenn ="), r"key 'whenn' has .*unknown key"),
    (
        "category",
        ENTRY.replace("cues = [", 'categories = ["x", '),
        r"key 'when\.categories' has 'x'; allowed: improvement",
    ),
    ("priority", ENTRY.replace("97", "970"), r"'ours': key 'priority' has 970; allowed: a whole number from 0 to 100"),
    ("first", ENTRY.replace("first =", "goal2 ="), r"key 'goal2'"),
    ("no first", re.sub("first.*\n", "", ENTRY), r"key 'first' has ''; entries from priority 60 on need a text"),
    (
        "stage",
        ENTRY.replace("matter =", "middle ="),
        r"key 'steps' has 'middle'; allowed: first, feeling, matter, closing",
    ),
    ("field", ENTRY.replace("第一步", "{sum}"), r"key 'steps\.matter' has 'sum'; allowed: amount, date"),
    (
        "facts lead",
        ENTRY.replace("cues = [", 'facts = ["date"], cues = ['),
        r"key 'priority' has 97; conditions on facts",
    ),
    ("excludes", ENTRY + 'excludes = { nobody = "x" }', r"key 'excludes' has 'nobody'; allowed:"),
    ("wording", ENTRY + "wording = [1]", r"key 'wording' has 1; allowed: a non-empty text"),
    (
        "empty",
        ENTRY.replace('{ matter = ["第一步"] }', "{}"),
        r"key 'steps' has \{\}; an entry needs steps or a self_check",
    ),
    ("bands", "[bands]\namount_medium = 1", r"\[bands\]: key 'amount_large' has None; allowed: a whole number"),
    ("safety", '[[entry]]\nid = "safety_self_harm"\nenabled = false', r"cue 'self_harm': it must lead to urgency 4"),
]


@pytest.mark.parametrize(("content", "message"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_errors_name_file_entry_key_and_allowed(content: str, message: str) -> None:
    with pytest.raises(ResourceError, match=message):
        StrategyBook.from_toml(content, "ours.toml", base=strategy_book())


@pytest.mark.parametrize("table", ["cues", "kinds", "level", "urgency", "want", "department", "process", "bands"])
def test_every_table_is_needed(table: str) -> None:
    text = PACKAGED.read_text(encoding="utf-8")
    mark = rf"\[\[?{table}\]\]?"
    without = re.sub(rf"(?ms)^{mark}\n.*?(?=^\[|^# ----|^# ====)", "", text)
    with pytest.raises(ResourceError, match=rf"strategies\.toml: {mark}"):
        StrategyBook.from_toml(without, "strategies.toml")


def decision(category: str = "redress", need: str = "both", intensity: int = 1, cause: str = "service") -> Decision:
    return Decision(
        taxonomy().motive_of(category),
        category,
        None,
        Needs(0.5, 0.5, need),
        intensity,
        cause,
        None,
        None,
        {},
        False,
        None,
    )


def test_company_file_adds_and_overrides() -> None:
    book = StrategyBook.from_toml(
        ENTRY + '\n[[entry]]\nid = "ask_leader"\nname = "请负责人"', "ours.toml", base=strategy_book()
    )
    assert book.entry("ask_leader").name == "请负责人"
    assert book.entry("ask_leader").steps == strategy_book().entry("ask_leader").steps
    assert book.recommend(decision(), [CueHit("gift_offer", "送", 0, 1)], []).strategy == "ours"
    assert len(book.entries) == len(strategy_book().entries) + 1
    assert strategy_book().entry("ask_leader").name == "强烈要求找领导"


def test_company_file_can_switch_an_entry_off() -> None:
    book = StrategyBook.from_toml('[[entry]]\nid = "seven_sins"\nenabled = false', "ours.toml", base=strategy_book())
    assert "seven_sins" not in {entry.id for entry in book.entries}


def test_unknown_entry_is_named() -> None:
    with pytest.raises(ResourceError, match=r"no entry 'nobody' in strategies\.toml; allowed: abusive_words"):
        strategy_book().entry("nobody")


def test_book_is_complete() -> None:
    present = {entry.id for entry in strategy_book().entries}
    assert {ident for idents in REQUIRED.values() for ident in idents.split()} <= present


def test_every_entry_is_reachable_and_every_cue_has_an_entry() -> None:
    coverage = strategy_book().coverage()
    assert coverage.unreached == ()
    # No gift where there is pressure: this combination gives way on purpose.
    assert coverage.fallback_only == ("coercion+gift_offer",)
    assert coverage.plans >= 60
    assert coverage.to_dict()["combinations"] == coverage.combinations


def test_every_entry_is_reached_by_the_case_table(request: pytest.FixtureRequest) -> None:
    table = tomllib.loads((Path(__file__).parent / "cases" / "plans.toml").read_text(encoding="utf-8"))["case"]
    used: set[str] = set()
    for case in table:
        made = decision(case["category"], case["needs"], case["intensity"], case["cause"])
        review, secondary = case.get("review"), case.get("secondary")
        changed: dict[str, Any] = {name: getattr(made, name) for name in made.__dataclass_fields__}
        made = Decision(**{**changed, "review_reason": review, "secondary": secondary})
        cues = [CueHit(cue, "", 0, 0) for cue in case["cues"] if not cue.startswith("!")]
        facts = [Fact("event", f["kind"], f["text"], f.get("value"), "", 0, 0) for f in case["facts"]]
        plan = strategy_book().recommend(made, cues, facts, text_length=len(case["text"]))
        used |= {entry.id for entry in plan.entries}
    assert {entry.id for entry in strategy_book().entries} - used == set()


def test_entries_carry_what_the_schema_asks() -> None:
    for entry in strategy_book().entries:
        assert entry.goal, entry.id
        assert entry.source.split("·")[0] in ("投诉动机识别", "投诉处理流程培训", "客户投诉及服务管理"), entry.id
        if entry.kind in ("category", "flow", "strategy") and entry.priority >= 60:
            assert entry.first, entry.id
            assert entry.taboos, entry.id
        assert len(entry.wording) <= 4, entry.id


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[^\w]|\d", "", text)
    return {plain[k : k + 2] for k in range(len(plain) - 1)}


def test_no_two_sentences_say_the_same() -> None:
    said = [
        (entry.id, text, _pairs(text))
        for entry in strategy_book().entries
        for text in (
            *(v.versions[-1][0] for rows in entry.steps.values() for v in rows),
            *(v.versions[-1][0] for v in entry.wording),
            *(q.ask for q in entry.questions),
            *entry.taboos,
            *entry.closing,
            *entry.self_check,
            *entry.review_points,
        )
    ]
    close = [
        (a[0], a[1], b[0], b[1])
        for a, b in combinations(said, 2)
        if len(a[2] & b[2]) / max(1, min(len(a[2]), len(b[2]))) > 0.5
    ]
    assert close == []


def test_to_dict_is_plain() -> None:
    import json

    assert all(json.loads(json.dumps(entry.to_dict(), ensure_ascii=False)) for entry in strategy_book().entries)


def test_pickle_keeps_the_book() -> None:
    copy = pickle.loads(pickle.dumps(strategy_book()))
    cues = [CueHit("ask_leader", "找领导", 0, 3)]
    assert copy.recommend(decision(), cues, []) == strategy_book().recommend(decision(), cues, [])


def test_speed() -> None:
    # Ten times the target: guards the order of magnitude, not the load of the machine.
    book, hits = strategy_book(), [CueHit("refund_request", "退款", 0, 2), CueHit("amount", "300元", 2, 6)]
    facts = [Fact("event", "amount", "300元", 300.0, "CNY", 2, 6)]
    start = time.perf_counter()
    for intensity in range(4):
        for cause in ("quality", "service", "price", "integrity"):
            book.recommend(decision("redress", "both", intensity, cause), hits, facts)
            book.triage(decision("redress", "both", intensity, cause), ["refund_request", "amount"], facts)
    assert (time.perf_counter() - start) / 16 < 0.01
