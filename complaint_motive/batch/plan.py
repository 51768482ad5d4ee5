"""The plan of a run: which files, which job, where to; everything that can be refused is refused here."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from complaint_motive.batch.jsonl_source import stdin_chunks
from complaint_motive.batch.layout import survey
from complaint_motive.batch.records import Chunk, Job
from complaint_motive.batch.sources import (
    QUARANTINE_SUFFIX,
    check_columns,
    check_names,
    find_inputs,
    format_of,
    read_chunks,
)
from complaint_motive.batch.workfolder import work_folder_of
from complaint_motive.errors import InputError

__all__ = ["Plan", "make_plan"]

_CHUNK_ROWS = 2048


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that has been checked.

    Attributes
    ----------
    files : tuple of Path
        Input files in order, none for standard input.
    output : Path or None
        None for standard output.
    quarantine : Path
        File for bad rows.
    job : Job
        What to write.
    resumable : bool
        True where the run can be continued after an interruption.
    """

    files: tuple[Path, ...]
    output: Path | None
    quarantine: Path
    job: Job
    resumable: bool

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records of all files."""
        if self.files:
            yield from read_chunks(self.files, self.job)
        else:
            chunks = stdin_chunks(sys.stdin.buffer, self.job)
            for first in itertools.islice(chunks, 1):
                check_names(first.names(), first.file, self.job)
                yield first
            yield from chunks

    def share(self, file: str, position: float) -> float:
        """Return the share of the whole input that is read, in bytes; 0 where it is unknown."""
        if not self.files:
            return 0.0
        names = [str(path) for path in self.files]
        sizes = [path.stat().st_size for path in self.files]
        at = names.index(file)
        return (sum(sizes[:at]) + position * sizes[at]) / max(sum(sizes), 1)


def _check_options(options: Mapping[str, Any], workers: int) -> None:
    """Refuse numbers that make no sense."""
    if workers < 1:
        raise InputError(f"workers must be at least 1, got {workers}")
    if options["chunk_rows"] < 1:
        raise InputError(f"chunk_rows must be at least 1, got {options['chunk_rows']}")
    if options["max_cell"] < 1:
        raise InputError(f"max_cell must be at least 1, got {options['max_cell']}")


def make_plan(
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    quarantine: str | Path | None,
    *,
    resume: bool,
    workers: int,
    options: Mapping[str, Any],
) -> Plan:
    """Return the checked plan of a run.

    Parameters
    ----------
    inputs, output, quarantine, resume, workers
        As for :func:`complaint_motive.batch.score_file`.
    options : mapping
        Fields of :class:`~complaint_motive.batch.records.Job`.

    Raises
    ------
    InputError
        Where a file, a column or an option cannot be used.
    """
    options = {**options, "chunk_rows": _CHUNK_ROWS if options["chunk_rows"] is None else options["chunk_rows"]}
    _check_options(options, workers)
    files = () if inputs in ("-", Path("-"), ["-"], ("-",)) else find_inputs(inputs)
    target = None if str(output) == "-" else Path(output)
    job = Job(format=format_of(target) if target else "jsonl", **options)
    bad = Path(quarantine) if quarantine is not None else _default_quarantine(target)
    refuse_output(files, target)
    _refuse_quarantine(files, target, bad)
    kinds = {format_of(path) for path in files}
    resumable = bool(files) and target is not None and "xlsx" not in {*kinds, job.format}
    if resume and not resumable:
        what = "standard input" if not files else "standard output" if target is None else "an .xlsx file"
        raise InputError(f"{what} cannot be resumed; run it again without --resume (resume=False)")
    for path in files:
        check_columns(path, job)
    if not job.format.startswith("jsonl"):
        if not files:
            raise InputError(f"{output}: standard input can be written to .jsonl or standard output (-) only")
        job = replace(job, layout=survey(files, job))
    return Plan(files, target, bad, job, resumable)


def _refuse_quarantine(files: Sequence[Path], output: Path | None, quarantine: Path) -> None:
    """Refuse a quarantine file that would replace an input or the output."""
    taken = [path.resolve() for path in (*files, *([] if output is None else [output]))]
    if quarantine.resolve() in taken or quarantine.is_dir():
        raise InputError(f"{quarantine}: is an input, the output or a folder; give the quarantine another name")
    if not quarantine.parent.is_dir():
        raise InputError(f"{quarantine}: the folder {quarantine.parent} does not exist")


def _default_quarantine(output: Path | None) -> Path:
    if output is None:
        return Path(f"stdout{QUARANTINE_SUFFIX}")
    return output.with_name(f"{output.name}{QUARANTINE_SUFFIX}")


def refuse_output(files: Sequence[Path], output: Path | None) -> None:
    """Refuse an output that is an input, a folder, or lies in a folder that does not exist.

    Raises
    ------
    InputError
        Naming the output.
    """
    if output is None:
        return
    if output.is_dir():
        raise InputError(f"{output}: is a folder; give the name of a file")
    if not output.parent.is_dir():
        raise InputError(f"{output}: the folder {output.parent} does not exist")
    if any(path.resolve() == output.resolve() for path in files):
        raise InputError(
            f"{output}: is also an input; give the output another name, or keep it out of the input folder"
        )
    folder = work_folder_of(output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: a file stands where the state of the run must lie; move it away")
