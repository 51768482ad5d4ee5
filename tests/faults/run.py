"""Runs score_file in its own process, to be killed: run.py INPUT OUTPUT [--workers N] [--seconds S] [--die-at N]."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fake import FakeAnalyzer

from complaint_motive.batch import score_file


def die_at(n_events: int) -> None:
    """Kill this process at the n-th change of a file: a torn state that a timer would rarely hit."""
    left = [n_events]
    watched = {"os.rename", "os.remove", "os.rmdir", "os.truncate", "os.mkdir", "shutil.rmtree"}

    def audit(event, args):
        changes = event in watched or (event == "open" and isinstance(args[1], str) and set(args[1]) & set("wa+"))
        if changes:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(audit)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--chunk-rows", type=int, default=7)
    parser.add_argument("--die-at", type=int, default=0)
    given = parser.parse_args()
    if given.die_at:
        die_at(given.die_at)
    try:
        analyzer = FakeAnalyzer(seconds=given.seconds)
        options = {"workers": given.workers, "chunk_rows": given.chunk_rows, "resume": True}
        score_file(analyzer, given.input, given.output, **options)
    except KeyboardInterrupt as error:
        sys.stderr.write(f"{error}\n")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
