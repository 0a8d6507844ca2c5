"""Whether the knowledge makes sense: one small function a rule, and every entry's own questions asked.

What `loading.load` refuses is form (keys, ids, types); what is found here is content.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from bot import questions, source
from bot.engine import Engine, build
from bot.errors import KnowledgeError
from bot.knowledge import NO_TARGET, TARGETS, Knowledge, Table, squeeze
from bot.loading import load
from bot.values import Problem


def problems(knowledge: Knowledge, engine: Engine | None = None) -> list[Problem]:
    """Every fault of content, in the order of the files; with an engine, the questions are asked too."""
    found = [*_rules(knowledge)]
    if engine is not None:
        found += questions.unanswered(questions.every(knowledge), engine)
    return sorted(found, key=lambda problem: (problem.file, problem.line))


def _rules(knowledge: Knowledge) -> Iterator[Problem]:
    yield from source.differences(knowledge)
    yield from unprinted_names(knowledge)
    yield from odd_totals(knowledge)
    yield from two_statements(knowledge)
    yield from silent_entries(knowledge)


def unprinted_names(knowledge: Knowledge) -> Iterator[Problem]:
    """Names given as the document's own which it does not print."""
    whole = source.printed(knowledge.source).text
    for table in knowledge.tables.values():
        if squeeze(table.title) not in whole:
            yield Problem(TARGETS, table.line, f"附件标题「{table.title}」不在原文里", "请逐字照抄原文的标题")
    # Goals that no annex breaks down are named by the editors, after the clause that states them.
    columns = [indicator for indicator in knowledge.indicators.values() if indicator.annex]
    for entry in (*columns, *knowledge.regions.values()):
        if squeeze(entry.name) not in whole:
            yield Problem(*entry.place, f"名称「{entry.name}」不在原文里", "name 请照原文写，别的叫法写进 aliases")


def odd_totals(knowledge: Knowledge) -> Iterator[Problem]:
    """Columns whose cells do not add up to the printed total, in exact decimals."""
    for table in knowledge.tables.values():
        for column, indicator in enumerate(table.columns):
            cells = [row[column] for row in table.rows.values() if row[column] != NO_TARGET]
            added, total = sum(map(Decimal, cells), Decimal(0)), Decimal(table.total[column])
            declared = indicator in table.odd_totals
            if added != total:
                name = knowledge.indicators[indicator].name
                mend = (
                    f"附件 {table.id} 的 odd_totals 已声明原文如此"
                    if declared
                    else "请对照原文改正抄错的格子；原文本来就对不上的，把这一列写进 odd_totals"
                )
                what = f"「{name}」一列相加是 {added.normalize():f}，合计写的是 {total}"
                yield Problem(TARGETS, table.lines[""], what, mend, warning=declared)
            elif declared:
                yield _needless(table, indicator)


def _needless(table: Table, indicator: str) -> Problem:
    what = f"odd_totals 里的「{indicator}」一列其实对得上合计"
    return Problem(TARGETS, table.line, what, "请从 odd_totals 里删去", warning=True)


def two_statements(knowledge: Knowledge) -> Iterator[Problem]:
    """Goals of the text that differ from the total of the annex for the same indicator."""
    for indicator in knowledge.indicators.values():
        if not indicator.goal or not indicator.annex:
            continue
        table = knowledge.tables[indicator.annex]
        column = table.columns.index(indicator.id)
        total = table.total[column]
        if Decimal(total) != Decimal(indicator.goal.value):
            declared = indicator.id in table.odd_totals
            what = f"「{indicator.name}」正文写的是 {indicator.goal.value}，附件 {table.id} 合计写的是 {total}"
            mend = "请对照原文改正 goals 或 annexes；原文本来就对不上的，把这一列写进 odd_totals"
            yield Problem(TARGETS, table.lines[""], what, mend, warning=declared)
        if indicator.goal.unit != indicator.unit:
            what = f"「{indicator.name}」的单位是「{indicator.unit}」，goals 里写的是「{indicator.goal.unit}」"
            yield Problem(*indicator.place, what, "请对照原文改成一样的单位")


def silent_entries(knowledge: Knowledge) -> Iterator[Problem]:
    """Entries without a question that must find them, which nothing would test."""
    for entry in questions.registers(knowledge):
        if not entry.ask:
            yield Problem(*entry.place, f"「{entry.name}」没有 ask", "请写上一两个必须由它回答的问题", warning=True)


def run(folder: Path | None, out: TextIO) -> int:
    """Check the folder, print what is wrong and how to mend it; 0 if nothing is, else 1."""
    try:
        knowledge = load(folder)
        found = problems(knowledge, build(knowledge))
    except KnowledgeError as error:
        print(error, file=out)
        return 1
    for problem in found:
        print(problem, file=out)
    print(_closing(found), file=out)
    return 1 if any(not problem.warning for problem in found) else 0


def _closing(found: Iterable[Problem]) -> str:
    count = Counter(problem.warning for problem in found)
    line = f"共 {count[False]} 处问题" if count[False] else "没有问题"
    return f"{line}，{count[True]} 处提醒。" if count[True] else f"{line}。"
