"""Cues: places in the customer's words that call for special handling, with negated and reported ones marked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from types import MappingProxyType

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.cue_context import Boundaries
from complaint_motive.features.cue_patterns import AnchoredPattern
from complaint_motive.features.cue_rules import check_cue_rules, read_cue_rules

__all__ = ["CueLexicon", "CueMatches", "cue_features", "cue_lexicon"]

_BEFORE, _BEHIND, _NEAR = 28, 48, 16
_SEPARATOR = "\x1e"


@dataclass(frozen=True, slots=True)
class CueMatches:
    """Cue hits in a batch of documents, sorted by document, start and cue.

    Attributes
    ----------
    document : ndarray of int64, shape (n_hits,)
        Index of the document.
    cue : ndarray of int64, shape (n_hits,)
        Index into :attr:`CueLexicon.ids`.
    start, end : ndarray of int64, shape (n_hits,)
        Half-open offsets into the joined text, in characters.
    negated : ndarray of bool, shape (n_hits,)
        True where the context takes the hit back.
    n_cues : int
        Number of cues of the lexicon.
    """

    document: NDArray[np.int64]
    cue: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    negated: NDArray[np.bool_]
    n_cues: int

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.cue)


_Span = tuple[int, int]
_Candidate = tuple[int, int, int, int]  # document, start, cue, end: sorts as the result does


class CueLexicon:
    """Finds cues in normalised text by one scan for literals and a few regular expressions around them.

    Immutable and thread-safe; pickled as its TOML content. Build it with :meth:`from_toml` or :func:`cue_lexicon`.

    Attributes
    ----------
    ids : tuple of str
        Cue ids in file order; ``CueMatches.cue`` indexes into it.
    names, definitions : mapping of str to str
        Chinese name and definition by id.
    """

    def __init__(self, content: str, source: str, *, check: bool = True) -> None:
        rules = read_cue_rules(content, source)
        if check:
            check_cue_rules(rules, source)
        self._origin = (content, source)
        self.ids: tuple[str, ...] = tuple(rules.names)
        self.names: Mapping[str, str] = MappingProxyType(rules.names)
        self.definitions: Mapping[str, str] = MappingProxyType(rules.definitions)
        self._unless = rules.unless
        self._filters = rules.filters
        self._rules = tuple(tuple(found) for found in rules.literals.values())
        self._automaton = AhoCorasick(list(rules.literals))

    @classmethod
    def from_toml(cls, content: str, source: str) -> CueLexicon:
        """Return the lexicon written in `content`.

        Parameters
        ----------
        content : str
            TOML text with the tables ``macros``, ``filters`` and ``cues``.
        source : str
            Name of the file, for error messages.

        Raises
        ------
        ResourceError
            If the text is not TOML or an entry is malformed; the message names file, cue, key and what is allowed.
        """
        return cls(content, source)

    @cached_property
    def digest(self) -> str:
        """sha256 over the TOML content: equal digests give equal hits."""
        return hashlib.sha256(self._origin[0].encode()).hexdigest()

    def __reduce__(self) -> tuple[Callable[[str, str], CueLexicon], tuple[str, str]]:
        """Pickle as the TOML content."""
        return _unchecked, self._origin

    def find(self, text: str) -> CueMatches:
        r"""Return the cue hits of one normalised document.

        Parameters
        ----------
        text : str
            The document, without the separator ``"\x1e"``.

        Examples
        --------
        >>> lexicon = cue_lexicon()
        >>> hits = lexicon.find("我不是要退款,我要你们经理给我道歉。")
        >>> sorted(lexicon.ids[cue] for cue in hits.cue[~hits.negated])
        ['apology_request', 'asks_for_leader']
        """
        return self.match(text + _SEPARATOR, np.array([0, len(text) + 1], dtype=np.int64))

    def match(self, text: str, bounds: NDArray[np.int64]) -> CueMatches:
        r"""Return the cue hits of many normalised documents.

        Parameters
        ----------
        text : str
            The documents, each followed by one ``"\x1e"``.
        bounds : ndarray of int64, shape (n_documents + 1,)
            Document ``i`` is ``text[bounds[i]:bounds[i + 1] - 1]``.

        Notes
        -----
        No hit crosses documents, and the hits of a document do not depend on the others.
        """
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        candidates = sorted(set(self._candidates(text, bounds, found)))
        return self._judged(text, _longest(candidates))

    def _candidates(
        self, text: str, bounds: NDArray[np.int64], found: list[tuple[int, int, int]]
    ) -> Iterator[_Candidate]:
        if not found:
            return
        starts = np.fromiter((start for _, start, _ in found), dtype=np.int64, count=len(found))
        documents = np.searchsorted(bounds, starts, side="right") - 1
        edges = zip(documents.tolist(), bounds[documents].tolist(), (bounds[documents + 1] - 1).tolist(), strict=True)
        for (literal, start, end), (document, first, last) in zip(found, edges, strict=True):
            for rule in self._rules[literal]:
                span = (start, end) if rule.pattern is None else _span(rule.pattern, text, (start, end), (first, last))
                if span is not None and not self._cancelled(rule.cue, text, span, (first, last)):
                    yield document, span[0], rule.cue, span[1]

    def _cancelled(self, cue: int, text: str, span: _Span, document: _Span) -> bool:
        unless = self._unless[cue]
        if unless is None:
            return False
        window = max(document[0], span[0] - _NEAR), min(document[1], span[1] + _NEAR)
        return any(found.start() < span[1] and found.end() > span[0] for found in unless.regex.finditer(text, *window))

    def _judged(self, text: str, hits: list[_Candidate]) -> CueMatches:
        table = np.array(hits, dtype=np.int64).reshape(-1, 4)
        return CueMatches(
            document=table[:, 0],
            cue=table[:, 2],
            start=table[:, 1],
            end=table[:, 3],
            negated=np.array(self._taken_back(text, hits) if hits else [], dtype=np.bool_),
            n_cues=len(self.ids),
        )

    def _taken_back(self, text: str, hits: list[_Candidate]) -> list[bool]:
        boundaries = Boundaries.of(text)
        starts, lasts = [hit[1] for hit in hits], [hit[3] - 1 for hit in hits]
        scopes = {clause: boundaries.around(starts, lasts, clause=clause) for clause in (True, False)}
        return [
            any(part.applies(text, (start, end), scopes[part.clause][row]) for part in self._filters[cue])
            for row, (_, start, cue, end) in enumerate(hits)
        ]


@lru_cache(maxsize=1)
def cue_lexicon() -> CueLexicon:
    """Return the packaged lexicon (``resources/cues.toml``).

    Examples
    --------
    >>> len(cue_lexicon().ids)
    27
    """
    source = resources.files("complaint_motive") / "resources" / "cues.toml"
    # a test checks every expression of the packaged file, so that loading it need not
    return _unchecked(source.read_text(encoding="utf-8"), "cues.toml")


def _unchecked(content: str, source: str) -> CueLexicon:
    return CueLexicon(content, source, check=False)


def cue_features(matches: CueMatches, n_documents: int) -> sparse.csr_array[np.float32]:
    """Return the number of standing (not negated) hits per document and cue.

    Parameters
    ----------
    matches : CueMatches
        Hits of a batch.
    n_documents : int
        Number of documents of the batch.

    Returns
    -------
    csr_array of float32, shape (n_documents, n_cues)
        Columns follow :attr:`CueLexicon.ids`.
    """
    standing = ~matches.negated
    counts = np.ones(int(standing.sum()), dtype=np.float32)
    place = (matches.document[standing], matches.cue[standing])
    features = sparse.csr_array((counts, place), shape=(n_documents, matches.n_cues))
    features.sum_duplicates()
    return features


def _span(pattern: AnchoredPattern, text: str, anchor: _Span, document: _Span) -> _Span | None:
    start = anchor[0]
    rest = pattern.rest.regex.match(text, start, min(document[1], anchor[1] + _BEHIND))
    if rest is None:
        return None
    if pattern.lead is not None:
        lead = pattern.lead.regex.search(text, max(document[0], start - _BEFORE), start)
        if lead is None:
            return None
        start = lead.start()
    return start, rest.end()


def _longest(candidates: list[_Candidate]) -> list[_Candidate]:
    """Keep of overlapping hits of one cue the longest, and of equally long ones the first."""
    latest: dict[int, int] = {}
    kept: list[_Candidate] = []
    for hit in candidates:
        place = latest.get(hit[2])
        previous = None if place is None else kept[place]
        if previous is None or previous[0] != hit[0] or previous[3] <= hit[1]:
            latest[hit[2]] = len(kept)
            kept.append(hit)
        elif hit[3] - hit[1] > previous[3] - previous[1]:
            kept[latest[hit[2]]] = hit
    return sorted(kept)
