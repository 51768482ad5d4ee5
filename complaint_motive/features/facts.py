"""The facts of a case, in five dimensions: time, place, party, event, emotion."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice, pairwise
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from complaint_motive.analysis import Fact
from complaint_motive.features.document import Documents
from complaint_motive.features.fact_amounts import find_amounts, find_bare_amounts, find_unit_amounts
from complaint_motive.features.fact_counts import find_contact_counts, find_order_numbers, find_people_counts
from complaint_motive.features.fact_dates import date_fact, find_dates
from complaint_motive.features.fact_gates import gate_triage
from complaint_motive.features.fact_times import find_deadlines, find_durations
from complaint_motive.features.fact_words import (
    batch_remedy_words,
    demanded_remedies,
    find_places,
    find_products,
    find_remedies,
    find_roles_and_emotions,
)
from complaint_motive.features.runs import runs

__all__ = ["SeverityFacts", "batch_triage_facts", "find_facts", "severity_facts", "triage_facts"]


_PLACE = attrgetter("start", "end", "kind")


class SeverityFacts(NamedTuple):
    """What severity depends on.

    Attributes
    ----------
    amount_max : float or None
        Largest sum in yuan.
    contact_count : float or None
        Largest number of contacts.
    people_count : float or None
        Largest number of people or households.
    deadline : str or None
        Words of the first time limit that the customer sets.
    """

    amount_max: float | None
    contact_count: float | None
    people_count: float | None
    deadline: str | None


def _apart(found: Iterable[Fact], taken: Sequence[Fact] = ()) -> list[Fact]:
    """Return facts that do not overlap with one another or with those taken: the longest, then the leftmost, stay."""
    found = list(found)
    if not taken and len(found) < 2:
        return found
    found.sort(key=_PLACE)
    if not taken and all(one.end <= other.start for one, other in pairwise(found)):
        return found
    kept: list[Fact] = []
    spans = sorted((fact.start, fact.end) for fact in taken)
    for fact in sorted(found, key=lambda f: (f.start - f.end, f.start, f.kind)):
        at = bisect_left(spans, (fact.start, fact.end))
        if (at == 0 or spans[at - 1][1] <= fact.start) and (at == len(spans) or spans[at][0] >= fact.end):
            kept.append(fact)
            spans.insert(at, (fact.start, fact.end))
    return kept


_FIGURES: Mapping[str, Callable[..., Iterator[Fact]]] = MappingProxyType(
    {
        "amount": find_unit_amounts,
        "bare_amount": find_bare_amounts,
        "contact_count": find_contact_counts,
        "people_count": find_people_counts,
        "deadline": find_deadlines,
    }
)
"""How to find the figures that triage depends on, in the order of :data:`GATES`."""


def _triage_figures(text: str) -> list[Fact]:
    return _apart(chain.from_iterable(find(text) for find in _FIGURES.values()))


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts in order of appearance, each kind of words once."""
    facts = list(facts)
    if len(facts) < 2:
        return facts
    first: dict[tuple[str, str], Fact] = {}
    for fact in sorted(facts, key=_PLACE):
        first.setdefault((fact.kind, fact.text), fact)
    return list(first.values())


def find_facts(text: str, *, reference: date | None = None) -> list[Fact]:
    """Return the facts that a complaint states, in order of appearance.

    Kinds: ``amount`` (yuan), ``date``, ``duration`` and ``term`` (days), ``deadline``, ``contact_count``,
    ``people_count``, ``order_number`` (masked), ``product``, ``place``, ``party``, ``remedy``, ``emotion``.

    Parameters
    ----------
    text : str
        One normalised text; offsets refer to it.
    reference : datetime.date, optional
        The day on which the text was written; dates relative to it become ISO dates.

    Returns
    -------
    list of Fact
        The same words of one kind are listed once. Figures (sums, times, counts, numbers) never overlap with one
        another; the longest wins, then the leftmost.

    Notes
    -----
    The value of a figure that the words leave open is the least they can mean (三百多块 300); see
    :func:`~complaint_motive.features.numerals.is_vague`. For relative dates see
    :func:`~complaint_motive.features.fact_dates.resolve_date`.

    Examples
    --------
    >>> for fact in find_facts("上周三花三百八买的电饭煲,打了五次电话,限你们三天内退款"):
    ...     print(fact.dimension, fact.kind, fact.text, fact.value)
    time date 上周三 W-1-3
    event amount 三百八 380.0
    event product 电饭煲 None
    event contact_count 打了五次电话 5.0
    time deadline 三天内 3.0
    event remedy 退款 refund
    """
    dates, durations = list(find_dates(text)), list(find_durations(text))
    deadlines = find_deadlines(text, reference=reference, dates=dates, durations=durations)
    figures = _apart(chain(find_amounts(text), find_contact_counts(text), find_people_counts(text), deadlines))
    if reference is not None:
        dates = [
            date_fact("date", text, (f.start, f.end), None if f.value is None else str(f.value), reference)
            for f in dates
        ]
    orders = list(find_order_numbers(text))
    figures += _apart(chain(dates, durations, orders), figures)
    return _once(
        chain(figures, find_remedies(text), find_roles_and_emotions(text), find_places(text), find_products(text))
    )


def triage_facts(text: str) -> list[Fact]:
    """Return the facts that strategy, urgency and headline depend on; those of these kinds in :func:`find_facts`.

    Kinds: ``amount``, ``contact_count``, ``people_count``, ``deadline``, ``remedy``; cheap, for whole logs.

    Examples
    --------
    >>> [fact.kind for fact in triage_facts("上周三花三百八买的,要求退款")]
    ['amount', 'remedy']
    """
    return _once(chain(_triage_figures(text), find_remedies(text)))


def batch_triage_facts(documents: Documents, *, remedies: Sequence[bool] | None = None) -> list[Sequence[Fact]]:
    """Return :func:`triage_facts` of each document of a batch, most of which need no pattern for that.

    Parameters
    ----------
    documents : Documents
        The batch.
    remedies : sequence of bool, optional
        In which documents to look for remedies; default: in all.
    """
    found = _batch_figures(documents)
    for k, words in batch_remedy_words(documents, remedies):
        found.setdefault(k, []).extend(demanded_remedies(documents.texts[k], words))
    return [_once(found[k]) if k in found else () for k in range(len(documents))]


def _batch_figures(documents: Documents) -> dict[int, list[Fact]]:
    """Return the figures of the documents that state any."""
    texts, bounds = documents.texts, documents.bounds
    found: dict[int, list[Fact]] = {}
    for kind, places in gate_triage(documents.codes).items():
        find = _FIGURES[kind]
        own = np.searchsorted(bounds, places if places.ndim == 1 else places[:, 0], side="right") - 1
        near = (places.T - bounds[own]).tolist()
        # taken document by document: so many pairs at once would call the garbage collector
        some = iter(near) if places.ndim == 1 else zip(*near, strict=True)
        for k, first, end in runs(own):
            if facts := list(find(texts[k], list(islice(some, end - first)))):
                found.setdefault(k, []).extend(facts)
    return {k: _apart(facts) for k, facts in found.items()}


def severity_facts(text: str) -> SeverityFacts:
    """Return the figures that severity depends on; those of :func:`find_facts`.

    Examples
    --------
    >>> severity_facts("花了三百八,打了五次电话,限你们三天内退款")
    SeverityFacts(amount_max=380.0, contact_count=5.0, people_count=None, deadline='三天内')
    """
    facts = _triage_figures(text)
    deadlines = sorted((f for f in facts if f.kind == "deadline"), key=lambda f: f.start)
    return SeverityFacts(
        _largest(facts, "amount"),
        _largest(facts, "contact_count"),
        _largest(facts, "people_count"),
        deadlines[0].text if deadlines else None,
    )


def _largest(facts: Iterable[Fact], kind: str) -> float | None:
    return max((f.value for f in facts if f.kind == kind and isinstance(f.value, float)), default=None)
