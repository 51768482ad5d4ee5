"""Training a model folder from labelled files: read, fit, write, measure on held-out authors."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import compress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from complaint_motive.analyzer import Analyzer
from complaint_motive.errors import InputError
from complaint_motive.features.names import mask_names
from complaint_motive.models.artifact import load_model, save_model
from complaint_motive.models.card import model_card
from complaint_motive.models.choice import Choice, recorded_choice, search
from complaint_motive.models.classifier import MotiveClassifier
from complaint_motive.models.evaluation import evaluate
from complaint_motive.models.labelled import LabelledRecord, read_labelled
from complaint_motive.models.scorer import HEADS
from complaint_motive.strategy import strategy_book

__all__ = ["TEST_SPLIT", "corpus_files", "read_rows", "train", "with_rationales"]

TEST_SPLIT = ("authored_06", "authored_07")
"""Files of the corpus that are never trained on, by any model."""

_AS_THEY_COME = "random"
"""Value of the column ``stratum`` for rows drawn at random; others are fitted on but do not calibrate."""

_PACKAGES = ("complaint-motive", "jieba", "numpy", "scikit-learn", "scipy")


def corpus_files(corpus: Path, *, test: bool = False) -> list[Path]:
    """Return the training files of a corpus (a folder, or one file), or those of its test split.

    Raises
    ------
    InputError
        If there is nothing to train on.
    """
    found = [corpus] if corpus.is_file() else sorted(corpus.glob("*.jsonl"))
    chosen = [path for path in found if (path.stem in TEST_SPLIT) == test]
    if not chosen and not test:
        split = ", ".join(TEST_SPLIT)
        raise InputError(f"{corpus}: no .jsonl file to train on (the test split, {split}, does not count)")
    return chosen


def read_rows(paths: Sequence[Path]) -> tuple[list[LabelledRecord], list[str]]:
    """Return the records of some files, and the group of each: its annotator, else its file."""
    records, groups = [], []
    for path in paths:
        for record in read_labelled(path):
            records.append(record)
            groups.append(str(record.columns.get("annotator") or path.stem))
    return records, groups


def with_rationales(records: Sequence[LabelledRecord]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the texts of some records, then the rationale of each that has one, and which record each text is of."""
    reasoned = np.flatnonzero([bool(record.rationale) for record in records])
    texts = [record.text for record in records] + ["".join(records[k].rationale) for k in reasoned.tolist()]
    return texts, np.concatenate([np.arange(len(records)), reasoned])


def _summary(records: Sequence[LabelledRecord], groups: Sequence[str], paths: Sequence[Path]) -> dict[str, Any]:
    return {
        "rows": len(records),
        "groups": len(set(groups)),
        "rationales": sum(bool(record.rationale) for record in records),
        "categories": dict(sorted(Counter(record.category for record in records).items())),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths},
    }


@dataclass(frozen=True)
class _Rows:
    """Training rows: texts with names masked, labels, groups; which are extra, which rationales, which only teach."""

    texts: list[str]
    labels: pd.DataFrame
    groups: list[str]
    is_extra: NDArray[np.bool_]
    is_rationale: NDArray[np.bool_]
    only_teaches: NDArray[np.bool_]

    def where(self, wanted: NDArray[np.bool_]) -> _Rows:
        """Return some of the rows."""
        texts, groups = (list(compress(part, wanted)) for part in (self.texts, self.groups))
        labels = self.labels[wanted].reset_index(drop=True)
        marks = (self.is_extra, self.is_rationale, self.only_teaches)
        return _Rows(texts, labels, groups, *(mark[wanted] for mark in marks))

    def calibration_weight(self, corpus: float) -> NDArray[np.float64]:
        """Return the weight of each row in calibration, which picked rows, weak labels and rationales would mislead."""
        as_they_come = self.is_extra | (not self.is_extra.any())
        return np.where(self.only_teaches, 0.0, np.where(as_they_come, 1.0, corpus))


def _training_rows(read: Mapping[str, tuple[list[LabelledRecord], list[str]]]) -> _Rows:
    """Return a row for each record, then one for each that has a rationale: a short text with the same labels."""
    records = [record for part, _ in read.values() for record in part]
    groups = [group for _, part in read.values() for group in part]
    sources = np.repeat(list(read), [len(part) for part, _ in read.values()])
    is_picked = np.array([r.columns.get("stratum", _AS_THEY_COME) != _AS_THEY_COME for r in records])
    texts, origin = with_rationales(records)
    is_rationale = np.arange(len(origin)) >= len(records)
    labels = pd.DataFrame([(r.category, r.needs, r.intensity, r.cause) for r in records])
    labels.columns = pd.Index(["category", "needs", "intensity", "cause"])
    return _Rows(
        mask_names(texts),
        labels.iloc[origin].reset_index(drop=True),
        [groups[k] for k in origin.tolist()],
        (sources != "corpus")[origin],
        is_rationale,
        (is_picked | (sources == "weak"))[origin] | is_rationale,
    )


def _fit(rows: _Rows, choice: Choice) -> MotiveClassifier:
    as_they_come = rows.is_extra | (not rows.is_extra.any())
    return MotiveClassifier(**choice.parameters_for(len(rows.texts))).fit(
        rows.texts,
        rows.labels,
        groups=rows.groups,
        sample_weight={head: np.where(as_they_come, 1.0, choice.corpus_weight_of(head)) for head in HEADS},
        calibration_weight=rows.calibration_weight(choice.corpus_calibration),
    )


def _figures(classifier: MotiveClassifier, sets: Mapping[str, Sequence[LabelledRecord]]) -> dict[str, dict[str, Any]]:
    """Return the figures of a model on each set, measured on its stored form rather than the one in memory."""
    with TemporaryDirectory() as folder:
        save_model(folder, classifier.scorer_, classifier.rule_, {}, "")
        analyzer = Analyzer(load_model(folder), strategy_book())
    return {name: dict(evaluate(records, analyzer).figures) for name, records in sets.items()}


def train(
    corpus: Path | str,
    out: Path | str,
    *,
    extra: Sequence[Path | str] = (),
    weak: Sequence[Path | str] = (),
    measure: Sequence[Path | str] = (),
    search_choices: bool = False,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Fit a model on labelled files, write its folder, return its metadata.

    Parameters
    ----------
    corpus : path
        Folder of ``.jsonl`` files, one author each, or one file. The files of :data:`TEST_SPLIT` are left for the
        measurement.
    out : path
        Folder of the model.
    extra : sequence of path
        Further labelled files, such as your own complaints as your channels bring them. Probabilities and thresholds
        follow their frequencies more than those of the corpus, whose classes are evened out. Rows that you picked for
        being rare or hard say so in a column ``stratum`` (anything but ``random``): they are learned from, but leave
        probabilities and thresholds alone. The model card then also tells how a model of the corpus alone does.
        A `rationale` (a list of the parts of the text because of which it has its category) teaches as a row of its
        own, in any of the files.
    weak : sequence of path
        Weakly labelled files: read once, by others, or by a program, so that labels lean another way than those you
        trust. They are learned from as `extra` is, but leave probabilities and thresholds alone.
    measure : sequence of path
        Further labelled files to measure on; nothing is learned from them.
    search_choices : bool, default False
        Choose hyper-parameters by nested cross-validation grouped by author and annotator (slow) instead of taking
        the recorded choice.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    InputError
        If a file cannot be used; the message names file, row, column, value and what is allowed.

    Notes
    -----
    The same files on the same versions of the packages give the same bytes of weights.
    """
    say = progress or (lambda message: None)
    corpus = Path(corpus)
    paths = {"corpus": corpus_files(corpus), "extra": [Path(p) for p in extra], "weak": [Path(p) for p in weak]}
    read = {name: read_rows(part) for name, part in paths.items()}
    say("read " + ", ".join(f"{len(records)} rows ({name})" for name, (records, _) in read.items() if records))
    rows = _training_rows(read)
    choice, searched = recorded_choice(), None
    if search_choices:
        whole = rows.where(~rows.is_rationale)
        choice, searched = search(whole.texts, whole.labels, whole.groups, whole.is_extra, choice, say)
    say(f"fitting on {len(rows.texts)} rows")
    classifier = _fit(rows, choice)
    sets = _measured_sets(corpus, [Path(path) for path in measure])
    say(f"measuring on: {', '.join(sets) or 'nothing'}")
    metrics = {"this model": _figures(classifier, sets)}
    if rows.is_extra.any() and sets:
        say("fitting and measuring a model of the corpus alone, for comparison")
        metrics["corpus only"] = _figures(_fit(rows.where(~rows.is_extra), choice), sets)
    metadata = {
        "training": {name: _summary(*part, paths[name]) if part[0] else None for name, part in read.items()},
        "choice": choice.to_dict(),
        "search": searched,
        "versions": {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
        "n_features": int(classifier.scorer_.coefficients.shape[0]),
        "metrics": metrics,
    }
    complete = save_model(out, classifier.scorer_, classifier.rule_, metadata, model_card(metadata))
    say(f"wrote {out}")
    return complete


def _measured_sets(corpus: Path, measure: Sequence[Path]) -> dict[str, list[LabelledRecord]]:
    test = corpus_files(corpus, test=True) if corpus.is_dir() else []
    sets = {f"test split ({', '.join(TEST_SPLIT)})": read_rows(test)[0]} if test else {}
    return sets | {path.stem: read_rows([path])[0] for path in measure}
