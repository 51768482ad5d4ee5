"""Lists for the terminal: marks in a column of their own, so that long Chinese lines wrap beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

__all__ = ["bulleted"]


def bulleted(items: Sequence[str | Text], *, ordered: bool = False) -> Table:
    """Return the items as a list; no word of them is cut off, and no markup in them is interpreted.

    Parameters
    ----------
    items : sequence of str or rich Text
        One line each.
    ordered : bool, default False
        Number the lines instead of dotting them.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for number, item in enumerate(items, 1):
        table.add_row(f"{number}." if ordered else "·", Text(item) if isinstance(item, str) else item)
    return table
