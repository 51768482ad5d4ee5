"""Whatever the rows are: input rows = rows written + rows in the quarantine; good rows come back as they were."""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaint_motive.batch import score_file

sys.path.insert(0, str(Path(__file__).parent / "faults"))
from fake import FakeAnalyzer

CHINESE = "一台电视机坏了，三次来电无人处理。" * 40
CELLS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from('",\n\r;\t退款=')), max_size=12)
RAW = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b'"', b",", b"\n", b"\r", "退款".encode(), "投诉".encode("gb18030"), b'1,"a\nb"', b"1,a"]),
)


def scored(data: bytes, source: str, target: str, **options):
    """Score `data`; return the output text, the quarantine and the summary."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / source
        path.write_bytes(data)
        output = Path(folder) / target
        summary = score_file(FakeAnalyzer(), path, output, **options)
        bad = Path(summary.quarantine).read_text("utf-8").split("\n")[:-1] if summary.quarantine else []
        return output.read_bytes().decode(), [json.loads(line) for line in bad], summary


def check_rows(numbers: list[int], summary) -> None:
    assert len(numbers) == summary.quarantined
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= summary.rows + summary.quarantined for number in numbers)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=12), st.integers(1, 5))
def test_well_formed_csv_comes_back(rows, chunk_rows):
    stream = io.StringIO()
    csv.writer(stream).writerows([("id", "text"), *rows])
    text, bad, summary = scored(stream.getvalue().encode(), "in.csv", "out.csv", chunk_rows=chunk_rows, escape=False)
    assert bad == []
    assert [(row["id"], row["text"]) for row in csv.DictReader(io.StringIO(text, newline=""))] == rows
    assert summary.rows == len(rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(RAW, max_size=30), st.integers(1, 5))
def test_any_bytes_behind_a_csv_header(pieces, chunk_rows):
    data = f"编号,text\n1,{CHINESE}\n".encode() + b"".join(pieces)
    text, bad, summary = scored(data, "in.csv", "out.jsonl", chunk_rows=chunk_rows)
    assert text.count("\n") == summary.rows
    check_rows([entry["row"] for entry in bad], summary)
    again, _, _ = scored(data, "in.csv", "out.jsonl", chunk_rows=1000)
    assert text == again


OBJECTS = st.dictionaries(
    st.sampled_from(["text", "id", "列"]),
    st.one_of(
        CELLS, st.none(), st.integers(), st.floats(allow_nan=False), st.booleans(), st.lists(st.integers(), max_size=2)
    ),
)
LINES = st.one_of(OBJECTS.map(lambda entry: json.dumps(entry, ensure_ascii=False).encode()), st.binary(max_size=12))


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=12), st.integers(1, 5))
@pytest.mark.parametrize("target", ["out.jsonl", "out.csv", "out.parquet"])
def test_any_json_lines(target, lines, chunk_rows):
    if target.endswith("parquet"):
        pytest.importorskip("pyarrow")
    data = f'{{"text": "{CHINESE}", "id": 1}}\n'.encode() + b"\n".join(lines)
    if target.endswith("parquet"):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "in.jsonl").write_bytes(data)
            summary = score_file(
                FakeAnalyzer(), Path(folder) / "in.jsonl", Path(folder) / target, chunk_rows=chunk_rows
            )
            assert summary.rows >= 1
        return
    text, bad, summary = scored(data, "in.jsonl", target, chunk_rows=chunk_rows)
    n_records = sum(bool(line.strip(b" \t\r")) for line in data.split(b"\n"))
    assert summary.rows + summary.quarantined == n_records
    check_rows([entry["row"] for entry in bad], summary)
    if target == "out.jsonl":
        assert json.loads(text.split("\n")[0])["id"] == 1
