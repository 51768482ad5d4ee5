"""Print the corpus's counts as Markdown tables; ``--update`` also writes them into ``datasets/README.md``.

Only the standard library is needed. Run from anywhere: ``python datasets/summary.py``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TEST_SPLIT = ("authored_06", "authored_07")
BEGIN, END = "<!-- summary -->\n", "<!-- /summary -->"
_INDUSTRIES = 15
_PER_ROW = 5

Record = dict[str, Any]


def read_corpus(folder: Path = HERE / "corpus") -> dict[str, list[Record]]:
    """Return the records of every author file, by the file's name without suffix."""
    files = sorted(folder.glob("authored_*.jsonl"))
    return {f.stem: [json.loads(line) for line in f.read_text(encoding="utf-8").splitlines()] for f in files}


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    rules = [":--", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, rules, *rows))


def _split_counts(corpus: dict[str, list[Record]], field: str) -> str:
    """Return how often each value of a field stands in the training and the test part, most frequent first."""
    test = Counter(record[field] for name in TEST_SPLIT for record in corpus.get(name, ()))
    both = Counter(record[field] for records in corpus.values() for record in records)
    total = sum(both.values())
    rows = ((f"`{v}`", n, f"{n / total:.1%}", n - test[v], test[v]) for v, n in both.most_common())
    return _table((field, "all", "share", "train", "test"), rows)


def _files(corpus: dict[str, list[Record]]) -> str:
    cells = [f"`{name[-2:]}`{' (test)' if name in TEST_SPLIT else ''} {len(rows)}" for name, rows in corpus.items()]
    lines = (" · ".join(cells[k : k + _PER_ROW]) for k in range(0, len(cells), _PER_ROW))
    return "Records per file `authored_NN.jsonl`:\n\n" + "  \n".join(lines)


def _lengths(records: Sequence[Record]) -> str:
    lengths = sorted(len(record["text"]) for record in records)
    rows = [f"{lengths[min(int(share * len(lengths)), len(lengths) - 1)]:,}" for share in (0, 0.1, 0.5, 0.9, 1)]
    return _table(("characters", "least", "10 %", "median", "90 %", "most"), [("text", *rows)])


def _industries(records: Sequence[Record]) -> str:
    counts = Counter(record["industry"] for record in records)
    frequent = counts.most_common(_INDUSTRIES)
    named = "、".join(f"{industry} {n}" for industry, n in frequent)
    rest = len(records) - sum(n for _, n in frequent)
    return f"Industry is free text, {len(counts)} names: {named}; the other {len(counts) - len(frequent)} names {rest}."


def summary(corpus: dict[str, list[Record]]) -> str:
    """Return the counts of a corpus as Markdown."""
    records = [record for rows in corpus.values() for record in rows]
    test = sum(len(corpus.get(name, ())) for name in TEST_SPLIT)
    total = f"{len(records):,} records, {len(corpus)} files; train {len(records) - test:,}, test {test:,}."
    fields = ("category", "needs", "intensity", "cause", "channel", "note")
    parts = [total, _files(corpus), *(_split_counts(corpus, field) for field in fields)]
    return "\n\n".join([*parts, _lengths(records), _industries(records)]) + "\n"


def update(text: str, path: Path = HERE / "README.md") -> None:
    """Put the counts between the marks of the data card."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")


def main() -> None:
    """Print the counts."""
    text = summary(read_corpus())
    sys.stdout.write(text)
    if "--update" in sys.argv[1:]:
        update(text)


if __name__ == "__main__":
    main()
