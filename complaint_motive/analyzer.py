"""The façade: complaint texts in, analyses or columns out. One vectorised path; one text is a batch of one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.analysis import Analysis, CueHit, EvidenceSpan, Fact
from complaint_motive.errors import InputError
from complaint_motive.features.cues import cue_lexicon
from complaint_motive.features.facts import find_facts
from complaint_motive.features.privacy import mask_pii
from complaint_motive.judgement import Judgement, judge
from complaint_motive.models.artifact import Model, load_model, load_shipped_model
from complaint_motive.schema import Column, Kind, output_columns, refuse_collisions
from complaint_motive.strategy import StrategyBook, strategy_book
from complaint_motive.transcript import join_turns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Analyzer", "load"]

Text = str | Sequence[tuple[str, str]] | None

_CHUNK = 2048
"""Texts judged in one pass: large enough to spread numpy's overhead, small enough for the caches."""


class Analyzer:
    """Analyses complaints with one model and one handling book.

    Immutable, thread-safe and safe to use after ``fork``. Build it with :func:`load`.

    Parameters
    ----------
    model : Model
        A fitted model.
    book : StrategyBook
        The handling book.
    """

    def __init__(self, model: Model, book: StrategyBook) -> None:
        self._model = model
        self._book = book

    @property
    def model_digest(self) -> str:
        """sha256 over weights, thresholds, cues and handling book; equal digests give equal output columns."""
        parts = (self._model.digest, cue_lexicon().digest, self._book.digest)
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def metadata(self) -> MappingProxyType[str, Any]:
        """The model's metadata: training data, versions, metrics."""
        return MappingProxyType(self._model.metadata)

    def analyze(self, text: Text, *, reference: date | None = None) -> Analysis:
        """Return the analysis of one complaint.

        Parameters
        ----------
        text : str, sequence of (speaker, text), or None
            The complaint; a chat or call log may be one text with speaker marks or a list of turns. None or an empty
            text gives category ``none`` with the review reason ``no_text``.
        reference : datetime.date, optional
            The day on which it was written; makes dates such as 上周三 absolute.

        Raises
        ------
        InputError
            If `text` is neither.
        """
        return next(self.analyze_many([text], reference=reference))

    def analyze_many(self, texts: Iterable[Text], *, reference: date | None = None) -> Iterator[Analysis]:
        """Yield the analyses of many complaints in order, reading ahead only a little.

        Parameters
        ----------
        texts : iterable
            Complaints as for :meth:`analyze`.
        reference : datetime.date, optional
            As for :meth:`analyze`.
        """
        if isinstance(texts, str):
            raise InputError("texts is one text; pass a list of texts, or use analyze(text)")
        stream = iter(texts)
        row = 0
        while chunk := list(islice(stream, _CHUNK)):
            judged = self._judge([_original(text, row + k) for k, text in enumerate(chunk)], places=True)
            for k, (hits, evidence) in enumerate(zip(judged.cue_hits(), judged.evidence(), strict=True)):
                yield self._analysis(judged, k, hits, evidence, reference)
            row += len(chunk)

    def analyze_frame(
        self,
        frame: pd.DataFrame,
        text: str = "text",
        *,
        evidence: bool = False,
        plan: bool = False,
        overwrite: bool = False,
    ) -> pd.DataFrame:
        """Return the table with the output columns added; index and rows stay as they are.

        Parameters
        ----------
        frame : DataFrame, shape (n, m)
            One complaint a row.
        text : str, default "text"
            Column that holds the complaint; missing values are allowed.
        evidence : bool, default False
            Add the column ``evidence``.
        plan : bool, default False
            Add the column ``plan`` with the handling plan as a dict.
        overwrite : bool, default False
            Replace columns of the same names instead of refusing them.

        Raises
        ------
        InputError
            If the column is missing, a cell holds no text, or an output column is already there.
        """
        import pandas as pd

        if text not in frame.columns:
            raise InputError(f"the table has no column {text!r}; columns: {', '.join(map(repr, frame.columns))}")
        added = output_columns(evidence=evidence)
        if plan:
            added = (*added, Column("plan", Kind.TEXT))
        if not overwrite:
            refuse_collisions(map(str, frame.columns), added, "the table")
        texts = [None if t is pd.NA else t for t in frame[text].tolist()]
        columns: dict[str, Any] = self.columns(texts, evidence=evidence)
        if plan:
            columns["plan"] = [analysis.plan.to_dict() for analysis in self.analyze_many(texts)]
        kept = frame.drop(columns=[name for name in columns if name in frame.columns])
        return pd.concat([kept, pd.DataFrame(columns, index=frame.index)], axis=1)

    def columns(self, texts: Sequence[Text], *, evidence: bool = True) -> dict[str, list[Any] | NDArray[Any]]:
        """Return the output columns of many complaints: the fast path under every batch.

        Parameters
        ----------
        texts : sequence
            Complaints as for :meth:`analyze`, n of them.
        evidence : bool, default True
            Whether to add the column ``evidence``.

        Returns
        -------
        dict
            One entry per column of :func:`~complaint_motive.schema.output_columns`, in order, n values each; float,
            int and bool arrays for numbers, lists for the rest.
        """
        parts = []
        for at in range(0, max(len(texts), 1), _CHUNK):
            originals = [_original(text, at + k) for k, text in enumerate(texts[at : at + _CHUNK])]
            parts.append(self._judge(originals, places=evidence).columns(self._book, evidence=evidence))
        return {
            column.name: np.concatenate([part[column.name] for part in parts])
            if isinstance(parts[0][column.name], np.ndarray)
            else list(chain.from_iterable(part[column.name] for part in parts))
            for column in output_columns(evidence=evidence)
        }

    def mask(self, text: str) -> str:
        """Return a text with personal data replaced by its type.

        Examples
        --------
        >>> load().mask("请打13800138000")
        '请打[手机号]'
        """
        return mask_pii(text)

    def _judge(self, originals: Sequence[str], *, places: bool) -> Judgement:
        return judge(self._model.scorer, self._model.rule, originals, places=places)

    def _analysis(
        self,
        judged: Judgement,
        k: int,
        hits: list[dict[str, Any]],
        evidence: list[tuple[int, int, float]],
        reference: date | None,
    ) -> Analysis:
        original = judged.originals[k]
        cues = tuple(CueHit(**hit) for hit in hits)
        decision = judged.decision(k, {hit.cue for hit in cues if not hit.negated})
        normalized = judged.documents[k]
        found = find_facts(normalized, reference=reference)
        plan = self._book.recommend(decision, cues, found, text_length=len(normalized))
        spans = tuple(EvidenceSpan(judged.masked(k, a, b), a, b, weight) for a, b, weight in evidence)
        return Analysis(original, decision, spans, cues, tuple(_placed(judged, k, fact) for fact in found), plan)


def _placed(judged: Judgement, k: int, fact: Fact) -> Fact:
    start, end = judged.in_original(k, fact.start, fact.end)
    text = fact.text if fact.kind == "order_number" else judged.masked(k, start, end)
    return Fact(fact.dimension, fact.kind, text, fact.value, fact.unit, start, end)


def _original(text: Text, row: int) -> str:
    if isinstance(text, str):
        return text
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    if isinstance(text, (list, tuple)):
        try:
            return join_turns(text)
        except (ValueError, TypeError) as error:
            raise InputError(f"text {row}: {error}") from error
    raise InputError(
        f"text {row} is {text!r} ({type(text).__name__}); allowed: a text, a list of (speaker, text) turns, or None"
    )


def load(path: Path | str | None = None, *, strategies: Path | str | None = None) -> Analyzer:
    """Return an analyzer with the shipped model and handling book, or with your own.

    Parameters
    ----------
    path : path, optional
        Model folder written by ``complaint-motive train``; default: the shipped model.
    strategies : path, optional
        A TOML file whose entries are added to the handling book, or replace those of the same id.

    Raises
    ------
    ArtifactError
        If the model folder cannot be used.
    ResourceError
        If the handling book is malformed; the message names file, entry and key.

    Examples
    --------
    >>> load().analyze("这个月多扣了我三十块，请退给我").motive
    'compensation'
    """
    model = load_shipped_model() if path is None else load_model(path)
    book = strategy_book()
    if strategies is not None:
        source = Path(strategies)
        try:
            content = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{source}: cannot be read as UTF-8 text: {error}") from error
        book = StrategyBook.from_toml(content, source.name, base=book)
    return Analyzer(model, book)
