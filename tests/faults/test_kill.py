"""kill -9 at random moments and at random changes of files: the resumed output is that of an undisturbed run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from complaint_motive.batch import score_file

sys.path.insert(0, str(Path(__file__).parent))
from fake import FakeAnalyzer

FAULTS = Path(__file__).parent
FORMATS = (".csv", ".jsonl", ".parquet", ".jsonl.gz")
KILLS_IN_CI = 8


def write_log(path: Path, n_rows: int) -> Path:
    """Write a log with quoted line ends, empty texts and bad rows."""
    lines = [
        f"{i}\n" if i % 10 == 0 else f'{i},""\n' if i % 10 == 1 else f'{i},"投诉{i}，\n退款"\n' for i in range(n_rows)
    ]
    path.write_text("id,text\n" + "".join(lines), encoding="utf-8")
    return path


def contents(path: Path) -> object:
    """Return what must be equal: the bytes, for parquet the table."""
    if path.suffix == ".parquet":
        return pytest.importorskip("pyarrow.parquet").read_table(path).to_pydict()
    return path.read_bytes()


def run(log: Path, output: Path, *options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, FAULTS / "run.py", log, output, *map(str, options)], stderr=subprocess.PIPE
    )


def kill_until_done(log: Path, output: Path, rng: random.Random, n_kills: int, start) -> int:
    """Start and kill until `n_kills` are reached, then let it finish; return how many runs were really killed."""
    killed = 0
    while killed < n_kills:
        process = start(log, output, rng)
        message = process.communicate(timeout=120)[1]
        if process.returncode == 0:
            check(log, output)
            output.unlink()
            continue
        assert process.returncode == -signal.SIGKILL, message.decode()
        killed += 1
    process = run(log, output)
    message = process.communicate(timeout=120)[1]
    assert process.returncode == 0, message.decode()
    check(log, output)
    return killed


def check(log: Path, output: Path) -> None:
    whole = log.with_name(f"whole{''.join(output.suffixes)}")
    bad = output.with_name(f"{output.name}.quarantine.jsonl")
    assert contents(output) == contents(whole)
    assert bad.read_bytes() == whole.with_name(f"{whole.name}.quarantine.jsonl").read_bytes()
    assert {path.name for path in output.parent.iterdir()} == {output.name, bad.name}


def by_timer(workers: int):
    def start(log, output, rng):
        process = run(log, output, "--workers", workers, "--seconds", 0.001)
        time.sleep(rng.uniform(0.25, 1.2))
        process.kill()
        return process

    return start


def at_file_changes(log, output, rng):
    return run(log, output, "--die-at", rng.randint(1, 60))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "run"
    path.mkdir()
    return path


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "start", [at_file_changes, by_timer(1), by_timer(2)], ids=["file changes", "timer", "two workers"]
)
def test_killed_runs_come_out_whole(tmp_path, folder, suffix, start):
    log = write_log(tmp_path / "in.csv", 400)
    score_file(FakeAnalyzer(), log, tmp_path / f"whole{suffix}", chunk_rows=7)
    rng = random.Random(f"{suffix} {start}".split(" at ")[0])
    n_kills = KILLS_IN_CI if start is at_file_changes else KILLS_IN_CI // 2
    assert kill_until_done(log, folder / f"out{suffix}", rng, n_kills, start) == n_kills


@pytest.mark.parametrize("last", range(1, 16))
def test_killed_while_the_output_is_put_in_place(tmp_path, folder, last):
    log = write_log(tmp_path / "in.csv", 20)
    score_file(FakeAnalyzer(), log, tmp_path / "whole.csv", chunk_rows=7)
    # Three chunks change files 12 times; what follows joins, replaces and removes.
    process = run(log, folder / "out.csv", "--die-at", 16 + last)
    process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGKILL)
    message = run(log, folder / "out.csv").communicate(timeout=60)[1]
    assert not message, message.decode()
    check(log, folder / "out.csv")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "start", [at_file_changes, by_timer(1), by_timer(2)], ids=["file changes", "timer", "two workers"]
)
def test_killed_many_times(tmp_path, folder, suffix, start):
    log = write_log(tmp_path / "in.csv", 2_000)
    score_file(FakeAnalyzer(), log, tmp_path / f"whole{suffix}", chunk_rows=7)
    for seed in range(5):
        out = folder / f"out{suffix}"
        assert kill_until_done(log, out, random.Random(seed), 10, start) == 10
        for path in folder.iterdir():
            path.unlink()
