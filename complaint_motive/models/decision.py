"""From probabilities to one coherent decision per text, or to a person with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from complaint_motive.features.cues import CueMatches
from complaint_motive.features.document import Documents, count_by_document
from complaint_motive.models.scorer import Probabilities
from complaint_motive.taxonomy import taxonomy

__all__ = [
    "PRESSURE_CUES",
    "REVIEW_REASONS",
    "SAFETY_CUES",
    "DecisionRule",
    "Decisions",
    "TextState",
    "cue_flags",
    "decide",
    "scheming_categories",
    "text_states",
]

REVIEW_REASONS = (
    "no_text",
    "no_customer_words",
    "too_short",
    "not_chinese",
    "safety_cue",
    "accusing_motive",
    "close_call",
    "low_confidence",
)
"""Why a person should look; of several reasons the first one here is given. ``close_call`` names both candidates."""

PRESSURE_CUES = frozenset({"agent_complaint", "boycott_call", "exposure_threat", "rival_praise"})
SAFETY_CUES = frozenset({"self_harm", "violence", "safety_injury"})
_MIN_CHARACTERS = 3
_MIN_CHINESE_SHARE = 0.3

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class DecisionRule:
    """Thresholds of the decision, all chosen on held-out training data.

    Attributes
    ----------
    offsets : tuple of float
        Added to the log-probability of each category before the largest is taken.
    cause_offsets : tuple of float
        The same for the four causes.
    intensity_cuts : tuple of float
        A level is reached where the probability of being at least at it exceeds its cut.
    scheming_minimum : float
        Least probability of the two scheming categories together at which one of them is decided.
    secondary_minimum : float
        Least probability of a secondary category.
    review_confidence : float
        A decided category below this probability is reviewed.
    review_margin : float
        So is one that leads the next by less than this.
    """

    offsets: tuple[float, ...] = (0.0,) * 7
    cause_offsets: tuple[float, ...] = (0.0,) * 4
    intensity_cuts: tuple[float, ...] = (0.5,) * 3
    scheming_minimum: float = 0.5
    secondary_minimum: float = 0.2
    review_confidence: float = 0.5
    review_margin: float = 0.1

    def to_dict(self) -> dict[str, Any]:
        """Return the thresholds as plain values for the metadata."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> DecisionRule:
        """Return the rule written by :meth:`to_dict`.

        Raises
        ------
        KeyError, TypeError, ValueError
            If a threshold is missing or is no number.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            value, default = plain[field.name], field.default
            if isinstance(default, tuple):
                value = tuple(map(float, value))
                if len(value) != len(default):
                    raise ValueError(f"{field.name} has {len(value)} values, expected {len(default)}")
            values[field.name] = value if isinstance(default, tuple) else float(value)
        return cls(**values)


@dataclass(frozen=True)
class TextState:
    """What the texts of a batch allow; bool arrays of shape (n,)."""

    no_text: Flags
    no_customer_words: Flags
    too_short: Flags
    not_chinese: Flags

    @property
    def empty(self) -> Flags:
        """True where there are no words to judge."""
        return self.no_text | self.no_customer_words


@dataclass(frozen=True)
class Decisions:
    """Decided labels of a batch as arrays of shape (n,); -1 = absent.

    Attributes
    ----------
    category, secondary : ndarray of int64
        Index into the taxonomy's categories.
    intensity : ndarray of int64
        0 to 3.
    cause : ndarray of int64
        Index into the taxonomy's causes, -1 for ``none``.
    rational, emotional : ndarray of bool
        Needs by probability 0.5, the larger one where both are lower; both False for ``none``.
    reason : ndarray of int64
        Index into :data:`REVIEW_REASONS`, -1 where no review is needed.
    runner_up : ndarray of int64
        The most probable category other than the decided one.
    """

    category: Integers
    secondary: Integers
    intensity: Integers
    cause: Integers
    rational: Flags
    emotional: Flags
    reason: Integers
    runner_up: Integers


@lru_cache(maxsize=1)
def _category_index() -> dict[str, int]:
    return {category: k for k, category in enumerate(taxonomy().categories)}


@lru_cache(maxsize=1)
def scheming_categories() -> tuple[int, ...]:
    """Return the indices of the categories whose motive is scheming."""
    return tuple(k for k, c in enumerate(taxonomy().categories.values()) if c.motive == "scheming")


@lru_cache(maxsize=1)
def _scripts() -> NDArray[np.uint8]:
    """Return what each character is: 0 Chinese, 1 a letter of another script, 2 blank, 3 anything else."""
    kinds = np.full(0x32001, 3, dtype=np.uint8)
    for start, stop in ((0x41, 0x5B), (0x61, 0x250), (0x370, 0x2000), (0x3040, 0x3200), (0xAC00, 0xD7B0)):
        kinds[start:stop] = 1
    for start, stop in ((0x3400, 0xA000), (0x20000, 0x32000)):
        kinds[start:stop] = 0
    kinds[[0x20, 0x0A]] = 2
    return kinds


def text_states(documents: Documents, missing: Flags) -> TextState:
    """Return what each text allows.

    Parameters
    ----------
    documents : Documents
        The batch.
    missing : ndarray of bool, shape (n,)
        True where the original was empty, blank or missing.
    """
    chinese, letters, blanks = count_by_document(documents.codes, documents.bounds, _scripts(), 3).T
    blank = documents.lengths == blanks
    said = chinese + letters
    return TextState(
        no_text=missing | (blank & ~documents.attributed),
        no_customer_words=~missing & blank & documents.attributed,
        too_short=said < _MIN_CHARACTERS,
        not_chinese=chinese < _MIN_CHINESE_SHARE * said,
    )


def cue_flags(matches: CueMatches, cue_ids: Sequence[str], wanted: frozenset[str], n: int) -> NDArray[np.bool_]:
    """Return which of n documents hold at least one of the wanted cues, not negated."""
    columns = [k for k, cue in enumerate(cue_ids) if cue in wanted]
    flags = np.zeros(n, dtype=np.bool_)
    flags[matches.document[np.isin(matches.cue, columns) & ~matches.negated]] = True
    return flags


def _category(log_p: NDArray[np.float64], p: NDArray[np.float64], rule: DecisionRule) -> Integers:
    scheming = list(scheming_categories())
    shifted = log_p + np.asarray(rule.offsets)
    plain = shifted.copy()
    plain[:, scheming] = -np.inf
    together = p[:, scheming].sum(axis=1)
    allowed = together >= rule.scheming_minimum
    which = np.asarray(scheming)[np.argmax(shifted[:, scheming], axis=1)]
    return np.asarray(np.where(allowed, which, plain.argmax(axis=1)), dtype=np.int64)


def _levels(p: NDArray[np.float64], cuts: tuple[float, ...]) -> Integers:
    at_least = np.cumsum(p[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return np.asarray(np.minimum.accumulate(at_least > np.asarray(cuts), axis=1).sum(axis=1), dtype=np.int64)


def decide(
    probabilities: Probabilities, rule: DecisionRule, *, state: TextState, safety: Flags, pressure: Flags
) -> Decisions:
    """Return the decided labels.

    Parameters
    ----------
    probabilities : Probabilities
        Calibrated probabilities of n texts; not changed.
    rule : DecisionRule
        Thresholds.
    state : TextState
        What the texts allow.
    safety, pressure : ndarray of bool, shape (n,)
        Where a safety cue, or a cue of pressure or smearing, stands. Pressure never decides; where scheming comes next
        to the decided category it makes a close call.
    """
    p = probabilities.category
    rows = np.arange(len(p))
    none = _category_index()["none"]
    category = _category(np.log(np.maximum(p, 1e-12)), p, rule)
    category = np.where(state.empty, none, category)
    rest = p.copy()
    rest[rows, category] = -1.0
    runner_up = rest.argmax(axis=1)
    is_none = category == none
    secondary = np.where((rest.max(axis=1) >= rule.secondary_minimum) & (runner_up != none) & ~is_none, runner_up, -1)
    cause = (np.log(np.maximum(probabilities.cause, 1e-12)) + np.asarray(rule.cause_offsets)).argmax(axis=1)
    needs = probabilities.needs
    neither = (needs < 0.5).all(axis=1)
    more_rational = needs[:, 0] >= needs[:, 1]
    return Decisions(
        category=category,
        secondary=secondary,
        intensity=np.where(is_none, 0, _levels(probabilities.intensity, rule.intensity_cuts)),
        cause=np.where(is_none, -1, cause),
        rational=~is_none & ((needs[:, 0] >= 0.5) | (neither & more_rational)),
        emotional=~is_none & ((needs[:, 1] >= 0.5) | (neither & ~more_rational)),
        reason=_reasons(p, category, runner_up, rule, state, safety, pressure),
        runner_up=runner_up,
    )


def _reasons(
    p: NDArray[np.float64],
    category: Integers,
    runner_up: Integers,
    rule: DecisionRule,
    state: TextState,
    safety: Flags,
    pressure: Flags,
) -> Integers:
    rows = np.arange(len(p))
    confidence = p[rows, category]
    doubtful = (confidence < rule.review_confidence) & (confidence - p[rows, runner_up] < rule.review_margin)
    holds = {
        "no_text": state.no_text,
        "no_customer_words": state.no_customer_words,
        "too_short": state.too_short,
        "not_chinese": state.not_chinese,
        "safety_cue": safety,
        "accusing_motive": np.isin(category, scheming_categories()),
        "close_call": doubtful | (pressure & np.isin(runner_up, scheming_categories())),
        "low_confidence": confidence < rule.review_confidence,
    }
    reason = np.full(len(p), -1, dtype=np.int64)
    for k in reversed(range(len(REVIEW_REASONS))):
        reason[holds[REVIEW_REASONS[k]]] = k
    return reason
