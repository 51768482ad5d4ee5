"""An evaluation as one self-contained HTML page: no network, no fonts, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from complaint_motive.models.evaluation import Evaluation, Mistake
from complaint_motive.models.slices import Slice
from complaint_motive.report.charts import confusion_chart, coverage_chart, reliability_chart, slice_chart
from complaint_motive.taxonomy import taxonomy

__all__ = ["evaluation_fragment", "evaluation_html"]

_STYLE = """
.cm-eval{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;font-size:14px;line-height:1.55;
color:#1f2328;background:#fff;max-width:1060px;margin:0 auto;padding:8px 20px 30px}
.cm-eval h1{font-size:22px;margin:12px 0 2px}.cm-eval h2{font-size:17px;margin:28px 0 6px}
.cm-eval p{color:#57606a;margin:4px 0 10px;max-width:76em}.cm-eval .cm-cards{display:grid;gap:10px;
grid-template-columns:repeat(auto-fill,minmax(180px,1fr))}
.cm-eval .cm-card{border:1px solid #d0d7de;border-radius:8px;padding:8px 12px}
.cm-eval .cm-card b{font-size:20px;display:block}.cm-eval .cm-card span,.cm-eval small{color:#57606a;font-size:12px}
.cm-eval table{border-collapse:collapse;margin:6px 0}.cm-eval th,.cm-eval td{padding:3px 12px 3px 0;text-align:right;
border-bottom:1px solid #eaeef2;font-variant-numeric:tabular-nums}.cm-eval th{color:#57606a;font-weight:500}
.cm-eval th:first-child,.cm-eval td:first-child{text-align:left}.cm-eval .cm-row{display:flex;flex-wrap:wrap;gap:28px}
.cm-eval .cm-case{border-left:3px solid #b3261e;padding:4px 12px;margin:12px 0;background:#f6f8fa}
.cm-eval .cm-case div{white-space:pre-wrap;max-height:12em;overflow:auto}.cm-eval mark{background:#ffe08a;padding:0 3px;
margin-right:4px;border-radius:3px}
"""


def _percent(value: float | int | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _decimal(value: float | int | None) -> str:
    return "—" if value is None else f"{value:.3f}"


def _card(value: str, name: str, note: str = "") -> str:
    small = f"<br><span>{escape(note)}</span>" if note else ""
    return f'<div class="cm-card"><b>{escape(value)}</b>{escape(name)}{small}</div>'


def _cards(f: Mapping[str, float | int | None]) -> str:
    interval = f"95% 区间 {_decimal(f['category_macro_f1_low'])}–{_decimal(f['category_macro_f1_high'])}"
    missed = f["missed_safety_cues"]
    safety = "安全线索未标注" if missed is None else f"漏掉安全线索 {missed} 条"
    cards = [
        _card(_decimal(f["category_macro_f1"]), "种类 macro-F1", f"{f['classes']} 类，{interval}"),
        _card(_percent(f["category_accuracy"]), "种类准确率", f"{f['n']} 条"),
        _card(_decimal(f["motive_macro_f1"]), "动机 macro-F1"),
        _card(_decimal(f["needs_f1"]), "需求 F1", "理性、感性各自判断的平均"),
        _card(_decimal(f["intensity_qwk"]), "情绪强度 QWK", "二次加权 kappa"),
        _card(_decimal(f["cause_macro_f1"]), "原因 macro-F1"),
        _card(_decimal(f["ece"]), "校准误差 ECE", "15 格，越小越好"),
        _card(_percent(f["accuracy_at_80"]), "最有把握 80% 的准确率"),
        _card(
            f"{_percent(f['scheming_precision'])} / {_percent(f['scheming_recall'])}",
            "施压信号：精确率 / 召回率",
            f"判定 {f['scheming_said']} 条，标注 {f['scheming_gold']} 条；只供人工复核",
        ),
        _card(_percent(f["review_share"]), "转人工复核", f"其余的准确率 {_percent(f['accuracy_unreviewed'])}"),
        _card(_decimal(f["cost"]), "每条平均代价", f"一次普通判错 = 1；{safety}"),
    ]
    return f'<div class="cm-cards">{"".join(cards)}</div>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _name(category: str) -> str:
    return f"{taxonomy().categories[category].name}（{category}）"


def _classes(evaluation: Evaluation) -> str:
    rows = (
        (_name(r.category), _decimal(r.precision), _decimal(r.recall), _decimal(r.f1), str(r.support))
        for r in evaluation.classes
    )
    return _table(("种类", "精确率", "召回率", "F1", "标注条数"), rows)


def _coverage(evaluation: Evaluation) -> str:
    rows = (
        (f"{p.coverage:.0%}", str(p.n), f"{p.threshold:.2f}", _percent(p.accuracy))
        for p in evaluation.coverage
        if round(p.coverage * 20) % 2 == 0
    )
    return _table(("比例", "条数", "最低概率", "准确率"), rows)


def _slice_section(column: str, slices: Sequence[Slice]) -> str:
    head = ("组", "条数", "准确率", "macro-F1", "平均把握", "转人工")
    rows = (
        (s.value or "（空）", str(s.n), _percent(s.accuracy), _decimal(s.macro_f1), _percent(s.confidence),
         _percent(s.review_share))
        for s in slices
    )  # fmt: skip
    title = "文字长度（length，字）" if column == "length" else column
    table, chart = _table(head, rows), slice_chart(slices)
    return f'<h2>分组：{escape(title)}</h2><div class="cm-row"><div>{table}</div><div>{chart}</div></div>'


def _slices(evaluation: Evaluation) -> str:
    columns = dict.fromkeys(s.column for s in evaluation.slices)
    return "".join(_slice_section(c, [s for s in evaluation.slices if s.column == c]) for c in columns)


def _case(mistake: Mistake) -> str:
    evidence = "".join(f"<mark>{escape(span)}</mark>" for span in mistake.evidence) or "—"
    review = "，已转人工" if mistake.reviewed else ""
    return (
        f'<div class="cm-case"><small>第 {mistake.row} 条 ｜ 标注 {escape(_name(mistake.gold))} → 判定 '
        f"{escape(_name(mistake.decided))} {mistake.confidence:.0%}{review} ｜ 代价 {mistake.cost:g}</small>"
        f"<div>{escape(mistake.text)}</div><small>依据：</small>{evidence}</div>"
    )


def evaluation_fragment(evaluation: Evaluation, *, title: str = "评估报告") -> str:
    """Return the evaluation as an HTML fragment with its own style, for a page or a notebook.

    Parameters
    ----------
    evaluation : Evaluation
        What to show.
    title : str
        Heading.
    """
    names = [category.name for category in taxonomy().categories.values()]
    mistakes = "".join(map(_case, evaluation.mistakes)) or "<p>没有判错的记录。</p>"
    content = (
        f'<div class="cm-eval"><style>{_STYLE}</style><h1>{escape(title)}</h1>'
        f"<p>{evaluation.figures['n']} 条有标注的投诉；模型 {escape(evaluation.model_digest[:12])}。"
        "macro-F1 取标注不少于 8 条的种类的平均。</p>"
        f"{_cards(evaluation.figures)}<h2>各种类</h2>{_classes(evaluation)}"
        f"<h2>混淆矩阵</h2><p>行是标注，列是判定；颜色深浅是占该行的比例。</p>"
        f"{confusion_chart(evaluation.confusion, names)}"
        "<h2>把握有多准</h2><p>左：点在虚线上，说明给出的概率可信；线下是过于自信。"
        "右：只自动处理最有把握的一部分时，这部分的准确率。</p>"
        f'<div class="cm-row"><div>{reliability_chart(evaluation.reliability)}</div>'
        f"<div>{coverage_chart(evaluation.coverage)}</div><div>{_coverage(evaluation)}</div></div>"
        f"{_slices(evaluation)}<h2>最有把握的判错</h2>"
        f"<p>从最有把握的开始，至多二十条；个人信息已遮盖。</p>{mistakes}</div>"
    )
    # A lone surrogate in a complaint must not make the page unwritable.
    return content.encode("utf-8", "replace").decode("utf-8")


def evaluation_html(evaluation: Evaluation, *, title: str = "评估报告") -> str:
    """Return the evaluation as a complete, self-contained HTML page.

    Parameters
    ----------
    evaluation : Evaluation
        What to show.
    title : str
        Title and heading.
    """
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title></head>'
        f'<body style="margin:0;background:#fff">{evaluation_fragment(evaluation, title=title)}</body></html>\n'
    )
