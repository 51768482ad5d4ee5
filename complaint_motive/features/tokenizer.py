"""Word segmentation by jieba's dictionary without HMM; through rjieba where it is installed, with the same tokens."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.compiled import accelerated
from complaint_motive.features.normalize import encode
from complaint_motive.features.segmentation import segment
from complaint_motive.features.word_dictionary import word_dictionary

__all__ = ["active_backend", "cut", "word_bounds"]

_MANY = 1 << 16
"""Characters from which jieba itself is slower than reading its dictionary into arrays (about 0.6 s, once)."""

Cutter = Callable[[str], list[str]]


def _rjieba_cutter() -> Cutter | None:
    try:
        import rjieba
    except ModuleNotFoundError:
        return None
    return lambda text: rjieba.cut(text, False)


def _jieba_cutter() -> Cutter:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    # A tokenizer of our own: `jieba.dt` belongs to the application, and its cache file may be another version's.
    tokenizer = jieba.Tokenizer()
    cache = Path(tempfile.gettempdir()) / f"complaint_motive_jieba_{jieba.__version__}"
    cache.mkdir(exist_ok=True)
    tokenizer.tmp_dir = str(cache)
    tokenizer.initialize()
    return lambda text: list(tokenizer.cut(text, HMM=False))


@lru_cache(maxsize=1)
def _cutter() -> tuple[str, Cutter]:
    fast = _rjieba_cutter()
    return ("rjieba", fast) if fast else ("jieba", _jieba_cutter())


def active_backend() -> str:
    """Return ``rjieba`` if the extra ``[fast]`` is installed, else ``jieba``."""
    return _cutter()[0]


def cut(text: str) -> list[str]:
    """Return the words of a text; joined, they are the text again.

    Parameters
    ----------
    text : str
        Text without lone surrogates.

    Examples
    --------
    >>> cut("要求退款")
    ['要求', '退款']
    """
    return _cutter()[1](text)


@accelerated
def word_bounds(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the bounds of the words of a text: word i is made of the code points ``bounds[i]`` to ``bounds[i + 1]``.

    Parameters
    ----------
    codes : ndarray of uint32, shape (n_characters,)
        Code points without NUL and lone surrogates.
    """
    if len(codes) >= _MANY and active_backend() == "jieba":
        return segment(codes, word_dictionary())
    words = cut(codes.astype("<u4").tobytes().decode("utf-32-le"))
    if not words:
        return np.zeros(1, dtype=np.int64)
    # Joining the words by a character that no text holds is cheaper than asking each for its length.
    glue = np.flatnonzero(encode("\0".join(words)) == 0)
    return np.concatenate([[0], glue - np.arange(len(glue)), [len(codes)]])
