"""The command line ``complaint-motive``."""

from __future__ import annotations

from complaint_motive.cli.app import app

__all__ = ["app"]
