"""The wheel: holds every resource, and in an environment of its own analyses a text without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    # An outer PYTHONPATH would show the checkout to the fresh environment.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy, so that the checkout stays clean."""
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(
        ROOT / "complaint_motive", source / "complaint_motive", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if not (ROOT / name).exists():
            pytest.skip(f"{name} is not written yet")
        shutil.copy(ROOT / name, source / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", cwd=source)
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """Install the wheel alone; the packages it needs are borrowed from the outer environment by path."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", "venv", cwd=folder)
    inner = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", inner, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    place = Path(run(inner, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    # A .pth line is a plain path: editable installs of the outer environment stay out.
    outer = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (place / "borrowed.pth").write_text("\n".join(outer) + "\n", encoding="utf-8")
    return inner


def test_every_module_and_resource_is_inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("complaint_motive/")}
        others = {name.split("/")[0] for name in archive.namelist()} - {"complaint_motive"}
    package = ROOT / "complaint_motive"
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and (path.suffix == ".py" or path.name == "py.typed" or "resources" in path.parts)
    }
    assert inside == expected
    assert "complaint_motive/py.typed" in inside
    assert "complaint_motive/resources/pretrained/weights.npz" in inside
    assert all(name.endswith(".dist-info") for name in others)


def test_the_installed_wheel_analyses_a_text_without_a_network(python, tmp_path):
    code = """
import socket
def refuse(*_, **__): raise OSError("no network")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
import complaint_motive as cm
assert "fresh" in cm.__file__, cm.__file__
found = cm.load().analyze("衣服洗坏了，要求照价赔偿")
print(found.category, bool(found.evidence), bool(found.plan.steps))
"""
    assert run(python, "-I", "-c", code, cwd=tmp_path).split() == ["redress", "True", "True"]


def test_the_installed_command_runs(python, tmp_path):
    out = run(python.with_name("complaint-motive"), "--version", cwd=tmp_path)
    assert "0.1.0" in out
