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
from tests.crowd import Crowd, Question, Serving, flat, real_questions  # noqa: E402

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
        pool = tuple(replace(question, answer=flat(question.text)) for question in pool)
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
                crowd.ask(20 if echo else 3 * CHATS)
                if not echo:
                    crowd.ask_each()
                await crowd.all_answered()
                await quiet(api)
                crowd.latencies.clear()
                yield crowd, serving
                check(crowd, way)


async def quiet(api: BotApi, seconds: float = 1.0) -> None:
    """Until nothing has been sent for so long: charts follow their texts, once they are drawn."""
    seen: dict[str, int] | None = None
    while seen != (seen := {method: count for method, count in api.begun.items() if method != "getUpdates"}):
        await asyncio.sleep(seconds)


def check(crowd: Crowd, way: str) -> None:
    """A figure counts only for a bot that answers everything, once, in order."""
    verdict = crowd.verdict()
    if verdict.unanswered or verdict.disorder or verdict.doubled or verdict.strange:
        sys.exit(f"{way}：{verdict.unanswered} 条未答，{verdict.disorder} 条乱序，{len(verdict.doubled)} 条重复")


async def burst(way: str, pool: tuple[Question, ...], messages: int, latency: float = 0.0) -> tuple[float, float]:
    """Messages a second when so many come at once, and the milliseconds of processor time that each takes."""
    async with at_work(way, pool, latency) as (crowd, serving):
        begun, used = time.perf_counter(), serving.processor_time()
        crowd.ask(messages)
        await crowd.all_answered()
        seconds, used = time.perf_counter() - begun, serving.processor_time() - used
        return messages / seconds, used / messages * 1e3


async def steady(way: str, pool: tuple[Question, ...], rate: float, seconds: float) -> list[float]:
    """How long each answer takes, in milliseconds, sorted, when they come evenly."""
    async with at_work(way, pool, 0.0) as (crowd, _):
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        await crowd.keep_asking(rate, stop)
        await crowd.all_answered()
        return sorted(latency * 1e3 for latency in crowd.latencies)


async def bursts(
    rounds: int, pool: tuple[Question, ...], counts: tuple[int, ...], latency: float, say: Callable[[str], object]
) -> None:
    """Print each way's rates, one way after the other within each round."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, count in zip(WAYS, counts, strict=True):
            found[way].append(await burst(way, pool, count, latency))
    rates, costs = ({way: statistics.median(pair[of] for pair in found[way]) for way in WAYS} for of in (0, 1))
    for way in WAYS:
        each = " ".join(f"{rate:.0f}" for rate, _ in found[way])
        say(f"{way}  每秒 {each}，中位 {rates[way]:.0f}，是回声示例的 {rates[way] / rates[WAYS[0]]:.2f} 倍；")
        say(f"每条占处理器 {costs[way]:.2f} 毫秒（回声示例的 {costs[way] / costs[WAYS[0]]:.2f} 倍）\n")


async def run(rounds: int, messages: int, seconds: float, say: Callable[[str], object]) -> None:
    """Print the figures."""
    if CORES > 1:
        os.sched_setaffinity(0, {0})
    pool = real_questions(load(), orders=40)
    say(f"{rounds} 轮交错；{CHATS} 个聊天，{len(pool)} 个问题\n\n一次涌来 {messages} 条\n")
    await bursts(rounds, pool, (messages,) * len(WAYS), 0.0, say)
    few = messages // _FEWER_FOR_ECHO
    say(f"\n机器人和服务器之间往返 50 毫秒（回声示例只用 {few} 条）\n")
    await bursts(rounds, pool, (few, messages, messages), 0.05, say)
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
