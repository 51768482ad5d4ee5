"""Evidence: which words of the original text speak for the decided category.

The heads are linear, so the score of a category is its intercept plus one contribution per feature entry. An entry
stands at a place, that of a filter at its strongest window. Words are chosen by what would be lost with all entries
that touch them (the next strongest window of a filter, which would then count, is left aside). Weights are log-odds
of the decided category against the geometric mean of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.contributions import contributions, heaviest_words
from complaint_motive.features.document import Documents
from complaint_motive.features.matrix import FeatureMatrix
from complaint_motive.models.scorer import Scorer

__all__ = ["MAX_SHARE", "Attribution", "Spans", "attribute", "evidence_spans"]

MAX_SHARE = 0.25
"""Largest share of a text's characters that evidence may cover."""

_NEWLINE = 0x0A
_TOO_DEAR = np.iinfo(np.int64).max

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
    characters : ndarray of float64, shape (n_characters + 1,)
        Sum of the contributions of the characters of the joined text before each: every feature's contribution is
        shared out evenly over its range.
    begun, ended : ndarray of float64, shape (n_characters + 2,)
        Sum of the contributions of features whose range begins, or ends, before each character.
    """

    intercept: Floats
    unplaced: Floats
    characters: Floats
    begun: Floats
    ended: Floats


class Spans(NamedTuple):
    """Evidence, text by text, the heaviest span of each first.

    Attributes
    ----------
    indptr : ndarray of int64, shape (n + 1,)
        Spans of text i are ``indptr[i]`` to ``indptr[i + 1]``.
    start, end : ndarray of int64, shape (n_spans,)
        Range in its original.
    weight : ndarray of float64, shape (n_spans,)
        Log-odds.
    """

    indptr: Integers
    start: Integers
    end: Integers
    weight: Floats


def _running(values: Floats) -> Floats:
    """Return the sum before each value, and that of all."""
    return np.concatenate([[0.0], np.cumsum(values)])


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
    if not features.has_places:
        raise ValueError("the feature matrix has no places; build it with feature_matrix(..., places=True)")
    coefficients, intercepts = scorer.contrast
    unplaced, slope, begun, ended = contributions(documents.codes, features.blocks, coefficients, category)
    characters = _running(np.cumsum(slope)[:-1])
    return Attribution(intercepts[category], unplaced, characters, _running(begun), _running(ended))


def _chosen_words(documents: Documents, attribution: Attribution) -> Integers:
    """Return which words are evidence, in text order."""
    first, last = documents.word_bounds[:-1], documents.word_bounds[1:]
    words = np.append(documents.stretches.first, len(first))
    budget = np.floor(documents.lengths * MAX_SHARE)
    # What a word covers in the original, where characters between its own may have been dropped.
    cost = documents.origin_end[last - 1] - documents.origin[first]
    # A break between turns or lines is a feature, but no word that anybody could read.
    cost[documents.codes[first] == _NEWLINE] = _TOO_DEAR
    return heaviest_words(attribution.begun, attribution.ended, words, documents.word_bounds, cost, budget)


def evidence_spans(documents: Documents, attribution: Attribution) -> Spans:
    """Return the evidence of each text.

    Words whose removal would cost the decided category most per character, up to :data:`MAX_SHARE` of the text;
    neighbours are joined.
    """
    chosen = _chosen_words(documents, attribution)
    first, last = documents.word_bounds[chosen], documents.word_bounds[chosen + 1]
    document = np.searchsorted(documents.bounds, first, side="right") - 1
    # Neighbours here may stand apart in the original, with an agent's turn between them.
    touching = documents.origin[first[1:]] == documents.origin_end[last[:-1] - 1]
    apart = (first[1:] != last[:-1]) | (document[1:] != document[:-1]) | ~touching
    opens, closes = np.append(True, apart)[: len(first)], np.append(apart, True)[: len(first)]
    begin, end, document = first[opens], last[closes], document[opens]
    weight = attribution.characters[end] - attribution.characters[begin]
    order = np.lexsort((-weight, document))
    indptr = np.searchsorted(document, np.arange(len(documents) + 1))
    return Spans(indptr, documents.origin[begin[order]], documents.origin_end[end[order] - 1], weight[order])
