"""Cues: a table of sentences per cue (cases/cues.toml), the matcher's promises, errors of a malformed file."""

import pickle
import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from complaint_motive.errors import ResourceError
from complaint_motive.features.cues import CueLexicon, cue_features, cue_lexicon

CASES = tomllib.loads((Path(__file__).parent / "cases" / "cues.toml").read_text(encoding="utf-8"))
ROWS = [
    pytest.param(cue, text, kind == "positive", id=f"{cue}-{kind[:3]}-{number}")
    for cue, kinds in CASES.items()
    for kind, texts in kinds.items()
    for number, text in enumerate(texts)
]
SAFETY_CUES = ("safety_injury", "self_harm", "violence")
SMALL = """
[macros]
money = '钱|款'
[filters.negated]
scope = "clause"
before = ['不']
[cues.refund]
name = "退款"
definition = "要钱"
filters = ["negated"]
terms = ["退费 返还"]
patterns = ['要{c4}⟨退{money}⟩']
unless = ['退钱包']
"""


def cues_of(text, lexicon=None, *, negated=False):
    lexicon = lexicon or cue_lexicon()
    hits = lexicon.find(text)
    return {lexicon.ids[cue] for cue, taken_back in zip(hits.cue, hits.negated, strict=True) if taken_back == negated}


def joined(texts):
    bounds = np.cumsum([0, *(len(text) + 1 for text in texts)])
    return "".join(text + "\x1e" for text in texts), bounds


@pytest.mark.parametrize(("cue", "text", "expected"), ROWS)
def test_table(cue, text, expected):
    assert (cue in cues_of(text)) is expected


def test_every_cue_has_rows_a_name_and_a_definition():
    lexicon = cue_lexicon()
    assert len(lexicon.ids) == 27
    assert set(CASES) == set(lexicon.ids) == set(lexicon.names) == set(lexicon.definitions)
    assert all(len(kinds["positive"]) >= 5 and len(kinds["negative"]) >= 2 for kinds in CASES.values())


@pytest.mark.parametrize("cue", SAFETY_CUES)
def test_safety_cues_are_not_missed_in_a_long_text(cue):
    for text in CASES[cue]["positive"]:
        assert cue in cues_of("物业费的事情之前说过。\n" + text + "。另外发票还没有开")


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("我不是要赔钱", "compensation_request"),
        ("我没有骂你是废物", "abusive_language"),
        ("不指望退款了", "refund_request"),
        ("气得想跳楼", "self_harm"),
        ("商家威胁说要起诉我", "legal_action"),
    ],
)
def test_taken_back_hits_are_listed_as_negated_or_absent(text, cue):
    assert cue not in cues_of(text)


def test_figurative_word_of_suicide_is_listed():
    assert "self_harm" in cues_of("气得想跳楼", negated=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("再不退款我就发抖音", {"refund_request", "exposure_threat"}),
        ("别逼我曝光你们", {"exposure_threat"}),
        ("用户来电要求退款,称要投诉到工信部", {"refund_request", "lawful_escalation", "regulator_mention"}),
    ],
)
def test_conditions_and_tickets_stand(text, expected):
    assert expected <= cues_of(text)


def test_batch_equals_single_and_keeps_order():
    texts = [text for kinds in CASES.values() for text in kinds["positive"] + kinds["negative"]] + ["", "\n"]
    batch = cue_lexicon().match(*joined(texts))
    start = joined(texts)[1][batch.document]
    for index, text in enumerate(texts):
        single, mine = cue_lexicon().find(text), batch.document == index
        for name in ("cue", "negated"):
            np.testing.assert_array_equal(getattr(batch, name)[mine], getattr(single, name))
        np.testing.assert_array_equal((batch.start - start)[mine], single.start)
        np.testing.assert_array_equal((batch.end - start)[mine], single.end)
    order = list(zip(batch.document.tolist(), batch.start.tolist(), batch.cue.tolist(), strict=True))
    assert order == sorted(order)


def test_no_hit_crosses_documents():
    assert not len(CueLexicon.from_toml(SMALL, "small.toml").match(*joined(["我要", "退钱"])))
    assert not len(CueLexicon.from_toml(SMALL, "small.toml").match(*joined(["返", "还"])))


def test_context_of_a_neighbour_document_does_not_negate():
    hits = CueLexicon.from_toml(SMALL, "small.toml").match(*joined(["不", "退费"]))
    assert hits.negated.tolist() == [False]


def test_small_lexicon_patterns_macros_unless_and_filters():
    lexicon = CueLexicon.from_toml(SMALL, "small.toml")
    assert cues_of("我要快点退款", lexicon) == {"refund"}
    assert cues_of("我要退钱包", lexicon) == set()
    assert cues_of("不退费", lexicon, negated=True) == {"refund"}


@pytest.mark.parametrize("text", ["", " ", "\n", "abc", "😀😀", "\ue001", "。" * 50])
def test_texts_without_words(text):
    assert len(cue_lexicon().find(text)) == 0


def test_no_documents():
    assert len(cue_lexicon().match("", np.zeros(1, dtype=np.int64))) == 0


def test_pickled_lexicon_finds_the_same():
    copy = pickle.loads(pickle.dumps(cue_lexicon()))
    text = "叫你们经理来,不退款我就打12315"
    np.testing.assert_array_equal(copy.find(text).start, cue_lexicon().find(text).start)


def test_features_count_standing_hits():
    matches = cue_lexicon().match(*joined(["退款!马上退款!", "我不是要退款", ""]))
    features = cue_features(matches, 3)
    column = cue_lexicon().ids.index("refund_request")
    assert features.shape == (3, 27)
    assert features.dtype == np.float32
    assert features[[0], [column]].item() == 2
    assert features[[1], [column]].item() == 0


def test_every_expression_of_the_packaged_file_compiles():
    path = resources.files("complaint_motive") / "resources" / "cues.toml"
    CueLexicon.from_toml(path.read_text(encoding="utf-8"), "cues.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[macros]", "[makros]", r"small.toml: unknown table 'makros'; allowed: macros, filters, cues"),
        ("name =", "title =", r"cue 'refund': unknown key 'title'; allowed: name, definition"),
        ('name = "退款"\n', "", r"cue 'refund': key 'name' is missing or empty"),
        ('["negated"]', '["negiert"]', r"cue 'refund': key 'filters': unknown filter 'negiert'; allowed: negated"),
        ("{money}", "{gold}", r"cue 'refund': key 'patterns': unknown macro '\{gold\}'; allowed: money"),
        ("⟨退{money}⟩", "退款", r"cue 'refund': key 'patterns': .*0 anchor groups"),
        ("⟨退{money}⟩", "⟨退.⟩", r"anchor '退\.' of pattern .* is not a plain word"),
        ("要{c4}⟨", "要(⟨", r"cue 'refund': key 'patterns': malformed pattern"),
        ("['退钱包']", "['退(']", r"cue 'refund': key 'unless': malformed pattern"),
        ('["退费 返还"]', '["退{费"]', r"key 'terms': '退\{费' is not a plain word"),
        ('["退费 返还"]', '"退费"', r"key 'terms' must be a list of strings"),
        ('"clause"', '"page"', r"filter 'negated': scope is 'page'; allowed: clause, sentence"),
        ("before =", "ahead =", r"filter 'negated': unknown key 'ahead'; allowed: scope, before"),
        ("[cues.refund]", "[cues.refund", r"small.toml: not valid TOML"),
    ],
)
def test_malformed_file_is_named_precisely(old, new, message):
    assert old in SMALL
    with pytest.raises(ResourceError, match=message):
        CueLexicon.from_toml(SMALL.replace(old, new), "small.toml")


def test_file_without_cues():
    with pytest.raises(ResourceError, match=r"small.toml: table 'cues' is missing or empty"):
        CueLexicon.from_toml("[macros]\n", "small.toml")
