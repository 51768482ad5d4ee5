"""The façade: any text gives a coherent result, in one call, in a batch, in a table, in threads and after fork."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import complaint_motive as cm
from complaint_motive.errors import InputError, ResourceError
from complaint_motive.schema import Kind, output_columns
from complaint_motive.taxonomy import taxonomy

LONG = "快递三天没到，客服也没人理，请尽快处理。\n" * 4800

ODD = [
    ("None", None, "no_text"),
    ("NaN", math.nan, "no_text"),
    ("empty", "", "no_text"),
    ("blank", "  \n\t　", "no_text"),
    ("control characters", "\x00\x01\x02\x7f", "no_text"),
    ("zero width", "\u200b\ufeff", "no_text"),
    ("one lone surrogate", "\ud800", "no_text"),
    ("no turns", [], "no_text"),
    ("agent only", "客服：您好，请问有什么可以帮您", "no_customer_words"),
    ("agent only as turns", [("客服", "您好"), ("客服", "还在吗")], "no_customer_words"),
    ("emoji only", "😡😡😡", "too_short"),
    ("marks only", "？？？！！！", "too_short"),
    ("digits only", "20231105", "too_short"),
    ("one character", "退", "too_short"),
    ("personal data only", "13800138000", "too_short"),
    ("English only", "I want my money back now, this is terrible", "not_chinese"),
    ("Japanese", "ください、ありがとうございました", "not_chinese"),
]


@pytest.mark.parametrize(("text", "reason"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_texts_get_a_result_and_a_reason(analyzer, text, reason):
    found = analyzer.analyze(text)
    assert found.needs_review
    assert found.review_reason == reason
    if reason.startswith("no_"):
        assert (found.motive, found.category, found.intensity, found.cause) == ("none", "none", 0, None)
        assert found.probabilities["none"] == 1.0
        assert found.evidence == ()
    check(found)


MIXED = [
    ("long", LONG),
    ("100,000 characters without a break", "退" * 100_000),
    ("100,000 marks", "!?" * 50_000),
    ("mixed script", "我的iPhone坏了 please 退款 ありがとう спасибо شكرا"),
    ("surrogates between words", "要求\ud83d退款\udc00，谢谢"),
    ("control characters between words", "要\x00求\x07退\x1e款"),
    ("traditional", "請退還我的押金，謝謝"),
    ("markup", "<script>alert('要求退款')</script>&nbsp;"),
    ("rare characters", "𠮷野家的龘字招牌掉漆，要求退款"),
    ("combining", "é́́́退款"),
    ("right to left", "\u202e退款要求\u202c"),
]


@pytest.mark.parametrize("text", [row[1] for row in MIXED], ids=[row[0] for row in MIXED])
def test_mixed_and_long_texts_get_a_result(analyzer, text):
    check(analyzer.analyze(text))


def check(found: cm.Analysis) -> None:
    """Hold a result to what every result promises."""
    tax = taxonomy()
    decision = found.decision
    assert found.motive == tax.motive_of(found.category)
    assert found.needs_review == (found.review_reason is not None)
    assert list(found.probabilities) == list(tax.categories)
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert (found.category == "none") == (found.cause is None) == (decision.needs.label == "")
    assert (decision.purpose is None) == (decision.behaviour is None) == (found.category == "none")
    assert found.secondary != found.category
    assert 0 <= found.intensity <= 3
    if found.motive == "scheming":
        assert found.needs_review
    for part in (*found.evidence, *found.cues, *found.facts):
        assert 0 <= part.start < part.end <= len(found.text)
    assert sum(span.end - span.start for span in found.evidence) <= len(found.text) / 4
    assert found.plan.entries
    json.dumps(found.to_dict())


PIECES = st.sampled_from([
    "要求退款", "垃圾", "不退钱就曝光", "！！！！", "\n", "客服：", "客户：", "13800138000", "三百块", "上周三",
    "ＡＢＣ", "😀", "\ud800", "\x00", "\u200b", "12315", "想死", "没有", "不是", "\x1e", "京A12345", "<b>", "退還", "",
])  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.characters()), max_size=25).map("".join)


@settings(max_examples=150)
@given(TEXTS)
def test_any_text_gives_a_coherent_result(analyzer, text):
    check(analyzer.analyze(text))


@given(st.lists(TEXTS, max_size=4))
def test_columns_of_anything_have_the_types_of_the_schema(analyzer, texts):
    columns = analyzer.columns(texts)
    for column in output_columns():
        values = columns[column.name]
        assert len(values) == len(texts)
        plain = values.tolist() if isinstance(values, np.ndarray) else values
        kinds = {
            Kind.PROBABILITY: float, Kind.INTEGER: int, Kind.BOOLEAN: bool, Kind.CUES: list, Kind.EVIDENCE: list,
        }  # fmt: skip
        for value in plain:
            assert isinstance(value, kinds.get(column.kind, str)) or (value is None and column.nullable), column.name
    json.dumps(columns["cues"])


REFUSED = [
    ("number", 5, r"text 0 is 5 \(int\); allowed: a text, a list"),
    ("bytes", b"abc", r"text 0 is b'abc' \(bytes\)"),
    ("dict", {"text": "a"}, r"text 0 is \{'text': 'a'\}"),
    ("list of texts", ["客户：退款"], "text 0: turn 0 is '客户：退款'; a turn must be a pair"),
    ("infinite", math.inf, r"text 0 is inf \(float\)"),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_no_text_is_refused(analyzer, text, message):
    with pytest.raises(InputError, match=message):
        analyzer.analyze(text)


def test_the_row_of_a_bad_text_is_named_across_chunks(analyzer):
    with pytest.raises(InputError, match=r"text 1030 is 7 \(int\)"):
        analyzer.columns(["好"] * 1030 + [7], evidence=False)
    with pytest.raises(InputError, match="pass a list of texts, or use analyze"):
        next(analyzer.analyze_many("要求退款"))


def test_turns_are_read_like_a_log(analyzer):
    turns = [("客服", "您好，请讲"), ("客户", "锅第二天就掉漆，要求退款"), ("客服", "建议您再等等")]
    log = "客服：您好，请讲\n客户：锅第二天就掉漆，要求退款\n客服：建议您再等等"
    assert analyzer.analyze(turns) == analyzer.analyze(log)
    assert analyzer.analyze(turns).text == log


def test_a_reference_date_makes_dates_absolute(analyzer):
    text = "上周三买的锅，昨天就掉漆了，要求退款"
    plain = {fact.text: fact.value for fact in analyzer.analyze(text).facts}
    dated = {fact.text: fact.value for fact in analyzer.analyze(text, reference=date(2024, 5, 15)).facts}
    assert "2024-05-14" in dated.values()
    assert "2024-05-14" not in plain.values()


def test_one_by_one_in_a_batch_and_as_columns_are_the_same(analyzer, varied):
    texts = [*varied[:60], None, "", "客服：您好，请问有什么可以帮您", "😀"]
    many = list(analyzer.analyze_many(texts))
    assert many == [analyzer.analyze(text) for text in texts]
    columns = analyzer.columns(texts)
    for k, found in enumerate(many):
        row = {name: v[k].item() if isinstance(v, np.ndarray) else v[k] for name, v in columns.items()}
        assert row == {name: value for name, value in found.to_dict().items() if name in row}


def test_chunks_do_not_show(analyzer, varied, monkeypatch):
    whole = analyzer.columns(varied[:50])
    monkeypatch.setattr("complaint_motive.analyzer._CHUNK", 7)
    parts = analyzer.columns(varied[:50])
    for name, values in whole.items():
        assert list(parts[name]) == list(values), name


def test_columns_come_in_the_order_of_the_schema(analyzer):
    for evidence in (True, False):
        names = [column.name for column in output_columns(evidence=evidence)]
        assert list(analyzer.columns(["要求退款"], evidence=evidence)) == names
        assert list(analyzer.columns([], evidence=evidence)) == names


def test_streaming_reads_ahead_only_a_little(analyzer):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield "要求退款"

    stream = analyzer.analyze_many(endless())
    assert next(stream).category == "redress"
    assert taken <= 2048


def test_shown_texts_are_masked_and_offsets_are_not(analyzer):
    text = "我手机13800138000，明天不退款我就发抖音曝光你们经理13912345678"
    found = analyzer.analyze(text)
    shown = json.dumps(found.to_dict(), ensure_ascii=False)
    assert "13800138000" not in shown
    assert "13912345678" not in shown
    assert found.text == text
    for part in (*found.cues, *found.evidence):
        if "[" not in part.text:
            assert text[part.start : part.end] == part.text
    assert analyzer.mask(text).count("[手机号]") == 2


def test_results_cannot_be_changed(analyzer):
    found = analyzer.analyze("要求退款")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
        found.text = ""
    with pytest.raises(TypeError, match="does not support item assignment"):
        found.probabilities["none"] = 1.0
    with pytest.raises(TypeError, match="does not support item assignment"):
        analyzer.metadata["kind"] = ""


def test_what_to_dict_gives_is_the_callers(analyzer):
    found = analyzer.analyze("再不退款我就曝光你们")
    plain = found.to_dict()
    plain["cues"].clear()
    plain["plan"]["steps"].clear()
    assert found.cues
    assert found.plan.steps


def test_eight_threads_see_what_one_sees(analyzer, varied):
    expected = [analyzer.analyze(text).to_dict() for text in varied[:48]]
    fresh = cm.load()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: fresh.analyze(text).to_dict(), varied[:48]))
        columns = list(pool.map(lambda _: fresh.columns(varied[:48])["category"], range(8)))
    assert found == expected
    assert columns == [[row["category"] for row in expected]] * 8


def test_a_forked_process_sees_what_its_parent_sees(outside):
    code = """
import json, os, complaint_motive as cm
a = cm.load(); texts = ["要求退款", "再不退款我就曝光你们", "客服：您好\\n客户：垃圾"]
before = json.dumps([x.to_dict() for x in a.analyze_many(texts)])
read, write = os.pipe(); pid = os.fork()
if pid == 0:
    with open(write, "w") as out: out.write(json.dumps([x.to_dict() for x in a.analyze_many(texts)]))
    os._exit(0)
os.close(write); after = open(read).read(); assert os.waitpid(pid, 0)[1] == 0; assert after == before
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=outside, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_your_own_model_is_loaded(tiny, tmp_path):
    from complaint_motive.models.artifact import save_model

    save_model(tmp_path, tiny.scorer_, tiny.rule_, {}, "")
    own = cm.load(tmp_path)
    assert own.model_digest != cm.load().model_digest
    assert own.analyze("建议加一盏路灯").category == "improvement"


def test_your_own_strategies_are_checked(tmp_path):
    path = tmp_path / "ours.toml"
    with pytest.raises(InputError, match=r"ours\.toml: cannot be read"):
        cm.load(strategies=path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"ours\.toml: cannot be read as UTF-8"):
        cm.load(strategies=path)
    path.write_text("[[entry]]\nid = 3\n", encoding="utf-8")
    with pytest.raises(ResourceError, match=r"ours\.toml"):
        cm.load(strategies=path)
