"""A handling plan as one self-contained HTML card; everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from complaint_motive.analysis import HandlingPlan
from complaint_motive.report.sections import plan_sections

__all__ = ["plan_html"]

_COLOURS = {1: "#4b7f52", 2: "#2f6690", 3: "#b3701b", 4: "#b3261e"}

_STYLE = """
.cm-plan{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:980px;line-height:1.55;
font-size:14px;color:#1f2328;background:#fff;border:1px solid #d0d7de;border-radius:8px;padding:14px 18px}
.cm-plan h3{margin:0 0 4px;font-size:17px}.cm-plan h4{margin:10px 0 2px;font-size:14px;color:#57606a}
.cm-plan ol,.cm-plan ul{margin:2px 0 0;padding-left:22px}.cm-plan .cm-cols{columns:2 340px;column-gap:28px}
.cm-plan section{break-inside:avoid}.cm-plan .cm-badge{color:#fff;border-radius:4px;padding:1px 8px;font-size:13px}
.cm-plan .cm-meta{color:#57606a}.cm-plan small{color:#57606a}
"""


def _list(items: Iterable[str], ordered: bool) -> str:
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{''.join(f'<li>{escape(item)}</li>' for item in items)}</{tag}>"


def plan_html(plan: HandlingPlan) -> str:
    """Return the plan as an HTML fragment with its own style; safe to put into any page.

    Parameters
    ----------
    plan : HandlingPlan
        The plan to show.

    """
    badge = f'<span class="cm-badge" style="background:{_COLOURS[plan.urgency]}">紧急度 {plan.urgency}/4</span>'
    meta = f"{escape(plan.time_limit)} ｜ 责任部门：{escape(plan.department)}"
    sections = "".join(
        f"<section><h4>{escape(section.title)}</h4>{_list(section.items, section.ordered)}</section>"
        for section in plan_sections(plan)
    )
    return (
        f'<div class="cm-plan"><style>{_STYLE}</style><h3>{badge} {escape(plan.headline)}</h3>'
        f'<div class="cm-meta">{meta}</div><div class="cm-cols">{sections}</div>'
        f"<small>依据：{escape('；'.join(plan.sources))}</small></div>"
    )
