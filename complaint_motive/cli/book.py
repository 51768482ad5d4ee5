"""Commands about the handling book: ``strategies list | show | validate | coverage``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from complaint_motive.cli.cases import StrategiesOption
from complaint_motive.cli.failures import clear_errors
from complaint_motive.cli.streams import console, print_json
from complaint_motive.errors import InputError

if TYPE_CHECKING:
    from complaint_motive.strategy import Coverage, StrategyBook, StrategyEntry

__all__ = ["strategies"]

strategies = typer.Typer(no_args_is_help=True, help="The handling book: list, show, validate and measure its entries.")

_FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Your own entries (TOML); strategy/README.md describes them.")
]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
_PARTS = {
    "goal": "目的",
    "when": "适用",
    "first": "先做什么",
    "steps": "步骤",
    "wording": "可以这样说",
    "questions": "还要问",
    "taboos": "不要做",
    "escalation": "升级",
    "review_points": "复核要点",
    "self_check": "自我检查",
    "closing": "结案检查",
    "respond_minutes": "首次回应（分钟）",
    "progress_hours": "回告进展（小时）",
    "department": "责任部门",
    "excludes": "不与同用",
    "source": "出处",
}


def _book(path: Path | None) -> StrategyBook:
    from complaint_motive.strategy import StrategyBook, strategy_book

    if path is None:
        return strategy_book()
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return StrategyBook.from_toml(content, path.name, base=strategy_book())


@strategies.command("list")
@clear_errors
def list_entries(strategies: StrategiesOption = None, json: _JsonOption = False) -> None:
    """List all entries: priority, kind, id and name."""
    entries = sorted(_book(strategies).entries, key=lambda entry: (-entry.priority, entry.id))
    if json:
        print_json([{"id": e.id, "name": e.name, "kind": e.kind, "priority": e.priority} for e in entries])
        return
    from rich.table import Table

    table = Table(title=f"{len(entries)} entries")
    table.add_column("priority", justify="right")
    for heading in ("kind", "id", "name"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        table.add_row(str(entry.priority), entry.kind, entry.id, entry.name)
    console().print(table)


def _line(value: Any) -> str:  # noqa: ANN401 - any plain value
    """Return a plain value on one line: conditions as ``key = a, b``, versions of a sentence with slashes."""
    if isinstance(value, dict):
        return "；".join(f"{key} = {', '.join(map(str, part))}" for key, part in value.items()) or "always"
    return " / ".join(map(_line, value)) if isinstance(value, list | tuple) else str(value)


def _lines(value: Any) -> list[str]:  # noqa: ANN401 - any plain value
    """Return the lines of one part of an entry."""
    if isinstance(value, dict):
        return [f"{key}：{_line(part)}" for key, part in value.items()]
    return [_line(item) for item in value] if isinstance(value, list) else [str(value)]


def _show(entry: StrategyEntry) -> None:
    from rich.panel import Panel
    from rich.table import Table

    from complaint_motive.report.bullets import bulleted

    plain = entry.to_dict()
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, name in _PARTS.items():
        lines = _lines(plain[key]) if plain[key] not in ("", None, [], {}) else []
        if lines:
            table.add_row(name, bulleted(lines) if len(lines) > 1 else lines[0])
    console().print(Panel(table, title=f"{entry.name}（{entry.id}，{entry.kind}，{entry.priority}）"))


@strategies.command()
@clear_errors
def show(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry; 'strategies list' shows them.")],
    strategies: StrategiesOption = None,
    json: _JsonOption = False,
) -> None:
    """Show one entry with everything in it."""
    entry = _book(strategies).entry(ident)
    if json:
        print_json(entry.to_dict())
    else:
        _show(entry)


@strategies.command()
@clear_errors
def validate(file: _FileArgument) -> None:
    """Check your own entries; an error names file, entry, key and what is allowed."""
    from complaint_motive.strategy import strategy_book

    book, shipped = _book(file), {entry.id: entry for entry in strategy_book().entries}
    own = {entry.id: entry for entry in book.entries}
    added = len(own.keys() - shipped.keys())
    changed = sum(own[ident] != shipped[ident] for ident in own.keys() & shipped.keys())
    removed = len(shipped.keys() - own.keys())
    typer.echo(f"{file}: valid; {added} entries added, {changed} changed, {removed} switched off, {len(own)} in all")


def _print_coverage(found: Coverage) -> None:
    screen = console()
    screen.print(f"{found.combinations:,} combinations of labels and cues, {found.plans:,} distinct sets of entries")
    screen.print(f"{len(found.reached) - len(found.unreached)} of {len(found.reached)} entries are reached")
    for ident in found.unreached:
        screen.print(f"  not reached: {ident}")
    screen.print(f"{len(found.fallback_only)} combinations of category and cue reach no entry of the cue's own")
    by_cue: dict[str, list[str]] = {}
    for pair in found.fallback_only:
        category, _, cue = pair.partition("+")
        by_cue.setdefault(cue, []).append(category)
    for cue, categories in by_cue.items():
        screen.print(f"  {cue}: {', '.join(categories)}")


@strategies.command()
@clear_errors
def coverage(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Your own entries (TOML); the shipped book by default.")
    ] = None,
    json: _JsonOption = False,
) -> None:
    """Show which label and cue combinations reach which entry, and which reach general entries only."""
    found = _book(file).coverage()
    if json:
        print_json(found.to_dict())
    else:
        _print_coverage(found)
