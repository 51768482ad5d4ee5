"""The one matrix that all heads read: n-grams, then cues, then the shape of the text, then convolution filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.blocks import Block, Occurrences, side_by_side
from complaint_motive.features.cues import CueMatches
from complaint_motive.features.document import Documents, count_by_document
from complaint_motive.features.feature_sums import feature_sums, weighed_blocks
from complaint_motive.features.filters import WIDTHS, FilterBank
from complaint_motive.features.zones import ZonedVocabulary

__all__ = ["SHAPE_NAMES", "FeatureMatrix", "feature_matrix", "feature_names", "matrix_product", "placed_product"]

SHAPE_NAMES = ("length", "exclamations", "questions", "ellipses", "digits", "lines", "turns")
_MARKS = {"exclamations": "!", "questions": "?", "ellipses": "…", "lines": "\n"}
_SHAPES = (*_MARKS, "digits")
_CUE_WEIGHT, _SHAPE_WEIGHT = 0.1, 0.3
"""Small values make coefficients dear: cues and shape add to the words but do not outweigh them across authors."""


@dataclass(frozen=True, eq=False)
class FeatureMatrix:
    """Features of a batch.

    Attributes
    ----------
    blocks : list of Block
        n-grams, cues that stand, cues that are negated, shape, filters; shape stands at (0, 0). A row may hold a
        column twice.
    n_features : int
        Number of columns.
    """

    blocks: list[Block]
    n_features: int

    @cached_property
    def occurrences(self) -> Occurrences:
        """The features as one matrix, with the range of each entry where places were asked for."""
        return side_by_side(self.blocks, self.n_features)

    @property
    def matrix(self) -> sparse.csr_matrix:
        """The features as a csr_matrix of float32, shape (n_documents, n_features)."""
        return self.occurrences.matrix

    @property
    def has_places(self) -> bool:
        """Whether it is known where each feature stands."""
        return any(block.start is not None for block in self.blocks)


def feature_names(vocabulary: ZonedVocabulary, cue_ids: tuple[str, ...], n_filters: int) -> list[str]:
    """Return a name for every column of the matrix; that of a filter tells its width and number."""
    cues = [f"cue:{cue}" for cue in cue_ids]
    shape = (f"shape:{s}" for s in SHAPE_NAMES)
    filters = (f"filter:{width}:{k}" for width in WIDTHS for k in range(n_filters // len(WIDTHS)))
    return [*vocabulary.names(), *cues, *(f"{cue}:negated" for cue in cues), *shape, *filters]


def _cue_block(matches: CueMatches, n_documents: int, offset: int) -> Block:
    """Return presence of each cue, shared out evenly among its hits; one entry for each hit, in their order."""
    column = matches.cue + matches.n_cues * matches.negated
    cell = matches.document * (2 * matches.n_cues) + column
    share = _CUE_WEIGHT / np.bincount(cell, minlength=1)[cell] if len(cell) else np.zeros(0)
    indptr = np.searchsorted(matches.document, np.arange(n_documents + 1))
    return Block((column + offset).astype(np.int32), share.astype(np.float32), indptr, matches.start, matches.end)


@lru_cache(maxsize=1)
def _shape_kinds() -> NDArray[np.uint8]:
    """Return which of the shapes each character counts for."""
    kinds = np.full(0x80 + ord("…"), len(_SHAPES), dtype=np.uint8)
    for name, characters in {**_MARKS, "digits": "0123456789"}.items():
        kinds[[ord(character) for character in characters]] = _SHAPES.index(name)
    return kinds


def _shape_block(documents: Documents, offset: int) -> Block:
    """Return length, punctuation and layout, each scaled to about [0, 1]."""
    counts = count_by_document(documents.codes, documents.bounds, _shape_kinds(), len(_SHAPES)).astype(np.float64)
    columns = {name: np.minimum(counts[:, k], 6) / 6 for k, name in enumerate(_MARKS)}
    columns["length"] = np.log1p(documents.lengths) / 7
    columns["digits"] = counts[:, _SHAPES.index("digits")] / np.maximum(documents.lengths, 1)
    columns["turns"] = documents.attributed.astype(np.float64)
    stacked = np.stack([columns[name] for name in SHAPE_NAMES], axis=1).astype(np.float32)
    row, column = np.nonzero(stacked)
    indptr = np.searchsorted(row, np.arange(len(documents) + 1))
    nowhere = np.zeros(len(row), dtype=np.int64)
    values = (_SHAPE_WEIGHT * stacked)[row, column]
    return Block((column + offset).astype(np.int32), values, indptr, nowhere, nowhere)


def feature_matrix(
    documents: Documents, vocabulary: ZonedVocabulary, filters: FilterBank, matches: CueMatches, *, places: bool = False
) -> FeatureMatrix:
    """Return the features of a batch.

    Parameters
    ----------
    documents : Documents
        The batch.
    vocabulary : ZonedVocabulary
        Known n-grams.
    filters : FilterBank
        Learned filters.
    matches : CueMatches
        Cue hits of the same batch.
    places : bool, default False
        Also return where each entry stands; needed for explanations only.
    """
    offset = len(vocabulary) + 2 * matches.n_cues + len(SHAPE_NAMES)
    text, zones = (documents.codes, documents.word_bounds), vocabulary.lookups(documents)
    blocks = [
        *chain.from_iterable(weighed_blocks(*text, zone, places=places) for zone in zones),
        *_others(documents, len(vocabulary), matches, places=places),
        filters.block(zones[0].words, documents.word_bounds, offset, places=places),
    ]
    return FeatureMatrix(blocks, offset + len(filters))


def matrix_product(
    documents: Documents,
    vocabulary: ZonedVocabulary,
    filters: FilterBank,
    matches: CueMatches,
    coefficients: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the matrix of :func:`feature_matrix` times coefficients, where nothing else is wanted.

    Parameters
    ----------
    documents, vocabulary, filters, matches
        As for :func:`feature_matrix`.
    coefficients : ndarray of float32, shape (n_features, n_outputs)
        One row for each feature.
    """
    others, zones = _others(documents, len(vocabulary), matches, places=False), vocabulary.lookups(documents)
    responses = filters.responses(zones[0].words).values
    return feature_sums(documents.codes, documents.word_bounds, zones, others, responses, coefficients)


def placed_product(
    documents: Documents, features: FeatureMatrix, coefficients: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the matrix of some features times coefficients, as :func:`matrix_product` without their features."""
    nothing = np.zeros((len(documents), 0), dtype=np.float32)
    return feature_sums(documents.codes, documents.word_bounds, [], features.blocks, nothing, coefficients)


def _others(documents: Documents, offset: int, matches: CueMatches, *, places: bool) -> list[Block]:
    """Return the features that are neither n-grams nor filters."""
    blocks = [
        _cue_block(matches, len(documents), offset),
        _shape_block(documents, offset + 2 * matches.n_cues),
    ]
    return blocks if places else [block._replace(start=None, end=None) for block in blocks]
