"""Reading csv and tsv files: records with quoted line ends, bad records apart, in bounded memory."""

from __future__ import annotations

import csv
import io
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from complaint_motive.batch.encoding import SURROGATE, choose_delimiter, open_text, wide_csv_cells
from complaint_motive.batch.records import BadRecordError, BadRow, Batch, Job
from complaint_motive.batch.rows import project, row_json
from complaint_motive.errors import InputError

__all__ = ["CHUNK_CHARS", "CsvChunk", "csv_chunks", "csv_header"]

CHUNK_CHARS = 2_000_000
_HEAD_LINES = 50


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Records of a csv file as lists of cells."""

    file: str
    position: float
    names: tuple[str, ...]
    numbers: list[int]
    rows: list[list[str]]
    bad: list[BadRow]

    @property
    def size(self) -> int:
        """Characters of the chunk, roughly."""
        return sum(len(cell) for row in self.rows for cell in row) + sum(len(row.content) for row in self.bad)

    def parse(self, job: Job) -> Batch:
        """Return the rows with the columns of the job's layout."""
        texts: list[str | None] = [row[self.names.index(job.text_column)] for row in self.rows]
        rows: list[list[Any]] = project(self.names, self.rows, job)
        names = job.layout.names if job.layout else self.kept(job)
        return Batch(texts, list(self.numbers), rows=rows, names=names, bad=list(self.bad))

    def kept(self, job: Job) -> tuple[str, ...]:
        """Return the names that pass through when the output has no fixed layout."""
        added = {column.name for column in job.columns}
        return tuple(name for name in self.names if name not in added)

    def content(self, number: int) -> str:
        """Return record `number` as a JSON object of its cells."""
        return row_json(self.names, self.rows[self.numbers.index(number)])


class _Lines:
    """Physical lines of a stream; remembers those of the current record, so that a bad one can be read again."""

    def __init__(self, stream: io.TextIOWrapper, limit: int, head: Iterable[str]) -> None:
        self.stream = stream
        self.limit = limit
        self.done = 0
        self.taken: list[str] = []
        self._size = 0
        self._back: deque[str] = deque(head)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self.stream.readline(self.limit + 1)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size > self.limit:
            raise BadRecordError("too_long", f"over {self.limit:,} characters, or an unclosed quote")
        return line

    def accept(self, n_lines: int | None = None) -> str:
        """Count the first `n_lines` (all) as read, put the others back, and return the text of the former."""
        used, again = self.taken[:n_lines], self.taken[len(self.taken) if n_lines is None else n_lines :]
        self._back.extendleft(reversed(again))
        if used and not used[-1].endswith(("\n", "\r")):
            self._skip_line()
        self.done += len(used)
        self.taken, self._size = [], 0
        return "".join(used)

    def _skip_line(self) -> None:
        while (
            self._size > self.limit and (rest := self.stream.readline(self.limit)) and not rest.endswith(("\n", "\r"))
        ):
            pass


class _Reader:
    """Records of one csv file: a list of cells each, or a :class:`BadRow`."""

    def __init__(self, file: str, lines: _Lines, encoding: str, delimiter: str, max_cell: int) -> None:
        self.file, self.lines, self.encoding, self.max_cell = file, lines, encoding, max_cell
        self.number = 0
        self.names: tuple[str, ...] = ()
        self._csv = csv.reader(lines, delimiter=delimiter, strict=True)

    def read(self) -> list[str] | BadRow | None:
        """Return the next record, None at the end of the file."""
        line = self.lines.done + 1
        try:
            cells = next(self._csv, None)
            if cells is None:
                return None
        except (csv.Error, BadRecordError) as error:
            # A stray quote swallows the lines that follow: only the line it stands in is bad, the rest is read again.
            reason = error.reason if isinstance(error, BadRecordError) and len(self.lines.taken) == 1 else "malformed"
            detail = error.detail if isinstance(error, BadRecordError) else f"not a csv record: {error}"
            return self._bad(reason, detail, self.lines.accept(1), line)
        raw = self.lines.accept()
        if not cells:
            cells = [""] if len(self.names) == 1 else []
            if not cells:
                return self.read_after_blank()
        return self._checked(cells, raw, line)

    def read_after_blank(self) -> list[str] | BadRow | None:
        """Return the next record behind blank lines, which are no records where there is more than one column."""
        while True:
            try:
                peeked = next(self.lines, None)
            except BadRecordError:
                peeked = "too long"
            if peeked is None:
                return None
            if peeked.strip("\r\n"):
                self.lines.accept(0)
                return self.read()
            self.lines.accept()

    def _checked(self, cells: list[str], raw: str, line: int) -> list[str] | BadRow:
        if SURROGATE.search(raw):
            return self._bad("undecodable", f"the record is not {self.encoding}", raw, line)
        if self.names and len(cells) != len(self.names):
            return self._bad("columns", f"{len(cells)} cells, the header has {len(self.names)}", raw, line)
        longest = max(map(len, cells))
        if longest > self.max_cell:
            return self._bad("too_long", f"a cell has {longest:,} characters, allowed are {self.max_cell:,}", raw, line)
        self.number += 1
        return cells

    def _bad(self, reason: str, detail: str, raw: str, line: int) -> BadRow:
        self.number += 1
        return BadRow(self.file, self.number, reason, detail, raw.rstrip("\r\n"), line, self.encoding)


def _head(stream: io.TextIOWrapper, limit: int) -> list[str]:
    """Return the first lines; one that is over the limit is the last, its rest is still in the stream."""
    head: list[str] = []
    while len(head) < _HEAD_LINES and (line := stream.readline(limit + 1)):
        head.append(line)
        if not line.endswith(("\n", "\r")):
            break
    return head


def _open_reader(path: Path, stream: io.TextIOWrapper, encoding: str, max_cell: int, max_record: int) -> _Reader:
    """Return a reader that stands behind the header."""
    head = _head(stream, max_record)
    tab = ".tsv" in path.suffixes
    with wide_csv_cells():
        delimiter = "\t" if tab else choose_delimiter(head)
    lines = _Lines(stream, max_record, head)
    reader = _Reader(str(path), lines, encoding, delimiter, max_cell)
    with wide_csv_cells():
        header = reader.read()
    if header is None:
        raise InputError(f"{path}: the file is empty; a header line with the column names is needed")
    if isinstance(header, BadRow):
        raise InputError(f"{path}: the header cannot be read: {header.detail}")
    double = sorted({name for name in header if header.count(name) > 1})
    if double:
        raise InputError(
            f"{path}: the header names the column(s) {', '.join(map(repr, double))} twice; names must be unique"
        )
    reader.names, reader.number = tuple(header), 0
    return reader


def csv_header(path: Path, job: Job) -> tuple[str, ...]:
    """Return the column names of a csv file.

    Raises
    ------
    InputError
        Where the file is empty, unreadable, or names a column twice.
    """
    with open_text(path, newline="") as text:
        return _open_reader(path, text.stream, text.encoding, job.max_cell, job.max_record).names


def csv_chunks(path: Path, job: Job) -> Iterator[CsvChunk]:
    """Yield the records of a csv file in chunks of `job.chunk_rows`, shorter where the cells are long.

    Raises
    ------
    InputError
        As :func:`csv_header`, or where the file ends in damage.
    """
    with open_text(path, newline="") as text:
        reader = _open_reader(path, text.stream, text.encoding, job.max_cell, job.max_record)
        while True:
            with wide_csv_cells():
                numbers, rows, bad = _fill(reader, job.chunk_rows)
            if not numbers and not bad:
                return
            yield CsvChunk(str(path), text.position, reader.names, numbers, rows, bad)


def _fill(reader: _Reader, n_rows: int) -> tuple[list[int], list[list[str]], list[BadRow]]:
    """Read up to `n_rows` records or :data:`CHUNK_CHARS` characters."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    bad: list[BadRow] = []
    size = 0
    for _ in itertools.repeat(None, n_rows):
        record = reader.read()
        if record is None:
            break
        if isinstance(record, BadRow):
            bad.append(record)
            size += len(record.content)
        else:
            numbers.append(reader.number)
            rows.append(record)
            size += sum(map(len, record))
        if size > CHUNK_CHARS:
            break
    return numbers, rows, bad
