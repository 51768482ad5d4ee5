"""Counts and numbers: how often the customer made contact, how many people are concerned, order numbers (masked)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from complaint_motive.analysis import Fact
from complaint_motive.features.fact_kinds import make_fact
from complaint_motive.features.fact_scan import NUMBER_CHARACTERS, Ranges, anchored_matches, matches_within, places_of
from complaint_motive.features.numerals import HAN_NUMERALS, NUMBER, parse_number

__all__ = ["find_contact_counts", "find_order_numbers", "find_people_counts"]

_CONTACT = (
    "(?:打(?!包|折|卡|印|针|车|开|扫|架|球|赏|牌|磨|孔|死|骂|伤|完|假)|拨打?|联系|反映|反应(?!慢"
    "|快|迟|不|过来)|投诉(?!人|单|信)|沟通|找(?!到|零)|催促?|追问|询问|咨询|问(?!题|卷|号|世)"
    "|申诉|报修|上报|报警|来电|致电|电话|留言|私信|写信|发(?=消息|邮件|信息|短信|私信|工单)"
    "|申请|提交|回访|上访|举报|反馈|说(?=[过了])|求助|交涉|协商|联络|跑|请求|催单|提(?=了|过"
    "|意见)|@|艾特|去电|去(?=[了过]?[^,。!?]{0,6}[次趟](?:营业厅|物业|店|柜台|网点|银行|派出所"
    "|居委会|社区|售后|维修点|政府))|去(?:营业厅|物业|柜台|门店|网点|售后)|敲门?|报(?=了|过))"
)
_TIMES = "(?:多?次|多?遍|多?回(?!复|应|电|访|来|去|家|头|款|收)|多?趟|多?通(?!话|知|过)|个(?:来|多)?(?:电话|投诉|工单))"
_MANY = "(?:多|好几|几|数|无数|n|若干|很多|好多|这么多|那么多)"
_LEAST = {
    "多": 3,
    "好几": 3,
    "几": 2,
    "数": 2,
    "无数": 10,
    "n": 3,
    "若干": 2,
    "很多": 3,
    "好多": 3,
    "这么多": 3,
    "那么多": 3,
}
_PERSON = (
    "(?:多?户(?!外|型|口|籍|主)(?:业主|居民|人家|人|村民|住户|家庭)?|多?口人|多?口子?(?=[,。!?人]"
    "|$)|多?[名位](?!单|字|为|额|次|称|置|声|下|列|数|密|验)"
    "(?:业主|住户|员工|同学|学生|家长|顾客|消费者|居民|老人|孩子|乘客|旅客|车主|会员|学员|村民"
    "|老师|同事|工人|用户|受害者|职工|客人|租客|邻居|维权者)?"
    "|多?个(?:业主|住户|员工|同学|学生|家长|顾客|消费者|居民|老人|大人|孩子|小孩|乘客|车主|会员"
    "|学员|村民|同事|工人|用户|受害者|客人|朋友|大活人|人(?!员|信|账|帐|中心|资|感|认|觉|所|原"
    "|名|工|民|们|间|体|家里|月的|次|客服))"
    "|多?人(?!员|民|次|工|家|间|桌|民|行|均|份|座|群|流|格|为|性|气|事|品|才|数|脸|身|防|社|大|心|命|生|们))"
)
_ORDER = (
    "(?:(?:订单|工单|快递|物流|运|流水|保单|保险|合同|案件|受理|交易|退款|申诉|投诉|业务|服务单?"
    "|信访|商户|退货|售后)(?:编号|单号|流水号|号码|号)"
    r"|订单|工单|运单|单号|流水号)[\s:是为叫#「“(]{0,3}"
)


@lru_cache(maxsize=1)
def _counted() -> re.Pattern[str]:
    return re.compile(rf"[{HAN_NUMERALS}\d多n数干][多来余]?(?:[次遍回趟通]|个(?:来|多)?(?:电话|投诉|工单))")


_HAPPENED = frozenset("了过")
_COUNT_CHARACTERS = NUMBER_CHARACTERS + "无几若干很这么那n个第"


@lru_cache(maxsize=1)
def _counted_times() -> re.Pattern[str]:
    return re.compile(rf"[{HAN_NUMERALS}\d多n数干kw余来](?=[次遍回趟通])")


@lru_cache(maxsize=1)
def _contact() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return the patterns: contact verb then count, count then contact verb, and contact that is not the customer's."""
    count = rf"(?P<n>{NUMBER}|{_MANY})[多来余]?(?:个(?=电话|投诉))?"
    between = r"(?:(?!第|每)[^\d,。!?;:\s一二两三四五六七八九十百几数多]){0,8}?"
    return (
        re.compile(
            rf"{_CONTACT}{between}(?:不下|不少于|至少|超过|将近|近|有|足足|整整|已经|快|都|前后"
            rf"|前前后后|先后|总共|一共|共)?(?:有|过)?(?P<nth>第)?{count}{_TIMES}(?:客服|投诉"
            rf"|报修|热线)?(?:电话)?(?!卡|针|车|包|折|货|药|手术|购买|疫苗|厕所|洗手间)"
        ),
        re.compile(
            rf"(?:前后|前前后后|先后|曾|已经?|我|又|今天|一共|累计|多方|,|^|第|这是|本人|家人"
            rf"|们|并|业主|来电人|客户|用户|期间|就此|也|后来|后)(?P<nth>(?<=第))?{count}(?:次"
            rf"|遍|回|趟|通)"
            rf"(?:地|的|去|给|跟|向|和|找|与|到|在|对|来|主动)?(?:[^,。!?;:\d\n]{{0,8}}?)(?:打(?:电话"
            rf"|了|客服|热线|给|过)|拨打|联系|反映|反应(?!慢|快|迟|不)|投诉|沟通|催|询问|咨询"
            rf"|申诉|报修|来电|致电|电话|留言|私信|举报|反馈|上访|交涉|协商|要求|找(?!不)|求助"
            rf"|上门找|报警|信访|提出|维权)"
        ),
        re.compile(r"骚扰|推销|催收|给我打|打给我|打我|不说|你们打|要我|叫我|让我|来打|说一遍|问一次|一打"),
    )


_COUNT_FIRST = re.compile(
    rf"(?:^|[后曾已经我又天共计方,第是人们并主户间此也来])[\d{re.escape(_COUNT_CHARACTERS)}]+[次遍回趟通]"
    "[^,。!?;:\n]{0,11}?[打拨联反投沟催询咨申报来致电留私举上交协要找求信提维]"
)
"""Finds a place wherever a count can stand before its verb."""


def _times(words: str) -> float | None:
    """Return the least that a count means; 多次 is three."""
    return float(_LEAST[words]) if words in _LEAST else parse_number(words)


def find_contact_counts(text: str, near: Ranges | None = None) -> Iterator[Fact]:
    """Yield how often the customer made contact: 打了五次电话, 反映过四回, 第三次投诉; in some sentences or in all.

    Examples
    --------
    >>> [(f.text, f.value) for f in find_contact_counts("打了五次电话没人理,换了三次货")]
    [('打了五次电话', 5.0)]
    """
    if near is None:
        near = ((0, len(text)),) if _counted().search(text) else ()
    after, before, foreign = _contact()
    counted_first: Iterable[re.Match[str]] = ()
    # a count may stand behind the mark that ends the sentence before
    if any(_COUNT_FIRST.search(text, max(start - 1, 0), end) for start, end in near):
        counted_first = anchored_matches(
            before, text, places_of(_counted_times(), text, near), _COUNT_CHARACTERS, reach=4
        )
    for pattern, matches in ((after, matches_within(after, text, near)), (before, counted_first)):
        for match in matches:
            value = _times(match["n"])
            if value is None or not 1 <= value < 10000 or foreign.search(text, max(0, match.start() - 2), match.end()):
                continue
            if value == 1 and _HAPPENED.isdisjoint(match[0]):
                continue
            start = match.start("n") if pattern is before else match.start()
            yield make_fact(
                "contact_count",
                text,
                start - bool(match["nth"] is not None and pattern is before),
                match.end(),
                value,
                "times",
            )


_PEOPLE_CHARACTERS = NUMBER_CHARACTERS + "我咱你们娘爷姐哥夫妻两口母女子"


@lru_cache(maxsize=1)
def _people_anchors() -> re.Pattern[str]:
    counted = "[户口名位人]|个[业住员同学家顾消居老大]|个[孩小乘旅车会村工用受客朋人]"
    return re.compile(rf"[{HAN_NUMERALS}\d多来余kw](?={counted})|[俩仨]")


@lru_cache(maxsize=1)
def _people() -> re.Pattern[str]:
    return re.compile(
        rf"(?=[\d数好我咱你{HAN_NUMERALS}])(?<![第每单某满本前限\d])(?P<n>{NUMBER}|好几|几)[多来余]?{_PERSON}"
        rf"|(?P<few>[我咱你]们?(?:娘|爷|姐|哥|夫妻|两口|母女|母子)?(?P<k>俩|仨|两口子)(?![个人]?客服))"
    )


def find_people_counts(text: str, near: Iterable[int] | None = None) -> Iterator[Fact]:
    """Yield how many people or households are concerned, from two on; near some places or all.

    Examples
    --------
    >>> [(f.text, f.value) for f in find_people_counts("我们三十几户业主,一家五口,我一个人")]
    [('三十几户业主', 30.0), ('五口', 5.0)]
    """
    anchors = places_of(_people_anchors(), text) if near is None else near
    for match in anchored_matches(_people(), text, anchors, _PEOPLE_CHARACTERS):
        words = match["n"] or match["k"][0]
        value = _LEAST.get(words) or parse_number(words)
        if value is not None and 2 <= value < 10**8 and value == int(value):
            yield make_fact("people_count", text, match.start(), match.end(), float(value), "people")


@lru_cache(maxsize=1)
def _order() -> re.Pattern[str]:
    return re.compile(rf"{_ORDER}(?P<number>(?=[a-z-]*\d)[a-z\d][a-z\d*-]{{4,31}}|[\ue001-\ue006])(?![a-z\d])")


def find_order_numbers(text: str) -> Iterator[Fact]:
    """Yield order, ticket and policy numbers; text and value show their last four characters at most.

    Examples
    --------
    >>> [(f.text, f.value) for f in find_order_numbers("订单号:20230115889012,快查")]
    [('订单号:**********9012', '**********9012')]
    """
    if "号" not in text and "单" not in text:
        return
    for match in _order().finditer(text):
        number = match["number"]
        masked = (
            "****"
            if len(number) == 1
            else "*" * (len(number) - 4) + number[-4:]
            if len(number) > 7
            else "*" * len(number)
        )
        shown = text[match.start() : match.start("number")] + masked
        yield Fact("event", "order_number", shown, masked, "", match.start(), match.end())
