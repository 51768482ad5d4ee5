"""What a run did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RunSummary", "Tally"]


@dataclass(slots=True)
class Tally:
    """Counts of a run so far.

    Attributes
    ----------
    rows : int
        Rows written.
    review : int
        Rows that need review.
    motives : Counter
        Rows per motive.
    reasons : Counter
        Quarantined rows per reason.
    """

    rows: int = 0
    review: int = 0
    motives: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def quarantined(self) -> int:
        """Rows in the quarantine."""
        return self.reasons.total()

    def add(self, other: Tally) -> None:
        """Add the counts of one chunk."""
        self.rows += other.rows
        self.review += other.review
        self.motives += other.motives
        self.reasons += other.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain values, sorted by name."""
        return {
            "rows": self.rows,
            "review": self.review,
            "motives": dict(sorted(self.motives.items())),
            "reasons": dict(sorted(self.reasons.items())),
        }

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> Tally:
        """Return the counts that :meth:`to_dict` gave."""
        return cls(entry["rows"], entry["review"], Counter(entry["motives"]), Counter(entry["reasons"]))


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Result of a finished run.

    Attributes
    ----------
    output : str
        File written, ``-`` for standard output.
    rows : int
        Rows written; with `quarantined` these are all rows of the input.
    quarantined : int
        Rows in the quarantine.
    quarantine : str or None
        The quarantine file, None where no row is bad.
    reasons : dict of str to int
        Quarantined rows per reason code.
    motives : dict of str to int
        Rows per motive.
    review_share : float
        Share of the rows that need review, in [0, 1].
    resumed_rows : int
        Rows, written and quarantined, that an earlier, interrupted call had done.
    seconds : float
        Wall time of this call.
    rows_per_second : float
        Rows of this call per second.
    workers : int
        Worker processes.
    model_digest : str
        Digest of the model that scored.
    """

    output: str
    rows: int
    quarantined: int
    quarantine: str | None
    reasons: dict[str, int]
    motives: dict[str, int]
    review_share: float
    resumed_rows: int
    seconds: float
    rows_per_second: float
    workers: int
    model_digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return {
            "output": self.output,
            "rows": self.rows,
            "quarantined": self.quarantined,
            "quarantine": self.quarantine,
            "reasons": dict(self.reasons),
            "motives": dict(self.motives),
            "review_share": round(self.review_share, 4),
            "resumed_rows": self.resumed_rows,
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rows_per_second, 1),
            "workers": self.workers,
            "model_digest": self.model_digest,
        }
