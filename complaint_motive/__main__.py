"""``python -m complaint_motive``: the command line."""

from __future__ import annotations

from complaint_motive.cli import app

if __name__ == "__main__":
    app(prog_name="complaint-motive")
