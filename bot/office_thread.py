"""Mentions and Context -> what a message that leans on the thread asks about units.

责任单位呢, 它还牵头什么, 那公安呢, 这里面跟某单位一起的: the part of `thread.py` that concerns who does what.
"""

import re
from dataclasses import replace

from bot.entities import Mentions
from bot.role import role_of
from bot.subjects import FAIR, Subjects
from bot.values import Cells, Condition, Context, Query, Role, Roles, Tasks

_PAIR = 2
_ITS_UNITS = re.compile(
    "[它其]的?(?:牵头|责任|配合|参与)的?(?:单位|部门)"
    "|(?:配合|协助|跟着|帮)[它他]们?(?:一起|一块)?(?:干|做)?的?(?:单位|部门|有)"
)
_BESIDES_IT = re.compile(
    "除了?(?:[它他]们?|这一?家|这个(?:单位|部门)|牵头的?(?:单位|部门|那家)?)(?:以外|之外)?[，]?(?:还|另外|其他)"
)


# 差几项, 谁更多: of two units looked at.
_MORE_BY = re.compile("[差多少](?:了)?(?:几|多少)[项条个]|谁(?:的|牵头|负责)*更?[多少]|哪[个家]更?[多少]")


def joins(m: Mentions) -> bool:
    """Is one more unit named to be taken together with those before (跟某单位一起的)?"""
    units = m.of("unit")
    return len(units) == 1 and m.has("both") and bool(re.search("[跟和与同]$", m.text.plain[: units[0].start]))


def _it(m: Mentions) -> bool:
    """Does the message say "it" of a unit? 它俩 are two things, and none of them need be one."""
    return any(not m.text.plain.startswith("俩", end) for _, end in m.cues.get("pronoun_unit", ()))


def bare(m: Mentions) -> bool:
    """Is the message nothing but the number of a part?"""
    return len(m.ordinals) == 1 and m.ordinals[0].end - m.ordinals[0].start >= len(m.text.plain.rstrip("？。呢啊"))


def offices_after(m: Mentions, context: Context, about: Subjects, pointing: bool) -> Query | None:
    """The question about units that the message asks in the thread, if any; `pointing`: it plainly points back."""
    query = context.query
    units = tuple(dict.fromkeys(e.id for e in m.of("unit")))
    role = role_of(m)
    asks = m.has("lead", "responsible", "charge", "role")
    named = about.explicit or (
        about.how == "topic" and about.matches and about.matches[0].score >= FAIR and bool(m.leftover)
    )
    if (
        m.has("pronoun_unit", "pronoun_part")
        and m.has("tasks", "where", "count")
        and units
        and isinstance(query, Tasks)
    ):
        # 这里面公安也在的: of the measures just listed.
        before = query.conditions or tuple(Condition(u, query.role, True) for u in query.units)
        more = tuple(Condition(u, role if asks else "any", True) for u in units)
        return Tasks((*query.units, *units), "any", "match", query.refs, query.excluded, conditions=(*before, *more))
    if units and m.has("also") and m.has("tasks", "where") and isinstance(query, Roles) and context.refs:
        # 其中某局还在哪些项里: besides the measure spoken of.
        return Tasks(units, role if asks else "any", excluded=context.refs)
    if m.has("pronoun_part") and m.has("who") and asks and isinstance(query, Tasks) and not (units or about.explicit):
        # 这几项都是谁牵头: of the measures just listed.
        listed = tuple(r for r in context.refs if r.startswith("measure:"))
        if listed:
            return Roles(listed, role)
    if len(context.run) > 1 and not units and not about.explicit and _MORE_BY.search(m.text.plain):
        return Tasks(context.run[-2:], query.role if isinstance(query, Tasks) and not asks else role, "compare")
    if m.has("pair") and m.has("both") and not units and len(context.run) > 1 and not about.explicit:
        wanted = tuple(Condition(u, role if asks else "any", True) for u in context.run[-2:])
        return Tasks(context.run[-2:], "any", "match", conditions=wanted)
    confirming = m.has("confirm") and not m.has("tasks", "also", "count", "where")
    if _it(m) and context.units and not units and confirming and not about.explicit:
        measures = tuple(r for r in context.refs if r.startswith("measure:"))
        if measures and isinstance(query, Roles):
            return Roles(measures, role if asks else "any", context.units)
    measures = tuple(r for r in context.refs if r.startswith("measure:"))
    if measures and not units and not about.explicit and _ITS_UNITS.search(m.text.plain):
        # 它的责任单位: those of the measure, not what the unit has to do.
        return Roles(measures, role)
    if measures and isinstance(query, Roles) and _BESIDES_IT.search(m.text.plain) and m.has("who", "units_word"):
        # 除了它还有谁负责: the others of the measure.
        return Roles(measures, "responsible")
    if _it(m) and context.units and not units:
        if about.explicit and about.refs:
            return Roles(about.refs, "any" if m.has("role") or not asks else role, context.units)
        if asks or m.has("tasks", "also"):
            # 它还负责什么 asks of all that it has to do, whether it leads there or not.
            role = role if m.has("lead", "responsible") else "any"
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
        if units and not m.has("pronoun_part"):
            if joins(m):
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
        lists = m.has("tasks") and not (m.leftover or m.programmes or m.parts or m.indicators)
        if lists and not units and query.operation == "count":
            return replace(query, operation="list")
        if asks and not units and query.units:
            return replace(query, role=role, excluded=(), operation="list", conditions=())
        ordered = query.operation in {"most", "fewest", "counted"}
        if ordered and asks and not (units or m.has("who", "pronoun_part")):
            # 责任单位呢 after whom most is led by: the same order, in the other role.
            return replace(query, role=role)
    if m.of("region", "set") and isinstance(query, Cells):
        return None
    refs = context.refs
    if len(refs) == _PAIR and m.has("former", "latter"):
        refs = refs[:1] if m.has("former") else refs[1:]
    if not refs or (named and (about.explicit or not m.has("pronoun_part"))):
        figured = m.of("region", "set")
        if (
            named
            and about.explicit
            and isinstance(query, Roles)
            and not (units or asks or figured)
            and (pointing or bare(m))
        ):
            measures = tuple(r for r in about.refs if r.startswith("measure:"))
            return replace(query, refs=measures, units=query.units, groups=()) if measures else None
        return None
    measures = tuple(r for r in refs if r.startswith("measure:"))
    groups = tuple(r for r in refs if r.startswith("group:"))
    if groups and (asks or m.has("who")) and not (units or named):
        return Roles((), role if asks else "lead", groups=groups)
    if not measures or len(measures) > 3:
        return None
    offices = tuple(m.text.plain[e.start : e.end] for e in m.of("office"))
    if m.has("tasks") and units and not m.has("pronoun_part"):
        return None
    if units:
        previous = query.role if isinstance(query, Roles) else "any"
        return Roles(
            measures,
            role if asks else ("any" if not m.has("confirm") and previous == "lead" and not pointing else previous),
            units,
        )
    if m.has("also") and m.has("units_word") and isinstance(query, Roles) and not asks:
        return Roles(measures, "lead" if query.role == "responsible" else "responsible")
    if m.has("also") and m.has("who") and isinstance(query, Roles) and query.role == "lead" and not m.has("lead"):
        return Roles(measures, "responsible")
    if offices:
        return Roles(measures, role, unknown_unit=offices[0])
    if asks or m.has("who"):
        return Roles(measures, role if asks else "any")
    return None
