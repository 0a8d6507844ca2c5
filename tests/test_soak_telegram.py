"""Nothing is lost, whatever happens: the real process against the Bot API server, killed and led astray, for minutes.

SOAK_KILLS, SOAK_SECONDS and SOAK_MESSAGES set how long; `make soak` runs the whole, `make test` a few kills.
"""

import asyncio
import os
import random
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.engine import Engine
from tests.botapi import BotApi, Cut, Fault, Hang, Page, Refused, Slow
from tests.crowd import Crowd, Serving, Verdict, bounded, questions, traces

KILLS = int(os.environ.get("SOAK_KILLS", "100"))
SECONDS = float(os.environ.get("SOAK_SECONDS", "300"))
MESSAGES = int(os.environ.get("SOAK_MESSAGES", "100000"))
RATE = 50.0
CHATS = 200
# A send of which the bot does not hear whether it was accepted.
UNKNOWN = ("cut after", "hang after", "slow")


@asynccontextmanager
async def asking(crowd: Crowd, rate: float = RATE) -> AsyncIterator[None]:
    """The crowd asks meanwhile."""
    stop = asyncio.Event()
    task = asyncio.create_task(crowd.keep_asking(rate, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def kill_often(serving: Serving, times: int, chance: random.Random) -> None:
    """Start it and kill it, mostly at work, now and then while it is still starting."""
    for number in range(times):
        if number % 8 == 7:
            await serving.start()
            await asyncio.sleep(chance.uniform(0.1, 3.0))
        else:
            await serving.ready()
            await asyncio.sleep(chance.uniform(0.0, 1.5))
        await serving.kill()


async def ended(crowd: Crowd, serving: Serving, patience: float = 30) -> Verdict:
    """Everything answered, nothing more comes, and it stops in good order."""
    await crowd.all_answered(patience)
    # What was answered twice at the last start would come by now.
    await asyncio.sleep(0.5)
    assert serving.running
    status, seconds = await serving.stop()
    assert status == 0 and seconds < 10, (status, seconds)
    return crowd.verdict()


async def killed(folder: Path, engine: Engine, times: int, capsys: pytest.CaptureFixture[str]) -> Crowd:
    """Half of the kills polling, half with a webhook, under one crowd and on one database."""
    async with BotApi(record=False) as api, Serving(api, folder) as serving:
        crowd = Crowd(api, questions(engine), CHATS)
        chance = random.Random(11)
        async with asking(crowd):
            await kill_often(serving, times - times // 2, chance)
            serving.webhook = True
            await kill_often(serving, times // 2, chance)
            await serving.ready()
        verdict = await ended(crowd, serving)
        hook = api.webhook
    with capsys.disabled():
        _say(
            f"{times} kills, {crowd.total} questions in {CHATS} chats: {verdict.unanswered} unanswered, "
            f"{verdict.disorder} out of order, {len(verdict.doubled)} answered twice, "
            f"{len(bounded(verdict.doubled, serving.kills))} of those without a send in flight at a kill; "
            f"{hook.pushes if hook else 0} pushes"
        )
    assert not verdict.unanswered
    assert not verdict.disorder
    assert not verdict.strange
    assert not bounded(verdict.doubled, serving.kills)
    assert hook and hook.listened
    assert len(serving.kills) == times
    check_traces(crowd, serving)
    return crowd


def check_traces(crowd: Crowd, serving: Serving) -> None:
    """Neither log nor database knows who asked, what was asked, or the token; masked questions are kept."""
    files = serving.files()
    assert not traces(files, crowd.secrets())
    assert {"bot.log", "bot.sqlite"} <= {path.name for path in files}
    with closing(sqlite3.connect(serving.data / "bot.sqlite")) as database:
        kept = [text for (text,) in database.execute("select question from questions")]
    assert kept and all("#" in text for text in kept)


async def test_a_few_kills_lose_nothing(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The short form of the soak: two while polling, one with a webhook."""
    await killed(tmp_path, engine, 3, capsys)


@pytest.mark.soak
async def test_a_hundred_kills_lose_nothing(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At random moments under fifty messages a second."""
    await killed(tmp_path, engine, KILLS, capsys)


class Trouble:
    """Everything that goes wrong between a bot and Telegram: draws for each call what befalls it."""

    def __init__(self, share: float, seed: int) -> None:
        self._share, self._chance = share, random.Random(seed)

    def __call__(self, method: str) -> Fault | None:
        if self._chance.random() >= self._share:
            return None
        wait = self._chance.choice((1, 1, 2, 5))
        return self._chance.choice(
            (
                Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait),
                Refused(500, "Internal Server Error"), Page(502), Cut(), Cut(acted=True),
                Hang(seconds=8), Hang(acted=True, seconds=8), Slow(self._chance.uniform(0.1, 4)),
            )
        )  # fmt: skip


@asynccontextmanager
async def supervised(serving: Serving) -> AsyncIterator[None]:
    """As systemd does: it is started again when it has ended."""

    async def keep() -> None:
        while True:
            if not serving.running:
                await serving.start()
            await asyncio.sleep(0.2)

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()


@pytest.mark.soak
@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_faults_of_every_kind_lose_nothing(
    webhook: bool, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On every method, half of the time each way of receiving; twice only where the bot could not know."""
    async with (
        BotApi(record=False, mix=Trouble(0.15, 5)) as api,
        Serving(api, tmp_path, webhook=webhook, TELEGRAM_TIMEOUT="3") as serving,
    ):
        crowd = Crowd(api, questions(engine), CHATS)
        async with supervised(serving), asking(crowd, 20):
            await asyncio.sleep(SECONDS / 2)
        api.mix = None
        verdict = await ended(crowd, serving, 60)
        befallen = {key: count for key, count in api.outcomes.items() if key[1] not in ("ok", "200")}
        waits = api.waits
    unknown = sum(count for (method, what), count in befallen.items() if method == "sendMessage" and what in UNKNOWN)
    with capsys.disabled():
        _say(
            f"{SECONDS / 2:.0f} s of faults, {'webhook' if webhook else 'polling'}, {crowd.total} questions: "
            f"{verdict.unanswered} unanswered, {verdict.disorder} out of order, {len(verdict.doubled)} answered twice "
            f"({unknown} sends accepted without an answer in time), {waits.obeyed} waits obeyed, "
            f"{len(waits.disobeyed)} not, {serving.starts} starts; "
            + ", ".join(f"{method} {what} {count}" for (method, what), count in sorted(befallen.items()))
        )
    assert not verdict.unanswered
    assert not verdict.disorder
    assert not verdict.strange
    assert not waits.disobeyed and waits.obeyed
    assert len(verdict.doubled) <= unknown
    assert {what for method, what in befallen if method == "sendMessage"} >= {
        "429",
        "500",
        "502",
        "cut before",
        *UNKNOWN,
    }
    check_traces(crowd, serving)


@pytest.mark.soak
async def test_memory_stays_flat(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Over a hundred thousand messages from five thousand chats."""
    async with BotApi(record=False) as api, Serving(api, tmp_path) as serving:
        crowd = Crowd(api, questions(engine), 5000)
        await serving.ready()
        held: list[float] = []
        begun = time.monotonic()
        for part in range(1, 21):
            while crowd.total < MESSAGES * part // 20:
                crowd.ask(200)
                # Never so many at once that the queue itself would be what fills the memory.
                await api.until(lambda: crowd.total - crowd.answered < 800, 60)
            held.append(serving.memory())
        verdict = await ended(crowd, serving)
        seconds = time.monotonic() - begun
    size = (serving.data / "bot.sqlite").stat().st_size / 2**20
    with capsys.disabled():
        _say(
            f"{crowd.total} messages in {seconds:.0f} s: memory {held[0]:.0f} MB after a twentieth, {held[4]:.0f} MB after a "
            f"quarter, {held[-1]:.0f} MB at the end; database {size:.1f} MB"
        )
    assert not verdict.unanswered and not verdict.disorder and not verdict.doubled
    # Every chat has asked several times by then: what is kept per chat is there.
    assert held[-1] - held[4] < 8
    check_traces(crowd, serving)


def _say(line: str) -> None:
    sys.stdout.write(f"\n{line}\n")
