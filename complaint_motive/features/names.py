"""Company, brand and person names out of training texts.

The list ships as digests, so the package itself names nobody. It is used while training only: what never enters the
vocabulary cannot influence a score later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

from complaint_motive.features.normalize import fold_characters

__all__ = ["MASK", "mask_names", "name_digest"]

MASK = "某某"
"""What a name becomes."""

_SALT = "complaint_motive:"
_DIGITS = 16
_LENGTHS = range(8, 1, -1)
_TITLES = ("书记", "局长", "县长", "市长", "区长", "镇长", "经理", "医生", "老师", "先生", "女士", "小姐")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤易颜"
)


def name_digest(name: str) -> str:
    """Return the digest under which a folded name is listed."""
    return hashlib.sha256((_SALT + name).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


@lru_cache(maxsize=1)
def _listed() -> frozenset[str]:
    resource = files("complaint_motive") / "resources" / "masked_names.txt"
    return frozenset(resource.read_text(encoding="ascii").split())


@lru_cache(maxsize=500_000)
def _is_listed(candidate: str) -> bool:
    return name_digest(candidate) in _listed()


def _is_titled(text: str, start: int) -> bool:
    return text[start] in _SURNAMES and text[start + 1 : start + 3] in _TITLES


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text) - 1:
        end = next((start + n for n in _LENGTHS if start + n <= len(text) and _is_listed(text[start : start + n])), 0)
        if end:
            yield start, end
        elif _is_titled(text, start):
            # The title stays: it says who is addressed; the surname goes.
            yield start, start + 1
            end = start + 3
        start = end or start + 1


def mask_names(texts: Iterable[str]) -> list[str]:
    """Return the texts with listed names, and surnames before a title, replaced by :data:`MASK`.

    Examples
    --------
    >>> mask_names(["请胡局长过问"])
    ['请某某局长过问']
    """
    return [_masked(text) for text in texts]


def _masked(text: str) -> str:
    parts, at = [], 0
    for start, end in _spans(fold_characters(text)):
        parts += [text[at:start], MASK]
        at = end
    return "".join([*parts, text[at:]])
