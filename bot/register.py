"""What both files of the knowledge have in common: entries with ids, and references to them."""

import re
from collections.abc import Iterable

from bot.yamlfile import Fields, Node


class Register:
    """The ids met in one file; a subclass reads the entries of that file."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str], Node] = {}

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
        """Note the names that are not among those defined."""
        among = tuple(among)
        for name in names:
            if name not in among:
                node.problem(f"{what}「{name}」没有定义", f"可用的：{'、'.join(among)}")

    def known_items(self, fields: Fields, name: str, among: Iterable[str], what: str) -> None:
        """The same for the members of a list, each at its own line."""
        for item in fields.items(name):
            self.known(item, (str(item.node.value),), among, what)

    def decimal(self, node: Node, value: str) -> None:
        """Note a value that is no plain number."""
        # Decimal itself would take NaN, 1e3 and full-width digits for numbers.
        if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value):
            node.problem(f"「{value}」不是数字", "请照文件填写数字，没有目标的格子写 /")
