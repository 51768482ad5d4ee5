"""Real-like complaints of mixed length, made from the corpus, for all benchmarks."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "datasets" / "corpus"
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?\n]*")


def labelled(files: str = "authored_0[0-5].jsonl") -> tuple[list[str], list[str]]:
    """Return texts and categories of some corpus files."""
    rows = [json.loads(line) for path in sorted(CORPUS.glob(files)) for line in path.open(encoding="utf-8")]
    return [row["text"] for row in rows], [row["category"] for row in rows]


def real_like(n: int, *, seed: int = 0) -> list[str]:
    """Return n texts whose lengths spread as those of real channels do: median about 90 characters, a long tail.

    Sentences keep the order in which they were written; where a text is too short, another one follows it.
    """
    rng = random.Random(seed)
    pool, _ = labelled("authored_*.jsonl")
    texts = []
    for _ in range(n):
        length, text = rng.lognormvariate(4.4, 0.85), ""
        while len(text) < length * 0.8:
            for sentence in _SENTENCE.findall(rng.choice(pool)):
                text += sentence
                if len(text) >= length:
                    break
        texts.append(text)
    return texts
