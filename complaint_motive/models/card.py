"""The model card: written from the metadata at training time, never by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from complaint_motive.taxonomy import taxonomy

__all__ = ["model_card"]

_HEAD = """# Model card

Linear heads over word and character n-grams, cues, text shape and the strongest responses of convolution filters;
seven motive categories, two needs, four levels of intensity, four causes. Chinese complaints of customers: reviews,
posts, tickets, chats, call transcripts.

**Intended use**: to sort complaints, to show a handler why a person probably complains and what to do first, and to
send doubtful ones to a person. **Not for**: deciding about a person. `coercion` and `sabotage` are signals for review,
always marked `needs_review`; going to a regulator or a court is a right and never counts as scheming by itself.

"""
_TAIL = """
## Limits

- Labels follow one codebook; other teams draw some borders elsewhere (recognition and redress above all).
- Irony, threats without any threatening word, and very short texts are missed more often than the figures suggest.
- `coercion` and `sabotage` are rare in real channels: a handful of wrong alarms outweighs their figures there.
- Dialects, minority languages, and English are hardly covered (`needs_review`, reason `not_chinese`).
"""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _training(metadata: Mapping[str, Any]) -> str:
    parts = {name: part for name, part in metadata["training"].items() if part}
    rows = [
        (f"{ident} {category.name}", *(str(part["categories"].get(ident, 0)) for part in parts.values()))
        for ident, category in taxonomy().categories.items()
    ]
    total = ("rows", *(str(part["rows"]) for part in parts.values()))
    groups = ("authors or annotators", *(str(part["groups"]) for part in parts.values()))
    rationales = ("rows with a rationale", *(str(part["rationales"]) for part in parts.values()))
    files = "\n".join(
        f"- {name}: `{file}` sha256 `{digest}`"
        for name, part in parts.items()
        for file, digest in part["sha256"].items()
    )
    return "## Training data\n\n" + _table(("", *parts), [*rows, total, groups, rationales]) + "\n" + files + "\n"


def _metrics(metadata: Mapping[str, Any]) -> str:
    """Return one table per measured set, with a column per model."""
    models = metadata.get("metrics", {})
    out = []
    for name in next(iter(models.values()), {}):
        columns = {model: sets[name] for model, sets in models.items()}
        rows = [
            (key, *(f"{c[key]:.3f}" if isinstance(c[key], float) else str(c[key]) for c in columns.values()))
            for key, value in next(iter(columns.values())).items()
            if value is not None
        ]
        out.append(f"\n## Figures: {name}\n\n" + _table(("figure", *columns), rows))
    note = "\nSets other than the test split are not published with the package; nothing was learned from them.\n"
    return "".join(out) + (note if len(out) > 1 else "")


def _versions(metadata: Mapping[str, Any]) -> str:
    rows = [(name, value) for name, value in metadata["versions"].items()]
    return f"\n## Made with\n\n{metadata['n_features']} features.\n\n" + _table(("package", "version"), rows)


def model_card(metadata: Mapping[str, Any]) -> str:
    """Return the model card as Markdown.

    Parameters
    ----------
    metadata : mapping
        ``training``, ``versions``, ``n_features`` and ``metrics``, as made by
        :func:`complaint_motive.training.train`.
    """
    return _HEAD + _training(metadata) + _metrics(metadata) + _versions(metadata) + _TAIL
