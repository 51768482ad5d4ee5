"""Charts as inline SVG, a few lines each: the reader's browser sets the text, so Chinese needs no font here."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from html import escape
from itertools import accumulate

from complaint_motive.models.metrics import CoveragePoint, ReliabilityBin
from complaint_motive.models.slices import Slice

__all__ = ["confusion_chart", "coverage_chart", "reliability_chart", "slice_chart"]

_FONT = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
_INK, _FAINT, _GRID, _BLUE, _RED = "#1f2328", "#57606a", "#d8dee4", "#2f6690", "#b3261e"
_LEFT, _TOP, _SIDE = 52, 30, 300


def _svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{escape(title)}" font-family="{_FONT}" font-size="12" style="max-width:100%;height:auto">'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle", fill: str = _INK, size: int = 12) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = _GRID, width: float = 1, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{stroke}" stroke-width="{width:g}"{dashed}/>'


def _rect(x: float, y: float, width: float, height: float, fill: str, note: str = "") -> str:
    title = f"<title>{escape(note)}</title>" if note else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}">{title}</rect>'


def _dot(x: float, y: float, radius: float, fill: str, note: str = "") -> str:
    title = f"<title>{escape(note)}</title>" if note else ""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}">{title}</circle>'


def _shade(share: float, right: bool) -> str:
    """Return white to blue on the diagonal, white to red off it."""
    dark = (47, 102, 144) if right else (179, 38, 30)
    mixed = (round(255 + (channel - 255) * share**0.7) for channel in dark)
    return f"rgb({','.join(map(str, mixed))})"


def _short(label: str) -> str:
    """Return at most 22 columns of a label; a Chinese character takes two."""
    ends = list(accumulate(2 if character > "\u2e7f" else 1 for character in label))
    return label if not ends or ends[-1] <= 22 else f"{label[: bisect(ends, 21)]}…"


def confusion_chart(counts: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Return a confusion matrix as SVG: counts, shaded by their share of the row.

    Parameters
    ----------
    counts : sequence of sequence of int, shape (n, n)
        Records by labelled (rows) and decided class (columns).
    names : sequence of str, n of them
        Names of the classes.
    """
    cell, left, top = (74, 42), 142, 62
    parts = [_text(left + cell[0] * len(names) / 2, 14, "判定（decided）", fill=_FAINT)]
    parts.append(_text(0, top - 8, "标注（labelled）", anchor="start", fill=_FAINT))
    for k, name in enumerate(names):
        x, y = left + cell[0] * (k + 0.5), top + cell[1] * (k + 0.5)
        half = len(name) if len(name) <= 5 else (len(name) + 1) // 2
        parts += [_text(x, 34 + 15 * row, line) for row, line in enumerate((name[:half], name[half:])) if line]
        parts.append(_text(left - 8, y + 4, name, anchor="end"))
    for i, row in enumerate(counts):
        for j, n in enumerate(row):
            share = n / max(sum(row), 1)
            x, y = left + cell[0] * j, top + cell[1] * i
            note = f"{names[i]} → {names[j]}：{n}（{share:.0%}）"
            parts.append(_rect(x + 1, y + 1, cell[0] - 2, cell[1] - 2, _shade(share, i == j) if n else "#f6f8fa", note))
            ink = "#fff" if share > 0.5 else _INK
            parts += [_text(x + cell[0] / 2, y + 19, str(n), fill=ink, size=13)] if n else []
            parts += [_text(x + cell[0] / 2, y + 34, f"{share:.0%}", fill=ink, size=10)] if n else []
    return _svg(left + cell[0] * len(names) + 6, top + cell[1] * len(names) + 6, "混淆矩阵", parts)


def _axes(x_title: str, y_title: str, y_low: float, steps: int) -> list[str]:
    """Return a square grid from 0 to 1 across and from `y_low` to 1 up."""
    parts = []
    for k in range(steps + 1):
        share = k / steps
        y = _TOP + _SIDE * (1 - share)
        parts.append(_line(_LEFT, y, _LEFT + _SIDE, y))
        parts.append(_text(_LEFT - 6, y + 4, f"{y_low + (1 - y_low) * share:.0%}", anchor="end", fill=_FAINT, size=11))
    for k in range(6):
        parts.append(_text(_LEFT + _SIDE * k / 5, _TOP + _SIDE + 16, f"{k / 5:.0%}", fill=_FAINT, size=11))
    parts.append(_text(_LEFT + _SIDE / 2, _TOP + _SIDE + 34, x_title, fill=_FAINT))
    parts.append(_text(4, _TOP - 14, y_title, anchor="start", fill=_FAINT))
    return parts


def reliability_chart(bins: Sequence[ReliabilityBin]) -> str:
    """Return the reliability diagram as SVG: accuracy over confidence, dots as large as their bins are full.

    Parameters
    ----------
    bins : sequence of ReliabilityBin
        Filled bins.
    """
    total = max(sum(b.n for b in bins), 1)
    parts = _axes("把握（平均概率）", "实际准确率", 0.0, 5)
    parts.append(_line(_LEFT, _TOP + _SIDE, _LEFT + _SIDE, _TOP, stroke=_FAINT, dash="4 4"))
    for b in bins:
        x, y = _LEFT + _SIDE * b.confidence, _TOP + _SIDE * (1 - b.accuracy)
        parts.append(_line(x, y, x, _TOP + _SIDE * (1 - b.confidence), stroke=_RED, width=1.5))
        note = f"{b.low:.0%}–{b.high:.0%}：{b.n} 条，把握 {b.confidence:.0%}，准确 {b.accuracy:.0%}"
        parts.append(_dot(x, y, 3 + 16 * (b.n / total) ** 0.5, _BLUE + "cc", note))
    return _svg(_LEFT + _SIDE + 20, _TOP + _SIDE + 42, "可靠性图", parts)


def coverage_chart(points: Sequence[CoveragePoint]) -> str:
    """Return accuracy over coverage as SVG.

    Parameters
    ----------
    points : sequence of CoveragePoint
        In order of coverage.
    """
    lowest = min((p.accuracy for p in points), default=0.0)
    low = min(0.8, max(0.0, int(lowest * 10 - 0.5) / 10))
    steps = round((1 - low) / (0.05 if low > 0.55 else 0.1))
    parts = _axes("自动处理的比例（最有把握的先）", "其中的准确率", low, steps)

    def place(point: CoveragePoint) -> tuple[float, float]:
        return _LEFT + _SIDE * point.coverage, _TOP + _SIDE * (1 - point.accuracy) / (1 - low)

    path = "L".join(f"{x:g} {y:g}" for x, y in map(place, points))
    parts.append(f'<path d="M{path}" fill="none" stroke="{_BLUE}" stroke-width="2"/>' if points else "")
    for point in points:
        x, y = place(point)
        note = f"{point.coverage:.0%}（{point.n} 条，概率 ≥ {point.threshold:.2f}）：准确 {point.accuracy:.1%}"
        marked = abs(point.coverage - 0.8) < 1e-9
        parts.append(_dot(x, y, 5 if marked else 3, _RED if marked else _BLUE, note))
        if marked:
            parts.append(_text(x, y - 10, f"80% → {point.accuracy:.1%}", fill=_RED))
    return _svg(_LEFT + _SIDE + 20, _TOP + _SIDE + 42, "覆盖率与准确率", parts)


def slice_chart(slices: Sequence[Slice]) -> str:
    """Return the accuracy of each group as SVG, a dot with its 95 % interval.

    Parameters
    ----------
    slices : sequence of Slice
        Groups of one column.
    """
    left, row, width = 150, 22, 300
    height = row * len(slices)
    parts = []
    for k in range(6):
        x = left + width * k / 5
        parts += [_line(x, 4, x, height + 4), _text(x, height + 20, f"{k / 5:.0%}", fill=_FAINT, size=11)]
    for k, group in enumerate(slices):
        y = 4 + row * (k + 0.5)
        low, high, at = (left + width * v for v in (group.accuracy_low, group.accuracy_high, group.accuracy))
        label = group.value or "（空）"
        parts.append(_text(left - 8, y + 4, _short(label), anchor="end"))
        parts.append(_line(low, y, high, y, stroke=_BLUE, width=2))
        note = f"{label}：{group.n} 条，准确 {group.accuracy:.1%}（{group.accuracy_low:.0%}–{group.accuracy_high:.0%}）"
        parts.append(_dot(at, y, 5, _BLUE, note))
        parts.append(_text(left + width + 12, y + 4, f"{group.accuracy:.0%}  n={group.n}", anchor="start", fill=_FAINT))
    return _svg(left + width + 100, height + 28, "分组准确率", parts)
