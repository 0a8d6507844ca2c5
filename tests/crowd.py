"""Many people who ask at once, the bot as an operator runs it, and what came of it: for the soak and the benchmark."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from bot.engine import Engine
from bot.respond import respond
from bot.values import Context
from tests.botapi import TOKEN, BotApi
from tests.botapi_checks import Json, parse_html

ROOT = Path(__file__).resolve().parent.parent
# Larger than 32 bits, so that SQLite's own form of the number can be told from chance.
FIRST_CHAT = 5_000_000_017
_POLITE = ("麻烦问一下，", "请问一下，", "你好，想问问，", "劳驾，")
# A loaded machine may take so long until the bot has read that its send was accepted.
_LONGEST_FLIGHT = 3.0
# A reply is not read by more than its answer; nobody waits for longer ones here.
_LONGEST_ANSWER = 200
_LAYOUT = str.maketrans("", "", "\n· 、；。")


def person(number: int) -> Json:
    """Someone with a name of their own."""
    return {"id": number, "is_bot": False, "first_name": f"欧阳{number}号", "username": f"ouyang_{number}"}


def flat(text: str) -> str:
    """A text by which it is known again, whether what it lists stands in lines or in one."""
    return text.translate(_LAYOUT)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is typed, and the answer, flat, that must stand in the reply."""

    text: str
    answer: str


def questions(engine: Engine, most: int = 60) -> tuple[Question, ...]:
    """Real questions that need no context, no two with the same answer; every tenth has none in the document."""
    knowledge = engine.knowledge
    pairs = [(region.name, indicator.name) for indicator in knowledge.indicators.values() for region in knowledge.regions.values()]  # fmt: skip
    random.Random(7).shuffle(pairs)
    found: dict[str, Question] = {}
    _, other = respond(engine.examples[0], Context(), engine)
    for number, (region, indicator) in enumerate(pairs):
        text = f"{_POLITE[number % len(_POLITE)]}{region}{indicator}是多少？"
        if number % 10 == 9:
            # Digits of which no more than a mask may be kept.
            text = (
                f"{_POLITE[number % len(_POLITE)]}{2030 + number}年{region}{indicator}是多少，电话1390000{number:04d}"
            )
        reply, _ = respond(text, Context(), engine)
        if reply.outcome != ("no_answer" if number % 10 == 9 else "answer"):
            continue
        if reply.answer == respond(text, other, engine)[0].answer and len(reply.answer) < _LONGEST_ANSWER:
            found.setdefault(reply.answer, Question(text, flat(reply.answer)))
        if len(found) == most:
            break
    return tuple(found.values())


def real_questions(engine: Engine, orders: int = 2) -> tuple[Question, ...]:
    """Questions as people ask them, from the sets that were written apart from the program; each answer once.

    Asked one after the other, in so many orders, each is understood as it is alone.
    """
    found: dict[str, Question] = {}
    for path in sorted((ROOT / "tests" / "questions").glob("*.jsonl")):
        for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            if line["outcome"] == ["answer"] and line["noise"] == "none" and len(line["turns"]) == 1:
                (text,) = line["turns"]
                answer = respond(text, Context(), engine)[0].answer
                if len(answer) < _LONGEST_ANSWER:
                    found.setdefault(answer, Question(text, flat(answer)))
    pool, context = list(found.values()), Context()
    chance = random.Random(1)
    leaning: set[Question] = set()
    for _ in range(orders):
        for question in chance.sample(pool, len(pool)):
            reply, context = respond(question.text, context, engine)
            if flat(reply.answer) != question.answer:
                leaning.add(question)
    return tuple(question for question in pool if question not in leaning)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with the answers; `doubled` tells for each repeated one its chat, and when both were sent."""

    unanswered: int
    disorder: int
    strange: tuple[str, ...]
    doubled: tuple[tuple[int, float, float], ...]


@dataclass
class Crowd:
    """People in so many chats; listens to what the bot sends and knows what each chat must hear."""

    api: BotApi
    pool: Sequence[Question]
    chats: int
    seed: int = 1
    asked: dict[int, list[Question]] = field(default_factory=dict)
    heard: dict[int, list[tuple[float, str]]] = field(default_factory=dict)
    # Of each message, how long until it was answered; only meaningful where nothing is doubled.
    latencies: list[float] = field(default_factory=list)
    answered: int = 0
    listened: int = 0
    total: int = 0

    def __post_init__(self) -> None:
        self.api.person = person
        self.api.telegram.on_sent = self._hear
        self._random = random.Random(self.seed)
        self._asked_at: dict[int, list[float]] = {}
        self._surplus: Counter[int] = Counter()
        self._order = self._rounds()

    def ask(self, times: int = 1) -> None:
        """So many of them ask their next question, everyone in turn, each round in another order."""
        for _ in range(times):
            chat = next(self._order)
            self._ask(chat, self.pool[(chat * 7 + len(self.asked.get(chat, ()))) % len(self.pool)])

    def ask_each(self) -> None:
        """Each question once, by people who ask nothing else."""
        for number, question in enumerate(self.pool, self.chats):
            self._ask(FIRST_CHAT + 7 * number, question)

    def _ask(self, chat: int, question: Question) -> None:
        self.asked.setdefault(chat, []).append(question)
        self._asked_at.setdefault(chat, []).append(time.monotonic())
        self.total += 1
        self.api.say(chat, question.text)

    async def keep_asking(self, rate: float, stop: asyncio.Event) -> None:
        """So many a second, evenly, until told to stop."""
        begun, count = time.monotonic(), 0
        while not stop.is_set():
            due = int((time.monotonic() - begun) * rate) - count
            self.ask(due)
            count += due
            await asyncio.sleep(1 / rate)

    async def all_answered(self, patience: float = 30) -> bool:
        """Until every question has its answer, or nothing has come for so long; whether all have."""
        seen, since = -1, time.monotonic()
        while self.answered < self.total:
            if self.listened != seen:
                seen, since = self.listened, time.monotonic()
            elif time.monotonic() - since > patience:
                return False
            await asyncio.sleep(0.005)
        return True

    def verdict(self) -> Verdict:
        """The answers beside the questions, chat by chat."""
        unanswered = disorder = 0
        strange: list[str] = []
        doubled: list[tuple[int, float, float]] = []
        for chat, asked in self.asked.items():
            open_ = list(range(len(asked)))
            last, at = -1, 0.0
            for when, text in self.heard.get(chat, []):
                if last >= 0 and asked[last].answer in text and not (open_ and asked[open_[0]].answer in text):
                    doubled.append((chat, at, when))
                    at = when
                    continue
                found = next((number for number in open_ if asked[number].answer in text), None)
                if found is None:
                    # A send that was given up and arrived all the same, after others: a copy, not an order.
                    if any(question.answer in text for question in asked):
                        doubled.append((chat, when, when))
                    else:
                        strange.append(text)
                    continue
                disorder += found != open_[0]
                open_.remove(found)
                last, at = found, when
            unanswered += len(open_)
        return Verdict(unanswered, disorder, tuple(strange), tuple(doubled))

    def _rounds(self) -> Iterator[int]:
        chats = [FIRST_CHAT + 7 * number for number in range(self.chats)]
        while True:
            self._random.shuffle(chats)
            yield from chats

    def _hear(self, chat: int, sent: Json) -> None:
        text = sent.get("text")
        if text is None:
            return
        if sent.get("parse_mode"):
            text = parse_html(text)[0]
        text = flat(text)
        now = time.monotonic()
        heard = self.heard.setdefault(chat, [])
        heard.append((now, text))
        self.listened += 1
        # Whether it is the next one is found out at the end; here repeated ones are kept apart by their text.
        asked, at = self.asked[chat], len(heard) - 1 - self._surplus[chat]
        if at < len(asked) and asked[at].answer in text:
            self.answered += 1
            self.latencies.append(now - self._asked_at[chat][at])
        else:
            self._surplus[chat] += 1

    def secrets(self) -> list[bytes]:
        """Everything that must not be found in a log or a file: numbers, names, and texts as they were typed."""
        found = [TOKEN.encode(), TOKEN.partition(":")[2].encode()]
        for chat, asked in self.asked.items():
            who = person(chat)
            found += [str(chat).encode(), chat.to_bytes(6, "big"), who["first_name"].encode(), who["username"].encode()]
            found += [question.text.encode() for question in asked]
            found += [json_escaped(question.text) for question in asked]
        return list(dict.fromkeys(found))


def json_escaped(text: str) -> bytes:
    """The text as JSON writes it with everything escaped."""
    return text.encode("ascii", "backslashreplace")


def traces(paths: Iterable[Path], secrets: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """Which of the secrets stand in which of the files: all are looked for at once, as a hundred megabytes are many."""
    every = BytesAhoCorasick(secrets)
    found: dict[tuple[str, bytes], None] = {}
    for path in paths:
        for number, _, _ in every.find_matches_as_indexes(path.read_bytes(), overlapping=True):
            found[path.name, secrets[number]] = None
    return list(found)


class Serving:
    """`python -m bot serve` as a process of its own, with its log in a file; can be killed and started again.

    Another command runs another bot, for comparison.
    """

    def __init__(
        self, api: BotApi, folder: Path, *, webhook: bool = False, command: Sequence[str] = ("-m", "bot", "serve"),
        **settings: str,
    ) -> None:  # fmt: skip
        self.api, self.folder, self.webhook, self._command = api, folder, webhook, command
        self.data, self.log = folder / "data", folder / "bot.log"
        self._port = _free_port()
        # Without a pace of its own: what is measured is the bot.
        unpaced = {f"TELEGRAM_{name}": "0" for name in ("PER_CHAT", "PER_GROUP", "OVERALL", "BURST")}
        self.settings = {**unpaced, **settings}
        self.process: asyncio.subprocess.Process | None = None
        self.kills: list[float] = []
        self.starts = 0

    async def __aenter__(self) -> "Serving":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.running:
            await self.kill()

    async def start(self) -> None:
        """Start it, without waiting for anything."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "TELEGRAM_"))}
        environment = {
            **inherited, **self.settings, "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": self.api.base_url,
            "BOT_PORT": str(self._port), "BOT_DATA": str(self.data),
        }  # fmt: skip
        if self.webhook:
            environment["TELEGRAM_WEBHOOK_URL"] = f"http://127.0.0.1:{self._port}"
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        self.starts += 1

    async def ready(self, patience: float = 60) -> None:
        """Start it, and wait until it receives updates."""
        begins = "setWebhook" if self.webhook else "getUpdates"
        before = self._calls(begins)
        await self.start()
        await self.api.until(lambda: self._calls(begins) > before, patience)

    async def kill(self) -> None:
        """SIGKILL."""
        assert self.process
        self.kills.append(time.monotonic())
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit status, and how long it took."""
        assert self.process
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = await asyncio.wait_for(self.process.wait(), 30)
        finally:
            if self.process.returncode is None:
                await self.kill()
        return status, time.monotonic() - begun

    @property
    def running(self) -> bool:
        """Whether it has not ended by itself."""
        return self.process is not None and self.process.returncode is None

    def memory(self) -> float:
        """Megabytes that it holds in memory."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def processor_time(self) -> float:
        """Seconds of processor time that it has used."""
        assert self.process
        figures = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK")

    def files(self) -> list[Path]:
        """Everything that it wrote, the key of the hash aside."""
        return [self.log, *(path for path in self.data.rglob("*") if path.is_file() and path.suffix != ".key")]

    def _calls(self, method: str) -> int:
        return self.api.begun[method]


def bounded(doubled: Sequence[tuple[int, float, float]], kills: Sequence[float]) -> list[tuple[int, float, float]]:
    """The repeated answers that no kill excuses: each kill excuses one in a chat that had a send in flight."""
    excused: set[tuple[int, float]] = set()
    unexcused = []
    for chat, first, second in doubled:
        # What was on its way may arrive a moment after the kill; what was accepted long before was no longer in flight.
        kill = next((kill for kill in kills if first - 0.5 <= kill <= second and kill - first < _LONGEST_FLIGHT), None)
        if kill is None or (chat, kill) in excused:
            unexcused.append((chat, first, second))
        else:
            excused.add((chat, kill))
    return unexcused


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
