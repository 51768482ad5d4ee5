"""The columns that scoring adds: the single definition of their names, order, types and null rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import NamedTuple

from complaint_motive.errors import InputError
from complaint_motive.taxonomy import taxonomy

__all__ = ["Column", "Kind", "output_columns", "refuse_collisions"]


class Kind(Enum):
    """Type of an output column.

    ``LABEL`` and ``TEXT`` are texts, null where absent (an empty text in csv and xlsx); ``PROBABILITY`` is a float in
    [0, 1]; ``CUES`` is a list of {cue, text, start, end, negated} and ``EVIDENCE`` one of {text, start, end, weight}
    (JSON text in csv and xlsx), never null.
    """

    LABEL = "label"
    TEXT = "text"
    PROBABILITY = "probability"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CUES = "cues"
    EVIDENCE = "evidence"

    @property
    def is_list(self) -> bool:
        """True for the two columns that hold lists."""
        return self in (Kind.CUES, Kind.EVIDENCE)


class Column(NamedTuple):
    """Name and type of one output column; `nullable` where a row may have no value."""

    name: str
    kind: Kind
    nullable: bool = False


def output_columns(*, evidence: bool = True) -> tuple[Column, ...]:
    """Return the columns that scoring adds, in order.

    Parameters
    ----------
    evidence : bool, default True
        False leaves the column ``evidence`` out.

    Examples
    --------
    >>> [column.name for column in output_columns()][:3]
    ['motive', 'category', 'secondary']
    """
    columns = [
        Column("motive", Kind.LABEL),
        Column("category", Kind.LABEL),
        Column("secondary", Kind.LABEL, nullable=True),
        *(Column(f"p_{category}", Kind.PROBABILITY) for category in taxonomy().categories),
        Column("need_rational", Kind.PROBABILITY),
        Column("need_emotional", Kind.PROBABILITY),
        Column("needs", Kind.LABEL, nullable=True),
        Column("intensity", Kind.INTEGER),
        Column("cause", Kind.LABEL, nullable=True),
        Column("purpose", Kind.LABEL, nullable=True),
        Column("behaviour", Kind.LABEL, nullable=True),
        Column("needs_review", Kind.BOOLEAN),
        Column("review_reason", Kind.LABEL, nullable=True),
        Column("cues", Kind.CUES),
        Column("evidence", Kind.EVIDENCE),
        Column("strategy", Kind.LABEL),
        Column("urgency", Kind.INTEGER),
        Column("headline", Kind.TEXT),
    ]
    return tuple(column for column in columns if evidence or column.kind is not Kind.EVIDENCE)


def refuse_collisions(present: Iterable[str], added: Collection[Column], source: str) -> None:
    """Refuse an input that already has a column of an output column's name.

    Raises
    ------
    InputError
        Naming `source` and the columns.
    """
    names = {column.name for column in added}
    both = [name for name in present if name in names]
    if both:
        raise InputError(
            f"{source}: the input already has the column(s) {', '.join(map(repr, both))} that scoring adds; "
            "rename them, or pass --overwrite (overwrite=True) to replace them"
        )
