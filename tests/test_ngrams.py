"""n-grams: against a plain count in Python, and independent of how texts are put into batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_motive.features.cues import cue_lexicon
from complaint_motive.features.document import read_documents
from complaint_motive.features.keytable import KeyTable, hash_words
from complaint_motive.features.matrix import SHAPE_NAMES, feature_matrix, feature_names
from complaint_motive.features.ngrams import NgramVocabulary
from complaint_motive.features.tokenizer import cut

TEXTS = [
    "要求退款，我要求马上退款",
    "退款退款退款",
    "建议加一盏路灯",
    "",
    "   ",
    "好",
    "客服 不理 人!!!",
    "第一行\n第二行",
    "回电13800138000",
    "客服：您好\n客户：要求退款",
    "要求退款",
    "我要求一个说法",
]


def units_of(text: str) -> tuple[list[str], list[str]]:
    """Return words and characters, blanks left out."""
    return [w for w in cut(text) if w != " "], [c for c in text if c != " "]


def grams_of(units: list[str], orders: tuple[int, ...], glue: str) -> list[str]:
    """Return the n-grams with edges, as the vocabulary names them; edges alone do not count."""
    framed = ["^", *units, "$"]
    found = []
    for n in orders:
        for at in range(len(framed) - n + 1):
            gram = framed[at : at + n]
            if any(unit not in "^$" for unit in gram) and (n == 1 or at == 0 or at + n <= len(framed)):
                found.append(glue.join(gram))
    return [gram for gram in found if gram not in ("^", "$")]


def reference(documents) -> tuple[dict[str, float], list[dict[tuple[str, str], float]]]:
    """Return idf by n-gram and the TF-IDF values of each document, counted in plain Python."""
    counts = []
    for k in range(len(documents)):
        words, characters = units_of(documents[k])
        blocks = {"word": grams_of(words, (1, 2), " "), "char": grams_of(characters, (1, 2, 3), "")}
        # "^x$" stands for the whole document of one character, which 2-grams say already.
        blocks["char"] = [g for g in blocks["char"] if not (len(characters) == 1 and len(g) == 3)]
        counts.append({(block, gram): n for block, grams in blocks.items() for gram, n in Counter(grams).items()})
    df = Counter(key for document in counts for key in document)
    idf = {key: log((1 + len(documents)) / (1 + n)) + 1 for key, n in df.items()}
    rows = []
    for document in counts:
        norm = defaultdict(float)
        for key, n in document.items():
            norm[key[0]] += n * idf[key] ** 2
        rows.append({key: n * idf[key] / sqrt(norm[key[0]]) for key, n in document.items()})
    return idf, rows


@pytest.fixture(scope="module")
def documents():
    return read_documents(TEXTS)


@pytest.fixture(scope="module")
def vocabulary(documents):
    return NgramVocabulary.fit(documents, min_df=1)


def named(vocabulary: NgramVocabulary) -> list[tuple[str, str]]:
    return [("word" if k < vocabulary.n_word_features else "char", name) for k, name in enumerate(vocabulary.names())]


def test_the_vocabulary_holds_the_ngrams_and_idf_of_a_plain_count(documents, vocabulary):
    idf, _ = reference(documents)
    assert dict(zip(named(vocabulary), vocabulary.idf.tolist(), strict=True)) == pytest.approx(idf, rel=1e-6)


def test_values_are_those_of_a_plain_count(documents, vocabulary):
    matrix = vocabulary.transform(documents).copy()
    matrix.sum_duplicates()
    names = named(vocabulary)
    for k, expected in enumerate(reference(documents)[1]):
        row = matrix[k]
        found = {names[j]: v for j, v in zip(row.indices.tolist(), row.data.tolist(), strict=True)}
        assert found == pytest.approx(expected, rel=1e-5), TEXTS[k]


def test_min_df_leaves_rare_ngrams_out(documents):
    idf, _ = reference(documents)
    common = NgramVocabulary.fit(documents, min_df=3)
    least = log((1 + len(TEXTS)) / (1 + 3)) + 1
    assert set(named(common)) == {key for key, value in idf.items() if value <= least + 1e-9}
    assert set(common.words) <= {word for _, name in named(common) for word in name.split(" ")}
    assert set(common.characters) <= {c for _, name in named(common) for c in name}


def test_keys_ascend_and_words_come_first(vocabulary):
    assert (np.diff(vocabulary.keys.astype(object)) > 0).all()
    assert 0 < vocabulary.n_word_features < len(vocabulary)


def test_compact_keeps_names_and_idf_of_what_is_chosen(vocabulary):
    chosen = np.arange(len(vocabulary)) % 3 == 0
    smaller = vocabulary.compact(chosen)
    before = {name: idf for name, idf, c in zip(named(vocabulary), vocabulary.idf.tolist(), chosen, strict=True) if c}
    assert dict(zip(named(smaller), smaller.idf.tolist(), strict=True)) == before


def test_every_entry_stands_where_its_ngram_is(documents, vocabulary):
    found = vocabulary.locate(documents)
    plain = vocabulary.transform(documents)
    assert found.matrix.indices.tolist() == plain.indices.tolist()
    assert found.matrix.data.tolist() == plain.data.tolist()
    names = [name.strip("^$").replace(" ", "") for name in vocabulary.names()]
    for column, start, end in zip(found.matrix.indices, found.start, found.end, strict=True):
        assert documents.text[start:end].replace(" ", "") == names[column]


def test_unknown_words_make_no_features(vocabulary):
    assert vocabulary.transform(read_documents(["鼋鼍"])).nnz == 0


def test_the_matrix_of_a_batch_is_that_of_its_texts_bit_for_bit(analyzer, varied):
    scorer = analyzer._model.scorer
    lexicon = cue_lexicon()

    def scores(texts):
        documents = read_documents(texts)
        matches = lexicon.match(documents.text, documents.bounds)
        matrix = feature_matrix(documents, scorer.vocabulary, scorer.filters, matches).matrix
        return scorer.scores(matrix)

    texts = [*varied[:120], "", " ", "\n\n退款", " 退款"]
    together = scores(texts)
    assert together.shape == (len(texts), 16)
    assert (together == np.concatenate([scores([text]) for text in texts])).all()
    assert (together[::-1] == scores(texts[::-1])).all()


def test_places_do_not_change_the_matrix_and_names_fit(analyzer, varied):
    scorer = analyzer._model.scorer
    documents = read_documents(varied[:40])
    matches = cue_lexicon().match(documents.text, documents.bounds)
    plain = feature_matrix(documents, scorer.vocabulary, scorer.filters, matches)
    placed = feature_matrix(documents, scorer.vocabulary, scorer.filters, matches, places=True)
    assert placed.has_places
    assert not plain.has_places
    start, end = placed.occurrences.start, placed.occurrences.end
    assert (plain.matrix.indptr == placed.matrix.indptr).all()
    assert (plain.matrix.indices == placed.matrix.indices).all()
    assert (plain.matrix.data == placed.matrix.data).all()
    names = feature_names(scorer.vocabulary, scorer.cue_ids, len(scorer.filters))
    assert len(names) == plain.matrix.shape[1] == len(scorer.coefficients)
    first = len(names) - len(scorer.filters) - len(SHAPE_NAMES)
    assert names[first : first + len(SHAPE_NAMES)] == [f"shape:{name}" for name in SHAPE_NAMES]
    assert names[-1] == f"filter:3:{len(scorer.filters) // 3 - 1}"
    row = np.repeat(np.arange(len(documents)), np.diff(placed.matrix.indptr))
    stands = end > start
    assert (start[stands] >= documents.bounds[row[stands]]).all()
    assert (end[stands] < documents.bounds[row[stands] + 1]).all()
    shape = np.isin(placed.matrix.indices, np.arange(first, first + len(SHAPE_NAMES)))
    assert (stands == ~shape).all()


KEYS = st.integers(1, 2**64 - 1)


def lookup(table: KeyTable, keys: list[int]) -> list[int]:
    """Return the position of each key in the table, -1 where it is not in it."""
    index, positions = table.find(np.array(keys, dtype=np.uint64))
    assert (np.diff(index) > 0).all()
    out = np.full(len(keys), -1)
    out[index] = positions
    return out.tolist()


@given(st.lists(KEYS, unique=True, max_size=300), st.lists(KEYS, max_size=50))
def test_a_key_table_finds_what_is_in_it_and_nothing_else(keys, others):
    table = KeyTable(np.array(keys, dtype=np.uint64))
    assert lookup(table, keys) == list(range(len(keys)))
    assert lookup(table, others) == [keys.index(key) if key in keys else -1 for key in others]


def test_a_key_table_survives_keys_that_want_one_slot():
    inverse = pow(0x9E3779B97F4A7C15, -1, 2**64)
    # The first want the last slot of the table and run over its end.
    keys = [(value * inverse) % 2**64 for value in [*range(2**64 - 100, 2**64), *range(1, 200)]]
    table = KeyTable(np.array(keys, dtype=np.uint64))
    assert lookup(table, keys) == list(range(len(keys)))
    assert lookup(table, [(value * inverse) % 2**64 for value in (2**64 - 200, 500)]) == [-1, -1]


def test_words_are_told_apart_by_their_numbers(varied):
    documents = read_documents(varied)
    numbers = hash_words(documents.codes, documents.word_bounds).tolist()
    pairs = set(zip(documents.words, numbers, strict=True))
    assert len(pairs) == len(set(documents.words)) == len(set(numbers))
