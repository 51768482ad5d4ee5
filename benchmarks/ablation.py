"""What each lever brings: category macro-F1 and accuracy in cross-validation grouped by author and annotator.

    python benchmarks/ablation.py                                  # the corpus alone: anyone can run it
    python benchmarks/ablation.py --extra ours.jsonl               # with further labelled rows, judged apart
    python benchmarks/ablation.py --extra ours.jsonl --by source   # and leaving one value of a column out at a time

Rows of the test split take no part. Nothing here is fitted on the rows that it is judged on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.model_selection import GroupKFold

from complaint_motive.features.cues import cue_lexicon
from complaint_motive.features.document import read_documents
from complaint_motive.features.filters import FilterBank
from complaint_motive.features.matrix import SHAPE_NAMES, feature_matrix
from complaint_motive.features.names import mask_names
from complaint_motive.features.ngram_entries import FIRST
from complaint_motive.features.zones import ZonedVocabulary
from complaint_motive.models.choice import recorded_choice
from complaint_motive.models.cross_fit import Rows, Settings, cross_fit
from complaint_motive.models.heads import fit_heads
from complaint_motive.models.labels import label_targets
from complaint_motive.models.scorer import HEADS
from complaint_motive.models.thresholds import weighted_macro_f1
from complaint_motive.training import corpus_files, read_rows

FOLDS = 3
CORPUS_WEIGHTS = (4.0, 10.0)
CHOICE = recorded_choice()
STRENGTH = dict.fromkeys(HEADS, CHOICE.parameters["c_category"])


def columns(vocabulary: ZonedVocabulary) -> dict[str, np.ndarray]:
    whole, tail, title = (len(part) for part in vocabulary.parts)
    words, cues = vocabulary.parts[0].n_word_features, 2 * len(cue_lexicon().ids)
    sizes = {"words": words, "characters": whole - words, "zones": tail + title, "cues": cues}
    sizes["shape"] = len(SHAPE_NAMES)
    edges = np.cumsum([0, *sizes.values()])
    return {name: np.arange(a, b) for name, a, b in zip(sizes, edges, edges[1:], strict=False)}


def fit_predict(matrix, targets, weight, train, test, *, balance=1.0):
    weights, balances = dict.fromkeys(HEADS, weight[train]), dict.fromkeys(HEADS, balance)
    coefficients, intercepts = fit_heads(matrix[train], targets[train], weights, c=STRENGTH, balance=balances)
    return (matrix[test] @ coefficients[:, :7] + intercepts[:7]).argmax(axis=1)


def show(name, gold, said, parts):
    cells = [
        f"{weighted_macro_f1(gold[rows], said[rows], np.ones(rows.sum()), 7):.3f} / {(gold == said)[rows].mean():.3f}"
        for rows in parts.values()
    ]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parents[1] / "datasets" / "corpus")
    parser.add_argument("--extra", type=Path, action="append", default=[])
    parser.add_argument("--by", help="column of the extra rows to leave out value by value")
    args = parser.parse_args()
    sources = {"corpus": read_rows(corpus_files(args.corpus))} | {path.stem: read_rows([path]) for path in args.extra}
    records = [record for rows, _ in sources.values() for record in rows]
    groups = np.array([group for _, some in sources.values() for group in some])
    origin = np.repeat(list(sources), [len(rows) for rows, _ in sources.values()])
    documents = read_documents(mask_names(record.text for record in records))
    vocabulary = ZonedVocabulary.fit(documents, min_df=CHOICE.parameters_for(len(records))["min_df"])
    matches = cue_lexicon().match(documents.text, documents.bounds)
    units, n_words = vocabulary.word_units(documents), len(vocabulary.parts[0].words)
    matrix = feature_matrix(documents, vocabulary, FilterBank.empty(n_words + FIRST), matches).matrix
    matrix.sum_duplicates()
    targets = label_targets(np.array([record.category for record in records], dtype=object), len(records))
    gold = targets.category
    is_extra = origin != "corpus"
    parts = {name: origin == name for name in sources}
    blocks, everything = columns(vocabulary), np.ones(len(records))
    splits = list(GroupKFold(FOLDS).split(matrix, groups=groups))

    def cross(chosen=matrix, weight=everything, **options):
        said = np.zeros(len(gold), dtype=np.int64)
        for train, test in splits:
            kept = train[weight[train] > 0]
            said[test] = fit_predict(chosen, targets, weight, kept, test, **options)
        return said

    def without(*names):
        drop = np.ones(matrix.shape[1], dtype=np.float32)
        for name in names:
            drop[blocks[name]] = 0
        return sparse.csr_matrix(matrix @ sparse.diags(drop))

    print(f"| {len(records)} rows, {FOLDS} folds: macro-F1 / accuracy | {' | '.join(parts)} |")
    print(f"|---|{'---|' * len(parts)}")
    show("n-grams, cues and shape", gold, cross(), parts)
    rows = Rows(matrix, units, n_words, targets, dict.fromkeys(HEADS, everything))
    sizes = {name: CHOICE.parameters[name] for name in ("n_filters", "epochs")}
    fitted = cross_fit(rows, splits, Settings(STRENGTH, dict.fromkeys(HEADS, 1.0), **sizes, random_state=0))
    show("with filters", gold, (fitted.linear + fitted.filtered)[:, :7].argmax(axis=1), parts)
    show("filters alone", gold, fitted.filtered[:, :7].argmax(axis=1), parts)
    show("without title and last words", gold, cross(without("zones")), parts)
    show("without cues", gold, cross(without("cues")), parts)
    show("without shape", gold, cross(without("shape")), parts)
    show("words only", gold, cross(without("characters", "zones", "cues", "shape")), parts)
    show("classes not balanced", gold, cross(balance=0.0), parts)
    if args.extra:
        for name, rows in parts.items():
            show(f"fitted without {name}", gold, cross(weight=np.where(rows, 0.0, 1.0)), parts)
        show("fitted on the corpus alone", gold, cross(weight=np.where(is_extra, 0.0, 1.0)), parts)
        for times in CORPUS_WEIGHTS:
            show(f"corpus rows weigh {times} times", gold, cross(weight=np.where(is_extra, 1.0, times)), parts)
    if args.by:
        values = np.where(is_extra, [str(record.columns.get(args.by, "")) for record in records], "")
        print(f"\n| left out: {args.by} | rows | macro-F1 / accuracy |\n|---|---|---|")
        for value in sorted(set(values[is_extra])):
            test = np.flatnonzero(values == value)
            said = np.full(len(gold), -1)
            said[test] = fit_predict(matrix, targets, everything, np.flatnonzero(values != value), test)
            show(f"{value} | {len(test)}", gold, said, {"rows": values == value})


if __name__ == "__main__":
    main()
