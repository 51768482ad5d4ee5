"""The scikit-learn estimator that fits a scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, StratifiedKFold

from complaint_motive.errors import InputError
from complaint_motive.features.cues import CueMatches, cue_lexicon
from complaint_motive.features.document import Documents, read_documents
from complaint_motive.features.filters import FilterBank
from complaint_motive.features.matrix import feature_matrix
from complaint_motive.features.ngram_entries import FIRST
from complaint_motive.features.zones import ZonedVocabulary
from complaint_motive.models.cross_fit import CrossFit, Rows, Settings, cross_fit
from complaint_motive.models.decision import (
    PRESSURE_CUES,
    SAFETY_CUES,
    DecisionRule,
    Decisions,
    TextState,
    cue_flags,
    decide,
    text_states,
)
from complaint_motive.models.heads import Calibration, HeadTargets, fit_calibration
from complaint_motive.models.labels import label_targets
from complaint_motive.models.scorer import HEADS, Probabilities, Scorer
from complaint_motive.models.thresholds import choose_rule
from complaint_motive.taxonomy import taxonomy

__all__ = ["MotiveClassifier"]


class MotiveClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classifier of complaint texts: motive category, and where labels are given needs, intensity and cause.

    Linear heads over one sparse matrix of n-grams, cues and text shape, and over the strongest responses of learned
    convolution filters; held-out folds tell how much these count, calibrate the probabilities by temperature and class
    shift, and choose the thresholds.

    Parameters
    ----------
    c_category, c_needs, c_intensity, c_cause : float
        Inverse regularisation strength of each head.
    balance_category, balance_other : float
        How far classes are balanced while fitting: 0 as they come, 1 all alike.
    min_df : int
        n-grams in fewer training texts are left out.
    n_filters : int
        Filters of each width (one, two and three words); 0 for a model without.
    epochs : int
        Passes over the texts in which the filters are learned.
    folds : int
        Folds for calibration and thresholds; 0 leaves probabilities uncalibrated and thresholds at their defaults.
    random_state : int
        Seed of the filters, and of the folds where no groups are given.

    Attributes
    ----------
    classes_ : ndarray of str
        Category ids seen in fit, sorted.
    scorer_ : Scorer
        The fitted arrays; inference needs nothing else.
    rule_ : DecisionRule
        Thresholds of the decision.
    n_features_in_ : int
        Always 1: a text.

    Examples
    --------
    >>> texts = ["要求退款", "快把钱退给我", "建议增加夜班车", "希望改进流程"] * 3
    >>> labels = ["redress", "redress", "improvement", "improvement"] * 3
    >>> classifier = MotiveClassifier(min_df=1, folds=0).fit(texts, labels)
    >>> classifier.predict(["要求退款给我"]).tolist()
    ['redress']
    """

    def __init__(
        self,
        *,
        c_category: float = 20.0,
        c_needs: float = 4.0,
        c_intensity: float = 4.0,
        c_cause: float = 8.0,
        balance_category: float = 1.0,
        balance_other: float = 0.5,
        min_df: int = 5,
        n_filters: int = 64,
        epochs: int = 10,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.c_category = c_category
        self.c_needs = c_needs
        self.c_intensity = c_intensity
        self.c_cause = c_cause
        self.balance_category = balance_category
        self.balance_other = balance_other
        self.min_df = min_df
        self.n_filters = n_filters
        self.epochs = epochs
        self.folds = folds
        self.random_state = random_state

    def fit(
        self,
        texts: Sequence[str],
        labels: Any,  # noqa: ANN401 - array-like or DataFrame
        *,
        groups: Sequence[Any] | None = None,
        sample_weight: ArrayLike | Mapping[str, ArrayLike] | None = None,
        calibration_weight: ArrayLike | None = None,
    ) -> MotiveClassifier:
        """Fit all heads for which there are labels.

        Parameters
        ----------
        texts : sequence of str, shape (n,)
            Original texts; transcripts are reduced to the customer's words.
        labels : array-like of str, shape (n,), or DataFrame
            Category ids, or a table of labels (see :func:`~complaint_motive.models.labels.label_targets`).
        groups : sequence, shape (n,), optional
            Rows of one group (author, annotator) never stand on both sides of a fold.
        sample_weight : sequence of float, shape (n,), or mapping of str to one, optional
            Weight of each row in fitting; a mapping gives weights by head (``category``, ``needs``, ``intensity``,
            ``cause``), 1 for a head that it leaves out.
        calibration_weight : sequence of float, shape (n,), optional
            Weight of each row in calibration and in choosing thresholds; rows that come as real channels bring them
            should weigh most.

        Raises
        ------
        InputError
            If texts or labels cannot be used; the message names row, column, value and what is allowed.
        """
        self._check_parameters()
        documents = read_documents(_checked_texts(texts))
        targets = label_targets(labels, len(documents))
        matches = cue_lexicon().match(documents.text, documents.bounds)
        vocabulary = ZonedVocabulary.fit(documents, min_df=self.min_df)
        units, n_words = vocabulary.word_units(documents), len(vocabulary.parts[0].words)
        matrix = feature_matrix(documents, vocabulary, FilterBank.empty(n_words + FIRST), matches).matrix
        matrix.sum_duplicates()
        weight = _head_weights(sample_weight, len(documents))
        splits = self._splits(targets, groups)
        fitted = cross_fit(Rows(matrix, units, n_words, targets, weight), splits, self._settings())
        mass = _weights(calibration_weight, len(documents), "calibration_weight") * bool(splits)
        if splits and not mass.any():
            raise InputError("calibration_weight is 0 in all rows; probabilities need some rows to be calibrated on")
        calibration = fit_calibration(fitted.linear, fitted.filtered, targets, mass)
        self.classes_ = np.array(sorted({list(taxonomy().categories)[k] for k in targets.category}))
        self.n_features_in_ = 1
        self.scorer_ = _scorer(vocabulary, fitted, calibration)
        self.rule_ = DecisionRule()
        if splits:
            raw = fitted.linear + calibration.shares * fitted.filtered + calibration.shifts
            state, safety, pressure = _circumstances(documents, matches, self.scorer_.cue_ids)
            probabilities = self.scorer_.probabilities(raw)
            self.rule_ = choose_rule(probabilities, targets, mass, state=state, safety=safety, pressure=pressure)
        return self

    def _check_parameters(self) -> None:
        for name, least in (("n_filters", 0), ("epochs", 1), ("folds", 0), ("min_df", 1)):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < least or (name == "folds" and value == 1):
                allowed = "0, or a whole number from 2 on" if name == "folds" else f"a whole number from {least} on"
                raise InputError(f"{name} is {value!r}; allowed: {allowed}")

    def _splits(
        self, targets: HeadTargets, groups: Sequence[Any] | None
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Return the rows to learn from and the rows held out, fold by fold."""
        if not self.folds:
            return []
        n_groups = 0 if groups is None else len(set(groups))
        if n_groups > 1:
            splitter = GroupKFold(min(self.folds, n_groups))
            return list(splitter.split(targets.category, groups=np.asarray(groups)))
        splitter = StratifiedKFold(self.folds, shuffle=True, random_state=self.random_state)
        return list(splitter.split(targets.category, targets.category))

    def _settings(self) -> Settings:
        balance = {head: self.balance_category if head == "category" else self.balance_other for head in HEADS}
        c = {"category": self.c_category, "needs": self.c_needs, "intensity": self.c_intensity, "cause": self.c_cause}
        return Settings(c, balance, self.n_filters, self.epochs, self.random_state)

    def _read(self, texts: Sequence[str]) -> tuple[Documents, CueMatches, NDArray[np.float64]]:
        """Return the texts, their cues and their raw scores."""
        if not hasattr(self, "scorer_"):
            raise NotFittedError("this MotiveClassifier is not fitted yet; call fit(texts, labels) first")
        documents = read_documents(_checked_texts(texts))
        matches = cue_lexicon().match(documents.text, documents.bounds)
        return documents, matches, self.scorer_.document_scores(documents, matches)

    def decision_function(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the raw category scores, shape (n, n_classes), columns as in ``classes_``."""
        return np.asarray(self._read(texts)[2][:, self._columns()])

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return calibrated category probabilities, shape (n, n_classes), columns as in ``classes_``."""
        p = self.predict_all(texts)[0].category[:, self._columns()]
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def predict(self, texts: Sequence[str]) -> NDArray[np.str_]:
        """Return the decided category ids, shape (n,)."""
        decided = self.predict_all(texts)[1].category
        return np.array(list(taxonomy().categories))[decided]

    def predict_all(self, texts: Sequence[str]) -> tuple[Probabilities, Decisions]:
        """Return the calibrated probabilities and decided labels of all heads."""
        documents, matches, scores = self._read(texts)
        probabilities = self.scorer_.probabilities(scores)
        state, safety, pressure = _circumstances(documents, matches, self.scorer_.cue_ids)
        return probabilities, decide(probabilities, self.rule_, state=state, safety=safety, pressure=pressure)

    def predict_labels(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return the labels of all heads as a table with the columns of a labelled file."""
        decided = self.predict_all(texts)[1]
        needs = np.array(["-", "R", "E", "RE"])[decided.rational + 2 * decided.emotional]
        return pd.DataFrame(
            {
                "category": np.array(list(taxonomy().categories))[decided.category],
                "needs": needs,
                "intensity": decided.intensity,
                "cause": np.array([*taxonomy().causes, "-"])[decided.cause],
            }
        )

    def _columns(self) -> list[int]:
        return [list(taxonomy().categories).index(category) for category in self.classes_]

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - the type is scikit-learn's and depends on its version
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags


def _scorer(vocabulary: ZonedVocabulary, fitted: CrossFit, calibration: Calibration) -> Scorer:
    filters, shares = fitted.filters, calibration.shares
    stacked = np.concatenate([fitted.coefficients, filters.coefficients * shares.astype(np.float32)])
    return Scorer(
        vocabulary,
        cue_lexicon().ids,
        filters.bank,
        # Weights are stored in half precision; rounding here makes the fitted model and the stored one equal.
        stacked.astype(np.float16).astype(np.float32),
        fitted.intercepts + shares * filters.intercepts + calibration.shifts,
        calibration.temperatures,
    )


def _circumstances(
    documents: Documents, matches: CueMatches, cue_ids: Sequence[str]
) -> tuple[TextState, NDArray[np.bool_], NDArray[np.bool_]]:
    n = len(documents)
    state = text_states(documents, np.zeros(n, dtype=np.bool_))
    safety, pressure = (cue_flags(matches, cue_ids, wanted, n) for wanted in (SAFETY_CUES, PRESSURE_CUES))
    return state, safety, pressure


def _checked_texts(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise InputError("texts is one text; pass a list of texts")
    listed = list(texts)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(f"row {row}: the text is {text!r} ({type(text).__name__}); a text (str) is needed")
    return listed


def _head_weights(weights: ArrayLike | Mapping[str, ArrayLike] | None, n: int) -> dict[str, NDArray[np.float64]]:
    by_head = weights if isinstance(weights, Mapping) else dict.fromkeys(HEADS, weights)
    if unknown := set(by_head) - set(HEADS):
        raise InputError(f"sample_weight names {', '.join(sorted(unknown))}; allowed: {', '.join(HEADS)}")
    return {head: _weights(by_head.get(head), n, "sample_weight") for head in HEADS}


def _weights(weights: ArrayLike | None, n: int, name: str) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(n)
    out = np.asarray(weights, dtype=np.float64)
    if out.shape != (n,) or not np.isfinite(out).all() or (out < 0).any():
        raise InputError(f"{name} must be {n} finite numbers not below 0, got shape {out.shape}")
    return out
