"""The estimator's contract, which scikit-learn's own checks skip for estimators of texts."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from complaint_motive import Analyzer, MotiveClassifier
from complaint_motive.errors import InputError
from complaint_motive.models.artifact import load_model, save_model
from complaint_motive.models.scorer import HEADS
from complaint_motive.strategy import strategy_book
from complaint_motive.taxonomy import taxonomy

METHODS = ["predict", "predict_proba", "decision_function", "predict_all", "predict_labels"]


def small(**parameters) -> MotiveClassifier:
    return MotiveClassifier(**{"min_df": 1, "folds": 0} | parameters)


@pytest.fixture(scope="module")
def texts(labelled):
    return labelled["text"].tolist()


@pytest.fixture(scope="module")
def categories(labelled):
    return labelled["category"].tolist()


@pytest.fixture(scope="module")
def fitted(texts, categories):
    return small().fit(texts, categories)


def same(a: MotiveClassifier, b: MotiveClassifier) -> bool:
    arrays = [(getattr(a.scorer_, n), getattr(b.scorer_, n)) for n in ("coefficients", "intercepts", "temperatures")]
    return a.rule_ == b.rule_ and a.scorer_.vocabulary.names() == b.scorer_.vocabulary.names() and all(
        (x == y).all() for x, y in arrays
    )  # fmt: skip


def test_parameters_are_kept_as_given_and_can_be_set():
    estimator = MotiveClassifier(c_category=3.5)
    assert estimator.get_params()["c_category"] == 3.5
    assert estimator.set_params(min_df=2) is estimator
    assert estimator.min_df == 2
    assert set(vars(MotiveClassifier())) == set(MotiveClassifier().get_params())
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        estimator.set_params(depth=3)


def test_a_clone_has_the_parameters_and_nothing_learned(fitted):
    copy = clone(fitted.set_params(c_category=20.0))
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "scorer_")
    assert is_classifier(copy)


@pytest.mark.parametrize("method", METHODS)
def test_an_unfitted_estimator_says_so(method):
    with pytest.raises(NotFittedError, match="not fitted yet; call fit"):
        getattr(MotiveClassifier(), method)(["要求退款"])


def test_fit_returns_the_estimator_and_sets_what_is_promised(texts, categories):
    estimator = small()
    assert estimator.fit(texts, categories) is estimator
    assert estimator.classes_.tolist() == sorted(set(categories))
    assert estimator.n_features_in_ == 1


def test_fitting_again_forgets_the_first_time(texts, categories, fitted):
    estimator = small(folds=2).fit(texts[:20], ["redress", "scolding"] * 10)
    estimator.set_params(folds=0).fit(texts, categories)
    assert same(estimator, fitted)
    assert set(vars(estimator)) == set(vars(fitted))


def test_fitting_is_deterministic(texts, labelled):
    labels = labelled.drop(columns="text")
    assert same(small(folds=2).fit(texts, labels), small(folds=2).fit(texts, labels))


CONTAINERS = [
    ("tuple", tuple),
    ("object array", lambda values: np.array(values, dtype=object)),
    ("text array", np.array),
    ("Series", pd.Series),
    ("Series with an index of its own", lambda values: pd.Series(values, index=range(900, 900 + len(values)))),
]


@pytest.mark.parametrize("box", [row[1] for row in CONTAINERS], ids=[row[0] for row in CONTAINERS])
def test_lists_arrays_and_series_are_the_same(box, texts, categories, fitted):
    other = small().fit(box(texts), box(categories))
    assert same(other, fitted)
    assert other.predict(box(texts)).tolist() == fitted.predict(texts).tolist()


def test_input_is_not_changed(texts, labelled):
    before_texts, before_labels = list(texts), labelled.copy(deep=True)
    weights = np.ones(len(texts))
    estimator = small(folds=2).fit(texts, labelled, sample_weight=weights, calibration_weight=weights)
    estimator.predict(texts)
    assert texts == before_texts
    pd.testing.assert_frame_equal(labelled, before_labels)
    assert (weights == 1).all()


def test_a_pickled_estimator_predicts_the_same(tiny, texts):
    copy = pickle.loads(pickle.dumps(tiny))
    assert (copy.predict_proba(texts) == tiny.predict_proba(texts)).all()
    pickle.dumps(MotiveClassifier())


def test_predictions_have_the_promised_shapes(tiny, texts):
    n = len(texts)
    proba = tiny.predict_proba(texts)
    assert proba.shape == tiny.decision_function(texts).shape == (n, len(tiny.classes_))
    assert proba.sum(axis=1) == pytest.approx(1)
    assert tiny.predict(texts).shape == (n,)
    assert tiny.predict([]).shape == (0,)
    labels = tiny.predict_labels(texts)
    assert labels.columns.tolist() == ["category", "needs", "intensity", "cause"]
    assert set(labels["needs"]) <= {"R", "E", "RE", "-"}
    assert ((labels["category"] == "none") == (labels["needs"] == "-")).all()
    assert ((labels["category"] == "none") == (labels["cause"] == "-")).all()


def test_a_small_model_knows_its_own_texts(fitted, texts, categories):
    assert fitted.score(texts, categories) > 0.85


def test_grid_search_works_with_categories(texts, categories):
    search = GridSearchCV(small(), {"c_category": [1.0, 20.0]}, cv=2, error_score="raise").fit(texts, categories)
    assert search.best_params_["c_category"] in (1.0, 20.0)
    assert search.predict(["要求退款"]).tolist() == ["redress"]


def test_scorers_of_probabilities_and_pipelines_work(texts, categories):
    scores = cross_val_score(small(), texts, categories, cv=2, scoring="neg_log_loss", error_score="raise")
    assert np.isfinite(scores).all()
    cleaned = make_pipeline(FunctionTransformer(lambda rows: [row.strip() for row in rows]), small())
    assert cleaned.fit(texts, categories).predict(["要求退款"]).tolist() == ["redress"]


def test_two_classes_are_enough(texts):
    estimator = small(folds=2).fit(texts, ["redress", "none"] * (len(texts) // 2))
    assert set(estimator.predict(texts)) <= {"redress", "none"}
    assert estimator.predict_proba(texts).shape == (len(texts), 2)


def test_one_class_is_enough(texts):
    estimator = small().fit(texts, ["scolding"] * len(texts))
    assert set(estimator.predict(texts)) == {"scolding"}


def test_heads_without_labels_are_left_out(texts, labelled, fitted):
    only = small().fit(texts, labelled[["category"]])
    assert same(only, fitted)
    assert not only.scorer_.coefficients[:, HEADS["cause"]].any()
    assert small().fit(texts, labelled).scorer_.coefficients[:, HEADS["cause"]].any()


def test_blank_cells_leave_a_row_out_of_that_head_only(texts, labelled):
    partial = labelled.copy()
    partial["cause"] = partial["cause"].where(partial.index % 2 == 0, None)
    partial["intensity"] = partial["intensity"].astype(float).where(partial.index % 3 > 0, np.nan)
    partial["needs"] = partial["needs"].where(partial.index % 2 == 0, "")
    estimator = small(n_filters=0).fit(texts, partial)  # filters are shared by the heads
    full = small(n_filters=0).fit(texts, labelled).scorer_
    category = HEADS["category"]
    assert (estimator.scorer_.coefficients[:, category] == full.coefficients[:, category]).all()
    for head in ("needs", "intensity", "cause"):
        assert (estimator.scorer_.coefficients[:, HEADS[head]] != full.coefficients[:, HEADS[head]]).any()


def test_weight_nil_is_as_good_as_absent(texts, categories):
    estimator = small(balance_category=0.0)
    weighted = estimator.fit(texts, categories, sample_weight=[1.0] * 30 + [0.0] * 10)
    assert "none" not in set(weighted.predict(texts[:30]))


def test_groups_stay_together(texts, labelled):
    groups = [k % 2 for k in range(len(texts))]
    assert not same(small(folds=2).fit(texts, labelled, groups=groups), small(folds=2).fit(texts, labelled))


REFUSED = [
    ("one text", "要求退款", ["redress"], {}, "texts is one text; pass a list of texts"),
    ("a number", ["要求退款", 7], ["redress"] * 2, {}, r"row 1: the text is 7 \(int\); a text \(str\) is needed"),
    ("None", [None], ["redress"], {}, r"row 0: the text is None"),
    ("bytes", [b"abc"], ["redress"], {}, r"row 0: the text is b'abc' \(bytes\)"),
    ("too few labels", ["a", "b"], ["redress"], {}, "2 texts but 1 labels; they must be equally many"),
    ("unknown category", ["a", "b"], ["redress", "revenge"], {},
     "row 1: column 'category' is 'revenge'; allowed: improvement, recognition"),
    ("missing category", ["a", "b"], ["redress", None], {}, "row 1: column 'category' is empty"),
    ("blank category", ["a"], [""], {}, "row 0: column 'category' is empty"),
    ("no category column", ["a"], pd.DataFrame({"cause": ["price"]}), {}, "no column 'category'; columns: cause"),
    ("unknown cause", ["a"], pd.DataFrame({"category": ["redress"], "cause": ["weather"]}), {},
     "row 0: column 'cause' is 'weather'; allowed: quality, service, price, integrity, -"),
    ("unknown needs", ["a"], pd.DataFrame({"category": ["redress"], "needs": ["X"]}), {},
     "row 0: column 'needs' is 'X'; allowed: R, E, RE, -"),
    ("intensity 4", ["a"], pd.DataFrame({"category": ["redress"], "intensity": [4]}), {},
     "row 0: column 'intensity' is 4; allowed: 0, 1, 2, 3"),
    ("intensity true", ["a"], pd.DataFrame({"category": ["redress"], "intensity": [True]}), {},
     "row 0: column 'intensity' is True"),
    ("negative weight", ["a"], ["redress"], {"sample_weight": [-1]},
     "sample_weight must be 1 finite numbers not below"),
    ("weights too few", ["a", "b"], ["redress"] * 2, {"sample_weight": [1]}, "sample_weight must be 2 finite numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("x", "y", "options", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_unusable_input_is_refused_by_row_and_column(x, y, options, message):
    with pytest.raises(InputError, match=message):
        small().fit(x, y, **options)


def test_predict_refuses_what_is_no_text(fitted):
    with pytest.raises(InputError, match="row 1: the text is nan"):
        fitted.predict(["好", float("nan")])
    with pytest.raises(InputError, match="texts is one text"):
        fitted.predict("要求退款")


def test_all_labels_of_the_taxonomy_can_be_learned(tiny):
    assert set(tiny.classes_) == set(taxonomy().categories)


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        ({"n_filters": -1}, "n_filters is -1; allowed: a whole number from 0 on"),
        ({"n_filters": 2.5}, "n_filters is 2.5"),
        ({"epochs": 0}, "epochs is 0; allowed: a whole number from 1 on"),
        ({"folds": 1}, "folds is 1; allowed: 0, or a whole number from 2 on"),
        ({"min_df": 0}, "min_df is 0"),
    ],
)
def test_parameters_out_of_range_are_refused(texts, categories, wrong, allowed):
    with pytest.raises(InputError, match=allowed):
        small(**wrong).fit(texts, categories)


def test_rows_for_calibration_are_needed(texts, categories):
    with pytest.raises(InputError, match="calibration_weight is 0 in all rows"):
        small(folds=2).fit(texts, categories, calibration_weight=np.zeros(len(texts)))


def test_a_model_without_filters_is_stored_and_read(texts, labelled, tmp_path):
    estimator = small(n_filters=0).fit(texts, labelled)
    save_model(tmp_path, estimator.scorer_, estimator.rule_, {}, "")
    scorer = load_model(tmp_path).scorer
    assert len(scorer.filters) == 0
    assert (scorer.coefficients == estimator.scorer_.coefficients).all()
    found = Analyzer(load_model(tmp_path), strategy_book()).columns(texts[:4], evidence=True)
    assert found["category"] == estimator.predict(texts[:4]).tolist()


def test_a_class_with_weight_nil_only_is_never_decided(texts, categories):
    weight = [0.0 if category == "none" else 1.0 for category in categories]
    assert "none" not in set(small(n_filters=0).fit(texts, categories, sample_weight=weight).predict(texts))
