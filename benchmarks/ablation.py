"""What each lever brings: category macro-F1 and accuracy in cross-validation grouped by author and annotator.

    python benchmarks/ablation.py                                  # the corpus alone: anyone can run it
    python benchmarks/ablation.py --extra ours.jsonl               # with further labelled rows, judged apart
    python benchmarks/ablation.py --extra ours.jsonl --by source   # and leaving one value of a column out at a time
    python benchmarks/ablation.py --only "with filters"            # one lever

Rows of the test split take no part. No labels of the rows that are judged on are seen; vocabulary and word vectors come
from all texts.
"""

from __future__ import annotations

import argparse
from functools import cached_property, partial
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
from complaint_motive.training import corpus_files, read_rows, with_rationales

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


class Study:
    """Labelled rows, their features, and what cross-validation says of a choice."""

    def __init__(self, corpus: Path, extra: list[Path]) -> None:
        sources = {"corpus": read_rows(corpus_files(corpus))} | {path.stem: read_rows([path]) for path in extra}
        records = [record for rows, _ in sources.values() for record in rows]
        texts, row = with_rationales(records)
        is_whole = np.arange(len(row)) < len(records)
        groups = np.array([group for _, some in sources.values() for group in some])[row]
        origin = np.repeat(list(sources), [len(rows) for rows, _ in sources.values()])[row]
        self.records = [records[k] for k in row.tolist()]
        documents = read_documents(mask_names(texts))
        parameters = CHOICE.parameters_for(len(self.records))
        self.vocabulary = ZonedVocabulary.fit(documents, min_df=parameters["min_df"])
        self.units, self.n_words = self.vocabulary.word_units(documents), len(self.vocabulary.parts[0].words)
        matches = cue_lexicon().match(documents.text, documents.bounds)
        no_filters = FilterBank.empty(self.n_words + FIRST)
        self.matrix = feature_matrix(documents, self.vocabulary, no_filters, matches).matrix
        self.matrix.sum_duplicates()
        self.targets = label_targets(np.array([r.category for r in self.records], dtype=object), len(self.records))
        self.gold = self.targets.category
        self.is_extra = origin != "corpus"
        self.parts = {name: (origin == name) & is_whole for name in sources}
        self.with_rationales = np.ones(len(self.records))
        self.everything = np.where(is_whole, 1.0, 0.0)
        self.splits = list(GroupKFold(FOLDS).split(self.matrix, groups=groups))

    def cross(self, matrix=None, weight=None, **options):
        matrix = self.matrix if matrix is None else matrix
        weight = self.everything if weight is None else weight
        said = np.zeros(len(self.gold), dtype=np.int64)
        for train, test in self.splits:
            kept = train[weight[train] > 0]
            said[test] = fit_predict(matrix, self.targets, weight, kept, test, **options)
        return said

    def without(self, *names):
        drop, blocks = np.ones(self.matrix.shape[1], dtype=np.float32), columns(self.vocabulary)
        for name in names:
            drop[blocks[name]] = 0
        return self.cross(sparse.csr_matrix(self.matrix @ sparse.diags(drop)))

    @cached_property
    def with_filters(self):
        rows = Rows(self.matrix, self.units, self.n_words, self.targets, dict.fromkeys(HEADS, self.everything))
        sizes = {name: CHOICE.parameters[name] for name in ("n_filters", "epochs")}
        return cross_fit(rows, self.splits, Settings(STRENGTH, dict.fromkeys(HEADS, 1.0), **sizes, random_state=0))

    def levers(self):
        """Return what can be tried, by name."""
        found = {
            "n-grams, cues and shape": self.cross,
            "with filters": lambda: (self.with_filters.linear + self.with_filters.filtered)[:, :7].argmax(axis=1),
            "filters alone": lambda: self.with_filters.filtered[:, :7].argmax(axis=1),
            "without title and last words": partial(self.without, "zones"),
            "without cues": partial(self.without, "cues"),
            "without shape": partial(self.without, "shape"),
            "words only": partial(self.without, "characters", "zones", "cues", "shape"),
            "classes not balanced": partial(self.cross, balance=0.0),
        }
        if not self.everything.all():
            found["with rationales"] = partial(self.cross, weight=self.with_rationales)
        if not self.is_extra.any():
            return found
        for name, chosen in self.parts.items():
            found[f"fitted without {name}"] = partial(self.cross, weight=np.where(chosen, 0.0, self.everything))
        found["fitted on the corpus alone"] = partial(self.cross, weight=np.where(self.is_extra, 0.0, self.everything))
        for times in CORPUS_WEIGHTS:
            weight = np.where(self.is_extra, 1.0, times) * self.everything
            found[f"corpus rows weigh {times} times"] = partial(self.cross, weight=weight)
        return found

    def leave_out(self, column):
        """Print how each value of a column of the extra rows fares when nothing of it is learned from."""
        named = [str(record.columns.get(column, "")) for record in self.records]
        values = np.where(self.is_extra & (self.everything > 0), named, "")
        print(f"\n| left out: {column} | rows | macro-F1 / accuracy |\n|---|---|---|")
        for value in sorted(set(values[self.is_extra])):
            test, train = np.flatnonzero(values == value), np.flatnonzero(values != value)
            said = np.full(len(self.gold), -1)
            said[test] = fit_predict(self.matrix, self.targets, self.everything, train, test)
            show(f"{value} | {len(test)}", self.gold, said, {"rows": values == value})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parents[1] / "datasets" / "corpus")
    parser.add_argument("--extra", type=Path, action="append", default=[])
    parser.add_argument("--only", action="append", help="a lever by its name in the table, instead of all")
    parser.add_argument("--by", help="column of the extra rows to leave out value by value")
    args = parser.parse_args()
    study = Study(args.corpus, args.extra)
    levers = study.levers()
    if unknown := set(args.only or ()) - set(levers):
        parser.error(f"no lever {', '.join(sorted(unknown))}; there are: {', '.join(levers)}")
    print(f"| {int(study.everything.sum())} rows, {FOLDS} folds: macro-F1 / accuracy | {' | '.join(study.parts)} |")
    print(f"|---|{'---|' * len(study.parts)}")
    for name in args.only or levers:
        show(name, study.gold, levers[name](), study.parts)
    if args.by:
        study.leave_out(args.by)


if __name__ == "__main__":
    main()
