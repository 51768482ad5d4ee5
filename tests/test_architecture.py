"""The shape of the package: who may import whom, what is public, how long a file may be."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import complaint_motive as cm

PACKAGE = Path(cm.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py"
}
FOUNDATION = {"errors", "taxonomy", "schema", "analysis", "handling_plan"}
BELOW = {
    "errors": set(),
    "taxonomy": {"errors"},
    "handling_plan": set(),
    "analysis": {"handling_plan"},
    "schema": {"errors", "taxonomy"},
    "transcript": FOUNDATION,
    "features": FOUNDATION | {"transcript"},
    "strategy": FOUNDATION,
    "models": FOUNDATION | {"transcript", "features"},
    "judgement": FOUNDATION | {"transcript", "features", "models", "strategy"},
    "analyzer": FOUNDATION | {"transcript", "features", "models", "strategy", "judgement"},
}
"""Which parts each part may import besides itself; parts that are not named stand on top and may import any."""

LAZY = {("handling_plan", "report"), ("analysis", "report"), ("models", "report"), ("models", "analyzer")}
"""Imports allowed inside a function or for type checkers only: results know how to show themselves in a notebook."""


def part_of(module: str) -> str:
    return module.split(".")[0]


def imports(tree: ast.AST, *, top_only: bool = False) -> set[str]:
    """Return the names of all modules imported; `top_only` those that importing the module itself brings in."""
    found = set()
    for node in ast.walk(tree) if not top_only else at_import(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def at_import(tree: ast.AST):
    """Yield the nodes that run on import: no function bodies, nothing for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from at_import(node)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def own(names: set[str]) -> set[str]:
    return {name.removeprefix("complaint_motive.") for name in names if name.startswith("complaint_motive.")}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    tree, part = parse(MODULES[module]), part_of(module)
    if part not in BELOW:
        return
    allowed = BELOW[part] | {part}
    for names, extra in ((imports(tree, top_only=True), set()), (imports(tree), {b for a, b in LAZY if a == part})):
        wrong = {part_of(name) for name in own(names)} - allowed - extra
        assert not wrong, f"{module} imports {sorted(wrong)}"


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_the_package_root(module):
    for node in ast.walk(parse(MODULES[module])):
        assert not (isinstance(node, ast.Import) and "complaint_motive" in {alias.name for alias in node.names})
        if isinstance(node, ast.ImportFrom) and node.module == "complaint_motive":
            assert {alias.name for alias in node.names} == {"__version__"}, "only the version is read from the root"


HEAVY = {"sklearn", "pandas", "matplotlib", "pyarrow", "openpyxl", "pyspark", "joblib"}
INFERENCE = ["transcript", "features", "strategy", "judgement", "analyzer", *FOUNDATION]
SCORING = ["models.scorer", "models.decision", "models.explain", "models.artifact"]


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) in INFERENCE or m in SCORING])
def test_inference_loads_nothing_heavy(module):
    brought = {name.split(".")[0] for name in imports(parse(MODULES[module]), top_only=True)}
    assert not brought & HEAVY


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) == "features" or m == "models.scorer"])
def test_features_and_scorer_never_know_scikit_learn(module):
    assert "sklearn" not in {name.split(".")[0] for name in imports(parse(MODULES[module]))}


def test_nothing_but_features_below_it_knows_labels():
    for module, path in MODULES.items():
        if part_of(module) == "features":
            assert "taxonomy" not in {part_of(name) for name in own(imports(parse(path)))}, module


@pytest.mark.parametrize("module", MODULES)
def test_files_are_short(module):
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= 300


def loaded(module: str):
    if module == "__main__":
        pytest.skip("runs the command line")
    return import_module(f"complaint_motive.{module}")


@pytest.mark.parametrize("module", MODULES)
def test_all_is_sorted_and_true(module):
    found = loaded(module)
    if not MODULES[module].read_text(encoding="utf-8").strip().count("\n"):
        return
    names = found.__all__
    assert isinstance(names, list)
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))
    assert len(set(names)) == len(names)
    assert all(hasattr(found, name) for name in names)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_documented(module):
    found = loaded(module)
    assert (found.__doc__ or "").strip(), "the module has no docstring"
    for name in getattr(found, "__all__", []):
        value = getattr(found, name)
        if not (inspect.isclass(value) or inspect.isroutine(value)):
            continue
        assert (value.__doc__ or "").strip(), name
        if not inspect.isclass(value):
            continue
        for method, member in vars(value).items():
            if not method.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                assert (inspect.getdoc(getattr(value, method)) or "").strip(), f"{name}.{method}"


def test_the_root_exports_what_it_says():
    assert cm.__all__ == sorted(cm.__all__, key=lambda name: (not name[:1].isupper(), name))
    for name in cm.__all__:
        assert getattr(cm, name).__doc__
    assert set(cm.__all__) <= set(dir(cm))
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        cm.analyse  # noqa: B018


def test_there_is_no_print_and_no_environment_variable():
    for module, path in MODULES.items():
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                assert node.attr not in {"environ", "getenv"}, module
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", module
