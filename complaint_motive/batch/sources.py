"""Finding the input files, their formats and columns, and reading them one after the other."""

from __future__ import annotations

import glob
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from complaint_motive.batch.csv_source import csv_chunks, csv_header
from complaint_motive.batch.jsonl_source import json_chunks, json_objects
from complaint_motive.batch.records import Chunk, Job
from complaint_motive.batch.table_source import parquet_chunks, parquet_schema, xlsx_chunks, xlsx_header
from complaint_motive.errors import InputError
from complaint_motive.schema import refuse_collisions

__all__ = [
    "QUARANTINE_SUFFIX",
    "SOURCE_FORMATS",
    "check_columns",
    "check_names",
    "find_inputs",
    "format_of",
    "read_chunks",
]

QUARANTINE_SUFFIX = ".quarantine.jsonl"
SOURCE_FORMATS = ("csv", "tsv", "jsonl", "parquet", "xlsx")
_PACKED = ("csv", "tsv", "jsonl")
_OBJECTS_LOOKED_AT = 1000


def format_of(path: Path) -> str:
    """Return the format of a file by its name: one of :data:`SOURCE_FORMATS`, text formats also with ``.gz``.

    Raises
    ------
    InputError
        For any other name.

    Examples
    --------
    >>> format_of(Path("投诉.csv")), format_of(Path("log.jsonl.gz"))
    ('csv', 'jsonl.gz')
    """
    suffixes = [suffix.lower().lstrip(".") for suffix in path.suffixes]
    if suffixes and suffixes[-1] in SOURCE_FORMATS:
        return suffixes[-1]
    if len(suffixes) > 1 and suffixes[-1] == "gz" and suffixes[-2] in _PACKED:
        return f"{suffixes[-2]}.gz"
    allowed = ", ".join(f".{name}" for name in SOURCE_FORMATS)
    raise InputError(f"{path}: unknown file format; allowed are {allowed} (.csv, .tsv and .jsonl also with .gz)")


def _known(path: Path) -> bool:
    try:
        format_of(path)
    except InputError:
        return False
    return not path.name.endswith(QUARANTINE_SUFFIX)


def _expand(pattern: str | Path) -> list[Path]:
    """Return the files of one input: a file, a folder (not its subfolders), or a glob pattern."""
    path = Path(pattern)
    if path.is_file():
        format_of(path)
        return [path]
    if path.is_dir():
        found = [entry for entry in path.iterdir() if entry.is_file() and _known(entry)]
        kind = "folder holds no file of a known format"
    elif glob.has_magic(str(pattern)):
        found = [Path(name) for name in glob.glob(str(pattern), recursive=True)]
        found = [entry for entry in found if entry.is_file() and _known(entry)]
        kind = "pattern matches no file of a known format"
    else:
        raise InputError(f"{path}: no such file")
    if not found:
        raise InputError(f"{pattern}: the {kind}")
    return sorted(found)


def find_inputs(inputs: str | Path | Sequence[str | Path]) -> tuple[Path, ...]:
    """Return the input files in order: those of a folder or pattern sorted by name.

    Parameters
    ----------
    inputs : path, pattern, or sequence of them
        Files, folders, glob patterns.

    Raises
    ------
    InputError
        Where nothing is found, or a format is unknown.
    """
    several: Iterable[str | Path] = [inputs] if isinstance(inputs, str | Path) else inputs
    files = list(dict.fromkeys(itertools.chain.from_iterable(map(_expand, several))))
    if not files:
        raise InputError("no input: give a file, a folder or a pattern")
    return tuple(files)


def column_names(path: Path, job: Job) -> tuple[str, ...] | None:
    """Return the columns of a file, None for JSON lines."""
    kind = format_of(path).removesuffix(".gz")
    if kind == "parquet":
        names = tuple(parquet_schema(path).names)
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise InputError(
                f"{path}: the column(s) {', '.join(map(repr, double))} are there twice; names must be unique"
            )
        return names
    if kind == "xlsx":
        return xlsx_header(path)
    return None if kind == "jsonl" else csv_header(path, job)


def check_columns(path: Path, job: Job) -> None:
    """Refuse a file without the text column, or with columns that scoring adds.

    Raises
    ------
    InputError
        Naming the file and the column. Of JSON lines the first 1,000 objects are looked at.
    """
    names = column_names(path, job)
    if names is None:
        objects = itertools.islice(json_objects(path, job), _OBJECTS_LOOKED_AT)
        names = tuple(dict.fromkeys(itertools.chain.from_iterable(objects)))
    check_names(names, str(path), job)


def check_names(names: Sequence[str], source: str, job: Job) -> None:
    """Refuse columns without the text column, or with columns that scoring adds; no columns at all are let through.

    Raises
    ------
    InputError
        Naming `source` and the column.
    """
    if names and job.text_column not in names:
        raise InputError(
            f"{source}: there is no column {job.text_column!r}; the columns are {_shown(names)}: name the one with "
            "the complaints with --text-column (text_column=)"
        )
    if not job.overwrite:
        refuse_collisions(names, job.columns, source)


def _shown(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:30])) + (", ..." if len(names) > 30 else "")


def read_chunks(files: Sequence[Path], job: Job) -> Iterator[Chunk]:
    """Yield the chunks of all files in order; a chunk never spans two files.

    Raises
    ------
    InputError
        Where a file cannot be read, or ends in damage.
    """
    for path in files:
        kind = format_of(path).removesuffix(".gz")
        if kind == "parquet":
            yield from parquet_chunks(path, job)
        elif kind == "xlsx":
            yield from xlsx_chunks(path, job)
        elif kind == "jsonl":
            yield from json_chunks(path, job)
        else:
            yield from csv_chunks(path, job)
