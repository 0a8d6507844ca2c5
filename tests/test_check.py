"""What `python -m bot check` finds: texts, figures and totals against the source, and the entries' questions."""

import io
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.check import odd_totals, problems, run
from bot.engine import Engine, build
from bot.knowledge import MEASURES, SOURCE, TARGETS, Knowledge
from bot.loading import default_folder, load
from bot.questions import every, unanswered
from bot.source import differences, printed
from bot.values import Problem


@dataclass(frozen=True)
class Slip:
    """A text of the knowledge changed, the place that is named (a file and what stands there), and what is said."""

    file: str
    old: str
    new: str
    place: str
    at: str
    says: str


SLIPS = {
    "two characters mistyped": Slip(
        MEASURES, "劳动密集型产业延伸", "劳动密集形产业延申", MEASURES, "劳动密集形产业延申",
        "「.*密集形产业延申.*」与原文不符，原文第 29 行是「.*密集型产业延伸.*」。请逐字照抄原文",
    ),
    "a sentence added": Slip(
        MEASURES, "培育新的就业增长点", "培育新的就业增长点，每人补贴五百元", MEASURES, "每人补贴五百元",
        "「，每人补贴五百元」不在原文里（原文第 29 行附近）。请删去",
    ),
    "words left out": Slip(
        MEASURES, "就业容量大的终端产业", "就业终端产业", MEASURES, "就业终端产业", "之后漏了原文第 29 行的「容量大的」。请照原文补上"
    ),
    "the beginning of a text left out": Slip(
        MEASURES, "深挖企事业单位空岗潜力", "企事业单位空岗潜力", SOURCE, "深挖企事业单位",
        "原文第 59 行「.*」之后的「深挖」没有收进知识文件。请照原文补进 measures.yaml 或 targets.yaml",
    ),
    "a figure of the text changed": Slip(
        MEASURES, "4月份组织试点", "5月份组织试点", MEASURES, "5月份组织试点", "「.*5月份组织试.*」与原文不符，原文第 147 行是「.*4月份.*」"
    ),
    "another lead unit": Slip(
        MEASURES, "牵头单位：自治区工业和信息化厅", "牵头单位：自治区市场监督管理局", MEASURES, r"label: ['\"]1\. ",
        "「.*市场监督管理局」与原文不符，原文第 31 行是「.*工业和信息化厅」",
    ),
    "a responsible unit left out": Slip(
        MEASURES, "责任单位：自治区发展改革委、财政厅等", "责任单位：自治区发展改革委等", MEASURES, r"label: ['\"]9\. ", "漏了原文第 93 行的「、财政厅」"
    ),
    "another title": Slip(
        MEASURES, "title: 推进信息化建设", "title: 推进智能化建设", MEASURES, r"label: ['\"]17\. ", "与原文不符，原文第 147 行是"
    ),
    "another date": Slip(MEASURES, "text: 2021年3月12日", "text: 2021年3月21日", MEASURES, "id: date", "原文第 15 行是「.*3月12日」"),
    "another section heading": Slip(MEASURES, "三、工作要求]", "三、工作要点]", MEASURES, "^headings:", "原文第 161 行是「三、工作要求」"),
    "another group heading": Slip(
        MEASURES, "title: 健全终身职业培训体系，全力以赴支撑就业", "title: 健全终身培训体系，全力以赴支撑就业", MEASURES,
        "  - label: （三）", "漏了原文第 79 行的「职业」",
    ),
    "a head line of an annex changed": Slip(TARGETS, "单位：万人", "单位：万户", TARGETS, "单位：万户", "原文第 179 行是「.*单位：万人」"),
    "the title of an annex changed": Slip(
        TARGETS, "title: 2021 年自治区就业任务预期", "title: 2021 年自治区就业任务的预期", TARGETS, "任务的预期",
        "附件标题「.*」不在原文里。请逐字照抄原文的标题",
    ),
    "two figures of a row exchanged": Slip(
        TARGETS, '[伊犁州, "5.1", "0.31"', '[伊犁州, "0.31", "5.1"', TARGETS, r"\[伊犁州, \"0\.31",
        "「伊犁州 0.31 5.1 2.2 0.34 0.86」与原文不符，原文第 183 行是「1 伊犁州 5.1 0.31 2.2 0.34 0.86」。请照原文逐格核对",
    ),
    "the end of one figure moved to the next": Slip(
        TARGETS, '"12.65", "0.51"', '"12.6", "50.51"', TARGETS, r"\[乌鲁木齐市, \"12\.6\"", "原文第 189 行是「7 乌鲁木齐市 12.65 0.51"
    ),
    "a figure where none is set": Slip(
        TARGETS, '[克拉玛依市, "7", "/"', '[克拉玛依市, "7", "0"', TARGETS, r"\[克拉玛依市, \"7\"", "原文第 207 行是「4 克拉玛依市 7 / /」"
    ),
    "a cell that changes the sum": Slip(
        TARGETS, '[喀什地区, "9.12"', '[喀什地区, "9.13"', TARGETS, r"total: \[合 计", "「城镇新增就业人数」一列相加是 46.01，合计写的是 46。请对照原文改正"
    ),
    "a total that differs from section one": Slip(
        TARGETS, 'total: [合计, "110"', 'total: [合计, "111"', TARGETS, r"total: \[合计", "正文写的是 110，附件 2 合计写的是 111"
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the knowledge to change."""
    copy = tmp_path / "knowledge"
    shutil.copytree(default_folder(), copy)
    return copy


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """The knowledge that comes with the program."""
    return load()


@pytest.fixture(scope="module")
def engine(knowledge: Knowledge) -> Engine:
    """Its indices."""
    return build(knowledge)


def change(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence; a case that no longer fits the file fails by name."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} no longer occurs in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(path: Path, pattern: str) -> int:
    """The first line in which the pattern occurs."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(pattern, line):
            return number
    raise AssertionError(f"{pattern!r} does not occur in {path.name}")


def test_every_character_of_the_source_is_accounted_for(knowledge: Knowledge) -> None:
    """The source with one line more is told apart, wherever the line is put in."""
    lines = knowledge.source.splitlines()
    for at in range(0, len(lines), 10):
        source = "\n".join((*lines[:at], "另行通知。", *lines[at:]))
        found = differences(replace(knowledge, source=source))
        assert [(p.file, p.line) for p in found if "另行通知" in p.what], at


def test_the_stray_word_of_the_scan_is_read_as_the_conjunction() -> None:
    """Only between two Chinese characters, and white space does not count."""
    assert printed("甲乙 and 丙\n丁 and x").text == "甲乙和丙丁andx"
    assert printed("甲\n\n 乙").lines == (1, 3)


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_against_the_source_is_named_with_its_place(slip: Slip, folder: Path) -> None:
    """File, line, what stands there, what the source has, and in which of its lines."""
    change(folder / slip.file, slip.old, slip.new)
    line = line_of(folder / slip.place, slip.at)
    found = problems(load(folder))
    assert any(p.file == slip.place and p.line == line and re.search(slip.says, str(p)) for p in found), "\n".join(
        map(str, found)
    )


def test_several_slips_are_all_listed(folder: Path) -> None:
    """Each has its own line."""
    names = ("two characters mistyped", "another date", "two figures of a row exchanged", "words left out")
    for name in names:
        change(folder / SLIPS[name].file, SLIPS[name].old, SLIPS[name].new)
    said = "\n".join(map(str, problems(load(folder))))
    for name in names:
        assert re.search(SLIPS[name].says, said), name


def column_faults(folder: Path) -> list[Problem]:
    """What is said of the column that the next two tests are about."""
    found = [*odd_totals(load(folder))]
    assert set(found) <= set(problems(load(folder)))
    return found


def test_a_total_that_is_odd_in_the_document_itself_is_only_a_warning(folder: Path) -> None:
    """The editors declare the column, and then nothing fails."""
    for path in (folder / TARGETS, folder / SOURCE):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(喀什地区\W+19\W+)90\.3", r"\g<1>90.2", text), encoding="utf-8")
    [problem] = column_faults(folder)
    assert not problem.warning
    assert "相加是 274.9，合计写的是 275" in problem.what
    assert "odd_totals" in problem.mend
    change(folder / TARGETS, "    columns: [training", "    odd_totals: [transfer]\n    columns: [training")
    [problem] = column_faults(folder)
    assert problem.warning


def test_a_needless_declaration_is_a_warning(folder: Path) -> None:
    """A column that adds up needs no excuse."""
    change(folder / TARGETS, "    columns: [training", "    odd_totals: [transfer]\n    columns: [training")
    [problem] = column_faults(folder)
    assert problem.warning
    assert "transfer" in problem.what


def test_questions_are_asked_of_every_kind_of_entry(knowledge: Knowledge) -> None:
    """No register is left out."""
    places = {asked.place for asked in every(knowledge)}
    for register in (
        knowledge.facts, knowledge.parts, knowledge.units, knowledge.programmes, knowledge.regions,
        knowledge.sets, knowledge.indicators, knowledge.shared,
    ):  # fmt: skip
        entries = register.values()
        assert any(entry.place in places for entry in entries), next(iter(entries), None)
    assert any(point.place in places for point in knowledge.points.values())


def test_a_question_stolen_by_another_entry_names_both(knowledge: Knowledge, engine: Engine) -> None:
    """A question put under the wrong entry is answered by the right one, and said so."""
    first, second = list(knowledge.regions.values())[:2]
    thief, question = second.name, f"{second.name}有哪些目标"
    regions = {**knowledge.regions, first.id: replace(first, ask=(question,))}
    asked = [one for one in every(replace(knowledge, regions=regions)) if one.place == first.place]
    [problem] = unanswered(asked, engine)
    assert (problem.file, problem.line) == first.place
    assert f"「{first.name}」的问题「{question}」被" in problem.what
    assert thief in problem.what.split("被")[1]


def test_a_question_that_finds_nothing_is_named(knowledge: Knowledge, engine: Engine) -> None:
    """The reply that came instead is shown."""
    unit = next(iter(knowledge.units.values()))
    units = {**knowledge.units, unit.id: replace(unit, ask=("今天股票涨了吗",))}
    asked = [one for one in every(replace(knowledge, units=units)) if one.place == unit.place]
    [problem] = unanswered(asked, engine)
    assert "没有答出来" in problem.what


def test_entries_without_a_question_are_a_warning(knowledge: Knowledge) -> None:
    """Nothing would notice when they can no longer be found."""
    unit = next(iter(knowledge.units.values()))
    found = problems(replace(knowledge, units={**knowledge.units, unit.id: replace(unit, ask=())}))
    assert Problem(*unit.place, f"「{unit.name}」没有 ask", "请写上一两个必须由它回答的问题", True) in found


def test_the_knowledge_that_comes_with_the_program_is_right() -> None:
    """Not one text, figure or total differs, each entry answers its own questions, and the last line says so."""
    out = io.StringIO()
    assert run(None, out) == 0, out.getvalue()
    assert out.getvalue().splitlines()[-1].startswith("没有问题")


def test_run_prints_every_problem_and_fails(folder: Path) -> None:
    """The count closes the list."""
    slip = SLIPS["two characters mistyped"]
    change(folder / slip.file, slip.old, slip.new)
    out = io.StringIO()
    assert run(folder, out) == 1
    lines = out.getvalue().splitlines()
    assert any(re.match(r"measures\.yaml:\d+: 「.*」与原文不符", line) for line in lines)
    assert re.match(r"共 \d+ 处问题", lines[-1])


def test_run_prints_what_cannot_be_loaded_and_fails(folder: Path) -> None:
    """Faults of form come out in full, without a traceback."""
    change(folder / MEASURES, '  year: "2021"', "  year: 2021")
    out = io.StringIO()
    assert run(folder, out) == 1
    assert re.match(r"measures\.yaml:\d+: year的「2021」会被当成数字", out.getvalue())
