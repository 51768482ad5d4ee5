"""Writing JSON lines and csv: scored batches become bytes, column by column."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from complaint_motive.batch.encoding import SURROGATE
from complaint_motive.batch.records import Batch, Job
from complaint_motive.batch.rows import cell_text, json_text, row_json
from complaint_motive.schema import Column, Kind

__all__ = ["csv_bytes", "csv_header_bytes", "escape_formula", "json_bytes", "json_lines"]

_FORMULA_STARTS = frozenset("=+-@")
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")
_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode

Columns = Mapping[str, Sequence[Any]]


def escape_formula(cell: str) -> str:
    """Return a cell that a spreadsheet does not run: an apostrophe goes before ``= + - @`` unless it is a number.

    Examples
    --------
    >>> [escape_formula(cell) for cell in ("=1+1", "-12.5", "@所有人", "退款")]
    ["'=1+1", '-12.5', "'@所有人", '退款']
    """
    if cell[:1] in _FORMULA_STARTS and cell and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _listed(values: Sequence[Any]) -> list[Any]:
    """Return the values of a column as Python objects."""
    return values if isinstance(values, list) else list(getattr(values, "tolist", values.__iter__)())


def _json_column(column: Column, values: Sequence[Any]) -> Iterable[str]:
    """Return the values of one added column as JSON."""
    listed = _listed(values)
    if column.kind is Kind.PROBABILITY:
        return map(repr, listed)
    if column.kind is Kind.INTEGER:
        return map(str, listed)
    if column.kind is Kind.BOOLEAN:
        return ["true" if value else "false" for value in listed]
    if column.kind is Kind.LABEL:
        known = {value: _dump(value) for value in set(listed)}
        return [known[value] for value in listed]
    return [_dump(value) if value or value == "" else ("[]" if column.kind.is_list else "null") for value in listed]


def json_lines(batch: Batch, columns: Columns, job: Job) -> list[str]:
    """Return one JSON object per row, its own members first, those of an unchanged object as they stood."""
    template = ", ".join(f'"{column.name}": %s' for column in job.columns) + "}\n"
    added = zip(*(_json_column(column, columns[column.name]) for column in job.columns), strict=True)
    return [head + template % values for head, values in zip(_heads(batch), added, strict=True)]


def _heads(batch: Batch) -> Iterable[str]:
    """Return the passed-through part of each object, open for more members."""
    if batch.objects is None:
        return [f"{row_json(batch.names, row)[:-1]}, " for row in batch.rows or []]
    return [entry if isinstance(entry, str) else _reopened(entry) for entry in batch.objects]


def _reopened(entry: dict[str, Any]) -> str:
    return f"{json_text(entry)[:-1]}, " if entry else "{"


def json_bytes(batch: Batch, columns: Columns, job: Job) -> bytes:
    """Return the rows as JSON lines in utf-8, packed with gzip for ``.gz``; half surrogate pairs become escapes."""
    text = "".join(json_lines(batch, columns, job))
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        data = SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", text).encode("utf-8")
    return gzip.compress(data, 6, mtime=0) if job.format.endswith(".gz") else data


def _csv_column(column: Column, values: Sequence[Any], escape: Callable[[str], str]) -> Iterable[str]:
    """Return the values of one added column as csv cells."""
    listed = _listed(values)
    if column.kind in (Kind.PROBABILITY, Kind.INTEGER):
        return map(repr, listed)
    if column.kind is Kind.BOOLEAN:
        return ["true" if value else "false" for value in listed]
    if column.kind.is_list:
        return [_dump(value) if value else "[]" for value in listed]
    if column.kind is Kind.LABEL:
        return [value or "" for value in listed]
    return [escape(value or "") for value in listed]


def _delimiter(job: Job) -> str:
    return "\t" if job.format.startswith("tsv") else ","


def _packed(rows: Iterable[Iterable[str]], job: Job, start: str = "") -> bytes:
    # The line end is \r\n (RFC 4180): the csv module quotes a lone \r in a cell only if the line end holds one.
    stream = io.StringIO()
    stream.write(start)
    csv.writer(stream, delimiter=_delimiter(job), lineterminator="\r\n").writerows(rows)
    data = SURROGATE.sub("\ufffd", stream.getvalue()).encode("utf-8")
    return gzip.compress(data, 6, mtime=0) if job.format.endswith(".gz") else data


def csv_header_bytes(job: Job) -> bytes:
    """Return the head of a csv file: the byte order mark where asked for, and the column names."""
    names = [*(job.layout.names if job.layout else ()), *(column.name for column in job.columns)]
    escape = escape_formula if job.escape else str
    return _packed([[escape(name) for name in names]], job, "\ufeff" if job.bom else "")


def csv_bytes(batch: Batch, columns: Columns, job: Job) -> bytes:
    """Return the rows as csv in utf-8 without a header: cells that pass through, then the added ones."""
    escape = escape_formula if job.escape else str
    added = zip(*(_csv_column(column, columns[column.name], escape) for column in job.columns), strict=True)
    starts = _FORMULA_STARTS if job.escape else frozenset[str]()
    rows = [
        (*[v if v.__class__ is str and v[:1] not in starts else _own_cell(v, escape) for v in row], *cells)
        for row, cells in zip(batch.rows or [], added, strict=True)
    ]
    return _packed(rows, job)


def _own_cell(value: object, escape: Callable[[str], str]) -> str:
    """Return a passed-through cell; a real number of the input is no text and needs no escape."""
    return escape(value) if isinstance(value, str) else cell_text(value)
