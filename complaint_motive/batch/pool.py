"""Scoring chunks in order, in this process or in several."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any

from complaint_motive.batch.failures import RunError
from complaint_motive.batch.records import Chunk, Job
from complaint_motive.batch.scoring import BatchAnalyzer, ChunkScorer, Scored

__all__ = ["scored_chunks"]

_MAX_UNDER_WAY = 16_000_000
"""Characters under way at once: with cells of megabytes, fewer chunks are read ahead."""


class _Worker:
    """The scorer of a worker process, made once when the process starts."""

    scorer: ChunkScorer | None = None


def _start_worker(factory: Callable[[], BatchAnalyzer], job: Job, parent: int) -> None:
    # Ctrl-C reaches the whole group: the parent alone decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _Worker.scorer = ChunkScorer(factory(), job)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, also when that was killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _score(chunk: Chunk) -> Scored:
    if _Worker.scorer is None:
        raise RuntimeError("the worker was not started")
    return _Worker.scorer(chunk)


def scored_chunks(
    chunks: Iterable[Chunk], factory: Callable[[], BatchAnalyzer], analyzer: BatchAnalyzer, job: Job, workers: int
) -> Iterator[Scored]:
    """Yield the scored chunks in the order of `chunks`.

    Parameters
    ----------
    chunks : iterable of Chunk
        Read ahead by a few chunks only, so that memory stays bounded.
    factory : callable
        Makes the analyzer of a worker process.
    analyzer : BatchAnalyzer
        For one process.
    job : Job
        What to write.
    workers : int
        Number of processes; 1 scores in this one.

    Raises
    ------
    RunError
        Where a worker process died.
    """
    if workers == 1:
        yield from map(ChunkScorer(analyzer, job), chunks)
    else:
        yield from _in_processes(chunks, factory, job, workers)


def _in_processes(
    chunks: Iterable[Chunk], factory: Callable[[], BatchAnalyzer], job: Job, workers: int
) -> Iterator[Scored]:
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    pool = ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(factory, job, os.getpid()))
    finished = False
    try:
        yield from _windowed(pool, iter(chunks), 2 * workers + 2)
        finished = True
    except BrokenProcessPool as error:
        raise RunError(
            f"a worker process died (out of memory?): {str(error).splitlines()[0]}", resumable=True
        ) from error
    finally:
        pool.shutdown(wait=True, kill_workers=not finished)


def _windowed(pool: Executor, chunks: Iterator[Chunk], width: int) -> Iterator[Scored]:
    """Yield results in order with few chunks under way; what was read before a failure is still scored."""
    waiting: deque[tuple[Any, int]] = deque()
    failure: Exception | None = None
    while True:
        while failure is None and len(waiting) < width and sum(size for _, size in waiting) < _MAX_UNDER_WAY:
            try:
                chunk = next(chunks)
                waiting.append((pool.submit(_score, chunk), chunk.size))
            except StopIteration:
                break
            except Exception as error:  # the source failed: finish what it gave, then tell
                failure = error
        if not waiting:
            break
        yield waiting.popleft()[0].result()
    if failure is not None:
        raise failure
