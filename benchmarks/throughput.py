"""Characters per second of whole batches, beside what is usual and beside segmentation alone.

    python benchmarks/throughput.py             # with rjieba (extra [fast])
    python benchmarks/throughput.py --no-fast   # without the extra: segmentation by jieba, nothing compiled
    python benchmarks/throughput.py --processes 2   # how much two worker processes bring, beside bare rjieba
    python benchmarks/throughput.py --cpu       # CPU time instead of wall-clock time, for a shared machine

Every side takes its turn in every round, so that a busy moment hits all of them; the best round of each counts.
File reading and writing is not in it.
"""

from __future__ import annotations

import argparse
import gc
import logging
import statistics
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from texts import labelled, real_like

Side = Callable[[list[str]], object]


def plain_pipeline() -> Side:
    """Return the usual way: TF-IDF of jieba's words and logistic regression, the category only."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    jieba.setLogLevel(logging.WARNING)
    words = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None)
    return make_pipeline(words, LogisticRegression(max_iter=1000)).fit(*labelled()).predict


def segmentation(*, fast: bool) -> Side:
    """Return segmentation alone, of all texts in one call."""
    if fast:
        import rjieba

        return lambda texts: rjieba.cut("\n".join(texts), False)
    import jieba

    return lambda texts: [jieba.lcut(text, HMM=False) for text in texts]


def sides(*, fast: bool) -> dict[str, Side]:
    """Return what is compared, by name."""
    if not fast:
        # A module that is None cannot be imported: jieba segments, numpy does the rest.
        sys.modules["rjieba"] = None  # type: ignore[assignment]
        sys.modules["numba"] = None  # type: ignore[assignment]
    import complaint_motive as cm
    from complaint_motive.features.tokenizer import active_backend

    assert active_backend() == ("rjieba" if fast else "jieba")
    analyzer = cm.load()
    return {
        "plain pipeline (category only)": plain_pipeline(),
        "complaint_motive, no evidence": lambda texts: analyzer.columns(texts, evidence=False),
        "complaint_motive, with evidence": lambda texts: analyzer.columns(texts, evidence=True),
        f"{'rjieba' if fast else 'jieba'} alone, HMM off": segmentation(fast=fast),
    }


def measure(
    compared: dict[str, Side], texts: list[str], *, rounds: int, clock: Callable[[], float]
) -> dict[str, float]:
    """Return the best time of each side in seconds."""
    best = dict.fromkeys(compared, float("inf"))
    for side in compared.values():
        side(texts[:2048])  # a batch large enough for the compiler to be loaded
    gc.freeze()  # what one side keeps in memory is not for the garbage collector to walk in another's time
    for _ in range(rounds):
        for name, side in compared.items():
            begun = clock()
            side(texts)
            best[name] = min(best[name], clock() - begun)
    return best


def work(name: str, chunk: list[str]) -> int:
    """Run one side on a chunk in a worker process, which makes it at its first chunk."""
    _side(name)(chunk)
    return len(chunk)


@cache
def _side(name: str) -> Side:
    if name == "rjieba":
        return segmentation(fast=True)
    import complaint_motive as cm

    analyzer = cm.load()
    return lambda texts: analyzer.columns(texts, evidence=False)


def scaling(texts: list[str], *, processes: int, rounds: int) -> None:
    """Print how many times as fast several workers are as one, through the pool that ``score_file`` uses."""
    from joblib.externals.loky import ProcessPoolExecutor
    from throughput import work  # not of __main__, which workers do not have

    chunks = [texts[at : at + 2048] for at in range(0, len(texts), 2048)]
    best: dict[tuple[str, int], float] = {}
    pools = {workers: ProcessPoolExecutor(workers) for workers in (1, processes)}
    for turn in range(rounds + 1):
        for workers, pool in pools.items():
            # The heavy side first: loky takes a worker for leaking that grows by 300 MB after its first task.
            for name in ("complaint_motive", "rjieba"):
                begun = time.perf_counter()
                list(pool.map(work, [name] * len(chunks), chunks))
                if turn:  # the first turn loads models and dictionaries
                    best[name, workers] = min(best.get((name, workers), 1e9), time.perf_counter() - begun)
    for pool in pools.values():
        pool.shutdown()
    gains = {name: best[name, 1] / best[name, processes] for name in ("rjieba", "complaint_motive")}
    for name, gain in gains.items():
        one, several = best[name, 1], best[name, processes]
        print(f"{name:20}1 worker {one:6.2f} s, {processes} workers {several:6.2f} s: x {gain:.2f}")
    print(f"ours scales {gains['complaint_motive'] / gains['rjieba']:.2f} of what bare rjieba scales")


def main() -> None:
    """Print one line for each side."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-fast", action="store_true", help="segment by jieba")
    parser.add_argument("--processes", type=int, default=1, help="compare so many workers with one")
    parser.add_argument("--cpu", action="store_true", help="measure CPU time")
    wanted = parser.parse_args()
    texts = real_like(wanted.texts)
    lengths = [len(text) for text in texts]
    total = sum(lengths)
    print(f"{len(texts):,} texts, {total:,} characters, median {statistics.median(lengths):.0f}")
    if wanted.processes > 1:
        scaling(texts, processes=wanted.processes, rounds=wanted.rounds)
        return
    clock = time.process_time if wanted.cpu else time.perf_counter
    best = measure(sides(fast=not wanted.no_fast), texts, rounds=wanted.rounds, clock=clock)
    plain, _, _, alone = best.values()
    print(f"{'':34}{'ns/char':>9}{'texts/s':>10}{'x plain':>9}{'x alone':>9}")
    for name, seconds in best.items():
        rate = f"{seconds / total * 1e9:9.0f}{len(texts) / seconds:10,.0f}"
        print(f"{name:34}{rate}{plain / seconds:9.2f}{alone / seconds:9.2f}")


if __name__ == "__main__":
    main()
