"""Cells -> Answer: printed figures and exact arithmetic on them. The only place that computes."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.arithmetic import positions, quotient, short, total, written
from bot.cells import CellFacts
from bot.comparisons import added, alike, excess, limited, sides, standing, unset, worded
from bot.figures import broken_down
from bot.knowledge import NO_TARGET, WHOLE, Knowledge
from bot.values import Answer, Bound, Cells, Operation, Say
from bot.verdicts import RELATION, consistent, find, holds, judged, verdict

_FEW = 3
# What two figures of a unit are apart, where that is another unit.
_APART = {"%": "个百分点"}
_ENDS: tuple[Operation, ...] = ("highest", "lowest")


def answer(query: Cells, knowledge: Knowledge) -> Answer:
    """What the selected cells say under the query's operation."""
    return _Cells(query, knowledge).answer()


def together(parts: tuple[Answer, ...]) -> Answer:
    """Several answers about figures as one, in order."""
    return Answer(
        "answer",
        tuple(say for p in parts for say in p.says),
        tuple(dict.fromkeys(c for p in parts for c in p.citations)),
        tuple(dict.fromkeys(f for p in parts for f in p.figures)),
        parts[0].view,
        follow_ups=parts[0].follow_ups,
    )


class _Cells(CellFacts):
    """One query about figures being answered."""

    def answer(self) -> Answer:
        if self.query.operation == "show" or not self.indicators:
            return self.show()
        if self.query.operation == "find":
            return find(self)
        if self.query.operation == "standing":
            return standing(self)
        if self.query.operation == "unset":
            return unset(self)
        if self.query.limits:
            return self.limited()
        if len(self.indicators) > 1:
            return self.each()
        indicator = self.indicators[0]
        match self.query.operation:
            case "consistent":
                return consistent(self, indicator) or self.show()
            case "alike":
                return alike(self, indicator)
            case "missing":
                return self.missing(indicator)
            case "filter":
                return self.filter(indicator)
            case "order":
                return self.order(indicator)
            case "highest" | "lowest":
                return self.extreme(indicator)
            case "extremes":
                ends = (replace(self.query, operation=end) for end in _ENDS)
                return together(tuple(_Cells(end, self.knowledge).extreme(indicator) for end in ends))
            case "nth":
                return self.nth(indicator)
            case "rank":
                return self.rank(indicator)
            case "share":
                return self.share(indicator)
            case "sum" | "average":
                return self.aggregate(indicator)
            case "excess" if len(self.values(self.regions, indicator)) == len(self.regions) == len(_ENDS):
                return excess(self, indicator)
            case "difference" | "ratio" | "compare" if self.query.base:
                return sides(self, indicator)
            case "difference" | "ratio" | "compare":
                return self.compare(indicator)
            case _:
                return self.show()

    def each(self) -> Answer:
        """One operation over several indicators: two cells of one region are set against each other."""
        operation = self.query.operation
        if (
            operation in ("difference", "ratio", "sum", "compare", "share")
            and (len(self.regions), len(self.indicators)) == (1, 2)
            and not self.query.base
        ):
            first, second = self.indicators
            a, b = (self.values(self.regions, i).get(self.regions[0]) for i in self.indicators)
            if a is not None and b is not None and self.unit(first) == self.unit(second):
                place = self.name(self.regions[0])
                one, two = f"{place}{self.title(first)}", f"{place}{self.title(second)}"
                says = []
                if operation == "ratio" and b:
                    working = f"{written(a)}÷{written(b)}"
                    says = [
                        Say("ratio_cells", {"first": one, "second": two, "value": quotient(a, b), "working": working})
                    ]
                elif operation in ("difference", "compare"):
                    more, less = (one, two) if a >= b else (two, one)
                    big, small = max(a, b), min(a, b)
                    working = f"{written(big)}－{written(small)}"
                    fields = {"more": more, "less": less, "value": written(big - small)}
                    fields["unit"] = _APART.get(self.unit(first), self.unit(first))
                    says = [Say("difference_cells", {**fields, "working": working})]
                elif operation == "share" and b:
                    fields = {"first": one, "second": two, "value": quotient(a * 100, b)}
                    says = [Say("share_cells", {**fields, "working": f"{written(a)}÷{written(b)}"})]
                elif operation == "sum":
                    fields = {"first": one, "second": two, "value": written(a + b), "unit": self.unit(first)}
                    says = [Say("sum_cells", {**fields, "working": f"{written(a)}＋{written(b)}"})]
                if says:
                    return self.reply(says, self.regions, self.indicators)
        if operation == "sum" and len(self.regions) == 1 and (said := added(self)):
            return said
        each = (replace(self.query, indicators=(i,)) for i in self.indicators)
        return together(tuple(_Cells(one, self.knowledge).answer() for one in each))

    def limited(self) -> Answer:
        """The regions within all limits, or what is asked of those that are."""
        if self.query.operation == "filter" or not self.query.regions:
            return limited(self)
        given = _Cells(replace(self.query, limits=()), self.knowledge).answer()
        named = self.say("limited", limits=worded(self), items=self.names(self.query.regions))
        named = replace(named, fields={**named.fields, "n": str(len(self.query.regions))})
        return replace(given, says=(named, *given.says))

    def show(self) -> Answer:
        everywhere = len(self.regions) >= len(self.knowledge.regions)
        if everywhere:
            return self.columns()
        if len(self.indicators) > 2 and (len(self.indicators) >= len(broken_down(self.knowledge))):
            says = [say for region in self.regions for say in self.overview(region)]
            return self.reply(says, self.regions, self.indicators, "table")
        says = [self.cell(region, i) for region, i in self.cells(self.regions, self.indicators)]
        if self.query.bounds and len(says) == 1 and any(b.relation != "=" for b in self.query.bounds):
            says[:0] = judged(
                self, self.values(self.regions, self.indicators[0]).get(self.regions[0]), self.indicators[0]
            )
        elif self.query.claims:
            says[:0] = verdict(self)
        return self.reply(says, self.regions, self.indicators, "bar" if len(self.indicators) == 1 else "table")

    def cell(self, region: str, indicator: str) -> Say:
        value = self.knowledge.cell(region, indicator)
        goal = self.knowledge.indicators[indicator].goal
        place = self.name(region)
        if value is None:
            return self.say("cell_not_split", indicator, region=place)
        if value == NO_TARGET:
            return self.say("cell_none", indicator, region=place)
        if not region and goal and goal.bound in ("以内", "以上"):
            return self.say("cell_bound", indicator, region=place, value=value, bound=goal.bound)
        if self.query.persons and self.unit(indicator).startswith("万"):
            persons = written(Decimal(value) * 10000) + self.unit(indicator).removeprefix("万")
            return self.say("cell_persons", indicator, region=place, value=value, persons=persons)
        return self.say("cell", indicator, region=place, value=value)

    def overview(self, region: str) -> list[Say]:
        items = []
        for indicator in self.indicators:
            value = self.knowledge.cell(region, indicator)
            if value is None:
                continue
            goal = self.knowledge.indicators[indicator].goal
            bound = goal.bound if goal and not region and goal.bound in ("以内", "以上") else ""
            key = "overview_none" if value == NO_TARGET else "overview_item"
            items.append(self.say(key, indicator, value=value, unit=self.unit(indicator) + bound))
        return [Say("overview", {"year": self.knowledge.year, "region": self.name(region)}, tuple(items))]

    def columns(self) -> Answer:
        says = []
        for indicator in self.indicators:
            if not self.knowledge.indicators[indicator].annex:
                says.append(self.cell(WHOLE, indicator))
                continue
            items = "、".join(
                f"{self.name(r)}未设目标（/）" if cell == NO_TARGET else f"{self.name(r)}{cell}"
                for r in self.regions
                for cell in (self.knowledge.cell(r, indicator),)
            )
            says.append(self.say("column", indicator, items=items))
            says.append(self.say("column_total", indicator, value=str(self.knowledge.cell(WHOLE, indicator))))
        return self.reply(
            says, (*self.regions, WHOLE), self.indicators, "bar" if len(self.indicators) == 1 else "table"
        )

    def without(self, indicator: str, name_all: bool = False) -> list[Say]:
        """The regions left out of a computation because the document sets them no target."""
        absent = [r for r in self.regions if self.knowledge.cell(r, indicator) == NO_TARGET]
        if not absent:
            return []
        if name_all or len(absent) <= _FEW and len(self.regions) <= 6:
            return [Say("without_none", {"items": self.names(absent)})]
        return [Say("without_count", {"n": str(len(absent))})]

    def missing(self, indicator: str) -> Answer:
        absent = [r for r in self.regions if self.knowledge.cell(r, indicator) == NO_TARGET]
        if not absent:
            return self.reply([self.say("missing_cells_none", indicator)], self.regions, (indicator,))
        return self.reply(
            [self.say("missing_cells", indicator, n=str(len(absent)), items=self.names(absent))], absent, (indicator,)
        )

    def filter(self, indicator: str) -> Answer:
        values = self.values(self.regions, indicator)
        found = sorted(
            (r for r, v in values.items() if all(holds(v, b) for b in self.query.bounds)), key=lambda r: -values[r]
        )
        bounds = "、".join(f"{RELATION[b.relation]}{short(b.value)}{self.unit(indicator)}" for b in self.query.bounds)
        like = [(r, self.amount(r, indicator)) for r in self.query.base]
        if like:
            bounds = f"{RELATION[self.query.bounds[0].relation]}" + "、".join(f"{self.name(r)}（{a}）" for r, a in like)
        if not found:
            says = [self.say("filter_none", indicator, bounds=bounds)]
        elif not bounds:
            items = self.items(found, indicator)
            says = [self.say("filter_set", indicator, n=str(len(found)), items=items)]
        else:
            items = self.items(found, indicator)
            says = [self.say("filter", indicator, bounds=bounds, n=str(len(found)), items=items)]
        return self.reply(
            [*says, *self.without(indicator)],
            (*self.query.base, *(found or self.regions)),
            (indicator,),
            "bar" if found else None,
        )

    def items(self, regions: Sequence[str], indicator: str) -> str:
        return "、".join(f"{self.name(r)}（{self.amount(r, indicator)}）" for r in regions)

    def ranked(self, indicator: str, ascending: bool) -> list[str]:
        values = self.values(self.regions, indicator)
        return sorted(values, key=lambda r: values[r] if ascending else -values[r])

    def order(self, indicator: str) -> Answer:
        ordered = self.ranked(indicator, self.query.ascending)
        direction = "低到高" if self.query.ascending else "高到低"
        items = "、".join(f"{self.name(r)}{self.knowledge.cell(r, indicator)}" for r in ordered)
        says = [self.say("order", indicator, direction=direction, items=items), *self.without(indicator)]
        return self.reply(says, ordered, (indicator,), "bar")

    def extreme(self, indicator: str) -> Answer:
        low = self.query.operation == "lowest"
        ordered = self.ranked(indicator, low)
        if not ordered:
            return self.show()
        values = self.values(self.regions, indicator)
        last = values[ordered[min(self.query.top, len(ordered)) - 1]]
        found = [r for r in ordered if (values[r] <= last if low else values[r] >= last)]
        key = ("lowest" if low else "highest") if self.query.top == 1 else ("bottom" if low else "top")
        says = [
            self.say(key, indicator, items=self.items(found, indicator), n=str(self.query.top)),
            *self.without(indicator),
        ]
        # The one at the end of the order is seen among the others.
        return self.reply(says, found, (indicator,), "bar", ordered if self.query.top == 1 else None)

    def nth(self, indicator: str) -> Answer:
        """The regions at one place of the order, counted from the highest (or lowest)."""
        values = self.values(self.regions, indicator)
        place = positions(values, self.query.ascending)
        wanted = max((p for p in place.values() if p <= self.query.top), default=1)
        found = [r for r in values if place[r] == wanted]
        direction = "低到高" if self.query.ascending else "高到低"
        fields = {"direction": direction, "n": str(self.query.top), "items": self.items(found, indicator)}
        says = [self.say("nth", indicator, **fields), *self.without(indicator)]
        return self.reply(says, found, (indicator,), "bar", self.ranked(indicator, self.query.ascending))

    def rank(self, indicator: str) -> Answer:
        region = self.regions[0]
        values = self.values(tuple(self.knowledge.regions), indicator)
        if region not in values:
            return self.show()
        place = positions(values, self.query.ascending)
        ties = [r for r in values if place[r] == place[region] and r != region]
        says = [
            self.say(
                "rank_low" if self.query.ascending else "rank", indicator, region=self.name(region),
                value=str(self.knowledge.cell(region, indicator)), rank=str(place[region]), n=str(len(values)),
                ties=f"，与{self.names(ties)}并列" if ties else "",
            )
        ]  # fmt: skip
        for bound in self.query.bounds:
            claimed = f"{'前' if bound.relation == '<=' else '第'}{bound.value}"
            right = holds(Decimal(place[region]), bound)
            says.insert(0, Say("claim_right") if right else Say("claim_wrong", {"claimed": claimed}))
            if not right and bound == Bound("=", Decimal(1)):
                first = [r for r in values if place[r] == 1]
                key = "lowest" if self.query.ascending else "highest"
                says.append(self.say(key, indicator, items=self.items(first, indicator)))
                ties = first
        ordered = sorted(place, key=lambda r: place[r])
        return self.reply(says, (region, *ties), (indicator,), "bar", ordered)

    def share(self, indicator: str) -> Answer:
        base = self.query.base or (WHOLE,)
        regions = tuple(r for r in self.regions if r) or self.regions
        part = self.values(regions, indicator)
        whole = self.values(base, indicator)
        if not part or not whole:
            return self.show()
        summed, of = total(part.values()), total(whole.values())
        sums = f"（{'＋'.join(written(v) for v in part.values())}）" if len(part) > 1 else written(summed)
        says = [
            self.say(
                "share", indicator, regions=self.names(regions), whole=self.names(base), 
                value=quotient(summed * 100, of),
                working=f"{sums}÷{written(of)}{self.unit(indicator)}",
            ),
            *self.without(indicator),
        ]  # fmt: skip
        return self.reply(says, (*regions, *base), (indicator,), "bar")

    def aggregate(self, indicator: str) -> Answer:
        values = self.values(self.regions, indicator)
        if not values:
            return self.show()
        summed = total(values.values())
        added = "＋".join(f"{self.name(r)}{written(v)}" for r, v in values.items())
        average = self.query.operation == "average"
        value = quotient(summed, Decimal(len(values))) if average else written(summed)
        everywhere = len(self.regions) == len(self.knowledge.regions)
        whole = written(summed) if everywhere else f"（{added}）"
        working = f"{whole}÷{len(values)}" if average else added
        place = f"{len(values)}个地区" if everywhere else self.names(tuple(values))
        says = [
            self.say(self.query.operation, indicator, regions=place, value=value, working=working),
            *self.without(indicator),
        ]
        if self.query.bounds:
            says[:0] = judged(self, summed, indicator)
        return self.reply(says, self.regions, (indicator,), "bar")

    def compare(self, indicator: str) -> Answer:
        values = self.values(self.regions, indicator)
        absent = [r for r in self.regions if r not in values]
        if self.query.operation == "difference" and len(self.regions) > 2 and len(values) > 1:
            ordered = sorted(values, key=lambda r: -values[r])
            high, low = ordered[0], ordered[-1]
            fields = {
                "more": self.name(high), "less": self.name(low), "value": written(values[high] - values[low]),
                "working": f"{written(values[high])}－{written(values[low])}",
            }  # fmt: skip
            says = [self.say("difference", indicator, **fields), *self.without(indicator)]
            return self.reply(says, (high, low), (indicator,))
        if absent or len(values) < 2:
            items = "、".join(f"{self.name(r)}{self.amount(r, indicator)}" for r in values) or self.name(
                self.regions[0]
            )
            if not values or not absent:
                return self.reply([self.cell(r, indicator) for r in self.regions], self.regions, (indicator,))
            says = [self.say("compare_none", indicator, items=items, none=self.names(absent))]
            return self.reply(says, self.regions, (indicator,))
        ordered = sorted(values, key=lambda r: -values[r])
        first, second = self.regions[0], self.regions[1]
        if self.query.operation == "ratio":
            working = f"{written(values[first])}÷{written(values[second])}"
            says = [
                self.say(
                    "ratio", indicator, first=self.name(first), second=self.name(second),
                    value=quotient(values[first], values[second]), working=working,
                )
            ]  # fmt: skip
        elif len(set(values.values())) == 1:
            key = "difference_none" if self.query.operation == "difference" else "compare_same"
            says = [
                self.say(
                    key, indicator, more=self.name(first), less=self.name(second), items=self.names(self.regions),
                    value=written(values[first]),
                )
            ]  # fmt: skip
        elif self.query.operation == "difference":
            high, low = ordered[0], ordered[-1]
            working = f"{written(values[high])}－{written(values[low])}"
            says = [
                self.say(
                    "difference", indicator, more=self.name(high), less=self.name(low),
                    value=written(values[high] - values[low]), working=working,
                )
            ]  # fmt: skip
        else:
            if self.query.ascending:
                ordered.reverse()
            best = [r for r in ordered if values[r] == values[ordered[0]]]
            rest = "、".join(f"{self.name(r)}（{self.amount(r, indicator)}）" for r in ordered if r not in best)
            key = "compare_low" if self.query.ascending else "compare"
            says = [self.say(key, indicator, more=self.names(best), value=written(values[best[0]]), rest=rest)]
        if self.query.operation == "compare" and self.query.bounds:
            right = holds(values[first] - values[second], self.query.bounds[0])
            says.insert(0, Say("located_right" if right else "located_wrong"))
        return self.reply(says, self.regions, (indicator,), "bar")
