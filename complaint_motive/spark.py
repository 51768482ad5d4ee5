"""Scoring on an existing Spark cluster; needs the extra ``[spark]``."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from complaint_motive.batch.extras import Untyped, pyarrow
from complaint_motive.batch.layout import added_schema
from complaint_motive.batch.scoring import BatchAnalyzer
from complaint_motive.errors import InputError, MissingDependencyError
from complaint_motive.schema import Column, output_columns, refuse_collisions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["score"]


def score(
    frame: DataFrame,
    text: str = "text",
    *,
    evidence: bool = True,
    mask_text: bool = False,
    overwrite: bool = False,
    analyzer: str | Path | Callable[[], BatchAnalyzer] | None = None,
) -> DataFrame:
    """Return the Spark table with the output columns added; lazy, one pass, no shuffle.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        One complaint a row; all columns pass through unchanged.
    text : str, default "text"
        Column of type string that holds the complaint; null is allowed.
    evidence : bool, default True
        False leaves the column ``evidence`` out, and is faster.
    mask_text : bool, default False
        Mask personal data in the text column.
    overwrite : bool, default False
        Replace columns that bear the name of an output column, instead of refusing the table.
    analyzer : path, or callable without arguments that makes an analyzer, optional
        A model folder that every executor can read; the shipped model by default.

    Raises
    ------
    InputError
        Where the text column is missing or no string, or an output column is already there.
    MissingDependencyError
        Without pyspark or pyarrow.

    Notes
    -----
    Each Python worker of an executor loads the model once and keeps it. Rows travel as
    arrow batches (``mapInArrow``). ``mapInPandas`` stops at timestamps outside 1677 to 2262 (9999-12-31 is a usual
    "open end") and turns NaN into null (measured with pyspark 4.3).
    """
    struct_type, from_arrow = _spark()
    columns = output_columns(evidence=evidence)
    kinds = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    if text not in kinds:
        raise InputError(f"the table has no column {text!r}; the columns are {', '.join(map(repr, kinds))}")
    if kinds[text] != "string":
        raise InputError(f"the column {text!r} is {kinds[text]}, needed is string")
    if not overwrite:
        refuse_collisions(kinds, columns, "the table")
    added = {column.name for column in columns}
    kept = [field for field in frame.schema.fields if field.name not in added]
    schema = struct_type([*kept, *from_arrow(added_schema(columns)).fields])
    names = tuple(field.name for field in kept)
    task = partial(
        _score_batches, factory=_packed(analyzer), names=names, text=text, columns=columns, mask_text=mask_text
    )
    # Spark takes a dot in a name for a struct: plain names on the way, the real ones after.
    plain = frame.select(*[f"`{name.replace('`', '``')}`" for name in names]).toDF(
        *[f"c{i}" for i in range(len(names))]
    )
    return plain.mapInArrow(task, schema)


def _spark() -> tuple[Untyped, Untyped]:
    """Return pyspark's ``StructType`` and its conversion of arrow schemas."""
    try:
        from pyspark.sql.pandas.types import from_arrow_schema
        from pyspark.sql.types import StructType
    except ImportError as error:
        raise MissingDependencyError(
            "complaint_motive.spark needs the package pyspark: pip install 'complaint-motive[spark]'"
        ) from error
    return StructType, from_arrow_schema


def _packed(analyzer: str | Path | Callable[[], BatchAnalyzer] | None) -> bytes:
    """Return the factory of the analyzer as bytes, which are also the key under which a worker keeps it."""
    from pyspark import cloudpickle

    if analyzer is None or isinstance(analyzer, str | Path):
        from complaint_motive.analyzer import load

        return pickle.dumps(partial(load, analyzer))
    packed: bytes = cloudpickle.dumps(analyzer)  # type: ignore[no-untyped-call]
    return packed


@lru_cache(maxsize=1)
def _analyzer(factory: bytes) -> BatchAnalyzer:
    """Return the analyzer of this worker process, made once."""
    made: BatchAnalyzer = pickle.loads(factory)()
    return made


def _score_batches(
    batches: Iterable[Untyped],
    *,
    factory: bytes,
    names: tuple[str, ...],
    text: str,
    columns: tuple[Column, ...],
    mask_text: bool,
) -> Iterator[Untyped]:
    """Yield the record batches with the output columns added; runs on the executors."""
    pa = pyarrow()
    analyzer = _analyzer(factory)
    schema = added_schema(columns)
    evidence = any(column.name == "evidence" for column in columns)
    place = names.index(text)
    for batch in batches:
        texts = batch.column(place).to_pylist()
        values = analyzer.columns(texts, evidence=evidence)
        own: list[Any] = list(batch.columns)
        if mask_text:
            masked = [None if entry is None else analyzer.mask(entry) for entry in texts]
            own[place] = pa.array(masked, type=batch.schema.field(place).type)
        new = [pa.array(values[field.name], type=field.type) for field in schema]
        yield pa.RecordBatch.from_arrays([*own, *new], names=[*names, *schema.names])
