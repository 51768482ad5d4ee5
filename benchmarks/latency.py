"""Milliseconds until a first result and for every further one.

    python benchmarks/latency.py

Cold figures are those of fresh processes, the best of several; the floor beside them is a process that imports
numpy and scipy.sparse and does nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from texts import real_like

_FIRST_RESULT = "import complaint_motive as cm; cm.load().analyze('这个月多扣了我三十块，打了三次电话没人管，请退给我')"
_COLD = {
    "python -c pass": "pass",
    "import numpy, scipy.sparse": "import numpy, scipy.sparse",
    "import complaint_motive": "import complaint_motive",
    "cold process to first result": _FIRST_RESULT,
}


def best_of(rounds: int, act: Callable[[], object]) -> float:
    """Return the best time of some calls in milliseconds."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - begun)
    return best * 1e3


def cold(rounds: int) -> dict[str, float]:
    """Return the milliseconds of each fresh process, taking turns."""
    best = dict.fromkeys(_COLD, float("inf"))
    for _ in range(rounds):
        for name, code in _COLD.items():
            command = [sys.executable, "-c", code]
            best[name] = min(best[name], best_of(1, lambda command=command: subprocess.run(command, check=True)))
    return best


def warm(rounds: int) -> dict[str, float]:
    """Return the milliseconds of load() and of one analysis with its plan, in a process that has done both before."""
    import complaint_motive as cm

    analyzer = cm.load()
    texts = [text for text in real_like(2000) if 140 <= len(text) <= 160][:30]
    for text in texts:
        analyzer.analyze(text)
    each = [best_of(rounds, lambda text=text: analyzer.analyze(text)) for text in texts]
    return {"load(), warm": best_of(rounds, cm.load), "analyze 150 characters, warm (mean)": sum(each) / len(each)}


def main() -> None:
    """Print one line for each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    figures = cold(rounds)
    for name, milliseconds in (figures | warm(rounds)).items():
        print(f"{name:40}{milliseconds:9.1f} ms")
    floor = figures["import numpy, scipy.sparse"]
    print(f"{'first result / numpy and scipy.sparse':40}{figures['cold process to first result'] / floor:9.2f} x")
    added = figures["import complaint_motive"] - figures["python -c pass"]
    print(f"{'import complaint_motive adds':40}{added:9.1f} ms")


if __name__ == "__main__":
    main()
