"""`targets.yaml` as regions, indicators, goals and tables: what the document counts."""

from bot.knowledge import (
    NO_TARGET,
    WHOLE,
    Goal,
    Indicator,
    Outside,
    Part,
    Region,
    RegionSet,
    Shared,
    Table,
    squeeze,
)
from bot.register import Register
from bot.yamlfile import Fields, Node


class Targets(Register):
    """Reads the file's entries, noting every problem with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.goal_nodes: dict[str, Node] = {}
        self.column_nodes: dict[str, Node] = {}

    def regions(self, root: Fields) -> dict[str, Region]:
        """The rows of the tables."""
        found = {}
        for node in root.items("regions"):
            fields = node.fields("地区", ("id", "name"), ("aliases", "ask", "inside"))
            entry = self.entry("地区", node, fields)
            found[str(entry["id"])] = Region(**entry, inside=fields.texts("inside"))  # type: ignore[arg-type]
        return found

    def whole(self, root: Fields) -> Region:
        """What the totals are of."""
        node = root["whole"]
        fields = root.sub("whole", ("name",), ("aliases", "ask"))
        name, aliases, ask = fields.text("name"), fields.texts("aliases"), fields.texts("ask")
        return Region(WHOLE, name, aliases, ask, (node.file, node.line), ())

    def sets(self, root: Fields, regions: dict[str, Region]) -> dict[str, RegionSet]:
        """Several regions under one name."""
        found = {}
        for node in root.items("sets"):
            fields = node.fields("地区的集合", ("id", "name", "members", "note"), ("aliases", "ask"))
            members = fields.texts("members")
            self.known_items(fields, "members", regions, "地区 id")
            entry = self.entry("集合", node, fields)
            found[str(entry["id"])] = RegionSet(**entry, members=members, note=fields.text("note"))  # type: ignore[arg-type]
        return found

    def goals(self, root: Fields, parts: dict[str, Part]) -> dict[str, Goal]:
        """The figures of section one, by indicator."""
        found = {}
        stated = parts["goals"].text if "goals" in parts else ""
        for node in root.items("goals"):
            fields = node.fields("目标数字", ("indicator", "value", "unit", "text"), ("bound", "deadline"))
            value, text = fields.text("value"), fields.text("text")
            self.decimal(fields["value"], value)
            if text and stated and text not in stated:
                node.problem(f"「{text}」不在目标（goals）一段的原文里", "请逐字照抄原文中相连的一段")
            if value and value not in text:
                node.problem(f"数字 {value} 不在「{text}」里", "请照原文的写法填写数字")
            indicator = fields.text("indicator")
            if indicator in found:
                node.problem(f"指标「{indicator}」的目标数字写了两遍", "请删去一个")
            self.goal_nodes[indicator] = fields["indicator"]
            found[indicator] = Goal(value, fields.text("unit"), fields.text("bound"), fields.text("deadline"), text)
        return found

    def indicators(
        self, root: Fields, goals: dict[str, Goal], columns: dict[str, str], parts: dict[str, Part]
    ) -> dict[str, Indicator]:
        """What is counted; every goal and column must name one."""
        found = {}
        measures = [p.id for p in parts.values() if p.kind == "measure"]
        for node in root.items("indicators"):
            fields = node.fields("指标", ("id", "name", "unit"), ("aliases", "ask", "of", "measure"))
            entry = self.entry("指标", node, fields)
            id_, measure = str(entry["id"]), fields.text("measure")
            if measure and measures:
                self.known(fields["measure"], (measure,), measures, "措施")
            found[id_] = Indicator(
                **entry,  # type: ignore[arg-type]
                unit=fields.text("unit"), annex=columns.get(id_, ""), goal=goals.get(id_), of=fields.text("of"),
                measure=measure,
            )  # fmt: skip
            if id_ not in columns and id_ not in goals:
                node.problem(f"指标「{id_}」既不在附件的列里，也没有目标数字", "请加进 annexes 的 columns 或 goals")
        for id_, node in (*self.goal_nodes.items(), *self.column_nodes.items()):
            self.known(node, (id_,), found, "指标 id")
        return found

    def shared(self, root: Fields, indicators: dict[str, Indicator]) -> dict[str, Shared]:
        """Names of several indicators."""
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
        """The annexes, and how each prints the names of its rows."""
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
                printed = cells[0] if cells else ""
                region = by_name.get(squeeze(printed))
                if region is None:
                    row.problem(f"地区「{printed}」不在 regions 里", f"可用的：{'、'.join(by_name)}")
                    continue
                if region in lines:
                    row.problem(f"地区「{printed}」写了两行", "请删去一行")
                lines[region] = row.line
                if len(cells) != len(columns) + 1:
                    row.problem(
                        f"这一行有 {len(cells) - 1} 个格子，应有 {len(columns)} 个",
                        f'格式：[地区, {", ".join(columns)}]，没有目标的格子写 "/"',
                    )
                    continue
                for value in cells[1:]:
                    if value != NO_TARGET:
                        self.decimal(row, value)
                rows[region], labels[id_, region] = tuple(cells[1:]), printed
            for region, entry in regions.items():
                if region not in lines and "rows" in fields:
                    fields["rows"].problem(f"附件 {id_} 缺少「{entry.name}」这一行", "请补上")
            total = [cell.text("合计") for cell in fields.items("total")]
            if len(total) != len(columns) + 1:
                what = f"附件 {id_} 的合计行应有 {len(columns)} 个数字"
                fields["total"].problem(what, f"格式：[合计, {', '.join(columns)}]")
                total = ["", *("0" for _ in columns)]
            for value in total[1:]:
                self.decimal(fields["total"], value)
            labels[id_, WHOLE] = total[0]
            lines[WHOLE] = fields["total"].line
            head = fields.items("head")
            tables[id_] = Table(
                id_, fields.text("title"), tuple(item.text("表头") for item in head), columns,
                rows, tuple(total[1:]), odd_totals, lines, fields["title"].line, tuple(item.line for item in head),
            )  # fmt: skip
        return tables, labels

    def outside(self, root: Fields) -> dict[str, Outside]:
        """What people ask about and the document does not hold."""
        outside = {}
        for node in root.items("outside"):
            fields = node.fields("文件没有的对象", ("name",), ("aliases", "ask"))
            entry = self.entry("文件没有的对象", node, fields, fields.text("name"))
            outside[str(entry["name"])] = Outside(**entry)  # type: ignore[arg-type]
        return outside
