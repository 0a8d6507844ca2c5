"""What an answer about figures is made of: the printed cells, what they are called and where they stand."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from bot.arithmetic import written
from bot.knowledge import NO_TARGET, WHOLE, Knowledge
from bot.values import Answer, Cells, Citation, Figure, Say, View

_FEW, _PAIR = 3, 2


class CellFacts:
    """The selected cells as facts: names, values, citations, figures and a view of them."""

    def __init__(self, query: Cells, knowledge: Knowledge) -> None:
        self.query, self.knowledge = query, knowledge
        self.regions = query.regions or (WHOLE,)
        self.indicators = query.indicators

    # --- looking up

    def name(self, region: str) -> str:
        return self.knowledge.region_name(region)

    def names(self, regions: Sequence[str]) -> str:
        return "、".join(self.name(r) for r in regions)

    def unit(self, indicator: str) -> str:
        return self.knowledge.indicators[indicator].unit

    def title(self, indicator: str) -> str:
        return self.knowledge.indicators[indicator].name

    def values(self, regions: Sequence[str], indicator: str) -> dict[str, Decimal]:
        """The numbers among the cells, by region; a cell without a target is none."""
        found = {}
        for region in regions:
            cell = self.knowledge.cell(region, indicator)
            if cell is not None and cell != NO_TARGET:
                found[region] = Decimal(cell)
        return found

    def say(self, key: str, indicator: str = "", **fields: str) -> Say:
        given = {
            "year": self.knowledge.year,
            "whole": self.knowledge.whole.name,
            "place": self.knowledge.region_words[0],
        }
        if indicator:
            given |= {"indicator": self.title(indicator), "unit": self.unit(indicator)}
        return Say(key, {**given, **fields})

    def amount(self, region: str, indicator: str) -> str:
        cell = self.knowledge.cell(region, indicator)
        unit = self.unit(indicator)
        if self.query.persons and unit.startswith("万") and cell not in (None, NO_TARGET):
            return f"{cell}{unit}，即{written(Decimal(str(cell)) * 10000)}{unit.removeprefix('万')}"
        return f"{cell}{unit}"

    def cells(self, regions: Sequence[str], indicators: Sequence[str]) -> list[tuple[str, str]]:
        """Region and indicator of each cell meant: all of them, or those that the query pairs."""
        return [(r, i) for r in regions for i in indicators if not self.query.pairs or (r, i) in self.query.pairs]

    # --- citing

    def citations(self, regions: Sequence[str], indicators: Sequence[str]) -> tuple[Citation, ...]:
        found: dict[tuple[str, str], None] = {}
        for region, indicator in self.cells(regions, indicators):
            entry = self.knowledge.indicators[indicator]
            if entry.annex:
                table = self.knowledge.tables[entry.annex]
                found[table.ref, self.knowledge.row(table, region)] = None
            if entry.goal and not region:
                found["goals", entry.goal.text] = None
        return tuple(Citation(self.knowledge.number, ref, quote) for ref, quote in found)

    def figures(self, regions: Sequence[str], indicators: Sequence[str]) -> tuple[Figure, ...]:
        found = []
        for region, indicator in self.cells(regions, indicators):
            cell = self.knowledge.cell(region, indicator)
            if cell is not None:
                value = None if cell == NO_TARGET else cell
                place = self.name(region) if region else None
                found.append(Figure(self.title(indicator), place, value, self.unit(indicator)))
        return tuple(found)

    def view(self, kind: Literal["table", "bar"], regions: Sequence[str], indicators: Sequence[str]) -> View | None:
        # Two bars show which is longer, and by how much; two cells of a table show nothing more than a sentence does.
        if self.query.pairs or len(regions) * len(indicators) < (_PAIR if kind == "bar" else _FEW):
            return None
        units = {self.unit(i) for i in indicators}
        mixed = len(units) > 1
        columns = tuple(f"{self.title(i)}（{self.unit(i)}）" if mixed else self.title(i) for i in indicators)
        rows = tuple((self.name(r), *(self.knowledge.cell(r, i) or "" for i in indicators)) for r in regions)
        label = self.title(indicators[0]) if len(indicators) == 1 else self.name(regions[0])
        if len(indicators) > 1 and len(regions) > 1:
            label = "、".join(self.title(i) for i in indicators[:2])
        return View(
            kind,
            f"{self.knowledge.year}年{label}目标",
            "" if mixed else units.pop(),
            (self.knowledge.region_words[0], *columns),
            rows,
        )

    def reply(
        self, says: Sequence[Say], regions: Sequence[str], indicators: Sequence[str],
        view: Literal["table", "bar"] | None = None, viewed: Sequence[str] | None = None,
    ) -> Answer:  # fmt: skip
        """The answer, resting on the cells of the regions; `viewed` are those to look at, if they are others."""
        says = list(says)
        if self.query.named_set:
            says.append(Say("set_note", {"note": self.knowledge.sets[self.query.named_set].note}))
        if self.query.reason:
            says.append(Say("reason_missing"))
        unreasoned = self.query.reason and not any(say.key == "claim_wrong" for say in says)
        cited = [r for r in regions if any(self.knowledge.cell(r, i) is not None for i in indicators)]
        return Answer(
            "no_answer" if unreasoned else "answer", tuple(says),
            self.citations(cited, indicators), self.figures(cited, indicators),
            self.view(view, cited if viewed is None else viewed, indicators) if view else None,
            follow_ups=self.follow_ups(regions, indicators),
        )  # fmt: skip

    def follow_ups(self, regions: Sequence[str], indicators: Sequence[str]) -> tuple[Say, ...]:
        indicator = indicators[0]
        if not self.knowledge.indicators[indicator].annex:
            return ()
        region = regions[0] if regions else WHOLE
        found = [self.say("ask_highest", indicator)]
        if len(regions) < len(self.knowledge.regions):
            found.append(self.say("ask_column", indicator))
        if region and len(regions) == 1:
            if self.knowledge.cell(region, indicator) != NO_TARGET:
                found.insert(0, self.say("ask_share", indicator, region=self.name(region)))
            found.append(self.say("ask_overview", region=self.name(region)))
        return tuple(found[:3])
