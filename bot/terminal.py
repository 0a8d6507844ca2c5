"""The terminal: one reply for a person to read, and a conversation typed or piped in."""

import logging
from collections.abc import Iterator
from typing import BinaryIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.engine import Engine
from bot.evidence import evidence
from bot.privacy import where_it_failed
from bot.respond import respond
from bot.values import Context, Reply, View
from bot.wording import load_wording

_log = logging.getLogger(__name__)
_PROMPT = "提问："
# A picture of two bars says more than a sentence, a table of two cells does not.
_PAIR = 2
_FAREWELLS = frozenset({"退出", "离开", "结束", "exit", "quit", "q", ":q"})


def show(reply: Reply, console: Console) -> None:
    """Print a reply: how it was understood, the answer, its table, source and wording, and what to ask next."""
    if reply.understood:
        _line(console, f"（{reply.understood}）", "dim")
    _line(console, reply.answer, "bold")
    for number, choice in enumerate(reply.choices, 1):
        _line(console, f"{number}. {choice}")
    tabled = reply.view is not None and len(reply.view.rows) * (len(reply.view.columns) - 1) > _PAIR
    if reply.view and tabled:
        _line(console, f"\n{reply.view.title}（{reply.view.unit}）" if reply.view.unit else f"\n{reply.view.title}")
        console.print(_table(reply.view))
    lines = evidence(reply)
    if lines and not tabled:
        _line(console, "")
    for line in lines:
        _line(console, line, "dim")
    if reply.follow_ups:
        _line(console, f"\n{load_wording().follow_ups}")
        for question in reply.follow_ups:
            _line(console, f"· {question}")


def chat(engine: Engine, console: Console, messages: Iterator[str] | None = None) -> None:
    """A conversation until 退出 or the end of input; without `messages` it is typed, with history and editing."""
    piped = messages is not None
    _line(console, f"关于《{engine.knowledge.name}》，请提问。输入「退出」或按 Ctrl-D 结束。例如：")
    for example in engine.examples:
        _line(console, f"· {example}")
    context = Context()
    for message in messages if messages is not None else _typed():
        question = message.strip()
        if not question:
            continue
        _line(console, f"\n{_PROMPT}{question}" if piped else "")
        if question.casefold() in _FAREWELLS:
            break
        try:
            reply, context = respond(question, context, engine)
        except Exception as error:
            _log.error("处理问题出错：%s", where_it_failed(error))
            _line(console, load_wording().apology)
            continue
        show(reply, console)
        if not piped:
            _line(console, "")
    _line(console, "再见！")


def lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a file as text; what is not UTF-8 is marked, not refused."""
    for line in file:
        yield line.decode("utf-8-sig", "replace")


def _typed() -> Iterator[str]:
    # Imported here: a piped conversation needs neither terminal nor history.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import InMemoryHistory

    # In memory only: nothing that was asked is left on the disk.
    session: PromptSession[str] = PromptSession(history=InMemoryHistory())
    while True:
        try:
            yield session.prompt(_PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _line(console: Console, text: str, style: str = "") -> None:
    # The terminal wraps by itself; a line that was broken here could not be copied or searched for.
    console.print(Text(text, style=style if console.is_terminal else ""), soft_wrap=True)


def _table(view: View) -> Table:
    columns, rows = view.columns, view.rows
    if len(columns) > len(rows) + 1:
        # Few long rows are read better downwards, and no terminal is wide enough for them.
        columns, *rest = zip(columns, *rows, strict=True)
        rows = tuple(rest)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        right = number > 0 and all(row[number][:1].isdigit() or row[number] in ("/", "") for row in rows)
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
