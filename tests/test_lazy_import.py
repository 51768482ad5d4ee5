"""What is loaded when: importing the package costs next to nothing, analysing loads no scikit-learn and no pandas."""

from __future__ import annotations

import subprocess
import sys

import pytest

CASES = [
    ("import", "import complaint_motive", {"numpy", "scipy", "pandas", "sklearn", "jieba", "rjieba", "typer"}),
    ("load", "import complaint_motive as cm; cm.load()", {"pandas", "sklearn", "matplotlib", "pyarrow", "openpyxl"}),
    (
        "analyse",
        "import complaint_motive as cm; a = cm.load().analyze('要求退款，再不处理就曝光'); a.to_dict()",
        {"pandas", "sklearn", "matplotlib", "pyarrow", "openpyxl", "pyspark", "IPython"},
    ),
    (
        "columns",
        "import complaint_motive as cm; cm.load().columns(['要求退款'])",
        {"pandas", "sklearn", "matplotlib", "pyarrow", "openpyxl"},
    ),
]


@pytest.mark.parametrize(("code", "unwanted"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_modules_stay_out(outside, code, unwanted):
    check = f"{code}\nimport sys; print(*sorted({unwanted!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore:pkg_resources is deprecated", "-c", check],
        env=outside, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
    assert done.stderr == ""


def test_logging_is_left_alone(outside):
    code = (
        "import logging, complaint_motive as cm; cm.load().analyze('要求退款')\n"
        "assert not logging.getLogger().handlers and logging.getLogger().level == logging.WARNING"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=outside, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
