"""Figures and numbers that the asker names -> whether they agree, and where a number stands."""

from decimal import Decimal

from bot.arithmetic import total, written
from bot.cells import CellFacts
from bot.knowledge import NO_TARGET, WHOLE, Knowledge
from bot.thresholds import in_tables
from bot.values import Answer, Bound, Limit, Number, Say

RELATION = {">": "超过", ">=": "不低于", "<": "低于", "<=": "不超过", "=": "等于"}
_CHOICES = 2
# What to say of a figure that does not keep within a limit.
_FAILS = {">": "没有超过", ">=": "没有达到", "<": "不低于", "<=": "超过", "=": "不是"}


def verdict(facts: CellFacts) -> list[Say]:
    """Are the figures the asker names the printed ones?"""
    cells = [facts.values((r,), i).get(r) for r in facts.regions for i in facts.indicators]
    wrong = [n for n in facts.query.claims if in_tables(n) not in cells]
    if len(facts.query.claims) > _CHOICES and len(wrong) < len(facts.query.claims):
        # One of several that are offered: the figure itself tells which.
        return []
    every = [n for n in facts.query.claims if all(c == in_tables(n) for c in cells)]
    if wrong or (len(cells) > 1 and len(facts.query.claims) == 1 and not every):
        return [Say("claim_wrong", {"claimed": "、".join(_typed(n) for n in (wrong or facts.query.claims))})]
    return [Say("claim_right")]


def judged(facts: CellFacts, value: Decimal | None, indicator: str) -> list[Say]:
    """Does the figure keep within the limits that the asker names?"""
    if value is None:
        return []
    unit = facts.unit(indicator)
    failed = [b for b in facts.query.bounds if not holds(value, b)]
    words = _FAILS if failed else RELATION
    limits = "、".join(f"{words[b.relation]}{written(b.value)}{unit}" for b in (failed or facts.query.bounds))
    return [Say("within_no" if failed else "within_yes", {"limits": limits})]


def find(facts: CellFacts) -> Answer:
    """Where in the tables a number stands."""
    wanted = in_tables(facts.query.claims[0])
    places = [
        (r, i)
        for i in facts.indicators
        for r in (*facts.regions, WHOLE)
        if facts.values((r,), i).get(r) in (wanted, facts.query.claims[0].value)
    ]
    typed = _typed(facts.query.claims[0])
    if not places:
        return Answer("no_answer", (Say("find_none", {"number": typed}),))
    items = "、".join(f"{facts.name(r)}{facts.title(i)}（{facts.amount(r, i)}）" for r, i in places)
    answers = [facts.reply([], (r,), (i,)) for r, i in places]
    return Answer(
        "answer",
        (Say("find", {"year": facts.knowledge.year, "number": typed, "n": str(len(places)), "items": items}),),
        tuple(dict.fromkeys(c for a in answers for c in a.citations)),
        tuple(f for a in answers for f in a.figures),
        follow_ups=answers[0].follow_ups,
    )


def consistent(facts: CellFacts, indicator: str) -> Answer | None:
    """Do the text, the total of the table and the sum of its cells agree? None where no table has the indicator."""
    entry = facts.knowledge.indicators[indicator]
    if not entry.annex:
        return None
    printed = Decimal(str(facts.knowledge.cell(WHOLE, indicator)))
    summed = total(facts.values(tuple(facts.knowledge.regions), indicator).values())
    says = []
    wrong = [n for n in facts.query.claims if in_tables(n) not in (printed, summed)]
    if wrong:
        says.append(Say("claim_wrong", {"claimed": "、".join(_typed(n) for n in wrong)}))
    if not entry.goal or summed != printed:
        key = "consistent_sum" if summed == printed else "inconsistent_sum"
        says.append(facts.say(key, indicator, goal=written(summed), total=written(printed)))
    if entry.goal:
        key = "consistent" if Decimal(entry.goal.value) == printed else "inconsistent"
        key = "consistent_all" if key == "consistent" and summed == printed else key
        says.append(facts.say(key, indicator, goal=entry.goal.value, total=written(printed)))
    return facts.reply(says, (WHOLE,), (indicator,))


def meets(region: str, limit: Limit, knowledge: Knowledge) -> bool:
    """Is the region's figure within the limit? One without a target is in none, and no figure is beside one."""
    cell = knowledge.cell(region, limit.indicator)
    if limit.relation == "/":
        return cell == NO_TARGET
    other = knowledge.cell(region, limit.other) if limit.other else str(limit.value)
    if None in (cell, other) or NO_TARGET in (cell, other):
        return False
    return holds(Decimal(str(cell)), Bound(limit.relation, Decimal(str(other))))


def _typed(number: Number) -> str:
    return f"{written(number.value)}{number.unit}"


def holds(value: Decimal, bound: Bound) -> bool:
    """Does the value keep within the bound?"""
    match bound.relation:
        case ">":
            return value > bound.value
        case ">=":
            return value >= bound.value
        case "<":
            return value < bound.value
        case "<=":
            return value <= bound.value
        case "=":
            return value == bound.value
