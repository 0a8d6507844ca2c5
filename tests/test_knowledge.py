"""A broken knowledge file stops the start, and every fault is placed and explained in Chinese."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge import MEASURES, SOURCE, TARGETS
from bot.loading import default_folder, load


@dataclass(frozen=True)
class Broken:
    """One slip: what is replaced (a pattern), by what, the place to be named, and what is said."""

    file: str
    old: str
    new: str
    at: str
    says: str


CASES = {
    "an unknown key": Broken(
        MEASURES, r"^document:\n", "document:\n  colour: x\n", r"colour", "document里没有「colour」这个键。可用的键：number、year"
    ),
    "a mistyped key": Broken(
        TARGETS, r"^region_words:", "region_word:", r"region_word", "没有「region_word」这个键。是不是「region_words」？"
    ),
    "a missing key": Broken(MEASURES, r"^  number: .*\n", "", r"^  year", "document缺少「number」。请补上一行「number: …」"),
    "a doubled key": Broken(
        MEASURES, r"^document:\n", 'document:\n  year: "2020"\n', r'year: "2021"', "键「year」写了两遍。请合并成一个"
    ),
    "a doubled id": Broken(
        TARGETS,
        r"^sets:\n",
        "sets:\n  - {id: south, name: 某集合, members: [aksu, kashgar], note: 某}\n",
        r"^  - id: south",
        r"集合的 id「south」已在第 \d+ 行用过。请换一个 id",
    ),
    "a region of a set that is nowhere defined": Broken(
        TARGETS, r"members: \[aksu", "members: [atlantis", r"atlantis", "地区 id「atlantis」没有定义。可用的："
    ),
    "an indicator of a column that is nowhere defined": Broken(
        TARGETS, r"columns: \[new_jobs", "columns: [old_jobs", r"old_jobs", "指标 id「old_jobs」没有定义。可用的："
    ),
    "a group that is nowhere defined": Broken(
        MEASURES, r'group: "1"', 'group: "9"', r'^  - label: "1\. "', "所属的组「group:9」没有定义"
    ),
    "a unit in a printed line that is not registered": Broken(
        MEASURES, r"牵头单位：自治区工业和信息化厅", "牵头单位：自治区工业和信息化听", "信息化听",
        "单位「自治区工业和信息化听」没有登记。是不是「自治区工业和信息化厅」？",
    ),
    "a printed line without its colon": Broken(
        MEASURES, r"牵头单位：自治区工业和信息化厅", "自治区工业和信息化厅", "lead: 自治区工业和信息化厅", "没有冒号"
    ),
    "a missing cell": Broken(
        TARGETS, r'\[伊犁州, "5\.1", ', "[伊犁州, ", r"^ *- \[伊犁州, \"0\.31", "这一行有 4 个格子，应有 5 个。格式：.*没有目标的格子写 \"/\""
    ),
    "a row of an unknown region": Broken(
        TARGETS, r"\[塔城地区,", "[塔成地区,", r"塔成地区", "地区「塔成地区」不在 regions 里。可用的："
    ),
    "a missing row": Broken(TARGETS, r'^ *- \[哈密市, "1\.05".*\n', "", r"\[伊犁州, \"5", "附件 1 缺少「哈密市」这一行。请补上"),
    "a cell that is no number": Broken(
        TARGETS, r'\[伊犁州, "5\.1"', '[伊犁州, "5，1"', r"\[伊犁州, \"5，1", "「5，1」不是数字。请照文件填写数字，没有目标的格子写 /"
    ),
    "an alias of two things that is not declared shared": Broken(
        TARGETS, r"aliases: \[南疆四地,", "aliases: [全疆, 南疆四地,", r"^  - id: south", r"地区「.*」的说法「全疆」也是「全区」（第 \d+ 行）的说法"
    ),
    "a list where a text belongs": Broken(
        MEASURES, r'^  year: "2021"', "  year: [2021]", r"^  year", "year应是一段文字，这里却是一个列表"
    ),
    "a text where a list belongs": Broken(
        TARGETS, r"^region_words: .*(?:\n  .*)*", "region_words: 地州市", r"^region_words", "region_words应是一个列表（每行以 - 开头），这里却是一段文字"
    ),
    "a text where keys belong": Broken(TARGETS, r"^whole:\n(?:  .*\n)*", "whole: 全区\n", r"^whole", "whole应是若干「键: 值」，这里却是一段文字"),
    "a bare no": Broken(MEASURES, r'^  year: "2021"', "  year: no", r"^  year", 'year的「no」会被当成数字、是非或空值，不是文字。请加英文双引号："no"'),
    "a bare number": Broken(
        TARGETS, r'\[伊犁州, "5\.1"', "[伊犁州, 5.10", r"\[伊犁州, 5\.10", '格子的「5.10」会被当成数字、是非或空值，不是文字。请加英文双引号："5.10"'
    ),
    "a value left out": Broken(MEASURES, r'^  year: "2021"', "  year:", r"^  year", "year的「（空）」会被当成.*请写上内容，或删去这一行"),
    "a word written twice in a list": Broken(
        TARGETS, r"aliases: \[南疆四地,", "aliases: [南疆四地, 南疆四地,", r"南疆四地, 南疆四地", "aliases里「南疆四地」写了两遍。请删去一个"
    ),
    "indentation that is not YAML": Broken(MEASURES, r'^  year: "2021"', '   year: "2021"', r"^   year", "YAML 写法不对.*请检查这一行和上一行的缩进"),
    "a tab": Broken(MEASURES, r'^  year: "2021"', '\tyear: "2021"', r"^\tyear", "YAML 写法不对.*制表符"),
    "a document number that is not the other file's": Broken(
        TARGETS, r"^document: .*", "document: 某发〔2000〕9号", r"^document", "文号「某发〔2000〕9号」与 measures.yaml 的不一致。应为「新就发〔2021〕1号」"
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the knowledge to break."""
    copy = tmp_path / "knowledge"
    shutil.copytree(default_folder(), copy)
    return copy


def change(folder: Path, case: Broken) -> int:
    """Make the slip, and say in which line of the file the fault is then to be named."""
    path = folder / case.file
    text, count = re.subn(case.old, lambda _: case.new, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count, f"{case.old!r} no longer occurs in {case.file}"
    path.write_text(text, encoding="utf-8")
    place = re.search(case.at, text, re.MULTILINE)
    assert place, f"{case.at!r} does not occur in the broken {case.file}"
    return text[: place.start()].count("\n") + 1


def faults(folder: Path) -> list[str]:
    """What is reported: one line a fault, and the closing line."""
    with pytest.raises(KnowledgeError) as caught:
        load(folder)
    assert len(caught.value.problems) == len(str(caught.value).splitlines()) - 1
    return str(caught.value).splitlines()


def test_the_knowledge_that_comes_with_the_program_loads() -> None:
    """Nothing to complain of, and the fingerprint has twelve characters."""
    assert len(load().fingerprint) == 12


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_slip_is_named_with_file_line_and_remedy(case: Broken, folder: Path) -> None:
    """One line gives the file, the line, what is wrong and how to mend it."""
    line = change(folder, case)
    said = faults(folder)
    placed = [text for text in said if text.startswith(f"{case.file}:{line}: ")]
    assert any(re.search(case.says, text) for text in placed), "\n".join(said)


def test_all_faults_are_listed_at_once(folder: Path) -> None:
    """Slips in both files are reported together, those of one file in the order of its lines."""
    names = ("a bare no", "an unknown key", "a missing cell", "a region of a set that is nowhere defined")
    lines = {(case.file, change(folder, case)) for case in map(CASES.__getitem__, names)}
    said = faults(folder)
    assert said[-1] == f"知识文件有 {len(said) - 1} 处问题，改好后再启动。"
    assert len(lines) == len(names)
    for file in (MEASURES, TARGETS):
        numbers = [int(text.split(":")[1]) for text in said if text.startswith(f"{file}:")]
        assert numbers == sorted(numbers)
    for name in names:
        assert any(re.search(CASES[name].says, text) for text in said), name


@pytest.mark.parametrize("file", [MEASURES, TARGETS, SOURCE])
def test_a_file_in_another_encoding_is_named_with_its_first_wrong_line(file: str, folder: Path) -> None:
    """GB18030, as an old editor saves it, is not guessed at."""
    path = folder / file
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_bytes(first.encode() + b"\n" + rest.encode("gb18030"))
    said = faults(folder)
    assert any(re.match(rf"{file}:\d+: 文件不是 UTF-8 编码。请用 UTF-8 另存", text) for text in said)


@pytest.mark.parametrize("file", [MEASURES, TARGETS, SOURCE])
def test_a_missing_file_is_named(file: str, folder: Path) -> None:
    """Where to put it is said."""
    (folder / file).unlink()
    assert any(text.startswith(f"{file}:1: 找不到文件 {file}。请把它放进 ") for text in faults(folder))


def test_a_file_that_is_no_yaml_does_not_hide_the_faults_of_the_other(folder: Path) -> None:
    """And what the readable file says is not called wrong because the other is missing."""
    change(folder, CASES["a tab"])
    line = change(folder, CASES["a missing cell"])
    said = faults(folder)
    assert len(said) == 3
    assert said[1].startswith(f"{TARGETS}:{line}: 这一行有 4 个格子")


@pytest.mark.parametrize("file", [MEASURES, TARGETS])
def test_an_empty_file_is_named(file: str, folder: Path) -> None:
    """An editor that lost the contents is told so."""
    (folder / file).write_text("# 只剩注释\n", encoding="utf-8")
    assert any(text.startswith(f"{file}:1: 文件是空的。") for text in faults(folder))


def test_any_change_of_a_file_changes_the_fingerprint(folder: Path) -> None:
    """A comment is enough."""
    before = load(folder).fingerprint
    with (folder / TARGETS).open("a", encoding="utf-8") as file:
        file.write("# 改过\n")
    assert load(folder).fingerprint != before
