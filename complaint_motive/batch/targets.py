"""Where a run writes: committed parts that become a file, or a stream that cannot be taken back."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from complaint_motive.batch.failures import run_error
from complaint_motive.batch.plan import Plan
from complaint_motive.batch.scoring import Scored
from complaint_motive.batch.summary import Tally
from complaint_motive.batch.table_sink import SheetWriter, write_parquet
from complaint_motive.batch.text_sink import csv_header_bytes
from complaint_motive.batch.workfolder import WorkFolder, file_digest, join

__all__ = ["Target", "open_target"]

_NOT_COMPARED = ("chunk_rows", "layout")


class Target(Protocol):
    """Takes the scored chunks of a run in order."""

    tally: Tally
    resumable: bool

    @property
    def n_done(self) -> int:
        """Chunks that an earlier run committed."""

    @property
    def chunk_rows(self) -> int:
        """Rows of a chunk."""

    def commit(self, part: Scored) -> None:
        """Take one chunk."""

    def finish(self) -> Path | None:
        """Put the output in place; return the quarantine file if there is one."""


def _manifest(plan: Plan, model_digest: str) -> dict[str, Any]:
    """Return what must be the same when a run is resumed."""
    job = {field.name: getattr(plan.job, field.name) for field in fields(plan.job) if field.name not in _NOT_COMPARED}
    layout = plan.job.layout
    types = [] if layout is None or layout.schema is None else [str(kind) for kind in layout.schema.types]
    columns = None if layout is None else [*layout.names, *types]
    inputs = [{"name": path.name, "sha256": file_digest(path)} for path in plan.files] if plan.resumable else []
    return {
        "resumable": plan.resumable,
        "inputs": inputs,
        "settings": job,
        "columns": columns,
        "model": model_digest,
        "chunk_rows": plan.job.chunk_rows,
    }


class PartsTarget:
    """Commits parts into a work folder and joins them at the end; survives a kill at any moment."""

    def __init__(self, plan: Plan, output: Path, model_digest: str, *, resume: bool) -> None:
        self._plan, self._output = plan, output
        self._folder = WorkFolder(output)
        self.resumable = plan.resumable
        try:
            self._folder.open(_manifest(plan, model_digest), resume=resume)
        except BaseException:
            self._folder.close()
            raise
        self.tally = Tally()
        for entry in self._folder.done:
            self.tally.add(Tally.from_dict(entry["tally"]))
        self.n_done = len(self._folder.done)

    @property
    def chunk_rows(self) -> int:
        """Rows of a chunk, those of the run that is resumed."""
        return int(self._folder.manifest["chunk_rows"])

    def commit(self, part: Scored) -> None:
        """Write the part and its entry in the journal."""
        entry = {"file": Path(part.file).name, "tally": part.tally.to_dict()}
        self._folder.commit(part.data, part.bad, entry)
        self.tally.add(part.tally)

    def finish(self) -> Path | None:
        """Join the parts: quarantine first, so that an output never stands without it."""
        quarantine, bad = self._plan.quarantine, self._folder.bad_parts()
        if bad:
            join(bad, quarantine)
        else:
            quarantine.unlink(missing_ok=True)
        self._join_output()
        self._folder.remove()
        return quarantine if bad else None

    def _join_output(self) -> None:
        job, parts = self._plan.job, self._folder.parts()
        if job.format == "parquet":
            whole = self._folder.path / "whole.parquet"
            write_parquet(parts, whole, job)
            join([whole], self._output)
        else:
            join(parts, self._output, b"" if job.format.startswith("jsonl") else csv_header_bytes(job))

    def close(self) -> None:
        """Let go of the folder; what is committed stays where it can be resumed."""
        self._folder.close()


class StreamTarget:
    """Writes JSON lines to standard output, or an Excel sheet; nothing can be resumed."""

    resumable = False
    n_done = 0

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.tally = Tally()
        self.chunk_rows = plan.job.chunk_rows
        self._bad: BinaryIO | None = None
        self._sheet: SheetWriter | None = None
        plan.quarantine.unlink(missing_ok=True)
        if plan.output is not None:
            names = plan.job.layout.names if plan.job.layout else ()
            every = [*names, *(column.name for column in plan.job.columns)]
            self._sheet = SheetWriter(plan.output, every, escape=plan.job.escape)

    def commit(self, part: Scored) -> None:
        """Write the rows at once."""
        if part.bad:
            self._bad = self._bad or self._plan.quarantine.open("wb")
            self._bad.write(part.bad)
            self._bad.flush()
        if self._sheet is not None:
            self._sheet.write(part.rows)
        else:
            sys.stdout.buffer.write(part.data)
            sys.stdout.buffer.flush()
        self.tally.add(part.tally)

    def finish(self) -> Path | None:
        """Save the sheet."""
        if self._sheet is not None:
            self._sheet.close()
        return None if self._bad is None else self._plan.quarantine

    def close(self) -> None:
        """Close the quarantine, and drop a sheet that was not saved."""
        if self._sheet is not None:
            self._sheet.discard()
        if self._bad is not None:
            self._bad.close()


@contextlib.contextmanager
def open_target(plan: Plan, model_digest: str, *, resume: bool) -> Iterator[Target]:
    """Yield the target of a plan.

    Raises
    ------
    RunError
        Where something cannot be written, also later: the disk is full, the folder is read-only.
    """
    what = str(plan.output or "standard output")
    target: PartsTarget | StreamTarget | None = None
    try:
        if plan.output is None or plan.job.format == "xlsx":
            target = StreamTarget(plan)
        else:
            target = PartsTarget(plan, plan.output, model_digest, resume=resume)
        yield target
    except BrokenPipeError:
        raise
    except OSError as error:
        raise run_error(error, what, resumable=plan.resumable) from error
    finally:
        if target is not None:
            with contextlib.suppress(OSError):
                target.close()
