"""Loops that numba compiles: the results of the numpy functions of the same names, several times as fast.

Imported by :mod:`complaint_motive.features.compiled` only. Machine code is kept on disk where a folder is writable.
"""

from complaint_motive.features.kernels.blocks import interleave
from complaint_motive.features.kernels.contributions import contributions, heaviest_words
from complaint_motive.features.kernels.filters import filter_responses, window_ranges
from complaint_motive.features.kernels.gates import gate_windows
from complaint_motive.features.kernels.literals import begun_literals
from complaint_motive.features.kernels.ngrams import ngram_entries, word_units
from complaint_motive.features.kernels.sentences import sentence_pairs
from complaint_motive.features.kernels.sums import feature_sums
from complaint_motive.features.kernels.text import (
    count_by_document,
    enough_roles,
    hash_words,
    kept_places,
    speaker_places,
)
from complaint_motive.features.kernels.words import word_bounds

__all__ = [
    "begun_literals",
    "contributions",
    "count_by_document",
    "enough_roles",
    "feature_sums",
    "filter_responses",
    "gate_windows",
    "hash_words",
    "heaviest_words",
    "interleave",
    "kept_places",
    "ngram_entries",
    "sentence_pairs",
    "speaker_places",
    "window_ranges",
    "word_bounds",
    "word_units",
]
