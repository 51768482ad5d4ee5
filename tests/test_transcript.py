"""Speaker turns: only the customer's words count, and offsets stay those of the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_motive.features.document import read_documents
from complaint_motive.features.normalize import normalize
from complaint_motive.transcript import _MARK, _mark_at, customer_spans, join_turns, speaker_turns

LOGS = [
    ("客服与客户", "客服：您好\n客户：退款呢", ["退款呢"]),
    ("半角冒号", "客服:您好\n用户:退款呢", ["退款呢"]),
    ("坐席与来电人", "坐席：您好，请讲\n来电人：我家停水两天了", ["我家停水两天了"]),
    ("座席工号", "座席1024：您好\n顾客：餐送错了", ["餐送错了"]),
    ("工号", "工号8856：您好\n客户：餐送错了", ["餐送错了"]),
    ("买家与商家", "买家：怎么还不发货\n商家：亲，明天发\n买家：昨天也这么说", ["怎么还不发货\n", "昨天也这么说"]),
    ("时间在前", "10:01:22 客服：您好\n10:01:30 客户：宽带断了", ["宽带断了"]),
    ("日期时间在前", "2024-05-01 10:01 客服：您好\n2024-05-01 10:02 客户：宽带断了", ["宽带断了"]),
    ("方括号时间", "[10:01]客服：您好\n[10:02]客户：宽带断了", ["宽带断了"]),
    ("时间在后", "客服 10:01:22\n您好\n客户 10:01:30\n宽带断了", ["\n宽带断了"]),
    ("多行一轮", "客户：我买的锅\n第二天就掉漆\n客服：抱歉", ["我买的锅\n第二天就掉漆\n"]),
    ("方括号角色", "【客服】：您好\n【客户】：锅掉漆了", ["锅掉漆了"]),
    ("英文角色", "Agent: hello\nCustomer: 锅掉漆了", [" 锅掉漆了"]),
    ("机器人", "智能客服：请选择业务\n用户：人工", ["人工"]),
    ("一行里两人", "客户：锅掉漆了。客服：抱歉。客户：退钱", ["锅掉漆了。", "退钱"]),
    ("空的一轮", "客户：\n客服：您好", ["\n"]),
]


@pytest.mark.parametrize(("text", "said"), [row[1:] for row in LOGS], ids=[row[0] for row in LOGS])
def test_only_the_customers_turns_count(text, said):
    spans = customer_spans(text)
    assert spans is not None
    assert [text[a:b] for a, b in spans] == said


WHOLE = [
    ("空文", ""),
    ("平常的话", "快递三天没到"),
    ("工单", "客户来电反映家中停水两天，要求尽快恢复供水。"),
    ("工单带冒号", "客户来电反映：家中停水两天，要求尽快恢复供水。"),
    ("句中的客服", "我跟客服说了：你们必须退钱"),
    ("题目", "客服：差到没边"),
    ("时刻", "下午3:20到店，排了一小时"),
    ("比分", "3:2"),
    ("网址", "http://example.com/客服:1"),
    ("换行无角色", "东西坏了\n要求退货\n谢谢"),
]


@pytest.mark.parametrize("text", [row[1] for row in WHOLE], ids=[row[0] for row in WHOLE])
def test_a_text_without_turns_counts_as_a_whole(text):
    spans = customer_spans(text)
    kept = text if spans is None else "".join(text[a:b] for a, b in spans)
    assert kept.strip() in text
    assert len(kept) >= len(text) - 7


def test_nothing_is_left_where_only_the_agent_speaks():
    assert customer_spans("客服：您好，请问有什么可以帮您") == []
    assert customer_spans("客服：您好\n客服：还在吗") == []


def test_a_title_before_the_first_turn_counts():
    text = "退款纠纷\n客服：您好\n客户：退钱"
    assert [text[a:b] for a, b in customer_spans(text)] == ["退款纠纷\n", "退钱"]


def test_agents_words_do_not_reach_the_document_and_offsets_survive():
    text = "客服：您好，建议您投诉\n客户：ＡＢＣ退款\n客服：好的"
    documents = read_documents([text])
    assert documents[0].strip() == "abc退款"
    assert documents.attributed.tolist() == [True]
    at = documents[0].index("退")
    assert text[documents.origin[at]] == "退"


def test_turns_as_a_list_are_the_same_as_a_log():
    turns = [("客服", "您好"), ("客户", "退款呢"), ("客服", "稍等")]
    assert customer_spans(join_turns(turns)) == customer_spans("客服：您好\n客户：退款呢\n客服：稍等")


BAD_TURNS = [
    ("text instead of a pair", ["客户：退款"], r"turn 0 is '客户：退款'; a turn must be a pair of texts"),
    ("three parts", [("客户", "退款", "1")], "turn 0 is .* must be a pair"),
    ("a number", [("客服", "您好"), ("客户", 5)], "turn 1 is .* must be a pair"),
    ("none", [("客户", None)], "turn 0 is .* must be a pair"),
]


@pytest.mark.parametrize(("turns", "message"), [row[1:] for row in BAD_TURNS], ids=[row[0] for row in BAD_TURNS])
def test_a_malformed_turn_is_refused_by_number(turns, message):
    with pytest.raises(ValueError, match=message):
        join_turns(turns)


PIECES = ["客服", "客户", "用户3", "：", ":", "\n", " ", "10:20", "2024-01-02", "退款", "。", "【", "】", "工号1"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_turns_are_in_order_apart_and_in_range(text):
    at = 0
    for turn in speaker_turns(text):
        assert at <= turn.start <= turn.end <= len(text)
        at = turn.end
    spans = customer_spans(text) or []
    assert all(0 <= a <= b <= len(text) for a, b in spans)
    assert spans == sorted(spans)


HEADS = [
    "客服",
    "客户",
    "客服小王",
    "客户经理",
    "物业客服",
    "亲爱的客户",
    "家属",
    "用户Ａ",
    "Client",
    "王五",
    "您好",
    "",
    "客服1",
    "客 服",
]
BEHIND = ["", "10:20\n", "20\n退款", "您好", "\n", ":"]


@pytest.mark.parametrize("colon", ":：")
@pytest.mark.parametrize("head", HEADS)
def test_marks_of_letters_do_not_depend_on_what_follows(head, colon):
    for behind in BEHIND:
        text = head + colon + behind
        mark = _MARK.match(text)
        expected = None if mark is None else (*mark.span(), mark.lastgroup == "customer")
        assert _mark_at(text, 0, len(head)) == expected


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=5))
def test_a_batch_knows_the_speakers_of_each_text(texts):
    attributed = normalize(texts).attributed.tolist()
    assert attributed == [customer_spans(text) is not None for text in texts]
