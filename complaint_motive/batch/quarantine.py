"""Bad rows as JSON lines: where they stood, why they are bad, and what they were."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable

from complaint_motive.batch.encoding import SURROGATE
from complaint_motive.batch.records import BadRow

__all__ = ["quarantine_bytes"]


def quarantine_bytes(bad: Iterable[BadRow], mask: Callable[[str], str] | None = None) -> bytes:
    """Return bad rows as JSON lines {file, row, line, reason, detail, content}.

    Parameters
    ----------
    bad : iterable of BadRow
        Rows in order.
    mask : callable, optional
        Masks personal data in the content. Without it, a content that could not be decoded is also given as
        ``content_base64``, byte by byte as it stood in the file.
    """
    return b"".join(_line(row, mask) for row in bad)


def _line(row: BadRow, mask: Callable[[str], str] | None) -> bytes:
    entry: dict[str, object] = {"file": row.file, "row": row.row}
    if row.line is not None:
        entry["line"] = row.line
    readable = SURROGATE.sub("\ufffd", row.content)
    entry |= {"reason": row.reason, "detail": SURROGATE.sub("\ufffd", row.detail)}
    entry["content"] = readable if mask is None else mask(readable)
    if mask is None and readable != row.content:
        entry["content_base64"] = base64.b64encode(_bytes(row)).decode("ascii")
    return json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _bytes(row: BadRow) -> bytes:
    """Return the bytes of a record as they stood in the file."""
    if row.encoding == "utf-16":
        return row.content.encode("utf-16-le", "surrogatepass")
    encoding = row.encoding.removesuffix("-sig")
    try:
        return row.content.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return row.content.encode(encoding, "surrogatepass")
