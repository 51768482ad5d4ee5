"""Spark: the local session gives the rows of the local run, with its types, and leaves all other columns exact."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import pytest

from complaint_motive import spark
from complaint_motive.batch import score_file
from complaint_motive.errors import InputError, MissingDependencyError

sys.path.insert(0, str(Path(__file__).parent / "faults"))
from fake import FakeAnalyzer

CORPUS = Path(__file__).parents[1] / "datasets" / "corpus"


@pytest.fixture(scope="module")
def session():
    sql = pytest.importorskip("pyspark.sql")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", f"{Path(__file__).parents[1]}:{Path(__file__).parent / 'faults'}")
        builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        made = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "64").getOrCreate()
        yield made
        made.stop()


pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def corpus_texts(n_rows: int) -> list[str | None]:
    lines = (CORPUS / "authored_00.jsonl").read_text(encoding="utf-8").splitlines()[:n_rows]
    return [*(json.loads(line)["text"] for line in lines), "", None]


@pytest.mark.parametrize("analyzer", [FakeAnalyzer, None], ids=["fake", "shipped"])
def test_same_as_the_local_run(session, tmp_path, analyzer):
    pq = pytest.importorskip("pyarrow.parquet")
    if analyzer is None:
        from complaint_motive import load
    texts = corpus_texts(200)
    rows = [(i, text) for i, text in enumerate(texts)]
    source, output = tmp_path / "in.jsonl", tmp_path / "out.parquet"
    source.write_text("".join(json.dumps({"id": i, "content": text}) + "\n" for i, text in rows), encoding="utf-8")
    score_file(analyzer or load, source, output, text_column="content")
    frame = session.createDataFrame(rows, "id long, content string").repartition(3)
    scored = spark.score(frame, text="content", analyzer=analyzer)
    local = pq.read_table(output)
    assert scored.columns == local.column_names
    kinds = dict(scored.dtypes)
    assert kinds["cues"] == "array<struct<cue:string,text:string,start:bigint,end:bigint,negated:boolean>>"
    assert kinds["evidence"] == "array<struct<text:string,start:bigint,end:bigint,weight:double>>"
    assert (kinds["p_redress"], kinds["intensity"], kinds["needs_review"], kinds["motive"]) == (
        "double",
        "bigint",
        "boolean",
        "string",
    )
    got = [row.asDict(recursive=True) for row in scored.orderBy("id").collect()]
    assert got == local.to_pylist()


def test_other_columns_stay_exact(session):
    columns = "text string, n long, t timestamp_ntz, `a.b` array<double>, motive string"
    rows = [("退款", 2**53 + 1, dt.datetime(9999, 12, 31), [float("inf"), None], "x"), (None, None, None, None, None)]
    frame = session.createDataFrame(rows, columns).coalesce(1)
    with pytest.raises(InputError, match=r"the table: the input already has the column\(s\) 'motive'"):
        spark.score(frame, analyzer=FakeAnalyzer)
    got = spark.score(frame, analyzer=FakeAnalyzer, overwrite=True, evidence=False).collect()
    assert [tuple(row)[:4] for row in got] == [row[:4] for row in rows]
    assert "evidence" not in got[0].asDict()


def test_masked_text(session):
    frame = session.createDataFrame([("打13812345678",)], "text string")
    assert spark.score(frame, analyzer=FakeAnalyzer, mask_text=True).first()["text"] == "打[手机]"


@pytest.mark.parametrize(
    ("columns", "message"),
    [("x string", "no column 'text'; the columns are 'x'"), ("text long", "'text' is bigint, needed is string")],
)
def test_errors(session, columns, message):
    with pytest.raises(InputError, match=message):
        spark.score(session.createDataFrame([], columns), analyzer=FakeAnalyzer)


def test_missing_pyspark(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql.types", None)
    with pytest.raises(MissingDependencyError, match=r"pyspark: pip install 'complaint-motive\[spark\]'"):
        spark._spark()
