"""Analyses and handling plans as self-contained HTML cards; everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from complaint_motive.analysis import Analysis, HandlingPlan
from complaint_motive.features.cues import cue_lexicon
from complaint_motive.report.highlight import Piece, highlighted_pieces
from complaint_motive.report.sections import plan_sections
from complaint_motive.report.words import label_rows, motive_words
from complaint_motive.taxonomy import taxonomy

__all__ = ["analysis_html", "plan_html"]

_COLOURS = {1: "#4b7f52", 2: "#2f6690", 3: "#b3701b", 4: "#b3261e"}

_STYLE = """
.cm-plan{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:980px;line-height:1.55;
font-size:14px;color:#1f2328;background:#fff;border:1px solid #d0d7de;border-radius:8px;padding:14px 18px}
.cm-plan h3{margin:0 0 4px;font-size:17px}.cm-plan h4{margin:10px 0 2px;font-size:14px;color:#57606a}
.cm-plan ol,.cm-plan ul{margin:2px 0 0;padding-left:22px}.cm-plan .cm-cols{columns:2 340px;column-gap:28px}
.cm-plan section{break-inside:avoid}.cm-plan .cm-badge{color:#fff;border-radius:4px;padding:1px 8px;font-size:13px}
.cm-plan .cm-meta{color:#57606a}.cm-plan small{color:#57606a}
"""

_ANALYSIS_STYLE = """
.cm-analysis{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:980px;
line-height:1.6;font-size:14px;color:#1f2328;background:#fff;border:1px solid #d0d7de;border-radius:8px;
padding:14px 18px}.cm-analysis h3{margin:0 0 8px;font-size:17px}
.cm-analysis .cm-said{white-space:pre-wrap;background:#f6f8fa;padding:10px 12px;border-radius:6px;
max-height:24em;overflow:auto}.cm-analysis mark{color:inherit;border-radius:2px}
.cm-analysis u{text-decoration:underline 2px #2f6690;text-underline-offset:3px}.cm-analysis s{color:#57606a}
.cm-analysis .cm-two{display:flex;flex-wrap:wrap;gap:8px 36px;margin:10px 0}
.cm-analysis table{border-collapse:collapse}
.cm-analysis td,.cm-analysis th{padding:2px 12px 2px 0;border:0;text-align:left;background:none;font-size:13px;
vertical-align:top}.cm-analysis th{color:#57606a;font-weight:500;white-space:nowrap}
.cm-analysis small{color:#57606a}
.cm-analysis .cm-bar{display:inline-block;height:9px;background:#2f6690;border-radius:2px}
.cm-analysis summary{cursor:pointer;font-weight:600;margin:6px 0}.cm-analysis .cm-flag{color:#b3261e}
"""
_FULL_WEIGHT = 4.0
"""Log-odds from which evidence is shown in the strongest shade."""


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


def _marked(piece: Piece) -> str:
    """Return a piece of the text with evidence shaded by weight and cues underlined, their names as tooltips."""
    names = cue_lexicon().names
    shown = escape(piece.text)
    if piece.cues:
        shown = f'<u title="{escape("、".join(names[cue] for cue in piece.cues))}">{shown}</u>'
    elif piece.negated:
        title = "不计：" + "、".join(names[cue] for cue in piece.negated)
        shown = f'<s title="{escape(title)}">{shown}</s>'
    if piece.weight:
        shade = 0.25 + 0.6 * min(piece.weight / _FULL_WEIGHT, 1.0)
        shown = f'<mark style="background:rgba(255,196,0,{shade:.2f})" title="依据 +{piece.weight:.1f}">{shown}</mark>'
    return shown


def _labels(analysis: Analysis) -> str:
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in label_rows(analysis))
    return f"<table>{rows}</table>"


def _probabilities(analysis: Analysis) -> str:
    rows = "".join(
        f"<tr><th>{escape(taxonomy().categories[category].name)}</th><td>{p:.1%}</td>"
        f'<td><span class="cm-bar" style="width:{round(p * 160)}px"></span></td></tr>'
        for category, p in sorted(analysis.probabilities.items(), key=lambda item: -item[1])
    )
    return f"<table>{rows}</table>"


def _cues(analysis: Analysis) -> str:
    names = cue_lexicon().names
    rows = "".join(
        f"<tr><th>{escape(names[hit.cue])}</th><td>{escape(hit.text)}{'（不计）' if hit.negated else ''}</td></tr>"
        for hit in analysis.cues
    )
    return f"<details><summary>线索 {len(analysis.cues)} 处</summary><table>{rows}</table></details>" if rows else ""


def analysis_html(analysis: Analysis) -> str:
    """Return the analysis as an HTML fragment with its own style: marked text, labels, probabilities, cues, plan.

    Evidence is shaded by its weight, cues are underlined, negated cues struck through; personal data is masked.

    Parameters
    ----------
    analysis : Analysis
        What to show.
    """
    flag = '<span class="cm-flag"> ⚑ 需人工复核</span>' if analysis.needs_review else ""
    names = dict.fromkeys([motive_words(analysis.motive), taxonomy().categories[analysis.category].name])
    text = "".join(map(_marked, highlighted_pieces(analysis))) or "<small>（没有文字）</small>"
    content = (
        f'<div class="cm-analysis"><style>{_ANALYSIS_STYLE}</style><h3>{escape(" · ".join(names))}{flag}</h3>'
        f'<div class="cm-said">{text}</div>'
        "<small>底色：依据，越深越重；下划线：线索；删除线：被否定或转述，不计</small>"
        f'<div class="cm-two">{_labels(analysis)}{_probabilities(analysis)}</div>{_cues(analysis)}'
        f"<details><summary>处理方案：{escape(analysis.plan.headline)}</summary>{plan_html(analysis.plan)}</details></div>"
    )
    # A lone surrogate in a complaint must not break the notebook.
    return content.encode("utf-8", "replace").decode("utf-8")
