"""Where a batch may state a figure that triage depends on: cheap, and never wrong when it says no.

The patterns for sums, counts, people and time limits are dear, and few sentences hold any of these. Each needs certain
characters side by side (三百 + 块, 五 + 次), which one look-up per character finds for the whole batch.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.fact_amounts import MONEY_CHARACTERS
from complaint_motive.features.fact_dates import DATE_BEGINS
from complaint_motive.features.numerals import HAN_NUMERALS

__all__ = ["BEHIND", "COMMA", "FIGURE", "GATES", "SENTENCE_END", "gate_triage", "sentence_pairs"]

GATES = ("amount", "bare_amount", "contact_count", "people_count", "deadline")
"""What has a gate: sums with a unit and without, and the other figures that triage depends on."""

_OTHER_SCRIPTS = ((0x600, 0x2000), (0x202F, 0x2030), (0x205F, 0x2060), (0xA620, 0xAC00), (0xFFFF, 0x10000))
"""Where digits and blanks of other scripts lie, and what stands for all planes above: never turned away."""
_DIGITS, _SPACES = "0123456789", " \n"
_NUMERALS = _DIGITS + HAN_NUMERALS
_NUMBER_END = _NUMERALS + "kw多来余"
_SEVERAL_END = _NUMBER_END.replace("一", "")
_PEOPLE = "户口名位人"
_TIME_END = _DIGITS + "天日号月年底晚午点班周期半亮黑一二三四五六旬假庆旦节上"
_DATE_BEGINS = DATE_BEGINS.removeprefix(r"\d") + "大小半数"
_MONEY_END = "".join(sorted(MONEY_CHARACTERS - set(_DIGITS + "(?|){}[],"))) + ":"
_ANY = ""
_PAIRS = MappingProxyType(
    {
        "unit": (_NUMBER_END + _SPACES, "块元圆刀r"),
        "unit_word": ("人软大美欧港日英", "民妹洋元金币镑"),
        "sign": ("¥$b币", _NUMERALS + "数好" + _SPACES),
        "coin": (_NUMBER_END, "毛"),
        "small_coin": ("角分", "钱"),
        "long_number": (_NUMBER_END + "数.点", _NUMBER_END),
        "ten": ("十拾廿卅", _ANY),
        "paid": (_MONEY_END, _NUMERALS + "数"),
        "large": ("万亿", _ANY),
        "bare_number": (
            _NUMBER_END,
            _SPACES + ",。!?;:、)”…~\x1e了没不还就都才给左上到也又全并但吧呢啊买请要而只被已根后钱至结现"
            "的以多押定订利本保货贷手违罚差欠存车装赔首彩巨工",
        ),
        "times": (_NUMERALS + "多来余n数干", "次遍回趟通"),
        "calls": ("个来多", "电投工"),
        "contacted": ("打拨找催追问提跑@艾去敲", _ANY),
        "contact": (
            "联反投沟询咨申报上来致电留私写发回举说求协交请要信维",
            "系映应诉通问询修警访门电话言信消邮短私工请报馈了过助涉商络求交权",
        ),
        "several_people": (_SEVERAL_END, _PEOPLE),
        "several": (_SEVERAL_END, "个"),
        "ends_in_one": (_NUMERALS, "一"),
        "one": ("一", _PEOPLE + "个"),
        "person": ("个", "业住员同学家顾消居老大孩小乘旅车会村工用受客朋人"),
        "pair": ("俩仨", _ANY),
        "before": (_TIME_END, "前"),
        "prior": (_TIME_END, "之以"),
        "prior_to": ("之以", "前"),
        "within": ("以之天日时钟周月年期", "内"),
        "limit": ("限", _ANY),
        "latest": ("最至", "晚迟"),
        "only": ("只多就再", "给等"),
        "given": ("给", "你您贵商平物客"),
        "or_else": ("晚天日一二三四五六午点", "再见看收得不没"),
        "not_done": ("不没见看收得", "退赔解处给来回有不"),
        "due": ("限期时定为:在你们您家台业服晚迟给后等到", _NUMERALS + _DATE_BEGINS),
        "your_side": ("贵", _ANY),
    }
)
"""Characters that a figure needs, and those one of which then follows at once."""

BEHIND = np.uint64(32)
"""Bits of a character: the pairs that it begins, and above these the pairs that it ends."""


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint64]:
    """Return which pairs each character begins (lower half) and which it ends (upper half)."""
    table = np.zeros(0x10000, dtype=np.uint64)
    for k, (first, second) in enumerate(_PAIRS.values()):
        table[[ord(character) for character in first]] |= np.uint64(1 << k)
        behind = np.uint64(1 << k) << BEHIND
        if second:
            table[[ord(character) for character in second]] |= behind
        else:
            table |= behind
    for start, stop in _OTHER_SCRIPTS:
        table[start:stop] = np.uint64(2**64 - 1)
    return table


SENTENCE_END, COMMA, FIGURE = 1, 2, 3
"""What a character is to sentences."""


@lru_cache(maxsize=1)
def _marks() -> NDArray[np.uint8]:
    """Return which characters end a sentence, or do unless a figure follows, or may be figures."""
    table = np.zeros(0x10000, dtype=np.uint8)
    table[[ord(character) for character in "。!?;\x1e"]] = SENTENCE_END
    table[ord(",")] = COMMA
    table[[ord(character) for character in _DIGITS]] = FIGURE
    for start, stop in _OTHER_SCRIPTS:
        table[start:stop] = FIGURE
    return table


@accelerated
def sentence_pairs(
    codes: NDArray[np.uint32], roles: NDArray[np.uint64], marks: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
    """Return which pairs each character begins, where the sentences end, and which pairs each of them holds.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of normalised documents, each followed by one separator.
    roles : ndarray of uint64, shape (65536,)
        Which pairs a character begins (lower half) and which it ends (upper half).
    marks : ndarray of uint8, shape (65536,)
        Which characters end a sentence, or do unless a figure follows, or may be figures.
    """
    own = roles.take(codes, mode="clip")
    pairs = np.zeros_like(own)
    pairs[:-1] = own[:-1] & (own[1:] >> BEHIND)
    kinds = marks.take(codes, mode="clip")
    last = kinds == SENTENCE_END
    last[:-1] |= (kinds[:-1] == COMMA) & (kinds[1:] != FIGURE)
    ends = np.flatnonzero(last) + 1
    starts = np.concatenate(([0], ends))[:-1]
    return pairs, ends, np.bitwise_or.reduceat(pairs, starts) if len(starts) else pairs[:0]


def gate_triage(codes: NDArray[np.uint32]) -> dict[str, NDArray[np.int64]]:
    r"""Return where the figures of :data:`GATES` may stand, in ascending order.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of normalised documents, each followed by one separator.

    Returns
    -------
    dict of str to ndarray of int64
        Of sums and people the offset of a character in every match, shape (n,); of the other kinds start and end of
        sentences, shape (n, 2). A sentence ends behind one of ``。!?;`` or a comma.

    Examples
    --------
    >>> codes = np.array([ord(c) for c in "很差,花了三百块\x1e一点也不好\x1e"], dtype=np.uint32)
    >>> {kind: places.tolist() for kind, places in gate_triage(codes).items() if len(places)}
    {'amount': [6]}
    """
    pairs, ends, found = sentence_pairs(codes, _table(), _marks())
    sentences = np.column_stack((np.concatenate(([0], ends))[:-1], ends))
    bare = _bare_anchors(pairs)
    paid = _any_of(found, "paid", "large")[np.searchsorted(ends, bare, side="right")]
    return {
        "amount": np.flatnonzero(_any_of(pairs, "unit", "unit_word", "sign", "coin", "small_coin")),
        "bare_amount": bare[paid],
        "contact_count": sentences[_any_of(found, "times", "calls") & _any_of(found, "contacted", "contact")],
        "people_count": _people_anchors(pairs),
        "deadline": sentences[_may_set_limit(found)],
    }


def _any_of(bits: NDArray[np.uint64], *names: str) -> NDArray[np.bool_]:
    number = {name: k for k, name in enumerate(_PAIRS)}
    return np.asarray(bits & np.uint64(sum(1 << number[name] for name in names)) != 0)


def _bare_anchors(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where a number from ten on ends that no unit follows."""
    ends = np.flatnonzero(_any_of(pairs, "bare_number"))
    several = _any_of(pairs[ends - 1], "long_number") | _any_of(pairs[ends], "ten")
    return ends[several]


def _people_anchors(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where a number from two on ends that people follow."""
    ends = np.flatnonzero(_any_of(pairs, "several_people", "several", "one", "pair"))
    own, before, behind = pairs[ends], pairs[ends - 1], pairs[np.minimum(ends + 1, len(pairs) - 1)]
    people = _any_of(own, "several_people", "pair")
    people |= _any_of(own, "several") & _any_of(behind, "person")
    return ends[people | _any_of(own, "one") & _any_of(before, "ends_in_one")]


def _may_set_limit(found: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which sentences may set a time limit, given the pairs that they hold."""
    return (
        _any_of(found, "before", "within")
        | _any_of(found, "prior") & _any_of(found, "prior_to")
        | _any_of(found, "limit", "latest", "only", "given") & _any_of(found, "due", "your_side")
        | _any_of(found, "or_else") & _any_of(found, "not_done")
    )
