"""Durations (三天, 一年零两个月), terms of a product or contract, and the time limits that a customer sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from complaint_motive.analysis import Fact
from complaint_motive.features.fact_dates import DATE_BEGINS, date_fact, find_dates
from complaint_motive.features.fact_kinds import make_fact
from complaint_motive.features.fact_scan import Ranges, matches_within
from complaint_motive.features.numerals import HAN_NUMERALS, NUMBER, parse_number

__all__ = ["find_deadlines", "find_durations"]

_DAYS = {
    "秒": 1 / 86400,
    "秒钟": 1 / 86400,
    "分钟": 1 / 1440,
    "小时": 1 / 24,
    "钟头": 1 / 24,
    "天": 1.0,
    "日": 1.0,
    "工作日": 1.0,
    "整天": 1.0,
}
_DAYS |= {"自然日": 1.0, "昼夜": 1.0, "周": 7.0, "星期": 7.0, "礼拜": 7.0, "月": 30.0, "季度": 90.0, "年": 365.0}
_PLAIN = (
    "秒钟?|分钟|小时|钟头|个?工作日|个?自然日|整?天(?![猫气线空地花台生然才窗河津桥府山润平主王下]|价(?!保))"
    "|昼夜|季度|日(?=[之以]?内)"
    "|周(?![岁年末边围身期刊到一二三四五六日])|星期(?![一二三四五六日天])|礼拜(?![一二三四五六日天])"
    "|年(?![级代龄轻底初终会卡费检薪货份审利息关味夜画])(?!猪|报|假|度|糕)"
)
_TERM_BEFORE = re.compile(
    r"(?:质保|保修|保质|联保|包修|有效期?|租期|合同期?|签了|期限|分期|保期|三包|为期|合约|会员"
    r"|年限|寿命|工期|疗程|保鲜)[为是]?[^,。!?\n]{0,3}$"
)
_TERM_AFTER = re.compile(
    r"的?(?:质保|保修|联保|无理由|分期|免息|期(?!间|待|盼|末)|合同|有效|价保|保价|包换|包退|免费"
    r"|会员|套餐|合约|疗程|险|之约)"
)
_GATE = re.compile(r"[秒天日周月年]|分钟|小时|钟头|星期|礼拜|季度|昼夜")
_NO_LIMIT = re.compile(
    r"说好?|告知|承诺|答应|保证|回复|答复|声称|表示|规定|政策|约定|写(?:着|的|明)|显示|告诉|通知"
    r"|原定|可以?|本来|本该|应该?是|一般|通常|不到|提示|页面|宣传|标注|合同|不超过|预计|计划"
    r"|判决|调解|争取"
)
_DEMANDS = (
    r"限|最晚|最迟|至迟|务必|必须|要求|请(?!了|假|问)|希望|恳请|麻烦|再给|就给|只给|给(?:你"
    r"|您|贵|他)|只等|等到|如果|若|要是|如|再不|不(?:然)|望|尽快|须|需要?(?:在)|得在|赶|定|我要"
)
_DEMAND, _DEMAND_BEFORE = re.compile(_DEMANDS), re.compile(rf"(?:{_DEMANDS})[^。!?\n]{{0,12}}$")
_DEMAND_REACH = 64
"""No demand before a limit stands farther off: 18 characters before the time, which is shorter than the rest."""
_SERVICE = re.compile("的?(?:自助|营业|客服|在线|不间断|热水|值班|监控|随时|健身|便利店|热线|制|保安)")
_ULTIMATUM = re.compile(
    "(?:我?再|要是|如果)?(?:[见看收得接]不到|不(?:退|赔|解决|处理|给(?!力)|来人|回复|打款))[^。!?\n]{0,18}(?:就"
    "|我|咱|别怪|后果|法院|投诉|曝光|全)"
)
_LONGEST = 90.0
_DEMAND_AFTER = re.compile(
    r"(?!可以?|即可|就?(?:能|可以)|才能|会|发货是|几|买)[,\s]?[^,。!?\n]{0,10}?(?:必须|务必|要么"
    r"|退[我还款钱费货]|赔|解决|处理(?!完|好了)|答复|回复|给(?:我|个|出|大家|一个|不|说)|到账"
    r"|发货|打款|联系|修好|修复|恢复|说法|见不到|看不到"
    r"|收不到|得不到|接不到|不给|不退|不解决|不处理|不来|还没|没有?(?:人|结果|答复|回|收|退|解决"
    r"|处理|到|见|看|等)|回电|回我|回话|打回|撤|不打|搞定|送到|送来|安装|整改|换[好新]|不然|否则"
    r"|办[好完妥]|道歉|拆|清理|公示|说清|寄|付清|结清|补)"
)
_REPORTED = re.compile(
    r"(?:客服|商家|店家|卖家|他们|对方|平台|公司|师傅|物业|销售|经理|店长|你们|工作人员|官方"
    r"|系统|校长|院方|主管|领导)[^。!?\n]{0,6}(?:说|回(?!电|我)|称|承诺|答应|保证|告知|表示|回复"
    r"|告诉)[^。!?\n]{0,10}$|[说回称答复]:?“[^”]{0,12}$"
)
_YOU = r"(?:你们?|您|贵\w{1,2}|商家|平台|物业|客服)?"
_LIMIT_GATE = re.compile(
    r"(?:[\d天日号月年底晚午点班周期半亮黑一二三四五六旬假庆旦节上])(?:[之以])?前(?![面台些几天年])"
    r"|[以之天日时钟周月年期]内(?!容|部|存|饰)"
    rf"|(?:限[期时定]?为?:?{_YOU}在?|最[晚迟]|[再就只]给你?们?您?|给{_YOU}(?:最后)?|[只多就再]等到?|至迟)"
    rf"(?=[{DATE_BEGINS}大小半数{HAN_NUMERALS}])"
    r"|[晚天日一二三四五六午点]再?(?:[见看收得]不到|不[退赔解处给来回]|没[有退给])"
)


_SENTENCE_MARK = re.compile(r"[。!?;]|,(?!\d)")


def _part(name: str) -> str:
    return (
        rf"(?P<n{name}>{NUMBER}|(?:大|小)?半)(?:[多来余]?个?)(?P<extra{name}>[多半])?(?:个|来)?"
        rf"(?P<unit{name}>{_PLAIN}|(?<=[个余来多半])月)(?P<half{name}>半)?[多余]?"
    )


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    starts = rf"(?<![每第\d.:-])(?=[\d大小半数{HAN_NUMERALS}])"
    return re.compile(rf"{starts}{_part('')}(?:(?:零|又|加|外加)?{_part('2')})?")


def _days(match: re.Match[str], part: str) -> float | None:
    words = match["n" + part]
    if words is None:
        return 0.0
    number = 0.5 if words.endswith("半") else parse_number(words)
    if number is None:
        return None
    number += 0.5 * ((match["extra" + part] == "半") + (match["half" + part] == "半"))
    return number * _DAYS[match["unit" + part].lstrip("个")]


@lru_cache(maxsize=1)
def _idioms() -> re.Pattern[str]:
    return re.compile(
        r"(?<=[有哪某那这前后头上下同当改])[一两几](?:天|年|个?月|周|个?星期|分钟)|(?:三天两头"
        r"|一天到晚|一年到头|一年四季|一天天|一天一|十天半个月|一日三|两天打|百年|千年|三年[一五]"
        r"|一年比|一天比|万年|一年一度|半天(?:假|班))"
    )


def find_durations(text: str, *, within: Ranges | None = None) -> Iterator[Fact]:
    """Yield the durations of a normalised text in days; warranties and contracts are of kind ``term``.

    A month is 30 days, a year 365; where the words leave the figure open (三天多), the value is the least.

    Examples
    --------
    >>> [(f.kind, f.text, f.value) for f in find_durations("等了半个月,保修一年,一天到晚打电话")]
    [('duration', '半个月', 15.0), ('term', '一年', 365.0)]
    """
    if _GATE.search(text) is None:
        return
    for match in matches_within(_pattern(), text, within):
        first, second = _days(match, ""), _days(match, "2")
        start, end = match.span()
        if first is None or second is None or _idioms().match(text, start) or _not_counted(match, first):
            continue
        term = _TERM_BEFORE.search(text, max(0, start - 8), start) or _TERM_AFTER.match(text, end)
        yield make_fact("term" if term else "duration", text, start, end, round(first + second, 4), "day")


def _not_counted(match: re.Match[str], days: float) -> bool:
    """Return whether the unit does not count time here: calendar years and misread numbers."""
    if match["unit"] == "年" and 1900 * 365 <= days < 2100 * 365:
        return True
    if _SERVICE.match(match.string, match.end()):
        return True
    return days <= 0 or days > 100 * 365


def _near_limits(text: str, within: Ranges | None) -> Iterator[tuple[int, int]]:
    """Yield the ranges between sentence marks that hold a word of limit, each with the range before it."""
    end = 0
    for limit in matches_within(_LIMIT_GATE, text, within):
        if limit.end() <= end or not _may_be_demanded(text, limit.start(), limit.end()):
            continue
        marks = [mark.end() for mark in _SENTENCE_MARK.finditer(text, end, limit.start())]
        start = marks[-2] if len(marks) > 1 else end
        mark = _SENTENCE_MARK.search(text, limit.end())
        end = mark.end() if mark else len(text)
        yield start, end


def _may_be_demanded(text: str, start: int, end: int) -> bool:
    """Return whether words around a word of limit may set it: 前 and 内 are mostly said of something else."""
    return bool(
        text[end - 1] not in "前内"
        or _DEMAND.search(text, max(0, start - _DEMAND_REACH), start)
        or _DEMAND_AFTER.match(text, end)
        or _ULTIMATUM.match(text, end)
    )


def _begun_in(ranges: Iterable[tuple[int, int]], facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if any(start <= fact.start < end for start, end in ranges)]


def _clause_start(text: str, at: int, reach: int = 18) -> int:
    low = max(0, at - reach)
    return max(low, *(text.rfind(mark, low, at) + 1 for mark in "。!?\n"))


def _demanded(text: str, start: int, end: int) -> bool:
    """Return whether a limit in time is one that the customer sets, not one reported of the other side."""
    low = _clause_start(text, start)
    comma = max(text.rfind(mark, low, start) + 1 for mark in ",:、 ") or low
    if _NO_LIMIT.search(text, max(low, comma - 1), start) or _REPORTED.search(text, low, start):
        return False
    return (_DEMAND_BEFORE.search(text, low, start) or _DEMAND_AFTER.match(text, end)) is not None


@lru_cache(maxsize=1)
def _behind() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what follows a point in time, what follows a span of time, and what before either sets it as a limit."""
    return (
        re.compile(
            r"(?:的?(?:下班|上班|放假|天黑|中午|早上|零点|\d{1,2}:\d\d|\d{1,2}点(?:半|整|钟)?))?(?:之"
            r"|以)?前(?!面|台|后|天|往|来|去)|(?:之|以)内"
        ),
        re.compile(r"(?:的)?(?:时间)?(?:之|以)?内|的?时间|(?=[,。!?;)\s]|$)"),
        re.compile(
            r"(?:(?<![期无有权年时受界])限(?:期|时|定)?(?:你们?|您|贵\w{1,2}|商家|平台|物业|客服)?(?:在)?"
            r"|最晚|最迟|至迟|[期时]限(?:为|是|:)?|[再就只]给你?们?您?|给(?:你们?|您|贵\w{1,2}"
            r"|商家|平台|物业|客服)(?:最后)?|(?:只|最多|就|再)等到?)$"
        ),
    )


def find_deadlines(
    text: str,
    near: Ranges | None = None,
    *,
    reference: date | None = None,
    dates: Iterable[Fact] | None = None,
    durations: Iterable[Fact] | None = None,
) -> Iterator[Fact]:
    """Yield the time limits that the customer sets: 今晚12点前, 三天之内, 限你们24小时, 下周一之前.

    A limit counts where a demand stands before or behind it; what the company promised, a rule or a page says does not.
    The value is that of the date (see :func:`~complaint_motive.features.fact_dates.find_dates`) or the days.

    Parameters
    ----------
    text : str
        One normalised text.
    near : sequence of (int, int), optional
        Sentences in which to look for words of limit.
    reference : datetime.date, optional
        The day on which the text was written.
    dates, durations : iterable of Fact, optional
        Dates without reference and durations already found in the text.

    Examples
    --------
    >>> [(f.text, f.value) for f in find_deadlines("限你们24小时内退款")]
    [('24小时内', 1.0)]
    """
    limits = list(_near_limits(text, near))
    if not limits:
        return
    point, span, limit = _behind()
    for fact in find_dates(text, within=limits) if dates is None else _begun_in(limits, dates):
        after = point.match(text, fact.end)
        set_ = limit.search(text, max(0, fact.start - 10), fact.start)
        end = after.end() if after else fact.end
        if not _is_past(fact) and (
            set_
            or (_is_ahead(fact) and _ULTIMATUM.match(text, end))
            or (after is not None and _demanded(text, fact.start, end))
        ):
            yield date_fact("deadline", text, (fact.start, end), str(fact.value) if fact.value else None, reference)
    for fact in find_durations(text, within=limits) if durations is None else _begun_in(limits, durations):
        after = span.match(text, fact.end)
        set_ = limit.search(text, max(0, fact.start - 10), fact.start) and (
            after or _DEMAND_AFTER.match(text, fact.end)
        )
        inside = after is not None and text[after.end() - 1] == "内"
        end = after.end() if after else fact.end
        if _number(fact) <= _LONGEST and (set_ or (inside and _demanded(text, fact.start, end))):
            yield make_fact("deadline", text, fact.start, end, fact.value, "day")


def _is_ahead(fact: Fact) -> bool:
    """Return whether a date lies today or later: 今晚, 明天, 周五, 下周一."""
    return isinstance(fact.value, str) and fact.value[:2] in ("D+", "W+")


def _number(fact: Fact) -> float:
    return fact.value if isinstance(fact.value, float) else 0.0


def _is_past(fact: Fact) -> bool:
    return isinstance(fact.value, str) and (fact.value[:2] in ("D-", "W-", "M-", "Y-") or fact.text.endswith("前"))
