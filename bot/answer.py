"""Query -> Answer: facts, cells, exact sums, citations; not yet in words."""

from typing import assert_never

from bot.answer_figures import answer as answer_cells
from bot.answer_offices import answer_roles, answer_tasks
from bot.answer_text import answer_facts, answer_parts, answer_passages
from bot.knowledge import Knowledge
from bot.values import (
    Answer,
    Cells,
    Choose,
    Facts,
    Missing,
    Parts,
    Passages,
    Query,
    Roles,
    Say,
    Social,
    Tasks,
)


def answer(query: Query, knowledge: Knowledge) -> Answer:
    """What the document has to say to the query."""
    match query:
        case Cells():
            return answer_cells(query, knowledge)
        case Roles():
            return answer_roles(query, knowledge)
        case Tasks():
            return answer_tasks(query, knowledge)
        case Parts():
            return answer_parts(query, knowledge)
        case Passages():
            return answer_passages(query, knowledge)
        case Facts():
            return answer_facts(query, knowledge)
        case Missing():
            return _missing(query, knowledge)
        case Choose():
            key = "choose" if query.about else "choose_plain"
            return Answer("choose", (Say(key, {"what": query.about}),), choices=query.choices)
        case Social():
            fields = {"name": knowledge.name, "number": knowledge.number}
            return Answer("social", (Say(query.kind, fields),), follow_ups=_examples(knowledge))
        case _:
            assert_never(query)


def _missing(query: Missing, knowledge: Knowledge) -> Answer:
    """What is not in the document, by name; who is in charge, and the nearest that is there."""
    indicator = knowledge.indicators[query.indicators[0]] if query.indicators else None
    region = query.regions[0] if query.regions else ""
    fields = {
        "what": query.what, "year": knowledge.year, "name": knowledge.name, "number": knowledge.number,
        "place": knowledge.region_words[0], "whole": knowledge.whole.name, "n": str(len(knowledge.regions)),
        "measures": str(len(knowledge.measures)), "requirements": str(len(knowledge.of_kind("requirement"))),
        "regions": "、".join(knowledge.region_name(r) for r in query.regions),
        "indicator": indicator.name if indicator else "", "region": knowledge.region_name(region),
    }  # fmt: skip
    says = [Say(f"missing_{query.reason}", fields)]
    measures = [knowledge.parts[r] for r in query.refs if r.startswith("measure:")]
    if measures and query.reason not in ("part", "nothing", "other", "word", "year", "place"):
        part = measures[0]
        units = "、".join(knowledge.units[u].name for u in part.lead)
        says.append(Say("in_charge", {"unit": units, "number": str(part.number), "title": part.title}))
    follow: list[Say] = []
    if indicator:
        place = region if knowledge.cell(region, indicator.id) is not None else ""
        follow.append(Say("ask_cell", {"region": knowledge.region_name(place), "indicator": indicator.name}))
    if region:
        follow.append(Say("ask_overview", {"region": knowledge.region_name(region)}))
    for part in measures[:1]:
        fields = {"number": str(part.number), "title": part.title}
        follow += [Say("ask_lead", fields), Say("ask_text", fields)]
    return Answer("no_answer", tuple(says), follow_ups=tuple(follow[:3]) or _examples(knowledge), refs=query.refs)


def _examples(knowledge: Knowledge) -> tuple[Say, ...]:
    """One question of each main kind: who leads, a figure, a text."""
    found = []
    if knowledge.measures:
        part = knowledge.measures[min(4, len(knowledge.measures) - 1)]
        found.append(Say("ask_lead", {"number": str(part.number), "title": part.title}))
    if knowledge.tables:
        table = list(knowledge.tables.values())[-1]
        indicator = knowledge.indicators[table.columns[min(1, len(table.columns) - 1)]]
        highest = max(
            knowledge.regions,
            key=lambda r: (len(str(knowledge.cell(r, indicator.id))), str(knowledge.cell(r, indicator.id))),
        )
        found.append(Say("ask_cell", {"region": knowledge.region_name(highest), "indicator": indicator.name}))
    found.append(Say("ask_measures"))
    return tuple(found)
