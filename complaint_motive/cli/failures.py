"""What goes wrong becomes one clear line on standard error and an exit code."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from complaint_motive.errors import ComplaintMotiveError

__all__ = ["BAD_INPUT", "INTERRUPTED", "clear_errors"]

BAD_INPUT = 2
"""Bad usage or input; other failures bring their own ``exit_code``."""

INTERRUPTED = 130

P = ParamSpec("P")
R = TypeVar("R")


def _say(message: str) -> None:
    typer.secho(" ".join(message.split()), err=True, fg=typer.colors.RED)


def _drop_output() -> None:
    """Point standard output at nothing, so that the interpreter's last flush meets no closed pipe."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def clear_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Return the command with expected errors turned into a message and an exit code.

    Parameters
    ----------
    command : callable
        A command; its signature stays.
    """

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ComplaintMotiveError as error:
            _say(f"Error: {error}")
            raise typer.Exit(getattr(error, "exit_code", BAD_INPUT)) from error
        except BrokenPipeError as error:
            _drop_output()
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            _say(str(error) or "interrupted")
            raise typer.Exit(INTERRUPTED) from error

    return guarded
