"""What there is to ask about, as plain data: the document and its fingerprint, measures, units, regions, tables."""

from bot.knowledge import Indicator, Knowledge, Part, Table


def catalogue(knowledge: Knowledge) -> dict[str, object]:
    """The knowledge in outline, ready for json.dumps; names and figures stand as printed."""
    return {
        "document": knowledge.number,
        "title": knowledge.name,
        "year": knowledge.year,
        "fingerprint": knowledge.fingerprint,
        "measures": [_measure(part, knowledge) for part in knowledge.measures],
        "units": [unit.name for unit in knowledge.units.values()],
        "regions": [region.name for region in knowledge.regions.values()],
        "whole": knowledge.whole.name,
        "indicators": [_indicator(indicator, knowledge) for indicator in knowledge.indicators.values()],
        "tables": [_table(table, knowledge) for table in knowledge.tables.values()],
    }


def _measure(part: Part, knowledge: Knowledge) -> dict[str, object]:
    def names(ids: tuple[str, ...]) -> list[str]:
        return [knowledge.units[id_].name for id_ in ids]

    return {
        "ref": part.id,
        "number": part.number,
        "title": part.title,
        "group": part.group,
        "lead": names(part.lead),
        "responsible": names(part.responsible),
    }


def _indicator(indicator: Indicator, knowledge: Knowledge) -> dict[str, object]:
    goal = indicator.goal
    return {
        "name": indicator.name,
        "unit": indicator.unit,
        "annex": knowledge.tables[indicator.annex].ref if indicator.annex else None,
        "goal": goal and {"value": goal.value, "unit": goal.unit, "text": goal.text},
    }


def _table(table: Table, knowledge: Knowledge) -> dict[str, object]:
    return {
        "ref": table.ref,
        "title": table.title,
        "head": list(table.head),
        "columns": [knowledge.indicators[id_].name for id_ in table.columns],
        "rows": [
            {"region": knowledge.printed_region(table, id_), "cells": list(cells)} for id_, cells in table.rows.items()
        ],
        "total": {"region": knowledge.whole_label(table), "cells": list(table.total)},
    }
