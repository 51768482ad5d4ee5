"""HTML and terminal views: complete, escaped, masked, self-contained."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from rich.console import Console

from complaint_motive.models.evaluation import evaluate
from complaint_motive.models.metrics import CoveragePoint, ReliabilityBin
from complaint_motive.models.slices import Slice
from complaint_motive.report.charts import confusion_chart, coverage_chart, reliability_chart, slice_chart
from complaint_motive.report.evaluation_html import evaluation_fragment, evaluation_html
from complaint_motive.report.highlight import highlighted_pieces
from complaint_motive.report.html import analysis_html
from complaint_motive.report.terminal import analysis_view
from complaint_motive.report.words import review_words

NASTY = '<script>alert("1")</script>&[red]'
TEXTS = [
    "你们客服推来推去没人管，三百八的押金今天不退我就去抖音曝光！电话138 1234 5678，邮箱ab@example.com",
    f"{NASTY}多扣的三十块退给我，我不是要赔偿{NASTY}",
    "客服：您好\n客户：打了四次电话没人理，给我一个说法\n客服：电话请打13912345678",
    "",
    "\ud800退钱\udfff给我",
    "１３８００１３８０００退钱",
    "😡😡退钱",
]
VOID = {"meta", "br", "rect", "path", "circle"}


class Tags(HTMLParser):
    """Checks that tags close in order and that nothing is fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in VOID or tag in ("rect", "circle"):
            self.open.append(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert "script" not in tags.seen
    page.encode("utf-8")
    return tags


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_pieces_hold_the_whole_text_and_its_marks(analyzer, text: str):
    analysis = analyzer.analyze(text)
    pieces = list(highlighted_pieces(analysis))
    shown = "".join(piece.text for piece in pieces)
    assert shown == analyzer.mask(text).encode("utf-8", "replace").decode("utf-8")
    assert {cue for piece in pieces for cue in piece.cues} == {hit.cue for hit in analysis.cues if not hit.negated}
    assert {cue for piece in pieces for cue in piece.negated} == {hit.cue for hit in analysis.cues if hit.negated}
    assert bool(analysis.evidence) == any(piece.weight for piece in pieces)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_analysis_html_is_safe_and_masked(analyzer, text: str):
    analysis = analyzer.analyze(text)
    page = analysis_html(analysis)
    tags = parsed(page)
    assert page == analysis._repr_html_()
    assert bool(analysis.evidence) == ("mark" in tags.seen)
    words = "".join(tags.words)
    for private in ("1234 5678", "ab@example.com", "13912345678", "１３８００１３８０００"):
        assert private not in page
    assert "处理方案" in words
    assert "人工复核" in words
    if NASTY in text:
        assert NASTY in words


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_terminal_view_interprets_no_markup(analyzer, text: str):
    out = io.StringIO()
    Console(file=out, width=100, markup=False).print(analysis_view(analyzer.analyze(text)))
    shown = out.getvalue()
    shown.encode("utf-8")
    assert "标签" in shown
    if NASTY in text:
        assert "[red]" in shown
    assert "1234 5678" not in shown


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (None, "不需要"),
        ("no_text", "没有文字"),
        ("close_call:scolding/redress", "两类难分：讽刺责骂到底 / 物资或精神赔偿"),
        ("accusing_motive", "施压信号，请人工复核"),
    ],
)
def test_review_reasons_in_words(reason: str | None, words: str):
    assert review_words(reason) == words


def test_every_review_reason_has_words():
    from complaint_motive.models.decision import REVIEW_REASONS

    assert all(review_words(reason) for reason in REVIEW_REASONS)


def test_an_accusing_motive_is_worded_as_a_signal(analyzer):
    head = analysis_html(analyzer.analyze(TEXTS[0])).split("处理方案")[0]
    assert "施压信号，请人工复核" in head
    assert "心机" not in head


CHARTS = {
    "confusion": confusion_chart([[3, 1], [0, 2]], [NASTY, "讽刺责骂到底"]),
    "confusion, empty row": confusion_chart([[0, 0], [0, 0]], ["甲", "乙"]),
    "reliability": reliability_chart([ReliabilityBin(0.6, 0.67, 5, 0.65, 0.8)]),
    "reliability, empty": reliability_chart([]),
    "coverage": coverage_chart([CoveragePoint(0.8, 8, 0.6, 0.9), CoveragePoint(1.0, 10, 0.3, 0.7)]),
    "coverage, all wrong": coverage_chart([CoveragePoint(1.0, 1, 0.3, 0.0)]),
    "coverage, empty": coverage_chart([]),
    "slices": slice_chart([Slice("city", NASTY + "很长很长很长的名字", 4, 0.5, 0.2, 0.8, 0.4, 0.6, 0.1)]),
}


@pytest.mark.parametrize("svg", CHARTS.values(), ids=CHARTS)
def test_charts_are_well_formed_and_self_contained(svg: str):
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "nan" not in svg
    assert svg.count("http") == 1


def test_evaluation_pages(analyzer):
    rows = [
        {"text": f"{NASTY}多扣的三十块退给我，电话13812345678", "category": "scolding", "channel": NASTY},
        {"text": "谢谢，客服很耐心", "category": "none", "channel": "b"},
        {"text": "\ud800", "category": "redress", "channel": ""},
    ]
    found = evaluate(rows, analyzer, by=["channel"])
    page = evaluation_html(found, title=f"报告{NASTY}")
    tags = parsed(page)
    assert {"svg", "table", "mark"} <= tags.seen
    assert "13812345678" not in page
    assert page.startswith("<!doctype html>")
    assert "@import" not in page
    assert "url(" not in page
    parsed(evaluation_fragment(found))
    assert found._repr_html_() == evaluation_fragment(found)


def test_a_page_without_mistakes(analyzer):
    page = evaluation_html(evaluate([{"text": "谢谢，客服很耐心", "category": "none"}], analyzer))
    assert "没有判错的记录" in page
