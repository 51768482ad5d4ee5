"""The model folder: ``metadata.json``, ``weights.npz`` (no pickle) and ``MODEL_CARD.md``; written, checked, read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, fields
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.errors import ArtifactError
from complaint_motive.features.filters import N_TAPS, WIDTHS, FilterBank
from complaint_motive.features.ngram_entries import FIRST
from complaint_motive.features.ngrams import NgramVocabulary
from complaint_motive.features.zones import ZONES, ZonedVocabulary
from complaint_motive.models.decision import DecisionRule
from complaint_motive.models.scorer import Scorer
from complaint_motive.taxonomy import taxonomy

__all__ = ["FORMAT_VERSION", "Model", "load_model", "load_shipped_model", "save_model"]

FORMAT_VERSION = 2
_KIND = "complaint_motive model"
_METADATA, _WEIGHTS, _CARD = "metadata.json", "weights.npz", "MODEL_CARD.md"
_GLUE = "\x1f"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHAPES = {
    **{f"{prefix}keys": "uint64" for prefix in ("", "tail_", "title_")},
    **{f"{prefix}idf": "float32" for prefix in ("", "tail_", "title_")},
    "coefficients": "float16",
    "intercepts": "float64",
    "temperatures": "float64",
    "filter_embeddings": "int8",
    "filter_weights": "int8",
    "filter_biases": "int16",
    "filter_scales": "float32",
}


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model as inference needs it.

    Attributes
    ----------
    scorer : Scorer
        Arrays that turn features into probabilities.
    rule : DecisionRule
        Thresholds of the decision.
    metadata : dict
        What ``metadata.json`` holds: digests, versions, training data, metrics.
    """

    scorer: Scorer
    rule: DecisionRule
    metadata: dict[str, Any]

    @property
    def digest(self) -> str:
        """sha256 over weights and thresholds: equal digests give equal labels."""
        text = self.metadata["weights_sha256"] + json.dumps(self.rule.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _name(zone: str, array: str) -> str:
    """Return the name of a zone's array in the file; those of the whole text have no prefix."""
    return array if zone == "whole" else f"{zone}_{array}"


def _pack(scorer: Scorer) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for zone, part in zip(ZONES, scorer.vocabulary.parts, strict=True):
        arrays |= {
            _name(zone, "words"): np.frombuffer(_GLUE.join(part.words).encode("utf-8"), dtype=np.uint8),
            _name(zone, "characters"): np.frombuffer(part.characters.encode("utf-8"), dtype=np.uint8),
            _name(zone, "keys"): part.keys,
            _name(zone, "idf"): part.idf,
        }
    return arrays | {
        "cue_ids": np.frombuffer(_GLUE.join(scorer.cue_ids).encode("utf-8"), dtype=np.uint8),
        "coefficients": scorer.coefficients.astype(np.float16),
        "intercepts": scorer.intercepts,
        "temperatures": scorer.temperatures,
        **{f"filter_{field.name}": getattr(scorer.filters, field.name) for field in fields(FilterBank)},
    }


def _npz_bytes(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return a .npz file whose bytes depend on the arrays only (numpy's own writer stamps the time)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, buffer.getvalue())
    return out.getvalue()


def save_model(
    path: Path | str, scorer: Scorer, rule: DecisionRule, metadata: dict[str, Any], card: str
) -> dict[str, Any]:
    """Write a model folder; return its complete metadata.

    Parameters
    ----------
    path : path
        Folder; made if missing.
    scorer, rule
        The fitted model.
    metadata : dict
        Training data, versions and metrics; format, digests and thresholds are added here.
    card : str
        Text of the model card.
    """
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    weights = _npz_bytes(_pack(scorer))
    complete = {
        "kind": _KIND,
        "format_version": FORMAT_VERSION,
        "taxonomy_digest": taxonomy().digest,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "rule": rule.to_dict(),
        **metadata,
    }
    (folder / _WEIGHTS).write_bytes(weights)
    (folder / _METADATA).write_text(json.dumps(complete, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / _CARD).write_text(card, encoding="utf-8")
    return complete


def _read_metadata(folder: Path) -> dict[str, Any]:
    path = folder / _METADATA
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"{folder}: no {_METADATA}; a model folder holds {_METADATA} and {_WEIGHTS}") from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(metadata, dict) or metadata.get("kind") != _KIND:
        raise ArtifactError(f"{path}: not a {_KIND}")
    version = metadata.get("format_version")
    if version != FORMAT_VERSION:
        hint = "update complaint-motive" if isinstance(version, int) and version > FORMAT_VERSION else "train it anew"
        raise ArtifactError(f"{path}: format version {version!r}, this package reads {FORMAT_VERSION}; {hint}")
    if metadata.get("taxonomy_digest") != taxonomy().digest:
        raise ArtifactError(f"{path}: trained with other labels than this package's taxonomy; train it anew")
    return metadata


def _read_arrays(folder: Path, expected: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401 - from JSON
    path = folder / _WEIGHTS
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise ArtifactError(f"{path}: sha256 differs from the metadata's; the file is damaged or from another model")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (EOFError, OSError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ArtifactError(f"{path}: not a readable .npz file: {error}") from error
    texts = {_name(zone, array) for zone in ZONES for array in ("words", "characters")}
    missing = {*_SHAPES, *texts, "cue_ids"} - set(arrays)
    wrong = [name for name, kind in _SHAPES.items() if name in arrays and arrays[name].dtype != np.dtype(kind)]
    if missing or wrong:
        raise ArtifactError(f"{path}: arrays missing: {sorted(missing)}; of another type than expected: {wrong}")
    return arrays


def _unglue(array: NDArray[Any]) -> tuple[str, ...]:
    text = array.tobytes().decode("utf-8")
    return tuple(text.split(_GLUE)) if text else ()


def load_model(path: Path | str) -> Model:
    """Return the model stored in a folder.

    Raises
    ------
    ArtifactError
        If the folder is damaged, foreign, written by a newer version or for other labels or cues.
    """
    folder = Path(path)
    metadata = _read_metadata(folder)
    arrays = _read_arrays(folder, metadata.get("weights_sha256"))
    try:
        scorer = _unpack(arrays)
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{folder / _WEIGHTS}: words or characters are not UTF-8: {error}") from error
    _check_shapes(scorer, folder)
    try:
        rule = DecisionRule.from_dict(metadata["rule"])
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{folder / _METADATA}: key 'rule' is incomplete: {error!r}") from error
    return Model(scorer, rule, metadata)


def _unpack(arrays: dict[str, NDArray[Any]]) -> Scorer:
    parts = []
    for zone in ZONES:
        words, characters, keys, idf = (arrays[_name(zone, a)] for a in ("words", "characters", "keys", "idf"))
        parts.append(NgramVocabulary(_unglue(words), characters.tobytes().decode("utf-8"), keys, idf))
    vocabulary, cue_ids = ZonedVocabulary(tuple(parts)), _unglue(arrays["cue_ids"])
    filters = FilterBank(*(arrays[f"filter_{field.name}"] for field in fields(FilterBank)))
    coefficients = arrays["coefficients"].astype(np.float32)
    return Scorer(vocabulary, cue_ids, filters, coefficients, arrays["intercepts"], arrays["temperatures"])


def _check_shapes(scorer: Scorer, folder: Path) -> None:
    from complaint_motive.features.cues import cue_lexicon
    from complaint_motive.features.matrix import SHAPE_NAMES

    if scorer.cue_ids != cue_lexicon().ids:
        raise ArtifactError(f"{folder}: the model was trained with other cues than this package's; train it anew")
    parts = dict(zip(ZONES, scorer.vocabulary.parts, strict=True))
    bank = scorer.filters
    if bank.embeddings.ndim != 2 or bank.scales.ndim != 1:
        raise ArtifactError(f"{folder}: filter_embeddings must be a matrix and filter_scales a vector")
    n_features = sum(p.keys.size for p in parts.values()) + 2 * len(scorer.cue_ids) + len(SHAPE_NAMES) + len(bank)
    n_dimensions, n_each = bank.embeddings.shape[-1], len(bank) // len(WIDTHS)
    expected: dict[str, tuple[NDArray[Any], tuple[int, ...]]] = {
        **{_name(zone, "idf"): (part.idf, (part.keys.size,)) for zone, part in parts.items()},
        "coefficients": (scorer.coefficients, (n_features, 16)),
        "intercepts": (scorer.intercepts, (16,)),
        "temperatures": (scorer.temperatures, (16,)),
        "filter_embeddings": (bank.embeddings, (len(parts["whole"].words) + FIRST, n_dimensions)),
        "filter_weights": (bank.weights, (n_dimensions, N_TAPS * n_each)),
        "filter_biases": (bank.biases, (len(WIDTHS) * n_each,)),
        "filter_scales": (bank.scales, (len(WIDTHS) * n_each,)),
    }
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise ArtifactError(f"{folder}: {name} have shape {array.shape}, expected {shape}")
        if not np.isfinite(array).all():
            raise ArtifactError(f"{folder}: {name} hold values that are not finite")
    ascend = all(part.keys.ndim == 1 and (part.keys[1:] > part.keys[:-1]).all() for part in parts.values())
    if not ascend or (scorer.temperatures <= 0).any() or (bank.scales < 0).any():
        raise ArtifactError(f"{folder}: keys must ascend, temperatures be above 0 and filter_scales not below 0")


def load_shipped_model() -> Model:
    """Return the model that comes with the package."""
    with as_file(files("complaint_motive") / "resources" / "pretrained") as folder:
        return load_model(folder)
