"""Labelled complaints: files and tables of them, checked against the codebook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from complaint_motive.errors import InputError
from complaint_motive.taxonomy import taxonomy

__all__ = ["LABEL_COLUMNS", "LabelledRecord", "check_records", "read_labelled"]

LABEL_COLUMNS = ("text", "category", "secondary", "needs", "intensity", "cause", "rationale")
"""Columns of a labelled file; all but the first two are optional, and so is each of their cells."""

_NEEDS = ("R", "E", "RE", "-")
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class LabelledRecord:
    """One complaint with the labels that a person gave it.

    Attributes
    ----------
    text : str
        The complaint.
    category : str
        Category id.
    secondary : str or None
        Id of a second category.
    needs : str or None
        ``R``, ``E``, ``RE`` or ``-``; None where unlabelled.
    intensity : int or None
        0 to 3.
    cause : str or None
        Cause id or ``-``; None where unlabelled.
    rationale : tuple of str
        The parts of the text because of which it has its category; empty where nobody marked them.
    columns : mapping of str to any
        All other columns, for slices.
    """

    text: str
    category: str
    secondary: str | None
    needs: str | None
    intensity: int | None
    cause: str | None
    rationale: tuple[str, ...]
    columns: Mapping[str, Any]


def _refuse(where: str, column: str, value: object, allowed: Iterable[object]) -> InputError:
    return InputError(f"{where}: column {column!r} is {value!r}; allowed: {', '.join(map(str, allowed))}")


def _absent(value: object) -> bool:
    return value is None or value == "" or value != value  # NaN is not equal to itself


def _one_of(row: Mapping[str, Any], column: str, allowed: Sequence[str], where: str) -> str | None:
    value = row.get(column)
    if _absent(value):
        return None
    text = value.strip() if isinstance(value, str) else value
    if text not in allowed:
        raise _refuse(where, column, value, (*allowed, "or empty"))
    return str(text)


def _level(row: Mapping[str, Any], where: str) -> int | None:
    value = row.get("intensity")
    if _absent(value):
        return None
    if isinstance(value, bool) or str(value).strip().removesuffix(".0") not in {"0", "1", "2", "3"}:
        raise _refuse(where, "intensity", value, (0, 1, 2, 3, "or empty"))
    return int(float(str(value)))


def _rationale(row: Mapping[str, Any], text: str, where: str) -> tuple[str, ...]:
    value = row.get("rationale")
    parts = value if isinstance(value, list) else [] if _absent(value) else [value]
    for part in parts:
        if not isinstance(part, str) or not part.strip() or part not in text:
            raise _refuse(where, "rationale", part, ("parts of the text", "or empty"))
    return tuple(parts)


def _record(row: Mapping[str, Any], where: str) -> LabelledRecord:
    categories = tuple(taxonomy().categories)
    for column in ("text", "category"):
        if column not in row:
            names = ", ".join(map(repr, row)) or "none"
            raise InputError(f"{where}: there is no column {column!r}; the columns are {names}")
    text = row["text"]
    if not (isinstance(text, str) or _absent(text)):
        raise InputError(f"{where}: column 'text' is {text!r} ({type(text).__name__}); allowed: a text")
    category = _one_of(row, "category", categories, where)
    if category is None:
        raise _refuse(where, "category", row["category"], categories)
    text = text if isinstance(text, str) else ""
    return LabelledRecord(
        text,
        category,
        _one_of(row, "secondary", categories, where),
        _one_of(row, "needs", _NEEDS, where),
        _level(row, where),
        _one_of(row, "cause", (*taxonomy().causes, "-"), where),
        _rationale(row, text, where),
        MappingProxyType({str(name): value for name, value in row.items() if name not in LABEL_COLUMNS}),
    )


def check_records(
    rows: Iterable[Mapping[str, Any] | LabelledRecord], source: str = "records"
) -> tuple[LabelledRecord, ...]:
    """Return rows as labelled records.

    Parameters
    ----------
    rows : iterable of mapping or LabelledRecord
        Rows with the columns of :data:`LABEL_COLUMNS`, of which only ``text`` and ``category`` are needed.
    source : str, default "records"
        Name for messages.

    Raises
    ------
    InputError
        If a column is missing or a value is not allowed; the message names source, row, column, value and what is
        allowed.

    Examples
    --------
    >>> check_records([{"text": "退钱", "category": "redress", "intensity": "1"}])[0].intensity
    1
    """
    return tuple(
        row if isinstance(row, LabelledRecord) else _record(row, f"{source}, row {number}")
        for number, row in enumerate(rows, 1)
    )


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: is neither UTF-8 nor GB18030 text")


def _json_rows(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    number = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        number += 1
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}, row {number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{path}, row {number}: a JSON {type(row).__name__}, needed is an object")
        yield row


def _csv_rows(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    # Only StringIO splits at line ends alone; splitlines() would break a cell at U+2028.
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    number, limit = 0, csv.field_size_limit(len(text) + 1)
    try:
        for number, row in enumerate(reader, 1):
            if None in row or None in row.values():
                raise InputError(f"{path}, row {number}: its number of cells differs from the header's")
            yield row
    except csv.Error as error:
        raise InputError(f"{path}, row {number + 1}: not CSV: {error}") from error
    finally:
        csv.field_size_limit(limit)


def read_labelled(path: Path | str) -> tuple[LabelledRecord, ...]:
    """Return the records of a labelled ``.jsonl`` or ``.csv`` file (UTF-8 or GB18030).

    Parameters
    ----------
    path : path
        File with the columns of :data:`LABEL_COLUMNS` and any others.

    Raises
    ------
    InputError
        If the file cannot be read, holds no record, or a value is not allowed; the message names file, row, column,
        value and what is allowed.
    """
    path = Path(path)
    readers = {".jsonl": _json_rows, ".csv": _csv_rows}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path}: unknown format of a labelled file; allowed: .jsonl, .csv")
    records = check_records(readers[path.suffix.lower()](_decoded(path), path), str(path))
    if not records:
        raise InputError(f"{path}: holds no record")
    return records
