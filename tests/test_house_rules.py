"""Rules of the house that a machine can keep: the program knows no document, and explains itself."""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
import yaml

from bot.knowledge import Knowledge
from bot.loading import load

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
MODULES = sorted(BOT.glob("**/*.py"))
# Shorter names are also ordinary words (a verb that is an alias of an office, a syllable of a place).
LEAST = 3
MOST_LINES = 400


@pytest.fixture(scope="module")
def names() -> frozenset[str]:
    """Every name and alias of the document's things that is more than an ordinary word."""
    return frozenset(name for name in all_names(load()) if len(name) >= LEAST)


def all_names(knowledge: Knowledge) -> Iterator[str]:
    """Regions, sets, units, indicators, programmes and titles; an alias of several words counts as one.

    What every such document has (a preamble, goals) bears a title that is an ordinary word.
    """
    numbered = [part for part in knowledge.parts.values() if part.number]
    entries = chain(
        knowledge.regions.values(), knowledge.sets.values(), knowledge.units.values(), knowledge.indicators.values(),
        knowledge.shared.values(), knowledge.programmes.values(), numbered,
    )  # fmt: skip
    for entry in entries:
        yield from (entry.name, *entry.aliases)
    yield from (knowledge.number, knowledge.name, *knowledge.aliases, *knowledge.headings, knowledge.whole.name)


@pytest.mark.parametrize(
    "path",
    [*MODULES, *sorted(path for kind in ("html", "css", "js") for path in BOT.glob(f"**/*.{kind}"))],
    ids=lambda path: path.name,
)
def test_no_name_of_the_document_occurs_in_the_program(path: Path, names: frozenset[str]) -> None:
    """Neither in code nor in docstrings, comments or pages: another document needs no programmer."""
    text = path.read_text(encoding="utf-8")
    assert not sorted(name for name in names if name in text)


def test_no_name_of_the_document_occurs_in_the_language(names: frozenset[str]) -> None:
    """A word of the language is nobody's name."""
    language = read_yaml(BOT / "language.yaml")
    language.pop("say")
    assert not sorted(set(scalars(language)) & names)


def test_no_sentence_of_a_reply_holds_anything_of_the_document(names: frozenset[str]) -> None:
    """Names and figures are filled in; only the nought of a count of nothing is written out."""
    language = {"say": read_yaml(BOT / "language.yaml")["say"]}
    others = [read_yaml(path) for path in sorted(BOT.glob("**/*.yaml")) if path.name != "language.yaml"]
    sentences = [sentence for part in (language, *others) for sentence in scalars(part)]
    assert not [sentence for sentence in sentences if any(name in sentence for name in names)]
    assert not [sentence for sentence in scalars(language) if re.search("[1-9]", sentence)]


def read_yaml(path: Path) -> dict[str, object]:
    """A file of the program, every scalar as text."""
    data: dict[str, object] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return data


def scalars(node: object) -> Iterator[str]:
    """All texts below a node of YAML, keys left out."""
    if isinstance(node, dict):
        yield from chain.from_iterable(map(scalars, node.values()))
    elif isinstance(node, list):
        yield from chain.from_iterable(map(scalars, node))
    else:
        yield str(node)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_module_and_public_name_says_what_one_gets(path: Path) -> None:
    """A docstring at the top of the module, and in every public function and class of it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_grows_beyond_what_one_reads_at_a_sitting(path: Path) -> None:
    """A long module has a second job."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def readme_commands() -> list[list[str]]:
    """The commands in the README's code, as words: whole lines of blocks, and what stands between backticks."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.compile(r"^ *```.*\n((?:.*\n)*?) *```$", re.MULTILINE)
    lines = [line.strip().removeprefix("$ ") for found in block.findall(text) for line in found.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", block.sub("", text))
    return [shlex.split(line, comments=True) for line in lines if re.match(r"(python3? -m bot|make)\b", line)]


def test_the_make_targets_of_the_readme_exist() -> None:
    """`make run` and its like."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {
        word for words in readme_commands() if words[0] == "make" for word in words[1:] if re.fullmatch(r"[\w-]+", word)
    }
    assert {"run", "test"} <= targets
    assert not [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)]


def test_the_commands_of_the_readme_exist() -> None:
    """Each subcommand has a help text, and the options that the README gives it."""
    used: dict[str, set[str]] = {}
    for words in readme_commands():
        if words[0] != "make" and len(words) > 3:
            options = {word for word in words[3:] if word.startswith("--")}
            used.setdefault("" if words[3].startswith("-") else words[3], set()).update(options)
    assert {"ask", "chat", "check", "serve", "unanswered", "forget"} <= set(used)
    for command, options in used.items():
        words = [sys.executable, "-m", "bot", *filter(None, [command]), "--help"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, command
        assert not [option for option in options if option not in done.stdout], command
