"""The YAML files as one immutable Knowledge, or every problem of form at once.

Code knows parts, units, roles, regions, indicators and tables; which ones there are stands in
`knowledge/measures.yaml` (what the document says) and `knowledge/targets.yaml` (what it counts).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from rapidfuzz import process

from bot.errors import KnowledgeError
from bot.values import Problem
from bot.yamlfile import Fields, Node, read, read_text

NO_TARGET = "/"
WHOLE = ""
HERE = Path(__file__).resolve().parent
MEASURES, TARGETS, SOURCE = "measures.yaml", "targets.yaml", "document.txt"

_KIND_NAMES = {"preamble": "前言", "goals": "目标任务", "group": "组", "measure": "措施", "requirement": "工作要求"}
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
    """What is counted; `annex` is the table that breaks it down by region ("" if none does)."""

    unit: str
    annex: str
    goal: Goal | None
    of: str


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


@dataclass(frozen=True)
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

    labels: dict[tuple[str, str], str]


def squeeze(text: str) -> str:
    """The text without any white space, as it is compared with the scanned source."""
    return re.sub(r"\s+", "", text)


class _Builder:
    """Reads both files into entries, noting every problem with its line."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[Problem] = []
        self.folder = folder
        self.ids: dict[tuple[str, str], Node] = {}
        self.printed_units: dict[str, str] = {}
        self.goal_nodes: dict[str, Node] = {}
        self.column_nodes: dict[str, Node] = {}

    def entry(self, kind: str, node: Node, fields: Fields, name: str | None = None) -> dict[str, object]:
        """The fields every entry has; its id is noted so that none stands twice."""
        id_ = fields.text("id") if "id" in fields else name or ""
        if (kind, id_) in self.ids:
            first = self.ids[kind, id_]
            node.problem(f"{kind}的 id「{id_}」已在第 {first.line} 行用过", "请换一个 id")
        self.ids[kind, id_] = node
        return {
            "id": id_,
            "name": fields.text("name") if name is None else name,
            "aliases": fields.texts("aliases"),
            "ask": fields.texts("ask"),
            "place": (node.file, node.line),
        }

    def known(self, node: Node, names: Iterable[str], among: Iterable[str], what: str) -> None:
        among = tuple(among)
        for name in names:
            if name not in among:
                node.problem(f"{what}「{name}」没有定义", f"可用的：{'、'.join(among)}")

    def known_items(self, fields: Fields, name: str, among: Iterable[str], what: str) -> None:
        for item in fields.items(name):
            self.known(item, (str(item.node.value),), among, what)

    # --- measures.yaml

    def points(self, ref: str, fields: Fields) -> tuple[Point, ...]:
        nodes = [node.fields("要点", ("text",), ("words", "ask")) for node in fields.items("points")]
        texts = [point.text("text") for point in nodes]
        whole = "".join(texts)
        found, at = [], 0
        for number, (point, text) in enumerate(zip(nodes, texts, strict=True), 1):
            found.append(
                Point(
                    f"{ref}#{number}", ref, text, sentence_at(whole, at, at + len(text)),
                    point.texts("words"), point.texts("ask"), (point.node.file, point.line),
                )
            )  # fmt: skip
            at += len(text)
        return tuple(found)

    def part(self, kind: Kind, number: int, node: Node, required: tuple[str, ...]) -> Part:
        fields = node.fields(_KIND_NAMES[kind], required, ("aliases", "ask"))
        ref = f"{kind}:{number}" if number else kind
        points = self.points(ref, fields)
        entry = self.entry("部分", node, fields, fields.text("title"))
        entry["id"] = ref
        return Part(
            **entry,  # type: ignore[arg-type]
            kind=kind, number=number, label=fields.text("label"), title=fields.text("title"),
            text="".join(point.text for point in points), points=points,
            group=f"group:{fields.text('group')}" if "group" in fields else "",
            lead=self.listed(fields, "lead"), responsible=self.listed(fields, "responsible"),
            lead_line=fields.text("lead"), responsible_line=fields.text("responsible"),
        )  # fmt: skip

    def listed(self, fields: Fields, name: str) -> tuple[str, ...]:
        """The ids of the units on a printed line; the line repeats no prefix, so any alias will do."""
        if name not in fields:
            return ()
        label, colon, names = fields.text(name).partition("：")
        if not colon:
            fields[name].problem(f"「{label[:20]}」这一行没有冒号", "请照原文写全，如「牵头单位：某某厅」")
        found = []
        for written in filter(None, re.split("[、，]", squeeze(names))):
            id_ = self.printed_units.get(written) or self.printed_units.get(written.removesuffix("等"))
            if id_ is None:
                near = process.extractOne(written, self.printed_units, score_cutoff=60)
                hint = f"是不是「{near[0]}」？" if near else ""
                fields[name].problem(f"单位「{written}」没有登记", f"{hint}请改正，或在 units 里登记它（name 或 aliases 写上这个名称）")
            elif id_ not in found:
                found.append(id_)
        return tuple(found)

    def units(self, root: Fields) -> dict[str, Unit]:
        units: dict[str, Unit] = {}
        for node in root.items("units"):
            unit = Unit(**self.entry("单位", node, node.fields("单位", ("id", "name"), ("aliases", "ask"))))  # type: ignore[arg-type]
            units[unit.id] = unit
            for name in (unit.name, *unit.aliases):
                self.printed_units.setdefault(squeeze(name), unit.id)
        return units

    def parts(self, root: Fields) -> dict[str, Part]:
        parts: list[Part] = []
        if "preamble" in root:
            parts.append(self.part("preamble", 0, root["preamble"], ("title", "points")))
        if "goals" in root:
            parts.append(self.part("goals", 0, root["goals"], ("label", "title", "points")))
        for number, node in enumerate(root.items("groups"), 1):
            parts.append(self.part("group", number, node, ("label", "title")))
        for number, node in enumerate(root.items("measures"), 1):
            part = self.part("measure", number, node, ("label", "group", "title", "points", "lead", "responsible"))
            self.known(node, (part.group,), (p.id for p in parts if p.kind == "group"), "所属的组")
            parts.append(part)
        for number, node in enumerate(root.items("requirements"), 1):
            parts.append(self.part("requirement", number, node, ("label", "title", "points")))
        return {part.id: part for part in parts}

    def programmes(self, root: Fields, parts: dict[str, Part]) -> dict[str, Programme]:
        found: dict[str, Programme] = {}
        for node in root.items("programmes"):
            fields = node.fields("名称条目", ("name",), ("aliases", "ask"))
            name = fields.text("name")
            places = tuple(
                point.id
                for part in parts.values()
                for point in part.points
                if name and squeeze(name) in bare(point.text)
            )
            if name and not places:
                whole = [part.id for part in parts.values() if squeeze(name) in bare(part.text)]
                node.problem(
                    f"名称「{name}」不在任何要点的原文里",
                    f"它跨了 {whole[0]} 的两个要点，请合并那两个要点" if whole else "请照原文的写法填写",
                )
            entry = self.entry("名称", node, fields, name)
            found[name] = Programme(**entry, places=places)  # type: ignore[arg-type]
        return found

    # --- targets.yaml

    def regions(self, root: Fields) -> dict[str, Region]:
        found = {}
        for node in root.items("regions"):
            fields = node.fields("地区", ("id", "name"), ("aliases", "ask", "inside"))
            entry = self.entry("地区", node, fields)
            found[str(entry["id"])] = Region(**entry, inside=fields.texts("inside"))  # type: ignore[arg-type]
        return found

    def whole(self, root: Fields) -> Region:
        node = root["whole"] if "whole" in root else root.node
        fields = root.sub("whole", ("name",), ("aliases", "ask"))
        return Region(WHOLE, fields.text("name"), fields.texts("aliases"), fields.texts("ask"), (node.file, node.line), ())

    def sets(self, root: Fields, regions: dict[str, Region]) -> dict[str, RegionSet]:
        found = {}
        for node in root.items("sets"):
            fields = node.fields("地区的集合", ("id", "name", "members", "note"), ("aliases", "ask"))
            members = fields.texts("members")
            self.known_items(fields, "members", regions, "地区 id")
            entry = self.entry("集合", node, fields)
            found[str(entry["id"])] = RegionSet(**entry, members=members, note=fields.text("note"))  # type: ignore[arg-type]
        return found

    def goals(self, root: Fields, parts: dict[str, Part]) -> dict[str, Goal]:
        found = {}
        stated = parts["goals"].text if "goals" in parts else ""
        for node in root.items("goals"):
            fields = node.fields("目标数字", ("indicator", "value", "unit", "text"), ("bound", "deadline"))
            value, text = fields.text("value"), fields.text("text")
            self.decimal(node, value)
            if text and text not in stated:
                node.problem(f"「{text}」不在目标任务的原文里", "请逐字照抄原文中相连的一段")
            if value and value not in text:
                node.problem(f"数字 {value} 不在「{text}」里", "请照原文的写法填写数字")
            indicator = fields.text("indicator")
            if indicator in found:
                node.problem(f"指标「{indicator}」的目标数字写了两遍", "请删去一个")
            self.goal_nodes[indicator] = fields["indicator"] if "indicator" in fields else node
            found[indicator] = Goal(value, fields.text("unit"), fields.text("bound"), fields.text("deadline"), text)
        return found

    def decimal(self, node: Node, value: str) -> None:
        # Decimal itself would take NaN, 1e3 and full-width digits for numbers.
        if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value):
            node.problem(f"「{value}」不是数字", "请照文件填写数字，没有目标的格子写 /")

    def indicators(self, root: Fields, goals: dict[str, Goal], columns: dict[str, str]) -> dict[str, Indicator]:
        found = {}
        for node in root.items("indicators"):
            fields = node.fields("指标", ("id", "name", "unit"), ("aliases", "ask", "of"))
            entry = self.entry("指标", node, fields)
            id_ = str(entry["id"])
            found[id_] = Indicator(
                **entry,  # type: ignore[arg-type]
                unit=fields.text("unit"), annex=columns.get(id_, ""), goal=goals.get(id_), of=fields.text("of"),
            )  # fmt: skip
            if id_ not in columns and id_ not in goals:
                node.problem(f"指标「{id_}」既不在附件的列里，也没有目标数字", "请加进 annexes 的 columns 或 goals")
        return found

    def shared(self, root: Fields, indicators: dict[str, Indicator]) -> dict[str, Shared]:
        found = {}
        for node in root.items("shared"):
            fields = node.fields("共用的说法", ("name", "members"), ("aliases", "ask"))
            members = fields.texts("members")
            self.known_items(fields, "members", indicators, "指标 id")
            if len(members) < 2:
                node.problem("共用的说法至少要有两个指标", "请补上，或改作其中一个指标的别名")
            entry = self.entry("共用的说法", node, fields, fields.text("name"))
            found[str(entry["name"])] = Shared(**entry, members=members)  # type: ignore[arg-type]
        return found

    def tables(self, root: Fields, regions: dict[str, Region]) -> tuple[dict[str, Table], dict[tuple[str, str], str]]:
        tables: dict[str, Table] = {}
        labels: dict[tuple[str, str], str] = {}
        by_name = {squeeze(region.name): id_ for id_, region in regions.items()}
        for node in root.items("annexes"):
            fields = node.fields("附件", ("id", "title", "head", "columns", "rows", "total"), ("odd_totals",))
            id_, columns = fields.text("id"), fields.texts("columns")
            if id_ in tables:
                node.problem(f"附件的 id「{id_}」已经用过", "请换一个 id")
            for item in fields.items("columns"):
                column = str(item.node.value)
                if any(column in table.columns for table in tables.values()):
                    item.problem(f"指标「{column}」已是另一张附件的列", "一个指标只能是一列，请删去一处")
                self.column_nodes[column] = item
            odd_totals = fields.texts("odd_totals")
            if odd_totals:
                self.known(fields["odd_totals"], odd_totals, columns, "附件的列")
            rows: dict[str, tuple[str, ...]] = {}
            lines: dict[str, int] = {}
            for row in fields.items("rows"):
                cells = [cell.text("格子") for cell in row.items("表格的一行")]
                if len(cells) != len(columns) + 1:
                    row.problem(
                        f"这一行有 {max(len(cells) - 1, 0)} 个格子，应有 {len(columns)} 个",
                        f"格式：[地区, {', '.join(columns)}]，没有目标的格子写 \"/\"",
                    )
                    continue
                for value in cells[1:]:
                    if value != NO_TARGET:
                        self.decimal(row, value)
                region = by_name.get(squeeze(cells[0]))
                if region is None:
                    row.problem(f"地区「{cells[0]}」不在 regions 里", f"可用的：{'、'.join(by_name)}")
                    continue
                if region in rows:
                    row.problem(f"地区「{cells[0]}」写了两行", "请删去一行")
                rows[region], lines[region] = tuple(cells[1:]), row.line
                labels[id_, region] = cells[0]
            for region in regions:
                if region not in rows and fields.items("rows"):
                    fields["rows"].problem(f"附件 {id_} 缺少「{regions[region].name}」这一行", "请补上")
            total = [cell.text("合计") for cell in fields.items("total")]
            if len(total) != len(columns) + 1:
                node.problem(f"附件 {id_} 的合计行应有 {len(columns)} 个数字", f"格式：[合计, {', '.join(columns)}]")
                total = ["", *("0" for _ in columns)]
            for value in total[1:]:
                self.decimal(node, value)
            labels[id_, WHOLE] = total[0]
            lines[WHOLE] = fields["total"].line if "total" in fields else node.line
            tables[id_] = Table(
                id_, fields.text("title"), tuple(h.text("表头") for h in fields.items("head")), columns,
                rows, tuple(total[1:]), odd_totals, lines, fields["head"].line if "head" in fields else node.line,
            )  # fmt: skip
        return tables, labels

    # --- all of it

    def build(self) -> Knowledge:
        measures = read(self.folder / MEASURES, self.problems)
        targets = read(self.folder / TARGETS, self.problems)
        source = read_text(self.folder / SOURCE, self.problems)
        if measures is None or targets is None:
            raise KnowledgeError(tuple(self.problems))
        m = measures.fields(
            MEASURES,
            ("document", "notice", "goals", "groups", "measures", "units"),
            ("preamble", "requirements", "programmes", "headings"),
        )
        t = targets.fields(
            TARGETS,
            ("document", "whole", "region_words", "regions", "indicators", "annexes"),
            ("goals", "sets", "shared", "outside"),
        )
        document = m.sub("document", ("number", "year", "name"), ("aliases",))
        if "document" in t and t.text("document") != document.text("number"):
            t["document"].problem(f"文号「{t.text('document')}」与 {MEASURES} 的不一致", f"应为「{document.text('number')}」")
        facts = {}
        for node in m.items("notice"):
            fields = node.fields("通知要素", ("id", "name", "text"), ("value", "aliases", "ask"))
            text = fields.text("text")
            fact = Fact(**self.entry("通知要素", node, fields), text=text, value=fields.text("value") or text)  # type: ignore[arg-type]
            if squeeze(fact.value) not in squeeze(text):
                node.problem(f"value「{fact.value}」不在 text 的原文里", "请逐字照抄 text 中的一段")
            facts[fact.id] = fact
        units = self.units(m)
        parts = self.parts(m)
        programmes = self.programmes(m, parts)
        regions = self.regions(t)
        tables, labels = self.tables(t, regions)
        goals = self.goals(t, parts)
        columns = {column: table.id for table in tables.values() for column in table.columns}
        indicators = self.indicators(t, goals, columns)
        for id_, node in (*self.goal_nodes.items(), *self.column_nodes.items()):
            self.known(node, (id_,), indicators, "指标 id")
        outside = {}
        for node in t.items("outside"):
            fields = node.fields("文件没有的对象", ("name",), ("aliases", "ask"))
            entry = self.entry("文件没有的对象", node, fields, fields.text("name"))
            outside[str(entry["name"])] = Outside(**entry)  # type: ignore[arg-type]
        knowledge = Knowledge(
            number=document.text("number"), year=document.text("year"), name=document.text("name"),
            aliases=document.texts("aliases"), facts=facts, parts=parts, units=units, programmes=programmes,
            regions=regions, whole=self.whole(t), region_words=t.texts("region_words"),
            sets=self.sets(t, regions), indicators=indicators, shared=self.shared(t, indicators),
            tables=tables, outside=outside, labels=labels,
            headings=m.texts("headings"), headings_line=m["headings"].line if "headings" in m else 1, source=source, fingerprint=fingerprint(self.folder),
        )  # fmt: skip
        self.problems.extend(doubled_names(knowledge))
        if self.problems:
            order = {MEASURES: 0, TARGETS: 1}
            raise KnowledgeError(tuple(sorted(self.problems, key=lambda p: (order.get(p.file, 2), p.line))))
        return knowledge


def bare(text: str) -> str:
    """Text without white space and quotation marks, as names are looked up in it."""
    return re.sub(r"[\s“”‘’「」]", "", text)


def sentence_at(text: str, start: int, end: int) -> str:
    """The whole sentences of the text that the characters from start to end belong to."""
    first = text.rfind("。", 0, start) + 1
    last = text.find("。", max(end - 1, 0))
    return text[first : last + 1 if last >= 0 else len(text)]


def doubled_names(knowledge: Knowledge) -> list[Problem]:
    """Names that mean two things of one kind without being declared shared."""
    problems = []
    shared = {name for entry in knowledge.shared.values() for name in (entry.name, *entry.aliases)}
    kinds: tuple[tuple[str, Iterable[Entry]], ...] = (
        ("地区", (*knowledge.regions.values(), knowledge.whole, *knowledge.sets.values())),
        ("单位", knowledge.units.values()),
        ("指标", knowledge.indicators.values()),
        ("部分", knowledge.parts.values()),
        ("名称", knowledge.programmes.values()),
        ("通知要素", knowledge.facts.values()),
    )
    for kind, entries in kinds:
        seen: dict[str, Entry] = {}
        for entry in entries:
            for name in filter(None, {entry.name, *entry.aliases}):
                first = seen.setdefault(" ".join(sorted(squeeze(part) for part in name.split(" "))), entry)
                if first is not entry and name not in shared:
                    problems.append(
                        Problem(
                            *entry.place,
                            f"{kind}「{entry.name}」的说法「{name}」也是「{first.name}」（第 {first.place[1]} 行）的说法",
                            "请从一处删去；确实两可的，移到 shared 里声明",
                        )
                    )
    return problems


def fingerprint(folder: Path) -> str:
    """Twelve characters that change whenever a knowledge file does."""
    digest = hashlib.sha256()
    for name in (MEASURES, TARGETS, SOURCE):
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:12]


def default_folder() -> Path:
    """Where the YAML files that come with the program are: in the package, or beside it in a checkout."""
    inside = HERE / "knowledge"
    return inside if inside.is_dir() else HERE.parent / "knowledge"


def load(folder: Path | None = None) -> Knowledge:
    """The knowledge in the folder; raises KnowledgeError with every problem of form."""
    return _Builder(folder or default_folder()).build()
