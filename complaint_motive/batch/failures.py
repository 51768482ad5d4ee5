"""Errors of a run that are not the input's fault."""

from __future__ import annotations

import errno

from complaint_motive.errors import ComplaintMotiveError

__all__ = ["RunError", "run_error"]


class RunError(ComplaintMotiveError):
    """A run stopped for a reason outside its input: a full disk, an unwritable folder, a worker that died.

    Attributes
    ----------
    resumable : bool
        True where the same call with ``resume=True`` continues it.
    exit_code : int
        Exit code for a command line.
    """

    exit_code = 3

    def __init__(self, message: str, *, resumable: bool = False) -> None:
        super().__init__(message)
        self.resumable = resumable


def run_error(error: OSError, what: str, *, resumable: bool) -> RunError:
    """Return a :class:`RunError` that says what could not be written, why, and how to go on."""
    hint = "; continue with --resume (resume=True)" if resumable else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RunError(f"{what}: the disk is full; free some space{hint}", resumable=resumable)
    return RunError(f"{what}: cannot be written: {error.strerror or error}{hint}", resumable=resumable)
