"""How well an analyzer does on labelled complaints: figures, tables, slices, costs and the gravest mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from complaint_motive.errors import InputError
from complaint_motive.models.costs import CostTable, default_costs
from complaint_motive.models.figures import Judged, headline_figures, judge_records
from complaint_motive.models.labelled import LabelledRecord, check_records
from complaint_motive.models.metrics import CoveragePoint, ReliabilityBin, coverage_points, reliability_bins
from complaint_motive.models.slices import Slice, find_slices, length_band
from complaint_motive.taxonomy import taxonomy

if TYPE_CHECKING:
    from complaint_motive.analyzer import Analyzer

__all__ = ["ClassRow", "Evaluation", "Mistake", "evaluate"]

_MISTAKES = 20


@dataclass(frozen=True, slots=True)
class ClassRow:
    """Precision, recall, F1 and number of gold records of one category."""

    category: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """A record decided wrongly.

    Attributes
    ----------
    row : int
        Number of the record, from 1.
    text : str
        The complaint, personal data masked.
    gold, decided : str
        Category ids.
    confidence : float
        Probability of the decided category.
    reviewed : bool
        Whether it was sent to review.
    cost : float
        What the mistake costs.
    evidence : tuple of str
        Spans that spoke for the decided category, heaviest first.
    """

    row: int
    text: str
    gold: str
    decided: str
    confidence: float
    reviewed: bool
    cost: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """Result of :func:`evaluate`.

    Attributes
    ----------
    figures : mapping of str to float, int or None
        Headline figures; None where the labels for one are missing. ``classes`` is the number of categories with at
        least 8 gold records, over which macro-F1 is taken; ``_low`` and ``_high`` are its 95 % bootstrap interval;
        ``ece`` is over 15 bins; ``accuracy_at_80`` is that of the 80 % most confident records; ``cost`` is the mean
        cost of a record.
    classes : tuple of ClassRow
        One row per category, in taxonomy order.
    confusion : tuple of tuple of int
        Records by gold (rows) and decided category (columns), in taxonomy order.
    reliability : tuple of ReliabilityBin
        Confidence against accuracy.
    coverage : tuple of CoveragePoint
        Accuracy over coverage.
    slices : tuple of Slice
        The figures within groups of records.
    mistakes : tuple of Mistake
        The most confident mistakes first, at most twenty.
    model_digest : str
        Digest of the model.
    """

    figures: Mapping[str, float | int | None]
    classes: tuple[ClassRow, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]
    coverage: tuple[CoveragePoint, ...]
    slices: tuple[Slice, ...]
    mistakes: tuple[Mistake, ...]
    model_digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        lists = ("classes", "reliability", "coverage", "slices", "mistakes")
        plain: dict[str, Any] = {name: [asdict(row) for row in getattr(self, name)] for name in lists}
        for mistake in plain["mistakes"]:
            mistake["evidence"] = list(mistake["evidence"])
        return {
            "figures": dict(self.figures),
            "confusion": {"labels": list(taxonomy().categories), "counts": [list(row) for row in self.confusion]},
            **plain,
            "model_digest": self.model_digest,
        }

    def _repr_html_(self) -> str:
        from complaint_motive.report.evaluation_html import evaluation_fragment

        return evaluation_fragment(self)


def _class_rows(judged: Judged, categories: Sequence[str]) -> tuple[ClassRow, ...]:
    from sklearn.metrics import precision_recall_fscore_support

    scores = precision_recall_fscore_support(judged.gold, judged.decided, labels=categories, zero_division=0)
    rows = zip(categories, *(column.tolist() for column in scores), strict=True)
    return tuple(ClassRow(name, float(p), float(r), float(f), int(n)) for name, p, r, f, n in rows)


def _mistakes(judged: Judged, analyzer: Analyzer, costs: CostTable) -> tuple[Mistake, ...]:
    order = np.argsort(-judged.confidence, kind="stable")
    rows = [int(k) for k in order if not judged.correct[k]][:_MISTAKES]
    found = analyzer.analyze_many([judged.records[k].text for k in rows])
    return tuple(
        Mistake(
            row=k + 1,
            text=analyzer.mask(judged.records[k].text),
            gold=str(judged.gold[k]),
            decided=str(judged.decided[k]),
            confidence=float(judged.confidence[k]),
            reviewed=bool(judged.review[k]),
            cost=costs.mistake(str(judged.gold[k]), str(judged.decided[k])),
            evidence=tuple(span.text for span in analysis.evidence),
        )
        for k, analysis in zip(rows, found, strict=True)
    )


def _groups(records: Sequence[LabelledRecord], by: Sequence[str]) -> dict[str, list[str]]:
    """Return the group of every record under each column, and under the length of its text.

    Raises
    ------
    InputError
        If no record has one of the columns.
    """
    present = dict.fromkeys(name for record in records for name in record.columns)
    groups = {"length": [length_band(record.text) for record in records]}
    for name in by:
        if name in present:
            groups[name] = [str(record.columns.get(name, "")) for record in records]
        elif name != "length":
            allowed = ", ".join(map(repr, dict.fromkeys([*present, "length"])))
            raise InputError(f"slices by {name!r}: no record has this column; allowed: {allowed}")
    return groups


def evaluate(
    records: Iterable[Mapping[str, Any] | LabelledRecord],
    analyzer: Analyzer,
    *,
    by: Sequence[str] = (),
    costs: CostTable | None = None,
) -> Evaluation:
    """Return how well an analyzer does on labelled complaints.

    Parameters
    ----------
    records : iterable of mapping or LabelledRecord
        Rows with ``text``, ``category`` and optionally ``secondary``, ``needs`` (R, E, RE, -), ``intensity``, ``cause``
        and other columns; of a DataFrame, ``frame.to_dict("records")``. A column ``cues`` with cue ids lets missed
        safety cues be counted.
    analyzer : Analyzer
        From :func:`complaint_motive.load`.
    by : sequence of str, optional
        Columns to slice by; the length of the text always is.
    costs : CostTable, optional
        What mistakes cost; :func:`~complaint_motive.models.costs.default_costs` by default.

    Raises
    ------
    InputError
        If there is no record, a value is not allowed, or a column of `by` is missing.

    Examples
    --------
    >>> from complaint_motive.analyzer import load
    >>> evaluate([{"text": "多扣的三十块退给我", "category": "redress"}], load()).figures["category_accuracy"]
    1.0
    """
    checked = check_records(records)
    if not checked:
        raise InputError("there is no record to evaluate; give at least one")
    costs = costs or default_costs()
    groups = _groups(checked, by)
    judged = judge_records(checked, analyzer)
    categories = list(taxonomy().categories)
    bins = reliability_bins(judged.confidence, judged.correct)
    place = {category: k for k, category in enumerate(categories)}
    confusion = np.zeros((len(categories), len(categories)), dtype=np.int64)
    np.add.at(confusion, ([place[c] for c in judged.gold], [place[c] for c in judged.decided]), 1)
    return Evaluation(
        figures=headline_figures(judged, bins, costs),
        classes=_class_rows(judged, categories),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        reliability=bins,
        coverage=coverage_points(judged.confidence, judged.correct),
        slices=find_slices(groups, judged.gold, judged.decided, judged.confidence, judged.review),
        mistakes=_mistakes(judged, analyzer, costs),
        model_digest=analyzer.model_digest,
    )
