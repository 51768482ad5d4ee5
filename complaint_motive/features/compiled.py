"""Compiled twins of the numpy functions that cost most, for large batches where the extra ``[fast]`` is installed.

A function decorated with :func:`accelerated` has a twin of the same arguments and results in
:mod:`complaint_motive.features.kernels`. The compiler is not imported before the first large batch, so that a command
for one text starts as quickly as without it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from importlib import import_module
from types import ModuleType
from typing import ParamSpec, TypeVar

__all__ = ["accelerated"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_WORTH = 1 << 16
"""Characters of a batch from which importing the compiler (about 0.4 s, once) pays."""


@lru_cache(maxsize=1)
def _kernels() -> ModuleType | None:
    try:
        return import_module("complaint_motive.features.kernels")
    except ImportError:
        return None


def accelerated(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return a function that calls its compiled twin where the first argument, an array of a whole batch, is long.

    Parameters
    ----------
    function : callable
        Function of arrays and numbers, given by position; its twin has the same name.
    """

    @wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        kernels = _kernels() if len(args[0]) >= _WORTH else None  # type: ignore[arg-type]
        return (function if kernels is None else getattr(kernels, function.__name__))(*args, **kwargs)

    return run
