"""Training a model folder from labelled files: read, fit, write, measure on held-out authors."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from complaint_motive.analyzer import Analyzer
from complaint_motive.errors import InputError
from complaint_motive.features.names import mask_names
from complaint_motive.models.artifact import load_model, save_model
from complaint_motive.models.card import model_card
from complaint_motive.models.choice import recorded_choice, search
from complaint_motive.models.classifier import MotiveClassifier
from complaint_motive.models.evaluation import evaluate
from complaint_motive.models.labelled import LabelledRecord, read_labelled
from complaint_motive.strategy import strategy_book

__all__ = ["TEST_SPLIT", "corpus_files", "train"]

TEST_SPLIT = ("authored_06", "authored_07")
"""Files of the corpus that are never trained on, by any model."""

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


def _read(paths: Sequence[Path]) -> tuple[list[LabelledRecord], list[str]]:
    """Return the records of some files, and the group of each: its annotator, else its file."""
    records, groups = [], []
    for path in paths:
        for record in read_labelled(path):
            records.append(record)
            groups.append(str(record.columns.get("annotator") or path.stem))
    return records, groups


def _summary(records: Sequence[LabelledRecord], groups: Sequence[str], paths: Sequence[Path]) -> dict[str, Any]:
    return {
        "rows": len(records),
        "groups": len(set(groups)),
        "categories": dict(sorted(Counter(record.category for record in records).items())),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths},
    }


def train(
    corpus: Path | str,
    out: Path | str,
    *,
    extra: Sequence[Path | str] = (),
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
        follow their frequencies more than those of the corpus, whose classes are evened out.
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
    own_paths, more_paths = corpus_files(corpus), [Path(path) for path in extra]
    (own, own_groups), (more, more_groups) = _read(own_paths), _read(more_paths)
    say(f"read {len(own)} rows of the corpus and {len(more)} more")
    records, groups = [*own, *more], [*own_groups, *more_groups]
    texts = mask_names(record.text for record in records)
    labels = pd.DataFrame([(r.category, r.needs, r.intensity, r.cause) for r in records])
    labels.columns = pd.Index(["category", "needs", "intensity", "cause"])
    is_extra = np.arange(len(records)) >= len(own)
    choice, searched = recorded_choice(), None
    if search_choices:
        choice, searched = search(texts, labels, groups, is_extra, choice, say)
    say(f"fitting on {len(records)} rows")
    classifier = MotiveClassifier(**choice.parameters).fit(
        texts,
        labels,
        groups=groups,
        sample_weight=np.where(is_extra, 1.0, choice.corpus_weight),
        calibration_weight=np.where(is_extra | (not more), 1.0, choice.corpus_calibration),
    )
    metadata = {
        "training": {
            "corpus": _summary(own, own_groups, own_paths),
            "extra": _summary(more, more_groups, more_paths) if more else None,
        },
        "choice": choice.to_dict(),
        "search": searched,
        "versions": {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
        "n_features": int(classifier.scorer_.coefficients.shape[0]),
        "metrics": {},
    }
    complete = save_model(out, classifier.scorer_, classifier.rule_, metadata, model_card(metadata))
    test_paths = corpus_files(corpus, test=True) if corpus.is_dir() else []
    if test_paths:
        say("measuring on the test split")
        # The stored model is what is measured, not the one in memory.
        figures = evaluate(_read(test_paths)[0], Analyzer(load_model(out), strategy_book())).figures
        metadata["metrics"] = {f"test split ({', '.join(TEST_SPLIT)})": dict(figures)}
        complete = save_model(out, classifier.scorer_, classifier.rule_, metadata, model_card(metadata))
    say(f"wrote {out}")
    return complete
