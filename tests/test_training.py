"""Training from labelled files, for real but small; and the labels of real texts that are shipped without them."""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import complaint_motive as cm
from complaint_motive.errors import InputError
from complaint_motive.models import choice as choices
from complaint_motive.models.labelled import read_labelled
from complaint_motive.taxonomy import taxonomy
from complaint_motive.training import train

DATASETS = Path(__file__).parents[1] / "datasets"


@pytest.fixture
def small_choice(monkeypatch):
    """The recorded choice, made fit for a few dozen sentences."""
    recorded = {
        **choices._recorded(),
        "parameters": {"min_df": 1, "folds": 2},
        "least_share": 0.0,
        "grid": {"c_category": [1.0, 20.0], "corpus_weight": [1.0]},
    }
    monkeypatch.setattr(choices, "_recorded", lambda: recorded)


@pytest.fixture
def folder(tmp_path: Path, labelled) -> Path:
    """A corpus of three authors and a test split, all of the same sentences but for their first word."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    openings = {"authored_00": "唉，", "authored_01": "您好，", "authored_02": "", "authored_06": "喂，"}
    for name, opening in openings.items():
        rows = labelled.assign(text=opening + labelled["text"])
        rows.to_json(corpus / f"{name}.jsonl", orient="records", lines=True, force_ascii=False)
    return corpus


def extra_file(path: Path, labelled, **columns: str) -> Path:
    labelled.assign(text="真是的，" + labelled["text"], **columns).to_json(
        path, orient="records", lines=True, force_ascii=False
    )
    return path


@pytest.mark.usefixtures("small_choice")
def test_a_trained_folder_is_a_model_with_its_card_and_history(folder, tmp_path, labelled):
    extra = extra_file(tmp_path / "extra.jsonl", labelled)
    said: list[str] = []
    metadata = train(folder, tmp_path / "model", extra=[extra], progress=said.append)
    analyzer = cm.load(tmp_path / "model")
    assert analyzer.analyze("押金到现在没退，麻烦尽快退到我卡上").category == "redress"
    assert metadata["training"]["corpus"]["rows"] == 3 * len(labelled)
    assert metadata["training"]["extra"]["rows"] == len(labelled)
    assert set(metadata["metrics"]) == {"this model", "corpus only"}
    assert "authored_06" in (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert any("fitting on" in line for line in said)


@pytest.mark.usefixtures("small_choice")
def test_the_same_files_give_the_same_weights(folder, tmp_path):
    first, second = (train(folder, tmp_path / name)["weights_sha256"] for name in ("a", "b"))
    assert first == second


@pytest.mark.usefixtures("small_choice")
def test_picked_and_weak_rows_are_learned_from_but_do_not_calibrate(folder, tmp_path, labelled, monkeypatch):
    seen = []
    fit = cm.MotiveClassifier.fit

    def spy(self, texts, labels, **options):
        seen.append((len(texts), np.asarray(options["calibration_weight"])))
        return fit(self, texts, labels, **options)

    monkeypatch.setattr(cm.MotiveClassifier, "fit", spy)
    drawn = extra_file(tmp_path / "drawn.jsonl", labelled, stratum="random", annotator="x")
    picked = extra_file(tmp_path / "picked.jsonl", labelled, stratum="uncertain", annotator="y")
    weak = extra_file(tmp_path / "weak.jsonl", labelled, annotator="z")
    metadata = train(folder, tmp_path / "model", extra=[drawn, picked], weak=[weak])
    n_rows, weight = seen[0]
    n = len(labelled)
    assert metadata["training"]["weak"]["rows"] == n
    assert n_rows == 6 * n
    assert set(weight[: 3 * n]) == {choices.recorded_choice().corpus_calibration}
    assert set(weight[3 * n : 4 * n]) == {1.0}
    assert set(weight[4 * n :]) == {0.0}


@pytest.mark.usefixtures("small_choice")
def test_a_rationale_teaches_as_a_row_of_its_records_group_and_does_not_calibrate(folder, tmp_path, monkeypatch):
    seen = {}
    fit = cm.MotiveClassifier.fit

    def spy(self, texts, labels, **options):
        seen.setdefault("texts", texts)
        seen.setdefault("labels", labels)
        seen.setdefault("options", options)
        return fit(self, texts, labels, **options)

    monkeypatch.setattr(cm.MotiveClassifier, "fit", spy)
    record = {"text": "等了三天。没人来修，请尽快派人来修。谢谢", "category": "redress", "intensity": 1}
    marked = tmp_path / "marked.jsonl"
    marked.write_text(
        json.dumps(record | {"annotator": "z", "rationale": ["没人来修，", "请尽快派人来修。"]}, ensure_ascii=False),
        encoding="utf-8",
    )
    metadata = train(folder, tmp_path / "model", weak=[marked])
    assert metadata["training"]["weak"]["rationales"] == 1
    assert seen["texts"][-2:] == [record["text"], "没人来修，请尽快派人来修。"]
    assert seen["labels"]["category"].tolist()[-2:] == ["redress"] * 2
    assert seen["options"]["groups"][-2:] == ["z", "z"]
    assert seen["options"]["calibration_weight"][-1] == 0


@pytest.mark.usefixtures("small_choice")
def test_search_chooses_by_inner_folds_and_measures_by_outer_ones(folder, tmp_path):
    metadata = train(folder, tmp_path / "model", search_choices=True)
    found = metadata["search"]
    assert len(found["outer_scores"]) == 3
    assert [row["parameters"]["c_category"] for row in found["inner_scores"]] == [1.0, 20.0]
    best = max(found["inner_scores"], key=lambda row: row["score"])
    assert metadata["choice"]["parameters"]["c_category"] == best["parameters"]["c_category"]


@pytest.mark.usefixtures("small_choice")
def test_a_search_among_too_few_authors_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="at least 3 authors or annotators; there are 1"):
        train(folder / "authored_00.jsonl", tmp_path / "model", search_choices=True)


def test_a_folder_without_training_files_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no \.jsonl file to train on"):
        train(tmp_path, tmp_path / "model")


def shipped_labels() -> list[dict[str, str]]:
    with (DATASETS / "real_labels.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_labels_of_real_texts_are_the_codebooks_and_carry_no_text():
    rows, tax = shipped_labels(), taxonomy()
    columns = ["id", "source", "stratum", "annotator", "category", "secondary", "needs", "intensity", "cause"]
    assert list(rows[0]) == [*columns, "revised_by"]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert len(row["id"]) == 16
        assert int(row["id"], 16) >= 0
        assert row["stratum"] in {"random", "uncertain"}
        assert row["category"] in tax.categories
        assert row["secondary"] in {"", *tax.categories} - {row["category"]}
        assert row["cause"] in {*tax.causes, "-"}
        assert (row["category"] == "none") == (row["needs"] == "-") == (row["cause"] == "-")
        assert row["needs"] in {"R", "E", "RE", "-"}
        assert row["intensity"] in set("0123")


def test_rationales_of_real_texts_are_ranges_and_carry_no_text():
    with (DATASETS / "real_rationales.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["id", "reader", "ranges"]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{16}", row["id"])
        assert re.fullmatch(r"\d+-\d+( \d+-\d+)*", row["ranges"])


def test_labels_and_rationales_are_joined_with_the_texts_one_holds(tmp_path):
    wanted = shipped_labels()[0]
    sys.path.insert(0, str(DATASETS))
    try:
        import attach_labels
    finally:
        sys.path.remove(str(DATASETS))
    key, other = map(attach_labels.text_id, ("水管漏了，请来修", "押金不退，请退"))
    labels = {key: wanted, "f" * 16: wanted}
    rationales = {key: {"ranges": "0-5 5-8"}, other: {"ranges": "5-7"}}
    texts = tmp_path / "texts.jsonl.gz"
    with gzip.open(texts, "wt", encoding="utf-8") as lines:
        for text in ("水管漏了，请来修", "没有标注的一条"):
            lines.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    ours = tmp_path / "ours.jsonl"
    ours.write_text(json.dumps({"text": "押金不退，请退", "category": "redress"}), encoding="utf-8")
    out = tmp_path / "extra.jsonl"
    assert attach_labels.attach([texts, ours], out, labels, rationales) == (2, 2)
    first, second = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert first["text"] == "水管漏了，请来修"
    assert first["category"] == wanted["category"]
    assert first["rationale"] == ["水管漏了，", "请来修"]
    assert second == {"text": "押金不退，请退", "category": "redress", "rationale": ["请退"]}
    assert len(read_labelled(out)) == 2


def test_a_broken_line_of_texts_is_named(tmp_path):
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"text": "一"}\n{"content": "二"}\n', encoding="utf-8")
    command = [sys.executable, str(DATASETS / "attach_labels.py"), str(texts), "-o", str(tmp_path / "out.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "texts.jsonl, line 2: KeyError 'text'" in done.stderr
