"""The corpus: its shape, the codebook's rules that a program can check, and the split by authors."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from complaint_motive.features.normalize import fold_characters
from complaint_motive.features.privacy import find_pii
from complaint_motive.taxonomy import taxonomy
from complaint_motive.training import TEST_SPLIT, corpus_files

TEST_AUTHORS = ("authored_06", "authored_07")
CORPUS = Path(__file__).parents[1] / "datasets" / "corpus"
REQUIRED = ("text", "category", "secondary", "needs", "intensity", "cause", "industry", "channel")
NAMES = sorted({*TEST_AUTHORS, *(f"authored_{k:02}" for k in range(6))})


@pytest.fixture(scope="module")
def records(corpus):
    return [(f"{name}:{line}", record) for name, rows in corpus.items() for line, record in enumerate(rows, 1)]


def test_the_authors_of_the_first_release_are_there(corpus):
    assert set(NAMES) <= set(corpus)
    assert all(re.fullmatch(r"authored_\d\d", name) for name in corpus)
    assert len(records_of(corpus, TEST_AUTHORS)) == 613


def records_of(corpus, names):
    return [record for name in names for record in corpus[name]]


def test_every_record_has_every_field(records):
    for where, record in records:
        assert set(record) >= set(REQUIRED), where
        assert all(isinstance(record[key], int if key == "intensity" else str) for key in REQUIRED), where
        assert record["text"].strip(), where
        assert record["industry"].strip(), where
        assert record["channel"].strip(), where


def test_values_are_the_codebooks(records):
    tax = taxonomy()
    for where, record in records:
        assert record["category"] in tax.categories, where
        assert record["secondary"] in {"", *tax.categories} - {record["category"], "none"}, where
        assert record["needs"] in {"R", "E", "RE", "-"}, where
        assert record["cause"] in {*tax.causes, "-"}, where
        assert record["intensity"] in range(4), where


def test_none_has_neither_needs_nor_cause_nor_intensity_and_the_others_have(records):
    for where, record in records:
        blank = (record["needs"], record["cause"])
        if record["category"] == "none":
            assert blank == ("-", "-"), where
            assert (record["secondary"], record["intensity"]) == ("", 0), where
        else:
            assert "-" not in blank, where


def test_every_category_is_in_both_parts_of_the_split(corpus):
    for names in (TEST_AUTHORS, set(corpus) - set(TEST_AUTHORS)):
        counts = Counter(record["category"] for record in records_of(corpus, names))
        assert set(counts) == set(taxonomy().categories)
        assert min(counts.values()) >= 20


def test_no_text_stands_twice(records):
    seen: dict[str, str] = {}
    for where, record in records:
        key = re.sub(r"\W", "", record["text"])
        assert seen.setdefault(key, where) == where, f"{where} repeats {seen[key]}"


def largest_jaccard(test: list[str], train: list[str]) -> np.ndarray:
    """Return for each test text the largest Jaccard similarity of character 5-grams to any training text."""
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True, dtype=np.int32)
    shingles = vectorizer.fit_transform([*test, *train])
    sizes = np.asarray(shingles.sum(axis=1)).ravel()
    a, b = shingles[: len(test)], shingles[len(test) :]
    shared = (a @ b.T).tocoo()
    union = sizes[shared.row] + sizes[len(test) + shared.col] - shared.data
    largest = np.zeros(len(test))
    np.maximum.at(largest, shared.row, shared.data / union)
    return largest


def test_the_similarity_is_right():
    assert largest_jaccard(["abcdefg", "xyzxyz"], ["abcdefz", "bcdefgh"]).tolist() == [0.5, 0.0]


def test_no_near_duplicates_across_the_split(corpus):
    def words(record):
        return re.sub(r"\s+", " ", fold_characters(record["text"]))

    test = [words(r) for r in records_of(corpus, TEST_AUTHORS)]
    train = [words(r) for r in records_of(corpus, sorted(set(corpus) - set(TEST_AUTHORS)))]
    largest = largest_jaccard(test, train)
    assert largest.max() < 0.5, f"{test[int(largest.argmax())]!r} is close to a training text: {largest.max():.2f}"


def test_no_personal_data(records):
    for where, record in records:
        found = [span for span in find_pii(fold_characters(record["text"])) if span.kind in {"id_number", "bank_card"}]
        assert found == [], where


def test_the_test_split_is_fixed_and_never_trained_on(corpus, analyzer):
    assert TEST_SPLIT == TEST_AUTHORS
    assert {path.stem for path in corpus_files(CORPUS)} == set(corpus) - set(TEST_AUTHORS)
    assert {path.stem for path in corpus_files(CORPUS, test=True)} == set(TEST_AUTHORS)
    named = str(analyzer.metadata.get("training"))
    assert not any(name in named for name in TEST_AUTHORS)
