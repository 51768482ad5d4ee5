"""The optional packages of the extra ``[files]``: pyarrow for parquet, openpyxl for Excel."""

from __future__ import annotations

import importlib
from typing import Any, TypeAlias

from complaint_motive.errors import MissingDependencyError

__all__ = ["Untyped", "openpyxl", "pyarrow", "pyarrow_parquet"]

# pyarrow and openpyxl give no types to mypy.
Untyped: TypeAlias = Any


def _optional(module: str, purpose: str) -> Untyped:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise MissingDependencyError(
            f"{purpose} need the package {package}: pip install 'complaint-motive[files]'"
        ) from error


def pyarrow() -> Untyped:
    """Return the module ``pyarrow``.

    Raises
    ------
    MissingDependencyError
        Where it is not installed.
    """
    return _optional("pyarrow", ".parquet files")


def pyarrow_parquet() -> Untyped:
    """Return the module ``pyarrow.parquet``; raises as :func:`pyarrow`."""
    return _optional("pyarrow.parquet", ".parquet files")


def openpyxl() -> Untyped:
    """Return the module ``openpyxl``.

    Raises
    ------
    MissingDependencyError
        Where it is not installed.
    """
    return _optional("openpyxl", ".xlsx files")
