"""Tables: one row in, one row out, nothing lost or overwritten unasked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from complaint_motive.errors import InputError
from complaint_motive.schema import output_columns


def test_a_table_keeps_its_index_rows_and_columns(analyzer):
    frame = pd.DataFrame(
        {"n": [1, 2, 3, 4], "content": ["要求退款", None, float("nan"), "垃圾公司"]}, index=["d", "b", "b", "a"]
    )
    before = frame.copy(deep=True)
    out = analyzer.analyze_frame(frame, text="content")
    pd.testing.assert_frame_equal(frame, before)
    assert out.index.tolist() == ["d", "b", "b", "a"]
    assert out.columns.tolist() == ["n", "content", *(c.name for c in output_columns(evidence=False))]
    assert out["category"].tolist() == ["redress", "none", "none", "scolding"]
    assert out["needs_review"].dtype == bool
    assert out["intensity"].dtype == np.int64


@pytest.mark.parametrize("dtype", ["object", "string", "category", "str"])
def test_any_kind_of_text_column_will_do(analyzer, dtype):
    frame = pd.DataFrame({"text": pd.Series(["要求退款", None, "垃圾公司"], dtype=dtype)})
    assert analyzer.analyze_frame(frame)["category"].tolist() == ["redress", "none", "scolding"]


def test_an_empty_table_stays_empty(analyzer):
    out = analyzer.analyze_frame(pd.DataFrame({"text": []}))
    assert len(out) == 0
    assert "headline" in out


def test_evidence_and_plan_are_added_on_request(analyzer):
    out = analyzer.analyze_frame(pd.DataFrame({"text": ["锅第二天就掉漆了，要求退款"]}), evidence=True, plan=True)
    assert out["plan"][0]["entries"]
    assert out["evidence"][0]


COLLISIONS = [
    ("label", ["category"], {}, r"already has the column\(s\) 'category'"),
    ("two", ["motive", "cause"], {}, r"'motive', 'cause'"),
    ("plan", ["plan"], {"plan": True}, r"'plan'"),
    ("evidence", ["evidence"], {"evidence": True}, r"'evidence'"),
]


@pytest.mark.parametrize(("names", "options", "message"), [r[1:] for r in COLLISIONS], ids=[r[0] for r in COLLISIONS])
def test_columns_of_the_same_name_are_refused_or_replaced(analyzer, names, options, message):
    frame = pd.DataFrame({"text": ["要求退款"], **dict.fromkeys(names, "mine")})
    with pytest.raises(InputError, match=message):
        analyzer.analyze_frame(frame, **options)
    out = analyzer.analyze_frame(frame, overwrite=True, **options)
    assert (out[names[0]].astype(str) != "mine").all()
    assert out.columns.is_unique


def test_columns_not_asked_for_are_kept(analyzer):
    out = analyzer.analyze_frame(pd.DataFrame({"text": ["要求退款"], "plan": ["mine"], "evidence": ["mine"]}))
    assert out["plan"].tolist() == out["evidence"].tolist() == ["mine"]


def test_a_missing_text_column_is_named(analyzer):
    with pytest.raises(InputError, match="no column 'text'; columns: 'content', 'n'"):
        analyzer.analyze_frame(pd.DataFrame({"content": ["a"], "n": [1]}))
