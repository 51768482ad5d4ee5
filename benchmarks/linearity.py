"""Time per document of short and long files, and the memory of the parent, through ``score_file``.

    python benchmarks/linearity.py                       # 10,000 and 1,000,000 rows, two workers
    python benchmarks/linearity.py --rows 10000 100000

Every file is scored in a fresh process, so that its peak memory is its own. Each is longer by 10,000 rows than it says,
and the time of a file of these alone is taken off: what every run pays once (model, dictionary, compiled code).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from texts import real_like

_DISTINCT = 50_000
"""Texts made; longer files repeat them."""
_BASE = 10_000


def write_log(path: Path, rows: int, texts: list[str]) -> None:
    """Write a .jsonl file of so many rows."""
    with path.open("w", encoding="utf-8") as stream:
        for k in range(rows):
            stream.write(json.dumps({"id": k, "text": texts[k % len(texts)]}, ensure_ascii=False) + "\n")


def score(path: Path, workers: int) -> None:
    """Score a file in this process and print seconds and the peak memory of this process in MB."""
    import complaint_motive as cm
    from complaint_motive.batch import score_file

    begun = time.perf_counter()
    score_file(cm.load, path, path.with_suffix(".out.jsonl"), evidence=False, workers=workers, overwrite=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([time.perf_counter() - begun, peak]))


def run(path: Path, workers: int) -> tuple[float, float]:
    """Return seconds and MB of one run in a fresh process."""
    command = [sys.executable, __file__, "--score", str(path), "--workers", str(workers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak


def main() -> None:
    """Print one line for each length."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--score", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.score:
        score(wanted.score, wanted.workers)
        return
    texts = real_like(_DISTINCT)
    with tempfile.TemporaryDirectory() as folder:
        start = 0.0
        for rows in (0, *wanted.rows):
            path = Path(folder) / f"{rows}.jsonl"
            write_log(path, rows + _BASE, texts)
            seconds, peak = min(run(path, wanted.workers) for _ in range(1 if rows > 10 * _BASE else 3))
            if not rows:
                start = seconds
                print(f"the first {_BASE:,} rows: {start:.2f} s")
                continue
            each = (seconds - start) / rows * 1e6
            print(f"{rows:>9,} rows {seconds:8.1f} s {each:7.1f} us/row, parent {peak:5.0f} MB")


if __name__ == "__main__":
    main()
