"""Labelled rows: checked, and turned into the targets of the heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from complaint_motive.errors import InputError
from complaint_motive.models.heads import HeadTargets
from complaint_motive.taxonomy import taxonomy

__all__ = ["label_targets"]

_NEED_CODES = {"R": (1, 0), "E": (0, 1), "RE": (1, 1), "-": (-1, -1), "": (-1, -1)}


def _absent(value: Any) -> bool:  # noqa: ANN401 - a cell of a user's table may be anything
    return value is None or (isinstance(value, float) and np.isnan(value)) or value == ""


def _indices(values: Sequence[Any], allowed: Sequence[str], column: str, blank: Sequence[str]) -> NDArray[np.int64]:
    position = {name: k for k, name in enumerate(allowed)}
    out = np.full(len(values), -1, dtype=np.int64)
    for row, value in enumerate(values):
        if value in position:
            out[row] = position[value]
        elif not (_absent(value) or value in blank):
            raise InputError(f"row {row}: column {column!r} is {value!r}; allowed: {', '.join([*allowed, *blank])}")
    return out


def _levels(values: Sequence[Any]) -> NDArray[np.int64]:
    out = np.full(len(values), -1, dtype=np.int64)
    for row, value in enumerate(values):
        if _absent(value):
            continue
        if isinstance(value, bool) or str(value).removesuffix(".0") not in {"0", "1", "2", "3"}:
            raise InputError(f"row {row}: column 'intensity' is {value!r}; allowed: 0, 1, 2, 3")
        out[row] = int(float(value))
    return out


def _needs(values: Sequence[Any]) -> NDArray[np.int64]:
    out = np.full((len(values), 2), -1, dtype=np.int64)
    for row, value in enumerate(values):
        code = "" if _absent(value) else value
        if code not in _NEED_CODES:
            raise InputError(f"row {row}: column 'needs' is {value!r}; allowed: R, E, RE, -")
        out[row] = _NEED_CODES[code]
    return out


def label_targets(labels: Any, n_texts: int) -> HeadTargets:  # noqa: ANN401 - array-like or DataFrame
    """Return the targets of the heads.

    Parameters
    ----------
    labels : array-like of str, shape (n_texts,), or DataFrame
        Category ids; or a table with the column ``category`` and optionally ``needs`` (R, E, RE, -), ``intensity``
        (0 to 3) and ``cause`` (id or -), whose blank cells leave the row out of that head.
    n_texts : int
        Number of texts the labels must match.

    Raises
    ------
    InputError
        If the numbers differ, the column ``category`` is missing or a value is unknown; the message names the row,
        the column, the value and what is allowed.
    """
    if not isinstance(labels, pd.DataFrame):
        labels = pd.DataFrame({"category": np.asarray(labels, dtype=object)})
    if len(labels) != n_texts:
        raise InputError(f"{n_texts} texts but {len(labels)} labels; they must be equally many")
    if "category" not in labels:
        raise InputError(f"the labels have no column 'category'; columns: {', '.join(map(str, labels.columns))}")
    categories = list(taxonomy().categories)
    category = _indices(labels["category"].tolist(), categories, "category", ())
    if (category < 0).any():
        row = int(np.flatnonzero(category < 0)[0])
        raise InputError(f"row {row}: column 'category' is empty; allowed: {', '.join(categories)}")
    blank: list[Any] = [None] * n_texts
    column = {name: labels[name].tolist() if name in labels else blank for name in ("needs", "intensity", "cause")}
    needs = _needs(column["needs"])
    return HeadTargets(
        category=category,
        rational=needs[:, 0],
        emotional=needs[:, 1],
        intensity=_levels(column["intensity"]),
        cause=_indices(column["cause"], list(taxonomy().causes), "cause", ("-",)),
    )
