"""Which sentences of a batch may state a figure that triage depends on: cheap, and never wrong when it says no.

The patterns for sums, counts, people and time limits are dear, and few sentences hold any of these. Each needs certain
characters side by side (三百 + 块, 五 + 次), which one look-up per character finds for the whole batch.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.fact_amounts import MONEY_CHARACTERS
from complaint_motive.features.fact_dates import DATE_BEGINS
from complaint_motive.features.numerals import HAN_NUMERALS

__all__ = ["GATES", "GatedSentences", "gate_triage"]

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
        "long_number": (_NUMBER_END + "数", _NUMBER_END),
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
        "contacted": ("打拨联反投沟找催追询咨问申报上来致电留私写发提回举说求交协跑请@艾去敲要信维", _ANY),
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

_BEHIND = np.uint64(32)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint64]:
    """Return which pairs each character begins (lower half) and which it ends (upper half)."""
    table = np.zeros(0x10000, dtype=np.uint64)
    for k, (first, second) in enumerate(_PAIRS.values()):
        table[[ord(character) for character in first]] |= np.uint64(1 << k)
        behind = np.uint64(1 << k) << _BEHIND
        if second:
            table[[ord(character) for character in second]] |= behind
        else:
            table |= behind
    for start, stop in _OTHER_SCRIPTS:
        table[start:stop] = np.uint64(2**64 - 1)
    return table


class GatedSentences(NamedTuple):
    """Sentences that may state figures, in their order; a sentence ends behind one of ``。!?;`` or a comma.

    Attributes
    ----------
    start, end : ndarray of int64, shape (n_sentences,)
        Half-open offsets into the joined text.
    kinds : ndarray of int64, shape (n_sentences,)
        Bit k is set where the sentence may state what number k of :data:`GATES` is about.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    kinds: NDArray[np.int64]


_SENTENCE_END, _COMMA, _FIGURE = 1, 2, 3


@lru_cache(maxsize=1)
def _marks() -> NDArray[np.uint8]:
    """Return which characters end a sentence, or do unless a figure follows, or may be figures."""
    table = np.zeros(0x10000, dtype=np.uint8)
    table[[ord(character) for character in "。!?;\x1e"]] = _SENTENCE_END
    table[ord(",")] = _COMMA
    table[[ord(character) for character in _DIGITS]] = _FIGURE
    for start, stop in _OTHER_SCRIPTS:
        table[start:stop] = _FIGURE
    return table


def _sentences(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the sentences of all documents start and end."""
    marks = _marks().take(codes, mode="clip")
    last = marks == _SENTENCE_END
    last[:-1] |= (marks[:-1] == _COMMA) & (marks[1:] != _FIGURE)
    ends = np.flatnonzero(last) + 1
    return np.concatenate(([0], ends))[:-1], ends


def _found(codes: NDArray[np.uint32], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return for each sentence which pairs it holds, as bits."""
    roles = _table().take(codes, mode="clip")
    pairs = np.zeros_like(roles)
    pairs[:-1] = roles[:-1] & (roles[1:] >> _BEHIND)
    found: NDArray[np.uint64] = np.bitwise_or.reduceat(pairs, starts) if len(starts) else pairs[:0]
    return found


def gate_triage(codes: NDArray[np.uint32]) -> GatedSentences:
    r"""Return the sentences that may state one of :data:`GATES`.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of normalised documents, each followed by one separator.

    Examples
    --------
    >>> codes = np.array([ord(c) for c in "很差,花了三百块\x1e一点也不好\x1e"], dtype=np.uint32)
    >>> sentences = gate_triage(codes)
    >>> sentences.start.tolist(), sentences.end.tolist(), GATES[int(sentences.kinds[0]).bit_length() - 1]
    ([3], [9], 'amount')
    """
    starts, ends = _sentences(codes)
    found = _found(codes, starts)
    some = np.flatnonzero(found)
    kinds = _kinds(found[some])
    open_gates = np.flatnonzero(kinds)
    some = some[open_gates]
    return GatedSentences(starts[some], ends[some], kinds[open_gates])


def _kinds(found: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each sentence, as bits, the gates that its pairs open."""
    number = {name: k for k, name in enumerate(_PAIRS)}

    def any_of(*names: str) -> NDArray[np.bool_]:
        return np.asarray(found & np.uint64(sum(1 << number[name] for name in names)) != 0)

    someone = any_of("several_people") | any_of("ends_in_one") & any_of("one") | any_of("several") & any_of("person")
    opened = {
        "amount": any_of("unit", "unit_word", "sign", "coin", "small_coin"),
        "bare_amount": any_of("long_number", "ten") & any_of("bare_number") & any_of("paid", "large"),
        "contact_count": any_of("times", "calls") & any_of("contacted"),
        "people_count": someone | any_of("pair"),
        "deadline": any_of("before", "within")
        | any_of("prior") & any_of("prior_to")
        | any_of("limit", "latest", "only", "given") & any_of("due", "your_side")
        | any_of("or_else") & any_of("not_done"),
    }
    return np.asarray(np.bitwise_or.reduce([opened[kind].astype(np.int64) << k for k, kind in enumerate(GATES)]))
