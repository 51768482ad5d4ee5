"""Reading parquet by record batches and Excel sheets row by row; both keep the columns' types."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile
from zlib import error as ZlibError

from complaint_motive.batch.csv_source import CHUNK_CHARS
from complaint_motive.batch.extras import Untyped, openpyxl, pyarrow, pyarrow_parquet
from complaint_motive.batch.jsonl_source import checked_text
from complaint_motive.batch.records import BadRecordError, BadRow, Batch, Job
from complaint_motive.batch.rows import project, row_json
from complaint_motive.errors import InputError

__all__ = ["parquet_chunks", "parquet_schema", "xlsx_chunks", "xlsx_header", "xlsx_rows"]

_BATCH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Rows of Python values, from an Excel sheet."""

    file: str
    position: float
    names: tuple[str, ...]
    numbers: list[int]
    rows: list[list[Any]]
    bad: list[BadRow] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Characters of the chunk, roughly."""
        return sum(len(cell) for row in self.rows for cell in row if isinstance(cell, str))

    def parse(self, job: Job) -> Batch:
        """Return the rows with the columns of the job's layout."""
        good, bad = _sorted_out(self, [row[self.names.index(job.text_column)] for row in self.rows], job)
        rows = [self.rows[i] for i in good]
        texts = [row[self.names.index(job.text_column)] for row in rows]
        names = job.layout.names if job.layout else _kept(self.names, job)
        numbers = [self.numbers[i] for i in good]
        return Batch(texts, numbers, rows=project(self.names, rows, job), names=names, bad=[*self.bad, *bad])

    def content(self, number: int) -> str:
        """Return record `number` as a JSON object."""
        return row_json(self.names, self.rows[self.numbers.index(number)])


@dataclass(frozen=True, slots=True)
class ArrowChunk:
    """A record batch of a parquet file."""

    file: str
    position: float
    first: int
    table: Any

    @property
    def numbers(self) -> list[int]:
        """Record numbers in the file."""
        return list(range(self.first, self.first + len(self.table)))

    @property
    def size(self) -> int:
        """Bytes of the batch."""
        return int(self.table.nbytes)

    def parse(self, job: Job) -> Batch:
        """Return the batch as it is for parquet, else as rows of Python values."""
        texts, broken = _column_texts(self.table.column(job.text_column))
        good, bad = _sorted_out(self, texts, job, broken)
        table = self.table if len(good) == len(texts) else self.table.take(good)
        names = job.layout.names if job.layout else _kept(tuple(table.schema.names), job)
        table = table.select(list(names))
        batch = Batch([texts[i] for i in good], [self.first + i for i in good], names=names, bad=bad)
        if job.format == "parquet":
            batch.table = table
        else:
            self._to_rows(batch, table)
        return batch

    def _to_rows(self, batch: Batch, table: Untyped) -> None:
        try:
            batch.rows = [list(row) for row in zip(*table.to_pydict().values(), strict=True)]
        except UnicodeDecodeError as error:
            raise InputError(f"{self.file}: a text from record {self.first} on is not UTF-8: {error}") from error

    def content(self, number: int) -> str:
        """Return record `number` as a JSON object."""
        row = self.table.slice(number - self.first, 1)
        values = {name: _column_texts(row.column(name), plain=False)[0][0] for name in row.schema.names}
        return row_json(tuple(values), list(values.values()))


def _kept(names: tuple[str, ...], job: Job) -> tuple[str, ...]:
    added = {column.name for column in job.columns}
    return tuple(name for name in names if name not in added)


def _sorted_out(
    chunk: RowChunk | ArrowChunk, texts: list[Any], job: Job, broken: frozenset[int] = frozenset()
) -> tuple[list[int], list[BadRow]]:
    """Return the positions of the rows whose text can be scored, and the other rows."""
    good, bad = [], []
    numbers = chunk.numbers
    for i, text in enumerate(texts):
        try:
            if i in broken:
                raise BadRecordError("undecodable", f"{job.text_column!r} is not utf-8")
            checked_text(text, job)
            good.append(i)
        except BadRecordError as error:
            bad.append(BadRow(chunk.file, numbers[i], error.reason, error.detail, chunk.content(numbers[i])))
    return good, bad


def _column_texts(column: Untyped, *, plain: bool = True) -> tuple[list[Any], frozenset[int]]:
    """Return the values of an arrow column and the positions of those that are not utf-8 (read with surrogates)."""
    try:
        return column.to_pylist(), frozenset()
    except UnicodeDecodeError:
        pa = pyarrow()
        values, broken = [], set()
        for i, scalar in enumerate(column.cast(pa.large_binary(), safe=False)):
            raw = scalar.as_py()
            try:
                values.append(None if raw is None else raw.decode("utf-8"))
            except UnicodeDecodeError:
                broken.add(i)
                values.append(None if plain else raw.decode("utf-8", "surrogateescape"))
        return values, frozenset(broken)


@contextmanager
def _parquet_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (pyarrow().ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable parquet file, or damaged: {str(error).splitlines()[0]}") from error


def parquet_schema(path: Path) -> Untyped:
    """Return the arrow schema of a parquet file.

    Raises
    ------
    InputError
        Where the file cannot be read.
    MissingDependencyError
        Without pyarrow.
    """
    parquet = pyarrow_parquet()
    with _parquet_errors(path), parquet.ParquetFile(path) as file:
        return file.schema_arrow


def parquet_chunks(path: Path, job: Job) -> Iterator[ArrowChunk]:
    """Yield the record batches of a parquet file; memory is bounded by the largest row group.

    Raises
    ------
    InputError
        Where the file is damaged, or the text column holds no texts.
    """
    pa, parquet = pyarrow(), pyarrow_parquet()
    with _parquet_errors(path), parquet.ParquetFile(path) as file:
        kind = file.schema_arrow.field(job.text_column).type
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (
            pa.types.is_string(value)
            or pa.types.is_large_string(value)
            or pa.types.is_null(value)
            or value == pa.string_view()
        ):
            raise InputError(f"{path}: the column {job.text_column!r} is {kind}, needed is a text column")
        total, first = file.metadata.num_rows, 1
        for group in file.iter_batches(batch_size=job.chunk_rows):
            for table in _pieces(group):
                yield ArrowChunk(str(path), min(1.0, (first + len(table) - 1) / max(total, 1)), first, table)
                first += len(table)


def _pieces(table: Untyped) -> Iterator[Any]:
    """Yield a record batch in halves until none holds more than :data:`_BATCH_BYTES`."""
    if len(table) > 1 and table.get_total_buffer_size() > _BATCH_BYTES and table.nbytes > _BATCH_BYTES:
        middle = len(table) // 2
        yield from _pieces(table.slice(0, middle))
        yield from _pieces(table.slice(middle))
    else:
        yield table


def xlsx_rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the first sheet as tuples of values, the header included.

    Raises
    ------
    InputError
        Where the file is no readable workbook.
    MissingDependencyError
        Without openpyxl.
    """
    module = openpyxl()
    broken = (BadZipFile, KeyError, ValueError, OSError, EOFError, ParseError, ZlibError, SyntaxError, TypeError)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = module.load_workbook(path, read_only=True, data_only=True)
    except (*broken, module.utils.exceptions.InvalidFileException) as error:
        raise InputError(f"{path}: not a readable .xlsx workbook, or damaged: {error}") from error
    rows = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else iter(())
    try:
        while True:
            try:
                row = next(rows, None)
            except broken as error:
                raise InputError(f"{path}: the sheet is damaged: {error}") from error
            if row is None:
                return
            yield row
    finally:
        book.close()


def xlsx_header(path: Path) -> tuple[str, ...]:
    """Return the column names of the first sheet, without empty cells at the end.

    Raises
    ------
    InputError
        Where there is no header, or a name is missing or stands twice.
    """
    header = [cell for cell in next(iter(xlsx_rows(path)), ())]
    while header and header[-1] is None:
        header.pop()
    names = tuple("" if cell is None else str(cell) for cell in header)
    if not names:
        raise InputError(f"{path}: the first sheet is empty; a first row with the column names is needed")
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise InputError(
            f"{path}: the first row names the column(s) {', '.join(map(repr, double))} twice; names must be unique"
        )
    return names


def xlsx_chunks(path: Path, job: Job) -> Iterator[RowChunk]:
    """Yield the rows of the first sheet in chunks; blank rows are no records. Raises as :func:`xlsx_rows`."""
    names = xlsx_header(path)
    numbers: list[int] = []
    rows: list[list[Any]] = []
    bad: list[BadRow] = []
    size, number = 0, 0
    for place, cells in enumerate(xlsx_rows(path), start=1):
        if place == 1 or all(cell is None for cell in cells):
            continue
        number += 1
        row = [*cells, *[None] * (len(names) - len(cells))]
        if any(cell is not None for cell in row[len(names) :]):
            detail = f"{len(row)} cells, the first row has {len(names)}"
            bad.append(BadRow(str(path), number, "columns", detail, row_json(range_names(len(row)), row), place))
        else:
            numbers.append(number)
            rows.append(row[: len(names)])
        size += sum(len(cell) for cell in cells if isinstance(cell, str))
        if len(rows) + len(bad) >= job.chunk_rows or size > CHUNK_CHARS:
            yield RowChunk(str(path), 0.0, names, numbers, rows, bad)
            numbers, rows, bad, size = [], [], [], 0
    if rows or bad:
        yield RowChunk(str(path), 1.0, names, numbers, rows, bad)


def range_names(width: int) -> tuple[str, ...]:
    """Return ``("1", "2", ...)``: names for the cells of a row that does not fit its header."""
    return tuple(str(i + 1) for i in range(width))
