"""Mentions -> readings about offices: who leads what, who is responsible, what a unit has to do."""

import re
from collections.abc import Iterator

from bot.entities import Mentions
from bot.knowledge import Knowledge
from bot.subjects import FAIR, SURE, Subjects
from bot.values import Choose, Missing, Parts, Reading, Role, Roles, TaskOperation, Tasks

_ASKS_TIME = re.compile(r"几月|几号|什么时候|哪天|时间|多久|期限|最迟|最晚|截止")


def role_of(m: Mentions) -> Role:
    """Which role the cues ask for."""
    lead = m.has("lead") or (m.has("charge") and not m.has("responsible"))
    responsible = m.has("responsible")
    if lead and m.has("except") and not named_unit(m):
        return "responsible"
    if lead and responsible:
        longest = {cue: max((b - a for a, b in m.cues.get(cue, ())), default=0) for cue in ("lead", "responsible")}
        if m.has("role"):
            return "any"
        negated = _negated(m)
        if negated == "lead":
            return "responsible"
        if negated == "responsible":
            return "lead"
        if longest["responsible"] <= 2 < longest["lead"]:
            return "lead"
        return "any"
    if m.has("role"):
        return "any"
    if lead:
        return "lead"
    return "responsible" if responsible else "any"


def named_unit(m: Mentions) -> bool:
    """Is a unit named?"""
    return bool(m.of("unit"))


def _each_role(m: Mentions, units: tuple[str, ...]) -> tuple[Role, ...]:
    """Of several units, as what each is meant: by the nearest word for a role."""
    found: list[Role] = []
    for unit in units:
        entity = next(e for e in m.of("unit") if e.id == unit)
        near = [
            (abs(a - entity.end) if a >= entity.end else entity.start - b + 2, role)
            for role in ("lead", "responsible")
            for a, b in m.cues.get(role, ())
        ]
        found.append("lead" if min(near)[1] == "lead" else "responsible")
    return tuple(found)


def _negated(m: Mentions) -> str:
    """The role that 不是问… turns away."""
    for _, end in m.cues.get("negate", ()):
        for cue in ("lead", "responsible"):
            if any(0 <= a - end <= 2 for a, _ in m.cues.get(cue, ())):
                return cue
    return ""


def readings(m: Mentions, knowledge: Knowledge, about: Subjects) -> Iterator[Reading]:
    """The ways to take the message as a question about who does what."""
    units = tuple(dict.fromkeys(e.id for e in m.of("unit")))
    offices = tuple(m.text.plain[e.start : e.end] for e in m.of("office"))
    asks_who = m.has("who")
    asks_role = (
        m.has("lead", "charge")
        or bool(units or offices)
        and m.has("role")
        or _asks_responsible(m, bool(units or offices))
    )
    role = role_of(m)
    leftover = tuple(t.word for t in m.leftover)
    measures = tuple(r for r in about.refs if r in knowledge.parts and knowledge.parts[r].kind == "measure")
    groups = tuple(r for r in about.refs if r.startswith("group:"))
    others = tuple(r for r in about.refs if r not in measures and r not in groups)
    certain = about.explicit or bool(about.matches and about.matches[0].score >= SURE)
    weak = 0.0 if certain else 0.5
    if offices and not units and (asks_role or m.has("tasks", "where", "confirm")):
        yield Reading(
            Roles(measures if about.explicit else (), role, unknown_unit=offices[0]), 1.0, (), "文件没有列出的机关"
        )
        return
    if _crossing(m, units, about):
        yield from _over_all(m, knowledge, units, role, groups)
        return
    if len(units) > 1 and m.has("lead") and m.has("responsible") and not about.explicit and not m.has("who"):
        yield Reading(Tasks(units, "any", "shared", roles=_each_role(m, units)), 0.9, leftover, "一家牵头、一家负责")
        return
    together = m.has("both") or len(units) > 1 and re.search("都|均", m.text.plain[m.of("unit")[1].end :])
    if units and together and len(units) > 1 and not about.explicit:
        yield Reading(Tasks(units, role if asks_role else "any", "shared"), 1.0, leftover, "几个单位共有")
    if units:
        if groups and not measures:
            yield Reading(
                Tasks(units, role if asks_role else "any", "list", _members(knowledge, groups)),
                1.0,
                leftover,
                "单位在一组里",
            )
        elif (
            measures
            and (about.explicit or asks_role or not m.has("tasks"))
            and not (m.has("tasks") and not about.explicit and about.how != "topic")
        ):
            topical = about.explicit or (about.how == "topic" and _beyond_cues(m, about))
            if about.how == "several" and len(measures) > 1:
                if asks_role:
                    yield Reading(_choose_part(measures, knowledge, "lead"), 2.2, leftover, "几项措施都像")
            elif topical:
                rank = 1.0 + weak if asks_role or m.has("confirm", "who") else 1.6 + weak
                yield Reading(Roles(measures, role, units), rank, leftover, "单位在一项措施里")
        asked = m.has("tasks", "count", "overview") or asks_role or not leftover
        if asked and not (measures and about.explicit) and not _ASKS_TIME.search(m.text.plain):
            rank = 1.1 if (m.has("tasks", "count") and (asks_role or not leftover)) else 1.4
            if m.has("quantity") and m.of("region"):
                rank += 1.0
            rank += (0.25 if asks_role else 0.35) * len(leftover)
            operation: TaskOperation = "count" if m.has("count") and not m.has("tasks") else "list"
            yield Reading(
                Tasks(units, role if asks_role else "any", operation, _members(knowledge, groups)),
                rank,
                leftover,
                "单位的任务",
            )
        return
    if not (asks_role or asks_who):
        return
    if groups and not measures:
        yield Reading(Roles((), role if asks_role else "lead", group=groups[0]), 1.0, leftover, "一组的牵头单位")
        return
    if others and about.explicit and not measures:
        yield Reading(Roles(others, role), 1.2, leftover, "没有列单位的部分")
        return
    if measures:
        rank = 1.0 + weak + (0.0 if asks_role else 0.1 if _asks_for_office(m) else 1.3)
        if about.how == "several" and len(measures) > 1:
            yield Reading(
                _choose_part(measures, knowledge, "responsible" if role == "responsible" else "lead"),
                rank + 0.8,
                leftover,
                "几项措施都像",
            )
        elif asks_role or m.has("who") and (about.explicit or about.matches and about.matches[0].score >= FAIR):
            yield Reading(Roles(measures, role if asks_role else "lead"), rank, leftover, "措施的单位")
        return
    if asks_role and m.has("most", "highest"):
        yield Reading(Tasks((), role, "most"), 1.1, leftover, "牵头最多")
    elif (
        m.has("lead", "responsible") and m.has("all_words", "count", "tasks") and not any(len(w) > 1 for w in leftover)
    ):
        yield Reading(
            Parts((), "units", "lead" if role != "responsible" else "responsible"), 1.7, leftover, "所有牵头单位"
        )
    elif asks_role and not leftover and not m.programmes:
        yield Reading(Missing("context"), 2.6, (), "没说是哪一项")


def _asks_responsible(m: Mentions, named: bool) -> bool:
    """Is it asked who takes part? A bare verb such as 参加 only asks so beside a unit or a who."""
    words = m.words("responsible")
    return bool(words) and (named or m.has("who") or any("单位" in w or "部门" in w or "责任" in w for w in words))


def _asks_for_office(m: Mentions) -> bool:
    """Is it an office that is asked for, and not just somebody (给谁, 谁来评)?"""
    return m.has("units_word") or any(len(w) > 1 for w in m.words("who"))


def _beyond_cues(m: Mentions, about: Subjects) -> bool:
    """Is there a topic besides the unit and the role words?"""
    return bool(about.matches) and (about.matches[0].score >= FAIR)


def _crossing(m: Mentions, units: tuple[str, ...], about: Subjects) -> bool:
    if about.explicit:
        return False
    if m.has("most", "fewest") and m.has("lead", "responsible", "charge") and not units:
        return True
    if m.has("only") and m.has("responsible", "units_word") and units and m.has("tasks", "where"):
        return not m.leftover or m.has("responsible")
    return bool(units) and m.has("without") and m.has("tasks", "where") and not m.has("confirm_strict")


def _over_all(
    m: Mentions, knowledge: Knowledge, units: tuple[str, ...], role: Role, groups: tuple[str, ...]
) -> Iterator[Reading]:
    leftover = tuple(t.word for t in m.leftover)
    inside = _members(knowledge, groups)
    if not units:
        yield Reading(
            Tasks((), role, "fewest" if m.has("fewest") and not m.has("most") else "most", inside),
            1.0,
            leftover,
            "比较各单位",
        )
    elif m.has("only") and _collective(knowledge, units):
        yield Reading(Tasks(units, "responsible", "only", inside), 1.0, leftover, "只列了这一家")
    elif m.has("without"):
        yield Reading(Tasks(units, role, "without", inside), 1.0, leftover, "没有列这家")
    else:
        yield Reading(Tasks(units, role, "list", inside), 1.0, leftover, "单位的任务")


def _collective(knowledge: Knowledge, units: tuple[str, ...]) -> bool:
    """Is there a measure whose responsible units are just these?"""
    return any(set(part.responsible) == set(units) for part in knowledge.measures)


def _members(knowledge: Knowledge, groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.id for part in knowledge.measures if part.group in groups)


def _choose_part(refs: tuple[str, ...], knowledge: Knowledge, role: str) -> Choose:
    word = "由谁牵头？" if role == "lead" else "的责任单位有哪些？"
    parts = [knowledge.parts[r] for r in refs]
    return Choose(tuple(f"第{p.number}项「{p.title}」{word}" for p in parts))
