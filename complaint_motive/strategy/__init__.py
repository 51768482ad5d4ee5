"""The handling book and the plan for a case; reads the taxonomy and result types only."""

from __future__ import annotations

from complaint_motive.strategy.book import SAFETY_CUES, StrategyBook, Triage, strategy_book
from complaint_motive.strategy.case import TRIAGE_FACTS, CaseLabels
from complaint_motive.strategy.coverage import Coverage
from complaint_motive.strategy.entry import StrategyEntry
from complaint_motive.strategy.phrases import forbidden_phrases

__all__ = [
    "SAFETY_CUES",
    "TRIAGE_FACTS",
    "CaseLabels",
    "Coverage",
    "StrategyBook",
    "StrategyEntry",
    "Triage",
    "forbidden_phrases",
    "strategy_book",
]
