"""One document as one immutable Knowledge: the only thing besides the question that an answer rests on.

Code knows parts, units, roles, regions, indicators and tables; which ones there are stands in
`knowledge/measures.yaml` (what the document says) and `knowledge/targets.yaml` (what it counts),
which `loading.py` reads.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

NO_TARGET = "/"
WHOLE = ""
MEASURES, TARGETS, SOURCE = "measures.yaml", "targets.yaml", "document.txt"

Kind = Literal["notice", "preamble", "goals", "group", "measure", "requirement", "annex"]


@dataclass(frozen=True)
class Entry:
    """What an editor can add to: a thing with names, and questions that must find it."""

    id: str
    name: str
    aliases: tuple[str, ...]
    ask: tuple[str, ...]
    place: tuple[str, int]


@dataclass(frozen=True)
class Point:
    """A stretch of a part's text that answers one question by itself, word for word."""

    id: str
    ref: str
    text: str
    sentence: str
    words: tuple[str, ...]
    ask: tuple[str, ...]
    place: tuple[str, int]


@dataclass(frozen=True)
class Part(Entry):
    """A numbered or named part of the document; `id` is its ref (measure:5, goals …)."""

    kind: Kind
    number: int
    label: str
    title: str
    text: str
    points: tuple[Point, ...]
    group: str = ""
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    lead_line: str = ""
    responsible_line: str = ""

    @property
    def runs_on(self) -> bool:
        """Whether the text follows the title in the same line."""
        return self.kind in ("measure", "requirement")

    @cached_property
    def heading(self) -> str:
        """Label and title as printed; the title of the preamble is the editors' own."""
        if self.kind == "preamble":
            return ""
        return f"{self.label}{self.title}{'。' if self.runs_on else ''}"

    @cached_property
    def printed(self) -> str:
        """The part as it stands in the document, heading first."""
        first = (f"{self.heading}{self.text}",) if self.runs_on else (self.heading, self.text)
        return "\n".join(line for line in (*first, self.lead_line, self.responsible_line) if line)


@dataclass(frozen=True)
class Fact(Entry):
    """A fact of the covering notice: its line as printed, and the words of it that answer."""

    text: str
    value: str


@dataclass(frozen=True)
class Unit(Entry):
    """An office that leads or is responsible."""


@dataclass(frozen=True)
class Programme(Entry):
    """A thing the text names; `places` are its points, in the order of the document."""

    places: tuple[str, ...]


@dataclass(frozen=True)
class Goal:
    """A figure that section one states for the whole, with the clause that states it."""

    value: str
    unit: str
    bound: str
    deadline: str
    text: str


@dataclass(frozen=True)
class Indicator(Entry):
    """What is counted; `annex` is the table that breaks it down, `measure` what brings it about ("" if none does)."""

    unit: str
    annex: str
    goal: Goal | None
    of: str
    measure: str = ""


@dataclass(frozen=True)
class Region(Entry):
    """One row of the tables; `inside` are the smaller places that the tables do not hold."""

    inside: tuple[str, ...]


@dataclass(frozen=True)
class RegionSet(Entry):
    """Several regions under one name; `note` says whose definition it is."""

    members: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Table:
    """An annex as printed: head lines, one row of cells per region, the row of totals."""

    id: str
    title: str
    head: tuple[str, ...]
    columns: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    total: tuple[str, ...]
    odd_totals: tuple[str, ...]
    lines: dict[str, int]
    line: int
    head_lines: tuple[int, ...]

    @property
    def ref(self) -> str:
        return f"annex:{self.id}"


@dataclass(frozen=True)
class Outside(Entry):
    """Places or bodies people ask about that the document does not hold, and what they are."""


@dataclass(frozen=True)
class Shared(Entry):
    """A name that fits several indicators, and is therefore asked back."""

    members: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """One document, whole: the only thing besides the question that an answer rests on."""

    number: str
    year: str
    name: str
    aliases: tuple[str, ...]
    facts: dict[str, Fact]
    parts: dict[str, Part]
    units: dict[str, Unit]
    programmes: dict[str, Programme]
    regions: dict[str, Region]
    whole: Region
    region_words: tuple[str, ...]
    sets: dict[str, RegionSet]
    indicators: dict[str, Indicator]
    shared: dict[str, Shared]
    tables: dict[str, Table]
    labels: dict[tuple[str, str], str]
    outside: dict[str, Outside]
    headings: tuple[str, ...]
    headings_line: int
    source: str
    fingerprint: str

    @cached_property
    def points(self) -> dict[str, Point]:
        return {point.id: point for part in self.parts.values() for point in part.points}

    @cached_property
    def measures(self) -> tuple[Part, ...]:
        return self.of_kind("measure")

    def of_kind(self, kind: str) -> tuple[Part, ...]:
        """The parts of one kind, in the order of the document."""
        return tuple(part for part in self.parts.values() if part.kind == kind)

    def cell(self, region: str, indicator: str) -> str | None:
        """The figure as printed ("/" included), or None where the document states none at all."""
        entry = self.indicators[indicator]
        if entry.annex:
            table = self.tables[entry.annex]
            row = table.rows[region] if region else table.total
            return row[table.columns.index(indicator)]
        return entry.goal.value if entry.goal and not region else None

    def region_name(self, region: str) -> str:
        return self.regions[region].name if region else self.whole.name

    def row(self, table: Table, region: str) -> str:
        """A printed row, cells separated by single spaces, as it is quoted."""
        if not region:
            return " ".join((self.whole_label(table), *table.total))
        number = list(table.rows).index(region) + 1
        return " ".join((str(number), self.printed_region(table, region), *table.rows[region]))

    def whole_label(self, table: Table) -> str:
        return self.labels[table.id, WHOLE]

    def printed_region(self, table: Table, region: str) -> str:
        return self.labels[table.id, region]


def squeeze(text: str) -> str:
    """The text without any white space, as it is compared with the scanned source."""
    return re.sub(r"\s+", "", text)


def bare(text: str) -> str:
    """Text without white space and quotation marks, as names are looked up in it."""
    return re.sub(r"[\s“”‘’「」]", "", text)
