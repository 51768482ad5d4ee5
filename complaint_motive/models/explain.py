"""Evidence: which words of the original text speak for the decided category.

The heads are linear, so the score of a category is its intercept plus one contribution per feature entry. An entry
stands at a place, that of a filter at its strongest window. Words are chosen by what would be lost with all entries
that touch them (the next strongest window of a filter, which would then count, is left aside). Weights are log-odds
of the decided category against the geometric mean of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.document import Documents
from complaint_motive.features.matrix import FeatureMatrix
from complaint_motive.models.scorer import Scorer

__all__ = ["MAX_SHARE", "Attribution", "attribute", "evidence_spans"]

MAX_SHARE = 0.25
"""Largest share of a text's characters that evidence may cover."""

_NEWLINE = 0x0A

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Attribution:
    """The score of the decided category of each text, taken apart.

    Attributes
    ----------
    intercept : ndarray of float64, shape (n,)
        Log-odds without any feature.
    unplaced : ndarray of float64, shape (n,)
        Contributions of features that stand nowhere in particular (length, punctuation counts).
    characters : ndarray of float64, shape (n_characters,)
        Contribution of each character of the joined text: every entry shared out evenly over its range.
    start, end : ndarray of int64, shape (n_entries,)
        Range of each placed entry.
    contribution : ndarray of float64, shape (n_entries,)
        Contribution of each placed entry.
    """

    intercept: Floats
    unplaced: Floats
    characters: Floats
    start: Integers
    end: Integers
    contribution: Floats


def _exact(values: Floats) -> Floats:
    """Return the values as multiples of 2 ** -30: their running sums are exact, so no text depends on its batch."""
    return np.asarray(np.rint(values * 2.0**30) * 2.0**-30)


def attribute(scorer: Scorer, documents: Documents, features: FeatureMatrix, category: Integers) -> Attribution:
    """Return the decided category's log-odds, taken apart.

    Parameters
    ----------
    scorer : Scorer
        The model.
    documents : Documents
        The batch.
    features : FeatureMatrix
        Its features with places.
    category : ndarray of int64, shape (n,)
        Decided category of each text.

    Raises
    ------
    ValueError
        If `features` was built without places.
    """
    if features.start is None or features.end is None:
        raise ValueError("the feature matrix has no places; build it with feature_matrix(..., places=True)")
    coefficients, intercepts = scorer.contrast
    matrix = features.matrix
    row = np.repeat(np.arange(len(documents)), np.diff(matrix.indptr))
    contribution = matrix.data * coefficients[category[row], matrix.indices]
    placed = features.end > features.start
    start, end, share = features.start[placed], features.end[placed], _exact(contribution[placed])
    per_character = _exact(share / (end - start))
    size = len(documents.codes) + 1
    slope = np.bincount(start, weights=per_character, minlength=size) - np.bincount(
        end, weights=per_character, minlength=size
    )
    return Attribution(
        intercept=intercepts[category],
        unplaced=np.bincount(row[~placed], contribution[~placed], len(documents)).astype(np.float64),
        characters=np.cumsum(slope)[:-1],
        start=start,
        end=end,
        contribution=share,
    )


def _loss_if_blanked(attribution: Attribution, first: Integers, last: Integers, size: int) -> Floats:
    """Return the sum of the contributions that touch each range [first, last)."""
    begun = np.concatenate([[0.0], np.cumsum(np.bincount(attribution.start, attribution.contribution, size))])
    ended = np.concatenate([[0.0], np.cumsum(np.bincount(attribution.end, attribution.contribution, size))])
    return np.asarray(begun[last] - ended[first + 1])


def _chosen_words(documents: Documents, attribution: Attribution) -> tuple[Integers, Integers, Integers]:
    """Return document, start and end of the words that are evidence, in text order."""
    first, last, document = documents.word_bounds[:-1], documents.word_bounds[1:], documents.word_documents
    loss = _loss_if_blanked(attribution, first, last, len(documents.codes) + 1)
    budget = np.floor(documents.lengths * MAX_SHARE)
    # What a word covers in the original, where characters between its own may have been dropped.
    cost = documents.origin_end[last - 1] - documents.origin[first]
    # A break between turns or lines is a feature, but no word that anybody could read.
    readable = documents.codes[first] != _NEWLINE
    able = np.flatnonzero(readable & (loss > 1e-9) & (cost <= budget[document]))
    order = able[np.lexsort((first[able], -loss[able] / (last - first)[able], document[able]))]
    used = np.cumsum(cost[order])
    before = np.searchsorted(document[order], document[order])
    within = used - np.where(before > 0, used[before - 1], 0) <= budget[document[order]]
    chosen = np.sort(order[within])
    return document[chosen], first[chosen], last[chosen]


def evidence_spans(documents: Documents, attribution: Attribution) -> list[list[tuple[int, int, float]]]:
    """Return the evidence of each text: (start, end, weight) in its original, heaviest first.

    Words whose removal would cost the decided category most per character, up to :data:`MAX_SHARE` of the text;
    neighbours are joined.
    """
    spans: list[list[tuple[int, int, float]]] = [[] for _ in range(len(documents))]
    total = np.concatenate([[0.0], np.cumsum(attribution.characters)])
    document, first, last = _chosen_words(documents, attribution)
    if not len(document):
        return spans
    # Neighbours here may stand apart in the original, with an agent's turn between them.
    touching = documents.origin[first[1:]] == documents.origin_end[last[:-1] - 1]
    joined = np.concatenate([[False], (first[1:] == last[:-1]) & (document[1:] == document[:-1]) & touching])
    opens = np.flatnonzero(~joined)
    closes = np.concatenate([opens[1:], [len(first)]]) - 1
    begin, end = first[opens], last[closes]
    columns = (document[opens], documents.origin[begin], documents.origin_end[end - 1], total[end] - total[begin])
    for d, *span in zip(*(column.tolist() for column in columns), strict=True):
        spans[d].append((span[0], span[1], span[2]))
    for found in spans:
        found.sort(key=lambda span: (-span[2], span[0]))
    return spans
