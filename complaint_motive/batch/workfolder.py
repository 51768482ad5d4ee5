"""The state of a run beside its output: a manifest, committed parts and a journal of what is done."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

from complaint_motive.batch.failures import RunError
from complaint_motive.errors import InputError

__all__ = ["WorkFolder", "file_digest", "join", "work_folder_of"]

_FORMAT = 1
_OWN = re.compile(r"(manifest\.json|done\.jsonl|(part|bad)-\d+|whole\.parquet)(\.tmp)?")


def work_folder_of(output: Path) -> Path:
    """Return the folder that holds the state of an unfinished run: ``OUTPUT.parts`` beside the output."""
    return output.with_name(f"{output.name}.parts")


def file_digest(path: Path) -> str:
    """Return the sha256 of a file.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    part = path.with_name(f"{path.name}.tmp")
    try:
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _differences(old: object, new: object, name: str = "") -> list[str]:
    """Return what differs between two manifests, one line for each value."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        return [line for key in keys for line in _differences(old.get(key), new.get(key), f"{name}.{key}".lstrip("."))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True), start=1)
        return [line for i, (a, b) in pairs for line in _differences(a, b, f"{name}[{i}]")]
    if isinstance(old, list) and isinstance(new, list):
        return [f"{name} were {len(old)}, are {len(new)}"]
    return [] if old == new else [f"{name} was {json.dumps(old)}, is {json.dumps(new)}"]


class WorkFolder:
    """Parts of an unfinished output. One process at a time holds it (a lock that ends with the process).

    Parameters
    ----------
    output : Path
        The file to be written in the end; the folder lies beside it.
    """

    def __init__(self, output: Path) -> None:
        self.path = work_folder_of(output)
        self.done: list[dict[str, Any]] = []
        self.manifest: dict[str, Any] = {}
        self._journal: RawIOBase | None = None
        self._lock: BinaryIO | None = None

    @property
    def started(self) -> bool:
        """True where an unfinished run lies in the folder."""
        return (self.path / "manifest.json").is_file()

    def open(self, manifest: Mapping[str, Any], *, resume: bool) -> None:
        """Start a run, or take up the unfinished one.

        Raises
        ------
        InputError
            Where an unfinished run lies there and `resume` is not given, or its input, model or settings differ.
        RunError
            Where another process is at work in the folder.
        """
        new = {"format": _FORMAT, **json.loads(json.dumps(manifest))}
        self.path.mkdir(parents=True, exist_ok=True)
        self._acquire()
        if self.started:
            self._take_up(new, resume=resume)
        else:
            self._start(new)
        self._journal = (self.path / "done.jsonl").open("ab", buffering=0)

    def _start(self, manifest: dict[str, Any]) -> None:
        self._clear()
        self.manifest = manifest
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        _write(self.path / "manifest.json", text.encode("utf-8", "replace"))

    def _acquire(self) -> None:
        try:
            import fcntl
        except ImportError:  # pragma: no cover - not on Windows
            return
        self._lock = (self.path / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            raise RunError(f"{self.path}: another run is writing this output") from error

    def _take_up(self, new: dict[str, Any], *, resume: bool) -> None:
        try:
            self.manifest = json.loads((self.path / "manifest.json").read_bytes())
        except ValueError as error:
            raise InputError(f"{self.path / 'manifest.json'}: damaged; delete the folder to start anew") from error
        if not self.manifest.get("resumable", True) and not resume:
            self._start(new)
            return
        if not resume:
            raise InputError(
                f"{self.path}: an unfinished run lies here; continue it with --resume (resume=True), or delete the "
                "folder to start anew"
            )
        old = {key: value for key, value in self.manifest.items() if key != "chunk_rows"}
        differences = _differences(old, {key: value for key, value in new.items() if key != "chunk_rows"})
        if differences:
            raise InputError(
                f"{self.path}: the unfinished run cannot be resumed: {'; '.join(differences)}; restore that, or delete "
                "the folder to start anew"
            )
        self._read_journal()

    def _read_journal(self) -> None:
        """Read what is done; a last line torn by a kill does not count and is cut off."""
        journal = self.path / "done.jsonl"
        raw = journal.read_bytes() if journal.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        if whole != raw:
            os.truncate(journal, len(whole))
        self.done = [json.loads(line) for line in whole.splitlines()]
        for number, entry in enumerate(self.done):
            part = self.part(number)
            if entry["part"] != number or not part.is_file() or part.stat().st_size != entry["bytes"]:
                raise InputError(f"{part}: missing or damaged; delete the folder {self.path} to start anew")

    def part(self, number: int) -> Path:
        """Return the file of a part of the output."""
        return self.path / f"part-{number:06d}"

    def bad_part(self, number: int) -> Path:
        """Return the file of a part of the quarantine."""
        return self.path / f"bad-{number:06d}"

    def commit(self, data: bytes, bad: bytes, entry: Mapping[str, Any]) -> None:
        """Add a part: its files first, then its line in the journal, which makes it count."""
        if self._journal is None:
            raise ValueError("open the folder first")
        number = len(self.done)
        if bad:
            _write(self.bad_part(number), bad)
        _write(self.part(number), data)
        record = {"part": number, "bytes": len(data), "bad_bytes": len(bad), **entry}
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        if self._journal.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self._journal.fileno())
        self.done.append(record)

    def parts(self) -> list[Path]:
        """Return the committed parts of the output in order, without empty ones."""
        return [self.part(number) for number, entry in enumerate(self.done) if entry["bytes"]]

    def bad_parts(self) -> list[Path]:
        """Return the committed parts of the quarantine in order."""
        return [self.bad_part(number) for number, entry in enumerate(self.done) if entry["bad_bytes"]]

    def _clear(self) -> None:
        """Delete what a run left behind, and nothing else."""
        entries = [entry for entry in self.path.iterdir() if entry.name != "lock"]
        foreign = [entry.name for entry in entries if not _OWN.fullmatch(entry.name)]
        if foreign:
            raise InputError(
                f"{self.path}: is no folder of a run: it holds {foreign[0]!r}; give the output another name"
            )
        for entry in entries:
            entry.unlink()

    def remove(self) -> None:
        """Delete the folder: the manifest first, so that a kill in between leaves no half run behind."""
        (self.path / "manifest.json").unlink()
        self.close()
        shutil.rmtree(self.path)

    def close(self) -> None:
        """Let go of the journal and the lock; what is committed stays."""
        for stream in (self._journal, self._lock):
            if stream is not None:
                stream.close()
        self._journal = self._lock = None


def join(parts: Sequence[Path], target: Path, head: bytes = b"") -> None:
    """Write `head` and the parts one after the other into `target`, at once."""
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as stream:
            stream.write(head)
            for path in parts:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, stream, 1 << 20)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
