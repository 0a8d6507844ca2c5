"""Readings -> the same, ranked by whether they give the kind of thing that is asked for: an office, a time, a figure.

Each rule says when it holds for a message, which readings do not fit it then, and what that costs them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.asked import asks_for_office, says_office
from bot.aspects import asks_time
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.nearest import DATED
from bot.subjects import Subjects
from bot.topics import Match
from bot.values import Cells, Missing, Passages, Query, Reading, Roles, Tasks

# What a mere mismatch costs, and what is hardly ever meant.
_LESS, _MUCH_LESS, _HARDLY, _NEVER = 0.6, 1.0, 1.6, 3.0
_MUCH = 0.6
# So far behind 除了 is what it rules out.
_NEAR = 4
# So many years are a span, and no date.
_YEARS = 50
_DIGIT = re.compile("[0-9一二三四五六七八九十]")
# 是哪三样: so many things of the text, and no figures.
_WHICH_FEW = re.compile("哪[两三四五六七](?:样|种|件|门|招)")
_BODY = re.compile("单位|部门|机构|成员")
_SEVERAL = re.compile(
    "分别|各自|各(?:是|为|有)?多少|[两俩](?:个|项|条|道|种|样)?[^，。？！月年]{0,6}(?:数|值|线|指标|目标|任务)"
)
# What is to be done for somebody, and not how many of them there are to be.
_MEANS = re.compile("法子|办法|(?:怎么|咋|如何)帮|帮扶|帮一把|好政策|出路")


@dataclass(frozen=True, slots=True)
class _Case:
    """A message, without its stories too, what it is about, and the document."""

    m: Mentions
    asked: Mentions
    about: Subjects
    knowledge: Knowledge


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a reading costs that does not fit a message of a kind."""

    holds: Callable[[_Case], bool]
    # Of which kinds of queries it speaks, and which of those do not fit.
    of: frozenset[type]
    unfit: Callable[[Query, Knowledge], bool]
    cost: float


def fitted(
    found: Iterable[Reading], m: Mentions, asked: Mentions, about: Subjects, knowledge: Knowledge
) -> list[Reading]:
    """The readings with what they cost; `asked` is the message without its stories."""
    case = _Case(m, asked, about, knowledge)
    found = list(found)
    kinds = {type(r.query) for r in found}
    for rule in _RULES:
        if kinds.isdisjoint(rule.of):
            continue
        unfit = [rule.unfit(r.query, knowledge) for r in found]
        if any(unfit) and rule.holds(case):
            found = [r.after(rule.cost) if wrong else r for r, wrong in zip(found, unfit, strict=True)]
    return found


def figured(query: Passages, knowledge: Knowledge) -> bool:
    """Is the query about the figures that the goals state?"""
    return _with_figures(knowledge).issuperset(query.points)


@lru_cache(maxsize=4)
def _with_figures(knowledge: Knowledge) -> frozenset[str]:
    """The points that have a figure of the goals."""
    stated = [i.goal.text for i in knowledge.indicators.values() if i.goal]
    return frozenset(p.id for p in knowledge.points.values() if any(text in p.text for text in stated))


def _elsewhere(match: Match) -> bool:
    """Has the point nothing of two words of the question, and of all that is said not much more than half?"""
    return match.strange > 1 and match.coverage < _MUCH


# --- messages


def _asks_time(case: _Case) -> bool:
    return asks_time(case.m.text.plain)


def _asks_how_many_of_something_else(case: _Case) -> bool:
    m, about = case.m, case.about
    return m.has("quantity") and not m.indicators and about.how == "topic" and _elsewhere(about.matches[0])


def _asks_for_office(case: _Case) -> bool:
    return says_office(case.asked) and asks_for_office(case.asked)


def _asks_besides_a_unit(case: _Case) -> bool:
    """除了牵头的某厅，还有哪些单位: not what that one does."""
    m = case.asked
    ruled_out = [end for _, end in m.cues.get("except", ())]
    beside = any(
        0 <= e.start - end <= _NEAR and "，" not in m.text.plain[end : e.start]
        for e in m.of("unit") for end in ruled_out
    )  # fmt: skip
    return beside and m.has("also") and m.has("units_word", "who")


def _asks_who_leads(case: _Case) -> bool:
    return case.asked.has("lead") and case.asked.has("who", "units_word")


def _asks_in_the_words_of_the_text(case: _Case) -> bool:
    """某事委托谁来做: the very word that asks for somebody stands in the sentence."""
    m, about = case.m, case.about
    if about.how != "programme" or not about.matches or m.has("lead", "responsible", "units_word"):
        return False
    text = case.knowledge.points[about.matches[0].point].text
    asking = {a for cue in ("who", "charge") for a, _ in m.cues.get(cue, ()) if m.text.plain[a] == "谁"}
    return any(t.end in asking and len(t.word) > 1 and t.word in text for t in m.leftover)


def _asks_for_means(case: _Case) -> bool:
    return not case.m.indicators and bool(_MEANS.search(case.m.text.plain))


def _asks_for_several(case: _Case) -> bool:
    m = case.m
    return m.has("quantity") and len(m.indicators) < 2 and bool(_SEVERAL.search(m.text.plain))


def _asks_figure(case: _Case) -> bool:
    m = case.asked
    return bool(m.indicators) and m.has("per_region") and not m.has("method", "where", "who", "units_word")


def _tells_years(case: _Case) -> bool:
    """三年要做多少: the figures of the tables are those of one."""
    return any(n.unit == "年" and 1 < n.value < _YEARS for n in case.m.numbers)


def _asks_which_few(case: _Case) -> bool:
    return bool(_WHICH_FEW.search(case.m.text.plain))


def _compares_regions(case: _Case) -> bool:
    return len(case.m.of("region")) > 1 and case.m.has("compare", "difference", "ratio", "which_region")


def _asks_for_region(case: _Case) -> bool:
    """哪个地方最少: what the goals state for the whole tells of no region."""
    m = case.m
    ranks = m.has("highest", "lowest", "order", "rank", "top")
    return m.has("which_region") and ranks or bool(m.region_words) and m.has("highest", "lowest")


def _asks_how_many_of_region(case: _Case) -> bool:
    """某地领着去打工的有多少个: no office is asked for, whatever the word for leading."""
    m = case.asked
    return (
        bool(m.of("region") and m.indicators) and m.has("quantity", "count") and not m.has("who", "units_word", "tasks")
    )


# --- readings


def _timeless(query: Query, knowledge: Knowledge) -> bool:
    if isinstance(query, Missing):
        return query.reason == "narrower"
    return isinstance(query, Cells) and not any(knowledge.indicators[i].unit in DATED for i in query.indicators)


def _of_figures(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Passages) and figured(query, knowledge)


def _without_figure(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Passages) and not any(_DIGIT.search(knowledge.points[p].text) for p in query.points)


def _without_office(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Passages) and not any(_BODY.search(knowledge.points[p].text) for p in query.points)


def _single(query: Query, knowledge: Knowledge) -> bool:
    """Is it just one figure, as it stands?"""
    return isinstance(query, Cells) and query.operation == "show" and len(query.regions) == len(query.indicators) == 1


def _of_cells(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Cells)


def _of_offices(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Roles)


def _of_tasks(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Tasks) and query.operation == "list" and len(query.units) == 1


def _of_text(query: Query, knowledge: Knowledge) -> bool:
    return isinstance(query, Passages)


_FIGURES, _TEXT = frozenset((Cells, Missing)), frozenset((Passages,))
_OFFICES, _TASKS = frozenset((Roles,)), frozenset((Tasks,))
_RULES = (
    _Rule(_asks_time, _FIGURES, _timeless, _MUCH_LESS),
    _Rule(_asks_how_many_of_something_else, _TEXT, _of_figures, _HARDLY),
    _Rule(_asks_for_office, _TEXT, _without_office, _MUCH_LESS),
    _Rule(_asks_besides_a_unit, _TASKS, _of_tasks, _NEVER),
    _Rule(_asks_who_leads, _TEXT, _of_figures, _HARDLY),
    _Rule(_asks_in_the_words_of_the_text, _OFFICES, _of_offices, _LESS),
    _Rule(_asks_for_means, _TEXT, _of_figures, _MUCH_LESS),
    _Rule(_asks_for_several, _FIGURES, _single, _HARDLY),
    _Rule(_asks_figure, _TEXT, _without_figure, _HARDLY),
    _Rule(_tells_years, _FIGURES, _of_cells, _MUCH_LESS),
    _Rule(_asks_which_few, _FIGURES, _of_cells, _HARDLY),
    _Rule(_compares_regions, _TEXT, _of_text, _HARDLY),
    _Rule(_asks_for_region, _TEXT, _of_figures, _HARDLY),
    _Rule(_asks_how_many_of_region, _OFFICES, _of_offices, _MUCH_LESS),
)
