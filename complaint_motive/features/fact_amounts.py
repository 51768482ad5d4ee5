"""Sums of money: 998元, ¥99, 三百八, 1.2万, 两千来块, 三块五, 八毛."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from complaint_motive.analysis import Fact
from complaint_motive.features.fact_kinds import make_fact
from complaint_motive.features.fact_scan import NUMBER_CHARACTERS, anchored_matches, places_of
from complaint_motive.features.numerals import HAN_NUMERALS, NUMBER, parse_number

__all__ = ["MONEY_CHARACTERS", "find_amounts", "find_bare_amounts", "find_unit_amounts"]

_FOREIGN = {
    "美元": "USD",
    "美金": "USD",
    "刀": "USD",
    "欧元": "EUR",
    "港币": "HKD",
    "港元": "HKD",
    "日元": "JPY",
    "英镑": "GBP",
}
# 「三块电池」「一块肉」:块是量词,不是钱。
_PIECES = (
    "肉|砖|玻璃|电池|屏|板|表|手表|地(?!铁)|蛋糕|布|石|牌|瓷|肥皂|香皂|巧克力|糖|饼|面包|豆腐"
    "|骨|皮|木|硬盘|广告|鸡|排骨|牛排|尿布|区域"
    "|污|油|疤|土|田|橡皮|披萨|西瓜|姜|冰|抹布|毛巾|儿(?!童)|墙|漆|空地|草|工地|钢|铁|铜|海绵"
    "|披|鱼|电|内存|显|充电|主板|黑|白|红|紫|青|淤|显示|补丁"
)
_LONGEST_SUM = 9
_PRICED = "斤个次天张位人件只份瓶扣涨收付才加"
_NOT_YUAN = "旦|宵|素|气|老|年(?!卡|费)|首|件|一次|二次|次方程|方程|化|论|复始|店(?!里|铺)"
_VOUCHER = (
    "(?:的?(?:无门槛|现金|代金|通用|话费|购物|京豆)?(?:优惠券|代金券|抵用券|消费券|购物券|现金券|购物卡|红包|券))?"
)
_MONEY_VERB = (
    "(?:花|付|交|缴|收取?|扣|赔|补|退还?|还|转|借|贷|欠|充|存|损失|亏|被?骗|刷|投|涨|降|减|卖"
    "|买|要|给|返|报价|汇|支付|消费|罚|赚"
    "|消耗|垫付?|补偿|赔偿|开价|要价|标价?|优惠|便宜|打赏|租|划走?|少|实付|总?共计?|合计)"
    "(?:了|到|回|我们?|您|你们?|他们?|她|走|掉|过|出去?|进去?|人家|客户|用户|顾客|差价|总共|一共"
    "|共计?|共|将近|近|大概|大约|差不多|约|足足|整整|就|是|才|至少|上|个){0,3}"
)
_MONEY_NOUN = (
    "(?:[费款金薪钱租]|价格?|薪资|工资|金额|总额|余额|额度|总价|原价|现价|单价|售价|费用|价位|房租|货值|差价)"
    "(?:是|为|了|要|才|就|:|共|合计|总共|一共|共计|大概|大约|约|近|才交|交|收|扣|花|涨到|降到"
    "|只要|还要|高达|多达){0,2}"
)


_BARE_END = (
    r"(?=[,。!?;:、)”\s…~]|$|[了没不还就都才给左上到也又全并但吧呢啊买请要而只被已根后钱至结现]"
    r"|的(?!时候)|以上|多的?"
    r"|押金|[定订]金|利息|本金|保费|货款|贷款|手续费|违约金|罚款|差价|欠款|存款|车款|装修"
    r"|赔偿|首付|彩礼|巨款|工资)"
)


@lru_cache(maxsize=1)
def _with_unit() -> re.Pattern[str]:
    vague = "[多来余]?"
    foreign = "|".join(_FOREIGN)
    return re.compile(
        rf"""(?=[\d¥$r人数好{HAN_NUMERALS}])(?:(?:[¥$]|(?:rmb|人民币)\s?(?=\d))\s?(?P<signed>{NUMBER}){vague}(?:元|块钱?)?
        |(?:{NUMBER}{vague}(?:元|块)?[-~到至])?(?:(?<![单多第])(?P<yuan>(?<=[上成近])[百千万亿]+|好?{NUMBER}){vague}\s?
            (?:(?P<unit>块钱|块大洋|元钱|元整|圆整|块|元(?!{_NOT_YUAN})|rmb|人民币|软妹币|大洋)[多来]?(?P<coin>[一二三四五六七八九\d]\d?(?:毛|角)?(?!
                [\d.个次天年月日号点小分秒斤台件人位条张期折倍瓶箱包份双块元套层楼]|直|样|般|定|起|些|共|边))?
             |(?P<foreign>{foreign}(?!房)))
            |(?P<coins>{NUMBER})(?:毛(?:钱|[一二三四五六七八九\d]分钱?)?(?!不拔|衣|毯|巾|病|孩|发|孔|坯|利|线|笔|绒)|角钱|(?<!一)分钱))
        )(?:{_VOUCHER})""",
        re.VERBOSE,
    )


@lru_cache(maxsize=1)
def _bare() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a number without unit, of the words before that make it money, and of those behind."""
    digits = r"(?<![\d.:/年月-])\d{2,6}(?:\.\d{1,2})?(?![\d.:/%])"
    scaled = rf"(?<!第){NUMBER}(?<=[十百千万亿kw一二三四五六七八九\d])"
    hotline = "(?!123(?:15|45|58|06|78|20|28|66)(?!\\d)|100(?:86|10)(?!\\d))"
    return (
        re.compile(rf"(?=[\d数好{HAN_NUMERALS}]){hotline}(?:{scaled}|{digits})[多来余]?{_BARE_END}"),
        re.compile(rf"(?:{_MONEY_VERB}|{_MONEY_NOUN})好?$"),
        re.compile(
            r"[,。!?;)\s]|$|左右|的?(?:押金|[定订]金|贷款|欠款|保费|本金|存款|车款|装修|赔偿"
            r"|首付|彩礼|巨款|货款|工资)"
        ),
    )


MONEY_CHARACTERS = frozenset(f"{_MONEY_VERB}{_MONEY_NOUN}好\n")
"""Every character that the words before a bare sum of money can end in, and some more; a line may end there."""
_AFTER_PRICE, _RANGE_MARK = re.compile(r"[,。!?;)\s了]|$|都|的"), re.compile("[-~到至]")
_LARGE = frozenset("万亿")
_SUM_CHARACTERS = NUMBER_CHARACTERS + "¥$rmb人民币元块毛角-~到至 \n"


@lru_cache(maxsize=1)
def _unit_anchors() -> re.Pattern[str]:
    """Return the pattern of what stands right before a unit, or of a currency sign before a number."""
    return re.compile(
        rf"[\d{HAN_NUMERALS}kw多来余\s](?=[块元圆毛刀]|rmb|人民币|软妹币|大洋|{'|'.join(_FOREIGN)})"
        rf"|[¥$b币](?=[\d{HAN_NUMERALS}数\s])|[角分](?=钱)"
    )


@lru_cache(maxsize=1)
def _bare_anchors() -> re.Pattern[str]:
    """Return the pattern of the last character of a number from ten on that no unit follows."""
    return re.compile(
        rf"[\d{HAN_NUMERALS}kw多来余](?:(?<=[\d{HAN_NUMERALS}数kw多来余.点].)|(?<=[十拾廿卅])){_BARE_END}"
    )


def _worth(match: re.Match[str], text: str) -> tuple[float | None, str] | None:
    """Return value and unit of a match of the pattern with units, or None where it is no sum."""
    signed, yuan, coins = match["signed"], match["yuan"], match["coins"]
    if coins:
        value = parse_number(coins)
        step = 0.01 if "分" in match[0] and "毛" not in match[0] else 0.1
        return None if value is None else (round(value * step, 2), "CNY")
    figure = signed or yuan
    if figure.isdecimal() and len(figure) > _LONGEST_SUM:
        return None
    value = parse_number(figure)
    if value is None and yuan and text[match.start("yuan") - 1 : match.start("yuan")] in ("上", "成", "近"):
        value = parse_number("一" + yuan)
    if value is None:
        return None
    if match["foreign"]:
        return None, _FOREIGN[match["foreign"]]
    if match["coin"]:
        coin = match["coin"].rstrip("毛角")
        value += (parse_number(coin) or 0.0) / (10 if len(coin) == 1 else 100)
    return (None, "USD") if match[0][0] == "$" else (round(value, 2), "CNY")


@lru_cache(maxsize=1)
def _pieces() -> re.Pattern[str]:
    return re.compile(rf"(?:{_PIECES})")


def _is_piece(text: str, match: re.Match[str]) -> bool:
    """Return whether 块 counts things (or means together) rather than money."""
    if match["unit"] != "块" or match["coin"]:
        return False
    if _pieces().match(text, match.end("unit")):
        return True
    before = text[max(0, match.start() - 1) : match.start()]
    if match["yuan"] == "一":
        money = before in _PRICED and before
        return not (money and _AFTER_PRICE.match(text, match.end()))
    return match["yuan"] in ("两", "三", "几", "2", "3") and before in (
        "少",
        "发",
        "缺",
        "掉",
        "裂",
        "碎",
        "破",
        "拼",
        "拿",
    )


def find_amounts(text: str) -> Iterator[Fact]:
    """Yield the sums of money of a normalised text, in no set order; the value is in yuan, None for foreign money.

    Bare numbers count where the words before them speak of money (花了三百八, 押金1500); 块 as a measure word,
    一元一次, 十元店, hotlines and order numbers do not. A range has the value of its lower end.

    Examples
    --------
    >>> sorted((fact.value, fact.text) for fact in find_amounts("花了三百八,又收我八毛,拨打12315也没用,三块电池"))
    [(0.8, '八毛'), (380.0, '三百八')]
    """
    yield from find_unit_amounts(text)
    yield from find_bare_amounts(text)


def find_unit_amounts(text: str, near: Iterable[int] | None = None) -> Iterator[Fact]:
    """Yield those of :func:`find_amounts` that name their unit, near some places or all."""
    anchors = places_of(_unit_anchors(), text) if near is None else near
    for match in anchored_matches(_with_unit(), text, anchors, _SUM_CHARACTERS):
        worth = _worth(match, text)
        if worth is not None and not _is_piece(text, match):
            yield make_fact("amount", text, match.start(), match.end(), *_lower_end(match[0], worth))


def find_bare_amounts(text: str, near: Iterable[int] | None = None) -> Iterator[Fact]:
    """Yield those of :func:`find_amounts` that are a bare number, near some places or all."""
    number, before, behind = _bare()
    anchors = places_of(_bare_anchors(), text) if near is None else near
    for match in anchored_matches(number, text, anchors, NUMBER_CHARACTERS):
        value = parse_number(match[0])
        if value is None or value < 10:
            continue
        start = match.start()
        spoken_of = text[start - 1 : start] in MONEY_CHARACTERS and before.search(text, max(0, start - 12), start)
        if spoken_of or (not _LARGE.isdisjoint(match[0]) and behind.match(text, match.end())):
            yield make_fact("amount", text, start, match.end(), value, "CNY")


def _lower_end(words: str, worth: tuple[float | None, str]) -> tuple[float | None, str]:
    range_mark = _RANGE_MARK.search(words)
    if range_mark is None or worth[0] is None:
        return worth
    lower = parse_number(words[: range_mark.start()].rstrip("元块"))
    return (worth[0] if lower is None else min(lower, worth[0]), worth[1])
