"""Speaker turns: which parts of a text are the customer's own words.

Plain texts and tickets written by an agent about a customer are customer content as a whole; in chat and call logs
only the customer's turns count (codebook, opening paragraph: judge what the complainant says).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

__all__ = ["HEAD_LENGTH", "INLINE_ENDS", "Span", "Turn", "customer_spans", "join_turns", "speaker_turns"]

_CUSTOMER = (
    "客户|用户|顾客|买家|来电人|来电者|来话人|投诉人|消费者|会员|业主|市民|群众|乘客|旅客|住客|租客|房客|食客|患者|病人|家属|家长|学员|学生|车主|"
    "机主|储户|持卡人|投保人|被保人|借款人|诉求人|反映人|咨询人|求助人|主叫|本人|customer|user|client"
)
_AGENT = (
    "客服|坐席|座席|话务员|话务|接线员|接线|接待|受理员|受理人|工号|店家|商家|卖家|店铺|店员|店主|店长|掌柜|前台|酒店|房东|导游|地服|管家|物业|"
    "机器人|智能助手|智能客服|助手|系统|系统消息|系统提示|自动回复|专员|专席|顾问|工作人员|服务人员|服务员|经理|主管|值班长|催收员|催收|骑手|司机|"
    "售后|销售|小二|平台|被叫|护士|医生|老师|教练|师傅|agent|staff|service|operator|bot|robot|system"
)
_DATE = r"(?:\d{2,4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?"
_CLOCK = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_STAMP = rf"[\[\(（【]?(?:{_DATE}[ T]?(?:{_CLOCK})?|{_CLOCK})[\]\)）】]?"
_ROLE = rf"(?:(?P<customer>{_CUSTOMER})|(?P<agent>(?:(?!的)[\u4e00-\u9fff]){{0,4}}?(?:{_AGENT})))"
_NAME = (
    rf"(?:(?![ ]?{_CLOCK}[ \t]*\n)[ _-]?(?:[a-z]?\d{{1,8}}|[a-z]|(?![您你]好|来电|反映|表示)[\u4e00-\u9fff]{{1,3}})"
    r"|[\(（【\[][^\n\)）】\]:：]{1,16}[\)）】\]])?号?"
)
_MARK = re.compile(
    rf"[ \t\u3000]*(?:{_STAMP})?[ \t]*[【\[<]?{_ROLE}{_NAME}[】\]>]?[ \t]*"
    rf"(?:{_STAMP}[ \t]*(?=\n)|(?:{_STAMP})?[ \t]*[:：])",
    re.IGNORECASE,
)
HEAD_LENGTH = 48
"""A speaker mark ends within so many characters of its line."""
_INLINE_AGENT = "客服|坐席|座席|商家|卖家"
_INLINE = re.compile(
    rf"(?:[\s。！？!?；;…~）)\]]|\\n)(?:(?P<customer>{_CUSTOMER})|(?P<agent>{_INLINE_AGENT}))[:：]\Z",
    re.IGNORECASE,
)
INLINE_ENDS = "".join(sorted({word[-1] for words in (_CUSTOMER, _INLINE_AGENT) for word in words.split("|")}))
"""Last characters of the roles that are told within a line; Latin ones may be upper case."""
_INLINE_LENGTH = 12
_COLON = re.compile("[:：]")
_TOWARDS_CUSTOMER = re.compile(r"\A\W*(?:客服|坐席|座席|话务|机器人|系统|工号).*(?:您|亲|请问|感谢)", re.DOTALL)


class Span(NamedTuple):
    """Half-open range of code points."""

    start: int
    end: int


class Turn(NamedTuple):
    """One speaker turn: `customer` or not, and where its words stand (without the speaker's name)."""

    customer: bool
    start: int
    end: int


_Mark = tuple[int, int, bool]
"""Where a turn is announced, from and to, and whether it is the customer's."""


def _heads(text: str) -> Iterator[tuple[int, int]]:
    """Yield where lines begin that have a colon near their beginning, and that colon; most have none."""
    start = 0
    while start >= 0:
        end = text.find("\n", start)
        colon = _COLON.search(text, start, min(end if end >= 0 else len(text), start + HEAD_LENGTH))
        if colon:
            yield start, colon.start()
        start = end + 1 or -1


@lru_cache(maxsize=4096)
def _is_customer(head: str) -> bool | None:
    """Return whether the letters at the beginning of a line, and the colon behind them, name the customer.

    None where they name nobody. No mark in which only letters stand before the colon depends on what follows.
    """
    mark = _MARK.match(head)
    return None if mark is None else mark.lastgroup == "customer"


def _mark_at(text: str, start: int, colon: int) -> _Mark | None:
    """Return the mark at the beginning of a line whose first colon is known."""
    if text[start:colon].isalpha():
        customer = _is_customer(text[start : colon + 1])
        return None if customer is None else (start, colon + 1, customer)
    mark = _MARK.match(text, start)
    return mark and (*mark.span(), mark.lastgroup == "customer")


def _inline_marks(text: str, colons: Iterable[int]) -> Iterator[_Mark]:
    for colon in colons:
        # the pattern is dear, a look at the last character of the role is not
        if text[colon - 1 : colon].lower() not in INLINE_ENDS:
            continue
        if mark := _INLINE.search(text, max(0, colon + 1 - _INLINE_LENGTH), colon + 1):
            yield mark.start() + 1, colon + 1, mark.lastgroup == "customer"


def _marks(text: str, heads: Iterable[tuple[int, int]] | None, colons: Iterable[int] | None) -> list[_Mark]:
    found = [_mark_at(text, start, colon) for start, colon in (_heads(text) if heads is None else heads)]
    marks = [mark for mark in found if mark]
    if not marks:
        return []
    places = (colon.start() for colon in _COLON.finditer(text)) if colons is None else colons
    known = {end for _, end, _ in marks}
    inline = list(_inline_marks(text, [colon for colon in places if colon + 1 not in known]))
    if not inline:
        return marks
    apart: list[_Mark] = []
    for mark in sorted(marks + inline, key=itemgetter(0)):
        if not apart or mark[0] >= apart[-1][1]:
            apart.append(mark)
    return apart


def _turn_ends(text: str, marks: Sequence[_Mark]) -> list[int]:
    return [*[start for start, _, _ in marks[1:]], len(text)]


def speaker_turns(text: str) -> list[Turn]:
    r"""Return the speaker turns of a chat or call log, in order; empty for a text that is none.

    Parameters
    ----------
    text : str
        Raw text. A turn begins with a speaker's role at the start of a line, with an optional number, name or
        timestamp, and ``:`` or ``：``; it goes on until the next one, over any number of lines.

    Returns
    -------
    list of Turn
        Offsets in code points of `text`.

    Examples
    --------
    >>> [text[t.start:t.end] for text in ["客服：您好\n客户：退款呢"] for t in speaker_turns(text) if t.customer]
    ['退款呢']
    """
    marks = _marks(text, None, None)
    return [
        Turn(customer, begin, end) for (_, begin, customer), end in zip(marks, _turn_ends(text, marks), strict=False)
    ]


def customer_spans(
    text: str, heads: Iterable[tuple[int, int]] | None = None, colons: Iterable[int] | None = None
) -> list[Span] | None:
    """Return the ranges that hold the customer's words, or None where the whole text counts.

    Parameters
    ----------
    text : str
        Raw text.
    heads : iterable of (int, int), optional
        Where lines begin that have a colon among their first :data:`HEAD_LENGTH` characters, and the first colon, if
        that is known.
    colons : iterable of int, optional
        Where colons stand behind one of :data:`INLINE_ENDS`, if that is known.

    Returns
    -------
    list of Span or None
        None if no turn can be attributed. An empty list if every turn is an agent's. Words before the first turn,
        such as a title, count as the customer's.

    Examples
    --------
    >>> customer_spans("快递三天没到") is None
    True
    >>> customer_spans("客服：您好，请问有什么可以帮您")
    []
    """
    marks = _marks(text, heads, colons)
    if not marks:
        return None
    ends = _turn_ends(text, marks)
    spans = [Span(begin, end) for (_, begin, customer), end in zip(marks, ends, strict=True) if customer]
    if not spans:
        # One lone "客服：…" may be the topic of a review rather than a speaker.
        return [] if len(marks) > 1 or _TOWARDS_CUSTOMER.search(text) else None
    head = marks[0][0]
    return [Span(0, head), *spans] if text[:head].strip() else spans


def join_turns(turns: Iterable[Sequence[str]]) -> str:
    r"""Return ``(speaker, text)`` turns as one transcript, to which all offsets of the analysis refer.

    Raises
    ------
    ValueError
        If a turn is not a pair of texts.

    Examples
    --------
    >>> join_turns([("客服", "您好"), ("客户", "退款呢")])
    '客服：您好\n客户：退款呢'
    """
    lines = []
    for number, turn in enumerate(turns):
        if isinstance(turn, str) or len(turn) != 2 or not all(isinstance(part, str) for part in turn):
            raise ValueError(f"turn {number} is {turn!r}; a turn must be a pair of texts: (speaker, text)")
        lines.append(f"{turn[0]}：{turn[1]}")
    return "\n".join(lines)
