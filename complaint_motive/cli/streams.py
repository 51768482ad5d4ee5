"""Reading the text argument, writing results: to the terminal, to a pipe, to a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from complaint_motive.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "print_json", "print_text", "text_argument", "write_text"]


def text_argument(text: str) -> str:
    """Return the text given on the command line; ``-`` reads all of standard input (UTF-8, GB18030 or UTF-16)."""
    if text != "-":
        return text
    from complaint_motive.batch.encoding import choose_encoding

    content = sys.stdin.buffer.read()
    return content.decode(choose_encoding(content), "replace")


def print_text(text: str) -> None:
    """Print a text; half characters that no encoding can hold are written as escapes."""
    typer.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def print_json(value: Any) -> None:  # noqa: ANN401 - any plain value
    """Print a value as indented JSON."""
    print_text(json.dumps(value, ensure_ascii=False, indent=2))


def console(*, stderr: bool = False) -> Console:
    """Return a console that colours on terminals only and interprets no markup."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def write_text(path: Path, content: str) -> None:
    """Write a result file.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    try:
        path.write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
