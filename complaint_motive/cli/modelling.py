"""Commands about the model: ``train`` and ``evaluate``."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from complaint_motive.cli.cases import ModelOption, StrategiesOption
from complaint_motive.cli.failures import clear_errors
from complaint_motive.cli.streams import console, write_text

if TYPE_CHECKING:
    from rich.table import Table

    from complaint_motive.models.evaluation import Evaluation

__all__ = ["evaluate", "train"]

_FIGURES = {
    "category_macro_f1": "category macro-F1",
    "category_accuracy": "category accuracy",
    "motive_macro_f1": "motive macro-F1",
    "needs_f1": "needs F1",
    "intensity_qwk": "intensity kappa (quadratic)",
    "cause_macro_f1": "cause macro-F1",
    "ece": "calibration error (ECE, 15 bins)",
    "accuracy_at_80": "accuracy on the 80 % most confident",
    "scheming_precision": "scheming precision",
    "scheming_recall": "scheming recall",
    "review_share": "share sent to review",
    "accuracy_unreviewed": "accuracy on the rest",
    "missed_safety_cues": "safety cues missed",
    "cost": "mean cost (ordinary mistake = 1)",
}


def _tell(message: str) -> None:
    typer.echo(message, err=True)


@clear_errors
def train(
    corpus: Annotated[
        Path, typer.Option("--corpus", metavar="PATH", help="Folder of labelled .jsonl files, one author a file.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the model is written.")],
    extra: Annotated[
        list[Path] | None,
        typer.Option(
            "--extra",
            metavar="FILE",
            help="Further labelled .jsonl data, your own; rows picked on purpose say so in `stratum`; repeatable.",
        ),
    ] = None,
    weak: Annotated[
        list[Path] | None,
        typer.Option(
            "--weak",
            metavar="FILE",
            help="Weakly labelled .jsonl data: learned from, not followed by probabilities and thresholds; repeatable.",
        ),
    ] = None,
    measure: Annotated[
        list[Path] | None,
        typer.Option("--measure", metavar="FILE", help="Labelled data to measure on, not to learn from; repeatable."),
    ] = None,
    search: Annotated[
        bool, typer.Option("--search", help="Search hyper-parameters by nested cross-validation; much slower.")
    ] = False,
) -> None:
    """Fit a model on labelled complaints and write it to a folder: the same data gives the same weights.

    Labelled rows have text, category and, where known, secondary, needs (R, E, RE, -), intensity (0-3), cause and
    rationale (a list of the parts of the text because of which it has its category).
    Use the result with --model FOLDER.

    Example: complaint-motive train --corpus datasets/corpus --extra ours.jsonl -o our_model
    """
    from complaint_motive.training import train as fit

    files = {"extra": tuple(extra or ()), "weak": tuple(weak or ()), "measure": tuple(measure or ())}
    metadata = fit(corpus, out, **files, search_choices=search, progress=_tell)
    _tell(f"model written to {out}; weights sha256 {str(metadata.get('weights_sha256', ''))[:12]}")


def _shown(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


def _figure_table(evaluation: Evaluation) -> Table:
    from rich.table import Table

    f = evaluation.figures
    table = Table(title=f"{f['n']:,} labelled complaints, model {evaluation.model_digest[:12]}", show_header=False)
    for name, words in _FIGURES.items():
        note = ""
        if name == "category_macro_f1":
            low, high = _shown(f["category_macro_f1_low"]), _shown(f["category_macro_f1_high"])
            note = f"95 % interval {low} to {high}; {f['classes']} classes with at least 8 records"
        elif name.startswith("scheming"):
            note = f"{f['scheming_said']} decided, {f['scheming_gold']} labelled"
        if f[name] is not None or name != "missed_safety_cues":
            table.add_row(words, _shown(f[name]), note)
    return table


def _numbers(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], names: int = 1) -> Table:
    """Return a table whose first `names` columns are names and the others numbers."""
    from rich.table import Table

    table = Table(title=title)
    for k, heading in enumerate(head):
        table.add_column(heading, justify="left" if k < names else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _tables(evaluation: Evaluation) -> list[Table]:
    from complaint_motive.taxonomy import taxonomy

    names = taxonomy().categories
    classes = [
        (r.category, names[r.category].name, *map(_shown, (r.precision, r.recall, r.f1)), str(r.support))
        for r in evaluation.classes
    ]
    coverage = [
        (f"{p.coverage:.0%}", str(p.n), f"{p.threshold:.2f}", f"{p.accuracy:.1%}")
        for p in evaluation.coverage
        if round(20 * p.coverage) % 2 == 0
    ]
    rows = zip(names, evaluation.confusion, strict=True)
    confusion = [(category, *(str(n) if n else "." for n in row)) for category, row in rows]
    slices = [
        (s.column, s.value, str(s.n), f"{s.accuracy:.1%}", f"{s.accuracy_low:.0%}-{s.accuracy_high:.0%}",
         _shown(s.macro_f1), f"{s.review_share:.0%}")
        for s in evaluation.slices
    ]  # fmt: skip
    return [
        _numbers("By category", ("id", "name", "precision", "recall", "F1", "records"), classes, 2),
        _numbers("Labelled (rows) against decided (columns)", ("", *(c[:6] for c in names)), confusion),
        _numbers("Most confident share", ("share", "records", "probability", "accuracy"), coverage),
        _numbers("Groups", ("column", "value", "n", "accuracy", "95 %", "macro-F1", "review"), slices, 2),
    ]


@clear_errors
def evaluate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Labelled complaints, .jsonl or .csv: at least text and category.")
    ],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a self-contained report with charts.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures as JSON.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="COLUMN", help="Also show groups by this column; may be given repeatedly."),
    ] = None,
    costs: Annotated[
        Path | None, typer.Option("--costs", metavar="FILE", help="What mistakes cost (TOML); sane defaults otherwise.")
    ] = None,
    model: ModelOption = None,
    strategies: StrategiesOption = None,
) -> None:
    """Measure the model on labelled complaints: per class, calibration, coverage, groups, costs, mistakes.

    Columns: text, category and, where known, needs (R, E, RE, -), intensity (0-3), cause, cues; any others for --by.

    Example: complaint-motive evaluate datasets/corpus/authored_06.jsonl --by channel --html report.html
    """
    from complaint_motive.analyzer import load
    from complaint_motive.models.costs import default_costs, read_costs
    from complaint_motive.models.evaluation import evaluate as measure
    from complaint_motive.models.labelled import read_labelled

    table = read_costs(costs) if costs else default_costs()
    records = read_labelled(file)
    _tell(f"judging {len(records):,} records of {file}")
    evaluation = measure(records, load(model, strategies=strategies), by=by or (), costs=table)
    screen = console()
    screen.print(_figure_table(evaluation), *_tables(evaluation), sep="\n")
    if json:
        write_text(json, json_format.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2) + "\n")
        _tell(f"figures written to {json}")
    if html:
        from complaint_motive.report.evaluation_html import evaluation_html

        write_text(html, evaluation_html(evaluation, title=f"评估报告：{file.name}"))
        _tell(f"report written to {html}")
