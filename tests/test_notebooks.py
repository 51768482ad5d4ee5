"""The notebooks run, and are stored with the outputs of a run."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
SECONDS = 60
"""Time for one cell; a notebook takes some six seconds on an idle machine."""

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")


def kinds(cell) -> list[set[str]]:
    """Return the kinds of output of a cell; what arrives on one stream may come in several pieces."""
    found = [set(output.get("data", {})) or {output.get("name", output.output_type)} for output in cell.outputs]
    return [kind for k, kind in enumerate(found) if k == 0 or kind != found[k - 1]]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["01_quickstart", "02_train_and_evaluate", "03_complaint_log"]


@EVERY_NOTEBOOK
def test_runs_and_gives_the_kinds_of_output_that_are_stored(path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    with warnings.catch_warnings():
        # The kernel's own packages warn; what the notebooks' code warns about shows in their outputs.
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        resources = {"metadata": {"path": str(path.parent)}}
        NotebookClient(fresh, timeout=SECONDS, kernel_name="python3", resources=resources).execute()
    assert [kinds(cell) for cell in code_cells(fresh)] == [kinds(cell) for cell in code_cells(stored)]
    assert not any({"stderr"} in kinds(cell) for cell in code_cells(fresh))


@EVERY_NOTEBOOK
def test_is_stored_as_run_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert str(ROOT) not in path.read_text(encoding="utf-8")


def test_the_confusion_matrix_shows_chinese_as_text():
    notebook = nbformat.read(NOTEBOOKS[1], as_version=4)
    data = [output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs]
    pictures = [part["image/svg+xml"] for part in data if "image/svg+xml" in part]
    assert len(pictures) == 3
    assert all(name in pictures[0] for name in ("讽刺责", "逼迫满足", "非投诉"))
    assert "<text" in pictures[0]
