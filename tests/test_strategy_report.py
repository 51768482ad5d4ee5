"""Renderings of a plan: complete, one page, escaped."""

from __future__ import annotations

import io
from html.parser import HTMLParser

import pytest
from rich.console import Console

from complaint_motive.analysis import CueHit, Decision, Fact, HandlingPlan, Needs
from complaint_motive.report.card import plan_card, plan_markdown
from complaint_motive.report.html import plan_html
from complaint_motive.report.sections import plan_sections
from complaint_motive.strategy import strategy_book

NASTY = "<img src=x onerror=alert(1)>[red]*_`|"


@pytest.fixture
def plan() -> HandlingPlan:
    decision = Decision("venting", "recognition", None, Needs(1, 1, "both"), 3, "service", None, None, {}, False, None)
    cues = [CueHit("abusive_language", NASTY[:12], 0, 12), CueHit("asks_for_leader", "[red]找领导", 0, 8)]
    facts = [
        Fact("event", "product", NASTY[:20], None, "", 0, 20),
        Fact("time", "deadline", "<b>周五</b>", None, "", 0, 9),
    ]
    return strategy_book().recommend(decision, cues, facts)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.open.append(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_escaped_balanced_and_self_contained(plan: HandlingPlan) -> None:
    page = plan_html(plan)
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert tags.seen == {"div", "style", "h3", "h4", "span", "section", "ol", "ul", "li", "small"}
    assert "&lt;b&gt;周五&lt;/b&gt;" in page
    assert "http" not in page


def test_every_section_is_in_every_rendering(plan: HandlingPlan) -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(plan_card(plan))
    terminal, page, markdown = console.file.getvalue(), plan_html(plan), plan_markdown(plan)  # type: ignore[attr-defined]
    for section in plan_sections(plan):
        assert section.title in page
        assert f"## {section.title}" in markdown
        assert section.title in terminal
        assert section.items
    assert "[red]找领导" in terminal
    assert "\\[red\\]找领导" in markdown
    assert "<b>" not in markdown.replace("\\<b\\>", "")


def test_plan_shows_itself_in_notebooks(plan: HandlingPlan) -> None:
    assert plan._repr_html_() == plan_html(plan)


def test_plan_to_dict_is_plain(plan: HandlingPlan) -> None:
    import json

    plain = json.loads(json.dumps(plan.to_dict(), ensure_ascii=False))
    assert plain["headline"] == plan.headline
    assert plain["entries"][0]["id"] == plan.strategy
