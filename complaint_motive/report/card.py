"""A handling plan as Markdown and as a card for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from complaint_motive.analysis import HandlingPlan
from complaint_motive.report.bullets import bulleted
from complaint_motive.report.sections import plan_sections

if TYPE_CHECKING:
    from rich.panel import Panel

__all__ = ["plan_card", "plan_markdown"]

_COLOURS = {1: "green", 2: "blue", 3: "yellow", 4: "red"}
_MARKUP = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>#|~"})


def _plain(text: str) -> str:
    """Return the text with Markdown's own characters escaped and on one line."""
    return " ".join(text.split()).translate(_MARKUP)


def plan_markdown(plan: HandlingPlan) -> str:
    """Return the plan as Markdown, one heading per section.

    Parameters
    ----------
    plan : HandlingPlan
        The plan to show.
    """
    lines = [
        f"# {_plain(plan.headline)}",
        "",
        f"**紧急度 {plan.urgency}/4** · {_plain(plan.time_limit)} · 责任部门：{_plain(plan.department)}",
    ]
    for section in plan_sections(plan):
        marks = (f"{number}." if section.ordered else "-" for number in range(1, len(section.items) + 1))
        lines += ["", f"## {section.title}", ""]
        lines += [f"{mark} {_plain(item)}" for mark, item in zip(marks, section.items, strict=True)]
    return "\n".join([*lines, "", f"依据：{_plain('；'.join(plan.sources))}", ""])


def plan_card(plan: HandlingPlan) -> Panel:
    """Return the plan as a rich panel for the terminal; markup in the customer's words is not interpreted.

    Parameters
    ----------
    plan : HandlingPlan
        The plan to show.
    """
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    colour = _COLOURS[plan.urgency]
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(style="bold", width=12)
    table.add_column(ratio=1)
    for section in plan_sections(plan):
        table.add_row(Text(section.title), bulleted(section.items, ordered=section.ordered))
    head = Text(f"紧急度 {plan.urgency}/4 ｜ {plan.department}\n{plan.time_limit}", style=colour, overflow="fold")
    title = Text(plan.headline, style=f"bold {colour}", overflow="fold")
    return Panel(Group(title, head, Text(), table), title=Text("处理方案"), border_style=colour)
