"""The hash table behind the n-grams, and the blocks that become one matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from complaint_motive.features.blocks import Block, side_by_side
from complaint_motive.features.document import read_documents
from complaint_motive.features.keytable import KeyTable, hash_words
from complaint_motive.features.normalize import SEPARATOR

KEYS = st.integers(1, 2**64 - 1)


@given(st.lists(KEYS, unique=True, max_size=200), st.lists(KEYS, max_size=50))
def test_a_table_finds_its_keys_and_no_others(keys, others):
    table = KeyTable(np.array(keys, dtype=np.uint64))
    wanted = [*others, *keys, *others]
    index, positions = table.find(np.array(wanted, dtype=np.uint64))
    expected = [(k, keys.index(key)) for k, key in enumerate(wanted) if key in keys]
    assert list(zip(index.tolist(), positions.tolist(), strict=True)) == expected


def test_keys_that_want_one_slot_are_all_found():
    keys = np.arange(1, 5000, dtype=np.uint64) << np.uint64(44)
    assert KeyTable(keys).find(keys)[1].tolist() == list(range(len(keys)))


def test_equal_words_have_equal_hashes_wherever_they_stand(varied):
    documents = read_documents(varied)
    hashes = hash_words(documents.codes, documents.word_bounds).tolist()
    by_word = dict(zip(documents.words, hashes, strict=True))
    assert [by_word[word] for word in documents.words] == hashes
    assert len(set(by_word.values())) == len(by_word)


def test_stretches_are_the_words_of_each_document(varied):
    documents = read_documents(varied[:20])
    first, stop, end = documents.stretches
    for k in range(len(documents)):
        assert "".join(documents.words[first[k] : stop[k]]) == documents[k]
        assert documents.words[end[k]] == SEPARATOR


@pytest.mark.parametrize("places", [True, False], ids=["places", "no places"])
def test_blocks_side_by_side_are_hstack(places):
    rng = np.random.default_rng(0)
    blocks, matrices, offset = [], [], 0
    for width in (5, 1, 7):
        matrix = sparse.random_array((6, width), density=0.4, format="csr", dtype=np.float32, rng=rng)
        where = rng.integers(0, 99, matrix.nnz)
        place = {"start": where, "end": where + 1} if places else {}
        blocks.append(Block((matrix.indices + offset).astype(np.int32), matrix.data, matrix.indptr, **place))
        matrices.append(matrix)
        offset += width
    stacked = side_by_side(blocks, offset)
    expected = sparse.hstack(matrices, format="csr")
    assert (stacked.matrix.toarray() == expected.toarray()).all()
    assert stacked.matrix.indices.tolist() == expected.indices.tolist()
    assert (stacked.start is None) is not places
    if places:
        assert sorted(stacked.start.tolist()) == sorted(np.concatenate([block.start for block in blocks]).tolist())
        assert (stacked.end == stacked.start + 1).all()
