"""One chunk from records to bytes; runs in the caller or in a worker process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from complaint_motive.batch.quarantine import quarantine_bytes
from complaint_motive.batch.records import BadRow, Batch, Chunk, Job
from complaint_motive.batch.summary import Tally
from complaint_motive.batch.table_sink import arrow_bytes, sheet_rows
from complaint_motive.batch.text_sink import csv_bytes, json_bytes

__all__ = ["BatchAnalyzer", "ChunkScorer", "Scored"]


@runtime_checkable
class BatchAnalyzer(Protocol):
    """What a run needs of an analyzer."""

    @property
    def model_digest(self) -> str:
        """Digest of all that changes results: weights and settings."""

    def columns(self, texts: Sequence[str | None], *, evidence: bool = True) -> Mapping[str, Any]:
        """Return the added columns, each of ``len(texts)`` values."""

    def mask(self, text: str) -> str:
        """Return the text with personal data masked."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk ready to be committed.

    Attributes
    ----------
    data : bytes
        Part of the output, empty for Excel.
    rows : list of list
        Rows of values for Excel, else empty.
    bad : bytes
        Part of the quarantine, JSON lines.
    first_bad : BadRow or None
        For the message of a strict run.
    tally : Tally
        Counts of the chunk.
    file : str
        Input file.
    position : float
        Share of the file read, in [0, 1].
    """

    data: bytes
    rows: list[list[Any]]
    bad: bytes
    first_bad: BadRow | None
    tally: Tally
    file: str
    position: float


def _encoded(batch: Batch, columns: Mapping[str, Any], job: Job) -> bytes:
    """Return the part of the output in the job's format; nothing for no rows, and for Excel."""
    if not batch.texts or job.format == "xlsx":
        return b""
    if job.format == "parquet":
        return arrow_bytes(batch, columns, job)
    return (json_bytes if job.format.startswith("jsonl") else csv_bytes)(batch, columns, job)


@dataclass(frozen=True)
class ChunkScorer:
    """Scores chunks for one job.

    Parameters
    ----------
    analyzer : BatchAnalyzer
        The model.
    job : Job
        What to write.
    """

    analyzer: BatchAnalyzer
    job: Job

    def __call__(self, chunk: Chunk) -> Scored:
        """Return the part of the output that comes from `chunk`."""
        batch = chunk.parse(self.job)
        batch, columns = self._columns(chunk, batch)
        if self.job.mask_text:
            self._mask(batch)
        data = _encoded(batch, columns, self.job)
        rows = sheet_rows(batch, columns, self.job) if batch.texts and self.job.format == "xlsx" else []
        bad = sorted(batch.bad, key=lambda row: row.row)
        mask = self.analyzer.mask if self.job.mask_text else None
        motives = Counter(columns["motive"]) if batch.texts else Counter[str]()
        review = int(sum(columns["needs_review"])) if batch.texts else 0
        tally = Tally(len(batch.texts), review, motives, Counter(row.reason for row in bad))
        return Scored(
            data, rows, quarantine_bytes(bad, mask), bad[0] if bad else None, tally, chunk.file, chunk.position
        )

    def _columns(self, chunk: Chunk, batch: Batch) -> tuple[Batch, Mapping[str, Any]]:
        """Return the added columns; texts that make the analyzer fail leave the batch for the quarantine."""
        if not batch.texts:
            return batch, {}
        try:
            return batch, self.analyzer.columns(batch.texts, evidence=self.job.evidence)
        except MemoryError:
            raise
        except Exception:  # one text in millions must not end the run: the ones that fail are found one by one
            good, failed = [], []
            for i, text in enumerate(batch.texts):
                try:
                    self.analyzer.columns([text], evidence=self.job.evidence)
                    good.append(i)
                except Exception as error:
                    number = batch.numbers[i]
                    detail = f"{type(error).__name__}: {error}"
                    failed.append(BadRow(chunk.file, number, "not_analysed", detail, chunk.content(number)))
            # None failed alone, or all did: not the fault of a text.
            if not failed or len(failed) == len(batch.texts) > 1:
                raise
            rest = batch.take(good)
            rest.bad.extend(failed)
            return rest, self.analyzer.columns(rest.texts, evidence=self.job.evidence) if good else {}

    def _mask(self, batch: Batch) -> None:
        """Put the masked texts in the place of the texts."""
        masked = [text if text is None else self.analyzer.mask(text) for text in batch.texts]
        name = self.job.text_column
        if batch.objects is not None:
            for entry, text in zip(batch.objects, masked, strict=True):
                if isinstance(entry, dict) and name in entry:
                    entry[name] = text
        elif batch.rows is not None:
            place = batch.names.index(name)
            for row, text in zip(batch.rows, masked, strict=True):
                row[place] = text
        elif batch.table is not None:
            from complaint_motive.batch.extras import pyarrow

            place = batch.table.schema.get_field_index(name)
            values = pyarrow().array(masked, type=pyarrow().string())
            batch.table = batch.table.set_column(place, name, values)
