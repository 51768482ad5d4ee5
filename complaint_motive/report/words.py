"""Chinese words for ids that the taxonomy file does not name."""

from __future__ import annotations

from complaint_motive.analysis import Analysis
from complaint_motive.taxonomy import taxonomy

__all__ = ["category_words", "intensity_words", "label_rows", "motive_words", "needs_words", "review_words"]

_REVIEW = {
    "no_text": "没有文字",
    "no_customer_words": "没有客户说的话",
    "too_short": "文字太短",
    "not_chinese": "基本不是中文",
    "safety_cue": "涉及人身安全，先由人接手",
    "accusing_motive": "施压信号，请人工复核",
    "close_call": "两类难分",
    "low_confidence": "把握不大",
}
_NEEDS = {"rational": "理性", "emotional": "感性", "both": "理性与感性", "": "无"}


def motive_words(motive: str) -> str:
    """Return the motive in words; for ``scheming`` the neutral wording that accuses nobody.

    Examples
    --------
    >>> motive_words("venting"), motive_words("scheming")
    ('发泄', '施压信号，请人工复核')
    """
    return _REVIEW["accusing_motive"] if motive == "scheming" else taxonomy().motives[motive].name


def category_words(category: str | None) -> str:
    """Return the Chinese name and the id of a category, or a dash."""
    return f"{taxonomy().categories[category].name}（{category}）" if category else "—"


def intensity_words(intensity: int) -> str:
    """Return level and name of an intensity."""
    return f"{intensity} {taxonomy().intensities[intensity].name}"


def needs_words(label: str | None) -> str:
    """Return the Chinese name of a needs label."""
    return _NEEDS[label or ""]


def review_words(reason: str | None) -> str:
    """Return a review reason in Chinese; a close call names both candidates.

    Examples
    --------
    >>> review_words("close_call:redress/recognition")
    '两类难分：物资或精神赔偿 / 希望受到重视'
    """
    if not reason:
        return "不需要"
    code, _, pair = reason.partition(":")
    names = " / ".join(taxonomy().categories[ident].name for ident in pair.split("/")) if pair else ""
    return f"{_REVIEW[code]}：{names}" if names else _REVIEW[code]


def label_rows(analysis: Analysis) -> list[tuple[str, str]]:
    """Return the labels of an analysis as (name, value) in Chinese, in order of reading."""
    d, names = analysis.decision, taxonomy()
    return [
        ("动机", f"{motive_words(d.motive)}（{d.motive}）"),
        ("种类", f"{category_words(d.category)} {d.probabilities[d.category]:.0%}"),
        ("次要", category_words(d.secondary)),
        ("需求", f"{needs_words(d.needs.label)}（理性 {d.needs.rational:.0%}，感性 {d.needs.emotional:.0%}）"),
        ("情绪强度", intensity_words(d.intensity)),
        ("原因", names.name(d.cause) if d.cause else "—"),
        ("目的", names.name(d.purpose) if d.purpose else "—"),
        ("行为", names.name(d.behaviour) if d.behaviour else "—"),
        ("人工复核", review_words(d.review_reason)),
    ]
