"""The command line: what a newcomer types, what it prints, and how it fails."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from complaint_motive import __version__
from complaint_motive.cli import app
from complaint_motive.schema import output_columns

ANGRY = "你们客服推来推去没人管，三百八的押金今天不退我就去抖音曝光！电话13812345678"
BOOK = """
[[entry]]
id = "ask_leader"
name = "找领导（本公司）"
"""


def run(*arguments: object, stdin: str | bytes | None = None):
    return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)


def process(outside: dict[str, str], *arguments: object, **options):
    command = [sys.executable, "-m", "complaint_motive", *map(str, arguments)]
    return subprocess.run(command, env=outside, capture_output=True, timeout=120, check=False, **options)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "投诉.csv"
    path.write_text("编号,内容\n1,多扣的三十块退给我\n2,\n3,=谢谢客服很耐心\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--version"], f"complaint-motive {__version__}"),
        (["--help"], "complaint-motive demo"),
        ([], "Usage"),
        (["analyze", "--help"], "--json"),
        (["plan", "--help"], "--markdown"),
        (["score", "--help"], "--resume"),
        (["demo", "-h"], "sample log"),
        (["train", "--help"], "--extra"),
        (["evaluate", "--help"], "--costs"),
        (["strategies", "--help"], "coverage"),
    ],
    ids=lambda value: " ".join(value) or "bare" if isinstance(value, list) else "",
)
def test_help_and_version(arguments: list[str], expected: str):
    result = run(*arguments)
    assert expected in result.output
    assert result.exit_code == (0 if arguments else 2)


def test_analyze_prints_labels_evidence_and_masks_personal_data():
    result = run("analyze", ANGRY)
    assert result.exit_code == 0
    for words in ("施压信号", "逼迫满足曝光威胁", "[手机号]", "概率", "先做什么"):
        assert words in result.stdout
    assert "13812345678" not in result.stdout


def test_analyze_json_holds_every_output_column():
    plain = json.loads(run("analyze", ANGRY, "--json").stdout)
    assert {column.name for column in output_columns()} <= plain.keys()
    assert plain["plan"]["steps"]


@pytest.mark.parametrize(
    "content",
    ["多扣的三十块退给我".encode(), "多扣的三十块退给我".encode("gb18030"), "多扣的三十块退给我".encode("utf-16")],
)
def test_dash_reads_standard_input_in_any_usual_encoding(content: bytes):
    assert json.loads(run("analyze", "-", "--json", stdin=content).stdout)["category"] == "redress"


@pytest.mark.parametrize("text", ["", " \n", "[red]退钱[/]", "\ud800退钱", "a" * 3000, "-- 退钱", "😡😡😡"])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("command", ["analyze", "plan"])
def test_odd_texts_are_shown_not_crashed_on(command: str, options: list[str], text: str):
    result = run(command, *options, "--", text)
    assert (result.exit_code, result.exception) == (0, None)


def test_a_date_makes_days_absolute():
    facts = json.loads(run("analyze", "上周三扣的钱退给我", "--json", "--date", "2025-09-10").stdout)["facts"]
    assert [fact["value"] for fact in facts if fact["kind"] == "date"] == ["2025-09-03"]


def test_plan_as_card_markdown_and_json():
    assert "处理方案" in run("plan", ANGRY).stdout
    assert run("plan", ANGRY, "--markdown").stdout.startswith("# ")
    assert json.loads(run("plan", ANGRY, "--json").stdout)["urgency"] >= 3


def test_the_card_loses_no_words():
    plan = json.loads(run("plan", ANGRY, "--json").stdout)
    shown = "".join(run("plan", ANGRY).stdout.replace("│", "").split())
    for line in (*plan["steps"], *plan["wording"], *plan["taboos"]):
        assert "".join(line.split()) in shown


def test_score_adds_the_columns_and_sums_up(log: Path, tmp_path: Path):
    result = run("score", log, "-o", tmp_path / "out.csv", "--text-column", "内容", "--bom")
    assert result.exit_code == 0
    assert "3 rows" in result.stderr
    assert "compensation 1" in result.stderr
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["编号", "内容", *(column.name for column in output_columns())]
    assert rows[1]["review_reason"] == "no_text"
    assert rows[2]["内容"] == "'=谢谢客服很耐心"


def test_score_options_reach_the_run(log: Path, tmp_path: Path):
    log.write_text(log.read_text(encoding="utf-8") + '4,"多,了",一格\n', encoding="utf-8")
    out, bad = tmp_path / "out.jsonl", tmp_path / "bad.jsonl"
    options = ["--text-column", "内容", "--no-evidence", "--mask-text", "--overwrite", "--no-escape", "--workers", 1]
    result = run("score", log, "-o", out, *options, "--quarantine", bad, "--json-log", "--resume")
    assert result.exit_code == 0
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert events[-1]["summary"]["quarantined"] == 1
    assert len(bad.read_text(encoding="utf-8").splitlines()) == 1
    assert "evidence" not in json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert run("score", log, "-o", out, "--text-column", "内容", "--strict").exit_code == 2


def test_a_pipe_goes_from_stdin_to_stdout(outside: dict[str, str]):
    lines = '{"text": "多扣的三十块退给我", "id": 1}\n'.encode()
    result = process(outside, "score", "-", "-o", "-", input=lines)
    assert result.returncode == 0
    assert json.loads(result.stdout)["category"] == "redress"
    assert b"1 rows" in result.stderr


def test_a_closed_pipe_ends_quietly(tmp_path: Path, outside: dict[str, str]):
    path = tmp_path / "many.jsonl"
    path.write_text('{"text": "多扣的三十块退给我"}\n' * 9000, encoding="utf-8")
    command = [sys.executable, "-m", "complaint_motive", "score", str(path), "-o", "-", "--no-evidence"]
    with subprocess.Popen(command, env=outside, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 1


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_says_how_to_go_on(tmp_path: Path, outside: dict[str, str]):
    path, out = tmp_path / "many.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"text": "多扣的三十块退给我，客服推来推去没人管"}\n' * 60_000, encoding="utf-8")
    command = [sys.executable, "-m", "complaint_motive", "score", str(path), "-o", str(out)]
    with subprocess.Popen(command, env=outside, stderr=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("out.jsonl.parts/*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        message = child.stderr.read().decode()
        assert child.wait(60) == 130
    assert "interrupted" in message
    assert "--resume" in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["analyze", "x", "--model", "/nowhere"], "/nowhere: no metadata.json"),
        (["analyze", "x", "--strategies", "/nowhere.toml"], "/nowhere.toml: cannot be read"),
        (["plan", "x", "--json", "--markdown"], "exclude each other"),
        (["score", "{log}", "-o", "{tmp}/o.csv"], "there is no column 'text'; the columns are '编号', '内容'"),
        (["score", "{log}", "-o", "{tmp}/o.doc"], "unknown file format"),
        (["score", "/nowhere.csv", "-o", "{tmp}/o.csv"], "/nowhere.csv: no such file"),
        (["score", "{log}", "-o", "{tmp}/none/o.csv", "--text-column", "内容"], "does not exist"),
        (["score", "-", "-o", "-", "--resume"], "cannot be resumed"),
        (["evaluate", "{log}"], "投诉.csv, row 1: there is no column 'text'"),
        (["evaluate", "/nowhere.csv"], "/nowhere.csv: cannot be read"),
        (["evaluate", "{gold}", "--by", "city"], "'city': no record has this column; allowed: 'channel', 'length'"),
        (["evaluate", "{gold}", "--costs", "{log}"], "not valid TOML"),
        (["evaluate", "{gold}", "--html", "{tmp}/none/r.html"], "cannot be written"),
        (["strategies", "show", "nothing"], "no entry 'nothing'"),
        (["strategies", "validate", "{log}"], "not valid TOML"),
        (["strategies", "validate", "/nowhere.toml"], "cannot be read"),
        (["demo", "-o", "/nowhere/o.csv"], "does not exist"),
        (["train", "--corpus", "/nowhere", "-o", "{tmp}/m"], "no .jsonl file"),
        (["score", "{log}"], "Missing option"),
        (["score", "{log}", "-o", "o.csv", "--workers", "0"], "--workers"),
        (["nothing"], "No such command"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_failures_are_one_clear_line(arguments: list[str], message: str, log: Path, gold: Path, tmp_path: Path):
    result = run(*(a.format(log=log, gold=gold, tmp=tmp_path) for a in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    if message not in ("Missing option", "--workers", "No such command"):
        complaints = [line for line in result.stderr.splitlines() if not line.startswith("judging")]
        assert len(complaints) == 1


def test_an_interrupt_and_a_full_disk_have_their_own_codes(monkeypatch, log: Path, tmp_path: Path):
    from complaint_motive.batch import RunError

    for error, code in ((KeyboardInterrupt("interrupted: 5 rows are kept"), 130), (RunError("the disk is full"), 3)):
        monkeypatch.setattr(
            "complaint_motive.batch.score_file", lambda *a, error=error, **k: (_ for _ in ()).throw(error)
        )
        result = run("score", log, "-o", tmp_path / "o.csv")
        assert (result.exit_code, str(error) in result.stderr) == (code, True)


def test_demo_shows_motives_and_three_cases(tmp_path: Path):
    result = run("demo", "-o", tmp_path / "scored.csv")
    assert result.exit_code == 0
    assert "300 complaints by motive" in result.stdout
    assert result.stdout.count("urgency 4/4") == 3
    with (tmp_path / "scored.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 300
    assert json.loads(run("demo", "--json").stdout)["rows"] == 300


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    rows = [
        {
            "text": "多扣的三十块退给我",
            "category": "redress",
            "needs": "R",
            "intensity": 0,
            "cause": "price",
            "channel": "a",
        },
        {"text": "谢谢，客服很耐心", "category": "none", "needs": "-", "intensity": 0, "cause": "-", "channel": "b"},
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_evaluate_prints_and_writes(gold: Path, tmp_path: Path):
    result = run("evaluate", gold, "--by", "channel", "--html", tmp_path / "r.html", "--json", tmp_path / "r.json")
    assert result.exit_code == 0
    for words in ("category macro-F1", "By category", "Most confident share", "channel"):
        assert words in result.stdout
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["figures"]["n"] == 2
    assert "混淆矩阵" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_train_hands_everything_over(monkeypatch, tmp_path: Path):
    seen = {}

    def train(corpus, out, **options):
        seen.update(options, corpus=corpus, out=out)
        options["progress"]("fitting")
        return {"weights_sha256": "ab" * 32}

    monkeypatch.setattr("complaint_motive.training.train", train)
    result = run(
        "train",
        "--corpus",
        tmp_path,
        "-o",
        tmp_path / "m",
        "--extra",
        "a.jsonl",
        "--extra",
        "b.jsonl",
        "--weak",
        "c.jsonl",
    )
    assert result.exit_code == 0
    assert (seen["corpus"], seen["out"], seen["search_choices"]) == (tmp_path, tmp_path / "m", False)
    assert seen["extra"] == (Path("a.jsonl"), Path("b.jsonl"))
    assert seen["weak"] == (Path("c.jsonl"),)
    assert "fitting" in result.stderr
    assert "abababababab" in result.stderr


def test_the_book_is_listed_shown_validated_and_measured(tmp_path: Path):
    own = tmp_path / "ours.toml"
    own.write_text(BOOK, encoding="utf-8")
    ids = [row["id"] for row in json.loads(run("strategies", "list", "--json").stdout)]
    assert "ask_leader" in ids
    assert "ask_leader" in run("strategies", "list").stdout
    assert "强烈要求找领导" in run("strategies", "show", "ask_leader").stdout
    assert (
        json.loads(run("strategies", "show", "ask_leader", "--strategies", own, "--json").stdout)["name"]
        == "找领导（本公司）"
    )
    assert "0 entries added, 1 changed, 0 switched off" in run("strategies", "validate", own).stdout
    assert "entries are reached" in run("strategies", "coverage", own).stdout
    assert json.loads(run("strategies", "coverage", "--json").stdout)["unreached"] == []


def test_own_entries_reach_the_plan(tmp_path: Path):
    own = tmp_path / "ours.toml"
    own.write_text(BOOK, encoding="utf-8")
    plan = json.loads(run("plan", "叫你们经理来，我要见领导！", "--strategies", own, "--json").stdout)
    assert "找领导（本公司）" in [entry["name"] for entry in plan["entries"]]


@pytest.mark.parametrize("arguments", [["analyze", "退钱"], ["plan", "退钱"], ["score", "-", "-o", "-"], ["demo"]])
def test_one_complaint_needs_no_heavy_package(arguments: list[str], outside: dict[str, str]):
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom complaint_motive.cli import app\n"
        f"r = CliRunner().invoke(app, {arguments!r}, input='')\nassert r.exit_code == 0, r.output\n"
        "print([m for m in ('sklearn', 'pandas', 'matplotlib', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=outside, capture_output=True, timeout=120, check=True)
    assert done.stdout.decode().strip() == "[]"
