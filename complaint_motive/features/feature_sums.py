"""Weighted sums over the features of each document, for which no matrix need be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.blocks import Block, side_by_side, split_blocks
from complaint_motive.features.compiled import accelerated
from complaint_motive.features.document import Stretches
from complaint_motive.features.filters import response_block
from complaint_motive.features.ngram_entries import Lookup, ngram_entries

__all__ = ["ZoneLookup", "feature_sums", "weighed_blocks"]


class ZoneLookup(NamedTuple):
    """The n-grams of a zone.

    Attributes
    ----------
    stretches : Stretches
        Where the zone stands in each document.
    lookup : Lookup
        Its vocabulary.
    weight : float32
        Its values are multiplied by this.
    offset : int
        Its first column.
    """

    stretches: Stretches
    lookup: Lookup
    weight: np.float32
    offset: int


def weighed_blocks(
    codes: NDArray[np.uint32],
    word_bounds: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    zone: ZoneLookup,
    *,
    places: bool = False,
) -> list[Block]:
    """Return the n-grams of a zone in blocks, weighed and in their columns.

    Parameters
    ----------
    codes, word_bounds, hashes, places
        As for :func:`~complaint_motive.features.ngram_entries.ngram_entries`.
    zone : ZoneLookup
        The zone.
    """
    entries = ngram_entries(codes, word_bounds, hashes, zone.stretches, zone.lookup, places)
    np.add(entries.columns, np.int32(zone.offset), out=entries.columns)
    np.multiply(entries.values, zone.weight, out=entries.values)
    return split_blocks(*entries)


@accelerated
def feature_sums(
    codes: NDArray[np.uint32],
    word_bounds: NDArray[np.int64],
    hashes: NDArray[np.uint64],
    zones: Sequence[ZoneLookup],
    others: Sequence[Block],
    responses: NDArray[np.float32],
    coefficients: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the feature matrix of some documents times coefficients; float32, shape (n_documents, n_outputs).

    Parameters
    ----------
    codes, word_bounds, hashes
        As for :func:`~complaint_motive.features.ngram_entries.ngram_entries`.
    zones : sequence of ZoneLookup
        n-grams of each zone.
    others : sequence of Block
        Other features of the documents; they are added after the n-grams.
    responses : ndarray of float32, shape (n_documents, n_filters)
        Responses of filters, which are the last features.
    coefficients : ndarray of float32, shape (n_features, n_outputs)
        C-contiguous.
    """
    blocks = [block for zone in zones for block in weighed_blocks(codes, word_bounds, hashes, zone)]
    filters = response_block(responses, len(coefficients) - responses.shape[1])
    # CSR @ dense gives the same bits whatever the number of rows; dense @ dense does not.
    return np.asarray(side_by_side([*blocks, *others, filters], len(coefficients)).matrix @ coefficients)
