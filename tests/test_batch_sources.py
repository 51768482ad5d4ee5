"""Reading: every odd file becomes rows, quarantined rows or a clear error; nothing gets lost."""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path

import pytest

from complaint_motive.batch import score_file
from complaint_motive.batch.encoding import choose_delimiter, choose_encoding
from complaint_motive.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "faults"))
from fake import FakeAnalyzer


def run(path: Path, **options):
    """Score a file to JSON lines; return the texts (or whole objects), the quarantine and the summary."""
    output = path.with_name("out.jsonl")
    summary = score_file(FakeAnalyzer(), path, output, **options)
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").split("\n")[:-1]]
    bad = (
        [json.loads(line) for line in Path(summary.quarantine).read_text("utf-8").splitlines()]
        if summary.quarantine
        else []
    )
    assert (len(rows), len(bad)) == (summary.rows, summary.quarantined)
    return rows, bad, summary


CSV_CASES = [
    ("plain", b"id,text\n1,a\n2,b\n", ["a", "b"], []),
    ("no line end at the end", b"id,text\n1,a\n2,b", ["a", "b"], []),
    ("crlf", b"id,text\r\n1,a\r\n2,b\r\n", ["a", "b"], []),
    ("old mac", b"id,text\r1,a\r2,b\r", ["a", "b"], []),
    ("bom", b"\xef\xbb\xbftext,id\na,1\n", ["a"], []),
    ("bom and quotes", b'\xef\xbb\xbf"text","id"\n"a","1"\n', ["a"], []),
    ("gb18030", "编号,text\n1,退款\n2,投诉😀\n".encode("gb18030"), ["退款", "投诉😀"], []),
    ("utf-16", "id,text\n1,退款\n".encode("utf-16"), ["退款"], []),
    ("utf-16 big endian", b"\xfe\xff" + "id,text\n1,退款\n".encode("utf-16-be"), ["退款"], []),
    ("semicolons", "id;text\n1;退款,马上\n".encode(), ["退款,马上"], []),
    ("tabs", "id\ttext\n1\t退款\n".encode(), ["退款"], []),
    ("bars", "id|text\n1|退款\n".encode(), ["退款"], []),
    ("quoted line ends", 'id,text\n1,"退\n款"\n2,"货\r\n到"\n'.encode(), ["退\n款", "货\r\n到"], []),
    ("doubled quotes", 'id,text\n1,"他说""好"""\n'.encode(), ['他说"好"'], []),
    ("quote inside a bare cell", 'id,text\n1,5"屏\n'.encode(), ['5"屏'], []),
    ("empty text is a row", b"id,text\n1,\n2,b\n", ["", "b"], []),
    ("blank lines are none", b"id,text\n\n1,a\n\n\n2,b\n\n", ["a", "b"], []),
    ("one column: blank is an empty text", b"text\na\n\nb\n", ["a", "", "b"], []),
    ("header only", b"id,text\n", [], []),
    ("too few cells", b"id,text\n1\n2,b\n", ["b"], [(1, "columns", "1")]),
    ("too many cells", b"id,text\n1,a,x\n2,b\n", ["b"], [(1, "columns", "1,a,x")]),
    ("a record of two lines with too few cells", b'id,text\n"1\n2"\n2,b\n', ["b"], [(1, "columns", '"1\n2"')]),
    ("stray quote does not swallow the rest", b'id,text\n1,"a\n2,b\n3,c\n', ["b", "c"], [(1, "malformed", '1,"a')]),
    (
        "two stray quotes",
        b'id,text\n1,"a\n2,b\n3,"c\n4,d\n',
        ["b", "d"],
        [(1, "malformed", '1,"a'), (3, "malformed", '3,"c')],
    ),
    ("text behind a closing quote", b'id,text\n1,"a"x\n2,b\n', ["b"], [(1, "malformed", '1,"a"x')]),
    ("nul is a character", b"id,text\n1,a\x00b\n", ["a\x00b"], []),
    (
        "broken utf-8",
        "id,text\n1,退款\n2,".encode() + b"\xff\xfe\n" + "3,投诉投诉\n".encode(),
        ["退款", "投诉投诉"],
        [(2, "undecodable", "2,\ufffd\ufffd")],
    ),
    (
        "gb18030 rows in a utf-8 file",
        b"id,text\n" + "1,一台电视机\n".encode() * 9 + "2,好\n".encode("gb18030"),
        ["一台电视机"] * 9,
        [(10, "undecodable", "2,\ufffd\ufffd")],
    ),
]


@pytest.mark.parametrize(
    ("data", "texts", "bad"), [case[1:] for case in CSV_CASES], ids=[case[0] for case in CSV_CASES]
)
@pytest.mark.parametrize("chunk_rows", [1, 1000])
def test_csv(tmp_path, data, texts, bad, chunk_rows):
    path = tmp_path / "in.csv"
    path.write_bytes(data)
    rows, quarantined, _ = run(path, chunk_rows=chunk_rows)
    assert [row["text"] for row in rows] == texts
    assert [(entry["row"], entry["reason"], entry["content"]) for entry in quarantined] == bad


def test_undecodable_bytes_come_back(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes("id,text\n1,退款退款\n".encode() + b"2,\xff\xfea\n")
    _, bad, _ = run(path)
    assert base64.b64decode(bad[0]["content_base64"]) == b"2,\xff\xfea"
    assert (bad[0]["file"], bad[0]["line"]) == (str(path), 3)


def test_unclosed_quote_in_a_long_file_costs_one_row(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("id,text\n" + '1,"a\n' + "2,b\n" * 5000, encoding="utf-8")
    rows, bad, _ = run(path, max_cell=1000)
    assert (len(rows), [entry["row"] for entry in bad]) == (5000, [1])


def test_cell_over_the_limit(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(f"id,text\n1,{'长' * 101}\n2,b\n3,{'长' * 5000}\n4,c\n5,{'长' * 100}\n", encoding="utf-8")
    rows, bad, _ = run(path, max_cell=100)
    assert [row["id"] for row in rows] == ["2", "4", "5"]
    assert [(entry["row"], entry["reason"]) for entry in bad] == [(1, "too_long"), (3, "too_long")]


def test_ten_megabyte_cell(tmp_path):
    path = tmp_path / "in.csv"
    text = "退,款\n" * 2_500_000
    path.write_text(f'id,text\n1,"{text}"\n2,b\n', encoding="utf-8")
    output = tmp_path / "out.csv"
    assert score_file(FakeAnalyzer(), path, output).rows == 2
    import csv

    from complaint_motive.batch.encoding import wide_csv_cells

    before = csv.field_size_limit()
    with wide_csv_cells(), output.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == [text, "b"]
    assert csv.field_size_limit() == before


def test_two_hundred_columns(tmp_path):
    path = tmp_path / "in.csv"
    names = [f"列{i}" for i in range(199)] + ["text"]
    lines = [",".join(names)] + [",".join(f"{row}-{i}" for i in range(200)) for row in range(500)]
    path.write_text("\n".join(lines), encoding="gb18030")
    rows, _, _ = run(path, chunk_rows=100)
    assert [list(row.values())[:200] for row in rows] == [[f"{row}-{i}" for i in range(200)] for row in range(500)]


JSON_CASES = [
    ("plain", b'{"text": "a"}\n{"text": "b"}\n', ["a", "b"], []),
    ("no line end", b'{"text": "a"}', ["a"], []),
    ("crlf and blank lines", b'{"text": "a"}\r\n\r\n  \n{"text": "b"}\r\n', ["a", "b"], []),
    ("bom", b'\xef\xbb\xbf{"text": "a"}\n', ["a"], []),
    ("gb18030", '{"text": "退款"}\n'.encode("gb18030"), ["退款"], []),
    ("utf-16", '{"text": "退款"}\n'.encode("utf-16"), ["退款"], []),
    ("null and missing are rows", b'{"text": null}\n{"x": 1}\n{"text": ""}\n', [None, None, ""], []),
    ("empty object", b'{"text": "a"}\n{}\n', ["a", None], []),
    ("line separators inside", '{"text": "a\u2028b\x85c"}\n'.encode(), ["a\u2028b\x85c"], []),
    ("no JSON", b'{"text": "a"}\n{"text": \n', ["a"], [(2, "malformed")]),
    ("no object", b'{"text": "a"}\n[1]\n"x"\n', ["a"], [(2, "malformed"), (3, "malformed")]),
    ("deep", b'{"text": "a"}\n' + b"[" * 100_000 + b"\n", ["a"], [(2, "malformed")]),
    ("huge number", b'{"text": "a"}\n{"text": "b", "n": ' + b"9" * 5000 + b"}\n", ["a"], [(2, "malformed")]),
    ("wrong type", b'{"text": "a"}\n{"text": 5}\n{"text": ["x"]}\n', ["a"], [(2, "wrong_type"), (3, "wrong_type")]),
    ("broken utf-8", '{"text": "退款退款"}\n'.encode() + b'{"text": "\xff"}\n', ["退款退款"], [(2, "undecodable")]),
    ("too long", b'{"text": "a"}\n{"text": "' + b"x" * 200 + b'"}\n', ["a"], [(2, "too_long")]),
    (
        "line too long",
        b'{"text": "a"}\n{"text": "' + b"x" * 2000 + b'"}\n{"text": "b"}\n',
        ["a", "b"],
        [(2, "too_long")],
    ),
    ("half a surrogate pair", b'{"text": "\\ud83d"}\n', ["\ud83d"], []),
    (
        "analyzer fails on one",
        '{"text": "a"}\n{"text": "炸了分析器"}\n{"text": "b"}\n'.encode(),
        ["a", "b"],
        [(2, "not_analysed")],
    ),
    ("empty file", b"", [], []),
]


@pytest.mark.parametrize(
    ("data", "texts", "bad"), [case[1:] for case in JSON_CASES], ids=[case[0] for case in JSON_CASES]
)
def test_json_lines(tmp_path, data, texts, bad):
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)
    rows, quarantined, _ = run(path, max_cell=100 if b"xxx" in data else 1_000_000)
    assert [row.get("text") for row in rows] == texts
    assert [(entry["row"], entry["reason"]) for entry in quarantined] == bad


def test_json_objects_pass_through_as_they_stand(tmp_path):
    path = tmp_path / "in.jsonl"
    line = '{"text":"a" , "n": 1.10, "big": 123456789012345678901234567890, "e": 1E5, "u": "\\u4e2d", "d": 1, "d": 2}'
    path.write_text(line + "\n", encoding="utf-8")
    run(path)
    assert path.with_name("out.jsonl").read_text(encoding="utf-8").startswith(line[:-1] + ', "motive": ')


@pytest.mark.parametrize("name", ["in.jsonl.gz", "in.csv.gz"])
def test_gzip_cut_short(tmp_path, name):
    path = tmp_path / name
    lines = (
        "".join(f'{{"text": "{i}"}}\n' for i in range(50_000))
        if "json" in name
        else "\n".join(["text", *map(str, range(50_000))])
    )
    path.write_bytes(gzip.compress(lines.encode())[:-2000])
    with pytest.raises(InputError, match=rf"{name}: cannot be read: "):
        run(path, chunk_rows=1000)


ERRORS = [
    ("no such file", None, {}, "no such file"),
    ("empty csv", ("in.csv", b""), {}, "empty; a header line"),
    (
        "no text column",
        ("in.csv", b"id,content\n1,a\n"),
        {},
        r"no column 'text'; the columns are 'id', 'content'.*--text-column",
    ),
    ("no text member", ("in.jsonl", b'{"content": "a"}\n'), {}, r"no column 'text'.*'content'"),
    ("double column", ("in.csv", b"text,a,a\n1,2,3\n"), {}, r"column\(s\) 'a' twice"),
    (
        "output column in a csv",
        ("in.csv", b"text,motive\n1,2\n"),
        {},
        r"already has the column\(s\) 'motive'.*--overwrite",
    ),
    ("output column in json", ("in.jsonl", b'{"text": "a", "cause": 1}\n'), {}, r"already has the column\(s\) 'cause'"),
    ("unknown format", ("in.pdf", b""), {}, r"unknown file format; allowed are \.csv"),
    ("no parquet", ("in.parquet", b"PAR1 nonsense"), {}, "not a readable parquet file"),
    ("no workbook", ("in.xlsx", b"PK nonsense"), {}, "not a readable .xlsx workbook"),
    ("workers", ("in.csv", b"text\n"), {"workers": 0}, "workers must be at least 1, got 0"),
    ("chunk_rows", ("in.csv", b"text\n"), {"chunk_rows": 0}, "chunk_rows must be at least 1, got 0"),
    ("max_cell", ("in.csv", b"text\n"), {"max_cell": 0}, "max_cell must be at least 1, got 0"),
    (
        "strict",
        ("in.csv", b"id,text\n1\n"),
        {"strict": True},
        r"in\.csv, row 1 \(line 2\): columns: 1 cells.*without --strict",
    ),
]


@pytest.mark.parametrize(
    ("file", "options", "message"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS]
)
def test_errors_name_file_and_way_out(tmp_path, file, options, message):
    path = tmp_path / (file[0] if file else "missing.csv")
    if file:
        path.write_bytes(file[1])
    with pytest.raises(InputError, match=message):
        run(path, **options)
    assert not (tmp_path / "out.jsonl").exists()


def test_late_collision_is_quarantined(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n' * 1001 + '{"text": "a", "motive": 1}\n', encoding="utf-8")
    rows, bad, _ = run(path)
    assert (len(rows), bad[0]["row"], bad[0]["reason"]) == (1001, 1002, "collision")


def test_folder_and_pattern(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "b.csv").write_text("text,id\nb,1\n", encoding="utf-8")
    (logs / "a.csv").write_text("id,text\n0,a\n", encoding="utf-8")
    (logs / "notes.txt").write_text("x", encoding="utf-8")
    (logs / "old.csv.quarantine.jsonl").write_text("{}\n", encoding="utf-8")
    for inputs in (logs, str(logs / "*.csv"), [logs / "a.csv", logs / "b.csv"]):
        output = tmp_path / "out.csv"
        assert score_file(FakeAnalyzer(), inputs, output).rows == 2
        assert [line[:3] for line in output.read_text(encoding="utf-8").splitlines()] == ["id,", "0,a", "1,b"]
    (logs / "c.csv").write_text("text\nc\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.csv: the column\(s\) 'id' of the other inputs are missing"):
        score_file(FakeAnalyzer(), logs, tmp_path / "out.csv")
    with pytest.raises(InputError, match="pattern matches no file"):
        score_file(FakeAnalyzer(), str(logs / "*.tsv"), tmp_path / "out.csv")
    with pytest.raises(InputError, match="is also an input"):
        score_file(FakeAnalyzer(), logs, logs / "a.csv")


def test_every_file_of_a_folder_has_its_own_encoding(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    encodings = ("utf-8", "utf-8-sig", "gb18030", "utf-16")
    for i, encoding in enumerate(encodings):
        (logs / f"{i}.csv").write_bytes(f"编号,text\n{i},退款退款\n".encode(encoding))
    score_file(FakeAnalyzer(), logs, tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["编号"], row["text"]) for row in rows] == [(str(i), "退款退款") for i in range(len(encodings))]


@pytest.mark.parametrize("damage", ["cut", "zeroed"])
def test_damaged_workbook(tmp_path, damage):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for i in range(3000):
        book.active.append([f"编号{i}", f"退款{i * i}"] if i else ["id", "text"])
    path = tmp_path / "in.xlsx"
    book.save(path)
    raw = path.read_bytes()
    middle = len(raw) // 2
    path.write_bytes(raw[:middle] if damage == "cut" else raw[:middle] + bytes(2000) + raw[middle + 2000 :])
    with pytest.raises(InputError, match=r"in\.xlsx: .*damaged"):
        score_file(FakeAnalyzer(), path, tmp_path / "out.jsonl")


@pytest.mark.parametrize(
    ("sample", "encoding"),
    [
        ("退款".encode(), "utf-8"),
        (b"ascii", "utf-8"),
        ("退款退货".encode("gbk"), "gb18030"),
        ("退款退货，".encode()[:-1] + b"\xff", "utf-8"),
        ("退款".encode()[:-1], "utf-8"),
        ("退款".encode("utf-16"), "utf-16"),
        ("退款".encode("utf-8-sig"), "utf-8-sig"),
    ],
)
def test_encoding(sample, encoding):
    assert choose_encoding(sample) == encoding


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        (["a,b", "1,2"], ","),
        (["a;b", "1;2,5"], ";"),
        (["a\tb", "1\t2, 3"], "\t"),
        (["a", "b, c"], ","),
        (["编号|内容", "1|好,的"], "|"),
        (["a,b;c,d", "1,2;3,4"], ","),
    ],
)
def test_delimiter(head, delimiter):
    assert choose_delimiter(head) == delimiter
