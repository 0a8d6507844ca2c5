"""A YAML file read strictly: every scalar is text, every node knows its line, no key stands twice.

Problems are gathered in a list that the caller hands in, so that an editor sees them all at once.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from rapidfuzz import process

from bot.values import Problem

# The C loader reads the same YAML some ten times faster, where libyaml came with the package.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_KIND = {
    yaml.ScalarNode: "一段文字",
    yaml.SequenceNode: "一个列表（每行以 - 开头）",
    yaml.MappingNode: "若干「键: 值」",
}


class Node:
    """One place in a YAML file: its value is asked for by the type that should stand there."""

    def __init__(self, file: str, node: yaml.Node, problems: list[Problem]) -> None:
        self.file, self.node, self._problems = file, node, problems
        self.line = node.start_mark.line + 1

    def problem(self, what: str, mend: str) -> None:
        """Note a fault at this place."""
        self._problems.append(Problem(self.file, self.line, what, mend))

    def _is(self, kind: type[yaml.Node], what: str) -> bool:
        if isinstance(self.node, kind):
            return True
        self.problem(f"{what}应是{_KIND[kind]}，这里却是{_KIND[type(self.node)]}", "请改成所需的写法")
        return False

    def text(self, what: str = "这里") -> str:
        """The scalar as written, "" with a problem when it is not text."""
        if not self._is(yaml.ScalarNode, what):
            return ""
        node = self.node
        if node.tag != "tag:yaml.org,2002:str":
            shown = node.value or "（空）"
            self.problem(
                f"{what}的「{shown}」会被当成数字、是非或空值，不是文字",
                f'请加英文双引号："{node.value}"' if node.value else "请写上内容，或删去这一行",
            )
        elif not node.value.strip():
            self.problem(f"{what}是空的", "请写上内容，或删去这一行")
        return str(node.value)

    def items(self, what: str = "这里") -> tuple["Node", ...]:
        """The members of a list."""
        if not self._is(yaml.SequenceNode, what):
            return ()
        return tuple(Node(self.file, item, self._problems) for item in self.node.value)

    def texts(self, what: str = "这里") -> tuple[str, ...]:
        """A list of scalars, no value twice."""
        found: dict[str, None] = {}
        for item in self.items(what):
            value = item.text(what)
            if value in found:
                item.problem(f"{what}里「{value}」写了两遍", "请删去一个")
            found[value] = None
        return tuple(found)

    def fields(self, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> "Fields":
        """A mapping whose keys are exactly the required ones and some of the optional ones."""
        required, optional = tuple(required), tuple(optional)
        found: dict[str, Node] = {}
        if self._is(yaml.MappingNode, what):
            for key_node, value_node in self.node.value:
                key = Node(self.file, key_node, self._problems)
                name = str(key_node.value)
                if name in found:
                    key.problem(f"{what}里的键「{name}」写了两遍", "请合并成一个")
                elif name not in required + optional:
                    near = process.extractOne(name, required + optional, score_cutoff=60)
                    key.problem(
                        f"{what}里没有「{name}」这个键",
                        f"是不是「{near[0]}」？" if near else f"可用的键：{'、'.join(required + optional)}",
                    )
                else:
                    found[name] = Node(self.file, value_node, self._problems)
            for name in required:
                if name not in found:
                    self.problem(f"{what}缺少「{name}」", f"请补上一行「{name}: …」")
        return Fields(self, found)


class Fields:
    """The fields of one mapping; an absent one reads as empty (a required one was noted already)."""

    def __init__(self, node: Node, found: dict[str, Node]) -> None:
        self.node, self._found = node, found
        self.line = node.line

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> Node:
        """Where the field stands; an absent one stands where its mapping does."""
        return self._found.get(name, self.node)

    def text(self, name: str) -> str:
        return self._found[name].text(name) if name in self._found else ""

    def texts(self, name: str) -> tuple[str, ...]:
        return self._found[name].texts(name) if name in self._found else ()

    def items(self, name: str) -> tuple[Node, ...]:
        return self._found[name].items(name) if name in self._found else ()

    def sub(self, name: str, required: Iterable[str], optional: Iterable[str] = ()) -> "Fields":
        if name in self._found:
            return self._found[name].fields(name, required, optional)
        return Fields(self.node, {})

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)


def read_text(path: Path, problems: list[Problem]) -> str:
    """What the file says, "" with a problem where it cannot be read."""
    name = path.name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(name, 1, f"找不到文件 {path.name}", f"请把它放进 {path.parent} 文件夹"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(Problem(name, line, "文件不是 UTF-8 编码", "请用 UTF-8 另存（记事本：另存为 → 编码）"))
    except OSError as error:
        problems.append(Problem(name, 1, f"文件读不了（{error.strerror}）", "请检查文件权限"))
    return ""


def read(path: Path, problems: list[Problem]) -> Node | None:
    """The root of the file, or None with a problem that says where it stops being YAML."""
    name = path.name
    before = len(problems)
    source = read_text(path, problems)
    if len(problems) > before:
        return None
    try:
        root = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.append(
            Problem(
                name,
                mark.line + 1 if mark else 1,
                f"YAML 写法不对（{error.problem or error.context}）",
                "请检查这一行和上一行的缩进、冒号后的空格、引号和制表符",
            )
        )
        return None
    except yaml.YAMLError as error:
        problems.append(Problem(name, 1, f"YAML 写法不对（{error}）", "请检查文件里的特殊字符"))
        return None
    if root is None:
        problems.append(Problem(name, 1, "文件是空的", "请恢复文件内容"))
        return None
    return Node(name, root, problems)


def nothing(file: str) -> Node:
    """What stands in for a file that cannot be read, so that the other one is still checked."""
    start = yaml.Mark(file, 0, 0, 0, "", 0)
    return Node(file, yaml.MappingNode("tag:yaml.org,2002:map", [], start, start), [])
