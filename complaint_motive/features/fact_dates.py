"""Dates: absolute (2023.5.1, 3月15日) and relative ones (上周三, 前天), and their value for a reference date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from complaint_motive.analysis import Fact
from complaint_motive.features.fact_kinds import make_fact
from complaint_motive.features.fact_scan import Ranges, matches_within
from complaint_motive.features.numerals import parse_number, parse_year

__all__ = ["DATE_BEGINS", "date_fact", "find_dates", "resolve_date"]

_HAN_NUMBER = "[一二两三四五六七八九十几]"
_SMALL = rf"(?:\d{{1,2}}|{_HAN_NUMBER}{{1,3}})"
_YEAR = r"(?:(?:19|20)\d\d|[一二][零〇九][零〇一二三四五六七八九]{2}|(?<!\d)[012]\d)"
_WEEKDAY = "[一二三四五六日天末]"
_WEEK = "(?:周|星期|礼拜)"
_CLOCK = (
    "(?:的?(?:早上|上午|中午|下午|晚上|晚间|凌晨|傍晚|夜里|半夜|深夜|午后|夜间|早|晚|夜)(?!饭|餐|点(?!前)|就|会|班))?"
    rf"(?:\s?(?:\d{{1,2}}:\d\d(?::\d\d)?|{_SMALL}(?:点(?!评|击|名)|时(?!候|间))(?:半|多|钟|整|左右|{_SMALL}分?)?))?"
)
_RELATIVE_DAYS = {
    "大前天": -3,
    "前天": -2,
    "前晚": -2,
    "前日": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "昨夜": -1,
    "昨儿": -1,
}
_RELATIVE_DAYS |= {
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "今晚": 0,
    "今晨": 0,
    "今儿": 0,
    "今夜": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
}
_RELATIVE_DAYS |= {"明儿": 1, "后天": 2, "大后天": 3}
_SHIFTS = {"大前": -3, "前": -2, "上": -1, "去": -1, "本": 0, "这": 0, "今": 0, "当": 0, "下": 1, "明": 1, "后": 2}
_HOLIDAYS = {
    "元旦": "--01-01",
    "五一": "--05-01",
    "六一": "--06-01",
    "国庆": "--10-01",
    "十一": "--10-01",
    "双十一": "--11-11",
}
_HOLIDAYS |= {"双11": "--11-11", "双十二": "--12-12", "双12": "--12-12", "618": "--06-18"}
_STEP = {"天": "D", "日": "D", "周": "W", "星期": "W", "礼拜": "W", "月": "M", "年": "Y"}


def _day(name: str) -> str:
    return rf"(?P<{name}>{_SMALL})(?:日(?!元)|号(?!楼|线|店|院|门|房|桌|机|馆|柜|码|窗|仓|员))"


_DATE = "|".join(
    (
        rf"(?P<y1>{_YEAR})年(?:(?P<m1>{_SMALL})月(?:份|[底初末]|[上中下]旬)?(?:{_day('d1')})?)?",
        r"(?<![\d.-])(?P<y2>(?:19|20)\d\d)(?P<sep>[-./])(?P<m2>0?[1-9]|1[0-2])(?:(?P=sep)(?P<d2>[12]\d"
        r"|3[01]|0?[1-9]))(?:日|号)?(?!\d)",
        r"(?<![\da-z.-])(?P<y3>20[0-4]\d)(?P<m3>0[1-9]|1[0-2])(?P<d3>0[1-9]|[12]\d|3[01])(?![\da-z元])",
        rf"(?:(?P<yshift>[去今前明]年(?!前|里|轻)|大前年)(?:的?(?P<m4>{_SMALL})月(?:份|[底初末]"
        rf"|[上中下]旬)?(?:{_day('d4')})?|年[底初]|[底初])?)",
        rf"(?:(?P<mshift>[上本这当下]个?月(?!亮|经|子|饼|卡|费|租|薪|供|球|老|嫂))(?:{_day('d5')}"
        rf"|[底初末]|[上中下]旬|中)?)",
        rf"(?<![\d每个])(?P<m6>\d{{1,2}}|{_HAN_NUMBER}{{1,2}}(?=月[份底初末中上下\d一二三四五六七八九十]))月(?:{_day('d6')}"
        rf"|(?P<d6b>[12]\d|3[01]|0?[1-9])(?![\d.:/%个次天元块年点岁名人位户件])|份|[底初末]|[上中下]旬"
        rf"|中(?!心))?(?!\d|子|费|卡|租|薪|供|嫂|饼)",
        rf"(?:(?P<wshift>上上|[上本这下])个?{_WEEK}(?P<w7>{_WEEKDAY})?(?!期))",
        rf"(?<![每\d{_HAN_NUMBER[1:-1]}个第])(?P<weekday>{_WEEK}(?P<w8>{_WEEKDAY}))(?!到|至|边|岁|年)",
        rf"(?<![第每\d])(?P<ago>(?:半|{_HAN_NUMBER}+|\d+)[多来]?)(?P<step>天|日|周|个?星期|个?礼拜"
        rf"|个?月|年)多?(?:之|以)?前(?!台|后|三|十)",
        "(?P<day>" + "|".join(sorted(_RELATIVE_DAYS, key=len, reverse=True)) + ")",
        "(?P<holiday>双十一|双11|双十二|双12|(?<!\\d)618(?!\\d)|(?<![\\d十二三])五一(?=[,。期节假放前后那当去来到小黄劳]"
        "|$)|国庆|元旦|六一(?=儿|节|那|当|前|后))(?:节|假期|长假|期间|当天|那天)*",
        "(?P<feast>春节|过年|中秋|端午|清明|除夕|大年初一|大年三十)(?:节|假期|期间|当天|那天)*",
        "(?P<vague>前(?:几|两|些)天|这(?:几|两|些)天|前(?:段时间|阵子|一阵|不久)|(?:上|前)次(?=[来买打去报找])"
        "|最近|近期|近日)",
        r"(?<![\d.月工单楼栋路街站口线a-z第])(?P<d9>[12]\d|3[01]|[1-9]|二?十[一二三四五六七八九]?"
        r"|三十一?|[一二三四五六七八九])号(?=[,。!?;:、)\s]|$|[就到才还又以之早晚来去买申预办联在我你他那付]"
        r"|下午|上午|中午|凌晨|当天|开始|发货|下单)",
        r"(?<![\d.])(?P<m10>1[0-2]|[1-9])\.(?P<d10>[12]\d|3[01]|[1-9])(?:号|日|(?=晚上|早上|下午"
        r"|上午|中午|凌晨|买的|下单))",
        "(?P<monthend>(?<![\\d一二三四五六七八九十年个])月[底初末])",
    )
)


DATE_BEGINS = r"\d一二两三四五六七八九十几大前去今明上本这当下后昨周星礼半双国元六春过中端清除月最近"
"""What dates begin with, for character classes."""


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?=[{DATE_BEGINS}])(?:{_DATE}){_CLOCK}")


_GATE_CHARACTERS = re.compile(
    r"[年月日号天周晚早夜儿]|星期|礼拜|\d[-./]\d|20\d{6}|双1|双十|618|五一|国庆|元旦|六一|春节"
    r"|过年|中秋|端午|清明|除夕|最近|近期|这阵|前阵|前段|前次|上次"
)


def _two(words: str | None, low: int, high: int) -> str | None:
    """Return a month or day as two digits, or None where it is none."""
    number = parse_number(words) if words else None
    return f"{number:02.0f}" if number is not None and low <= number <= high and number == int(number) else None


def _joined(head: str, *parts: str | None) -> str:
    known = []
    for part in parts:
        if part is None:
            break
        known.append(part)
    return "-".join([head, *known])


def _absolute(g: dict[str, str | None]) -> str | None:
    year = parse_year(g["y1"] or g["y2"] or g["y3"] or "")
    month, day = g["m1"] or g["m2"] or g["m3"], g["d1"] or g["d2"] or g["d3"]
    if year is None or (len(g["y1"] or "") == 2 and month is None):
        return None
    found = _joined(str(year), _two(month, 1, 12), _two(day, 1, 31))
    if len(found) == 10:
        try:
            date.fromisoformat(found)
        except ValueError:
            return None
    return found


def _value(match: re.Match[str]) -> str | None:
    """Return the value of a match of the pattern; None where it is vague (最近) or a feast of the lunar calendar.

    Absolute dates are ISO 8601 as far as they are known: ``2023-05-01``, ``2023-05``, without a year ``--03-15``, a
    day of the month alone ``---15``. Relative ones are a unit (D day, W week, M month, Y year), the number of units
    from now, and what is known within: ``D-2`` 前天, ``W-1-3`` 上周三, ``M-1-15`` 上月15号, ``Y-1-03`` 去年3月.
    """
    g = match.groupdict()
    if g["y1"] or g["y2"] or g["y3"]:
        return _absolute(g)
    if g["yshift"]:
        return _joined(f"Y{_SHIFTS[g['yshift'].removesuffix('年')]:+d}", _two(g["m4"], 1, 12), _two(g["d4"], 1, 31))
    if g["mshift"]:
        return _joined(f"M{_SHIFTS[g['mshift'][0]]:+d}", _two(g["d5"], 1, 31))
    if g["m6"] or g["m10"]:
        month = _two(g["m6"] or g["m10"], 1, 12)
        return _joined(f"--{month}", _two(g["d6"] or g["d6b"] or g["d10"], 1, 31)) if month else None
    if g["wshift"] or g["weekday"]:
        shift = {"上上": -2}.get(g["wshift"] or "", _SHIFTS.get(g["wshift"] or "", 0))
        return _joined(f"W{shift:+d}", _week_day(g["w7"] or g["w8"]))
    if g["ago"]:
        return _ago(g["ago"], str(g["step"]))
    if g["day"]:
        return f"D{_RELATIVE_DAYS[g['day']]:+d}"
    if g["d9"]:
        return f"---{_two(g['d9'], 1, 31)}"
    return "M+0" if g["monthend"] else _HOLIDAYS.get(g["holiday"] or "")


def _week_day(words: str | None) -> str | None:
    return None if words is None else str("一二三四五六日".find(words) + 1 or {"天": 7, "末": 6}[words])


def _ago(words: str, step: str) -> str | None:
    number = parse_number(words)
    unit = _STEP[step.removeprefix("个")]
    if number == 0.5 and unit in "MY":
        return "D-15" if unit == "M" else "M-6"
    return None if number is None or number != int(number) else f"{unit}{-int(number):+d}"


_RELATIVE = re.compile(r"([DWMY])([+-]\d+)(?:-(\d+))?(?:-(\d+))?")


def resolve_date(value: str, reference: date, *, forward: bool = False) -> str:
    """Return the ISO date that a value of a date fact means on the reference date, as far as it is known.

    Parameters
    ----------
    value : str
        Value of a date; an absolute one is returned as it is.
    reference : datetime.date
        The day on which the text was written.
    forward : bool
        True: an open date (``--03-15``, 周三) is the next one, as in a deadline; False: the last one.

    Examples
    --------
    >>> resolve_date("W-1-3", date(2024, 5, 20)), resolve_date("--06-18", date(2024, 5, 20))
    ('2024-05-15', '2023-06-18')
    """
    relative = _RELATIVE.fullmatch(value)
    if relative is None:
        return _open(value, reference, forward) if value.startswith("--") else value
    unit, shift = relative[1], int(relative[2])
    first, second = (int(part) if part else None for part in relative.groups()[2:])
    if unit == "D":
        return (reference + timedelta(days=shift)).isoformat()
    if unit == "W":
        return _in_week(reference, shift, first, forward)
    if unit == "Y":
        return _joined(
            str(reference.year + shift), f"{first:02d}" if first else None, f"{second:02d}" if second else None
        )
    months = reference.year * 12 + reference.month - 1 + shift
    return _joined(f"{months // 12}-{months % 12 + 1:02d}", f"{first:02d}" if first else None)


def _in_week(reference: date, shift: int, weekday: int | None, forward: bool) -> str:
    monday = reference - timedelta(days=reference.weekday()) + timedelta(weeks=shift)
    if weekday is None:
        return "{}-W{:02d}".format(*monday.isocalendar())
    day = monday + timedelta(days=weekday - 1)
    if shift == 0 and forward and day < reference:
        day += timedelta(weeks=1)
    elif shift == 0 and not forward and day > reference:
        day -= timedelta(weeks=1)
    return day.isoformat()


def _open(value: str, reference: date, forward: bool) -> str:
    """Return the last (or next) date that ``--03-15``, ``--03`` or ``---15`` can mean on the reference date."""
    parts = value.lstrip("-").split("-")
    width = 2 if value.startswith("---") else 1
    now = reference.isoformat()
    here = now[:8] if width == 2 else now[:5]
    step = 1 if forward else -1
    found = here + "-".join(parts)
    if (found < now[: len(found)]) if forward else (found > now[: len(found)]):
        months = reference.year * 12 + reference.month - 1 + step * (1 if width == 2 else 12)
        found = f"{months // 12}-{months % 12 + 1:02d}-"[: len(here)] + "-".join(parts)
    return found


def date_fact(kind: str, text: str, span: tuple[int, int], value: str | None, reference: date | None) -> Fact:
    """Return a date or a deadline that is a date, resolved where there is a reference date."""
    if value and reference:
        value = resolve_date(value, reference, forward=kind == "deadline")
    unit = "" if value is None else "relative" if value[0] in "DWMY" else "date"
    return make_fact(kind, text, *span, value, unit)


def find_dates(text: str, reference: date | None = None, *, within: Ranges | None = None) -> Iterator[Fact]:
    """Yield the dates of a normalised text, with the time of day where it follows.

    Parameters
    ----------
    text : str
        One normalised text.
    reference : datetime.date, optional
        The day on which it was written.
    within : sequence of (int, int), optional
        Look only at dates that begin in these ranges, which must begin and end at sentence marks.

    Examples
    --------
    >>> [(f.text, f.value) for f in find_dates("上周三下午买的,3月15日坏了")]
    [('上周三下午', 'W-1-3'), ('3月15日', '--03-15')]
    """
    if _GATE_CHARACTERS.search(text) is None:
        return
    for match in matches_within(_pattern(), text, within):
        value = _value(match)
        if value is not None or match["vague"] or match["feast"]:
            yield date_fact("date", text, match.span(), value, reference)
