"""The headline figures of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.models.costs import CostTable
from complaint_motive.models.decision import SAFETY_CUES
from complaint_motive.models.labelled import LabelledRecord
from complaint_motive.models.metrics import (
    ReliabilityBin,
    bootstrap_macro_f1,
    calibration_error,
    frequent_classes,
    macro_f1,
    quadratic_kappa,
)
from complaint_motive.taxonomy import taxonomy

if TYPE_CHECKING:
    from complaint_motive.analyzer import Analyzer

__all__ = ["Judged", "headline_figures", "judge_records"]

_COVERAGE = 0.8

Labels = NDArray[np.str_]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Records beside what was decided about them.

    Attributes
    ----------
    records : tuple of LabelledRecord, n of them
        Checked records.
    columns : mapping of str to any
        Output columns of the analyzer, without evidence.
    gold, decided : ndarray of str, shape (n,)
        Category ids.
    confidence : ndarray of float64, shape (n,)
        Probability of the decided category.
    review : ndarray of bool, shape (n,)
        Whether a record was sent to review.
    """

    records: tuple[LabelledRecord, ...]
    columns: Mapping[str, Any]
    gold: Labels
    decided: Labels
    confidence: NDArray[np.float64]
    review: Flags

    @property
    def correct(self) -> Flags:
        """Where the decided category is the labelled one; shape (n,)."""
        return np.asarray(self.gold == self.decided)


def judge_records(records: tuple[LabelledRecord, ...], analyzer: Analyzer) -> Judged:
    """Return the records with what the analyzer decides about them."""
    columns = analyzer.columns([record.text for record in records], evidence=False)
    decided = np.array(columns["category"])
    proba = {category: np.asarray(columns[f"p_{category}"]) for category in taxonomy().categories}
    confidence = np.array([proba[category][k] for k, category in enumerate(decided)])
    gold = np.array([record.category for record in records])
    return Judged(records, columns, gold, decided, confidence, np.asarray(columns["needs_review"], dtype=np.bool_))


def _motive_figures(judged: Judged) -> dict[str, float | int | None]:
    parent = taxonomy().motive_of
    gold, decided = np.array([parent(c) for c in judged.gold]), np.array(judged.columns["motive"])
    was, said = gold == "scheming", decided == "scheming"
    hit = int((was & said).sum())
    return {
        "motive_macro_f1": macro_f1(gold, decided, frequent_classes(gold)),
        "scheming_precision": hit / int(said.sum()) if said.any() else None,
        "scheming_recall": hit / int(was.sum()) if was.any() else None,
        "scheming_said": int(said.sum()),
        "scheming_gold": int(was.sum()),
    }


def _needs_f1(judged: Judged) -> float | None:
    """Return the mean over both needs of the macro-F1 of yes/no; records of category none are left out."""
    rows = [k for k, r in enumerate(judged.records) if r.needs and r.category != "none"]
    if not rows:
        return None
    pairs = (("R", "need_rational"), ("E", "need_emotional"))
    scores = [
        macro_f1(
            np.array([letter in (judged.records[k].needs or "") for k in rows]),
            np.asarray(judged.columns[column])[rows] >= 0.5,
        )
        for letter, column in pairs
    ]
    return float(np.mean(scores))


def _other_heads(judged: Judged) -> dict[str, float | int | None]:
    levels = [(r.intensity, int(judged.columns["intensity"][k])) for k, r in enumerate(judged.records)]
    known = [(gold, decided) for gold, decided in levels if gold is not None]
    causes = [
        (r.cause, judged.columns["cause"][k] or "")
        for k, r in enumerate(judged.records)
        if r.cause not in (None, "-") and r.category != "none"
    ]
    gold, decided = np.array([g for g, _ in causes], dtype=str), np.array([d for _, d in causes], dtype=str)
    return {
        "needs_f1": _needs_f1(judged),
        "intensity_qwk": quadratic_kappa([g for g, _ in known], [d for _, d in known]) if known else None,
        "cause_macro_f1": macro_f1(gold, decided, list(taxonomy().causes)) if causes else None,
    }


def _gold_cues(record: LabelledRecord) -> set[str]:
    """Return the cue ids of the optional column ``cues``: a list, or a text with commas or spaces."""
    given = record.columns.get("cues") or ()
    return set(given.replace(",", " ").split() if isinstance(given, str) else given)


def _missed_safety(judged: Judged) -> list[bool]:
    found = [{hit["cue"] for hit in hits if not hit["negated"]} for hits in judged.columns["cues"]]
    return [bool(_gold_cues(record) & SAFETY_CUES - cues) for record, cues in zip(judged.records, found, strict=True)]


def _cost_figures(judged: Judged, costs: CostTable) -> dict[str, float | int | None]:
    triples = zip(judged.gold.tolist(), judged.decided.tolist(), judged.review.tolist(), strict=True)
    mistakes = sum(costs.record(gold, decided, reviewed=review) for gold, decided, review in triples)
    labelled = any("cues" in record.columns for record in judged.records)
    missed = sum(_missed_safety(judged)) if labelled else 0
    return {
        "cost": (mistakes + missed * costs.safety_cue) / len(judged.records),
        "missed_safety_cues": missed if labelled else None,
    }


def headline_figures(judged: Judged, bins: Sequence[ReliabilityBin], costs: CostTable) -> dict[str, float | int | None]:
    """Return the headline figures; None where the labels for one are missing.

    Parameters
    ----------
    judged : Judged
        Records and decisions.
    bins : sequence of ReliabilityBin
        Their reliability.
    costs : CostTable
        What mistakes cost.
    """
    labels, correct, review = frequent_classes(judged.gold), judged.correct, judged.review
    low, high = bootstrap_macro_f1(judged.gold, judged.decided, labels)
    confident = np.argsort(-judged.confidence, kind="stable")[: max(int(_COVERAGE * len(correct)), 1)]
    return {
        "n": len(correct),
        "classes": len(labels),
        "category_macro_f1": macro_f1(judged.gold, judged.decided, labels),
        "category_macro_f1_low": low,
        "category_macro_f1_high": high,
        "category_accuracy": float(correct.mean()),
        **_motive_figures(judged),
        **_other_heads(judged),
        "ece": calibration_error(bins),
        "accuracy_at_80": float(correct[confident].mean()),
        "review_share": float(review.mean()),
        "accuracy_unreviewed": float(correct[~review].mean()) if not review.all() else None,
        **_cost_figures(judged, costs),
    }
