"""Join ``real_labels.csv`` and ``real_rationales.csv`` with texts that you hold into a labelled file for ``train``.

    python datasets/attach_labels.py texts.jsonl.gz -o weak.jsonl

The labels are of real complaints that cannot be published; a text is known by the first 16 hexadecimal digits of the
SHA-256 of its UTF-8 bytes. Input: JSON lines, plain or gzip, with ``text``; rows that have a ``category`` keep their
own labels and only gain their rationale. Only the standard library is needed.
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
from typing import Any

HERE = Path(__file__).resolve().parent
LABELS, RATIONALES = HERE / "real_labels.csv", HERE / "real_rationales.csv"


def text_id(text: str) -> str:
    """Return the id under which the labels of a text stand."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_table(path: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a table by id, without it."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row.pop("id"): row for row in csv.DictReader(lines)}


def _records(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                record["text"].encode()
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                sys.exit(f"{path}, line {number}: {type(error).__name__} {error}; a JSON object with 'text' is needed")
            yield record


def rationale(text: str, ranges: str) -> list[str]:
    """Return the parts of a text that ranges such as ``12-40 88-120`` name, in characters from 0."""
    pairs = (pair.split("-") for pair in ranges.split())
    return [text[int(start) : int(end)] for start, end in pairs]


def attach(
    paths: list[Path], out: Path, labels: dict[str, dict[str, str]], rationales: dict[str, dict[str, str]]
) -> tuple[int, int]:
    """Write the labelled texts, each once; return how many there are, and how many of them have a rationale."""
    known: dict[str, dict[str, Any]] = {}
    for record in (record for path in paths for record in _records(path)):
        text = record["text"]
        key = text_id(text)
        if "category" in record or key in labels:
            own = record if "category" in record else {"id": key, "text": text} | labels[key]
            reasons = {"rationale": rationale(text, rationales[key]["ranges"])} if key in rationales else {}
            known[key] = own | reasons
    with out.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in known.values())
    return len(known), sum("rationale" in record for record in known.values())


def main() -> None:
    """Read the command line and say how many labels found their text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("texts", nargs="+", type=Path, help=".jsonl or .jsonl.gz files with a field 'text'")
    parser.add_argument("-o", "--out", type=Path, required=True, help="labelled file to write")
    wanted = parser.parse_args()
    labels, rationales = read_table(LABELS), read_table(RATIONALES)
    found, reasoned = attach(wanted.texts, wanted.out, labels, rationales)
    sys.stdout.write(f"{found:,} labelled texts, {reasoned:,} with a rationale; wrote {wanted.out}\n")


if __name__ == "__main__":
    main()
