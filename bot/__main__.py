"""The command line. Each channel is imported where it starts, so that none costs the others anything."""

import argparse
import difflib
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from bot import settings as known
from bot.errors import KnowledgeError, UsageError
from bot.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]


def ask(args: argparse.Namespace, settings: Settings) -> int:
    """Answer one question, or every line of a batch."""
    question = " ".join(args.question)
    if args.batch and question:
        raise UsageError("--batch 从标准输入读问题，命令行上不要再写问题。")
    if not args.batch and not question:
        raise UsageError("请在 ask 后面写上问题，如：python -m bot ask 一共有哪些措施")
    from bot import engine as engines

    engine = engines.load(settings.knowledge)
    if args.batch:
        from bot import batch

        return 0 if batch.run(sys.stdin.buffer, sys.stdout, engine) else 1
    if args.explain:
        from bot.explain import explain

        print(explain(question, engine))
        return 0
    from bot.respond import respond
    from bot.values import Context

    reply, _ = respond(question, Context(), engine)
    if args.json:
        import json

        from bot.render import as_json

        print(json.dumps(as_json(reply), ensure_ascii=False))
        return 0
    from rich.console import Console

    from bot import terminal

    terminal.show(reply, Console(file=sys.stdout))
    return 0


def chat(args: argparse.Namespace, settings: Settings) -> int:
    """A conversation in the terminal."""
    from rich.console import Console

    from bot import engine as engines
    from bot import terminal

    engine = engines.load(settings.knowledge)
    typed = sys.stdin.isatty() and sys.stdout.isatty()
    terminal.chat(engine, Console(file=sys.stdout), None if typed else terminal.lines(sys.stdin.buffer))
    return 0


def serve(args: argparse.Namespace, settings: Settings) -> int:
    """The page, the API and Telegram, until stopped."""
    from bot.serve import serve as run

    return run(settings)


def check(args: argparse.Namespace, settings: Settings) -> int:
    """Whether the knowledge files are sound; with --questions, also whether they are understood."""
    from bot.check import run

    if args.sample is not None and not args.questions:
        raise UsageError("--sample 要和 --questions 一起用。")
    status = run(settings.knowledge, sys.stdout)
    if status or not args.questions:
        return status
    from bot import engine as engines
    from bot import selftest

    figures = selftest.run(engines.load(settings.knowledge), args.sample, 1, sys.stderr)
    for line in selftest.report(figures):
        print(line)
    return 0 if figures.share >= selftest.ENOUGH else 1


def unanswered(args: argparse.Namespace, settings: Settings) -> int:
    """The questions that found no answer, with how often each was asked."""
    from contextlib import closing

    from bot.store import Store

    with closing(Store.open(settings.data, settings.key, settings.context_days, settings.question_days)) as store:
        found = store.list_unanswered()
    for entry in found:
        print(f"{entry.count:>5} 次  {entry.last}  {entry.question}")
    if not found:
        print("没有答不上来的问题。", file=sys.stderr)
    return 0


def feedback(args: argparse.Namespace, settings: Settings) -> int:
    """What was thought of the answers, those called wrong most often first."""
    from contextlib import closing

    from bot.store import Store

    with closing(Store.open(settings.data, settings.key, settings.context_days, settings.question_days)) as store:
        found = store.list_feedback()
    for entry in found:
        kind = f"{entry.outcome} {entry.ref}".rstrip()
        print(f"不对 {entry.down:>3}  有用 {entry.up:>3}  {entry.last}  [{kind}] {entry.question}")
    if not found:
        print("还没有人评价过答案。", file=sys.stderr)
    return 0


def forget(args: argparse.Namespace, settings: Settings) -> int:
    """Drop what is kept of one chat, under whichever channel."""
    from contextlib import closing

    from bot.store import Store

    with closing(Store.open(settings.data, settings.key, settings.context_days, settings.question_days)) as store:
        # A bare number is what Telegram shows, a bare key what an API client chose.
        names = (args.chat, f"telegram:{args.chat}", f"web:{args.chat}")
        dropped = any([store.forget(name) for name in names])
    print(f"已删除会话 {args.chat} 的记录。" if dropped else f"没有会话 {args.chat} 的记录。")
    return 0


def backup(args: argparse.Namespace, settings: Settings) -> int:
    """A checked copy of the database, also while the bot runs."""
    from pathlib import Path

    from bot.backup import back_up

    target = back_up(settings.data, Path(args.path), args.overwrite)
    print(f"已备份到 {target}（{target.stat().st_size} 字节），核对无误。")
    return 0


def list_settings(args: argparse.Namespace, settings: Settings) -> int:
    """Every setting: its value, where it came from, what it means and its default."""
    for shown in known.show():
        print(f"{shown.setting.name} = {shown.value}（{shown.source}）")
        print(f"    {shown.setting.meaning}。默认：{shown.setting.default}。")
    for line in known.unknown():
        print(line)
    print(f"设在环境变量里，或写进一个文件（每行 名称=值），用 {known.FILE}=文件 指定；环境变量优先。")
    return 0


COMMANDS: dict[str, tuple[Command, str]] = {
    "ask": (ask, "回答一个问题，或从标准输入回答一批"),
    "chat": (chat, "在终端里对话"),
    "serve": (serve, "启动网页、接口和 Telegram（设了令牌时）"),
    "check": (check, "检查知识文件"),
    "unanswered": (unanswered, "列出没有答上的问题和次数"),
    "feedback": (feedback, "列出被评价过的答案，说不对的在前"),
    "forget": (forget, "删除一个会话的记录"),
    "backup": (backup, "备份数据库（机器人可以照常运行）"),
    "settings": (list_settings, "列出所有设置"),
}

# What argparse says, and the same for our readers.
_SAID = (
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 不能和 \2 一起用"),
    (r"argument (\S+): ignored explicit argument .*", r"\1 后面不带值"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 不明确，可能是 \2"),
)


class _Parser(argparse.ArgumentParser):
    """A parser that speaks Chinese."""

    def __init__(self, **given: object) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **given)  # type: ignore[arg-type]
        self._optionals.title = "选项"
        self._positionals.title = "参数"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def format_help(self) -> str:
        """The help text."""
        return re.sub(r"^usage:", "用法：", super().format_help())

    def error(self, message: str) -> NoReturn:
        """Refuse what was typed."""
        for pattern, said in _SAID:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, said, message)
        raise UsageError(f"{message}。用法见：{self.prog} --help")


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]+", text) or not int(text):
        raise UsageError(f"--sample 后面要写一个正整数，不能是「{text}」。")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = _Parser(prog="python -m bot", description="依据政策文件回答问题。")
    commands = top.add_subparsers(dest="command", metavar="命令", title="命令", required=True)
    made = {
        name: commands.add_parser(name, help=meaning, description=f"{meaning}。")
        for name, (_, meaning) in COMMANDS.items()
    }
    made["ask"].add_argument("question", nargs="*", metavar="问题", help="要问的话")
    form = made["ask"].add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="输出一个 JSON 对象")
    form.add_argument("--batch", action="store_true", help="从标准输入逐行读 JSON，逐行输出答复")
    form.add_argument("--explain", action="store_true", help="列出这个问题是怎样理解的")
    made["check"].add_argument("--questions", action="store_true", help="再由知识文件生成问题自测")
    made["check"].add_argument("--sample", type=_count, metavar="个数", help="只随机抽这么多问")
    made["forget"].add_argument("chat", metavar="会话", help="会话编号")
    made["backup"].add_argument("path", metavar="去处", help="备份的文件名，或已有的文件夹（文件名就带上日期）")
    made["backup"].add_argument("--overwrite", action="store_true", help="已有同名文件时覆盖它")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    _speak_utf8()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _run(words)
        sys.stdout.flush()
    except (KnowledgeError, UsageError) as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader has gone; what is still buffered has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    return status


def _run(words: list[str]) -> int:
    if not words:
        parser().print_help(sys.stderr)
        return 2
    name = words[0]
    if not name.startswith("-") and name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, 1)
        hint = f"是不是 {near[0]}？" if near else ""
        raise UsageError(f"没有叫「{name}」的命令。{hint}可用的：{'、'.join(COMMANDS)}")
    args = parser().parse_args(words)
    command, _ = COMMANDS[args.command]
    return command(args, known.load())


def _speak_utf8() -> None:
    # Whatever the locale: everything said here is Chinese. Half a surrogate pair becomes its JSON escape.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
