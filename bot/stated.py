"""Readings about what the goals say in numbers -> what that is where a region or a group of people is named."""

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.narrowing import narrower
from bot.operations import operation, top
from bot.scope import scope
from bot.values import Cells, Missing, Operation, Parts, Passages, Reading

# What naming a region costs a reading that says nothing of it.
_PLACED = 0.8


def stated(reading: Reading, m: Mentions, knowledge: Knowledge, strange: frozenset[str]) -> Reading:
    """A passage that states a goal, asked of regions, is their figure; other passages say nothing of a region.

    `strange`: points that leave words of the question unexplained.
    """
    query = reading.query
    if isinstance(query, Missing) and query.reason == "number" and m.of("region", "set") and m.indicators:
        return reading.after(_PLACED)
    if isinstance(query, Parts) and query.aspect == "whole" and m.of("region", "set"):
        return reading.after(_PLACED)
    if isinstance(query, Missing) and query.reason == "number" and m.of("region") and query.refs == ("goals",):
        # 让多少闲着的人出去: the goal that is stated is that of each region.
        query = Passages(query.points)
    if not isinstance(query, Passages):
        return reading
    if m.indicators and query.points[0] in strange and knowledge.points[query.points[0]].ref == "goals":
        reading = reading.after(_PLACED)
    goals = all(knowledge.points[p].ref == "goals" for p in query.points)
    if not (goals or m.of("region", "set")):
        return reading
    where = scope(m, knowledge)
    less = narrower(m)
    if less and m.has("quantity") and goals:
        return Reading(Missing("narrower", less, where.regions[:1]), reading.rank, reading.unexplained)
    if not where.regions and not (where.everywhere and m.has("quantity")):
        return reading
    texts = [knowledge.points[p].text for p in query.points]
    ids = tuple(i.id for i in knowledge.indicators.values() if i.goal and any(i.goal.text in text for text in texts))
    named = any(e.name in text for e in m.of("region", "set") for text in texts)
    if not ids:
        return reading if named or not where.regions else reading.after(_PLACED)
    ids = tuple(i for i in ids if knowledge.indicators[i].annex) or ids
    if not knowledge.indicators[ids[0]].annex:
        return Reading(
            Missing("not_split", regions=where.regions, indicators=ids[:1]), reading.rank, reading.unexplained
        )
    op, ascending = operation(m, where, ids)
    regions = where.regions or tuple(knowledge.regions)
    kept: Operation = "show" if op in ("total", "consistent", "missing") else op
    return Reading(Cells(regions, ids, kept, top=top(m), ascending=ascending), reading.rank, reading.unexplained)
