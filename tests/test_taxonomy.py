"""The label system: as fixed by the design, and checked when read."""

from __future__ import annotations

from importlib.resources import files

import pytest

from complaint_motive.errors import ResourceError
from complaint_motive.features.cues import cue_lexicon
from complaint_motive.taxonomy import parse_taxonomy, taxonomy

CONTENT = (files("complaint_motive") / "resources" / "taxonomy.toml").read_text(encoding="utf-8")


PARENTS = [
    ("improvement", "suggestion", "constructive"),
    ("recognition", "venting", "critical"),
    ("scolding", "venting", "critical"),
    ("redress", "compensation", "accusatory"),
    ("coercion", "scheming", "accusatory"),
    ("sabotage", "scheming", "accusatory"),
    ("none", "none", None),
]


@pytest.mark.parametrize(("category", "motive", "purpose"), PARENTS, ids=[row[0] for row in PARENTS])
def test_each_category_has_its_parent_and_purpose(category, motive, purpose):
    assert taxonomy().motive_of(category) == motive
    assert taxonomy().purpose_of(category) == purpose


def test_the_order_of_categories_is_api():
    assert list(taxonomy().categories) == [row[0] for row in PARENTS]
    assert list(taxonomy().causes) == ["quality", "service", "price", "integrity"]
    assert dict(taxonomy().need_codes) == {"R": "rational", "E": "emotional"}
    assert [level.id for level in taxonomy().intensities] == ["0", "1", "2", "3"]


def test_every_label_has_a_chinese_name_and_a_definition():
    tax = taxonomy()
    for dimension in (tax.motives, tax.categories, tax.causes, tax.needs, tax.purposes, tax.behaviours):
        for ident, label in dimension.items():
            assert tax.name(ident), ident
            assert any("\u4e00" <= c <= "\u9fff" for c in label.name), ident
            assert len(label.definition) > 5, ident


def test_a_name_of_nothing_is_empty_and_of_an_unknown_id_an_error():
    assert taxonomy().name("") == ""
    with pytest.raises(KeyError, match="revenge"):
        taxonomy().name("revenge")


BEHAVIOURS = [
    ("redress", 0, (), "passive_complaint"),
    ("redress", 1, (), "passive_complaint"),
    ("scolding", 2, (), "angry_venting"),
    ("scolding", 3, (), "angry_venting"),
    ("scolding", 1, ("boycott_call",), "negative_publicity"),
    ("redress", 0, ("exposure_threat",), "negative_publicity"),
    ("coercion", 1, (), "negative_publicity"),
    ("coercion", 3, (), "extreme_conflict"),
    ("sabotage", 3, (), "negative_publicity"),
    ("recognition", 0, ("self_harm",), "extreme_conflict"),
    ("redress", 0, ("violence", "boycott_call"), "extreme_conflict"),
    ("none", 0, ("violence",), None),
]


@pytest.mark.parametrize(("category", "intensity", "cues", "expected"), BEHAVIOURS)
def test_behaviour_follows_the_table(category, intensity, cues, expected):
    assert taxonomy().behaviour_of(category, intensity, cues) == expected


def test_cues_of_the_behaviour_table_exist():
    named = {cue for rule in taxonomy().behaviour_rules for cue in rule.cues}
    assert named <= set(cue_lexicon().ids)


def test_the_digest_speaks_of_ids_not_of_names():
    renamed = parse_taxonomy(CONTENT.replace('name = "发泄"', 'name = "宣泄"'), "t.toml")
    assert renamed.digest == taxonomy().digest
    moved = parse_taxonomy(CONTENT.replace('motive = "venting"', 'motive = "suggestion"', 1), "t.toml")
    assert moved.digest != taxonomy().digest


def test_the_taxonomy_cannot_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        taxonomy().motives["new"] = taxonomy().motives["none"]
    with pytest.raises(AttributeError, match="cannot assign"):
        taxonomy().motives["none"].name = "别的"


DAMAGES = [
    ("not toml", "version = 1", "version = = 1", r"t\.toml: not valid TOML"),
    ("doubled id", 'id = "scolding"', 'id = "recognition"', r"\[\[category\]\] 'recognition': the id stands twice"),
    ("id not ascii", 'id = "scolding"', 'id = "责骂"', "the id must be an ASCII identifier"),
    ("id missing", 'id = "scolding"\n', "", r"\[\[category\]\] number 3: key 'id' must be a non-empty text"),
    ("unknown parent", 'motive = "scheming"', 'motive = "plotting"',
     "key 'motive' has 'plotting'; allowed: suggestion"),
    ("no parent", 'motive = "compensation"\n', "", r"\[\[category\]\] 'redress': key 'motive' must be"),
    ("no definition", 'definition = "没有表达任何不满或要求纠正。"', "", "'none': key 'definition' must be"),
    ("number as name", 'name = "物资或精神赔偿"', "name = 7", "'redress': key 'name' must be a non-empty text, got 7"),
    ("unknown purpose", 'purpose = "constructive"', 'purpose = "nice"', "key 'purpose' has 'nice'"),
    ("alias taken", 'aliases = ["无投诉"]', 'aliases = ["讽刺责骂"]',
     "the name '讽刺责骂' already belongs to 'scolding'"),
    ("alias a number", 'aliases = ["无投诉"]', "aliases = [1]", "key 'aliases' must list texts, got 1"),
    ("childless motive", 'id = "redress"\nname = "物资或精神赔偿"\nmotive = "compensation"',
     'id = "redress"\nname = "物资或精神赔偿"\nmotive = "venting"', "'compensation': no category belongs to it"),
    ("levels out of order", "level = 2", "level = 5", r"\[\[intensity\]\]: key 'level' must count"),
    ("behaviour unknown", 'behaviour = "angry_venting"', 'behaviour = "hugging"', "key 'behaviour' has 'hugging'"),
    ("level unknown", "intensity = [3]", "intensity = [9]", "key 'intensity' has 9; allowed: 0, 1, 2, 3"),
    ("last rule conditional", '[[behaviour_rule]]\nbehaviour = "passive_complaint"',
     '[[behaviour_rule]]\nbehaviour = "passive_complaint"\nintensity = [0]', "the last rule must have no condition"),
    ("need without code", 'code = "R"\n', "", r"\[\[need\]\] 'rational': key 'code' must be"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES])
def test_a_malformed_file_is_refused_by_name(old, new, message):
    assert old in CONTENT
    with pytest.raises(ResourceError, match=message):
        parse_taxonomy(CONTENT.replace(old, new, 1), "t.toml")


def test_a_missing_table_is_refused():
    with pytest.raises(ResourceError, match=r"t\.toml: \[\[motive\]\]: is missing"):
        parse_taxonomy("version = 1", "t.toml")
