"""What a document's own data say the right reply to each plain question is, however it is asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.knowledge import NO_TARGET, Knowledge, Part, Programme, Unit, bare, squeeze
from bot.values import Reply

Seen = Callable[[Reply], bool]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to ask about: what fills the blanks of a phrasing, and how one sees the right reply."""

    kind: str
    fields: Mapping[str, str]
    seen: Seen


def cases(knowledge: Knowledge) -> Iterator[Case]:
    """Everything that the knowledge holds and a question can ask for, with its right reply."""
    yield from _cells(knowledge)
    for unit in knowledge.units.values():
        yield from _unit(unit, knowledge)
    for part in knowledge.measures:
        yield Case("measure_lead", _of(part), _offices(part, part.lead, knowledge))
        yield Case("measure_responsible", _of(part), _offices(part, part.responsible, knowledge))
        yield Case("measure_text", _of(part), _whole(part))
    for programme in knowledge.programmes.values():
        yield Case("programme", {"programme": programme.name}, _places(programme, knowledge))


def _cells(knowledge: Knowledge) -> Iterator[Case]:
    for indicator in knowledge.indicators.values():
        fields = {"region": knowledge.whole.name, "indicator": indicator.name}
        stated = {indicator.goal.value if indicator.goal else None, knowledge.cell("", indicator.id)} - {None}
        yield Case("goal", fields, _figure(None, indicator.name, stated))
        for region in knowledge.regions.values() if indicator.annex else ():
            value = knowledge.cell(region.id, indicator.id)
            fields = {"region": region.name, "indicator": indicator.name}
            yield Case("cell", fields, _figure(region.name, indicator.name, {None if value == NO_TARGET else value}))


def _unit(unit: Unit, knowledge: Knowledge) -> Iterator[Case]:
    fields = {"unit": unit.name}
    for kind, refs in (
        ("unit_lead", {part.id for part in knowledge.measures if unit.id in part.lead}),
        ("unit_responsible", {part.id for part in knowledge.measures if unit.id in part.responsible}),
    ):
        yield Case(kind, fields, _tasks(unit, refs))
    for part in knowledge.measures:
        leads, shares = unit.id in part.lead, unit.id in part.responsible
        both = {**fields, **_of(part)}
        yield Case("is_lead", both, _confirms(unit, part, leads))
        yield Case("is_responsible", both, _confirms(unit, part, shares))
        yield Case("role", both, _role(unit, part, leads, shares))


def _of(part: Part) -> dict[str, str]:
    return {"measure": part.title, "number": str(part.number)}


# --- what is seen in a right reply ---------------------------------------------------------------


def _figure(region: str | None, indicator: str, values: set[str | None]) -> Seen:
    """The figure is told, and none of another region or indicator."""

    def seen(reply: Reply) -> bool:
        told = {(figure.region, figure.indicator) for figure in reply.figures}
        return told == {(region, indicator)} and {figure.value for figure in reply.figures} <= values

    return seen


def _tasks(unit: Unit, refs: set[str]) -> Seen:
    """The unit is named with exactly its measures; or it is said that there are none."""

    def seen(reply: Reply) -> bool:
        told = _refs(reply) == refs if refs else "没有" in reply.answer
        return reply.outcome == "answer" and unit.name in reply.answer and told

    return seen


def _confirms(unit: Unit, part: Part, holds: bool) -> Seen:
    """Yes or no, about that unit and that measure; what is the other role instead is not a plain yes."""

    def seen(reply: Reply) -> bool:
        yes = reply.answer.startswith(("是", "有", "对"))
        return yes == holds and unit.name in reply.answer and _refs(reply) == {part.id}

    return seen


def _role(unit: Unit, part: Part, leads: bool, shares: bool) -> Seen:
    """Which role it is is said in so many words."""
    roles = [word for word, holds in (("牵头单位", leads), ("责任单位", shares)) if holds]

    def seen(reply: Reply) -> bool:
        said = [f"{unit.name}是第{part.number}项「{part.title}」的{role}" in reply.answer for role in roles]
        told = all(said) if said else any(no in reply.answer for no in ("没有", "不是"))
        return told and unit.name in reply.answer and _refs(reply) == {part.id}

    return seen


def _offices(part: Part, ids: tuple[str, ...], knowledge: Knowledge) -> Seen:
    """The units are named, and no other is."""
    names = {knowledge.units[id_].name for id_ in ids}
    others = {unit.name for unit in knowledge.units.values()} - names

    def seen(reply: Reply) -> bool:
        told = all(name in reply.answer for name in names) and not any(name in reply.answer for name in others)
        return told and _refs(reply) == {part.id}

    return seen


def _whole(part: Part) -> Seen:
    """The measure's whole text is told, and cited as its own."""
    return lambda reply: squeeze(part.text) in squeeze(reply.answer) and _refs(reply) == {part.id}


def _places(programme: Programme, knowledge: Knowledge) -> Seen:
    """Every part that names it is cited, with words that do."""
    refs = {knowledge.points[id_].ref for id_ in programme.places}
    name = bare(programme.name)
    return lambda reply: refs <= {c.ref for c in reply.citations if name in bare(c.quote)}


def _refs(reply: Reply) -> set[str]:
    return {citation.ref for citation in reply.citations}
