"""Runs: the result depends on neither workers nor chunks, an interrupted run goes on, a changed one is refused."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from complaint_motive.batch import JsonLog, ProgressBar, RunError, score_file, workfolder
from complaint_motive.batch.workfolder import WorkFolder, work_folder_of
from complaint_motive.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "faults"))
from fake import FakeAnalyzer

FAULTS = Path(__file__).parent / "faults"
N_ROWS = 100


class Stops(FakeAnalyzer):
    """Raises at a text, as a Ctrl-C or a lack of memory would."""

    error: type[BaseException] = KeyboardInterrupt

    def columns(self, texts, *, evidence=True):
        if any(text.startswith("投诉57") for text in texts):
            raise self.error
        return super().columns(texts, evidence=evidence)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "in.csv"
    lines = [f"{i},投诉{i}，退款\n" if i % 10 else f"{i}\n" for i in range(N_ROWS)]
    path.write_text("id,text\n" + "".join(lines), encoding="utf-8")
    return path


def stopped(log: Path, output: Path, **options) -> None:
    """Leave an unfinished run."""
    with pytest.raises(KeyboardInterrupt, match="interrupted: "):
        score_file(Stops(), log, output, chunk_rows=7, **options)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_workers_and_chunks_change_nothing(tmp_path, log, suffix):
    results = []
    for i, (workers, chunk_rows) in enumerate([(1, None), (1, 1), (1, 33), (2, 7)]):
        output = tmp_path / f"out{i}{suffix}"
        summary = score_file(FakeAnalyzer(), log, output, workers=workers, chunk_rows=chunk_rows)
        assert (summary.rows, summary.quarantined, summary.workers) == (90, 10, workers)
        quarantine = Path(summary.quarantine).read_bytes()
        if suffix in (".csv", ".jsonl"):
            results.append((output.read_bytes(), quarantine, summary.motives))
        else:
            import pandas as pd

            frame = pd.read_parquet(output) if suffix == ".parquet" else pd.read_excel(output)
            results.append((frame.to_json(force_ascii=False), quarantine, summary.motives))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".csv.gz", ".parquet"])
def test_interrupt_and_resume(tmp_path, log, suffix):
    whole, output = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    full = score_file(FakeAnalyzer(), log, whole, chunk_rows=7)
    stopped(log, output)
    assert not output.exists()
    summary = score_file(FakeAnalyzer(), log, output, resume=True)
    assert output.read_bytes() == whole.read_bytes()
    assert summary.resumed_rows == 56
    assert (summary.rows, summary.reasons, summary.motives) == (full.rows, full.reasons, full.motives)
    assert Path(summary.quarantine).read_bytes() == Path(full.quarantine).read_bytes()
    assert not work_folder_of(output).exists()


def test_resume_without_an_unfinished_run_starts_anew(tmp_path, log):
    assert score_file(FakeAnalyzer(), log, tmp_path / "out.csv", resume=True).resumed_rows == 0


def test_unfinished_run_is_not_thrown_away(tmp_path, log):
    output = tmp_path / "out.csv"
    stopped(log, output)
    with pytest.raises(InputError, match=r"out\.csv\.parts: an unfinished run lies here; continue it with --resume"):
        score_file(FakeAnalyzer(), log, output)
    assert score_file(FakeAnalyzer(), log, output, resume=True).resumed_rows == 56


REFUSALS = [
    ("input", {}, "fake-1", r'inputs\[1\]\.sha256 was "\w+", is "\w+"'),
    ("evidence", {"evidence": False}, "fake-1", "settings.evidence was true, is false"),
    ("escape", {"escape": False}, "fake-1", "settings.escape was true, is false"),
    ("model", {}, "fake-2", 'model was "fake-1", is "fake-2"'),
]


@pytest.mark.parametrize(("what", "options", "model", "message"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_changed_run_is_refused(tmp_path, log, what, options, model, message):
    output = tmp_path / "out.csv"
    stopped(log, output)
    if what == "input":
        log.write_text(log.read_text(encoding="utf-8") + "1,x\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"cannot be resumed: {message}"):
        score_file(FakeAnalyzer(model_digest=model), log, output, resume=True, **options)


@pytest.mark.parametrize(
    ("inputs", "name", "what"),
    [("-", "out.jsonl", "standard input"), (None, "-", "standard output"), (None, "o.xlsx", "an .xlsx file")],
)
def test_what_cannot_be_resumed_says_so(tmp_path, log, inputs, name, what):
    output = name if name == "-" else tmp_path / name
    with pytest.raises(InputError, match=f"{what} cannot be resumed"):
        score_file(FakeAnalyzer(), inputs or log, output, resume=True)


def test_damaged_part_is_refused(tmp_path, log):
    output = tmp_path / "out.csv"
    stopped(log, output)
    (work_folder_of(output) / "part-000003").write_bytes(b"x")
    with pytest.raises(InputError, match="part-000003: missing or damaged; delete the folder"):
        score_file(FakeAnalyzer(), log, output, resume=True)


def test_foreign_folder_is_left_alone(tmp_path, log):
    folder = work_folder_of(tmp_path / "out.csv")
    folder.mkdir()
    (folder / "mine.txt").write_text("x")
    with pytest.raises(InputError, match=r"is no folder of a run: it holds 'mine\.txt'"):
        score_file(FakeAnalyzer(), log, tmp_path / "out.csv")
    assert (folder / "mine.txt").exists()


@pytest.mark.parametrize("name", ["in.csv", "out.csv", ".", "missing/bad.jsonl"])
def test_quarantine_replaces_no_file_of_the_run(tmp_path, log, name):
    before = log.read_bytes()
    with pytest.raises(InputError, match=r"give the quarantine another name|does not exist"):
        score_file(FakeAnalyzer(), log, tmp_path / "out.csv", quarantine=tmp_path / name)
    assert log.read_bytes() == before


def test_broken_analyzer_does_not_fill_the_quarantine(tmp_path, log):
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        score_file(Broken(), log, tmp_path / "out.csv")


class Broken(FakeAnalyzer):
    """Fails on every text."""

    def columns(self, texts, *, evidence=True):
        raise TypeError("missing 1 required positional argument")


def test_torn_journal_line_does_not_count(tmp_path, log):
    output, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    stopped(log, output)
    with (work_folder_of(output) / "done.jsonl").open("ab") as stream:
        stream.write(b'{"part": 8, "by')
    score_file(FakeAnalyzer(), log, output, resume=True)
    score_file(FakeAnalyzer(), log, whole)
    assert output.read_bytes() == whole.read_bytes()


def test_two_runs_do_not_share_an_output(tmp_path, log):
    output = tmp_path / "out.csv"
    folder = WorkFolder(output)
    folder.open({"chunk_rows": 1}, resume=False)
    with pytest.raises(RunError, match="another run is writing this output"):
        score_file(FakeAnalyzer(), log, output)
    folder.close()


def test_strict_keeps_what_is_done(tmp_path, log):
    log.write_text("id,text\n" + "".join(f"{i},a\n" for i in range(50)) + "50\n51,a\n", encoding="utf-8")
    output = tmp_path / "out.csv"
    with pytest.raises(InputError, match=r"row 51 \(line 52\): columns"):
        score_file(FakeAnalyzer(), log, output, chunk_rows=7, strict=True)
    assert score_file(FakeAnalyzer(), log, output, resume=True).resumed_rows == 49


@pytest.mark.parametrize("when", ["part", "journal", "join"])
def test_full_disk(tmp_path, log, monkeypatch, when):
    output, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    score_file(FakeAnalyzer(), log, whole)
    calls = iter(range(1000))
    real = {"part": workfolder._write, "journal": os.fsync, "join": workfolder.shutil.copyfileobj}[when]

    def full(*args):
        if next(calls) >= 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args)

    target = {"part": "_write", "journal": "os.fsync", "join": "shutil.copyfileobj"}[when]
    with monkeypatch.context() as patch:
        patch.setattr(f"complaint_motive.batch.workfolder.{target}", full)
        with pytest.raises(
            RunError, match=r"out\.csv: the disk is full; free some space; continue with --resume"
        ) as caught:
            score_file(FakeAnalyzer(), log, output, chunk_rows=7)
    assert (caught.value.resumable, caught.value.exit_code) == (True, 3)
    assert not output.exists()
    score_file(FakeAnalyzer(), log, output, resume=True)
    assert output.read_bytes() == whole.read_bytes()


def test_small_file_system(tmp_path, log):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting needs root")
    try:
        with pytest.raises(RunError, match="the disk is full"):
            score_file(FakeAnalyzer(), log, disk / "out.csv", chunk_rows=7)
        subprocess.run(["mount", "-o", "remount,size=1m", disk], check=True)
        score_file(FakeAnalyzer(), log, disk / "out.csv", resume=True)
        score_file(FakeAnalyzer(), log, tmp_path / "whole.csv")
        assert (disk / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_dead_worker(tmp_path, log):
    with pytest.raises(RunError, match=r"a worker process died \(out of memory\?\)") as caught:
        score_file(Suicidal(), log, tmp_path / "out.csv", workers=2, chunk_rows=7)
    assert caught.value.resumable
    assert score_file(FakeAnalyzer(), log, tmp_path / "out.csv", resume=True).rows == 90


class Suicidal(FakeAnalyzer):
    """Kills its process at a text."""

    def columns(self, texts, *, evidence=True):
        if any(text.startswith("投诉57") for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().columns(texts, evidence=evidence)


def test_progress_bar(tmp_path, log):
    stream = io.StringIO()
    analyzer = FakeAnalyzer(seconds=0.01)
    score_file(analyzer, log, tmp_path / "out.csv", chunk_rows=7, progress=ProgressBar(stream))
    assert re.search(r"\d+/\d+ \[.*rows/s, .*compensation=\d+.*bad=\d+", stream.getvalue())


def test_json_log(tmp_path, log):
    stream = io.StringIO()
    score_file(FakeAnalyzer(), log, tmp_path / "out.csv", chunk_rows=50, progress=JsonLog(stream, every=0))
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["start", "progress", "progress", "end"]
    assert events[2]["rows"] == events[3]["summary"]["rows"] == 90
    assert events[2]["reasons"] == {"columns": 10}


def test_quiet_in_a_pipe(tmp_path, log, capfd):
    score_file(FakeAnalyzer(), log, tmp_path / "out.csv")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_for_real(tmp_path, log, workers):
    output = tmp_path / "out.csv"
    command = [sys.executable, FAULTS / "run.py", log, output, "--workers", str(workers), "--seconds", "0.02"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = work_folder_of(output) / "done.jsonl"
    deadline = time.monotonic() + 60
    while not (journal.exists() and journal.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "rows are kept; continue with --resume (resume=True)" in message
    score_file(FakeAnalyzer(), log, output, resume=True)
    score_file(FakeAnalyzer(), log, tmp_path / "whole.csv")
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()
