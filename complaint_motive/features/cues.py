"""Cues: places in the customer's words that call for special handling, with negated and reported ones marked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from complaint_motive.features.cue_context import ContextJudge
from complaint_motive.features.cue_rules import check_cue_rules, read_cue_rules
from complaint_motive.features.cue_search import CueSearch
from complaint_motive.features.cue_text import JoinedText

__all__ = ["CueLexicon", "CueMatches", "cue_features", "cue_lexicon"]

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
        self._search = CueSearch(rules)
        self._judge = ContextJudge(rules.filters)

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

    def __reduce__(self) -> tuple[Callable[[str, str], CueLexicon], tuple[str, str]]:
        """Pickle as the TOML content."""
        return _unchecked, self._origin

    @cached_property
    def digest(self) -> str:
        """sha256 over the TOML content: equal digests give equal hits."""
        return hashlib.sha256(self._origin[0].encode()).hexdigest()

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
        joined = JoinedText(text, bounds)
        table = self._search.hits(joined)
        return CueMatches(
            document=table[:, 0],
            cue=table[:, 2],
            start=table[:, 1],
            end=table[:, 3],
            negated=self._judge.taken_back(joined, table),
            n_cues=len(self.ids),
        )


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
