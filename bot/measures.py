"""`measures.yaml` as facts, parts, units and programmes: what the document says."""

import re

from rapidfuzz import process

from bot.knowledge import Fact, Kind, Part, Point, Programme, Unit, bare, squeeze
from bot.register import Register
from bot.yamlfile import Fields, Node

_KIND_NAMES = {"preamble": "前言", "goals": "目标", "group": "组", "measure": "措施", "requirement": "工作要求"}


class Measures(Register):
    """Reads the file's entries, noting every problem with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.printed_units: dict[str, str] = {}

    def facts(self, root: Fields) -> dict[str, Fact]:
        """The lines of the covering notice."""
        facts = {}
        for node in root.items("notice"):
            fields = node.fields("通知要素", ("id", "name", "text"), ("value", "aliases", "ask"))
            text = fields.text("text")
            entry = self.entry("通知要素", node, fields)
            fact = Fact(**entry, text=text, value=fields.text("value") or text)  # type: ignore[arg-type]
            if squeeze(fact.value) not in squeeze(text):
                node.problem(f"value「{fact.value}」不在 text 的原文里", "请逐字照抄 text 中的一段")
            facts[fact.id] = fact
        return facts

    def points(self, ref: str, fields: Fields) -> tuple[Point, ...]:
        """The pieces of a part's text, in order."""
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
        """One part of the document with its pieces and units."""
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
                near = process.extractOne(written, tuple(self.printed_units), score_cutoff=60)
                hint = f"是不是「{near[0]}」？" if near else ""
                mend = f"{hint}请改正，或在 units 里登记它（name 或 aliases 写上这个名称）"
                fields[name].problem(f"单位「{written}」没有登记", mend)
            elif id_ not in found:
                found.append(id_)
        return tuple(found)

    def units(self, root: Fields) -> dict[str, Unit]:
        """The offices; their names and aliases are how printed lines call them."""
        units: dict[str, Unit] = {}
        for node in root.items("units"):
            unit = Unit(**self.entry("单位", node, node.fields("单位", ("id", "name"), ("aliases", "ask"))))  # type: ignore[arg-type]
            units[unit.id] = unit
            for name in (unit.name, *unit.aliases):
                self.printed_units.setdefault(squeeze(name), unit.id)
        return units

    def parts(self, root: Fields) -> dict[str, Part]:
        """All parts by ref, in the order of the document's sections."""
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
        """The named things, each with the pieces that name it."""
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


def sentence_at(text: str, start: int, end: int) -> str:
    """The whole sentences of the text that the characters from start to end belong to."""
    first = text.rfind("。", 0, start) + 1
    last = text.find("。", max(end - 1, 0))
    return text[first : last + 1 if last >= 0 else len(text)]
