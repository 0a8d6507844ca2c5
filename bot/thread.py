"""Mentions and Context -> the reading of a message that leans on what went before.

A message that stands by itself never comes here with a reading better than its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot import roles
from bot.elliptic import completed
from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.subjects import FAIR, Subjects
from bot.values import (
    Condition,
    Context,
    Facts,
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
    cells = completed(m, context, knowledge, pointing)
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
