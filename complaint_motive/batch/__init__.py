"""Whole complaint logs: files in, files out, resumable and lossless."""

from __future__ import annotations

from complaint_motive.batch.failures import RunError
from complaint_motive.batch.progress import JsonLog, ProgressBar, Reporter
from complaint_motive.batch.runner import score_file
from complaint_motive.batch.summary import RunSummary

__all__ = ["JsonLog", "ProgressBar", "Reporter", "RunError", "RunSummary", "score_file"]
