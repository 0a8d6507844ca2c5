"""Figures set beside one another -> Answer: several limits at once, regions alike, a region's places in the orders."""

from decimal import Decimal

from bot.arithmetic import positions, quotient, short, total, written
from bot.cells import CellFacts
from bot.knowledge import NO_TARGET
from bot.values import Answer, Limit, Say
from bot.verdicts import RELATION, holds, meets

_PAIR = 2
# More regions than these are counted and not named.
_NAMED = 6


def limited(facts: CellFacts) -> Answer:
    """The regions whose figures are within all the limits."""
    limits, regions = facts.query.limits, facts.query.regions
    found = [r for r in regions if all(meets(r, limit, facts.knowledge) for limit in limits)]
    items = tuple(
        facts.say("joint_item", region=facts.name(r), items="，".join(_figure(facts, r, i) for i in facts.indicators))
        for r in found
    )
    key = "joint" if found else "joint_none"
    says = [facts.say(key, limits=worded(facts), n=str(len(found)))]
    if found:
        says = [Say(key, says[0].fields, items)]
    compared = {i for limit in limits if limit.relation != "/" for i in (limit.indicator, limit.other) if i}
    for indicator in facts.indicators:
        absent = [r for r in regions if facts.knowledge.cell(r, indicator) == NO_TARGET]
        if absent and indicator in compared:
            says.append(facts.say("joint_without", indicator, n=str(len(absent))))
    return facts.reply(says, found or regions, facts.indicators, "table" if found else None)


def worded(facts: CellFacts) -> str:
    """The limits as they are said."""
    return "、".join(_limit(facts, limit) for limit in facts.query.limits)


def _limit(facts: CellFacts, limit: Limit) -> str:
    name = f"{facts.title(limit.indicator)}目标"
    if limit.relation == "/":
        return f"未设{name}"
    if limit.other:
        return f"{name}{RELATION[limit.relation]}{facts.title(limit.other)}目标"
    return f"{name}{RELATION[limit.relation]}{short(limit.value)}{facts.unit(limit.indicator)}"


def _figure(facts: CellFacts, region: str, indicator: str) -> str:
    cell = facts.knowledge.cell(region, indicator)
    return f"{facts.title(indicator)}{'「/」' if cell == NO_TARGET else facts.amount(region, indicator)}"


def alike(facts: CellFacts, indicator: str) -> Answer:
    """The regions that have one and the same figure, by figure from the highest."""
    values = facts.values(facts.regions, indicator)
    groups: dict[str, list[str]] = {}
    for region in sorted(values, key=lambda r: -values[r]):
        groups.setdefault(facts.amount(region, indicator), []).append(region)
    same = {amount: regions for amount, regions in groups.items() if len(regions) >= _PAIR}
    if not same:
        return facts.reply([facts.say("alike_none", indicator)], facts.regions, (indicator,))
    items = tuple(Say("alike_item", {"regions": facts.names(r), "value": amount}) for amount, r in same.items())
    says = [Say("alike", facts.say("alike", indicator).fields, items)]
    return facts.reply(says, [r for regions in same.values() for r in regions], (indicator,), "bar")


def standing(facts: CellFacts) -> Answer:
    """The indicators by which one region has a certain place among those with a target."""
    region, (bound,) = facts.regions[0], facts.query.bounds
    found = []
    for indicator in facts.indicators:
        places = positions(facts.values(tuple(facts.knowledge.regions), indicator), facts.query.ascending)
        if region in places and holds(Decimal(places[region]), bound):
            found.append(indicator)
    wanted = f"{'前' if bound.relation == '<=' else '第'}{bound.value}"
    direction = "低到高" if facts.query.ascending else "高到低"
    items = "、".join(f"{facts.title(i)}（{facts.amount(region, i)}）" for i in found)
    fields = {"region": facts.name(region), "direction": direction, "place": wanted, "n": str(len(found))}
    says = [facts.say("standing" if found else "standing_none", items=items, **fields)]
    return facts.reply(says, (region,), tuple(found) or facts.indicators)


def sides(facts: CellFacts, indicator: str) -> Answer:
    """Several regions taken together, set against others."""
    first, second = facts.regions, facts.query.base
    values = [facts.values(side, indicator) for side in (first, second)]
    a, b = (total(v.values()) for v in values)
    names = [_side(facts, tuple(v)) for v in values]
    added = [_added(v) for v in values]
    fields = {"first": names[0], "second": names[1], "a": f"{written(a)}{facts.unit(indicator)}{added[0]}"}
    fields["b"] = f"{written(b)}{facts.unit(indicator)}{added[1]}"
    if facts.query.operation == "ratio" and b:
        say = facts.say("sides_ratio", indicator, value=quotient(a, b), working=f"{written(a)}÷{written(b)}", **fields)
    elif a == b:
        say = facts.say("sides_same", indicator, **fields)
    else:
        working = f"{written(max(a, b))}－{written(min(a, b))}"
        key = "sides_more" if a > b else "sides_less"
        say = facts.say(key, indicator, value=written(abs(a - b)), working=working, **fields)
    absent = [r for r in (*first, *second) if facts.knowledge.cell(r, indicator) == NO_TARGET]
    without = [Say("without_none", {"items": facts.names(absent)})] if absent else []
    return facts.reply([say, *without], (*first, *second), (indicator,))


def _side(facts: CellFacts, regions: tuple[str, ...]) -> str:
    if len(regions) > _NAMED:
        return f"其余{len(regions)}个地区合计"
    return facts.names(regions) + ("合计" if len(regions) > 1 else "")


def _added(values: dict[str, Decimal]) -> str:
    return f"（{'＋'.join(written(v) for v in values.values())}）" if 1 < len(values) <= _NAMED else ""


def unset(facts: CellFacts) -> Answer:
    """The indicators for which the document sets a region no target."""
    region = facts.regions[0]
    found = tuple(i for i in facts.indicators if facts.knowledge.cell(region, i) == NO_TARGET)
    items = "、".join(facts.title(i) for i in found)
    key = "unset" if found else "unset_none"
    say = facts.say(key, region=facts.name(region), n=str(len(found)), items=items)
    return facts.reply([say], (region,), found or facts.indicators)


def excess(facts: CellFacts, indicator: str) -> Answer:
    """By how many per cent the one region's figure is more or less than the other's."""
    values = facts.values(facts.regions, indicator)
    first, second = facts.regions
    a, b = values[first], values[second]
    fields = {"first": facts.name(first), "second": facts.name(second), "way": "多" if a >= b else "少"}
    working = f"（{written(max(a, b))}－{written(min(a, b))}）÷{written(b)}"
    say = facts.say("excess", indicator, value=quotient(abs(a - b) * 100, b), working=working, **fields)
    return facts.reply([say], facts.regions, (indicator,), "bar")


def added(facts: CellFacts) -> Answer | None:
    """Several figures of one region together; None where they count different things or fewer than two are set."""
    region = facts.regions[0]
    values = {i: v for i in facts.indicators if (v := facts.values((region,), i).get(region)) is not None}
    if len({facts.unit(i) for i in facts.indicators}) > 1 or len(values) < _PAIR:
        return None
    working = "＋".join(f"{facts.title(i)}{written(v)}" for i, v in values.items())
    fields = {"region": facts.name(region), "value": written(total(values.values())), "working": working}
    says = [facts.say("sum_many", facts.indicators[0], **fields)]
    for indicator in facts.indicators:
        if indicator not in values:
            says.append(facts.say("cell_none", indicator, region=facts.name(region)))
    return facts.reply(says, (region,), facts.indicators)
