"""Evaluation: labelled files are checked, figures are what their definitions say."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from complaint_motive.errors import InputError
from complaint_motive.models.costs import default_costs, read_costs
from complaint_motive.models.evaluation import evaluate
from complaint_motive.models.labelled import check_records, read_labelled
from complaint_motive.models.metrics import (
    bootstrap_macro_f1,
    calibration_error,
    coverage_points,
    frequent_classes,
    quadratic_kappa,
    reliability_bins,
)
from complaint_motive.models.slices import find_slices
from complaint_motive.taxonomy import taxonomy

CATEGORIES = tuple(taxonomy().categories)


class Fixed:
    """Decides what the text says: ``category confidence [R][E] intensity cause [review] [cue,cue]``."""

    model_digest = "f" * 64

    def columns(self, texts, *, evidence=True):
        rows = [
            dict(zip(("category", "p", "needs", "intensity", "cause", "review", "cues"), t.split(), strict=True))
            for t in texts
        ]
        out = {name: [row[name] for row in rows] for name in ("category",)}
        out["motive"] = [taxonomy().motive_of(row["category"]) for row in rows]
        for category in CATEGORIES:
            out[f"p_{category}"] = [
                float(r["p"]) if r["category"] == category else (1 - float(r["p"])) / 6 for r in rows
            ]
        out["need_rational"] = np.array([0.9 if "R" in r["needs"] else 0.1 for r in rows])
        out["need_emotional"] = np.array([0.9 if "E" in r["needs"] else 0.1 for r in rows])
        out["intensity"] = [int(r["intensity"]) for r in rows]
        out["cause"] = [None if r["cause"] == "-" else r["cause"] for r in rows]
        out["needs_review"] = [r["review"] == "yes" for r in rows]
        out["cues"] = [[{"cue": c, "negated": False} for c in r["cues"].split(",") if c != "-"] for r in rows]
        return out

    def analyze_many(self, texts):
        for _ in texts:
            yield type("Found", (), {"evidence": ()})()

    def mask(self, text):
        return text.upper()


def record(gold: str, decided: str, p: float = 0.9, review: str = "no", cues: str = "-", **labels):
    return {"text": f"{decided} {p} R 1 price {review} {cues}", "category": gold, **labels}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a"}', "row 1: there is no column 'category'; the columns are 'text'"),
        ('{"category": "none"}', "row 1: there is no column 'text'"),
        (
            '{"text": "a", "category": "none"}\n\n{"text": "a", "category": "x"}',
            "row 2: column 'category' is 'x'; allowed: improvement",
        ),
        ('{"text": "a", "category": ""}', "row 1: column 'category' is ''; allowed: improvement"),
        ('{"text": 5, "category": "none"}', r"row 1: column 'text' is 5 \(int\); allowed: a text"),
        ('{"text": "a", "category": "none", "needs": "ER"}', "column 'needs' is 'ER'; allowed: R, E, RE, -"),
        ('{"text": "a", "category": "none", "intensity": 4}', "column 'intensity' is 4; allowed: 0, 1, 2, 3"),
        (
            '{"text": "a", "category": "none", "rationale": ["b"]}',
            "column 'rationale' is 'b'; allowed: parts of the text",
        ),
        ('{"text": "a", "category": "none", "intensity": true}', "column 'intensity' is True"),
        ('{"text": "a", "category": "none", "cause": "money"}', "column 'cause' is 'money'; allowed: quality"),
        ('{"text": "a", "category": "none", "secondary": "?"}', r"column 'secondary' is '\?'"),
        ('{"text": "a", "category": ["none"]}', r"column 'category' is \['none'\]"),
        ("[1]", "row 1: a JSON list, needed is an object"),
        ("{", "row 1: not JSON"),
        ("", "holds no record"),
    ],
)
def test_a_labelled_file_is_checked(tmp_path: Path, content: str, message: str):
    path = tmp_path / "gold.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        read_labelled(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_and_its_encodings(tmp_path: Path, encoding: str):
    path = tmp_path / "gold.csv"
    path.write_text(
        'text,category,intensity,needs,城市\n"退,\n款\u2028",redress,1.0,RE,成都\n好,none,,,\n', encoding=encoding
    )
    first, second = read_labelled(path)
    assert (first.text, first.category, first.intensity, first.needs) == ("退,\n款\u2028", "redress", 1, "RE")
    assert dict(first.columns) == {"城市": "成都"}
    assert (second.intensity, second.needs, second.cause, second.secondary) == (None, None, None, None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gold.csv", b"text,category\na,none,c\n", "row 1: its number of cells differs"),
        ("gold.csv", b"text,category\na\n", "row 1: its number of cells differs"),
        ("gold.csv", b'text,category\n"a"b,none\n', "row 1: not CSV"),
        ("gold.csv", b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        ("gold.xlsx", b"", "unknown format of a labelled file; allowed: .jsonl, .csv"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, message: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_labelled(tmp_path / name)


def test_missing_values_of_a_table_are_unlabelled():
    rows = [{"text": float("nan"), "category": "none", "intensity": float("nan"), "needs": None, "cause": ""}]
    (found,) = check_records(rows)
    assert (found.text, found.intensity, found.needs, found.cause) == ("", None, None, None)


def test_figures_of_a_known_case():
    records = [
        *[record("redress", "redress", 0.95, needs="R", intensity=1, cause="price") for _ in range(8)],
        *[record("scolding", "scolding", 0.9, needs="E", intensity=2, cause="price") for _ in range(6)],
        *[record("scolding", "redress", 0.6, review="yes", needs="RE", intensity=2, cause="service") for _ in range(2)],
        *[record("coercion", "coercion", 0.8, review="yes") for _ in range(3)],
        record("coercion", "redress", 0.7),
    ]
    f = evaluate(records, Fixed()).figures
    assert (f["n"], f["classes"]) == (20, 2)
    assert f["category_accuracy"] == pytest.approx(17 / 20)
    redress, scolding = 16 / (8 + 11), 12 / (8 + 6)
    assert f["category_macro_f1"] == pytest.approx((redress + scolding) / 2)
    assert f["category_macro_f1_low"] < f["category_macro_f1"] < f["category_macro_f1_high"]
    assert (f["scheming_precision"], f["scheming_recall"]) == (1.0, 0.75)
    assert (f["scheming_said"], f["scheming_gold"]) == (3, 4)
    assert f["review_share"] == 0.25
    assert f["accuracy_unreviewed"] == pytest.approx(14 / 15)
    assert f["accuracy_at_80"] == pytest.approx(1.0 - 0 / 16)
    assert f["missed_safety_cues"] is None


def test_heads_without_labels_have_no_figure():
    f = evaluate([record("redress", "redress")] * 3, Fixed()).figures
    assert [f[name] for name in ("needs_f1", "intensity_qwk", "cause_macro_f1")] == [None, None, None]
    assert (f["scheming_precision"], f["scheming_recall"]) == (None, None)


def test_everything_reviewed_leaves_no_rest():
    assert evaluate([record("none", "none", review="yes")], Fixed()).figures["accuracy_unreviewed"] is None


@pytest.mark.parametrize(
    ("rows", "cost"),
    [
        ([record("none", "none")], 0.0),
        ([record("scolding", "redress")], 1.0),
        ([record("recognition", "scolding")], 0.5),
        ([record("coercion", "redress")], 8.0),
        ([record("coercion", "redress", review="yes")], 8.0 * 0.3 + 0.05),
        ([record("redress", "coercion", review="yes")], 4.0 * 0.3 + 0.05),
        ([record("coercion", "sabotage")], 1.0),
        ([record("redress", "redress", gold_cues="x"), record("redress", "none")], 1.0),
        ([record("redress", "redress", cues="violence") | {"cues": "violence, amount"}], 0.0),
        ([record("redress", "redress", cues="amount") | {"cues": ["violence"]}], 10.0),
    ],
)
def test_cost_of_mistakes(rows: list[dict], cost: float):
    assert evaluate(rows, Fixed()).figures["cost"] == pytest.approx(cost)


def test_costs_are_laid_over_the_defaults(tmp_path: Path):
    path = tmp_path / "costs.toml"
    path.write_text("[missed]\nredress = 3\n[pair.none]\nredress = 7\n[other]\nreviewed = 1\n", encoding="utf-8")
    costs, plain = read_costs(path), default_costs()
    assert costs.mistake("redress", "none") == 3
    assert costs.mistake("none", "redress") == 7
    assert costs.mistake("coercion", "none") == plain.mistake("coercion", "none")
    assert costs.record("redress", "none", reviewed=True) == pytest.approx(3.05)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[missed]\nredres = 1", r"costs.toml: \[missed\] has the key 'redres'; allowed: improvement"),
        ("[missed]\nredress = -1", r"\[missed\]: key 'redress' is -1; allowed: a number from 0 up"),
        ("[missed]\nredress = true", "key 'redress' is True"),
        ("[other]\nreviewed = 2", "key 'reviewed' is 2.0; allowed: 0 to 1"),
        ("[pair.redress]\nx = 1", r"\[pair\]: \[redress\] has the key 'x'"),
        ("[pair]\nredress = 1", r"\[redress\] is 1; needed is a table"),
        ("[cost]\n", "has the key 'cost'; allowed: missed, pair, other"),
        ("missed", "not valid TOML"),
    ],
)
def test_a_bad_cost_table_is_refused(tmp_path: Path, content: str, message: str):
    path = tmp_path / "costs.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_costs(path)


def test_missing_coercion_or_a_safety_cue_costs_most():
    costs = default_costs()
    pairs = {(g, d): costs.mistake(g, d) for g in CATEGORIES for d in CATEGORIES}
    assert max(pairs, key=pairs.__getitem__)[0] == "coercion"
    assert costs.safety_cue >= max(pairs.values())


def test_mistakes_come_most_confident_first_and_masked():
    rows = [record("redress", "none", 0.5 + k / 100) for k in range(30)] + [record("none", "none", 0.99)]
    found = evaluate(rows, Fixed()).mistakes
    assert len(found) == 20
    assert [m.row for m in found[:3]] == [30, 29, 28]
    assert found[0].text == rows[29]["text"].upper()
    assert (found[0].gold, found[0].decided, found[0].cost) == ("redress", "none", 2.0)


def test_slices_by_column_and_length():
    rows = [record("redress", "redress", channel="app") for _ in range(3)] + [record("none", "redress", channel="tel")]
    found = {(s.column, s.value): s for s in evaluate(rows, Fixed(), by=["channel"]).slices}
    assert list(found) == [("length", "21-60"), ("channel", "app"), ("channel", "tel")]
    assert (found["channel", "app"].accuracy, found["channel", "tel"].accuracy) == (1.0, 0.0)
    assert found["channel", "app"].accuracy_low < 0.6


def test_rare_values_are_put_together():
    values = [str(k) for k in range(40)] + ["0"]
    gold = np.array(["none"] * 41)
    found = find_slices({"city": values}, gold, gold, np.ones(41), np.zeros(41, dtype=bool))
    assert (len(found), found[0].value, found[-1].value, found[-1].n) == (31, "0", "(other)", 10)


@pytest.mark.parametrize(
    ("records", "by", "message"),
    [([], [], "no record to evaluate"), ([record("none", "none")], ["x"], "'x': no record has")],
)
def test_evaluate_refuses(records: list[dict], by: list[str], message: str):
    with pytest.raises(InputError, match=message):
        evaluate(records, Fixed(), by=by)


def test_the_result_is_frozen_and_plain():
    found = evaluate([record("redress", "none"), record("none", "none")], Fixed())
    with pytest.raises(FrozenInstanceError, match="figures"):
        found.figures = {}
    plain = json.loads(json.dumps(found.to_dict()))
    assert np.array(plain["confusion"]["counts"]).sum() == 2
    assert plain["confusion"]["counts"][CATEGORIES.index("redress")][CATEGORIES.index("none")] == 1
    assert [row["category"] for row in plain["classes"]] == list(CATEGORIES)


def test_bootstrap_equals_the_library_draw_by_draw():
    random = np.random.default_rng(1)
    gold, decided = random.choice(["a", "b", "c"], (2, 60))
    labels = frequent_classes(gold)
    rows = np.random.default_rng(0).integers(0, 60, (300, 60))
    scores = [f1_score(gold[k], decided[k], labels=labels, average="macro", zero_division=0) for k in rows]
    assert bootstrap_macro_f1(gold, decided, labels) == pytest.approx(tuple(np.percentile(scores, [2.5, 97.5])))


def test_calibration_of_a_known_case():
    confidence, correct = np.array([0.95] * 10 + [0.5] * 10), np.array([True] * 9 + [False] + [True] * 8 + [False] * 2)
    bins = reliability_bins(confidence, correct)
    assert [(b.n, round(b.accuracy, 2)) for b in bins] == [(10, 0.8), (10, 0.9)]
    assert calibration_error(bins) == pytest.approx((0.05 + 0.3) / 2)


def test_coverage_falls_from_the_sure_to_all():
    confidence, correct = np.linspace(1, 0.05, 20), np.arange(20) < 15
    points = coverage_points(confidence, correct)
    assert [p.n for p in points] == list(range(1, 21))
    assert (points[14].accuracy, points[-1].accuracy) == (1.0, 0.75)


@pytest.mark.parametrize(
    ("gold", "decided", "kappa"), [([0, 1, 2, 3], [0, 1, 2, 3], 1.0), ([0, 3], [3, 0], -1.0), ([1, 1], [1, 1], None)]
)
def test_quadratic_kappa(gold: list[int], decided: list[int], kappa: float | None):
    assert quadratic_kappa(gold, decided) == kappa


def test_the_shipped_model_on_the_test_split(analyzer, corpus):
    records = [record for name in ("authored_06", "authored_07") for record in corpus[name]]
    found = evaluate(records, analyzer, by=["channel"])
    assert found.figures["category_accuracy"] > 0.7
    assert all(value is not None for name, value in found.figures.items() if name != "missed_safety_cues")
    assert len(found.mistakes) == 20
    assert any(mistake.evidence for mistake in found.mistakes)
