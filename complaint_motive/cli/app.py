"""The app: its commands in the order in which a newcomer meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from complaint_motive.cli.book import strategies
from complaint_motive.cli.cases import analyze, plan
from complaint_motive.cli.logs import demo, score
from complaint_motive.cli.modelling import evaluate, train

__all__ = ["app"]

app = typer.Typer(
    name="complaint-motive",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from complaint_motive import __version__

        typer.echo(f"complaint-motive {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Reads Chinese customer complaints: why people complain, with the evidence, and what to do about it.

    Start with: complaint-motive demo
    """


for _command in (demo, analyze, plan, score, evaluate, train):
    app.command()(_command)
app.add_typer(strategies, name="strategies")
