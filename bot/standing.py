"""Where one figure stands among the others: its share of the whole and its place, exact as in an answer."""

from dataclasses import dataclass
from decimal import Decimal

from bot.arithmetic import positions, quotient, total, written
from bot.cells import CellFacts
from bot.knowledge import NO_TARGET, WHOLE, Indicator, Knowledge
from bot.values import Cells, View

_PER_CENT = "%"


@dataclass(frozen=True, slots=True)
class Standing:
    """One printed figure, with the bound that the text puts before or after it.

    `share` (in per cent) is "" and `rank` 0 where there is no target to compare.
    """

    region: str
    indicator: Indicator
    cell: str
    before: str
    after: str
    share: str
    working: str
    rank: int
    of: int
    ties: tuple[str, ...]

    @property
    def is_set(self) -> bool:
        return self.cell != NO_TARGET


def standing(region: str, indicator: str, knowledge: Knowledge) -> Standing | None:
    """The figure of the region ("" is the whole), or None where the document states none at all."""
    cell = knowledge.cell(region, indicator)
    if cell is None:
        return None
    entry = knowledge.indicators[indicator]
    values = numbers(indicator, knowledge)
    before, after = bounds(entry) if not region else ("", "")
    if not region or region not in values:
        return Standing(region, entry, cell, before, after, "", "", 0, len(values), ())
    place = positions(values)
    ties = tuple(other for other in values if place[other] == place[region] and other != region)
    share = working = ""
    whole = Decimal(str(knowledge.cell(WHOLE, indicator)))
    if whole and entry.unit != _PER_CENT:
        share = quotient(values[region] * 100, whole)
        working = f"{written(values[region])}÷{written(whole)}"
    return Standing(region, entry, cell, before, after, share, working, place[region], len(values), ties)


def bounds(indicator: Indicator) -> tuple[str, str]:
    """The bound of the whole's goal, as the text has it before the figure or after it."""
    goal = indicator.goal
    if goal is None or not goal.bound:
        return "", ""
    before = goal.bound in goal.text.partition(goal.value)[0]
    return (goal.bound, "") if before else ("", goal.bound)


def numbers(indicator: str, knowledge: Knowledge) -> dict[str, Decimal]:
    """The regions' figures of one indicator that are numbers, in the order of the table."""
    cells = {region: knowledge.cell(region, indicator) for region in knowledge.regions}
    return {region: Decimal(cell) for region, cell in cells.items() if cell is not None and cell != NO_TARGET}


def ordered(indicator: str, order: str, knowledge: Knowledge) -> tuple[str, ...]:
    """All regions in the order asked for ("desc", "asc", else the table's); those without a target come last."""
    regions = tuple(knowledge.regions)
    if order not in ("asc", "desc"):
        return regions
    values = numbers(indicator, knowledge)
    found = sorted(values, key=lambda region: values[region] if order == "asc" else -values[region])
    return (*found, *(region for region in regions if region not in values))


def summed(regions: tuple[str, ...], indicator: str, knowledge: Knowledge) -> tuple[str, int]:
    """The exact sum over those of the regions that have a target, and how many they are."""
    values = numbers(indicator, knowledge)
    held = [values[region] for region in regions if region in values]
    return written(total(held)), len(held)


def bars(regions: tuple[str, ...], indicator: str, knowledge: Knowledge) -> View | None:
    """The view of the regions' figures that an answer would carry; None for fewer than two."""
    return CellFacts(Cells(regions, (indicator,)), knowledge).view("bar", regions, (indicator,))
