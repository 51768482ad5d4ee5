"""The columns that pass through to a file with fixed columns, and their parquet types."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from complaint_motive.batch.extras import Untyped, pyarrow
from complaint_motive.batch.jsonl_source import json_blocks, json_objects
from complaint_motive.batch.records import Job, Layout
from complaint_motive.batch.rows import json_text
from complaint_motive.batch.sources import column_names, format_of
from complaint_motive.batch.table_source import parquet_schema, xlsx_rows
from complaint_motive.errors import InputError
from complaint_motive.schema import Column, Kind

__all__ = ["added_schema", "arrow_columns", "survey"]

_SURVEY_ROWS = 10_000


def arrow_type(column: Column) -> Untyped:
    """Return the arrow type of a column that scoring adds."""
    pa = pyarrow()
    span = [("text", pa.string()), ("start", pa.int64()), ("end", pa.int64())]
    kinds = {
        Kind.LABEL: pa.string(),
        Kind.TEXT: pa.string(),
        Kind.PROBABILITY: pa.float64(),
        Kind.INTEGER: pa.int64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.CUES: pa.list_(pa.struct([("cue", pa.string()), *span, ("negated", pa.bool_())])),
        Kind.EVIDENCE: pa.list_(pa.struct([*span, ("weight", pa.float64())])),
    }
    return kinds[column.kind]


def added_schema(columns: Sequence[Column]) -> Untyped:
    """Return the arrow schema of the columns that scoring adds."""
    pa = pyarrow()
    return pa.schema([pa.field(column.name, arrow_type(column), nullable=column.nullable) for column in columns])


def arrow_columns(rows: list[list[Any]], schema: Untyped) -> list[Any]:
    """Return the columns of `rows` as arrow arrays of the types of `schema`; texts of mixed columns become JSON."""
    pa = pyarrow()
    values: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(schema)
    columns = []
    for field, column in zip(schema, values, strict=True):
        if pa.types.is_string(field.type):
            column = [v if v is None or isinstance(v, str) else json_text(v) for v in column]
        try:
            columns.append(pa.array(column, type=field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise InputError(
                f"column {field.name!r}: a value does not fit {field.type}: {error}; write .jsonl"
            ) from error
    return columns


def survey(files: Sequence[Path], job: Job) -> Layout:
    """Return the fixed columns of an output; reads JSON lines (and sheets, for parquet) once through.

    Raises
    ------
    InputError
        Where the input files do not have the same columns.
    """
    added = {column.name for column in job.columns}
    per_file = {path: _file_columns(path, job) for path in files}
    names = list(dict.fromkeys(itertools.chain.from_iterable(per_file.values())))
    for path, present in per_file.items():
        missing = [name for name in names if name not in present]
        if missing and not format_of(path).startswith("jsonl"):
            raise InputError(
                f"{path}: the column(s) {', '.join(map(repr, missing[:10]))} of the other inputs are missing; files "
                "with different columns can be written to .jsonl only"
            )
    kept = tuple(name for name in names if name not in added)
    return Layout(kept, _schema(files, job, kept) if job.format == "parquet" else None)


def _file_columns(path: Path, job: Job) -> tuple[str, ...]:
    names = column_names(path, job)
    if names is None:
        names = tuple(dict.fromkeys(itertools.chain.from_iterable(json_objects(path, job))))
    return names


def _schema(files: Sequence[Path], job: Job, names: Sequence[str]) -> Untyped:
    """Return the arrow types of the passed-through columns, wide enough for all files."""
    pa = pyarrow()
    types: dict[str, Any] = {}
    metadata = None
    for path in files:
        kind = format_of(path).removesuffix(".gz")
        if kind == "parquet":
            schema = parquet_schema(path)
            metadata = metadata or schema.metadata
            found: Iterable[tuple[str, Any]] = [(field.name, field.type) for field in schema]
        elif kind in ("csv", "tsv"):
            found = [(name, pa.string()) for name in names]
        else:
            found = _inferred(path, job, kind)
        for name, seen in found:
            types[name] = wider(types[name], seen) if name in types else seen
    fields = [pa.field(name, _settled(types.get(name, pa.null()))) for name in names]
    return pa.schema(fields, metadata=metadata if len(files) == 1 else None)


def _settled(kind: Untyped) -> Untyped:
    """Return the type to write: an all-null column is text."""
    pa = pyarrow()
    return pa.string() if pa.types.is_null(kind) else kind


def wider(one: Untyped, other: Untyped) -> Untyped:
    """Return a type that holds both, text (JSON) where there is no other."""
    pa = pyarrow()
    if one == other:
        return one
    try:
        pair = [pa.schema([("x", one)]), pa.schema([("x", other)])]
        return pa.unify_schemas(pair, promote_options="permissive").field("x").type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()


def _inferred(path: Path, job: Job, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield the types of JSON or sheet values, again and again for every block of rows."""
    for block in _sheet_blocks(path) if kind == "xlsx" else json_blocks(path, job):
        for name in dict.fromkeys(itertools.chain.from_iterable(block)):
            yield name, _type_of([entry.get(name) for entry in block])


def _sheet_blocks(path: Path) -> Iterator[list[dict[str, Any]]]:
    rows = xlsx_rows(path)
    names = [str(cell) for cell in next(rows, ())]
    while block := list(itertools.islice(rows, _SURVEY_ROWS)):
        yield [dict(zip(names, row, strict=False)) for row in block]


def _type_of(values: list[Any]) -> Untyped:
    """Return the arrow type of Python values; text (JSON) for mixed and nested ones that arrow cannot hold."""
    pa = pyarrow()
    try:
        kind = pa.infer_type(values)
        pa.array(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeEncodeError):
        return pa.string()
    return pa.string() if pa.types.is_struct(kind) and kind.num_fields == 0 else kind
