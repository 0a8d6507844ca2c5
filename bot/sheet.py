"""The targets of all regions as an address asks for them: filtered, in order, with sums; and as CSV and JSON."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from bot.figures import broken_down
from bot.knowledge import NO_TARGET, WHOLE, Indicator, Knowledge, Table
from bot.naming import Names
from bot.normalise import plain
from bot.standing import numbers, ordered, summed

_LONGEST = 100
# What a spreadsheet would take for a formula.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `indicator` is the id of the column that is looked at, ordered and bounded by."""

    region: str = ""
    indicator: str = ""
    order: str = ""
    least: str = ""
    most: str = ""

    def query(self, knowledge: Knowledge, **changed: str) -> str:
        """The wish as the query of an address, with some of it changed; what is not wished is left out."""
        wish = replace(self, **changed)
        named = knowledge.indicators[wish.indicator].name if wish.indicator else ""
        given = {
            "region": wish.region, "indicator": named, "order": wish.order, "least": wish.least, "most": wish.most,
        }  # fmt: skip
        return urlencode({name: text for name, text in given.items() if text})


@dataclass(frozen=True, slots=True)
class Column:
    """One indicator of a table with what is to be shown of it: its cells by region, the whole's, the sum shown."""

    indicator: Indicator
    cells: dict[str, str]
    whole: str
    summed: str
    counted: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The regions that fit the wish, in its order, and each table's columns for them."""

    wish: Wish
    regions: tuple[str, ...]
    tables: tuple[tuple[Table, tuple[Column, ...]], ...]
    faults: tuple[str, ...]
    partial: bool


def wished(given: Mapping[str, str], indicators: Names, knowledge: Knowledge) -> tuple[Wish, tuple[str, ...]]:
    """What the query of an address asks for, and what in it cannot be."""
    faults = []
    text = {name: given.get(name, "").strip()[:_LONGEST] for name in ("region", "indicator", "order", "least", "most")}
    columns = broken_down(knowledge)
    indicator = indicators.find(text["indicator"]) if text["indicator"] else ""
    if text["indicator"] and indicator not in columns:
        near = "、".join(name for name in indicators.near(text["indicator"]))
        faults.append(f"附件里没有「{text['indicator']}」这个指标。{f'相近的有：{near}。' if near else ''}")
    indicator = indicator if indicator in columns else ""
    for name, label in (("least", "不低于"), ("most", "不高于")):
        if text[name] and _number(text[name]) is None:
            faults.append(f"「{label}」应当是数字，现在是「{text[name]}」。")
            text[name] = ""
        elif text[name] and not indicator:
            faults.append(f"要按「{label}」筛选，请先选一个指标。")
    order = text["order"] if text["order"] in ("asc", "desc") else ""
    return Wish(text["region"], indicator or "", order, text["least"], text["most"]), tuple(faults)


def sheet(wish: Wish, faults: tuple[str, ...], regions: Names, knowledge: Knowledge) -> Sheet:
    """What is to be shown for the wish."""
    shown = ordered(wish.indicator, wish.order if wish.indicator else "", knowledge)
    if wish.region:
        shown = tuple(region for region in shown if _fits(region, wish.region, regions, knowledge))
    if wish.indicator:
        values = numbers(wish.indicator, knowledge)
        least, most = _number(wish.least), _number(wish.most)
        if least is not None:
            shown = tuple(region for region in shown if region in values and values[region] >= least)
        if most is not None:
            shown = tuple(region for region in shown if region in values and values[region] <= most)
    tables = tuple(
        (table, tuple(_column(indicator, shown, knowledge) for indicator in table.columns))
        for table in knowledge.tables.values()
    )
    return Sheet(wish, shown, tables, faults, len(shown) < len(knowledge.regions))


def _column(indicator: str, regions: tuple[str, ...], knowledge: Knowledge) -> Column:
    cells = {region: str(knowledge.cell(region, indicator)) for region in regions}
    added, counted = summed(regions, indicator, knowledge)
    whole = str(knowledge.cell(WHOLE, indicator))
    return Column(knowledge.indicators[indicator], cells, whole, added, counted)


def _fits(region: str, words: str, names: Names, knowledge: Knowledge) -> bool:
    """Is the region, a set that it belongs to, or a part of one of its names among the words?"""
    for word in filter(None, (plain(word) for word in re.split(r"[\s,，、;；]+", words))):
        if any(word in call for call, id_ in names.by_call.items() if id_ == region and id_):
            return True
        for group in knowledge.sets.values():
            if region in group.members and word in map(plain, (group.name, *group.aliases)):
                return True
    return False


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(unicodedata.normalize("NFKC", text))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


# --- downloads


def as_csv(found: Sheet, knowledge: Knowledge) -> bytes:
    """The figures as printed, a row a region, then the whole; a spreadsheet opens it as it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns = [column for _, each in found.tables for column in each]
    writer.writerow(
        _safe(text)
        for text in (
            knowledge.region_words[0], *(f"{column.indicator.name}（{column.indicator.unit}）" for column in columns)
        )
    )  # fmt: skip
    for region in found.regions:
        writer.writerow(
            _safe(text) for text in (knowledge.region_name(region), *(column.cells[region] for column in columns))
        )
    writer.writerow(_safe(text) for text in (knowledge.whole.name, *(column.whole for column in columns)))
    # The mark tells a spreadsheet that this is UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and _number(text) is None else text


def as_json(found: Sheet, knowledge: Knowledge) -> dict[str, object]:
    """The figures as decimal strings as printed, null where no target is set."""
    columns = [column for _, each in found.tables for column in each]
    return {
        "document": knowledge.number,
        "title": knowledge.name,
        "year": knowledge.year,
        "indicators": [{"name": column.indicator.name, "unit": column.indicator.unit} for column in columns],
        "regions": [
            {
                "region": knowledge.region_name(region),
                "targets": {column.indicator.name: _given(column.cells[region]) for column in columns},
            }
            for region in found.regions
        ],
        "whole": {
            "region": knowledge.whole.name,
            "targets": {column.indicator.name: _given(column.whole) for column in columns},
        },
    }


def _given(cell: str) -> str | None:
    return None if cell == NO_TARGET else cell
