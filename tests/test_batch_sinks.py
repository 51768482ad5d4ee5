"""Writing: types pass through every format, the added columns are what the schema says, formulas are disarmed."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from complaint_motive.batch import score_file
from complaint_motive.batch.text_sink import escape_formula
from complaint_motive.errors import InputError, MissingDependencyError
from complaint_motive.schema import Kind, output_columns

sys.path.insert(0, str(Path(__file__).parent / "faults"))
from fake import FakeAnalyzer

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
openpyxl = pytest.importorskip("openpyxl")

ROWS = [
    {
        "编号": 1,
        "text": "退款，\n马上",
        "金额": 1.5,
        "已结": True,
        "时间": "2024-01-02",
        "备注": None,
        "标签": ["a", "b"],
    },
    {"编号": 2, "text": "", "金额": 2.0, "已结": False, "时间": "x", "备注": "=1+1", "标签": []},
    {"编号": 3, "text": None, "金额": None, "已结": None, "时间": "", "备注": '引"号', "标签": None},
]
TIMES = [dt.datetime(2024, 1, 2, 3, 4, 5), dt.datetime(1999, 12, 31), None]
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet", ".xlsx")


def read_back(path: Path) -> list[dict]:
    """Return the rows of an output as Python values."""
    name = path.name
    if name.endswith(".parquet"):
        return pq.read_table(path).to_pylist()
    if name.endswith(".xlsx"):
        head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]
    raw = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    if ".jsonl" in name:
        return [json.loads(line) for line in raw.decode().split("\n")[:-1]]
    return list(csv.DictReader(io.StringIO(raw.decode(), newline=""), delimiter="\t" if ".tsv" in name else ","))


def write(path: Path) -> Path:
    """Write :data:`ROWS` in the format of `path`."""
    names = list(ROWS[0])
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    elif path.suffix == ".parquet":
        table = pa.Table.from_pylist(ROWS).append_column("登记", pa.array(TIMES))
        pq.write_table(table, path)
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append([*names[:-1], "登记"])
        for row, time in zip(ROWS, TIMES, strict=True):
            cells = [*list(row.values())[:-1], time]
            cells[5] = None if cells[5] == "=1+1" else cells[5]
            book.active.append(cells)
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(ROWS)
    return path


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("source", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_every_source_to_every_sink(tmp_path, source, target):
    path = write(tmp_path / f"in{source}")
    output = tmp_path / f"out{target}"
    summary = score_file(FakeAnalyzer(), path, output, chunk_rows=2, escape=False)
    rows = read_back(output)
    assert (summary.rows, summary.quarantined, len(rows)) == (3, 0, 3)
    own = [name for name in rows[0] if name not in {column.name for column in output_columns()}]
    assert list(rows[0]) == own + [column.name for column in output_columns()]
    flat = target in (".xlsx",) or ".csv" in target or ".tsv" in target
    assert [str(row["编号"]) for row in rows] == ["1", "2", "3"]
    assert rows[0]["text"] == "退款，\n马上"
    assert rows[2]["text"] in (("", None) if flat or source == ".csv" else (None,))
    if not flat and source in (".jsonl", ".parquet"):
        assert [{name: row[name] for name in ROWS[0]} for row in rows] == ROWS
    if source == target and source in (".parquet", ".xlsx"):
        assert [row["登记"] for row in rows] == TIMES
    if source == target == ".parquet":
        assert pq.read_schema(output).field("登记").type == pa.timestamp("us")


def test_parquet_schema_is_the_output_schema(tmp_path):
    output = tmp_path / "out.parquet"
    score_file(FakeAnalyzer(), write(tmp_path / "in.jsonl"), output)
    types = {field.name: str(field.type) for field in pq.read_schema(output)}
    expected = {
        Kind.LABEL: "string",
        Kind.TEXT: "string",
        Kind.PROBABILITY: "double",
        Kind.INTEGER: "int64",
        Kind.BOOLEAN: "bool",
    }
    for column in output_columns():
        if column.kind is Kind.CUES:
            wanted = "list<element: struct<cue: string, text: string, start: int64, end: int64, negated: bool>>"
        elif column.kind is Kind.EVIDENCE:
            wanted = "list<element: struct<text: string, start: int64, end: int64, weight: double>>"
        else:
            wanted = expected[column.kind]
        assert types[column.name] == wanted
    assert (types["编号"], types["金额"], types["已结"]) == ("int64", "double", "bool")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_lists_are_json_text_in_flat_files(tmp_path, suffix):
    output = tmp_path / f"out{suffix}"
    score_file(FakeAnalyzer(), write(tmp_path / "in.jsonl"), output)
    row = read_back(output)[0]
    assert json.loads(row["cues"]) == [
        {"cue": "refund_request", "text": "退款", "start": 0, "end": 2, "negated": False}
    ]
    assert json.loads(row["evidence"])[0]["text"] == "退款，"
    assert "退" in row["evidence"]


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        ("=1+1", "'=1+1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+86 138", "'+86 138"),
        ("-", "'-"),
        ("@客服", "'@客服"),
        ("-5", "-5"),
        ("+3.5e-7", "+3.5e-7"),
        ("-1,234.50", "-1,234.50"),
        ("-.5", "-.5"),
        ("-5%", "-5%"),
        ("-5+5", "'-5+5"),
        ("退款=", "退款="),
        ("", ""),
    ],
)
def test_escape(cell, escaped):
    assert escape_formula(cell) == escaped


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
@pytest.mark.parametrize(("escape", "cell", "headline"), [(True, "'=1+1", "'=核对"), (False, "=1+1", "=核对")])
def test_formulas(tmp_path, suffix, escape, cell, headline):
    output = tmp_path / f"out{suffix}"
    score_file(FakeAnalyzer(), write(tmp_path / "in.jsonl"), output, escape=escape)
    rows = read_back(output)
    assert rows[1]["备注"] == cell
    assert rows[1]["headline"].startswith(headline)
    if suffix == ".xlsx":
        sheet = openpyxl.load_workbook(output).active
        assert {entry.data_type for row in sheet for entry in row} <= {"s", "inlineStr", "n", "b"}


def test_json_is_not_escaped_and_bom_is_for_csv(tmp_path):
    path = write(tmp_path / "in.jsonl")
    score_file(FakeAnalyzer(), path, tmp_path / "out.jsonl", bom=True)
    score_file(FakeAnalyzer(), path, tmp_path / "out.csv", bom=True)
    assert read_back(tmp_path / "out.jsonl")[1]["备注"] == "=1+1"
    assert not (tmp_path / "out.jsonl").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "out.csv").read_bytes().startswith("\ufeff编号,".encode())


@pytest.mark.parametrize("cell", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", " a ", "'", "\t", "\x00", "\u2028"])
def test_cells_come_back_from_csv(tmp_path, cell):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": cell, "x": cell}) + "\n", encoding="utf-8")
    score_file(FakeAnalyzer(), path, tmp_path / "out.csv")
    score_file(FakeAnalyzer(), tmp_path / "out.csv", tmp_path / "again.jsonl", overwrite=True)
    row = read_back(tmp_path / "again.jsonl")[0]
    assert (row["text"], row["x"]) == (cell, cell)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("source", [".csv", ".jsonl", ".parquet"])
def test_overwrite_replaces(tmp_path, source, suffix):
    first, second = tmp_path / f"first{source}", tmp_path / f"out{suffix}"
    score_file(FakeAnalyzer(), write(tmp_path / f"in{source}"), first, escape=False)
    with pytest.raises(InputError, match=r"already has the column\(s\) 'motive'"):
        score_file(FakeAnalyzer(), first, second)
    score_file(FakeAnalyzer(), first, second, overwrite=True, escape=False)
    assert list(read_back(second)[0]) == list(read_back(first)[0])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("source", [".csv", ".jsonl", ".parquet"])
def test_no_evidence_and_masked_text(tmp_path, source, suffix):
    path = tmp_path / f"in{source}"
    if source == ".parquet":
        pq.write_table(pa.table({"text": ["打13812345678"], "id": [1]}), path)
    else:
        path.write_text(
            '{"text": "打13812345678", "id": 1}\n{"text": 13812345678}\n'
            if source == ".jsonl"
            else "text,id\n打13812345678,1\n13812345678\n"
        )
    output = tmp_path / f"out{suffix}"
    summary = score_file(FakeAnalyzer(), path, output, evidence=False, mask_text=True)
    row = read_back(output)[0]
    assert row["text"] == "打[手机]"
    assert "evidence" not in row
    if summary.quarantine:
        assert "[手机]" in Path(summary.quarantine).read_text(encoding="utf-8")
        assert "13812345678" not in Path(summary.quarantine).read_text(encoding="utf-8")


def test_half_surrogate_pair(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "\\ud83d退款", "id": 1}\n{"text": "a", "id": 2}\n', encoding="utf-8")
    score_file(FakeAnalyzer(), path, tmp_path / "out.jsonl")
    assert [row["text"] for row in read_back(tmp_path / "out.jsonl")] == ["\ud83d退款", "a"]
    for suffix in (".csv", ".parquet", ".xlsx"):
        summary = score_file(FakeAnalyzer(), path, tmp_path / f"out{suffix}")
        assert (summary.rows, summary.reasons) == (1, {"not_utf8": 1})


def test_mixed_and_nested_json_types(tmp_path):
    path = tmp_path / "in.jsonl"
    objects = [
        {"text": "a", "m": 1, "n": {"k": [1]}, "w": 1},
        {"text": "b", "m": "x", "n": {"k": [2]}, "w": 2.5},
        {"text": "c"},
    ]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in objects), encoding="utf-8")
    score_file(FakeAnalyzer(), path, tmp_path / "out.parquet")
    rows = read_back(tmp_path / "out.parquet")
    assert [(row["m"], row["n"], row["w"]) for row in rows] == [
        ("1", {"k": [1]}, 1.0),
        ("x", {"k": [2]}, 2.5),
        (None, None, None),
    ]


def test_numbers_json_does_not_know(tmp_path):
    pq.write_table(pa.table({"text": ["a"], "x": [float("nan")], "y": [[float("inf")]]}), tmp_path / "in.parquet")
    score_file(FakeAnalyzer(), tmp_path / "in.parquet", tmp_path / "out.jsonl")
    assert read_back(tmp_path / "out.jsonl")[0] | {"x": None, "y": [None]} == read_back(tmp_path / "out.jsonl")[0]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_parquet_text_types(tmp_path, kind):
    pq.write_table(pa.table({"text": pa.array(["退款", None, "a"]).cast(kind)}), tmp_path / "in.parquet")
    score_file(FakeAnalyzer(), tmp_path / "in.parquet", tmp_path / "out.parquet", chunk_rows=2)
    assert [row["text"] for row in read_back(tmp_path / "out.parquet")] == ["退款", None, "a"]


def test_parquet_files_of_different_types(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    pq.write_table(pa.table({"text": ["a"], "n": pa.array([1], pa.int32()), "m": [1]}), logs / "a.parquet")
    pq.write_table(pa.table({"text": ["b"], "n": [1.5], "m": ["x"]}), logs / "b.parquet")
    score_file(FakeAnalyzer(), logs, tmp_path / "out.parquet")
    assert [(row["n"], row["m"]) for row in read_back(tmp_path / "out.parquet")] == [(1.0, "1"), (1.5, "x")]
    pq.write_table(pa.table({"text": ["b"], "n": [1.5], "m": [{"x": 1}]}), logs / "c.parquet")
    with pytest.raises(InputError, match="column types do not go together"):
        score_file(FakeAnalyzer(), logs, tmp_path / "out.parquet")
    assert score_file(FakeAnalyzer(), logs, tmp_path / "out.jsonl").rows == 3


def test_number_that_fits_no_common_type(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a", "n": 1.5}\n{"text": "b", "n": 9007199254740993}\n', encoding="utf-8")
    score_file(FakeAnalyzer(), path, tmp_path / "out.parquet")
    assert [row["n"] for row in read_back(tmp_path / "out.parquet")] == ["1.5", "9007199254740993"]
    with pytest.raises(InputError, match=r"column 'n': a value does not fit double"):
        score_file(FakeAnalyzer(), path, tmp_path / "out.parquet", chunk_rows=1)


def test_parquet_wrong_text_type(tmp_path):
    pq.write_table(pa.table({"text": [1]}), tmp_path / "in.parquet")
    with pytest.raises(InputError, match="the column 'text' is int64, needed is a text column"):
        score_file(FakeAnalyzer(), tmp_path / "in.parquet", tmp_path / "out.jsonl")


def test_parquet_text_that_is_not_utf8(tmp_path):
    raw = pa.array([b"ok", b"\xff\xfe", "好".encode()], type=pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    pq.write_table(pa.table({"text": text, "id": [1, 2, 3]}), tmp_path / "in.parquet")
    for suffix in (".jsonl", ".parquet"):
        summary = score_file(FakeAnalyzer(), tmp_path / "in.parquet", tmp_path / f"out{suffix}")
        assert [row["id"] for row in read_back(tmp_path / f"out{suffix}")] == [1, 3]
        assert summary.reasons == {"undecodable": 1}


def test_damaged_parquet(tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": [f"退款{i}" for i in range(50_000)]}), path, row_group_size=10_000)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4000] = b"\x00" * 4000
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"in\.parquet: not a readable parquet file, or damaged"):
        score_file(FakeAnalyzer(), path, tmp_path / "out.jsonl", chunk_rows=1000)


def test_xlsx_limits(tmp_path, monkeypatch):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": "长" * 32_768}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"row 1, column 'text': 32,768 characters, an \.xlsx cell holds 32,767"):
        score_file(FakeAnalyzer(), path, tmp_path / "out.xlsx")
    monkeypatch.setattr("complaint_motive.batch.table_sink._MAX_ROWS", 3)
    path.write_text('{"text": "a"}\n' * 3, encoding="utf-8")
    with pytest.raises(InputError, match=r"an \.xlsx sheet holds 3 rows, the header included"):
        score_file(FakeAnalyzer(), path, tmp_path / "out.xlsx")
    assert not list(tmp_path.glob("*out.xlsx*"))


def test_xlsx_wrong_rows(tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "text", None], [1, "a"], [2, 5], [None, None], [3, "b", "zu viel"], [4, None], [5, "c\tx"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    summary = score_file(FakeAnalyzer(), tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert (summary.rows, summary.reasons) == (3, {"columns": 1, "wrong_type": 1})
    assert [row["id"] for row in read_back(tmp_path / "out.xlsx")] == [1, 4, 5]


@pytest.mark.parametrize(("package", "name"), [("pyarrow", "out.parquet"), ("openpyxl", "out.xlsx")])
def test_missing_extra(tmp_path, monkeypatch, package, name):
    path = write(tmp_path / "in.csv")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=rf"{package}: pip install 'complaint-motive\[files\]'"):
        score_file(FakeAnalyzer(), path, tmp_path / name)
    assert score_file(FakeAnalyzer(), path, tmp_path / "out.csv").rows == 3
    assert score_file(FakeAnalyzer(), path, tmp_path / "out.jsonl").rows == 3


def test_standard_streams(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO('{"text": "退款"}\n[]\n'.encode())))
    summary = score_file(FakeAnalyzer(), "-", "-")
    assert json.loads(capfdbinary.readouterr().out)["text"] == "退款"
    assert (summary.output, summary.rows, summary.quarantine) == ("-", 1, "stdout.quarantine.jsonl")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "a"}\n')))
    assert score_file(FakeAnalyzer(), "-", tmp_path / "out.jsonl").rows == 1
    for line, message in [
        (b'{"x": 1}', "<stdin>: there is no column 'text'"),
        (b'{"text": "a", "cause": 1}', "'cause'"),
    ]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
        with pytest.raises(InputError, match=message):
            score_file(FakeAnalyzer(), "-", "-")
    with pytest.raises(InputError, match=r"standard input can be written to \.jsonl"):
        score_file(FakeAnalyzer(), "-", tmp_path / "out.csv")
