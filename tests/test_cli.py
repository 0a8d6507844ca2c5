"""The command line: in-process through `main`, and as a real process where the process is what matters."""

import asyncio
import http.client
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot import batch, terminal
from bot import engine as engines
from bot.__main__ import COMMANDS, main
from bot.engine import Engine
from bot.evidence import evidence
from bot.respond import respond
from bot.settings import SETTINGS
from bot.store import Store
from bot.values import Context, View
from tests.botapi import TOKEN, BotApi

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "喀什转移就业目标"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests; data in a folder of their own."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.delenv("BOT_SETTINGS", raising=False)
    monkeypatch.setenv("BOT_DATA", str(tmp_path))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    """The engine is there already: reading it anew takes a second."""
    monkeypatch.setattr(engines, "load", lambda folder=None: engine)


def bot(*words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m bot` as a process."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env=os.environ | env,
        check=False,
    )


# --- ask ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded")
def test_ask_prints_what_a_person_reads(capsys: pytest.CaptureFixture[str], engine: Engine) -> None:
    """The whole message first, line by line unbroken, then what can be asked next."""
    assert main(["ask", QUESTION]) == 0
    reply, _ = respond(QUESTION, Context(), engine)
    said = capsys.readouterr().out
    assert said.startswith(reply.text)
    assert all(f"· {question}\n" in said for question in reply.follow_ups)


@pytest.mark.usefixtures("loaded")
def test_the_words_of_a_question_need_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    """They are one question."""
    assert main(["ask", "--json", "喀什", "转移就业目标"]) == 0
    assert json.loads(capsys.readouterr().out)["question"] == "喀什 转移就业目标"


@pytest.mark.usefixtures("loaded")
def test_ask_json_prints_one_reply_object_without_an_id(capsys: pytest.CaptureFixture[str]) -> None:
    """On one line, in plain characters."""
    assert main(["ask", "--json", QUESTION]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "喀什" in said
    assert list(json.loads(said)) == [
        "question", "outcome", "understood", "answer", "text", "citations", "figures", "view", "choices", "follow_ups",
    ]  # fmt: skip


@pytest.mark.usefixtures("loaded")
def test_a_declined_question_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status tells of usage, not of the document."""
    assert main(["ask", "--json", "明天天气怎么样"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "no_answer"


@pytest.mark.usefixtures("loaded")
def test_ask_explain_shows_the_way_to_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """From the normalised text to the result."""
    assert main(["ask", "--explain", QUESTION]) == 0
    assert QUESTION in capsys.readouterr().out.splitlines()[0]


# --- batch ----------------------------------------------------------------------------------------------


def answered(lines: list[bytes], engine: Engine) -> tuple[bool, list[dict[str, object]]]:
    """Whether all lines were good, and what came out."""
    out = io.StringIO()
    good = batch.run(lines, out, engine)
    return good, [json.loads(line) for line in out.getvalue().splitlines()]


def line(**fields: object) -> bytes:
    """One request."""
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def test_batch_answers_in_order_under_the_given_ids(engine: Engine) -> None:
    """An id is given back as it came; where there is none there is none."""
    good, replies = answered(
        [line(id="b", question=QUESTION), line(id=7, question="你好"), line(question="你好")], engine
    )
    assert good
    assert [reply.get("id", "none") for reply in replies] == ["b", 7, "none"]
    assert [reply["outcome"] for reply in replies] == ["answer", "social", "social"]


def test_batch_keeps_conversations_apart(engine: Engine) -> None:
    """Lines of one conversation are one, however they are mixed; lines without stand alone."""
    requests = [
        line(id="1", question="失业率", conversation="a"), line(id="2", question="1"), line(id="3", question="1", conversation="b"),
        line(id="4", question="1", conversation=None), line(id="5", question="1", conversation="a"),
    ]  # fmt: skip
    _, replies = answered(requests, engine)
    assert [reply["outcome"] for reply in replies] == ["choose", "no_answer", "no_answer", "no_answer", "answer"]


@pytest.mark.parametrize(
    ("bad", "id_", "says"),
    [
        (b"nope\n", None, "不是有效的 JSON"),
        (b"\n", None, "不是有效的 JSON"),
        (b"\xff\n", None, "不是 UTF-8 编码"),
        (b'["x"]\n', None, "应当是一个 JSON 对象"),
        (b"[" * 100000, None, "不是有效的 JSON"),
        (b"1" * 10000, None, "不是有效的 JSON"),
        (line(id="x"), "x", "缺少 question"),
        (line(id="x", question=None), "x", "应当是文字"),
        (line(id="x", question=["y"]), "x", "应当是文字"),
    ],
)
def test_a_bad_line_gets_an_error_in_its_place(engine: Engine, bad: bytes, id_: str | None, says: str) -> None:
    """The lines around it are answered, and the run counts as failed."""
    good, replies = answered([line(id="1", question="你好"), bad, line(id="2", question="你好")], engine)
    assert not good
    assert [reply["id"] for reply in replies] == ["1", id_, "2"]
    assert set(replies[1]) == {"id", "error"}
    assert "第 2 行" in str(replies[1]["error"])
    assert says in str(replies[1]["error"])


def test_an_unforeseen_error_costs_one_line(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told in its place, and logged without the question."""

    def fails_once(question: str, *rest: object) -> object:
        if question == "秘密":
            raise RuntimeError(question)
        return respond(question, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "respond", fails_once)
    good, replies = answered([line(id="1", question="秘密"), line(id="2", question="你好")], engine)
    assert not good
    assert (replies[0]["id"], "error" in replies[0], replies[1]["outcome"]) == ("1", True, "social")
    assert "RuntimeError" in caplog.text
    assert "秘密" not in caplog.text


def test_batch_as_a_process_answers_each_line_before_the_next_is_read() -> None:
    """Whatever the locale; a byte order mark and half a surrogate pair do no harm; bad lines give status 1."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=ROOT, env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"},
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        replies = []
        for request in (
            b"\xef\xbb\xbf" + line(id="1", question=QUESTION),
            b'{"id":"2","question":"\\ud800"}\n',
            b"nope\n",
        ):
            process.stdin.write(request)
            process.stdin.flush()
            replies.append(json.loads(process.stdout.readline().decode("utf-8")))
        process.stdin.close()
        assert process.wait(10) == 1
        assert process.stderr.read() == b""
    assert [reply["id"] for reply in replies] == ["1", "2", None]
    assert "90.3万人次" in replies[0]["answer"]
    assert replies[1]["question"] == "\ud800"


def test_a_reader_that_goes_away_is_no_error() -> None:
    """`| head` ends the batch without a word."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=ROOT,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(line(question="你好"))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(line(question="你好") * 3)
        process.stdin.close()
        process.wait(10)
        assert process.stderr.read() == b""


# --- wrong usage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["akc", "x"], "没有叫「akc」的命令。是不是 ask？"),
        (["天气"], "没有叫「天气」的命令。可用的：ask、chat"),
        (["ask"], "请在 ask 后面写上问题"),
        (["ask", "--json"], "请在 ask 后面写上问题"),
        (["ask", "--jsn", "x"], "不认识的参数：--jsn"),
        (["ask", "--json", "--batch"], "--batch 不能和 --json 一起用"),
        (["ask", "--json=1", "x"], "--json 后面不带值"),
        (["ask", "--batch", "x"], "命令行上不要再写问题"),
        (["forget"], "缺少参数：会话"),
        (["check", "x"], "不认识的参数：x"),
    ],
)
def test_wrong_usage_is_told_in_chinese(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    """On stderr, with status 2."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


def test_no_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """That is wrong usage too."""
    assert main([]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help_text(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """In Chinese throughout."""
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert COMMANDS[name][1] in said
    assert not re.search("usage|options|positional|show this", said)


def test_broken_knowledge_and_wrong_settings_end_without_a_traceback(tmp_path: Path) -> None:
    """The problems are printed, the status is 2."""
    for env, says in (
        ({"BOT_KNOWLEDGE": str(tmp_path)}, "知识文件有"),
        ({"BOT_PORT": "x"}, "BOT_PORT（环境变量）「x」"),
    ):
        done = bot("ask", "x", **env)
        assert (done.returncode, done.stdout) == (2, b"")
        assert says in done.stderr.decode()
        assert b"Traceback" not in done.stderr


# --- chat -----------------------------------------------------------------------------------------------


def transcript(engine: Engine, *messages: str) -> str:
    """What a piped conversation prints."""
    out = io.StringIO()
    terminal.chat(engine, Console(file=out, width=60), iter(messages))
    return out.getvalue()


def test_a_piped_conversation_is_one_conversation(engine: Engine) -> None:
    """A number picks from the choices offered before; each message is shown before its reply."""
    said = transcript(engine, "失业率\n", "\n", "1\n")
    assert said.index("提问：失业率") < said.index("1. 全区") < said.index("提问：1") < said.index("4.5%")
    assert "来源：" in said
    assert said.endswith("再见！\n")


@pytest.mark.parametrize("word", ["退出", "exit", "QUIT"])
def test_a_farewell_ends_the_conversation(engine: Engine, word: str) -> None:
    """What follows is not read."""
    assert "90.3" not in transcript(engine, f"{word}\n", QUESTION)


def test_an_unforeseen_error_does_not_end_the_conversation(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An apology, and on it goes."""

    def fails_once(question: str, *rest: object) -> object:
        if question == "坏":
            raise RuntimeError
        return respond(question, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(terminal, "respond", fails_once)
    said = transcript(engine, "坏", QUESTION)
    assert said.index("抱歉") < said.index("90.3万人次")


def shown(view: View, engine: Engine) -> list[list[str]]:
    """The words of a table as printed, a list a line."""
    out = io.StringIO()
    Console(file=out, width=60).print(terminal._table(view))
    return [words for printed in out.getvalue().splitlines() if (words := printed.split())]


def test_a_table_is_printed_with_its_columns(engine: Engine) -> None:
    """A row a line, "/" as printed."""
    view = View("table", "目标", "万人", ("地区", "甲", "乙"), (("东", "1.5", "/"), ("西", "22", "3")))
    assert [words for words in shown(view, engine) if not words[0].startswith("─")] == [
        ["地区", "甲", "乙"],
        ["东", "1.5", "/"],
        ["西", "22", "3"],
    ]


def test_a_long_single_row_is_printed_downwards(engine: Engine) -> None:
    """No terminal is wide enough for it."""
    view = View("table", "目标", "", ("地区", *(f"很长的指标名称{n}" for n in range(8))), (("东", *"12345678"),))
    assert ["很长的指标名称7", "8"] in shown(view, engine)


def test_the_evidence_is_what_follows_answer_and_choices(engine: Engine) -> None:
    """Channels that set it apart repeat nothing and lose nothing."""
    reply, _ = respond(QUESTION, Context(), engine)
    assert "\n".join([reply.answer, "", *evidence(reply)]) == reply.text
    assert evidence(respond("失业率", Context(), engine)[0]) == ()


def test_a_typed_conversation_has_line_editing_and_history() -> None:
    """In a terminal of its own: the arrow brings the question back, Ctrl-C drops a line, Ctrl-D ends."""
    child, master = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(
            sys.executable,
            [sys.executable, "-m", "bot", "chat"],
            os.environ | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
    try:
        read = reader(master)
        read("提问：")
        os.write(master, f"{QUESTION}\r".encode())
        read("90.3万人次")
        read("提问：")
        os.write(master, "半句".encode() + b"\x03")
        read("提问：")
        os.write(master, b"\x1b[A")
        read(QUESTION)
        os.write(master, b"\r")
        read("90.3万人次")
        read("提问：")
        os.write(master, b"\x04")
        read("再见！")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        child = 0
    finally:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.close(master)


def reader(file: int) -> Callable[[str], None]:
    """A function that reads on until a text has come."""
    buffer = b""

    def read(text: str) -> None:
        nonlocal buffer
        until = time.monotonic() + 15
        while text.encode() not in buffer:
            assert time.monotonic() < until, buffer.decode("utf-8", "replace")
            if select.select([file], [], [], 0.2)[0]:
                try:
                    buffer += os.read(file, 4096)
                except OSError:
                    break
        assert text.encode() in buffer
        buffer = buffer.partition(text.encode())[2]

    return read


def test_chat_reads_what_is_piped_in() -> None:
    """Bytes that are no UTF-8 are a question like another."""
    done = bot("chat", stdin=b"\xef\xbb\xbf" + QUESTION.encode() + b"\n\xff\xfe\n", LC_ALL="C")
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert said.index(f"提问：{QUESTION}\n") < said.index("90.3万人次") < said.index("\ufffd") < said.index("再见！")


# --- the store's commands, and settings -----------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The store that the commands use."""
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def test_unanswered_lists_questions_with_counts(capsys: pytest.CaptureFixture[str], store: Store) -> None:
    """The most frequent first."""
    for question in ("甲", "乙", "乙"):
        store.unanswered(question)
    assert main(["unanswered"]) == 0
    found = [(printed.split()[0], printed.split()[-1]) for printed in capsys.readouterr().out.splitlines()]
    assert found == [("2", "乙"), ("1", "甲")]


def test_feedback_lists_what_was_voted_on(capsys: pytest.CaptureFixture[str], store: Store) -> None:
    """With the kind of answer; nothing on standard output where there is nothing."""
    assert main(["feedback"]) == 0
    nothing = capsys.readouterr()
    store.vote("k", "down", "甲是多少", "answer", "annex:1")
    assert main(["feedback"]) == 0
    line = capsys.readouterr().out
    assert (nothing.out, "还没有人评价" in nothing.err) == ("", True)
    assert line.startswith("不对   1  有用   0  ")
    assert line.endswith("[answer annex:1] 甲是多少\n")


def test_unanswered_prints_nothing_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets no line that is no question."""
    assert main(["unanswered"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "没有答不上来的问题。\n")


@pytest.mark.parametrize("chat", ["telegram:-42", "-42", "web:-42"])
def test_forget_drops_a_chat(capsys: pytest.CaptureFixture[str], store: Store, chat: str) -> None:
    """Named in full, or by its bare number or key."""
    kept = Context(choices=("甲",))
    name = "telegram:-42" if chat == "-42" else chat
    store.remember(name, kept)
    assert store.context(name) == kept
    assert main(["forget", chat]) == 0
    assert "已删除" in capsys.readouterr().out
    assert store.context(name) == Context()
    assert main(["forget", chat]) == 0
    assert "没有会话" in capsys.readouterr().out


def test_settings_lists_each_with_value_source_and_meaning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets only as set."""
    monkeypatch.setenv("BOT_PORT", "9000")
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:secretsecret")
    assert main(["settings"]) == 0
    said = capsys.readouterr().out
    assert "BOT_PORT = 9000（环境变量）" in said
    assert "TELEGRAM_TOKEN = 已设置（环境变量）" in said
    assert "BOT_HOST = 127.0.0.1（默认）" in said
    assert all(setting.name in said and setting.meaning in said for setting in SETTINGS)
    assert "secretsecret" not in said


def test_check_runs_over_the_set_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty one has problems, each told."""
    monkeypatch.setenv("BOT_KNOWLEDGE", str(tmp_path))
    assert main(["check"]) == 1
    assert "measures.yaml" in capsys.readouterr().out


# --- serve ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_its_address_answers_and_stops_when_asked(number: signal.Signals) -> None:
    """On loopback and any free port; a second one on the same port is told why not."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env=os.environ | {"BOT_PORT": "0", "LC_ALL": "C"},
    )  # fmt: skip
    with process:
        assert process.stdout and process.stderr
        try:
            address = re.fullmatch(r"网页：http://127\.0\.0\.1:(\d+)/\n", process.stdout.readline().decode())
            assert address
            assert "TELEGRAM_TOKEN" in process.stdout.readline().decode()
            port = address[1]
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
            connection.request("POST", "/api/ask", json.dumps({"question": QUESTION}))
            assert "90.3万人次" in json.load(connection.getresponse())["answer"]
            if number == signal.SIGINT:
                second = bot("serve", BOT_PORT=port)
                assert (second.returncode, "端口已被占用" in second.stderr.decode()) == (2, True)
            # The connection is still open: it must not keep the process.
            process.send_signal(number)
            assert process.wait(10) == 0
            connection.close()
            assert "喀什" not in process.stderr.read().decode()
        finally:
            process.kill()


async def test_serve_answers_in_telegram_too_where_a_token_is_set(tmp_path: Path) -> None:
    """The real application against a Bot API server on loopback; the token is in none of its output."""
    async with BotApi() as api:
        api.say(7, QUESTION)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
            env=os.environ | {"BOT_PORT": "0", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": api.base_url},
        )  # fmt: skip
        try:
            assert "90.3万人次" in await asyncio.wait_for(api.answered(7), 40)
            process.terminate()
            out, err = await asyncio.wait_for(process.communicate(), 20)
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 0
    assert TOKEN.partition(":")[2] not in (out + err).decode()


async def test_serve_outlives_a_telegram_that_cannot_be_reached() -> None:
    """Whoever started it sees that it is tried again, without a traceback; the rest of it works, and it can be stopped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env=os.environ | {"BOT_PORT": "0", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": "http://127.0.0.1:9/bot"},
    )  # fmt: skip
    assert process.stderr
    try:
        said = await asyncio.wait_for(process.stderr.readuntil("会一直重试".encode()), 20)
        process.terminate()
        _, rest = await asyncio.wait_for(process.communicate(), 10)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0
    assert b"Traceback" not in said + rest
    assert TOKEN.partition(":")[2].encode() not in said + rest


async def test_serve_ends_on_a_token_that_telegram_refuses() -> None:
    """Waiting would not mend it; the token itself is not printed."""
    async with BotApi(token="1:another-token-than-ours") as api:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
            env=os.environ | {"BOT_PORT": "0", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": api.base_url},
        )  # fmt: skip
        _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert "TELEGRAM_TOKEN" in said.decode()
    assert TOKEN.partition(":")[2].encode() not in said
