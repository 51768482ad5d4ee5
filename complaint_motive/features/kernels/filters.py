"""The strongest responses of convolution filters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.filters import NOTHING, Filters, Responses
from complaint_motive.features.kernels.lookup import compiled
from complaint_motive.features.ngram_entries import EDGE

__all__ = ["filter_responses", "window_ranges"]

_Strengths = NDArray[np.int16]
_Units = NDArray[np.int32]
_Offsets = NDArray[np.int64]
_EDGE = np.uint64(EDGE)


@compiled
def _respond(
    ids: NDArray[np.uint64], begin: int, stop: int, taps: _Strengths, strongest: _Strengths, first: _Units
) -> None:
    """Write the strongest response of each filter to a document, and where its window begins.

    Written so that the compiler handles many filters at once: slices instead of sums of indices, values read before it
    is known whether they stay, no calls.
    """
    n = len(strongest) // 3
    strongest[:] = NOTHING
    strongest_1, strongest_2, strongest_3 = strongest[:n], strongest[n : 2 * n], strongest[2 * n :]
    first_1, first_2, first_3 = first[:n], first[n : 2 * n], first[2 * n :]
    a, b = taps[ids[begin]], taps[ids[begin + 1]]
    for at in range(begin, stop):
        x = a[:n]
        if at > begin:  # a lone edge is no window
            for f in range(n):
                response, before, place = x[f], strongest_1[f], first_1[f]
                first_1[f] = np.int32(at) if response > before else place
                strongest_1[f] = max(response, before)
        x, y = a[n : 2 * n], b[2 * n : 3 * n]
        for f in range(n):
            response, before, place = np.int16(x[f] + y[f]), strongest_2[f], first_2[f]
            first_2[f] = np.int32(at) if response > before else place
            strongest_2[f] = max(response, before)
        if at + 1 < stop:
            c = taps[ids[at + 2]]
            x, y, z = a[3 * n : 4 * n], b[4 * n : 5 * n], c[5 * n :]
            for f in range(n):
                response, before, place = np.int16(x[f] + y[f] + z[f]), strongest_3[f], first_3[f]
                first_3[f] = np.int32(at) if response > before else place
                strongest_3[f] = max(response, before)
            a, b = b, c


@compiled
def filter_responses(ids: NDArray[np.uint64], edges: _Offsets, filters: Filters) -> Responses:
    """See :func:`complaint_motive.features.filters.filter_responses`."""
    n_documents, n_filters = len(edges) - 1, len(filters.scales)
    values = np.zeros((n_documents, n_filters), dtype=np.float32)
    first = np.zeros((n_documents, n_filters), dtype=np.int32)
    strongest = np.empty(n_filters, dtype=np.int16)
    for d in range(n_documents):
        if edges[d + 1] - edges[d] > 1:
            _respond(ids, edges[d], edges[d + 1], filters.taps, strongest, first[d])
            own = values[d]
            for f in range(n_filters):
                response = max(np.int32(strongest[f]) + np.int32(filters.biases[f]), np.int32(0))
                own[f] = np.float32(response) * filters.scales[f]
    return Responses(values, first)


@compiled
def window_ranges(
    ids: NDArray[np.uint64], places: _Offsets, word_bounds: _Offsets, responses: Responses
) -> tuple[_Offsets, _Offsets]:
    """See :func:`complaint_motive.features.filters.window_ranges`."""
    n_documents, n_filters = responses.values.shape
    start = np.empty(n_documents * n_filters, dtype=np.int64)
    end = np.empty(n_documents * n_filters, dtype=np.int64)
    count, n = 0, n_filters // 3
    for d in range(n_documents):
        for extra in range(3):
            for f in range(extra * n, (extra + 1) * n):
                if responses.values[d, f] > 0:
                    begin = np.int64(responses.first[d, f])
                    last = begin + extra
                    start[count] = word_bounds[places[begin + (ids[begin] == _EDGE)]]
                    end[count] = word_bounds[places[last - (ids[last] == _EDGE)] + 1]
                    count += 1
    return start[:count], end[:count]
