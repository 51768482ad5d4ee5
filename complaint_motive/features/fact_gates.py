"""Which documents of a batch may state a figure that triage depends on: cheap, and never wrong when it says no.

The patterns for sums, counts, people and time limits are dear, and few texts hold any of these. Each needs certain
characters side by side (三百 + 块, 五 + 次), which one look-up per character finds for the whole batch.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.numerals import HAN_NUMERALS

__all__ = ["GATES", "gate_triage"]

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
        "bare_number": (
            _NUMBER_END,
            _SPACES + ",。!?;:、)”…~\x1e了没不还就都才给左上到也又全并但吧呢啊买请要而只被已根后钱至结现"
            "的以多押定订利本保货贷手违罚差欠存车装赔首彩巨工",
        ),
        "times": (_NUMERALS + "多来余n数干", "次遍回趟通"),
        "calls": ("个来多", "电投工"),
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


def _found(codes: NDArray[np.uint32], bounds: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return for each document which pairs it holds, as bits."""
    roles = _table().take(codes, mode="clip")
    pairs = np.zeros_like(roles)
    pairs[:-1] = roles[:-1] & (roles[1:] >> _BEHIND)
    found: NDArray[np.uint64] = np.bitwise_or.reduceat(pairs, bounds[:-1]) if len(bounds) > 1 else pairs[:0]
    return found


def gate_triage(codes: NDArray[np.uint32], bounds: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    r"""Return for each of :data:`GATES` which documents may state such a figure.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points of normalised documents, each followed by one separator.
    bounds : ndarray of int64, shape (n_documents + 1,)
        Bounds of the documents.

    Examples
    --------
    >>> codes = np.array([ord(c) for c in "花了三百块\x1e一点也不好\x1e"], dtype=np.uint32)
    >>> gate_triage(codes, np.array([0, 6, 12]))["amount"].tolist()
    [True, False]
    """
    found = _found(codes, bounds)
    holds = {name: (found >> np.uint64(k)) & np.uint64(1) != 0 for k, name in enumerate(_PAIRS)}

    def any_of(*names: str) -> NDArray[np.bool_]:
        return np.asarray(np.logical_or.reduce([holds[name] for name in names]))

    someone = holds["several_people"] | holds["ends_in_one"] & holds["one"] | holds["several"] & holds["person"]
    return {
        "amount": any_of("unit", "unit_word", "sign", "coin", "small_coin"),
        "bare_amount": any_of("long_number", "ten") & holds["bare_number"],
        "contact_count": any_of("times", "calls"),
        "people_count": someone | holds["pair"],
        "deadline": any_of("before", "within", "limit", "latest", "only", "given", "or_else")
        | holds["prior"] & holds["prior_to"],
    }
