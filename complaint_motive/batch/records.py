"""What travels through a run: settings of the job, chunks of records as read, batches as parsed, bad rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from complaint_motive.schema import Column, output_columns

__all__ = ["BadRecordError", "BadRow", "Batch", "Chunk", "Job", "Layout"]


class BadRecordError(Exception):
    """A single record cannot be scored or written; carries the reason code and the detail for the quarantine."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that goes to the quarantine.

    Attributes
    ----------
    file : str
        Input file.
    row : int
        Number of the record in its file, from 1, the header not counted.
    reason : str
        ``undecodable``, ``malformed``, ``columns``, ``wrong_type``, ``too_long``, ``collision``, ``not_utf8`` or
        ``not_analysed``.
    detail : str
        What arrived and what is allowed.
    content : str
        The record as it stood in the file; bytes that could not be decoded are lone surrogates (``surrogateescape``).
    line : int or None
        First physical line of the record in a text file, from 1.
    encoding : str
        Encoding of the file, to get the bytes back.
    """

    file: str
    row: int
    reason: str
    detail: str
    content: str
    line: int | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns that pass through to a file with fixed columns.

    Attributes
    ----------
    names : tuple of str
        Input columns in order, without those that ``overwrite`` replaces.
    schema : pyarrow.Schema or None
        Types of the input columns, for parquet only.
    """

    names: tuple[str, ...]
    schema: Any = None


@dataclass(frozen=True, slots=True)
class Job:
    """All that decides the bytes of the output beside the input and the model.

    Attributes
    ----------
    text_column : str
        Column that holds the complaint.
    format : str
        ``jsonl``, ``csv``, ``tsv``, ``parquet`` or ``xlsx``, with ``.gz`` after the text formats where compressed.
    evidence, mask_text, overwrite, escape, bom : bool
        Options of the run, see :func:`complaint_motive.batch.score_file`.
    max_cell : int
        Longest cell in characters.
    chunk_rows : int
        Records in a chunk.
    layout : Layout or None
        None for JSON lines, whose objects pass through one by one.
    """

    text_column: str
    format: str
    evidence: bool = True
    mask_text: bool = False
    overwrite: bool = False
    escape: bool = True
    bom: bool = False
    max_cell: int = 10_000_000
    chunk_rows: int = 2048
    layout: Layout | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns that scoring adds."""
        return output_columns(evidence=self.evidence)

    @property
    def max_record(self) -> int:
        """Longest record in characters: beyond it an unclosed quote or a file without line ends is assumed."""
        return 4 * self.max_cell


@dataclass(slots=True)
class Batch:
    """Parsed rows of one chunk, good ones only, plus the bad ones beside them.

    Attributes
    ----------
    texts : list of str or None
        Complaint of each good row.
    numbers : list of int
        Record number of each good row.
    rows : list of list or None
        Values in the order of the layout (or of `names`).
    objects : list of str or dict, or None
        For JSON lines to JSON lines: each object as it stood in the file, or parsed where it must be rewritten.
    table : pyarrow.RecordBatch or None
        For parquet to parquet.
    names : tuple of str
        Names of `rows`.
    bad : list of BadRow
        Rows for the quarantine.
    """

    texts: list[str | None]
    numbers: list[int]
    rows: list[list[Any]] | None = None
    objects: list[str | dict[str, Any]] | None = None
    table: Any = None
    names: tuple[str, ...] = ()
    bad: list[BadRow] = field(default_factory=list)

    def take(self, keep: Sequence[int]) -> Batch:
        """Return the rows at the positions `keep`."""
        return Batch(
            texts=[self.texts[i] for i in keep],
            numbers=[self.numbers[i] for i in keep],
            rows=None if self.rows is None else [self.rows[i] for i in keep],
            objects=None if self.objects is None else [self.objects[i] for i in keep],
            table=None if self.table is None else self.table.take(list(keep)),
            names=self.names,
            bad=list(self.bad),
        )


class Chunk(Protocol):
    """Records as read from one file, before they are parsed; crosses to a worker process."""

    @property
    def file(self) -> str:
        """Input file."""

    @property
    def position(self) -> float:
        """Share of the file read at the end of the chunk, in [0, 1]; an estimate for the progress bar."""

    @property
    def size(self) -> int:
        """Characters of the chunk, or bytes, roughly."""

    def parse(self, job: Job) -> Batch:
        """Return the good rows and the bad ones."""

    def content(self, number: int) -> str:
        """Return record `number` of the file, for the quarantine."""
