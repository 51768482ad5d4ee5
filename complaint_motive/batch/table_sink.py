"""Writing parquet and Excel: parquet from committed arrow parts, Excel row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from complaint_motive.batch.extras import Untyped, openpyxl, pyarrow, pyarrow_parquet
from complaint_motive.batch.layout import added_schema, arrow_columns
from complaint_motive.batch.records import Batch, Job
from complaint_motive.batch.rows import cell_text, json_text
from complaint_motive.batch.text_sink import Columns, escape_formula
from complaint_motive.errors import InputError

__all__ = ["SheetWriter", "arrow_bytes", "sheet_rows", "write_parquet"]

_GROUP_ROWS = 65_536
_GROUP_BYTES = 64 << 20
_MAX_ROWS = 1_048_576
_MAX_CELL = 32_767
# Control characters that XML cannot hold; Excel's own form for them is _xHHHH_.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def output_schema(job: Job) -> Untyped:
    """Return the arrow schema of the output: the columns that pass through, then the added ones."""
    pa = pyarrow()
    through = job.layout.schema if job.layout else pa.schema([])
    return pa.schema([*through, *added_schema(job.columns)], metadata=through.metadata)


def arrow_bytes(batch: Batch, columns: Columns, job: Job) -> bytes:
    """Return the rows as an arrow stream, one part of a parquet file."""
    pa = pyarrow()
    schema = output_schema(job)
    through = schema.names[: len(schema) - len(job.columns)]
    if batch.table is not None:
        own = _cast(batch.table, pa.schema([schema.field(name) for name in through])).columns
    else:
        own = arrow_columns(batch.rows or [], pa.schema([schema.field(name) for name in through]))
    added = [pa.array(columns[column.name], type=schema.field(column.name).type) for column in job.columns]
    table = pa.RecordBatch.from_arrays([*own, *added], schema=schema)
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_batch(table)
    return bytes(stream.getvalue())


def _cast(table: Untyped, schema: Untyped) -> Untyped:
    """Return a record batch with the types of the output, which several inputs share."""
    pa = pyarrow()
    try:
        return table.cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"the inputs' column types do not go together: {error}; write .jsonl") from error


def write_parquet(parts: Iterable[Path], output: Path, job: Job) -> None:
    """Write one parquet file from arrow parts, in row groups of about 65,536 rows or 64 MB."""
    pa, parquet = pyarrow(), pyarrow_parquet()
    schema = output_schema(job)
    with parquet.ParquetWriter(output, schema, compression="zstd") as writer:
        waiting: list[Any] = []
        for part in parts:
            with pa.ipc.open_stream(part.read_bytes()) as reader:
                waiting.extend(reader)
            if sum(map(len, waiting)) >= _GROUP_ROWS or sum(batch.nbytes for batch in waiting) >= _GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(waiting, schema))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema))


def sheet_rows(batch: Batch, columns: Columns, job: Job) -> list[list[Any]]:
    """Return the rows as Excel values.

    Raises
    ------
    InputError
        Where a cell is longer than Excel allows.
    """
    names = [*batch.names, *(column.name for column in job.columns)]
    added: list[Sequence[Any]] = []
    for column in job.columns:
        values = columns[column.name]
        listed = values.tolist() if hasattr(values, "tolist") else list(values)
        added.append([json_text(value or []) for value in listed] if column.kind.is_list else listed)
    rows = []
    for number, own, more in zip(batch.numbers, batch.rows or [], zip(*added, strict=True), strict=True):
        row = [_sheet_value(value, job) for value in (*own, *more)]
        longest = max((len(cell), name) for cell, name in zip(row, names, strict=True) if isinstance(cell, str))
        if longest[0] > _MAX_CELL:
            raise InputError(
                f"row {number}, column {longest[1]!r}: {longest[0]:,} characters, an .xlsx cell holds {_MAX_CELL:,}; "
                "write .csv, .jsonl or .parquet"
            )
        rows.append(row)
    return rows


def _sheet_value(value: Untyped, job: Job) -> Untyped:
    """Return a value that a sheet can hold."""
    if isinstance(value, bool | int | float) or value is None or hasattr(value, "isoformat"):
        return value if getattr(value, "tzinfo", None) is None else value.isoformat()
    text = cell_text(value)
    text = escape_formula(text) if job.escape else text
    return _CONTROL.sub(lambda match: f"_x{ord(match.group()):04X}_", text)


class SheetWriter:
    """A workbook of one sheet, written row by row and put in place when it is closed.

    Parameters
    ----------
    output : Path
        File to write.
    names : sequence of str
        The first row.
    """

    def __init__(self, output: Path, names: Sequence[str], *, escape: bool = True) -> None:
        module = openpyxl()
        self._cell = module.cell.WriteOnlyCell
        self._book = module.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("complaints")
        self._output = output
        self._n_rows = 0
        self.write([[escape_formula(name) if escape else name for name in names]])

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Append rows.

        Raises
        ------
        InputError
            Beyond the 1,048,576 rows of a sheet.
        """
        for row in rows:
            self._n_rows += 1
            if self._n_rows > _MAX_ROWS:
                raise InputError(
                    f"{self._output}: an .xlsx sheet holds {_MAX_ROWS:,} rows, the header included; write .csv, .jsonl "
                    "or .parquet"
                )
            self._sheet.append([self._text(value) if isinstance(value, str) else value for value in row])

    def _text(self, value: str) -> Untyped:
        """Return a cell that is text even where it begins with an equals sign."""
        if not value.startswith("="):
            return value
        cell = self._cell(self._sheet, value)
        cell.data_type = "s"
        return cell

    def close(self) -> None:
        """Save the workbook and put it in place at once."""
        part = self._output.with_name(f".{self._output.name}.part")
        try:
            self._book.save(part)
            part.replace(self._output)
        finally:
            part.unlink(missing_ok=True)

    def discard(self) -> None:
        """Give the workbook up; nothing is written."""
        if not self._sheet.closed:
            self._sheet.close()
