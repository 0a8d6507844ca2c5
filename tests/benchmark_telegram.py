"""How fast the Telegram channel answers, beside the smallest bot on the same library, in one interleaved run.

python tests/benchmark_telegram.py        the burst, the burst over 50 ms, and a steady 100 a second

The real process with its inbox, without a pace, answering real questions; each chat's order is checked. The Bot API
server and the crowd run on one core, the bot on another.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.engine import load  # noqa: E402  the repository is put on the path first
from tests.botapi import BotApi  # noqa: E402
from tests.crowd import Crowd, Question, Serving, real_questions  # noqa: E402

CHATS = 500
CORES = os.cpu_count() or 1
ECHO = (str(Path(__file__).with_name("echo_bot.py")),)
WAYS = ("回声示例", "本程序，轮询", "本程序，webhook")
# A burst that takes the echo example minutes says no more.
_FEWER_FOR_ECHO = 20


@asynccontextmanager
async def at_work(way: str, pool: tuple[Question, ...], latency: float) -> AsyncIterator[tuple[Crowd, Serving]]:
    """A bot that is ready and idle, and its crowd."""
    echo = way == WAYS[0]
    if echo:
        pool = tuple(replace(question, answer=question.text) for question in pool)
    with tempfile.TemporaryDirectory() as folder:
        async with BotApi(record=False) as api:
            command = ECHO if echo else ("-m", "bot", "serve")
            async with Serving(api, Path(folder), webhook=way == WAYS[2], command=command) as serving:
                await serving.ready()
                if CORES > 1:
                    assert serving.process
                    os.sched_setaffinity(serving.process.pid, {1})
                api.latency = api.telegram.updates.latency = latency
                crowd = Crowd(api, pool, CHATS)
                # Each once before, so that nothing is measured that happens only at the start.
                crowd.ask(20)
                await crowd.all_answered()
                await asyncio.sleep(0.3)
                crowd.latencies.clear()
                yield crowd, serving
                check(crowd, way)


def check(crowd: Crowd, way: str) -> None:
    """A figure counts only for a bot that answers everything, once, in order."""
    verdict = crowd.verdict()
    if verdict.unanswered or verdict.disorder or verdict.doubled or verdict.strange:
        sys.exit(f"{way}：{verdict.unanswered} 条未答，{verdict.disorder} 条乱序，{len(verdict.doubled)} 条重复")


async def burst(way: str, pool: tuple[Question, ...], messages: int, latency: float = 0.0) -> float:
    """Messages a second when so many come at once."""
    async with at_work(way, pool, latency) as (crowd, _):
        begun = time.perf_counter()
        crowd.ask(messages)
        await crowd.all_answered()
        return messages / (time.perf_counter() - begun)


async def steady(way: str, pool: tuple[Question, ...], rate: float, seconds: float) -> list[float]:
    """How long each answer takes, in milliseconds, sorted, when they come evenly."""
    async with at_work(way, pool, 0.0) as (crowd, _):
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        await crowd.keep_asking(rate, stop)
        await crowd.all_answered()
        return sorted(latency * 1e3 for latency in crowd.latencies)


async def run(rounds: int, messages: int, seconds: float, say: Callable[[str], object]) -> None:
    """Print the figures, each way in turn within each round."""
    if CORES > 1:
        os.sched_setaffinity(0, {0})
    pool = real_questions(load())
    say(f"{rounds} 轮交错；{CHATS} 个聊天\n\n一次涌来 {messages} 条，每秒答几条（各轮）\n")
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            rates[way].append(await burst(way, pool, messages))
    base = statistics.median(rates[WAYS[0]])
    for way, found in rates.items():
        each = " ".join(f"{rate:.0f}" for rate in found)
        say(f"{way}  {each}  中位 {statistics.median(found):.0f}，比回声示例 {statistics.median(found) / base:.2f}\n")
    say("\n机器人和服务器之间往返 50 毫秒，每秒答几条（各轮）\n")
    rates = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            count = messages // _FEWER_FOR_ECHO if way == WAYS[0] else messages
            rates[way].append(await burst(way, pool, count, 0.05))
    for way, found in rates.items():
        each = " ".join(f"{rate:.0f}" for rate in found)
        say(f"{way}  {each}  中位 {statistics.median(found):.0f}\n")
    say(f"\n每秒 100 条，{seconds:.0f} 秒，毫秒\n")
    for way in WAYS:
        times = await steady(way, pool, 100, seconds)
        last = times[int(len(times) * 0.99)]
        say(f"{way}  中位 {statistics.median(times):.1f}  p99 {last:.1f}  最长 {times[-1]:.1f}\n")


def main() -> None:
    """Read the arguments, run, print."""
    arguments = argparse.ArgumentParser(description="Telegram 渠道的速度，和同一个库的最小机器人相比。")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--messages", type=int, default=5000)
    arguments.add_argument("--seconds", type=float, default=30)
    given = arguments.parse_args()
    asyncio.run(run(given.rounds, given.messages, given.seconds, sys.stdout.write))


if __name__ == "__main__":
    main()
