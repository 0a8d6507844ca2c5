"""Roles and Tasks -> Answer: who leads and who is responsible, and what a unit has to do."""

from decimal import Decimal

from bot.knowledge import Knowledge, Part
from bot.values import Answer, Citation, Role, Roles, Say, Tasks
from bot.verdicts import RELATION, holds

# So many measures are told of one by one.
_FEW = 3


def answer_roles(query: Roles, knowledge: Knowledge) -> Answer:
    """The units of the parts in question, or whether (and as what) given units are among them."""
    measures = tuple(knowledge.parts[r] for r in query.refs if r.startswith("measure:"))
    if query.groups:
        return _groups(query, knowledge)
    if query.unknown_unit:
        if not measures:
            fields = {"n": str(len(knowledge.measures)), "unit": query.unknown_unit}
            return Answer("answer", (Say("unknown_unit", fields),))
        no = [Say("role_is_none", {**_fields(part), "unit": query.unknown_unit}) for part in measures]
        lead = [_of(part, "lead", knowledge) for part in measures]
        says = tuple(say for both in zip(no, lead, strict=True) for say in both)
        return _answer(says, measures, "any", knowledge, ())
    if not measures:
        part = knowledge.parts[query.refs[0]]
        fields = {"title": part.title, "n": str(len(knowledge.measures))}
        key = "requirement_no_role" if part.kind == "requirement" else "no_roles"
        return Answer("no_answer", (Say(key, fields),), refs=(part.id,))
    choosing = len(query.units) > 1 and query.role != "any"
    if not query.units or choosing and not any(_is(part, u, query.role) for part in measures for u in query.units):
        says = tuple(_of(part, query.role, knowledge) for part in measures)
        return _answer(says, measures, query.role, knowledge, ())
    says = tuple(
        _of(part, query.role, knowledge)
        if choosing and query.role == "lead"
        else _is_said(part, unit, query.role, knowledge)
        for part in measures
        for unit in (query.units[:1] if choosing and query.role == "lead" else query.units)
    )
    return _answer(says, measures, _cited(query.role, measures, query.units), knowledge, query.units)


def answer_tasks(query: Tasks, knowledge: Knowledge) -> Answer:
    """The measures that given units lead or take part in, or the units that do so most."""
    scope = tuple(p for p in knowledge.measures if not query.refs or p.id in query.refs)
    scope = tuple(p for p in scope if p.id not in query.excluded)
    match query.operation:
        case "most" | "fewest":
            return _extreme(query, scope, knowledge)
        case "widest" | "narrowest":
            return _widest(query, scope, knowledge)
        case "sized":
            return _sized(query, scope, knowledge)
        case "counted":
            return _counted(query, scope, knowledge)
        case "match":
            return _matching(query, scope, knowledge)
        case "only":
            found = tuple(p for p in scope if set(p.responsible) == set(query.units))
            key = "tasks_only" if found else "tasks_only_none"
            return _answer(
                (_tasks_said(key, query.units, found, scope, knowledge),), found, "responsible", knowledge, query.units
            )
        case "compare":
            return _compared(query, scope, knowledge)
        case "common":
            return _common(query, scope, knowledge)
        case "list" | "count":
            return _listed(query, scope, knowledge)


def _compared(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    """Which of some units stands at more measures, and by how many, with what each stands at."""
    counts = {u: sum(_is(p, u, query.role) for p in scope) for u in query.units}
    ordered = sorted(query.units, key=lambda u: -counts[u])
    most, least = counts[ordered[0]], counts[ordered[-1]]
    names = [knowledge.units[u].name for u in ordered]
    if most == least:
        say = Say(f"tasks_same_{query.role}", {"units": "、".join(names), "n": str(most)})
    else:
        items = "、".join(f"{name}{counts[u]}项" for u, name in zip(ordered, names, strict=True))
        fields = {"unit": names[0], "other": names[-1], "n": str(most - least), "items": items}
        say = Say(f"tasks_compare_{query.role}", fields)
    found = tuple(p for p in scope if any(_is(p, u, query.role) for u in query.units))
    return _answer((say,), found, query.role, knowledge, query.units)


def _common(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    """The units that stand, in the role asked for, at every one of the measures."""
    units = tuple(u for u in knowledge.units if all(_is(p, u, query.role) for p in scope))
    fields = {"units": _names(units, knowledge), "count": str(len(units)), "n": str(len(scope)), "items": _items(scope)}
    key = f"tasks_common_{query.role}" if units else f"tasks_common_{query.role}_none"
    return _answer((Say(key, fields),), scope, query.role, knowledge, units)


def _scope_said(scope: tuple[Part, ...], knowledge: Knowledge) -> str:
    """The group whose measures they are, or their numbers where they are not just those of one group."""
    group = knowledge.parts[scope[0].group]
    if scope == tuple(p for p in knowledge.measures if p.group == group.id):
        return f"{group.label}「{group.title}」"
    return "、".join(f"第{p.number}项" for p in scope)


def _listed(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    says: list[Say] = []
    cited: list[tuple[Part, Role]] = []
    if query.unknown_unit:
        says.append(Say("unknown_unit", {"n": str(len(knowledge.measures)), "unit": query.unknown_unit}))
    for unit in query.units:
        led = tuple(p for p in scope if unit in p.lead)
        taken = tuple(p for p in scope if unit in p.responsible)
        if query.excluded and not (
            led if query.role == "lead" else taken if query.role == "responsible" else led + taken
        ):
            says.append(Say(f"tasks_also_none_{query.role}", {"unit": knowledge.units[unit].name}))
            besides = (knowledge.parts[r] for r in query.excluded)
            cited += [(p, "lead" if unit in p.lead else "responsible") for p in besides if _is(p, unit, "any")]
            continue
        if query.role == "lead":
            key = "tasks_lead" if led else "tasks_lead_none_but" if taken else "tasks_lead_none"
            shown = led or taken
        elif query.role == "responsible":
            key = "tasks_resp" if taken else "tasks_resp_none_but" if led else "tasks_resp_none"
            shown = taken or led
        else:
            if led:
                says.append(_tasks_said("tasks_lead", (unit,), led, scope, knowledge))
                cited += [(p, "lead") for p in led]
            key, shown = ("tasks_resp", taken) if taken else ("", ())
            if not led and not taken:
                key = "tasks_none"
        if key:
            says.append(_tasks_said(key, (unit,), shown, scope, knowledge))
            cited += [(p, "lead" if unit in p.lead else "responsible") for p in shown]
    led_by = {u for p in scope for u in p.lead}
    if query.confirm and query.refs and query.role == "lead" and not led_by & set(query.units):
        # Who does lead there is what the asker has to know next.
        groups = dict.fromkeys(p.group for p in scope)
        says += [_group_leads(knowledge.parts[g], tuple(p for p in scope if p.group == g), knowledge) for g in groups]
        cited += [(p, "lead") for p in scope]
    lines = {(p.id, p.lead_line if role == "lead" else p.responsible_line): None for p, role in cited}
    citations = tuple(Citation(knowledge.number, ref, line) for ref, line in lines)
    if query.refs and scope:
        says.insert(0, Say("tasks_in", {"scope": _scope_said(scope, knowledge)}))
    follow = tuple(
        Say("ask_tasks_resp" if query.role == "lead" else "ask_tasks_lead", {"unit": knowledge.units[u].name})
        for u in query.units[:2]
    )
    refs = tuple(dict.fromkeys(p.id for p, _ in cited))
    return Answer("answer", tuple(says), citations, follow_ups=follow, units=query.units, refs=refs)


def _widest(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    """The measures with most or fewest responsible units."""
    counts = {p: len(p.responsible) for p in scope}
    best = (max if query.operation == "widest" else min)(counts.values())
    found = tuple(p for p, n in counts.items() if n == best)
    say = Say(f"tasks_{query.operation}", {"n": str(best), "items": _items(found)})
    return _answer((say,), found, "responsible", knowledge, ())


def _sized(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    """The measures with so many units in one role."""
    counts = {p: len(p.lead if query.role == "lead" else p.responsible) for p in scope}
    found = tuple(p for p, n in counts.items() if all(holds(Decimal(n), b) for b in query.bounds))
    suffix = "lead" if query.role == "lead" else "resp"
    bounds = "、".join(f"{RELATION[b.relation]}{b.value}" for b in query.bounds)
    fields = {"bounds": bounds, "n": str(len(found)), "items": _items(found)}
    key = f"tasks_sized_{suffix}" if found else f"tasks_sized_{suffix}_none"
    return _answer((Say(key, fields),), found or scope, query.role, knowledge, ())


def _extreme(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    role: Role = "responsible" if query.role == "responsible" else "lead"
    without = tuple(c.unit for c in query.conditions)
    counts = {u: sum(_is(p, u, role) for p in scope) for u in knowledge.units if u not in without}
    counts = {u: n for u, n in counts.items() if n}
    best = (max if query.operation == "most" else min)(counts.values())
    units = tuple(u for u, n in counts.items() if n == best)
    found = tuple(p for p in scope if any(_is(p, u, role) for u in units))
    suffix = "lead" if role == "lead" else "resp"
    fields = {"units": _names(units, knowledge), "n": str(best), "items": _items(found)}
    says = (Say("tasks_but", {"units": _names(without, knowledge)}),) if without else ()
    return _answer((*says, Say(f"tasks_{query.operation}_{suffix}", fields)), found, role, knowledge, units)


def _counted(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    """The units that lead or take part in so many measures."""
    counts = {u: sum(_is(p, u, query.role) for p in scope) for u in knowledge.units}
    found = {u: n for u, n in counts.items() if n and all(holds(Decimal(n), b) for b in query.bounds)}
    suffix = "resp" if query.role == "responsible" else "lead"
    bounds = "、".join(f"{RELATION[b.relation]}{b.value}" for b in query.bounds)
    if not found:
        return Answer("answer", (Say(f"tasks_counted_{suffix}_none", {"bounds": bounds}),))
    items = tuple(Say("unit_counted", {"unit": knowledge.units[u].name, "n": str(n)}) for u, n in found.items())
    parts = tuple(p for p in scope if any(_is(p, u, query.role) for u in found))
    say = Say(f"tasks_counted_{suffix}", {"bounds": bounds, "n": str(len(found))}, items)
    return _answer((say,), parts, query.role, knowledge, tuple(found))


def _matching(query: Tasks, scope: tuple[Part, ...], knowledge: Knowledge) -> Answer:
    """The measures at which every wanted unit stands as it is wanted, and none that is ruled out."""
    asked = query.conditions
    found = tuple(p for p in scope if all(_is(p, c.unit, c.role) == c.held for c in asked))
    units = tuple(dict.fromkeys(c.unit for c in asked))
    roles = {c.role for c in asked}
    held = {c.held for c in asked}
    # Which line proves it: the one the units stand on, or, for those ruled out, do not stand on.
    role: Role = "any" if len(roles) > 1 or held == {True} and roles == {"any"} else roles.pop()
    role = "responsible" if role == "any" and held == {False} else role
    says: list[Say] = []
    if query.refs and scope:
        says.append(Say("tasks_in", {"scope": _scope_said(scope, knowledge)}))
    if len({c.role for c in asked}) == 1 and len(held) == 1:
        kind = {"lead": "_lead", "responsible": "", "any": "_any"}[asked[0].role]
        key = f"tasks_{'shared' if asked[0].held else 'without'}{kind if found else '_none'}"
        says.append(_tasks_said(key, units, found, scope, knowledge))
        if key == "tasks_without_lead" and len(found) <= _FEW:
            # Who does lead them is what is asked for as often.
            says += [_of(part, "lead", knowledge) for part in found]
    else:
        fields = {"n": str(len(found)), "measures": _items(found)}
        items = tuple(
            Say(f"unit_{'is' if c.held else 'not'}_{c.role}", {"unit": knowledge.units[c.unit].name}) for c in asked
        )
        says.append(Say("tasks_match" if found else "tasks_match_none", fields, items))
    return _answer(tuple(says), found, role, knowledge, units)


def _groups(query: Roles, knowledge: Knowledge) -> Answer:
    """Who leads, or takes part in, the measures of each group."""
    says: list[Say] = []
    members = {g: tuple(p for p in knowledge.measures if p.group == g) for g in query.groups}
    every = tuple(p for parts in members.values() for p in parts)
    if query.role == "responsible":
        each = tuple(_of(part, "responsible", knowledge) for part in every)
        return _answer(each, every, "responsible", knowledge, ())
    for group, parts in members.items():
        says.append(_group_leads(knowledge.parts[group], parts, knowledge))
    leads = {part.lead for part in every}
    return _answer(tuple(says), every, "lead", knowledge, leads.pop() if len(leads) == 1 else ())


def _group_leads(group: Part, members: tuple[Part, ...], knowledge: Knowledge) -> Say:
    fields = {"label": group.label, "title": group.title, "n": str(len(members))}
    leads = {part.lead for part in members}
    if len(leads) == 1:
        return Say("group_leads", {**fields, "units": _names(leads.pop(), knowledge)})
    items = tuple(
        Say("group_lead_item", {"number": str(p.number), "part": p.title, "units": _names(p.lead, knowledge)})
        for p in members
    )
    return Say("group_leads_many", fields, items)


def _is(part: Part, unit: str, role: Role) -> bool:
    return (role != "responsible" and unit in part.lead) or (role != "lead" and unit in part.responsible)


def _cited(role: Role, measures: tuple[Part, ...], units: tuple[str, ...]) -> Role:
    """Which printed lines prove what is said: both, where the unit stands on the other one."""
    if role == "responsible" and not any(u in p.lead for p in measures for u in units):
        return "any"
    return "any" if role != "lead" or any(u in p.responsible for p in measures for u in units) else "lead"


def _is_said(part: Part, unit: str, role: Role, knowledge: Knowledge) -> Say:
    """Whether and as what the unit stands at the measure."""
    leads, responsible = unit in part.lead, unit in part.responsible
    if role == "lead":
        key = "role_lead_yes" if leads else "role_lead_no" if responsible else "role_lead_none"
    elif role == "responsible":
        key = "role_resp_yes" if responsible else "role_resp_lead" if leads else "role_resp_no"
    else:
        key = "role_is_lead" if leads else "role_is_resp" if responsible else "role_is_none"
    fields = {**_fields(part), "unit": knowledge.units[unit].name, "lead": _names(part.lead, knowledge)}
    return Say(key, fields)


def _of(part: Part, role: Role, knowledge: Knowledge) -> Say:
    lead, responsible = _names(part.lead, knowledge), _names(part.responsible, knowledge)
    if role == "lead":
        return Say("leads", {**_fields(part), "units": lead})
    if role == "responsible":
        return Say("responsibles", {**_fields(part), "units": responsible})
    return Say("involved", {**_fields(part), "lead": lead, "units": responsible})


def _fields(part: Part) -> dict[str, str]:
    return {"number": str(part.number), "title": part.title}


def _names(units: tuple[str, ...], knowledge: Knowledge) -> str:
    return "、".join(knowledge.units[u].name for u in units)


def _items(parts: tuple[Part, ...]) -> str:
    return "、".join(f"第{p.number}项「{p.title}」" for p in parts)


def _tasks_said(
    key: str, units: tuple[str, ...], found: tuple[Part, ...], scope: tuple[Part, ...], knowledge: Knowledge
) -> Say:
    names = _names(units, knowledge)
    fields = {"unit": names, "units": names, "n": str(len(found)), "items": _items(found)}
    return Say(key, {**fields, "count": str(len(scope))})


def _answer(
    says: tuple[Say, ...], parts: tuple[Part, ...], role: Role, knowledge: Knowledge, units: tuple[str, ...]
) -> Answer:
    citations = []
    for part in parts:
        if role != "responsible":
            citations.append(Citation(knowledge.number, part.id, part.lead_line))
        if role != "lead":
            citations.append(Citation(knowledge.number, part.id, part.responsible_line))
    follow: tuple[Say, ...] = ()
    if len(parts) == 1:
        other = "ask_responsible" if role == "lead" else "ask_lead"
        follow = (Say(other, _fields(parts[0])), Say("ask_text", _fields(parts[0])))
    if not units and role == "lead" and len(parts) == 1:
        units = parts[0].lead
    return Answer("answer", says, tuple(citations), follow_ups=follow, units=units, refs=tuple(p.id for p in parts))
