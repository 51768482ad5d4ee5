"""The documents: their Python runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["README.md", "README.zh-CN.md"]
BLOCK = re.compile(r"^```(?:python|pycon)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(name: str) -> list[tuple[int, str]]:
    """Return (line, code) of the Python blocks of a document."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not written yet")
    text = path.read_text(encoding="utf-8")
    return [(text.count("\n", 0, match.start(1)) + 1, match[1]) for match in BLOCK.finditer(text)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_python_blocks_run(name, tmp_path, monkeypatch):
    found = blocks(name)
    assert found
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "document"}
    for line, code in found:
        if ">>>" in code:
            example = doctest.DocTestParser().get_doctest(code, names, name, name, line - 1)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
            report: list[str] = []
            runner.run(example, out=report.append, clear_globs=False)
            assert not runner.failures, "".join(report)
            names.update(example.globs)
        else:
            exec(compile("\n" * (line - 1) + code, name, "exec"), names)


def test_both_languages_show_the_same_code():
    english, chinese = (blocks(name) for name in DOCUMENTS)
    assert len(english) == len(chinese)
