"""Values of passed-through cells: as JSON, as csv text, and in the order of the layout."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Sequence
from typing import Any

from complaint_motive.batch.records import Job

__all__ = ["cell_text", "json_text", "project", "row_json"]


def _plain(value: object) -> object:
    """Return a JSON value for a value that JSON has no type for: ISO dates, base64 bytes, else its text."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)


def _finite(value: object) -> object:
    """Return the value with NaN and infinities as None, which JSON does not know."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def json_text(value: object) -> str:
    """Return a value as JSON; NaN and infinities become null.

    Examples
    --------
    >>> json_text({"时间": float("nan")})
    '{"时间": null}'
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=_plain)


def row_json(names: Sequence[str], row: Sequence[object]) -> str:
    """Return a row as a JSON object."""
    return json_text(dict(zip(names, row, strict=False)))


def cell_text(value: object) -> str:
    """Return a value as the text of a csv cell; absent values are empty.

    Examples
    --------
    >>> [cell_text(value) for value in (None, "退款", True, 1.5, [1])]
    ['', '退款', 'true', '1.5', '[1]']
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    return str(_plain(value))


def project(names: Sequence[str], rows: list[list[Any]], job: Job) -> list[list[Any]]:
    """Return the rows with the columns of the layout, or without those that scoring replaces."""
    if job.layout is not None:
        wanted: Sequence[str] = job.layout.names
    else:
        added = {column.name for column in job.columns}
        wanted = [name for name in names if name not in added]
    if list(wanted) == list(names):
        return [list(row) for row in rows]
    places = [names.index(name) for name in wanted]
    return [[row[i] for i in places] for row in rows]
