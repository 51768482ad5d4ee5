"""A tiny analyzer with the interface of the real one: results depend on the text alone, and it can be slow."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass

import numpy as np

from complaint_motive.schema import Kind, output_columns

MOTIVES = ("suggestion", "venting", "compensation", "scheming", "none")


@dataclass(frozen=True)
class FakeAnalyzer:
    """Scores by hashing; `seconds` of sleep per text; a text with 坏 in it makes it fail."""

    seconds: float = 0.0
    model_digest: str = "fake-1"

    def columns(self, texts, *, evidence=True):
        if any(text and "炸了分析器" in text for text in texts):
            raise ZeroDivisionError("the analyzer failed on purpose")
        time.sleep(self.seconds * len(texts))
        seeds = [hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).digest() for text in texts]
        return {column.name: self._column(column, texts, seeds) for column in output_columns(evidence=evidence)}

    def _column(self, column, texts, seeds):
        if column.kind is Kind.PROBABILITY:
            return np.array([seed[0] / 255 / 7 for seed in seeds])
        if column.kind is Kind.INTEGER:
            return np.array([seed[1] % 4 for seed in seeds], dtype=np.int64)
        if column.kind is Kind.BOOLEAN:
            return np.array([seed[2] % 3 == 0 for seed in seeds])
        if column.name == "cues":
            spans = [{"cue": "refund_request", "text": "退款", "start": 0, "end": 2, "negated": False}]
            return [spans if text and text.startswith("退款") else [] for text in texts]
        if column.name == "evidence":
            return [
                [{"text": text[:3], "start": 0, "end": min(3, len(text)), "weight": 0.5}] if text else []
                for text in texts
            ]
        if column.name == "headline":
            return [f"=核对「{(text or '')[:4]}」" for text in texts]
        if column.nullable:
            return [None if seed[3] % 2 else "redress" for seed in seeds]
        return [MOTIVES[seed[4] % 5] for seed in seeds]

    def mask(self, text):
        return re.sub(r"1\d{10}", "[手机]", text)
