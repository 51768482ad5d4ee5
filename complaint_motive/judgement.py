"""A judged batch: what the model decided about some texts, ready to become analyses or columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import compress, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from complaint_motive.analysis import Decision, Needs
from complaint_motive.features.cues import CueMatches, cue_lexicon
from complaint_motive.features.document import Documents, read_documents
from complaint_motive.features.facts import batch_triage_facts
from complaint_motive.features.matrix import FeatureMatrix, feature_matrix
from complaint_motive.features.privacy import PII_MARKS, PiiSpan, mask_spans, may_be_private, pii_spans
from complaint_motive.features.runs import alike
from complaint_motive.models.decision import (
    PRESSURE_CUES,
    REVIEW_REASONS,
    SAFETY_CUES,
    DecisionRule,
    Decisions,
    cue_flags,
    decide,
    text_states,
)
from complaint_motive.models.explain import Spans, attribute, evidence_spans
from complaint_motive.models.scorer import Probabilities, Scorer
from complaint_motive.strategy import CaseLabels, StrategyBook, Triage
from complaint_motive.taxonomy import taxonomy

__all__ = ["Judgement", "judge"]

_NEEDS = {(False, False): "", (True, False): "rational", (False, True): "emotional", (True, True): "both"}


@dataclass(frozen=True)
class Judgement:
    """Texts of a batch with everything that was computed about them.

    Attributes
    ----------
    originals : sequence of str, n of them
        The texts as they came.
    documents : Documents
        Their normalised form.
    matches : CueMatches
        Cue hits.
    features : FeatureMatrix or None
        Features with their places, kept if evidence is wanted.
    scorer : Scorer
        The model.
    probabilities : Probabilities
        Calibrated probabilities; for texts without words category ``none`` has 1.
    decisions : Decisions
        Decided labels.
    """

    originals: Sequence[str]
    documents: Documents
    matches: CueMatches
    features: FeatureMatrix | None
    scorer: Scorer
    probabilities: Probabilities
    decisions: Decisions

    @cached_property
    def _private(self) -> list[bool]:
        """Which texts may hold personal data: the customer's words do, or others' words may."""
        codes, bounds = self.documents.codes, self.documents.bounds
        low, high = ord(min(PII_MARKS.values())), ord(max(PII_MARKS.values()))
        marks = np.flatnonzero((codes >= low) & (codes <= high))
        private = np.zeros(len(self.documents), dtype=np.bool_)
        private[np.searchsorted(bounds, marks, side="right") - 1] = True
        others = np.flatnonzero(self.documents.attributed)
        private[others] |= may_be_private([self.originals[k] for k in others.tolist()])
        return private.tolist()

    def masked(self, k: int, start: int, end: int) -> str:
        """Return a range of an original text with personal data masked."""
        text = self.originals[k]
        if not self._private[k]:
            return text[start:end]
        if k not in self._pii:
            self._pii[k] = pii_spans(text)
        return mask_spans(text, self._pii[k], start, end)

    def _shown(self, documents: list[int], starts: list[int], ends: list[int]) -> list[str]:
        """Return what :meth:`masked` returns, for many ranges at once."""
        private, originals, masked = self._private, self.originals, self.masked
        return [
            masked(k, start, end) if private[k] else originals[k][start:end]
            for k, start, end in zip(documents, starts, ends, strict=True)
        ]

    @cached_property
    def _pii(self) -> dict[int, list[PiiSpan]]:
        """Personal data of the texts asked for so far: each text is read once, however many hits it has."""
        return {}

    def in_original(self, k: int, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original that a range of the normalised document stands for."""
        at = int(self.documents.bounds[k])
        return int(self.documents.origin[at + start]), int(self.documents.origin_end[at + end - 1])

    @cached_property
    def _hits(self) -> list[dict[str, Any]]:
        """All cue hits as the column ``cues`` holds them, offsets in their originals."""
        ids = cue_lexicon().ids
        matches, documents = self.matches, self.documents
        starts, ends = documents.origin[matches.start].tolist(), documents.origin_end[matches.end - 1].tolist()
        texts = self._shown(matches.document.tolist(), starts, ends)
        rows = zip(matches.cue.tolist(), texts, starts, ends, matches.negated.tolist(), strict=True)
        return [
            {"cue": ids[cue], "text": text, "start": start, "end": end, "negated": negated}
            for cue, text, start, end, negated in rows
        ]

    def cue_hits(self) -> list[list[dict[str, Any]]]:
        """Return the cue hits of each text as the column ``cues`` holds them."""
        hits = self._hits
        bounds = np.searchsorted(self.matches.document, np.arange(len(self.documents) + 1)).tolist()
        return [hits[a:b] for a, b in pairwise(bounds)]

    def _active_cues(self) -> list[frozenset[str]]:
        """Return the ids of the cues of each text that are not negated; equal sets are one object."""
        standing = ~self.matches.negated
        present = np.zeros((len(self.documents), self.matches.n_cues), dtype=np.bool_)
        present[self.matches.document[standing], self.matches.cue[standing]] = True
        return list(map(_cue_set, map(bytes, present)))

    def _cases(self) -> tuple[list[CaseLabels], list[int]]:
        """Return the different labels of the batch, and which of them each text has."""
        d, reasons = self.decisions, [*REVIEW_REASONS, ""]
        names = ("motive", "category", "secondary", "needs", "cause")
        first, case = alike([d.category, d.secondary, d.rational, d.emotional, d.intensity, d.cause, d.reason])
        cases = []
        for k in first:
            motive, category, secondary, need, cause = (self._labels[name][k] or "" for name in names)
            intensity, review = int(d.intensity[k]), reasons[d.reason[k]]
            cases.append(CaseLabels(motive, category, secondary, need, intensity, cause, review))
        return cases, case

    def _triage(self, book: StrategyBook, active: list[frozenset[str]]) -> list[Triage]:
        """Return strategy, urgency and headline of each text."""
        different, case = self._cases()
        asking = list(map(book.asks_remedies, different))
        facts = batch_triage_facts(self.documents, remedies=[asking[k] for k in case])
        return list(map(book.triage, [different[k] for k in case], active, facts))

    @cached_property
    def _evidence(self) -> Spans:
        features = self.features
        if features is None:
            features = _placed_features(self.scorer, self.documents, self.matches)
        found = attribute(self.scorer, self.documents, features, self.decisions.category)
        return evidence_spans(self.documents, found)

    def evidence(self) -> list[list[tuple[int, int, float]]]:
        """Return (start, end, weight) of the evidence of each text, offsets in its original, heaviest first."""
        indptr, *columns = (column.tolist() for column in self._evidence)
        spans = list(zip(*columns, strict=True))
        return [spans[a:b] for a, b in pairwise(indptr)]

    def _evidence_column(self) -> list[list[dict[str, Any]]]:
        """Return the evidence of each text as the column ``evidence`` holds it."""
        indptr, starts, ends, weights = self._evidence
        # Weights are multiples of 2**-30 and far below 2**13: the product is exact, so this rounds as `round` does.
        rounded = (np.rint(weights * 1e4) / 1e4).tolist()
        documents = np.repeat(np.arange(len(self.originals)), np.diff(indptr)).tolist()
        begins, closes = starts.tolist(), ends.tolist()
        rows = zip(self._shown(documents, begins, closes), begins, closes, rounded, strict=True)
        spans = [{"text": text, "start": start, "end": end, "weight": weight} for text, start, end, weight in rows]
        return [spans[a:b] for a, b in pairwise(indptr.tolist())]

    @cached_property
    def _labels(self) -> dict[str, list[Any]]:
        """Decided labels as ids, one list per output column."""
        tax, d = taxonomy(), self.decisions
        categories = list(tax.categories)
        # Index -1 picks the last element: the absent value.
        names, causes = [*categories, None], [*tax.causes, None]
        reasons: list[str | None] = [*REVIEW_REASONS, None]
        category = [names[k] for k in d.category.tolist()]
        given = [reasons[k] for k in d.reason.tolist()]
        rivals = [categories[k] for k in d.runner_up.tolist()]
        pairs = zip(d.rational.tolist(), d.emotional.tolist(), strict=True)
        return {
            "motive": [tax.motive_of(c) for c in category if c],
            "category": category,
            "secondary": [names[k] for k in d.secondary.tolist()],
            "needs": [_NEEDS[pair] or None for pair in pairs],
            "intensity": d.intensity.tolist(),
            "cause": [causes[k] for k in d.cause.tolist()],
            "purpose": [tax.purpose_of(c) for c in category if c],
            "review_reason": [
                f"{reason}:{name}/{rival}" if reason == "close_call" else reason
                for reason, name, rival in zip(given, category, rivals, strict=True)
            ],
        }

    def decision(self, k: int, active: set[str]) -> Decision:
        """Return the decision about one text.

        Parameters
        ----------
        k : int
            Index of the text.
        active : set of str
            Ids of its cues that are not negated.
        """
        labels = {name: values[k] for name, values in self._labels.items()}
        p = self.probabilities
        rational, emotional = p.needs[k].tolist()
        return Decision(
            motive=labels["motive"],
            category=labels["category"],
            secondary=labels["secondary"],
            needs=Needs(rational, emotional, labels["needs"] or ""),
            intensity=labels["intensity"],
            cause=labels["cause"],
            purpose=labels["purpose"],
            behaviour=taxonomy().behaviour_of(labels["category"], labels["intensity"], active),
            probabilities=MappingProxyType(dict(zip(taxonomy().categories, p.category[k].tolist(), strict=True))),
            needs_review=labels["review_reason"] is not None,
            review_reason=labels["review_reason"],
        )

    def columns(self, book: StrategyBook, *, evidence: bool) -> dict[str, Any]:
        """Return the output columns; see :meth:`complaint_motive.Analyzer.columns`."""
        p, labels, active = self.probabilities, self._labels, self._active_cues()
        triage = self._triage(book, active)
        behaviour_of = lru_cache(maxsize=None)(taxonomy().behaviour_of)
        columns: dict[str, Any] = {
            **labels,
            **{f"p_{c}": p.category[:, j] for j, c in enumerate(taxonomy().categories)},
            "need_rational": p.needs[:, 0],
            "need_emotional": p.needs[:, 1],
            "intensity": self.decisions.intensity,
            "behaviour": list(map(behaviour_of, labels["category"], labels["intensity"], active)),
            "needs_review": self.decisions.reason >= 0,
            "cues": self.cue_hits(),
            "strategy": [t.strategy for t in triage],
            "urgency": np.array([t.urgency for t in triage], dtype=np.int64),
            "headline": [t.headline for t in triage],
        }
        if evidence:
            columns["evidence"] = self._evidence_column()
        return columns


@lru_cache(maxsize=16_384)
def _cue_set(present: bytes) -> frozenset[str]:
    """Return the ids of the cues whose byte is not 0."""
    return frozenset(compress(cue_lexicon().ids, present))


def _placed_features(scorer: Scorer, documents: Documents, matches: CueMatches) -> FeatureMatrix:
    return feature_matrix(documents, scorer.vocabulary, scorer.filters, matches, places=True)


def judge(scorer: Scorer, rule: DecisionRule, originals: Sequence[str], *, places: bool = False) -> Judgement:
    """Return the judgement of some texts.

    Parameters
    ----------
    scorer, rule
        The model.
    originals : sequence of str
        Texts; an empty or blank one counts as missing.
    places : bool, default False
        Whether evidence will be asked for.
    """
    documents = read_documents(originals)
    n = len(documents)
    matches = cue_lexicon().match(documents.text, documents.bounds)
    features = _placed_features(scorer, documents, matches) if places else None
    if features is None:
        scores = scorer.document_scores(documents, matches)
    else:
        scores = scorer.placed_scores(documents, features)
    missing = np.fromiter((not text or text.isspace() for text in originals), dtype=np.bool_, count=n)
    state = text_states(documents, missing)
    probabilities = scorer.probabilities(scores).without_words(state.empty)
    decisions = decide(
        probabilities,
        rule,
        state=state,
        safety=cue_flags(matches, scorer.cue_ids, SAFETY_CUES, n),
        pressure=cue_flags(matches, scorer.cue_ids, PRESSURE_CUES, n),
    )
    return Judgement(originals, documents, matches, features, scorer, probabilities, decisions)
