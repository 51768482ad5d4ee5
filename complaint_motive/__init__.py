"""Reads a Chinese customer complaint, says why the person complains, and tells the handler what to do."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from complaint_motive.analysis import Analysis, CueHit, Decision, EvidenceSpan, Fact, HandlingPlan, Needs
    from complaint_motive.analyzer import Analyzer, load
    from complaint_motive.errors import ArtifactError, ComplaintMotiveError, InputError, ResourceError
    from complaint_motive.models.classifier import MotiveClassifier
    from complaint_motive.strategy import StrategyBook
    from complaint_motive.taxonomy import Taxonomy

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Analyzer",
    "ArtifactError",
    "ComplaintMotiveError",
    "CueHit",
    "Decision",
    "EvidenceSpan",
    "Fact",
    "HandlingPlan",
    "InputError",
    "MotiveClassifier",
    "Needs",
    "ResourceError",
    "StrategyBook",
    "Taxonomy",
    "load",
]

_HOMES = {
    "complaint_motive.analysis": ("Analysis", "CueHit", "Decision", "EvidenceSpan", "Fact", "HandlingPlan", "Needs"),
    "complaint_motive.analyzer": ("Analyzer", "load"),
    "complaint_motive.errors": ("ArtifactError", "ComplaintMotiveError", "InputError", "ResourceError"),
    "complaint_motive.models.classifier": ("MotiveClassifier",),
    "complaint_motive.strategy": ("StrategyBook",),
    "complaint_motive.taxonomy": ("Taxonomy",),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    """Import a public name on first use: ``import complaint_motive`` itself loads nothing."""
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'complaint_motive' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
