"""Gates and scans around the dear patterns: they save time and change nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_motive.features.document import read_documents
from complaint_motive.features.fact_counts import _PEOPLE_CHARACTERS, _people, _people_anchors
from complaint_motive.features.fact_gates import GATES, gate_triage
from complaint_motive.features.fact_scan import NUMBER_CHARACTERS, anchored_matches, matches_within, places_of
from complaint_motive.features.facts import batch_triage_facts, find_facts, triage_facts

PIECES = st.sampled_from([
    *"一二三几两十百千万多好来余kw0159.,点块元毛角分钱¥$次遍个户口名位人俩我前内限给你等之以天日月年不退没 \n。",
    *("rmb", "人民币", "美金", "电话", "投诉", "业主", "退款", "花了", "打了", "再给", "最晚", "今晚", "见不到"),
    *("𝟑", "٣"),
])  # fmt: skip

FIGURES = [
    ("amount", "花了三百块", "那块儿去的"),
    ("amount", "被扣¥ 99", "很生气"),
    ("bare_amount", "花了三百八,不退", "花了很多"),
    ("contact_count", "打了五次电话", "打了电话"),
    ("people_count", "我们三十一户业主", "我一个人"),
    ("people_count", "我们俩", "我们"),
    ("deadline", "三天之内退款", "退款"),
    ("deadline", "限你们24小时", "等着"),
]


@pytest.mark.parametrize(("gate", "opens", "shut"), FIGURES, ids=[f"{row[0]}: {row[1]}" for row in FIGURES])
def test_a_gate_opens_for_a_figure_and_not_for_other_words(gate, opens, shut):
    documents = read_documents([opens, shut])
    places = gate_triage(documents.codes)[gate]
    assert len(places)
    assert (places <= documents.bounds[1]).all()


def test_gates_of_no_documents_are_empty():
    documents = read_documents([])
    places = gate_triage(documents.codes)
    assert list(places) == list(GATES)
    assert not any(map(len, places.values()))


@given(st.lists(st.lists(PIECES, max_size=14).map("".join), max_size=6))
def test_gated_batches_find_what_each_text_alone_holds(texts):
    documents = read_documents(texts)
    found = [list(facts) for facts in batch_triage_facts(documents)]
    assert found == [triage_facts(documents[k]) for k in range(len(documents))]


CONTACTS = (
    "打 拨打 联系 反映 反应 投诉 沟通 找 催 追问 询问 咨询 问 申诉 报修 上报 报警 来电 "
    "致电 电话 留言 私信 写信 申请 提交 回访 上访 举报 反馈 说过 求助 交涉 协商 联络 跑 请求 "
    "催单 提了 @ 艾特 去电 去营业厅 敲门 报了 要求 信访 提出 维权"
)
PAID = "花 付 交 扣 被骗 报价 优惠 打赏 实付 合计 额度 房租 工资 余额 货值 价格: 押金 高达 费用一共"


def test_gates_open_for_every_word_of_contact_and_of_money():
    texts = [f"真的,{word}五次了" for word in CONTACTS.split()] + [f"我五次{word}了" for word in CONTACTS.split()]
    texts += [f"说,{word}三百八,没" for word in PAID.split()]
    found = list(map(list, batch_triage_facts(read_documents(texts))))
    assert found == list(map(triage_facts, texts))
    assert np.mean(list(map(bool, found))) > 0.7


def test_gated_batches_find_what_the_corpus_holds(corpus):
    documents = read_documents([row["text"] for name in sorted(corpus)[:3] for row in corpus[name]])
    found = list(batch_triage_facts(documents))
    assert list(map(list, found)) == [triage_facts(documents[k]) for k in range(len(documents))]
    assert np.mean([bool(facts) for facts in found]) > 0.2


@given(st.lists(PIECES, max_size=14).map("".join))
def test_facts_for_triage_are_those_of_the_full_search(text):
    kinds = {"amount", "contact_count", "people_count", "deadline", "remedy"}
    normalized = read_documents([text])[0]
    assert triage_facts(normalized) == [fact for fact in find_facts(normalized) if fact.kind in kinds]


NUMBER = re.compile(r"[我第]?\d+(?:,\d{3})*(?=人|次)[人次]")


@given(st.text("0123,我第人次x", max_size=24))
def test_anchored_matches_are_those_of_finditer(text):
    anchors = places_of(re.compile(r"\d(?=[人次])"), text)
    found = anchored_matches(NUMBER, text, anchors, NUMBER_CHARACTERS, reach=1)
    assert [match.span() for match in found] == [match.span() for match in NUMBER.finditer(text)]


@given(st.lists(PIECES, max_size=14).map("".join))
def test_people_are_found_at_their_anchors(text):
    found = anchored_matches(_people(), text, places_of(_people_anchors(), text), _PEOPLE_CHARACTERS)
    assert [match.span() for match in found] == [match.span() for match in _people().finditer(text)]


def test_matches_within_ranges_begin_there():
    text = "一天。两天,三天。四天"
    days = re.compile("[一二两三四]天")
    assert [match.group() for match in matches_within(days, text, [(3, 9)])] == ["两天", "三天"]
    assert len(list(matches_within(days, text, None))) == 4
