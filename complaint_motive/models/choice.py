"""Hyper-parameters: the recorded choice, and the search that finds one by nested cross-validation."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from complaint_motive.errors import InputError
from complaint_motive.models.classifier import MotiveClassifier

__all__ = ["Choice", "recorded_choice", "search"]

_OWN = ("corpus_weight", "corpus_weight_other", "corpus_calibration", "least_share")
_OUTER, _INNER = 3, 3
_LEAST_GROUPS = 3
_LEAST_GOLD = 8


@dataclass(frozen=True)
class Choice:
    """Hyper-parameters of a training run.

    Attributes
    ----------
    parameters : dict
        Arguments of :class:`~complaint_motive.models.classifier.MotiveClassifier`.
    corpus_weight : float
        Weight of a corpus row while fitting the category, where other rows weigh 1.
    corpus_weight_other : float
        The same for needs, intensity and cause.
    corpus_calibration : float
        The same in calibration and in choosing thresholds.
    least_share : float
        Share of the training texts that an n-gram must stand in, beside ``min_df``; keeps a model of many texts small.
    """

    parameters: dict[str, Any]
    corpus_weight: float
    corpus_weight_other: float
    corpus_calibration: float
    least_share: float

    def parameters_for(self, n_texts: int) -> dict[str, Any]:
        """Return the arguments of the classifier for so many training texts."""
        return {**self.parameters, "min_df": max(self.parameters["min_df"], round(self.least_share * n_texts))}

    def corpus_weight_of(self, head: str) -> float:
        """Return the weight of a corpus row while fitting a head."""
        return self.corpus_weight if head == "category" else self.corpus_weight_other

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as plain values."""
        return asdict(self)

    def changed(self, values: dict[str, Any]) -> Choice:
        """Return the choice with some values replaced."""
        own = {name: value for name, value in values.items() if name in _OWN}
        rest = {name: value for name, value in values.items() if name not in own}
        return replace(self, parameters={**self.parameters, **rest}, **own)


@lru_cache(maxsize=1)
def _recorded() -> dict[str, Any]:
    resource = files("complaint_motive") / "resources" / "training.toml"
    return tomllib.loads(resource.read_text(encoding="utf-8"))


def recorded_choice() -> Choice:
    """Return the choice recorded in ``resources/training.toml``.

    Examples
    --------
    >>> recorded_choice().parameters["folds"]
    5
    """
    plain = _recorded()
    own = {name: float(plain[name]) for name in _OWN}
    return Choice(dict(plain["parameters"]), **own)


def _score(
    choice: Choice,
    texts: NDArray[np.object_],
    categories: NDArray[np.object_],
    is_extra: NDArray[np.bool_],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> float:
    """Return the macro-F1 of the category over the corpus and over the extra rows of a fold, averaged."""
    # Filters would take a day, and what is chosen here concerns the n-grams beside them.
    model = MotiveClassifier(**{**choice.parameters_for(len(train)), "folds": 0, "n_filters": 0})
    model.fit(list(texts[train]), categories[train], sample_weight=np.where(is_extra[train], 1.0, choice.corpus_weight))
    said = model.predict(list(texts[test]))
    scores = []
    for part in (is_extra[test], ~is_extra[test]):
        names, counts = np.unique(categories[test][part].astype(str), return_counts=True)
        frequent = names[counts >= _LEAST_GOLD]
        if len(frequent):
            gold = categories[test][part].astype(str)
            scores.append(f1_score(gold, said[part], labels=frequent, average="macro", zero_division=0))
    return float(np.mean(scores)) if scores else 0.0


def _folds(n: int, groups: NDArray[Any]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    yield from GroupKFold(min(n, len(np.unique(groups)))).split(groups, groups=groups)


def search(
    texts: Sequence[str],
    labels: pd.DataFrame,
    groups: Sequence[str],
    is_extra: NDArray[np.bool_],
    start: Choice,
    say: Callable[[str], None],
) -> tuple[Choice, dict[str, Any]]:
    """Return the best choice of the recorded grid, and what nested cross-validation says of choosing that way.

    Parameters
    ----------
    texts, labels, groups
        Training rows; rows of one group (author, annotator) never stand on both sides of a fold.
    is_extra : ndarray of bool, shape (n,)
        Rows that are not the corpus's; both parts count the same in the score.
    start : Choice
        What the grid leaves open.
    say : callable
        Told the score of each candidate.

    Raises
    ------
    InputError
        If there are fewer than three groups.

    Notes
    -----
    The inner folds choose, the outer folds measure the choosing; the figure of the outer folds is the honest one.
    """
    grid = _recorded()["grid"]
    candidates = [start.changed(dict(zip(grid, values, strict=True))) for values in product(*grid.values())]
    data = np.array(texts, dtype=object), labels["category"].to_numpy(dtype=object), is_extra
    group = np.asarray(groups)
    if len(set(groups)) < _LEAST_GROUPS:
        raise InputError(
            f"a search needs rows of at least {_LEAST_GROUPS} authors or annotators; there are {len(set(groups))}"
        )

    def best(rows: NDArray[np.int64]) -> tuple[Choice, list[float]]:
        scores = []
        for candidate in candidates:
            folds = _folds(_INNER, group[rows])
            scores.append(float(np.mean([_score(candidate, *data, rows[a], rows[b]) for a, b in folds])))
        return candidates[int(np.argmax(scores))], scores

    outer = []
    everything = np.arange(len(texts))
    for number, (train, test) in enumerate(_folds(_OUTER, group), 1):
        chosen, _ = best(train)
        outer.append(_score(chosen, *data, train, test))
        say(f"outer fold {number} of {_OUTER}: {outer[-1]:.3f} with {chosen.to_dict()}")
    chosen, scores = best(everything)
    table = [{**candidate.to_dict(), "score": score} for candidate, score in zip(candidates, scores, strict=True)]
    say(f"chosen: {chosen.to_dict()}")
    return chosen, {"outer_scores": outer, "inner_scores": table}
