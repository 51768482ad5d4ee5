"""Join ``real_labels.csv`` with texts that you hold into a labelled file for ``complaint-motive train --extra``.

    python datasets/attach_labels.py texts.jsonl.gz -o extra.jsonl

The labels are of real complaints that cannot be published; a text is known by the first 16 hexadecimal digits of the
SHA-256 of its UTF-8 bytes. Input: JSON lines, plain or gzip, with ``text``. Only the standard library is needed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
LABELS = HERE / "real_labels.csv"


def text_id(text: str) -> str:
    """Return the id under which the labels of a text stand."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_labels(path: Path = LABELS) -> dict[str, dict[str, str]]:
    """Return the labels by id."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def _texts(path: Path) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)["text"]
            except (ValueError, KeyError, TypeError) as error:
                sys.exit(f"{path}, line {number}: {type(error).__name__} {error}; a JSON object with 'text' is needed")


def attach(paths: list[Path], out: Path, labels: dict[str, dict[str, str]]) -> int:
    """Write the labelled texts in the order of the labels; return how many there are."""
    texts = {key: text for path in paths for text in _texts(path) if (key := text_id(text)) in labels}
    with out.open("w", encoding="utf-8") as lines:
        for key, row in labels.items():
            if key in texts:
                record = {"id": key, "text": texts[key]} | {name: value for name, value in row.items() if name != "id"}
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    return len(texts)


def main() -> None:
    """Read the command line and say how many labels found their text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("texts", nargs="+", type=Path, help=".jsonl or .jsonl.gz files with a field 'text'")
    parser.add_argument("-o", "--out", type=Path, required=True, help="labelled file to write")
    wanted = parser.parse_args()
    labels = read_labels()
    found = attach(wanted.texts, wanted.out, labels)
    sys.stdout.write(f"{found:,} of {len(labels):,} labels found their text; wrote {wanted.out}\n")


if __name__ == "__main__":
    main()
