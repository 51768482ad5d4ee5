"""Opening text files: encoding and delimiter are chosen once per file, on a sample."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from complaint_motive.errors import InputError

__all__ = ["READ_ERRORS", "SURROGATE", "TextFile", "choose_delimiter", "choose_encoding", "open_text", "wide_csv_cells"]

SURROGATE = re.compile("[\ud800-\udfff]")
READ_ERRORS = (OSError, EOFError, zlib.error)
_SAMPLE = 1 << 20
_MORE = 64 << 20
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_DELIMITERS = (",", "\t", ";", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class TextFile(NamedTuple):
    """An open text file: the stream, the raw file for its position, its size in bytes and its encoding."""

    stream: io.TextIOWrapper
    raw: BinaryIO
    size: int
    encoding: str

    @property
    def position(self) -> float:
        """Share of the bytes read, in [0, 1]."""
        return min(1.0, self.raw.tell() / self.size) if self.size else 1.0


def choose_encoding(sample: bytes) -> str:
    """Return the encoding of a file from its first bytes: by byte order mark, else utf-8, else gb18030.

    A few damaged characters do not make a utf-8 file gb18030: valid sequences of three bytes do not arise by chance.

    Examples
    --------
    >>> choose_encoding("退款".encode()), choose_encoding("退款退货".encode("gbk"))
    ('utf-8', 'gb18030')
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final=False)
    damaged = text.count("\ufffd")
    valid = sum(character >= "\u0800" for character in text) - damaged if damaged else 0
    return "utf-8" if damaged <= valid else "gb18030"


def _sample(path: Path) -> bytes:
    """Return the head of a file, longer where it is ASCII only, cut at a line end."""
    with _open_binary(path) as (stream, _):
        sample = stream.read(_SAMPLE)
        while len(sample) < _MORE and not _NON_ASCII.search(sample, max(0, len(sample) - _SAMPLE)):
            block = stream.read(_SAMPLE)
            if not block:
                break
            sample += block
    return sample


@contextmanager
def _open_binary(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Yield the (decompressed) stream and the raw file below it."""
    try:
        with path.open("rb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                    yield cast("BinaryIO", unpacked), raw
            else:
                yield raw, raw
    except READ_ERRORS as error:
        raise InputError(f"{path}: cannot be read: {error or type(error).__name__}") from error


@contextmanager
def open_text(path: Path, newline: str) -> Iterator[TextFile]:
    r"""Yield a text file whose undecodable bytes read as lone surrogates.

    Parameters
    ----------
    path : Path
        Text file, packed with gzip where it ends in ``.gz``.
    newline : str
        As for :func:`open`: ``""`` for csv, ``"\n"`` for JSON lines.

    Raises
    ------
    InputError
        Where the file cannot be read or unpacked, also later in the stream.
    """
    encoding = choose_encoding(_sample(path))
    errors = "surrogatepass" if encoding == "utf-16" else "surrogateescape"
    with _open_binary(path) as (stream, raw):
        text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline=newline)
        try:
            yield TextFile(text, raw, path.stat().st_size, encoding)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: the file ends inside a {encoding} character, or is damaged there: {error}"
            ) from error
        finally:
            text.detach()


def choose_delimiter(head: list[str]) -> str:
    """Return the delimiter of a csv file from its first lines: the one that gives most rows the header's columns.

    Examples
    --------
    >>> choose_delimiter(["编号;内容", "1;退款,马上"])
    ';'
    """

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            counts = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        width = counts[0] if counts else 0
        return (counts.count(width) / len(counts), width) if width > 1 else (0.0, 0)

    best = max(_DELIMITERS, key=fit)
    return best if fit(best)[1] > 1 else ","


@contextmanager
def wide_csv_cells() -> Iterator[None]:
    """Lift the csv module's limit of a cell's length, which is global, for the length of the block."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
