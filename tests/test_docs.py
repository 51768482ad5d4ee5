"""The documents: their Python runs, their output is real, their commands parse, their tables are the taxonomy's."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import shlex
from pathlib import Path

import pytest
import typer

import complaint_motive as cm
from complaint_motive.cli import app
from complaint_motive.models.evaluation import evaluate
from complaint_motive.taxonomy import taxonomy
from complaint_motive.training import TEST_SPLIT

ROOT = Path(__file__).parents[1]
READMES = ["README.md", "README.zh-CN.md"]
DOCUMENTS = [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", "datasets/README.md", "docs/spark.md"]
EVERY_README = pytest.mark.parametrize("name", READMES)
EVERY_DOCUMENT = pytest.mark.parametrize("name", DOCUMENTS)
FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")
PATHS = re.compile(r"(?:complaint_motive|tests|datasets|benchmarks|notebooks|resources|features|models)/[\w./*-]*\w")
FIGURES = re.compile(r"<!-- figures -->\n(.*?)<!-- /figures -->", re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fenced(name: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(read(name)) if kind == language]


def pairs(name: str) -> list[tuple[str, str]]:
    """Return every Python block with the output block that follows it."""
    blocks = [(kind, body) for kind, body in FENCE.findall(read(name)) if kind in ("python", "text")]
    assert [kind for kind, _ in blocks] == ["python", "text"] * (len(blocks) // 2)
    return [(code, shown) for (_, code), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True)]


def shape(output: str) -> list[str]:
    """Return what stays when a model is refitted: the names before colons, words without figures."""
    return [" ".join(re.sub(r"[\d.]+%?", " ", line.partition(":")[0]).split()) for line in output.strip().splitlines()]


@EVERY_README
def test_python_runs_and_prints_what_is_shown(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "readme"}
    for code, shown in pairs(name):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, name, "exec"), names)
        assert shape(printed.getvalue()) == shape(shown)


def commands(text: str) -> list[list[str]]:
    """Return the arguments of every ``complaint-motive`` command in a shell text."""
    lines = (shlex.split(part, comments=True) for line in text.splitlines() for part in line.split("&&"))
    return [line[1:] for line in lines if line and line[0].endswith("complaint-motive")]


@EVERY_DOCUMENT
def test_command_lines_parse(name):
    for arguments in [command for block in fenced(name, "sh") for command in commands(block)]:
        command, rest = typer.main.get_command(app), arguments
        while hasattr(command, "commands"):
            command, rest = command.commands[rest[0]], rest[1:]
        # Types and options are checked; nothing is run.
        assert command.make_context(command.name, rest)


def test_both_languages_show_the_same_code():
    english, chinese = ([[*commands(block)] for block in fenced(name, "sh")] for name in READMES)
    assert english == chinese
    assert any(english)
    one, other = ([re.sub(r'"[^"\n]*"', "", code) for code, _ in pairs(name)] for name in READMES)
    assert one == other


def label_rows(name: str) -> list[list[tuple[str, str]]]:
    """Return the (name, id) pairs of every table row that has any."""
    rows = [
        re.findall(r"([\u4e00-\u9fff]+) `(\w+)`", line) for line in read(name).splitlines() if line.startswith("| ")
    ]
    return [row for row in rows if row]


@EVERY_README
def test_label_tables_are_the_taxonomys(name):
    labels = taxonomy()
    pairs_of = [
        [(labels.motives[category.motive].name, category.motive), (category.name, category.id)]
        for category in labels.categories.values()
    ]
    dimensions = [labels.needs, labels.causes, labels.purposes, labels.behaviours]
    pairs_of += [[(label.name, label.id) for label in dimension.values()] for dimension in dimensions]
    rows = label_rows(name)
    rows = [[pair for pair in row if pair[1] != "both"] for row in rows]
    assert rows == pairs_of
    levels = " · ".join(f"{level} {label.name}" for level, label in enumerate(labels.intensities))
    assert f"| {levels} |" in read(name)


def figure_rows(name: str) -> list[list[float]]:
    """Return the numbers of every row of the README's figures, first column (shipped weights) first."""
    found = FIGURES.search(read(name))
    assert found, f"{name} has no place for figures"
    cells = [line.split("|")[2:-1] for line in found[1].splitlines()[2:] if line.startswith("|")]
    return [[float(number) for cell in row for number in re.findall(r"\d\.\d+", cell)] for row in cells]


def test_both_languages_give_the_same_figures():
    english, chinese = map(figure_rows, READMES)
    assert english == chinese
    assert len(english) >= 10


def test_figures_are_those_of_the_shipped_weights(analyzer, corpus):
    records = [record for author in TEST_SPLIT for record in corpus[author]]
    found = evaluate(records, analyzer).figures
    names = ("category_macro_f1", "category_accuracy", "motive_macro_f1", "needs_f1", "intensity_qwk", "cause_macro_f1")
    measured = [found[name] for name in names]
    assert [row[0] for row in figure_rows("README.md")][: len(names)] == pytest.approx(measured, abs=0.02)


@EVERY_DOCUMENT
def test_links_lead_somewhere(name):
    missing = [link for link in LINK.findall(read(name)) if not (ROOT / name).parent.joinpath(link).exists()]
    assert missing == []


def test_recipes_name_files_that_exist():
    bases = (ROOT, ROOT / "complaint_motive")
    named = {path for path in PATHS.findall(read("CONTRIBUTING.md")) if "authored_NN" not in path}
    missing = {path for path in named if not any(list(base.glob(path)) for base in bases)}
    assert len(named) > 20
    assert missing == set()


def test_data_card_counts_are_those_of_the_corpus():
    path = ROOT / "datasets" / "summary.py"
    spec = importlib.util.spec_from_file_location("corpus_summary", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    counts = module.summary(module.read_corpus())
    card = read("datasets/README.md")
    assert module.TEST_SPLIT == TEST_SPLIT
    assert f"{module.BEGIN}{counts}{module.END}" in card, "run: python datasets/summary.py --update"


def test_changelog_and_licence():
    assert f"## [{cm.__version__}]" in read("CHANGELOG.md")
    assert "Apache License" in read("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in read("LICENSE")


@EVERY_README
def test_no_badges(name):
    assert "![" not in read(name)
