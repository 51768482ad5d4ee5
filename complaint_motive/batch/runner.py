"""Scoring whole files: plan the run, score chunk after chunk, commit, put the output in place."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from complaint_motive.batch.failures import RunError
from complaint_motive.batch.plan import Plan, make_plan
from complaint_motive.batch.pool import scored_chunks
from complaint_motive.batch.progress import Reporter, Silent, default_reporter
from complaint_motive.batch.records import Chunk
from complaint_motive.batch.scoring import BatchAnalyzer, Scored
from complaint_motive.batch.summary import RunSummary, Tally
from complaint_motive.batch.targets import Target, open_target
from complaint_motive.errors import InputError

__all__ = ["score_file"]


@dataclass(frozen=True)
class _Given:
    """Hands out an analyzer that was given as an object."""

    analyzer: BatchAnalyzer

    def __call__(self) -> BatchAnalyzer:
        return self.analyzer


def score_file(
    analyzer: BatchAnalyzer | Callable[[], BatchAnalyzer],
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    text_column: str = "text",
    evidence: bool = True,
    mask_text: bool = False,
    overwrite: bool = False,
    workers: int = 1,
    chunk_rows: int | None = None,
    resume: bool = False,
    strict: bool = False,
    max_cell: int = 10_000_000,
    escape: bool = True,
    bom: bool = False,
    quarantine: str | Path | None = None,
    progress: bool | Reporter | None = None,
) -> RunSummary:
    """Score complaint logs and return what was done; all input columns pass through, the output columns are added.

    Parameters
    ----------
    analyzer : analyzer, or callable without arguments that makes one
        With `workers` > 1 a callable is better: each worker process calls it once instead of receiving the weights.
    inputs : path, pattern, or sequence of them
        .csv, .tsv, .jsonl (these three also .gz), .parquet or .xlsx files, folders, glob patterns; ``"-"`` for JSON
        lines on standard input.
    output : path
        .jsonl, .csv, .tsv (these three also .gz), .parquet or .xlsx; ``"-"`` for JSON lines on standard output. The
        file appears whole at the end; until then the state of the run lies in ``OUTPUT.parts`` beside it.
    text_column : str, default "text"
        Column that holds the complaints.
    evidence : bool, default True
        False leaves the column ``evidence`` out, and is faster.
    mask_text : bool, default False
        Mask personal data in the text column and in the quarantine.
    overwrite : bool, default False
        Replace input columns that bear the name of an output column, instead of refusing the file.
    workers : int, default 1
        Processes that score; the result does not depend on it.
    chunk_rows : int, optional
        Rows scored and committed at once, 2,048 by default; the result (of .gz: its content) does not depend on it.
    resume : bool, default False
        Continue an unfinished run of the same input, model and settings; starts anew where there is none.
    strict : bool, default False
        Stop at the first bad row instead of putting it into the quarantine.
    max_cell : int, default 10_000_000
        Longest cell in characters.
    escape : bool, default True
        In .csv, .tsv and .xlsx, put an apostrophe before texts that a spreadsheet would run as a formula.
    bom : bool, default False
        Begin a .csv or .tsv with a byte order mark, for Excel.
    quarantine : path, optional
        File for bad rows, ``OUTPUT.quarantine.jsonl`` by default; there only if a row is bad.
    progress : bool or Reporter, optional
        True for a bar, False for silence; by default a bar where standard error is a terminal.

    Returns
    -------
    RunSummary
        Rows, quarantined rows, counts per motive.

    Raises
    ------
    InputError
        Where a file, a column or an option cannot be used, a strict run meets a bad row, or a resume is refused.
    RunError
        Where the disk is full, the output cannot be written, or a worker process died.
    MissingDependencyError
        For .parquet or .xlsx without the extra ``[files]``.
    KeyboardInterrupt
        On Ctrl-C, with a message that says how to go on.
    """
    begin = time.monotonic()
    options = {
        "text_column": text_column, "evidence": evidence, "mask_text": mask_text, "overwrite": overwrite,
        "escape": escape, "bom": bom, "max_cell": max_cell, "chunk_rows": chunk_rows,
    }  # fmt: skip
    plan = make_plan(inputs, output, quarantine, resume=resume, workers=workers, options=options)
    factory = _factory(analyzer)
    loaded = factory()
    reporter = _reporter(progress)
    with open_target(plan, loaded.model_digest, resume=resume) as target:
        plan = replace(plan, job=replace(plan.job, chunk_rows=target.chunk_rows))
        earlier = target.tally.rows + target.tally.quarantined
        reporter.start(earlier)
        summary = None
        try:
            scored = scored_chunks(_remaining(plan, target), factory, loaded, plan.job, workers)
            path = _run(scored, target, plan, reporter, strict=strict)
            summary = _summary(
                plan, target.tally, path, earlier, time.monotonic() - begin, workers, loaded.model_digest
            )
        finally:
            reporter.finish(summary)
    return summary


def _factory(analyzer: BatchAnalyzer | Callable[[], BatchAnalyzer]) -> Callable[[], BatchAnalyzer]:
    if isinstance(analyzer, BatchAnalyzer) and not isinstance(analyzer, type):
        return _Given(analyzer)
    if callable(analyzer):
        return analyzer
    raise InputError(f"analyzer: got a {type(analyzer).__name__}, needed is an analyzer or a callable that makes one")


def _reporter(progress: bool | Reporter | None) -> Reporter:
    if progress is None:
        return default_reporter()
    if isinstance(progress, bool):
        from complaint_motive.batch.progress import ProgressBar

        return ProgressBar() if progress else Silent()
    return progress


def _remaining(plan: Plan, target: Target) -> Iterator[Chunk]:
    """Yield the chunks that are not done."""
    for number, chunk in enumerate(plan.chunks()):
        if number >= target.n_done:
            yield chunk


def _run(scored: Iterator[Scored], target: Target, plan: Plan, reporter: Reporter, *, strict: bool) -> Path | None:
    """Commit chunk after chunk and put the output in place; return the quarantine file if there is one.

    Raises
    ------
    InputError
        At the first bad row of a strict run.
    """
    with contextlib.closing(scored):  # type: ignore[type-var]
        try:
            for part in scored:
                if strict and part.first_bad is not None:
                    bad = part.first_bad
                    where = f"{bad.file}, row {bad.row}" + (f" (line {bad.line})" if bad.line else "")
                    raise InputError(f"{where}: {bad.reason}: {bad.detail}; without --strict it goes to the quarantine")
                target.commit(part)
                reporter.update(target.tally, plan.share(part.file, part.position))
            return target.finish()
        except KeyboardInterrupt:
            done = f"{target.tally.rows + target.tally.quarantined:,} rows"
            hint = f"{done} are kept; continue with --resume (resume=True)" if target.resumable else "nothing is kept"
            raise KeyboardInterrupt(f"interrupted: {hint}") from None
        except MemoryError as error:
            raise RunError("out of memory; give a smaller --chunk-rows or fewer workers", resumable=True) from error


def _summary(
    plan: Plan, tally: Tally, quarantine: Path | None, earlier: int, seconds: float, workers: int, digest: str
) -> RunSummary:
    n_rows = tally.rows + tally.quarantined - earlier
    return RunSummary(
        output=os.fspath(plan.output) if plan.output else "-",
        rows=tally.rows,
        quarantined=tally.quarantined,
        quarantine=None if quarantine is None else os.fspath(quarantine),
        reasons=dict(sorted(tally.reasons.items())),
        motives=dict(sorted(tally.motives.items())),
        review_share=tally.review / tally.rows if tally.rows else 0.0,
        resumed_rows=earlier,
        seconds=seconds,
        rows_per_second=n_rows / seconds if seconds else 0.0,
        workers=workers,
        model_digest=digest,
    )
