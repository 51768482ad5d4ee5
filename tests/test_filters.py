"""Convolution filters: what they respond to, where, and that they can be learned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_motive.features.document import read_documents
from complaint_motive.features.filters import N_TAPS, WIDTHS, FilterBank
from complaint_motive.features.ngram_entries import EDGE, FIRST, Units
from complaint_motive.features.zones import ZonedVocabulary
from complaint_motive.models.filter_training import fit_filters
from complaint_motive.models.heads import HeadTargets, fit_calibration
from complaint_motive.models.word_vectors import word_vectors

N_WORDS, N_EACH = 40, 5


def units_of(texts):
    """Return the units of some texts, each a list of word numbers."""
    ids = [EDGE]
    for text in texts:
        ids += [FIRST + word for word in text] + [EDGE]
    ids = np.array(ids, dtype=np.uint64)
    return Units(ids, np.arange(len(ids)), np.flatnonzero(ids == EDGE))


@pytest.fixture(scope="module")
def bank():
    rng = np.random.default_rng(0)
    return FilterBank(
        rng.integers(-127, 128, (N_WORDS + FIRST, 8)).astype(np.int8),
        rng.integers(-127, 128, (8, N_TAPS * N_EACH)).astype(np.int8),
        rng.integers(-2000, 2000, len(WIDTHS) * N_EACH).astype(np.int16),
        rng.uniform(0.001, 0.002, len(WIDTHS) * N_EACH).astype(np.float32),
    )


def dense(block, n_documents, n_filters):
    out = np.zeros((n_documents, n_filters), dtype=np.float32)
    out[np.repeat(np.arange(n_documents), np.diff(block.indptr)), block.columns] = block.values
    return out


def expected(bank, text):
    """Return every filter's response by its definition."""
    ids = np.array([EDGE, *(FIRST + word for word in text), EDGE])
    taps, out, tap = bank.tap_responses(ids).astype(int), [], 0
    for width in WIDTHS:
        for f in range(N_EACH):
            windows = range(len(ids) - width + 1) if width > 1 else range(1, len(ids) - 1)
            out.append(
                max(sum(taps[at + k, (tap + k) * N_EACH + f] for k in range(width)) for at in windows) if text else None
            )
        tap += width
    strongest = [0 if r is None else max(r + b, 0) for r, b in zip(out, bank.biases.tolist(), strict=True)]
    return np.array(strongest, dtype=np.float32) * bank.scales


TEXTS = st.lists(st.lists(st.integers(0, N_WORDS - 1), max_size=12), min_size=1, max_size=5)


@given(texts=TEXTS)
def test_a_response_is_the_strongest_of_all_windows(bank, texts):
    units = units_of(texts)
    found = dense(bank.block(units, np.arange(len(units.ids) + 1)), len(texts), len(bank))
    assert found.tolist() == [expected(bank, text).tolist() for text in texts]


@given(texts=TEXTS)
def test_a_text_does_not_depend_on_its_batch(bank, texts):
    units = units_of(texts)
    bounds = np.arange(len(units.ids) + 1)
    together = dense(bank.block(units, bounds), len(texts), len(bank))
    for k in range(len(texts)):
        alone = bank.block(units.of_documents(np.array([k])), bounds)
        assert dense(alone, 1, len(bank))[0].tolist() == together[k].tolist()


@given(texts=TEXTS)
def test_the_window_alone_gives_the_response(bank, texts):
    units = units_of(texts)
    block = bank.block(units, np.arange(len(units.ids) + 1), 7, places=True)
    width = np.repeat(WIDTHS, N_EACH)
    assert block.columns.min(initial=7) >= 7
    document = np.repeat(np.arange(len(texts)), np.diff(block.indptr))
    for d, column, start, end in zip(document, block.columns - 7, block.start, block.end, strict=True):
        assert units.edges[d] < start < end <= units.edges[d + 1]
        assert max(width[column] - 2, 1) <= end - start <= width[column]  # edges cover nothing


def test_large_batches_use_the_table_of_all_words(bank):
    texts = [[k % N_WORDS, (3 * k) % N_WORDS] for k in range(100)]
    units = units_of(texts)
    bounds = np.arange(len(units.ids) + 1)
    large = dense(bank.block(units, bounds), len(texts), len(bank))
    assert large.tolist() == [expected(bank, text).tolist() for text in texts]


def test_a_bank_without_filters_has_no_features():
    empty = FilterBank.empty(N_WORDS + FIRST)
    units = units_of([[1, 2], []])
    assert len(empty) == 0
    assert not len(empty.block(units, np.arange(len(units.ids) + 1)).values)


def test_words_of_documents_are_those_of_the_vocabulary():
    documents = read_documents(["要求 退款", "", "退款,鼋"])
    vocabulary = ZonedVocabulary.fit(read_documents(["要求退款", "退款"]), min_df=1)
    units = vocabulary.word_units(documents)
    names = {FIRST + k: word for k, word in enumerate(vocabulary.parts[0].words)} | {EDGE: "|", 0: "?"}
    assert [names[k] for k in units.ids.tolist()] == ["|", "要求", "退款", "|", "|", "退款", "?", "?", "|"]
    chosen = units.of_documents(np.array([2, 0]))
    assert [names[k] for k in chosen.ids.tolist()] == ["|", "退款", "?", "?", "|", "要求", "退款", "|"]
    assert chosen.edges.tolist() == [0, 4, 7]


def planted(n, rng):
    """Return long texts of neutral words of which every second holds one deciding pair, and whether it does."""
    has = np.arange(n) % 2 == 1
    texts = []
    for decided in has:
        text = rng.integers(4, N_WORDS, rng.integers(20, 60)).tolist()
        # Both words stand in all texts; only side by side, in this order, do they decide.
        at = int(rng.integers(1, len(text)))
        text[at:at] = [0, 1] if decided else [1, 0]
        texts.append(text)
    return texts, has


def learned(units, targets, weight=None, **options):
    vectors = word_vectors(units, N_WORDS, random_state=0)
    n = len(targets.category)
    weight = {head: np.ones(n) for head in ("category", "needs", "intensity", "cause")} | (weight or {})
    balance = dict.fromkeys(weight, 0.5)
    return fit_filters(
        units, vectors, targets, weight, balance=balance, **{"n_filters": 8, "epochs": 25, "random_state": 0} | options
    )


def only_category(category):
    absent = np.full(len(category), -1)
    return HeadTargets(category, absent, absent, absent, absent)


def test_a_pair_of_words_in_a_long_text_is_learned_and_found():
    rng = np.random.default_rng(1)
    (texts, has), (new, new_has) = planted(600, rng), planted(200, rng)
    filters = learned(units_of(texts), only_category(has.astype(np.int64)))
    scores = filters.scores(units_of(new))
    assert ((scores[:, 1] > scores[:, 0]) == new_has).mean() > 0.95
    assert (scores[:, 2:7] < scores[:, :2].max(axis=1, keepdims=True)).all()
    assert not filters.coefficients[:, 7:].any()


def test_the_same_rows_give_the_same_filters():
    texts, has = planted(150, np.random.default_rng(2))
    one, other = (learned(units_of(texts), only_category(has.astype(np.int64)), epochs=2) for _ in range(2))
    assert (one.bank.weights == other.bank.weights).all()
    assert (one.bank.embeddings == other.bank.embeddings).all()
    assert one.coefficients.tobytes() == other.coefficients.tobytes()


def test_rows_of_weight_nil_teach_nothing():
    texts, has = planted(800, np.random.default_rng(3))
    counts = np.arange(800) < 600
    wrong = np.where(counts, has, ~has).astype(np.int64)
    filters = learned(units_of(texts), only_category(wrong), {"category": counts.astype(np.float64)})
    scores = filters.scores(units_of(texts[600:]))
    assert ((scores[:, 1] > scores[:, 0]) == has[600:]).mean() > 0.9


@pytest.mark.parametrize(("right", "more"), [("filters", True), ("linear", False)])
def test_the_side_that_is_right_on_held_out_rows_counts_more(right, more):
    rng = np.random.default_rng(4)
    gold = rng.integers(0, 7, 400)
    good, noise = 2.0 * np.eye(16)[gold] + rng.normal(0, 0.7, (400, 16)), rng.normal(0, 2, (400, 16))
    sides = (noise, good) if right == "filters" else (good, noise)
    share = fit_calibration(*sides, only_category(gold), np.ones(400)).shares[:7]
    assert (share > 1.5).all() if more else (share < 0.3).all()


@pytest.mark.parametrize("texts", [[[0], [1]] * 20, [[]] * 40, [[], [3, 4]] * 20], ids=["one word", "no words", "half"])
@pytest.mark.filterwarnings("error")
def test_texts_of_few_words_give_numbers(texts):
    filters = learned(units_of(texts), only_category(np.arange(40) % 2), epochs=2)
    assert np.isfinite(filters.scores(units_of(texts))).all()
    assert (filters.bank.scales > 0).all()


def test_taps_at_their_limits_do_not_overflow():
    n_words, width = 4, 64
    most = np.full((n_words + FIRST, width), 127, dtype=np.int8)
    most[FIRST] = -127
    weights = np.full((width, N_TAPS), 127, dtype=np.int8)
    bank = FilterBank(most, weights, np.full(3, 32767, np.int16), np.ones(3, np.float32))
    units = units_of([[1, 2, 3], [0, 0, 0]])
    found = dense(bank.block(units, np.arange(len(units.ids) + 1)), 2, 3)
    assert bank.tap_responses(np.array([FIRST + 1, FIRST])).max(axis=1).tolist() == [10900, -10900]
    assert found[0].tolist() == [32767.0 + 10900 * n for n in WIDTHS]
    # Next to an edge a wider window sums one tap of the edge, at most, and the others of the word.
    assert found[1].tolist() == [32767.0 - 10900, 32767.0, 32767.0 - 10900]


def test_no_documents_have_no_units():
    assert units_of([[1], [2]]).of_documents(np.zeros(0, dtype=np.int64)).ids.tolist() == []
