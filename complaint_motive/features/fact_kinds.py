"""Kinds of facts and the dimension each is shown in."""

from __future__ import annotations

from types import MappingProxyType

from complaint_motive.analysis import Fact

__all__ = ["FACT_DIMENSIONS", "HAN", "make_fact"]

HAN = r"\u4e00-\u9fff"
"""Range of common Chinese characters, for character classes."""

FACT_DIMENSIONS = MappingProxyType(
    {
        "date": "time",
        "deadline": "time",
        "duration": "time",
        "term": "time",
        "place": "place",
        "party": "party",
        "people_count": "party",
        "amount": "event",
        "contact_count": "event",
        "order_number": "event",
        "product": "event",
        "remedy": "event",
        "emotion": "emotion",
    }
)
"""Fact kind to dimension: 时间 time, 空间 place, 参与者 party, 事件 event, 情感 emotion."""

_EDGE = " \n,.。!?;:、…~"


def make_fact(kind: str, text: str, start: int, end: int, value: str | float | None, unit: str = "") -> Fact:
    """Return the fact that ``text[start:end]`` states; marks and blanks at its edges are left out."""
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    while start < end and text[start] in _EDGE:
        start += 1
    return Fact(FACT_DIMENSIONS[kind], kind, text[start:end], value, unit, start, end)
