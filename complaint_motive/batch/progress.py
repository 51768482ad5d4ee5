"""Showing how a run gets on: a bar on a terminal, JSON lines for services, nothing in a pipe."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Protocol, TextIO

from complaint_motive.batch.summary import RunSummary, Tally

__all__ = ["JsonLog", "ProgressBar", "Reporter", "Silent", "default_reporter"]


class Reporter(Protocol):
    """What a run tells: its start, every committed chunk, its end."""

    def start(self, resumed_rows: int) -> None:
        """The run begins; `resumed_rows` were done before."""

    def update(self, tally: Tally, share: float) -> None:
        """A chunk is committed: the counts so far, and the share of the input that is read, in [0, 1]."""

    def finish(self, summary: RunSummary | None) -> None:
        """The run ended; None where it was stopped."""


class Silent:
    """Says nothing."""

    def start(self, resumed_rows: int) -> None:
        """Do nothing."""

    def update(self, tally: Tally, share: float) -> None:
        """Do nothing."""

    def finish(self, summary: RunSummary | None) -> None:
        """Do nothing."""


class ProgressBar:
    """A bar with rows, rows per second, time left and counts per motive.

    Parameters
    ----------
    stream : text stream, optional
        Standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._bar: Any = None

    def start(self, resumed_rows: int) -> None:
        """Open the bar."""
        from tqdm import tqdm

        self._bar = tqdm(
            initial=resumed_rows, unit=" rows", file=self._stream or sys.stderr, dynamic_ncols=True, leave=False
        )

    def update(self, tally: Tally, share: float) -> None:
        """Move the bar; the number of rows is estimated from the share that is read."""
        seen = tally.rows + tally.quarantined
        if share > 0:
            self._bar.total = max(seen, round(seen / share))
        counts = {motive: f"{n:,}" for motive, n in tally.motives.most_common()}
        if tally.quarantined:
            counts["bad"] = f"{tally.quarantined:,}"
        self._bar.set_postfix(counts, refresh=False)
        self._bar.update(seen - self._bar.n)

    def finish(self, summary: RunSummary | None) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()


class JsonLog:
    """One JSON object per event: ``start``, ``progress`` (at most one in `every` seconds) and ``end`` or ``stopped``.

    Parameters
    ----------
    stream : text stream, optional
        Standard error by default.
    every : float, default 5.0
        Seconds between two progress events.
    """

    def __init__(self, stream: TextIO | None = None, every: float = 5.0) -> None:
        self._stream = stream
        self._every = every
        self._begin = self._last = time.monotonic()

    def _say(self, event: str, **values: object) -> None:
        stream = self._stream or sys.stderr
        entry = {"event": event, "seconds": round(time.monotonic() - self._begin, 3), **values}
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        stream.flush()

    def start(self, resumed_rows: int) -> None:
        """Say ``start``."""
        self._begin = self._last = time.monotonic()
        self._say("start", resumed_rows=resumed_rows)

    def update(self, tally: Tally, share: float) -> None:
        """Say ``progress`` where it is time."""
        now = time.monotonic()
        if now - self._last >= self._every:
            self._last = now
            self._say("progress", share=round(share, 4), **tally.to_dict())

    def finish(self, summary: RunSummary | None) -> None:
        """Say ``end`` with the summary, or ``stopped``."""
        if summary is None:
            self._say("stopped")
        else:
            self._say("end", summary=summary.to_dict())


def default_reporter() -> Reporter:
    """Return a bar where standard error is a terminal, silence elsewhere."""
    return ProgressBar() if sys.stderr.isatty() else Silent()
