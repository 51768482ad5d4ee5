"""An analysis for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from complaint_motive.analysis import Analysis
from complaint_motive.features.cues import cue_lexicon
from complaint_motive.report.bullets import bulleted
from complaint_motive.report.highlight import highlighted_pieces
from complaint_motive.report.words import label_rows, motive_words
from complaint_motive.taxonomy import taxonomy

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

__all__ = ["analysis_view"]

_MOTIVE_COLOURS = {
    "suggestion": "cyan",
    "venting": "magenta",
    "compensation": "yellow",
    "scheming": "red",
    "none": "green",
}
_URGENCY_COLOURS = {1: "green", 2: "blue", 3: "yellow", 4: "red"}
_BAR_CELLS = 24
_STEPS_SHOWN = 3


def _marked_text(analysis: Analysis) -> Text:
    from rich.text import Text

    text = Text(overflow="fold")
    for piece in highlighted_pieces(analysis):
        styles = ["bold reverse"] if piece.weight else []
        styles += ["underline"] if piece.cues else ["dim strike"] if piece.negated else []
        text.append(piece.text, style=" ".join(styles))
    return text


def _labels(analysis: Analysis) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column()
    for name, value in label_rows(analysis):
        urgent = name == "人工复核" and analysis.needs_review
        table.add_row(name, Text(value, style="bold red" if urgent else ""))
    return table


def _bars(analysis: Analysis) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    for category, p in sorted(analysis.probabilities.items(), key=lambda item: -item[1]):
        colour = _MOTIVE_COLOURS[taxonomy().motive_of(category)]
        bar = Text("█" * round(p * _BAR_CELLS), style=colour)
        table.add_row(taxonomy().categories[category].name, f"{p:6.1%}", bar)
    return table


def _cue_lines(analysis: Analysis) -> Table:
    from rich.text import Text

    names = cue_lexicon().names
    lines = []
    for hit in analysis.cues:
        words = hit.text.encode("utf-8", "replace").decode("utf-8")
        note = "（被否定、转述或疑问，不计）" if hit.negated else ""
        lines.append(Text(f"{names[hit.cue]}：{words}{note}", style="dim" if hit.negated else ""))
    return bulleted(lines)


def _first_steps(analysis: Analysis) -> Group:
    from rich.console import Group
    from rich.text import Text

    plan = analysis.plan
    colour = _URGENCY_COLOURS[plan.urgency]
    return Group(
        Text(plan.headline, style=f"bold {colour}", overflow="fold"),
        Text(f"紧急度 {plan.urgency}/4 ｜ {plan.department}\n{plan.time_limit}", style=colour, overflow="fold"),
        bulleted(plan.steps[:_STEPS_SHOWN], ordered=True),
        Text("完整方案：complaint-motive plan …", style="dim"),
    )


def analysis_view(analysis: Analysis) -> Group:
    """Return the analysis as a rich renderable: marked text, labels, probabilities, cues, first steps.

    Parameters
    ----------
    analysis : Analysis
        What to show. Evidence is inverted, cues are underlined, negated cues struck through.
    """
    from rich.console import Group
    from rich.panel import Panel

    colour = _MOTIVE_COLOURS[analysis.motive]
    names = dict.fromkeys([motive_words(analysis.motive), taxonomy().categories[analysis.category].name])
    said = _marked_text(analysis)
    parts = [Panel(said, title=" · ".join(names), border_style=colour, subtitle="反白=依据 下划线=线索")]
    parts.append(Panel(_labels(analysis), title="标签", border_style="dim"))
    parts.append(Panel(_bars(analysis), title="概率", border_style="dim"))
    if analysis.cues:
        parts.append(Panel(_cue_lines(analysis), title="线索", border_style="dim"))
    parts.append(Panel(_first_steps(analysis), title="先做什么", border_style=colour))
    return Group(*parts)
