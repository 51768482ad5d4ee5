"""The sections of a handling plan in reading order, shared by all its renderings."""

from __future__ import annotations

from dataclasses import dataclass

from complaint_motive.analysis import HandlingPlan

__all__ = ["PlanSection", "plan_sections"]


@dataclass(frozen=True, slots=True)
class PlanSection:
    """One titled list of a plan.

    Attributes
    ----------
    title : str
        Chinese title.
    items : tuple of str
        Lines, unescaped.
    ordered : bool
        Whether the order of the lines matters.
    """

    title: str
    items: tuple[str, ...]
    ordered: bool = False


def plan_sections(plan: HandlingPlan) -> tuple[PlanSection, ...]:
    """Return the non-empty sections of a plan, most urgent reading first."""
    # The checklist carries its own numbers; renderings number the lines themselves.
    checklist = tuple(line.partition(". ")[2] or line for line in plan.checklist)
    entries = tuple(f"{entry.name}：{entry.reason}" for entry in plan.entries)
    sections = (
        PlanSection("为什么急", plan.urgency_reasons),
        PlanSection("步骤", plan.steps, ordered=True),
        PlanSection("可以这样说", plan.wording),
        PlanSection("还要问", plan.questions),
        PlanSection("不要做", plan.taboos),
        PlanSection("升级", plan.escalation),
        PlanSection("复核要点", plan.review_points),
        PlanSection("自我检查", plan.self_check),
        PlanSection("流程清单", checklist, ordered=True),
        PlanSection("结案时问", plan.closing_questions),
        PlanSection("取舍", plan.conflicts),
        PlanSection("条目与理由", entries),
    )
    return tuple(section for section in sections if section.items)
