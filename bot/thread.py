"""Mentions and Context -> the reading of a message that leans on what went before.

A message that stands by itself never comes here with a reading better than its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from bot import figures, operations, roles
from bot.entities import Mentions
from bot.indicators import indicator_ids
from bot.knowledge import NO_TARGET, WHOLE, Knowledge
from bot.narrowing import narrower
from bot.subjects import FAIR, Subjects
from bot.thresholds import bounds
from bot.values import (
    Bound,
    Cells,
    Condition,
    Context,
    Facts,
    Missing,
    Operation,
    Parts,
    Passages,
    Query,
    Reading,
    Role,
    Roles,
    Tasks,
)

_SHORT = 9
_PICK = re.compile(
    r"^(?:选|第|选择|要|我选|我要|就|是|问的是)*(?P<n>[1-9一二三四五六七八九])(?:个|项|条|号|那个|吧|的)*$"
)


def leans(m: Mentions) -> bool:
    """Does the message point back: a pronoun, 那…呢, two of them, a correction?"""
    if m.has(
        "pronoun_part",
        "pronoun_unit",
        "pronoun_region",
        "pronoun_cells",
        "pair",
        "former",
        "latter",
        "negate",
        "correct",
    ):
        return True
    if m.has("also") or len(m.text.plain) <= _SHORT and m.text.plain.rstrip("？。").endswith("的"):
        return True
    checked = m.has("responsible", "lead") or len(m.text.plain) <= _SHORT
    if m.of("unit") and m.has("confirm") and checked and not m.has("tasks", "count"):
        return True
    words = m.words("follow")
    return bool(words) and any(w not in ("那", "又", "也") or m.text.plain.startswith(w) for w in words)


def pick(plain: str, context: Context) -> str | None:
    """The offered choice that the message picks by its number or by words only it has."""
    if not context.choices:
        return None
    match = _PICK.match(plain.strip("。！？ "))
    if match:
        written = match.group("n")
        number = int(written) if written.isdigit() else "一二三四五六七八九".index(written) + 1
        return context.choices[number - 1] if number <= len(context.choices) else ""
    if 2 <= len(plain) <= 12:
        words = re.sub(r"^(?:我要|我问的是|问的是|是|就|选)|(?:那个|吧|的|呢|。)+$", "", plain)
        fits = [c for c in context.choices if words and words in c]
        if len(fits) == 1:
            return fits[0]
    return None


def readings(m: Mentions, context: Context, knowledge: Knowledge, about: Subjects, alone: bool) -> Iterator[Reading]:
    """Ways to complete the message from the thread; `alone`: it has no good reading of its own."""
    query = context.query
    if query is None:
        return
    pointing = leans(m) or isinstance(query, Tasks) and _joins(m)
    short = len(m.text.plain) <= _SHORT
    if not (pointing or alone or short):
        return
    rank = 0.8 if pointing else 1.35
    leftover = tuple(t.word for t in m.leftover)
    cells = _cells(m, context, knowledge)
    if cells is not None:
        if short and not pointing and context.cells and any(r for r, _ in context.cells):
            rank = 0.95
        yield Reading(cells, rank + 0.25 * len(leftover), leftover, "接着上一问的数字")
    offices = _offices(m, context, knowledge, about)
    if offices is not None:
        yield Reading(offices, rank + 0.15 * len(leftover), leftover, "接着上一问的单位")
    part = _part(m, context, knowledge)
    if part is not None:
        yield Reading(part, rank + 0.1 + 0.2 * len(leftover), leftover, "接着上一问的条文")


def _previous_cells(query: Query | None) -> Cells | None:
    if isinstance(query, Cells):
        return query
    if isinstance(query, Missing) and query.indicators:
        return Cells(query.regions or (WHOLE,), query.indicators)
    return None


def _cells(m: Mentions, context: Context, knowledge: Knowledge) -> Cells | Missing | None:
    before = _previous_cells(context.query)
    if before is not None and before.operation in ("highest", "lowest", "nth") and before.top == 1:
        before = _answered(m, before, knowledge)
    if before is None or m.programmes or m.has("lead", "responsible", "charge") or m.of("unit") or m.facts:
        return None
    where = figures.scope(m, knowledge)
    ids, shared = indicator_ids(m, knowledge)
    if shared and not ids:
        members = [i for i in knowledge.shared[shared[0].id].members] if shared[0].id in knowledge.shared else []
        family = [
            i
            for i in members
            if knowledge.indicators[i].of
            and knowledge.indicators[i].of == knowledge.indicators[before.indicators[0]].of
        ]
        if len(family) != 1:
            return None
        ids = (family[0],)
    less = narrower(m)
    if less and not where.regions and not ids:
        return Missing("narrower", less, before.regions[:1], before.indicators[:1])
    op, ascending = operations.operation(m, where, ids or before.indicators)
    limits, claims = bounds(m)
    like = _like(m, before, where, knowledge)
    if like:
        return like
    operated = op != "show" or bool(limits)
    # 差多少, 加起来, 哪个多 with nothing named: over the cells just looked at.
    back = _operation_on_earlier(m)
    if not ids and not where.regions and not where.whole and not where.everywhere:
        if m.has("persons") and op == "show":
            return replace(before, persons=True, claims=())
        if back is None and not operated:
            return None
        if back == "difference" and before.operation in ("highest", "lowest") and len(before.regions) > 2:
            return replace(before, operation="difference", top=1, bounds=(), claims=())
        recent = _recent(context, m)
        if back in ("sum", "difference", "ratio", "compare", "average") and len(recent) >= 2:
            regions = tuple(dict.fromkeys(r for r, _ in recent))
            indicators = tuple(dict.fromkeys(i for _, i in recent))
            if len(regions) > 1 and len(indicators) > 1:
                indicators = indicators[-1:]
            if back == "ratio" and m.has("latter") and not _former_first(m):
                regions, indicators = regions[::-1], indicators[::-1]
            return Cells(regions, indicators, back, ascending=ascending)
        if back == "share" and m.has("pair") and len(recent) >= 2:
            regions = tuple(dict.fromkeys(r for r, _ in recent if r))
            return replace(before, regions=regions, operation="share", bounds=(), top=1, base=(), claims=())
        if back in ("share", "rank") or op in ("share", "rank"):
            return replace(before, operation=back or op, bounds=(), top=1, ascending=ascending, base=(), claims=())
        if op in ("highest", "lowest", "nth", "order", "missing", "average") or limits:
            return Cells(
                tuple(knowledge.regions),
                before.indicators,
                "filter" if limits else op,
                limits,
                operations.top(m),
                ascending,
            )
        return None
    regions = where.regions
    if where.everywhere and not regions:
        regions = tuple(knowledge.regions)
    joins = bool(re.search(r"^(?:那)?(?:跟|和|与|同|加上|再加|比|较)", m.text.plain)) or m.has("pronoun_region")
    if regions and not ids:
        if back in ("sum", "difference", "ratio", "compare", "average") and len(regions) == 1:
            earlier = tuple(r for r in before.regions if r not in regions)
            if m.text.plain.find("比") >= 0 and back == "difference":
                return Cells((*earlier, *regions), before.indicators, back)
            return Cells((*earlier, *regions), before.indicators, back, ascending=ascending)
        if where.whole and (back or op) == "share":
            return replace(before, regions=regions, operation="share", base=(), claims=())
        if m.has("overview") and not leans(m):
            return None
        if not operated and back is None:
            kept: Operation = (
                before.operation if before.operation in ("rank", "share") and len(regions) == 1 else "show"
            )
            if joins and not leans(m):
                regions = tuple(dict.fromkeys((*before.regions, *regions)))
            return Cells(regions, before.indicators, kept, named_set=where.named_set, claims=())
        return Cells(
            regions,
            before.indicators,
            "filter" if limits else (back or op),
            limits,
            operations.top(m),
            ascending,
            named_set=where.named_set,
        )
    if where.whole and not ids and not regions:
        if (back or op) == "share" and m.has("pair", "sum") and len(recent := _recent(context, m)) >= 2:
            regions = tuple(dict.fromkeys(r for r, i in recent if r and i == before.indicators[0]))
            return replace(before, regions=regions or before.regions, operation="share", base=(), bounds=(), claims=())
        if (back or op) in ("share", "rank"):
            return replace(before, operation=back or op, base=(), claims=(), bounds=())
        if op in ("highest", "lowest", "order"):
            return Cells(tuple(knowledge.regions), before.indicators, op, (), operations.top(m), ascending)
        return Cells((WHOLE,), before.indicators)
    if ids and not regions:
        if where.whole and op in ("share", "rank") and len(before.regions) == 1 and before.regions[0]:
            return Cells(before.regions, ids, op)
        if where.whole:
            return None
        if not (leans(m) or len(m.text.plain) <= 6):
            return None
        kin = _family(ids, before, knowledge)
        regions = before.regions
        goal_only = all(not knowledge.indicators[i].annex for i in kin)
        if goal_only and any(regions):
            return Cells((WHOLE,), kin) if len(regions) > 3 else None
        kept = (
            before.operation
            if before.operation
            in ("rank", "share", "highest", "lowest", "order", "show", "sum", "average", "compare", "difference")
            else "show"
        )
        if operated:
            kept = op
        return Cells(regions, kin, kept, limits, before.top, before.ascending, named_set=before.named_set)
    if ids and regions and back and len(regions) == 1 and before.indicators == ids:
        earlier = tuple(r for r in before.regions if r not in regions)
        return Cells((*earlier, *regions), ids, back) if earlier and joins else None
    return None


def _answered(m: Mentions, before: Cells, knowledge: Knowledge) -> Cells:
    """What was asked before, about the regions that were the answer, where the message is about them."""
    about = m.has("pronoun_unit", "pronoun_region", "pronoun_cells") or m.has("share", "rank") and not m.indicators
    if not about or before.operation == "nth" or m.has("highest", "lowest"):
        return before
    found = operations.leaders(knowledge, before.indicators[0], 1, before.operation == "lowest")
    regions = tuple(r for r in before.regions if r in found) or before.regions
    return replace(before, regions=regions, operation="show")


def _like(m: Mentions, before: Cells, where: operations.Scope, knowledge: Knowledge) -> Cells | None:
    """The regions that stand to the one just looked at as the message says: 谁比它高."""
    if where.regions or len(before.regions) != 1 or not before.regions[0] or len(before.indicators) != 1:
        return None
    if not m.has("who", "which_region", "count"):
        return None
    cell = knowledge.cell(before.regions[0], before.indicators[0])
    spans = [s for cue in ("pronoun_unit", "pronoun_region", "pronoun_cells") for s in m.cues.get(cue, ())]
    sign = next((r for a, b in spans if (r := operations.relation(m, a, b))), None)
    if sign is None or cell is None or cell == NO_TARGET:
        return None
    others = tuple(r for r in knowledge.regions if r not in before.regions)
    return Cells(others, before.indicators, "filter", (Bound(sign, Decimal(cell)),), base=before.regions)


def _family(ids: tuple[str, ...], before: Cells, knowledge: Knowledge) -> tuple[str, ...]:
    """Within one family (two figures of one trade) an indicator means its member there."""
    family = knowledge.indicators[before.indicators[0]].of
    if not family:
        return ids
    kin = [i for i in knowledge.indicators.values() if i.of == family and i.id not in before.indicators]
    plain_names = {knowledge.indicators[i].name for i in ids}
    for candidate in kin:
        if any(candidate.name.endswith(name.removesuffix("人数").removesuffix("数")[-4:]) for name in plain_names):
            return (candidate.id,)
    return ids


def _operation_on_earlier(m: Mentions) -> Operation | None:
    for cue, op in (
        ("share", "share"),
        ("ratio", "ratio"),
        ("average", "average"),
        ("difference", "difference"),
        ("rank", "rank"),
    ):
        if m.has(cue):
            return op  # type: ignore[return-value]
    if m.has("compare", "same") or (m.has("highest", "lowest") and m.has("pair")):
        return "compare"
    if m.has("sum"):
        return "sum"
    return None


def _former_first(m: Mentions) -> bool:
    former, latter = m.cues.get("former", ()), m.cues.get("latter", ())
    return bool(former) and bool(latter) and former[0][0] < latter[0][0]


def _recent(context: Context, m: Mentions) -> tuple[tuple[str, str], ...]:
    """The cells just looked at: two where two are meant, else all of the run."""
    if m.has("pair", "former", "latter", "difference", "ratio") and not re.search("三|仨|四|几个|都", m.text.plain):
        return context.cells[-2:]
    return context.cells


def _joins(m: Mentions) -> bool:
    """Is one more unit named to be taken together with those before (跟某单位一起的)?"""
    units = m.of("unit")
    return len(units) == 1 and m.has("both") and bool(re.search("[跟和与同]$", m.text.plain[: units[0].start]))


def _offices(m: Mentions, context: Context, knowledge: Knowledge, about: Subjects) -> Query | None:
    query = context.query
    units = tuple(dict.fromkeys(e.id for e in m.of("unit")))
    role = roles.role_of(m)
    asks = m.has("lead", "responsible", "charge", "role")
    named = about.explicit or (
        about.how == "topic" and about.matches and about.matches[0].score >= FAIR and bool(m.leftover)
    )
    if m.has("pronoun_unit", "pronoun_part") and m.has("tasks", "where") and units and isinstance(query, Tasks):
        # 这里面公安也在的: of the measures just listed.
        before = query.conditions or tuple(Condition(u, query.role, True) for u in query.units)
        more = tuple(Condition(u, role if asks else "any", True) for u in units)
        return Tasks((*query.units, *units), "any", "match", query.refs, query.excluded, conditions=(*before, *more))
    confirming = m.has("confirm") and not m.has("tasks", "also", "count", "where")
    if m.has("pronoun_unit") and context.units and not units and confirming and not about.explicit:
        measures = tuple(r for r in context.refs if r.startswith("measure:"))
        if measures and isinstance(query, Roles):
            return Roles(measures, role if asks else "any", context.units)
    if m.has("pronoun_unit") and context.units and not units:
        if about.explicit and about.refs:
            return Roles(about.refs, "any" if m.has("role") or not asks else role, context.units)
        if asks or m.has("tasks", "also"):
            excluded = context.refs if m.has("also") else ()
            return Tasks(
                context.units,
                role if asks else "any",
                "count" if m.has("count") and not m.has("tasks") else "list",
                excluded=excluded,
            )
    if isinstance(query, Tasks) and query.units and not units and m.has("without") and not named:
        part: Role = role if asks and m.has("lead") else "any"
        return replace(
            query, operation="match", excluded=(), conditions=tuple(Condition(u, part, False) for u in query.units)
        )
    if isinstance(query, Tasks) and not named:
        if units and not context.refs[:0] and not (m.has("pronoun_part")):
            if _joins(m):
                wanted = tuple(Condition(u, role if asks else query.role, True) for u in (*query.units, *units))
                return replace(query, units=(*query.units, *units), operation="match", excluded=(), conditions=wanted)
            return replace(
                query,
                units=units,
                role=role if asks else query.role,
                excluded=(),
                operation="count" if query.operation == "count" else "list",
                conditions=(),
            )
        if asks and not units:
            return replace(query, role=role, excluded=(), operation="list", conditions=())
    refs = context.refs
    if not refs or (named and not m.has("pronoun_part")):
        if named and about.explicit and isinstance(query, Roles) and not units and not asks and leans(m):
            measures = tuple(r for r in about.refs if r.startswith("measure:"))
            return replace(query, refs=measures, units=query.units, group="") if measures else None
        return None
    measures = tuple(r for r in refs if r.startswith("measure:"))
    if not measures or len(measures) > 3:
        return None
    offices = tuple(m.text.plain[e.start : e.end] for e in m.of("office"))
    if m.has("tasks") and units and not m.has("pronoun_part"):
        return None
    if units:
        previous = query.role if isinstance(query, Roles) else "any"
        return Roles(
            measures,
            role if asks else ("any" if not m.has("confirm") and previous == "lead" and not leans(m) else previous),
            units,
        )
    if m.has("also") and m.has("units_word") and isinstance(query, Roles) and not asks:
        return Roles(measures, "lead" if query.role == "responsible" else "responsible")
    if offices:
        return Roles(measures, role, unknown_unit=offices[0])
    if asks or m.has("who"):
        return Roles(measures, role if asks else "any")
    return None


def _part(m: Mentions, context: Context, knowledge: Knowledge) -> Query | None:
    if not context.refs or m.of("unit", "region") or m.has("lead", "responsible", "charge"):
        return None
    if isinstance(context.query, Facts) or len(context.refs) > 3:
        return None
    if m.has("title") and not m.facts:
        return Parts(context.refs, "title")
    if m.has("group_word") and m.has("where"):
        return Parts(context.refs, "group")
    if m.has("where") and leans(m):
        return Parts(context.refs, "number")
    if m.has("whole_text", "method") and not m.leftover:
        if isinstance(context.query, Passages) and not m.has("pronoun_part") and "全" not in m.text.plain:
            return context.query
        return Parts(context.refs, "whole")
    return None
