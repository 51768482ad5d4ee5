"""Commands about whole complaint logs: ``score`` and ``demo``."""

from __future__ import annotations

import csv
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from complaint_motive.cli.cases import ModelOption, StrategiesOption
from complaint_motive.cli.failures import clear_errors
from complaint_motive.cli.streams import console, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from complaint_motive.batch import RunSummary

__all__ = ["demo", "score"]

_SAMPLE = "sample_log.csv"
_MOST_URGENT = 3
_EXCERPT = 120
_GRAVEST = ("self_harm", "violence", "safety_injury")


def _summary_line(summary: RunSummary) -> str:
    motives = ", ".join(f"{motive} {n:,}" for motive, n in summary.motives.items()) or "none"
    bad = f"; {summary.quarantined:,} bad rows in {summary.quarantine}" if summary.quarantined else ""
    earlier = f" ({summary.resumed_rows:,} done before)" if summary.resumed_rows else ""
    return (
        f"{summary.rows:,} rows{earlier} in {summary.seconds:.1f} s ({summary.rows_per_second:,.0f} rows/s) "
        f"-> {summary.output}{bad}\nmotives: {motives}; review {summary.review_share:.1%}; "
        f"model {summary.model_digest[:12]}"
    )


@clear_errors
def score(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help=".csv, .tsv, .jsonl (also .gz), .parquet, .xlsx files, folders, patterns; '-' = JSON lines on stdin.",
        ),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Result, format by its name; '-' = JSON lines on stdout."),
    ],
    text_column: Annotated[str, typer.Option(metavar="NAME", help="Column that holds the complaints.")] = "text",
    no_evidence: Annotated[bool, typer.Option("--no-evidence", help="Leave the evidence out; faster.")] = False,
    mask_text: Annotated[
        bool, typer.Option("--mask-text", help="Mask phone numbers, ids, cards, e-mail and plates in the text column.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace input columns that have the name of a result column.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Processes; the result stays the same.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run of the same input.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad row, do not quarantine it.")] = False,
    no_escape: Annotated[
        bool, typer.Option("--no-escape", help="Write texts that look like formulas to csv and xlsx as they are.")
    ] = False,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin a csv with a byte order mark (utf-8-sig), for Excel.")
    ] = False,
    quarantine: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File for bad rows; OUTPUT.quarantine.jsonl by default.")
    ] = None,
    json_log: Annotated[
        bool, typer.Option("--json-log", help="Report progress and summary as JSON lines on stderr, for services.")
    ] = False,
    model: ModelOption = None,
    strategies: StrategiesOption = None,
) -> None:
    """Score a whole complaint log: all columns pass through, motive, category, cues, strategy ... are added.

    Bad rows go to a quarantine file and are counted. An interrupted run continues with --resume.
    Exit codes: 0 done, 2 bad usage or input, 3 disk full or a worker died, 130 interrupted.

    Example: complaint-motive score complaints.csv -o scored.csv --bom --text-column 内容
    """
    from complaint_motive.analyzer import load
    from complaint_motive.batch import JsonLog, score_file

    summary = score_file(
        partial(load, model, strategies=strategies),
        "-" if inputs == ["-"] else inputs,
        output,
        text_column=text_column,
        evidence=not no_evidence,
        mask_text=mask_text,
        overwrite=overwrite,
        workers=workers,
        resume=resume,
        strict=strict,
        escape=not no_escape,
        bom=bom,
        quarantine=quarantine,
        progress=JsonLog() if json_log else None,
    )
    if not json_log:
        typer.echo(_summary_line(summary), err=True)


def _sample_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _motive_table(columns: dict[str, Any]) -> Table:
    from rich.table import Table

    from complaint_motive.taxonomy import taxonomy

    n, names = len(columns["motive"]), taxonomy()
    table = Table(title=f"{n} complaints by motive", caption="* a signal for review by a person, not a verdict")
    for heading in ("motive", "category", "id"):
        table.add_column(heading, no_wrap=True)
    for heading in ("rows", "share", "angry", "review"):
        table.add_column(heading, justify="right", no_wrap=True)
    for category in names.categories.values():
        rows = [k for k in range(n) if columns["category"][k] == category.id]
        angry = sum(bool(columns["intensity"][k] >= 2) for k in rows)
        review = sum(bool(columns["needs_review"][k]) for k in rows)
        motive = "施压信号*" if category.motive == "scheming" else names.motives[category.motive].name
        table.add_row(
            motive, category.name, category.id, str(len(rows)), f"{len(rows) / n:.1%}", str(angry), str(review)
        )
    return table


def _excerpt(text: str, hits: list[dict[str, Any]]) -> str:
    """Return about 120 masked characters of a text, those around its gravest safety cue if it has one."""
    from complaint_motive.features.privacy import mask_pii

    active = [hit for hit in hits if hit["cue"] in _GRAVEST and not hit["negated"]]
    found = [(_GRAVEST.index(hit["cue"]), hit["start"]) for hit in active]
    start = max(0, min(found)[1] - 50) if found else 0
    shown = " ".join(mask_pii(text, start, min(start + _EXCERPT, len(text))).split())
    return "…" * (start > 0) + shown + "…" * (len(text) > start + _EXCERPT)


def _urgent_table(rows: list[dict[str, Any]], columns: dict[str, Any]) -> Table:
    from rich.table import Table

    def rank(k: int) -> tuple[int, int, int, int]:
        cues = {hit["cue"] for hit in columns["cues"][k] if not hit["negated"]}
        return (-columns["urgency"][k], -len(cues & {*_GRAVEST}), -columns["intensity"][k], k)

    order = sorted(range(len(rows)), key=rank)
    table = Table(title="The three most urgent cases", show_lines=True)
    table.add_column("case", no_wrap=True)
    table.add_column("what they say", ratio=3, overflow="fold")
    table.add_column("what to do first", ratio=2, overflow="fold")
    for k in order[:_MOST_URGENT]:
        row = rows[k]
        case = f"{row['time']}\n{row['city']} {row['channel']}\n{row['customer_id']}\nurgency {columns['urgency'][k]}/4"
        table.add_row(case, _excerpt(row["text"], columns["cues"][k]), columns["headline"][k])
    return table


@clear_errors
def demo(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Keep the scored log here (.csv .jsonl .parquet .xlsx)."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the run summary as JSON instead of tables.")] = False,
    model: ModelOption = None,
    strategies: StrategiesOption = None,
) -> None:
    """Score the packaged sample log (300 invented complaints) and show motives and the most urgent cases."""
    import tempfile

    from complaint_motive.analyzer import load
    from complaint_motive.batch import score_file

    analyzer = load(model, strategies=strategies)
    with (
        as_file(files("complaint_motive") / "resources" / _SAMPLE) as sample,
        tempfile.TemporaryDirectory() as folder,
    ):
        summary = score_file(analyzer, sample, output or Path(folder) / "scored.jsonl", bom=True, progress=False)
        rows = _sample_rows(sample)
    if json:
        print_json(summary.to_dict())
        return
    columns = analyzer.columns([row["text"] for row in rows], evidence=False)
    screen = console()
    screen.print(_motive_table(columns))
    screen.print(_urgent_table(rows, columns))
    screen.print(f"{summary.rows} rows in {summary.seconds:.1f} s; model {summary.model_digest[:12]}")
    kept = f"scored log: {output}" if output else "keep the scored log with: complaint-motive demo -o scored.csv"
    screen.print(kept)
