"""Exceptions of the package: every one is a :class:`ComplaintMotiveError`."""

from __future__ import annotations

__all__ = ["ArtifactError", "ComplaintMotiveError", "InputError", "MissingDependencyError", "ResourceError"]


class ComplaintMotiveError(Exception):
    """Base class of all errors that the package raises on purpose."""


class InputError(ComplaintMotiveError, ValueError):
    """The caller's data cannot be used; the message names file, row, column, value and what is allowed."""


class ResourceError(ComplaintMotiveError, ValueError):
    """A TOML resource (taxonomy, cues, strategies) is malformed; the message names file, entry and key."""


class ArtifactError(ComplaintMotiveError):
    """A model folder is damaged, foreign, or written by a newer version."""


class MissingDependencyError(ComplaintMotiveError, ImportError):
    """An optional package is needed; the message gives the extra to install."""
