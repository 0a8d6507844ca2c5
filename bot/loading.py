"""The YAML files of a folder as one Knowledge, or every problem of form at once."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge import MEASURES, SOURCE, TARGETS, Entry, Knowledge, squeeze
from bot.measures import Measures
from bot.targets import Targets
from bot.values import Problem
from bot.yamlfile import Node, nothing, read, read_text

_HERE = Path(__file__).resolve().parent


def default_folder() -> Path:
    """Where the YAML files that come with the program are: in the package, or beside it in a checkout."""
    inside = _HERE / "_knowledge"
    return inside if inside.is_dir() else _HERE.parent / "knowledge"


def load(folder: Path | None = None) -> Knowledge:
    """The knowledge in the folder; raises KnowledgeError with every problem of form."""
    folder = folder or default_folder()
    problems: list[Problem] = []
    measures = read(folder / MEASURES, problems) or nothing(MEASURES)
    targets = read(folder / TARGETS, problems) or nothing(TARGETS)
    source = read_text(folder / SOURCE, problems)
    knowledge = _knowledge(measures, targets, source, fingerprint(folder))
    problems += doubled_names(knowledge)
    if problems:
        raise KnowledgeError(_in_order(problems))
    return knowledge


def _knowledge(measures: Node, targets: Node, source: str, print_: str) -> Knowledge:
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
    number = document.text("number")
    if "document" in t and number and t.text("document") != number:
        t["document"].problem(f"文号「{t.text('document')}」与 {MEASURES} 的不一致", f"应为「{number}」")
    said, counted = Measures(), Targets()
    units = said.units(m)
    parts = said.parts(m)
    regions = counted.regions(t)
    tables, labels = counted.tables(t, regions)
    columns = {column: table.id for table in tables.values() for column in table.columns}
    indicators = counted.indicators(t, counted.goals(t, parts), columns, parts)
    return Knowledge(
        number=number, year=document.text("year"), name=document.text("name"),
        aliases=document.texts("aliases"), facts=said.facts(m), parts=parts, units=units,
        programmes=said.programmes(m, parts), regions=regions, whole=counted.whole(t),
        region_words=t.texts("region_words"), sets=counted.sets(t, regions), indicators=indicators,
        shared=counted.shared(t, indicators), tables=tables, labels=labels, outside=counted.outside(t),
        headings=m.texts("headings"), headings_line=m["headings"].line,
        source=source, fingerprint=print_,
    )  # fmt: skip


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, as an editor goes through the files."""
    order = {MEASURES: 0, TARGETS: 1}
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (order.get(p.file, 2), p.line)))


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
                    other = f"「{first.name}」（第 {first.place[1]} 行）"
                    what = f"{kind}「{entry.name}」的说法「{name}」也是{other}的说法"
                    problems.append(Problem(*entry.place, what, "请从一处删去；确实两可的，移到 shared 里声明"))
    return problems


def fingerprint(folder: Path) -> str:
    """Twelve characters that change whenever a knowledge file does."""
    digest = hashlib.sha256()
    for name in (MEASURES, TARGETS, SOURCE):
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:12]
