"""Lists to pick from, a page at a time: measures by group, regions, indicators, units, and what is the asker's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.cards import heading
from bot.engine import Engine
from bot.figures import broken_down
from bot.formatting import Stretch, Style
from bot.knowledge import Entry
from bot.panel import Panel, Tap, handle, in_rows, paired
from bot.render import sentence
from bot.standpoint import Standpoint
from bot.values import Say

_PER_PAGE = 8

Menu = dict[str, str]


def measures(page: int, engine: Engine, menu: Menu) -> Panel:
    """The measures of one group, the groups counted from 1; all of them where there are no groups."""
    knowledge = engine.knowledge
    if not knowledge.measures:
        return _nothing(menu)
    groups = knowledge.of_kind("group")
    number = min(max(page, 1), max(len(groups), 1))
    group = groups[number - 1] if groups else None
    parts = [part for part in knowledge.measures if group is None or part.group == group.id]
    taps = [Tap(f"{part.number}. {part.title}", f"measure.{part.number}") for part in parts]
    title = menu["measures_title"].format(n=len(knowledge.measures))
    return Panel(
        (Stretch(title, Style.BOLD), *([Stretch(heading(group), glue="\n\n")] if group else [])),
        (*in_rows(taps, 1), _turns("measures", number, range(1, len(groups) + 1), menu)),
        sentence(Say("ask_measures"), engine.language),
    )


def targets(engine: Engine, menu: Menu) -> Panel:
    """Where to begin with the figures: at a region or at an indicator."""
    if not broken_down(engine.knowledge):
        return _nothing(menu)
    taps = (Tap(menu["by_region"], "regions.0"), Tap(menu["by_indicator"], "indicators.0"))
    text = menu["targets_text"].format(
        year=engine.knowledge.year, regions=len(engine.knowledge.regions), n=len(broken_down(engine.knowledge))
    )
    return Panel((Stretch(menu["targets_title"], Style.BOLD), Stretch(text)), (taps,))


def regions(page: int, engine: Engine, menu: Menu) -> Panel:
    """The regions of the tables."""
    rows = _listed("regions", "region", page, engine.knowledge.regions, menu)
    return Panel((Stretch(menu["regions_title"], Style.BOLD),), (*rows, (Tap(menu["by_indicator"], "indicators.0"),)))


def indicators(page: int, engine: Engine, menu: Menu) -> Panel:
    """What the tables break down by region."""
    entries = {id_: engine.knowledge.indicators[id_] for id_ in broken_down(engine.knowledge)}
    rows = _listed("indicators", "indicator", page, entries, menu)
    return Panel((Stretch(menu["indicators_title"], Style.BOLD),), (*rows, (Tap(menu["by_region"], "regions.0"),)))


def units(page: int, engine: Engine, menu: Menu) -> Panel:
    """The units that lead or are responsible."""
    entries = engine.knowledge.units
    if not entries:
        return _nothing(menu)
    title = menu["units_title"].format(n=len(entries))
    return Panel((Stretch(title, Style.BOLD),), _listed("units", "unit", page, entries, menu))


def own_region(page: int, standpoint: Standpoint, engine: Engine, menu: Menu) -> Panel:
    """The asker's own region as it is set, and all that it may be."""
    entries = engine.knowledge.regions
    rows = _listed("ownregions", "setregion", page, entries, menu)
    return _own("region", entries.get(standpoint.region), rows, menu)


def own_unit(page: int, standpoint: Standpoint, engine: Engine, menu: Menu) -> Panel:
    """The asker's own unit as it is set, and all that it may be."""
    entries = engine.knowledge.units
    rows = _listed("ownunits", "setunit", page, entries, menu)
    return _own("unit", entries.get(standpoint.unit), rows, menu)


def own_set(kind: str, name: str, engine: Engine, menu: Menu) -> Panel:
    """What has just been set, and what can be said from now on."""
    text = menu[f"own_{kind}_done"].format(name=name)
    example = Tap(own_example(kind, engine, menu), f"ownexample.{kind}")
    stretches = (Stretch(text), Stretch(menu["own_try"], glue=""))
    return Panel(stretches, ((example,), (Tap(menu["own_clear"], f"set{kind}."),)))


def own_example(kind: str, engine: Engine, menu: Menu) -> str:
    """The question that shows what was gained by setting it."""
    return menu[f"own_{kind}_example"].format(indicator=_first_indicator(engine))


def near(likely: Sequence[Tap], every: Tap, menu: Menu) -> Panel:
    """What may have been meant by a name that nothing has, and the way to all there is."""
    return Panel((Stretch(menu["near"]),), (*in_rows(likely, 1), (every,)))


def instead(panel: Panel, said: str) -> Panel:
    """The list shown in place of what was wanted and is not there: that is `said` first."""
    first, *others = panel.stretches
    return replace(panel, stretches=(Stretch(said), replace(first, glue="\n\n"), *others))


def _own(kind: str, entry: Entry | None, rows: tuple[tuple[Tap, ...], ...], menu: Menu) -> Panel:
    if not any(rows):
        return _nothing(menu)
    stretches = [Stretch(menu[f"own_{kind}_title"], Style.BOLD)]
    if entry:
        stretches.append(Stretch(menu["own_now"].format(name=entry.name)))
        rows = (*rows, (Tap(menu["own_clear"], f"set{kind}."),))
    stretches.append(Stretch(menu[f"own_{kind}_text"]))
    return Panel(tuple(stretches), rows)


def _nothing(menu: Menu) -> Panel:
    """What a document that has none of it gets."""
    return Panel((Stretch(menu["nothing"]),))


def _first_indicator(engine: Engine) -> str:
    knowledge = engine.knowledge
    return next((knowledge.indicators[id_].name for id_ in broken_down(knowledge)), "")


def _listed(
    list_: str, leads_to: str, page: int, entries: Mapping[str, Entry], menu: Menu
) -> tuple[tuple[Tap, ...], ...]:
    """A page of the entries as buttons, and those that turn the page."""
    pages = max(1, -(-len(entries) // _PER_PAGE))
    number = min(max(page, 0), pages - 1)
    shown = list(entries.items())[number * _PER_PAGE : (number + 1) * _PER_PAGE]
    taps = [Tap(entry.name, f"{leads_to}.{handle(id_)}") for id_, entry in shown]
    return (*paired(taps), _turns(list_, number, range(pages), menu))


def _turns(list_: str, page: int, pages: Iterable[int], menu: Menu) -> tuple[Tap, ...]:
    """The buttons that turn the page; none where there is but one."""
    numbers = list(pages)
    if len(numbers) < 2:
        return ()
    at = numbers.index(page)
    return (
        *((Tap(menu["turn_back"], f"{list_}.{numbers[at - 1]}"),) if at else ()),
        Tap(menu["page"].format(page=at + 1, pages=len(numbers)), f"{list_}.{page}"),
        *((Tap(menu["turn_on"], f"{list_}.{numbers[at + 1]}"),) if at + 1 < len(numbers) else ()),
    )
