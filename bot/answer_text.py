"""Parts, Passages and Facts -> Answer: what the document says, word for word."""

import re
from decimal import Decimal

from bot.arithmetic import written
from bot.knowledge import Knowledge, Part, Point
from bot.numerals import numbers
from bot.values import Answer, Citation, Facts, Number, Parts, Passages, Say

_MONTH = re.compile(r"(\d+)月")
# From so many parts on only their titles are told.
_MANY = 8
_SAME_UNIT = {"号": "日", "月份": "月"}


def answer_parts(query: Parts, knowledge: Knowledge) -> Answer:
    """Parts of the document under one aspect: text, title, number, group, members or how many there are."""
    if query.aspect in ("count", "list"):
        return _counted(query, knowledge)
    if query.aspect == "units":
        return _lead_units(query, knowledge)
    says, cited = [], []
    for ref in query.refs:
        part = knowledge.parts[ref]
        fields = _fields(part, knowledge)
        key = {
            "title": {"measure": "part_title", "requirement": "requirement_title", "group": "group_title_said"},
            "number": {"measure": "part_number", "requirement": "requirement_number", "group": "group_title_said"},
            "group": {"measure": "part_group", "requirement": "requirement_number"},
            "members": {"group": "members"},
        }.get(query.aspect, {}).get(part.kind, "part_text" if part.text else "members")
        says.append(Say(key, fields))
        quote = f"{part.label}{part.title}"
        if key == "part_text":
            # Only a heading that the text follows in the same line ends with a full stop.
            quote = f"{part.heading}{'' if part.runs_on else ' '}{part.text}".strip()
        cited.append(Citation(knowledge.number, ref, quote))
        if query.aspect == "members":
            members = (m for m in knowledge.measures if m.group == ref)
            cited += [Citation(knowledge.number, m.id, f"{m.label}{m.title}") for m in members]
        if query.aspect == "group" and part.group:
            group = knowledge.parts[part.group]
            cited.append(Citation(knowledge.number, group.id, f"{group.label}{group.title}"))
    if query.claimed:
        right = set(query.claimed) & set(query.refs)
        says.insert(0, Say("located_right" if right else "located_wrong"))
    follow: tuple[Say, ...] = ()
    if len(query.refs) == 1 and knowledge.parts[query.refs[0]].kind == "measure":
        fields = _fields(knowledge.parts[query.refs[0]], knowledge)
        follow = (Say("ask_lead", fields), Say("ask_responsible", fields))
        if query.aspect != "whole":
            follow = (*follow, Say("ask_text", fields))
    return Answer("answer", tuple(says), tuple(cited), follow_ups=follow, refs=query.refs)


def _fields(part: Part, knowledge: Knowledge) -> dict[str, str]:
    group = knowledge.parts.get(part.group)
    members = [m for m in knowledge.measures if m.group == part.id]
    return {
        "number": str(part.number), "title": part.title, "text": part.text, "heading": part.title,
        "label": group.label if group else part.label, "group": group.title if group else "",
        "n": str(len(members)), "items": _titles(members),
    }  # fmt: skip


def _titles(parts: list[Part]) -> str:
    return "、".join(f"第{p.number}项「{p.title}」" for p in parts)


def _counted(query: Parts, knowledge: Knowledge) -> Answer:
    found = list(knowledge.of_kind(query.kind))
    groups = knowledge.of_kind("group")
    key = {"measure": "measures", "requirement": "requirements", "group": "groups"}[query.kind]
    short = f"{key}_count" if query.aspect == "count" and query.kind == "measure" else key
    items = "、".join(f"{p.label}{p.title}" for p in found) if query.kind == "group" else _titles(found)
    says = (Say(short, {"n": str(len(found)), "groups": str(len(groups)), "items": items}),)
    cited = tuple(Citation(knowledge.number, p.id, f"{p.label}{p.title}") for p in (groups if short != key else found))
    return Answer("answer", says, cited, follow_ups=(Say("ask_group", {"number": "1"}), Say("ask_requirements")))


def _lead_units(query: Parts, knowledge: Knowledge) -> Answer:
    counts: dict[str, int] = {}
    for part in knowledge.measures:
        for unit in part.lead if query.kind == "lead" else part.responsible:
            counts[unit] = counts.get(unit, 0) + 1
    ordered = sorted(counts, key=lambda u: -counts[u])
    items = "、".join(f"{knowledge.units[u].name}{counts[u]}项" for u in ordered)
    key = "lead_units" if query.kind == "lead" else "responsible_units"
    says = (Say(key, {"n": str(len(knowledge.measures)), "count": str(len(ordered)), "items": items}),)
    cited = tuple(
        Citation(knowledge.number, p.id, p.lead_line if query.kind == "lead" else p.responsible_line)
        for p in knowledge.measures
    )
    return Answer("answer", says, cited)


def answer_passages(query: Passages, knowledge: Knowledge) -> Answer:
    """The clauses that answer, where they stand, and whether numbers ascribed to them are right."""
    points = [knowledge.points[p] for p in query.points]
    refs = tuple(dict.fromkeys(p.ref for p in points))
    cited = tuple(Citation(knowledge.number, p.ref, p.text) for p in points)
    says: list[Say] = []
    if query.claimed:
        says.append(Say("located_right" if set(query.claimed) & set(refs) else "located_wrong"))
    text = _ended("".join(p.text for p in points))
    wrong = _wrong(query.claims, text)
    if query.interval:
        months = sorted({int(n) for n in _MONTH.findall(text)})
        if len(months) >= 2:
            working = f"{months[-1]}月－{months[0]}月"
            says.append(Say("interval", {"months": str(months[-1] - months[0]), "working": working, "text": text}))
        else:
            says.append(Say("passage", {"text": text}))
    elif wrong and not query.where:
        says.append(
            Say("not_claimed", {"claimed": "、".join(f"{written(n.value)}{n.unit}" for n in wrong), "text": text})
        )
    elif len(refs) > _MANY:
        parts = [knowledge.parts[ref] for ref in refs]
        items = tuple(Say("place_title" if p.kind == "measure" else "place_name", _fields(p, knowledge)) for p in parts)
        says.append(Say("places_many", {"n": str(len(refs))}, items))
    elif len(refs) > 1:
        items = tuple(_place(knowledge, p) for p in points)
        says.append(Say("places", {"n": str(len(points))}, items))
    elif query.where or query.claimed:
        part = knowledge.parts[refs[0]]
        key = {"measure": "located", "requirement": "located_requirement"}.get(part.kind, "located_part")
        says.append(Say(key, {"number": str(part.number), "title": part.title, "text": text}))
    else:
        says.append(Say("passage", {"text": text}))
    follow: tuple[Say, ...] = ()
    part = knowledge.parts[refs[0]]
    if part.kind == "measure":
        fields = _fields(part, knowledge)
        follow = (Say("ask_lead", fields), Say("ask_responsible", fields), Say("ask_text", fields))
    elif part.kind == "requirement":
        follow = (Say("ask_requirement", _fields(part, knowledge)),)
    return Answer("answer", tuple(says), cited, follow_ups=follow, refs=refs)


def _place(knowledge: Knowledge, point: Point) -> Say:
    part = knowledge.parts[point.ref]
    return Say(
        "place_item" if part.kind == "measure" else "place_part",
        {"number": str(part.number), "title": part.title, "text": _ended(point.text)},
    )


def _ended(text: str) -> str:
    """A stretch of the text as a sentence of its own."""
    return text if text.endswith("。") else text.rstrip("，、；") + "。"


def _wrong(claims: tuple[Number, ...], text: str) -> list[Number]:
    """Numbers the asker ascribes to a text that has other numbers of the same kind."""
    stated = {(_SAME_UNIT.get(n.unit, n.unit), n.value) for n in numbers("".join(text.split()))}
    units = {unit for unit, _ in stated}
    found = []
    for claim in claims:
        unit = _SAME_UNIT.get(claim.unit, claim.unit)
        if unit in units and (unit, claim.value) not in stated and claim.value != Decimal(0):
            found.append(claim)
    return found


def answer_facts(query: Facts, knowledge: Knowledge) -> Answer:
    """Facts of the covering notice, and whether a unit ascribed to them is the one."""
    says, cited = [], []
    for id_ in query.ids:
        fact = knowledge.facts[id_]
        wrong = [knowledge.units[u].name for u in query.units if knowledge.units[u].name not in fact.value]
        lines = fact.value.split("\n")
        if query.count and len(lines) > 1:
            says.append(Say("facts_counted", {"name": fact.name, "n": str(len(lines))}))
        fields = {"name": fact.name, "value": fact.value.replace("\n", "；"), "unit": "、".join(wrong)}
        says.append(Say("fact_unit_no" if wrong else "fact", fields))
        cited.append(Citation(knowledge.number, "notice", fact.text))
    others = [f for f in knowledge.facts.values() if f.id not in query.ids][:2]
    return Answer(
        "answer", tuple(says), tuple(cited), follow_ups=tuple(Say("ask_fact", {"name": f.name}) for f in others)
    )
