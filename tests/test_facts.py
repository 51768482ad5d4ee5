"""Facts of the case; texts are normalised (half-width marks, lower case). A row is (text, [(words, value), ...])."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_motive.features.fact_kinds import FACT_DIMENSIONS
from complaint_motive.features.facts import find_facts, severity_facts, triage_facts

CORPUS = Path(__file__).parents[1] / "datasets" / "corpus" / "authored_00.jsonl"

AMOUNTS = [
    ("花了三百八", [("三百八", 380)]),
    ("实付998元", [("998元", 998)]),
    ("¥99的东西", [("¥99", 99)]),
    ("转了1.2万元", [("1.2万元", 12000)]),
    ("交了3万多", [("3万多", 30000)]),
    ("花30多万买的车", [("30多万", 300000)]),
    ("两千来块的机子", [("两千来块", 2000)]),
    ("工资3k", [("3k", 3000)]),
    ("一斤八毛", [("八毛", 0.8)]),
    ("三块五一个", [("三块五", 3.5)]),
    ("三块八毛都不退", [("三块八毛", 3.8)]),
    ("花了12块3天就坏", [("12块", 12)]),
    ("好几百块呢", [("好几百块", 300)]),
    ("押金1500没退", [("1500", 1500)]),
    ("退我545.6,谢谢", [("545.6", 545.6)]),
    ("罚了上万元", [("万元", 10000)]),
    ("3-5元不等", [("3-5元", 3)]),
    ("被扣500美元", [("500美元", None)]),
    ("给了100元优惠券", [("100元优惠券", 100)]),
    ("共1,299.00元", [("1,299.00元", 1299)]),
    ("拨打12315没用", []),
    ("给12345打过电话", []),
    ("一元一次方程", []),
    ("万元户", []),
    ("2023年元旦", []),
    ("十元店", []),
    ("三块电池", []),
    ("一块去吃饭", []),
    ("跑了三万公里", []),
    ("10万粉丝", []),
    ("一毛不拔", []),
    ("订单号:20230115889012元", []),
    ("住三单元", []),
]

CONTACTS = [
    ("打了五次电话", [("打了五次电话", 5)]),
    ("反映过四回", [("反映过四回", 4)]),
    ("第三次投诉了", [("第三次投诉", 3)]),
    ("打了好几通电话", [("打了好几通电话", 3)]),
    ("我跑了三趟", [("跑了三趟", 3)]),
    ("多次联系客服", [("多次联系", 3)]),
    ("找了你们8遍", [("找了你们8遍", 8)]),
    ("已经三次报修", [("三次报修", 3)]),
    ("问了不下十遍", [("问了不下十遍", 10)]),
    ("联系客服无数次", [("联系客服无数次", 10)]),
    ("用户二次来电", [("二次来电", 2)]),
    ("催了十几次", [("催了十几次", 10)]),
    ("拨打20多次", [("拨打20多次", 20)]),
    ("换了三次货", []),
    ("第三次购买", []),
    ("给我打了8次骚扰电话", []),
    ("再叫师傅跑一趟", []),
    ("见一次举报一次", []),
    ("每次都这样", []),
    ("喝完跑了三趟厕所", []),
]

PEOPLE = [
    ("我们三十几户", [("三十几户", 30)]),
    ("一家五口", [("五口", 5)]),
    ("全村200多人", [("200多人", 200)]),
    ("宿舍六个人", [("六个人", 6)]),
    ("三位老人", [("三位老人", 3)]),
    ("一百多名业主", [("一百多名业主", 100)]),
    ("五六百户居民", [("五六百户居民", 500)]),
    ("几十个家长", [("几十个家长", 20)]),
    ("我们俩", [("我们俩", 2)]),
    ("213户等着", [("213户", 213)]),
    ("5个孩子", [("5个孩子", 5)]),
    ("十来个业主", [("十来个业主", 10)]),
    ("一个人", []),
    ("两个客服", []),
    ("工作人员", []),
    ("3人间", []),
    ("8位数", []),
    ("每人一份", []),
    ("个人信息", []),
]

ORDERS = [
    ("订单号:20230115889012", [("订单号:**********9012", "**********9012")]),
    ("订单20231123445566", [("订单**********5566", "**********5566")]),
    ("单号是sf1234567890123", [("单号是***********0123", "***********0123")]),
    ("工单编号abc12345678", [("工单编号*******5678", "*******5678")]),
    ("运单号 75312345678901", [("运单号 **********8901", "**********8901")]),
    ("保单号p2023001122", [("保单号*******1122", "*******1122")]),
    ("合同编号ht-2021-0099", [("合同编号********0099", "********0099")]),
    ("受理编号123456", [("受理编号******", "******")]),
    ("快递单号yt8899001122", [("快递单号********1122", "********1122")]),
    ("订单编号为88001122334", [("订单编号为*******2334", "*******2334")]),
    ("流水号2024052000012345", [("流水号************2345", "************2345")]),
    ("订单号\ue003查一下", [("订单号****", "****")]),
    ("订单12个", []),
    ("产品代码:hx20881", []),
    ("水表编号是0000123456", []),
    ("手机尾号4321", []),
]

PRODUCTS = [
    ("买了一双运动鞋,穿两天开胶", ["运动鞋"]),
    ("花三百八买的电饭煲", ["电饭煲"]),
    ("购买了两台空调", ["空调"]),
    ("办的健身年卡", ["健身年卡"]),
    ("给老人办理宽带", ["宽带"]),
    ("预订的酒店房间", ["酒店房间"]),
    ("上个月刷卡买了台洗碗机", ["洗碗机"]),
    ("租了一辆电动车", ["电动车"]),
    ("报了个英语培训课程", ["英语培训课程"]),
    ("开通了视频会员", ["视频会员"]),
    ("投保的医疗险", ["医疗险"]),
    ("今年买的二手房", ["二手房"]),
    ("买不起", []),
    ("买家说好", []),
    ("报修三次", []),
    ("办好房产证", []),
    ("报警了", []),
]

PLACES = [
    ("在城东中心医院挂号", ["城东中心医院"]),
    ("小区里停水", ["小区"]),
    ("芦塘县领不了补贴", ["芦塘县"]),
    ("学府路被占满", ["学府路"]),
    ("东桥支行的柜台", ["东桥支行", "柜台"]),
    ("住7号楼", ["7号楼"]),
    ("你们店里的人", ["店里"]),
    ("a6区金星北路的工地", ["a6区", "金星北路", "工地"]),
    ("在机场等", ["机场"]),
    ("去营业厅问", ["营业厅"]),
    ("柏树坪镇碾子村", ["柏树坪镇", "碾子村"]),
    ("锦绣花园的电梯坏了", ["锦绣花园", "电梯"]),
    ("没有思路", []),
    ("城市建设", []),
    ("区别对待", []),
    ("店长来了", []),
    ("一路小跑", []),
    ("上市公司", []),
]

PARTIES = [
    ("客服没回", [("客服", "staff")]),
    ("店长骂人", [("店长", "management")]),
    ("维修师傅来过", [("维修师傅", "technician")]),
    ("物业不管", [("物业", "property")]),
    ("医生说没事", [("医生", "medical")]),
    ("领导出来", [("领导", "management")]),
    ("快递员扔门口", [("快递员", "delivery")]),
    ("我妈气病了", [("我妈", "family")]),
    ("孩子过敏", [("孩子", "child")]),
    ("老人摔了", [("老人", "vulnerable")]),
    ("商家不认", [("商家", "seller")]),
    ("班主任推给校长", [("班主任", "teacher"), ("校长", "management")]),
    ("司机绕路", [("司机", "driver")]),
    ("民警来了", [("民警", "authority")]),
    ("老人机坏了", []),
    ("快递柜打不开", []),
    ("有领导力", []),
    ("发朋友圈", []),
]

REMEDIES = [
    ("要求退款", [("退款", "refund")]),
    ("退钱!", [("退钱", "refund")]),
    ("不给退货", [("退货", "refund")]),
    ("给我换货", [("换货", "replace")]),
    ("请尽快维修", [("维修", "repair")]),
    ("必须赔偿损失", [("赔偿", "compensate")]),
    ("店长得给我道歉", [("道歉", "apology")]),
    ("给个说法", [("给个说法", "reply")]),
    ("请尽快发货", [("发货", "deliver")]),
    ("尽快恢复供水", [("恢复供水", "restore")]),
    ("立即停止扣费", [("停止", "stop")]),
    ("请解释清楚", [("解释", "explain")]),
    ("请核实", [("核实", "investigate")]),
    ("申请减免违约金", [("减免", "waive")]),
    ("不是要赔偿", []),
    ("已退款", []),
    ("无需回电", []),
    ("维修师傅来过", []),
    ("退款成功", []),
    ("我不要赔偿", []),
]

EMOTIONS = [
    ("太失望了", [("失望", "disappointed")]),
    ("让人寒心", [("寒心", "disappointed")]),
    ("很生气", [("生气", "angry")]),
    ("真的无奈", [("无奈", "helpless")]),
    ("我着急啊", [("着急", "anxious")]),
    ("很担心孩子", [("担心", "worried")]),
    ("吓坏了", [("吓坏", "afraid")]),
    ("觉得委屈", [("委屈", "aggrieved")]),
    ("心酸", [("心酸", "hurt")]),
    ("看着恶心", [("恶心", "disgusted")]),
    ("肠子悔青", [("肠子悔青", "regretful")]),
    ("非常不满意", [("不满意", "dissatisfied")]),
    ("身心俱疲", [("身心俱疲", "exhausted")]),
    ("我不生气", []),
    ("没有失望", []),
    ("别着急", []),
    ("恐怕不行", []),
    ("累计消费", []),
]


def _rows(**tables):
    return [pytest.param(kind, *row, id=f"{kind}-{row[0]}") for kind, table in tables.items() for row in table]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    _rows(
        amount=AMOUNTS,
        contact_count=CONTACTS,
        people_count=PEOPLE,
        order_number=ORDERS,
        party=PARTIES,
        remedy=REMEDIES,
        emotion=EMOTIONS,
    ),
)
def test_kind(kind, text, expected):
    assert [(fact.text, fact.value) for fact in find_facts(text) if fact.kind == kind] == expected


@pytest.mark.parametrize(("kind", "text", "expected"), _rows(product=PRODUCTS, place=PLACES))
def test_words(kind, text, expected):
    assert [fact.text for fact in find_facts(text) if fact.kind == kind] == expected


def test_the_longest_figure_wins():
    kinds = [fact.kind for fact in find_facts("请在三天内退我300元") if fact.dimension == "time"]
    assert kinds == ["deadline"]


@pytest.mark.parametrize("piece", ["我们俩", "三天,", "一二三", "9", "99元,", "客服说三天内退款"])
def test_long_texts_take_linear_time(piece):
    _check((piece * 20000)[:60000])


def test_words_are_listed_once():
    assert [fact.text for fact in find_facts("客服不理,客服又挂了")] == ["客服"]


@pytest.mark.parametrize("text", ["", " ", "\n", "。", "\ue001", "好"])
def test_nothing_to_find(text):
    assert find_facts(text) == [] == triage_facts(text)
    assert severity_facts(text) == (None, None, None, None)


def _check(text):
    facts = find_facts(text)
    for fact in facts:
        assert fact.dimension == FACT_DIMENSIONS[fact.kind]
        assert 0 <= fact.start < fact.end <= len(text)
        assert fact.kind == "order_number" or fact.text == text[fact.start : fact.end]
    assert [(f.start, f.end) for f in facts] == sorted((f.start, f.end) for f in facts)
    kinds = {"amount", "contact_count", "people_count", "deadline", "remedy"}
    assert triage_facts(text) == [fact for fact in facts if fact.kind in kinds]
    severity = severity_facts(text)
    amounts = [f.value for f in facts if f.kind == "amount" and f.value is not None]
    assert severity.amount_max == max(amounts, default=None)
    assert severity.deadline == next((f.text for f in facts if f.kind == "deadline"), None)


def test_corpus():
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    for line in lines:
        _check(json.loads(line)["text"].lower())


PIECES = ["三百八", "99元", "上周三", "3月15日", "前", "三天", "内", "打了", "五次", "电话", "退款", "必须", "20户"]


@given(
    st.lists(
        st.one_of(st.sampled_from([*PIECES, "我们", ",", "。", "店", "订单号"]), st.text(max_size=3)), max_size=12
    ).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_any_text(text):
    _check(text)
