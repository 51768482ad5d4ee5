"""The strongest responses of convolution filters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.filters import NOTHING, Filters, Responses
from complaint_motive.features.kernels.lookup import compiled

__all__ = ["filter_entries"]

_Responses = NDArray[np.int16]
_Offsets = NDArray[np.int64]


@compiled
def _raise(response: _Responses, strongest: _Responses) -> None:
    for f in range(len(strongest)):
        strongest[f] = max(strongest[f], response[f])


@compiled
def _raise_where(response: _Responses, strongest: _Responses, at: int, first: _Offsets) -> None:
    for f in range(len(strongest)):
        if response[f] > strongest[f]:
            strongest[f], first[f] = response[f], at


@compiled
def _respond(
    ids: NDArray[np.uint64], begin: int, stop: int, taps: _Responses, strongest: _Responses, first: _Offsets
) -> None:
    """Write the strongest response of each filter to a document, and where `first` is not empty its window."""
    n = taps.shape[1] // 6
    response = np.empty(3 * n, dtype=np.int16)
    strongest[:] = NOTHING
    for at in range(begin, stop):
        a, b = taps[np.int64(ids[at])], taps[np.int64(ids[at + 1])]
        low, high = (0 if at > begin else n), (3 * n if at + 1 < stop else 2 * n)
        for f in range(n):
            response[f] = a[f]
        for f in range(n):
            response[n + f] = np.int16(a[n + f] + b[2 * n + f])
        if high > 2 * n:
            c = taps[np.int64(ids[at + 2])]
            for f in range(n):
                response[2 * n + f] = np.int16(a[3 * n + f] + b[4 * n + f] + c[5 * n + f])
        if len(first):
            _raise_where(response[low:high], strongest[low:high], at, first[low:high])
        else:
            _raise(response[low:high], strongest[low:high])


@compiled
def filter_entries(ids: NDArray[np.uint64], edges: _Offsets, filters: Filters, places: bool) -> Responses:
    """See :func:`complaint_motive.features.filters.filter_entries`."""
    n_documents, n_filters = len(edges) - 1, len(filters.scales)
    columns = np.empty(n_documents * n_filters, dtype=np.int32)
    values = np.empty(n_documents * n_filters, dtype=np.float32)
    begins = np.empty(n_documents * n_filters if places else 0, dtype=np.int64)
    indptr = np.zeros(n_documents + 1, dtype=np.int64)
    strongest = np.empty(n_filters, dtype=np.int16)
    first = np.zeros(n_filters if places else 0, dtype=np.int64)
    count = 0
    for d in range(n_documents):
        if edges[d + 1] - edges[d] > 1:
            _respond(ids, edges[d], edges[d + 1], filters.taps, strongest, first)
            for f in range(n_filters):
                response = np.int32(strongest[f]) + np.int32(filters.biases[f])
                if response > 0:
                    columns[count], values[count] = f, np.float32(response) * filters.scales[f]
                    if places:
                        begins[count] = first[f]
                    count += 1
        indptr[d + 1] = count
    return Responses(columns[:count], values[:count], begins[: count if places else 0], indptr)
