"""The handling plan of one case: a selection of entries, filled with the words of the case and cut to one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from complaint_motive.analysis import CueHit, Decision, Fact, HandlingPlan, PlanEntry
from complaint_motive.strategy.case import CaseExtras, CaseKey
from complaint_motive.strategy.entry import STAGES, StrategyEntry
from complaint_motive.strategy.select import Chosen, Opening, Selection
from complaint_motive.strategy.tables import Tables
from complaint_motive.taxonomy import Taxonomy

__all__ = ["Case", "build_plan", "headline"]

_STEPS, _WORDING, _QUESTIONS, _TABOOS, _ESCALATION, _SELF, _REVIEW, _CLOSING, _REASONS = 10, 5, 4, 5, 3, 4, 4, 4, 4
_STEPS_URGENT = 7
_STAGE_LIMITS = {"first": 4, "feeling": 4, "matter": 5, "closing": 2}
_QUOTE = 16


@dataclass(frozen=True, slots=True)
class Case:
    """One case with everything that a plan may say about it.

    Attributes
    ----------
    decision : Decision
        The decided labels.
    key : CaseKey
        What conditions were tested on.
    extras : CaseExtras
        What only the full plan's conditions were tested on.
    cues : tuple of CueHit
        Cues that were found and not negated.
    facts : tuple of Fact
        Facts of the case.
    words : mapping of str to str
        Fact kind → words for templates.
    """

    decision: Decision
    key: CaseKey
    extras: CaseExtras
    cues: tuple[CueHit, ...]
    facts: tuple[Fact, ...]
    words: Mapping[str, str]


def headline(opening: Opening, words: Mapping[str, str], parts: Mapping[str, str]) -> str:
    """Return one sentence: what this person wants, and what to do first.

    Parameters
    ----------
    opening : Opening
        Lead, urgency and want of the case.
    words : mapping of str to str
        Fact kind → words.
    parts : mapping of str to str
        Fact kind → how the headline mentions it.
    """
    known = [template.format_map(words) for kind, template in parts.items() if kind in words]
    want = opening.want.fill(words)
    details = f"（{'，'.join(known)}）" if known else ""
    return f"{want}{details}：{opening.lead.first}"


def _unique(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(text for text in dict.fromkeys(texts) if text)[:limit]


def _rounds(rows: Sequence[Sequence[str]], lead: int) -> Iterator[tuple[int, str]]:
    """Yield (row, text): the first row's first `lead` texts, then the rows' first texts, second texts, and so on."""
    seen = {""}
    order = [(0, depth) for depth in range(lead)]
    order += [(row, depth) for depth in range(max(map(len, rows), default=0)) for row in range(len(rows))]
    for row, depth in order:
        if depth < len(rows[row]) and rows[row][depth] not in seen:
            seen.add(rows[row][depth])
            yield row, rows[row][depth]


def _mixed(rows: Sequence[Sequence[str]], limit: int, lead: int = 2) -> tuple[str, ...]:
    return tuple(text for _, text in islice(_rounds(rows, lead), limit))


def _feeling_first(case: Case, chosen: Chosen) -> bool:
    """Return whether the person's feelings come before the matter; a plain factual request is not made to wait."""
    return case.key.need != "rational" or case.key.intensity >= 2 or chosen.condition.trigger == "cue"


def _steps(case: Case, selection: Selection) -> tuple[str, ...]:
    staged: dict[str, str] = {}
    rows = []
    for chosen in selection.chosen:
        row = []
        for stage in STAGES:
            if stage != "feeling" or _feeling_first(case, chosen):
                texts = [v.fill(case.words) for v in chosen.entry.steps.get(stage, ())]
                row += texts
                staged |= {text: stage for text in texts if text not in staged}
        rows.append(row)
    room = dict(_STAGE_LIMITS)
    picked: list[tuple[int, int, str]] = []
    for number, text in _rounds(rows, lead=4):
        if room[staged[text]] and len(picked) < (_STEPS_URGENT if selection.opening.urgency == 4 else _STEPS):
            room[staged[text]] -= 1
            picked.append((STAGES.index(staged[text]), number, text))
    return tuple(text for _, _, text in sorted(picked, key=lambda pick: pick[:2]))


def _questions(case: Case, selection: Selection, tables: Tables) -> tuple[str, ...]:
    known = {f.kind for f in case.facts}
    own = [q for c in selection.chosen for q in c.entry.questions]
    general = [q for q, when in tables.questions if any(_general(case, dict(c.keys)) for c in when)]
    asked: dict[str, str] = {}
    for question in (*own, *general):
        if question.fact not in known or not question.fact:
            asked.setdefault(question.fact or question.ask, question.ask)
    return _unique(asked.values(), _QUESTIONS)


def _general(case: Case, keys: Mapping[str, Sequence[str]]) -> bool:
    causes, categories = keys.get("causes"), keys.get("categories")
    return (not causes or case.key.cause in causes) and (not categories or case.key.category in categories)


def _reason(case: Case, chosen: Chosen, tables: Tables, labels: Taxonomy) -> str:
    said = []
    for key, values in chosen.condition.keys:
        if key == "cues":
            hit = next((h for h in case.cues if h.cue in values), None)
            if hit:
                said.append(f"线索「{tables.names['cues'][hit.cue]}」（“{_cut(hit.text)}”）")
        elif key in ("facts", "remedies", "signals"):
            names = tables.names[key]
            found = (names[v] for v in values if v in _present(case, key))
            said.append(f"{'情形' if key == 'signals' else '事实'}「{'、'.join(dict.fromkeys(found))}」")
        else:
            said.append(_label_reason(case, key, labels))
    return "；".join(filter(None, said)) or "通用做法，每单都适用"


def _present(case: Case, key: str) -> frozenset[str]:
    if key == "facts":
        return frozenset(f.kind for f in case.facts)
    return case.key.remedies if key == "remedies" else case.key.signals | case.extras.signals


def _label_reason(case: Case, key: str, labels: Taxonomy) -> str:
    k = case.key
    names: dict[str, Callable[[], str]] = {
        "categories": lambda: f"类别「{labels.name(k.category)}」",
        "secondary": lambda: f"次要类别「{labels.name(k.secondary)}」",
        "motives": lambda: f"动机「{labels.name(k.motive)}」",
        "causes": lambda: f"原因「{labels.name(k.cause)}」",
        "needs": lambda: "理性与感性需求并存" if k.need == "both" else f"需求「{labels.name(k.need)}」",
        "intensity": lambda: f"情绪强度 {k.intensity}（{labels.intensities[k.intensity].name}）",
        "review": lambda: "判定把握不足，需补问或复核",
    }
    return names[key]()


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTE else text[: _QUOTE - 1] + "…"


def _time_limit(case: Case, selection: Selection, tables: Tables) -> str:
    level = tables.levels[selection.opening.urgency]
    entries = [c.entry for c in selection.chosen]
    minutes = min([level.respond_minutes, *(e.respond_minutes for e in entries if e.respond_minutes)])
    hours = min([level.progress_hours, *(e.progress_hours for e in entries if e.progress_hours)])
    first, progress = _span(minutes), _span(hours * 60)
    limit = f"{first}内由人工首次回应" + ("并回告进展" if first == progress else f"，{progress}内回告进展")
    deadline = case.words.get("deadline")
    return f"{limit}；客户提出的期限是“{deadline}”，到期前主动联系" if deadline else limit


def _span(minutes: int) -> str:
    if minutes >= 1440 and minutes % 1440 == 0:
        return f"{minutes // 1440}天"
    return f"{minutes // 60}小时" if minutes >= 60 and minutes % 60 == 0 else f"{minutes}分钟"


def _checklist(case: Case, selection: Selection, tables: Tables, limit: str) -> tuple[str, ...]:
    known: dict[str, list[str]] = {}
    for fact in case.facts:
        name = f"{tables.names['facts'].get(fact.kind, fact.kind)} {_cut(fact.text)}"
        known.setdefault(tables.names["dimensions"].get(fact.dimension, fact.dimension), []).append(name)
    facts = "、".join(f"{d}（{'、'.join(dict.fromkeys(texts[:3]))}）" for d, texts in known.items())
    words = {**case.words, "department": selection.department, "limit": limit}
    if facts:
        words["known"] = facts
    rows = []
    for number, step in enumerate(tables.process, 1):
        added = step.by_category.get(case.key.category) or step.by_cause.get(case.key.cause, "")
        text = f"{step.text.fill(words)}{'；' if added else ''}{added}"
        rows.append(f"{number}. {step.name}：{text}")
    return tuple(rows)


def _entry(case: Case, chosen: Chosen, tables: Tables, labels: Taxonomy) -> PlanEntry:
    entry = chosen.entry
    return PlanEntry(
        entry.id, entry.name, _reason(case, chosen, tables, labels), chosen.condition.trigger, entry.source
    )


def build_plan(case: Case, selection: Selection, tables: Tables, labels: Taxonomy) -> HandlingPlan:
    """Return the plan of a case.

    Parameters
    ----------
    case : Case
        Labels, cues, facts and words of the case.
    selection : Selection
        What the case calls for.
    tables : Tables
        The handling book.
    labels : Taxonomy
        Names of labels, for the reasons.
    """
    entries = [c.entry for c in selection.chosen]
    limit = _time_limit(case, selection, tables)

    def gather(field: Callable[[StrategyEntry], Sequence[str]], most: int) -> tuple[str, ...]:
        return _mixed([field(entry) for entry in entries], most)

    return HandlingPlan(
        headline=headline(selection.opening, case.words, tables.names["headline"]),
        urgency=selection.opening.urgency,
        urgency_reasons=_unique(
            (f"【{rule.dimension}】{rule.reason.fill(case.words)}" for rule in selection.reasons), _REASONS
        ),
        time_limit=limit,
        steps=_steps(case, selection),
        wording=_mixed([[v.fill(case.words) for v in e.wording] for e in entries], _WORDING, selection.opening.urgency),
        questions=_questions(case, selection, tables),
        taboos=gather(lambda entry: entry.taboos, _TABOOS),
        escalation=gather(lambda entry: entry.escalation, _ESCALATION),
        department=selection.department,
        checklist=_checklist(case, selection, tables, limit),
        entries=tuple(_entry(case, chosen, tables, labels) for chosen in selection.chosen),
        self_check=gather(lambda entry: entry.self_check, _SELF),
        review_points=gather(lambda entry: entry.review_points, _REVIEW),
        closing_questions=gather(lambda entry: entry.closing, _CLOSING),
        conflicts=selection.conflicts,
    )
