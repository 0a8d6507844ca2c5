"""One thing of the document at a glance: a measure, a region, a unit, with its source and where to go from there."""

from collections.abc import Iterable

from bot.cells import CellFacts
from bot.engine import Engine
from bot.entities import mentions
from bot.figures import broken_down
from bot.formatting import Stretch, Style
from bot.knowledge import NO_TARGET, WHOLE, Knowledge, Part
from bot.normalise import normalise
from bot.panel import Panel, Tap, handle, in_rows, paired
from bot.render import sentence, source
from bot.standing import bounds, standing
from bot.values import Cells, Say

# A shorter word in a text is not sure to mean the indicator.
_SURE = 4
_IN_A_ROW = 4
# The document prints both kinds.
_BRACKETS = str.maketrans("()", "（）")

Menu = dict[str, str]


def measure(number: int, engine: Engine, menu: Menu) -> Panel | None:
    """A measure: its group, who leads and who is responsible, its text, and the goals that it names."""
    knowledge = engine.knowledge
    parts = {part.number: part for part in knowledge.measures}
    part = parts.get(number)
    if part is None:
        return None
    group = knowledge.parts.get(part.group)
    lines = [
        *([heading(group)] if group else []),
        menu["lead"].format(units=_units(part.lead, knowledge)),
        menu["responsible"].format(units=_units(part.responsible, knowledge)),
    ]
    goals = _goals(part, engine)
    turns = [
        Tap(menu[key].format(number=other), f"measure.{other}")
        for key, other in (("before", number - 1), ("after", number + 1))
        if other in parts
    ]
    return Panel(
        (
            Stretch(_said("source_measure", engine, number=str(number), title=part.title), Style.BOLD),
            *map(Stretch, lines),
            Stretch(part.text, Style.FOLDED, "\n"),
            *_figures(goals, engine, menu),
            _source([part.id, *_refs(goals, knowledge)], engine),
        ),
        (tuple(turns), (Tap(menu["all_measures"], f"measures.{group.number if group else 1}"),)),
        _said("ask_text", engine, number=str(number), title=part.title),
    )


def region(id_: str, engine: Engine, menu: Menu) -> Panel | None:
    """A region: its figures with share and place, and a button for each that shows it beside the others."""
    knowledge = engine.knowledge
    if id_ not in knowledge.regions:
        return None
    name = knowledge.regions[id_].name
    lines, taps = [], []
    for indicator in broken_down(knowledge):
        found = standing(id_, indicator, knowledge)
        if found is None:
            continue
        if not found.is_set:
            lines.append(menu["figure_none"].format(indicator=found.indicator.name))
            continue
        lines.append(
            menu["figure_tied" if found.ties else "figure"].format(
                indicator=found.indicator.name, value=found.cell, unit=found.indicator.unit, rank=found.rank
            )
        )
        taps.append(Tap(found.indicator.name, f"rank.{handle(id_)}.{handle(indicator)}"))
    if not lines:
        return None
    tables = [table.ref for table in knowledge.tables.values()]
    return Panel(
        (
            Stretch(menu["region_title"].format(region=name, year=knowledge.year), Style.BOLD),
            Stretch(menu["region_key"]),
            *map(Stretch, lines),
            Stretch(menu["region_hint"], glue="\n\n"),
            _source(tables, engine),
        ),
        (
            *paired(taps),
            (Tap(menu["all_regions"], "regions.0"), Tap(menu["as_own_region"], f"makeregion.{handle(id_)}")),
        ),
        _said("ask_overview", engine, region=name),
    )


def unit(id_: str, engine: Engine, menu: Menu) -> Panel | None:
    """A unit: what it leads and what it takes part in, and a button for each measure."""
    knowledge = engine.knowledge
    if id_ not in knowledge.units:
        return None
    leads = [part for part in knowledge.measures if id_ in part.lead]
    takes = [part for part in knowledge.measures if id_ in part.responsible]
    shown = sorted({part.number for part in (*leads, *takes)})
    taps = [Tap(menu["measure_tap"].format(number=number), f"measure.{number}") for number in shown]
    name = knowledge.units[id_].name
    return Panel(
        (
            Stretch(name, Style.BOLD),
            *_tasks("leads", "leads_none", leads, menu),
            *_tasks("takes_part", "takes_part_none", takes, menu),
            Stretch(menu["unit_source"].format(document=knowledge.number), glue="\n\n"),
        ),
        (
            *in_rows(taps, _IN_A_ROW),
            (Tap(menu["all_units"], "units.0"), Tap(menu["as_own_unit"], f"makeunit.{handle(id_)}")),
        ),
        _said("ask_tasks_lead", engine, unit=name),
    )


def heading(group: Part) -> str:
    """A group's label and title as a heading; where it is quoted, the brackets stay as they are printed."""
    return f"{group.label}{group.title}".translate(_BRACKETS)


def _tasks(key: str, none: str, parts: list[Part], menu: Menu) -> Iterable[Stretch]:
    if not parts:
        yield Stretch(menu[none], glue="\n\n")
        return
    yield Stretch(menu[key].format(n=len(parts)), glue="\n\n")
    for part in parts:
        yield Stretch(menu["task"].format(number=part.number, title=part.title))


def _units(ids: tuple[str, ...], knowledge: Knowledge) -> str:
    return "、".join(knowledge.units[id_].name for id_ in ids)


def _goals(part: Part, engine: Engine) -> tuple[str, ...]:
    """The indicators that the part's words name and the document sets a figure for, for the whole."""
    knowledge = engine.knowledge
    text = normalise(f"{part.title}。{part.text}", engine.language.replace)
    found = mentions(text, engine.lexicon, engine.language).indicators
    ids = dict.fromkeys(e.id for e in found if e.kind == "indicator" and e.end - e.start >= _SURE)
    return tuple(id_ for id_ in ids if knowledge.cell(WHOLE, id_) not in (None, NO_TARGET))


def _figures(goals: tuple[str, ...], engine: Engine, menu: Menu) -> Iterable[Stretch]:
    """The figures of these indicators for the whole, one on a line."""
    knowledge = engine.knowledge
    if goals:
        yield Stretch(menu["goals"].format(whole=knowledge.whole.name))
    for id_ in goals:
        indicator = knowledge.indicators[id_]
        before, after = bounds(indicator)
        yield Stretch(f"· {indicator.name}：{before}{knowledge.cell(WHOLE, id_)}{indicator.unit}{after}")


def _refs(goals: tuple[str, ...], knowledge: Knowledge) -> tuple[str, ...]:
    """Where in the document these figures stand."""
    cited = CellFacts(Cells((WHOLE,), goals), knowledge).citations((WHOLE,), goals)
    return tuple(dict.fromkeys(citation.ref for citation in cited))


def _source(refs: list[str], engine: Engine) -> Stretch:
    where = "；".join(source(ref, engine.knowledge, engine.language) for ref in refs)
    return Stretch(_said("source", engine, document=engine.knowledge.number, where=where), glue="\n\n")


def _said(key: str, engine: Engine, **fields: str) -> str:
    return sentence(Say(key, fields), engine.language)
