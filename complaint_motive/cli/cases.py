"""Commands about one complaint: ``analyze`` and ``plan``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from complaint_motive.cli.failures import clear_errors
from complaint_motive.cli.streams import console, print_json, print_text, text_argument
from complaint_motive.errors import InputError

if TYPE_CHECKING:
    from complaint_motive.analysis import Analysis

__all__ = ["ModelOption", "StrategiesOption", "analyze", "plan"]

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="FOLDER", help="Model folder written by 'train'; the shipped model by default."),
]
StrategiesOption = Annotated[
    Path | None,
    typer.Option("--strategies", metavar="FILE", help="Your own handling entries (TOML), laid over the shipped book."),
]
_TextArgument = Annotated[
    str, typer.Argument(metavar="TEXT", help="The complaint, in quotes; '-' reads it from standard input.")
]
_DateOption = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Day it was written; makes words like 上周三 absolute."),
]


def _analysis(text: str, model: Path | None, strategies: Path | None, date: datetime | None) -> Analysis:
    from complaint_motive.analyzer import load

    analyzer = load(model, strategies=strategies)
    return analyzer.analyze(text_argument(text), reference=date.date() if date else None)


@clear_errors
def analyze(
    text: _TextArgument,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    date: _DateOption = None,
    model: ModelOption = None,
    strategies: StrategiesOption = None,
) -> None:
    """Say why one person complains: motive, category, needs, intensity, cause, with the evidence marked.

    Chat and call logs (客服：… 客户：…) are read as such: only the customer's words count.

    Example: complaint-motive analyze "退款拖了半个月，客服互相推，今天不退我就去投诉"
    """
    analysis = _analysis(text, model, strategies, date)
    if json:
        print_json(analysis.to_dict())
        return
    from complaint_motive.report.terminal import analysis_view

    console().print(analysis_view(analysis))


@clear_errors
def plan(
    text: _TextArgument,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the plan as Markdown, for a ticket.")] = False,
    date: _DateOption = None,
    model: ModelOption = None,
    strategies: StrategiesOption = None,
) -> None:
    """Say what to do about one complaint: steps, wording, questions, taboos, escalation, as a one-page card."""
    if json and markdown:
        raise InputError("--json and --markdown exclude each other; give one of them")
    found = _analysis(text, model, strategies, date).plan
    if json:
        print_json(found.to_dict())
        return
    from complaint_motive.report.card import plan_card, plan_markdown

    if markdown:
        print_text(plan_markdown(found).rstrip("\n"))
    else:
        console().print(plan_card(found))
