"""The model folder: written and read back exactly; anything damaged or foreign is refused with a clear error."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
from importlib.resources import files

import numpy as np
import pytest

import complaint_motive as cm
from complaint_motive.errors import ArtifactError
from complaint_motive.judgement import judge
from complaint_motive.models.artifact import FORMAT_VERSION, load_model, load_shipped_model, save_model

TEXTS = ["要求退款", "垃圾公司", "建议加路灯", "再不退款我就曝光你们", ""]


@pytest.fixture(scope="module")
def saved(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    save_model(folder, tiny.scorer_, tiny.rule_, {"note": "测试"}, "# card\n")
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "model")


def test_a_model_read_back_gives_the_same_bits(saved, tiny):
    model = load_model(saved)
    assert model.rule == tiny.rule_
    assert model.metadata["note"] == "测试"
    before = judge(tiny.scorer_, tiny.rule_, TEXTS)
    after = judge(model.scorer, model.rule, TEXTS)
    for name in ("category", "needs", "intensity", "cause"):
        assert (getattr(before.probabilities, name) == getattr(after.probabilities, name)).all()
    assert (before.decisions.category == after.decisions.category).all()


def test_the_same_model_is_written_as_the_same_bytes(saved, tiny, tmp_path):
    save_model(tmp_path / "again", tiny.scorer_, tiny.rule_, {"note": "测试"}, "# card\n")
    for name in ("weights.npz", "metadata.json", "MODEL_CARD.md"):
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes()


def test_metadata_cannot_overrule_the_digests(tiny, tmp_path):
    written = save_model(tmp_path, tiny.scorer_, tiny.rule_, {}, "")
    assert written["weights_sha256"] == hashlib.sha256((tmp_path / "weights.npz").read_bytes()).hexdigest()
    assert written == json.loads((tmp_path / "metadata.json").read_text(encoding="utf-8"))


def test_digests_tell_models_apart(saved, folder):
    edit(folder, lambda metadata: metadata["rule"].update(review_confidence=0.77))
    assert load_model(folder).digest != load_model(saved).digest
    assert load_model(saved).digest == load_model(saved).digest


def edit(folder, change):
    path = folder / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    change(metadata)
    path.write_text(json.dumps(metadata), encoding="utf-8")


def replace_weights(folder, content: bytes):
    """Put other bytes in place of the weights, with the right checksum."""
    (folder / "weights.npz").write_bytes(content)
    edit(folder, lambda metadata: metadata.update(weights_sha256=hashlib.sha256(content).hexdigest()))


def rewrite(folder, **changes):
    """Change some arrays of the weights (None leaves one out), with the right checksum."""
    with np.load(folder / "weights.npz") as archive:
        arrays = {name: archive[name] for name in archive.files} | changes
    out = io.BytesIO()
    np.savez(out, **{name: array for name, array in arrays.items() if array is not None})
    replace_weights(folder, out.getvalue())


def flip(folder, name, at):
    content = bytearray((folder / name).read_bytes())
    content[at] ^= 0x40
    (folder / name).write_bytes(bytes(content))


def truncate(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])


def npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue()


DAMAGES = [
    ("flipped byte in the middle", lambda f: flip(f, "weights.npz", 500), "sha256 differs from the metadata's"),
    ("flipped first byte", lambda f: flip(f, "weights.npz", 0), "sha256 differs"),
    ("flipped last byte", lambda f: flip(f, "weights.npz", -1), "sha256 differs"),
    ("truncated weights", lambda f: truncate(f, "weights.npz"), "sha256 differs"),
    ("empty weights", lambda f: (f / "weights.npz").write_bytes(b""), "sha256 differs"),
    ("missing weights", lambda f: (f / "weights.npz").unlink(), r"weights\.npz: cannot be read"),
    ("missing metadata", lambda f: (f / "metadata.json").unlink(), r"no metadata\.json; a model folder holds"),
    ("truncated metadata", lambda f: truncate(f, "metadata.json"), "cannot be read as JSON"),
    ("metadata not UTF-8", lambda f: (f / "metadata.json").write_bytes(b"\xff\xfe{}"), "cannot be read as JSON"),
    ("metadata a list", lambda f: (f / "metadata.json").write_text("[1]"), "not a complaint_motive model"),
    ("foreign json", lambda f: (f / "metadata.json").write_text('{"kind": "other"}'), "not a complaint_motive model"),
    ("no checksum", lambda f: edit(f, lambda m: m.pop("weights_sha256")), "sha256 differs"),
    ("newer format", lambda f: edit(f, lambda m: m.update(format_version=FORMAT_VERSION + 1)),
     rf"format version {FORMAT_VERSION + 1}, this package reads {FORMAT_VERSION}; update complaint-motive"),
    ("older format", lambda f: edit(f, lambda m: m.update(format_version=0)), "format version 0, .*; train it anew"),
    ("format a word", lambda f: edit(f, lambda m: m.update(format_version="x")),
     "format version 'x', .*; train it anew"),
    ("other taxonomy", lambda f: edit(f, lambda m: m.update(taxonomy_digest="0" * 64)), "trained with other labels"),
    ("no rule", lambda f: edit(f, lambda m: m.pop("rule")), "key 'rule' is incomplete: KeyError"),
    ("rule incomplete", lambda f: edit(f, lambda m: m["rule"].pop("offsets")), "key 'rule' is incomplete"),
    ("rule too short", lambda f: edit(f, lambda m: m["rule"].update(offsets=[1])), "offsets has 1 values, expected 7"),
    ("rule a word", lambda f: edit(f, lambda m: m["rule"].update(review_margin="a")), "key 'rule' is incomplete"),
    ("not a zip file", lambda f: replace_weights(f, b"hello"), r"not a readable \.npz file"),
    ("nothing at all", lambda f: replace_weights(f, b""), r"not a readable \.npz file"),
    ("one array alone", lambda f: replace_weights(f, npy()), r"not a readable \.npz file"),
    ("a pickle", lambda f: replace_weights(f, pickle.dumps({"a": 1})), r"not a readable \.npz file"),
    ("pickled arrays", lambda f: rewrite(f, words=np.array([{"a": 1}], dtype=object)), r"not a readable \.npz file"),
    ("array missing", lambda f: rewrite(f, idf=None), r"arrays missing: \['idf'\]"),
    ("array of another type", lambda f: rewrite(f, keys=np.zeros(3)), r"of another type than expected: \['keys'\]"),
    ("keys too few", lambda f: rewrite(f, keys=np.arange(1, 4, dtype=np.uint64)),
     r"idf have shape .*, expected \(3,\)"),
    ("keys out of order", lambda f: reverse(f), "keys must ascend"),
    ("coefficients too few", lambda f: rewrite(f, coefficients=np.zeros((3, 16), np.float16)),
     r"coefficients have shape \(3, 16\), expected"),
    ("coefficients for other heads", lambda f: narrow(f), r"coefficients have shape .* 15\), expected"),
    ("intercepts too few", lambda f: rewrite(f, intercepts=np.zeros(15)), r"intercepts have shape \(15,\)"),
    ("temperatures a matrix", lambda f: rewrite(f, temperatures=np.ones((16, 1))),
     r"temperatures have shape \(16, 1\)"),
    ("temperatures nil", lambda f: rewrite(f, temperatures=np.zeros(16)), "temperatures be above 0"),
    ("filters missing", lambda f: rewrite(f, filter_weights=None), r"arrays missing: \['filter_weights'\]"),
    ("filter weights a number", lambda f: rewrite(f, filter_weights=np.int8(1)), r"filter_weights have shape \(\)"),
    ("filter scales a number", lambda f: rewrite(f, filter_scales=np.float32(1)), "filter_scales a vector"),
    ("filter scales negative", lambda f: turn(f, "filter_scales"), "filter_scales not below 0"),
    ("filter biases too few", lambda f: rewrite(f, filter_biases=np.zeros(1, np.int16)),
     r"filter_biases have shape \(1,\)"),
    ("word vectors too few", lambda f: rewrite(f, filter_embeddings=np.zeros((2, 64), np.int8)),
     r"filter_embeddings have shape \(2, 64\), expected"),
    ("not finite", lambda f: rewrite(f, intercepts=np.full(16, np.nan)), "intercepts hold values that are not finite"),
    ("words not UTF-8", lambda f: rewrite(f, words=np.full(5, 0xFF, np.uint8)), "not UTF-8"),
    ("other cues", lambda f: rewrite(f, cue_ids=np.frombuffer(b"x\x1fy", np.uint8)), "trained with other cues"),
]  # fmt: skip


def reverse(folder):
    with np.load(folder / "weights.npz") as archive:
        keys = archive["keys"][::-1]
    rewrite(folder, keys=keys)


def turn(folder, name):
    with np.load(folder / "weights.npz") as archive:
        array = -archive[name] - 1
    rewrite(folder, **{name: array})


def narrow(folder):
    with np.load(folder / "weights.npz") as archive:
        coefficients = archive["coefficients"][:, :15]
    rewrite(folder, coefficients=coefficients)


@pytest.mark.parametrize(("damage", "message"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES])
def test_a_damaged_folder_is_refused(folder, damage, message):
    damage(folder)
    with pytest.raises(ArtifactError, match=message):
        load_model(folder)
    with pytest.raises(ArtifactError, match=message):
        cm.load(folder)


def test_rewriting_alone_does_no_damage(folder):
    rewrite(folder)
    assert load_model(folder).rule


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"no metadata\.json"):
        load_model(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArtifactError, match="cannot be read"):
        load_model(tmp_path / "file")


def test_the_shipped_model_is_complete_and_small():
    model = load_shipped_model()
    folder = files("complaint_motive") / "resources" / "pretrained"
    size = sum(len(part.read_bytes()) for part in folder.iterdir())
    assert size < 8_000_000
    assert len(model.scorer.vocabulary) > 1000
    assert len(model.digest) == 64
