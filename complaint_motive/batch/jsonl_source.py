"""Reading JSON lines, from files and from standard input: lines are split here and parsed in the worker."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from complaint_motive.batch.csv_source import CHUNK_CHARS
from complaint_motive.batch.encoding import SURROGATE, TextFile, open_text
from complaint_motive.batch.records import BadRecordError, BadRow, Batch, Job
from complaint_motive.errors import InputError

__all__ = ["JsonChunk", "json_blocks", "json_chunks", "json_objects", "stdin_chunks"]

_BLANK = " \t\r\n\ufeff"


def parse_object(line: str, encoding: str) -> dict[str, Any]:
    """Return the object of one line.

    Raises
    ------
    BadRecordError
        Where the line is no JSON object or holds bytes that could not be decoded.
    """
    if SURROGATE.search(line):
        raise BadRecordError("undecodable", f"the line is not {encoding}")
    try:
        value = json.loads(line)
    except RecursionError:
        raise BadRecordError("malformed", "the JSON is nested too deeply") from None
    except ValueError as error:
        raise BadRecordError("malformed", f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadRecordError("malformed", f"a JSON {type(value).__name__}, needed is an object")
    return value


@dataclass(frozen=True, slots=True)
class JsonChunk:
    """Lines of a JSON lines file; `numbers` and `lines` go together."""

    file: str
    position: float
    encoding: str
    numbers: list[int]
    places: list[int]
    lines: list[str]
    max_record: int

    @property
    def size(self) -> int:
        """Characters of the chunk, roughly."""
        return sum(map(len, self.lines))

    def parse(self, job: Job) -> Batch:
        """Return the objects, as they stood where nothing in them changes."""
        batch = Batch([], [], objects=[] if job.layout is None else None, rows=None if job.layout is None else [])
        batch.names = job.layout.names if job.layout else ()
        added = frozenset(column.name for column in job.columns)
        for number, place, line in zip(self.numbers, self.places, self.lines, strict=True):
            try:
                self._add(batch, line, job, added)
                batch.numbers.append(number)
            except BadRecordError as error:
                content = line.rstrip("\r\n")
                batch.bad.append(BadRow(self.file, number, error.reason, error.detail, content, place, self.encoding))
        return batch

    def _add(self, batch: Batch, line: str, job: Job, added: frozenset[str]) -> None:
        if len(line) > self.max_record:
            raise BadRecordError("too_long", f"the line is longer than {self.max_record:,} characters")
        entry = parse_object(line, self.encoding)
        text = checked_text(entry.get(job.text_column), job)
        both = [] if added.isdisjoint(entry) else [name for name in entry if name in added]
        if both and not job.overwrite:
            raise BadRecordError("collision", f"the object already has {both[0]!r}; overwrite replaces it")
        if batch.rows is not None and job.layout is not None:
            batch.rows.append(_cells(entry, line, job.layout.names, added))
        elif batch.objects is not None:
            rest = {name: value for name, value in entry.items() if name not in added}
            batch.objects.append(rest if both or job.mask_text else _opened(line, entry))
        batch.texts.append(text)

    def names(self) -> tuple[str, ...]:
        """Return the names of all members of the objects."""
        return tuple(dict.fromkeys(itertools.chain.from_iterable(_well_formed(self))))

    def content(self, number: int) -> str:
        """Return the line of record `number`."""
        return self.lines[self.numbers.index(number)].rstrip("\r\n")


def checked_text(value: object, job: Job) -> str | None:
    """Return a complaint's text.

    Raises
    ------
    BadRecordError
        Where it is no text, or too long.
    """
    if value is not None and not isinstance(value, str):
        raise BadRecordError(
            "wrong_type", f"{job.text_column!r} is a {type(value).__name__}, needed is a text or nothing"
        )
    if value is not None and len(value) > job.max_cell:
        raise BadRecordError(
            "too_long", f"{job.text_column!r} has {len(value):,} characters, allowed are {job.max_cell:,}"
        )
    return value


def _opened(line: str, entry: dict[str, Any]) -> str:
    """Return the object as it stood, without its closing brace and ready for more members."""
    body = line.strip(_BLANK)[:-1].rstrip(_BLANK)
    return f"{body}, " if entry else body


def _cells(entry: dict[str, Any], line: str, names: tuple[str, ...], added: frozenset[str]) -> list[Any]:
    """Return the values in the order of the fixed columns."""
    if "\\ud" in line.lower() and SURROGATE.search(json.dumps(entry, ensure_ascii=False)):
        raise BadRecordError("not_utf8", "a text holds half a surrogate pair, which only JSON can write")
    unknown = entry.keys() - set(names) - added
    if unknown:
        raise BadRecordError("columns", f"unknown member(s) {', '.join(sorted(unknown))}")
    return [entry.get(name) for name in names]


def _split(file: str, text: TextFile, job: Job, lines: Iterable[str]) -> Iterator[JsonChunk]:
    """Yield chunks of lines; blank ones are no records."""
    numbers: list[int] = []
    places: list[int] = []
    kept: list[str] = []
    number = size = 0
    for place, line in enumerate(lines, start=1):
        if not line.strip(_BLANK):
            continue
        number += 1
        numbers.append(number)
        places.append(place)
        kept.append(line)
        size += len(line)
        if len(kept) >= job.chunk_rows or size > CHUNK_CHARS:
            yield JsonChunk(file, text.position, text.encoding, numbers, places, kept, job.max_record)
            numbers, places, kept, size = [], [], [], 0
    if kept:
        yield JsonChunk(file, text.position, text.encoding, numbers, places, kept, job.max_record)


def _lines(stream: io.TextIOWrapper, limit: int) -> Iterator[str]:
    """Yield physical lines; of one that is over the limit only the head, which is longer than the limit by one."""
    while line := stream.readline(limit + 1):
        if len(line) > limit and not line.endswith("\n"):
            while (rest := stream.readline(limit)) and not rest.endswith("\n"):
                pass
        yield line


def json_chunks(path: Path, job: Job) -> Iterator[JsonChunk]:
    """Yield the lines of a .jsonl or .jsonl.gz file in chunks.

    Raises
    ------
    InputError
        Where the file cannot be read, or ends in damage.
    """
    with open_text(path, newline="\n") as text:
        yield from _split(str(path), text, job, _lines(text.stream, job.max_record))


def stdin_chunks(stream: BinaryIO, job: Job) -> Iterator[JsonChunk]:
    """Yield JSON lines (utf-8) from standard input; a chunk as soon as the sender pauses is not attempted."""
    wrapped = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="\n")
    text = TextFile(wrapped, stream, 0, "utf-8")
    try:
        yield from _split("<stdin>", text, job, _lines(wrapped, job.max_record))
    except OSError as error:
        raise InputError(f"standard input: cannot be read: {error}") from error
    finally:
        wrapped.detach()


def json_blocks(path: Path, job: Job) -> Iterator[list[dict[str, Any]]]:
    """Yield the well-formed objects of a file chunk by chunk, for the survey of names and types."""
    for chunk in json_chunks(path, job):
        yield list(_well_formed(chunk))


def json_objects(path: Path, job: Job) -> Iterator[dict[str, Any]]:
    """Yield the well-formed objects of a file."""
    for chunk in json_chunks(path, job):
        yield from _well_formed(chunk)


def _well_formed(chunk: JsonChunk) -> Iterator[dict[str, Any]]:
    for line in chunk.lines:
        with contextlib.suppress(BadRecordError):
            yield parse_object(line, chunk.encoding)
