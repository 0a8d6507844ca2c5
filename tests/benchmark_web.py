"""How much of what the server and the path allow `/api/ask` reaches, and how long it takes at half that load.

python tests/benchmark_web.py        the server on one core, those who ask on another, in the same run

Both by the clock and by the server's own processor time, which holds on a machine that others use as well.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.engine import load  # noqa: E402  the repository is put on the path first
from bot.respond import respond  # noqa: E402
from bot.values import Context  # noqa: E402

ROUNDS, SECONDS, CONNECTIONS, QUESTIONS = 5, 3.0, 8, 400
HALF_SECONDS = 10.0


def questions() -> list[str]:
    """Questions with known answers, evenly out of all there are."""
    lines = (
        line for path in sorted((ROOT / "tests" / "questions").glob("*.jsonl")) for line in path.open(encoding="utf-8")
    )
    found = [turn for line in lines if line.strip() for turn in json.loads(line)["turns"]]
    return found[:: max(1, len(found) // QUESTIONS)]


def requests(host: str, addresses: list[str]) -> list[bytes]:
    """What is sent, once each."""
    return [f"GET {address} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for address in addresses]


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> None:
    """One request and its whole response."""
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


def processor_seconds(process: int) -> float:
    """The processor time that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def seconds(server: int, host: str, port: int, sent: list[bytes]) -> tuple[float, float]:
    """What one request takes under full load: by the clock, and of the server's processor."""
    done, end = 0, time.perf_counter() + SECONDS

    async def one(first: int) -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(host, port)
        place = first
        while time.perf_counter() < end:
            await exchange(reader, writer, sent[place % len(sent)])
            done, place = done + 1, place + CONNECTIONS
        writer.close()
        await writer.wait_closed()

    begun, used = time.perf_counter(), processor_seconds(server)
    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    return (time.perf_counter() - begun) / done, (processor_seconds(server) - used) / done


async def latencies(host: str, port: int, sent: list[bytes], per_second: float) -> list[float]:
    """How long each took that was due at an even rate, counted from when it was due."""
    took: list[float] = []
    begun, count = time.perf_counter(), int(HALF_SECONDS * per_second)

    async def one(first: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for number in range(first, count, CONNECTIONS):
            due = begun + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await exchange(reader, writer, sent[number % len(sent)])
            took.append(time.perf_counter() - due)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    return sorted(took)


def path_seconds(asked: list[str]) -> tuple[float, float]:
    """The path's own time for one question, on this core: by the clock, and of the processor."""
    engine = load()
    for question in asked:
        respond(question, Context(), engine)
    begun, used = time.perf_counter(), time.process_time()
    for question in asked:
        respond(question, Context(), engine)
    return (time.perf_counter() - begun) / len(asked), (time.process_time() - used) / len(asked)


def pinned(core: int, arguments: list[str], environ: dict[str, str]) -> "subprocess.Popen[str]":
    """A Python program that runs on that core alone."""
    code = f"import os, runpy, sys; os.sched_setaffinity(0, {{{core}}}); sys.argv = sys.argv[1:]; "
    code += "runpy.run_module('bot', run_name='__main__') if sys.argv[0] == 'bot' else runpy.run_path(sys.argv[0], run_name='__main__')"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def alone(process: "subprocess.Popen[str]") -> tuple[float, float]:
    """What the process measures while this core is as busy as when it asks: two cores may share what they compute with."""
    while process.poll() is None:
        for _ in range(100_000):
            pass
    clock, processor = json.loads(process.communicate()[0])
    return clock, processor


def main() -> None:
    """Print the figures."""
    asked = questions()
    if sys.argv[1:] == ["path"]:
        sys.stdout.write(json.dumps(path_seconds(asked)))
        return
    cores = sorted(os.sched_getaffinity(0))
    say = sys.stdout.write
    with tempfile.TemporaryDirectory() as data:
        environ = os.environ | {"BOT_PORT": "0", "BOT_DATA": data, "BOT_RATE_PER_MINUTE": "0", "PYTHONPATH": str(ROOT)}
        server = pinned(cores[-1], ["bot", "serve"], environ)
        os.sched_setaffinity(0, {cores[0]})
        assert server.stdout
        try:
            address = next(line for line in server.stdout if line.startswith("网页：")).strip().removeprefix("网页：")
            url = urlsplit(address)
            host, port = str(url.hostname), int(url.port or 0)
            small, ask = requests(host, ["/healthz"]), requests(host, [f"/api/ask?q={quote(each)}" for each in asked])
            asyncio.run(seconds(server.pid, host, port, ask))
            shares, whole = [], []
            for _ in range(ROUNDS):
                path = alone(pinned(cores[-1], [__file__, "path"], environ))
                least = asyncio.run(seconds(server.pid, host, port, small))
                full = asyncio.run(seconds(server.pid, host, port, ask))
                shares.append([(least[by] + path[by]) / full[by] for by in (0, 1)])
                whole.append(full[0])
                for by, name in ((0, "按钟表"), (1, "按处理器时间")):
                    say(
                        f"{name}：最小的 JSON 路由 {least[by] * 1e3:.3f} 毫秒，路径 {path[by] * 1e3:.3f} 毫秒，/api/ask {full[by] * 1e3:.3f} 毫秒，达到 {shares[-1][by]:.0%}\n"
                    )
                sys.stdout.flush()
            half = 0.5 / statistics.median(whole)
            took = asyncio.run(latencies(host, port, ask, half))
        finally:
            server.terminate()
            server.communicate(timeout=20)
    clock, processor = (statistics.median(share[by] for share in shares) for by in (0, 1))
    say(
        f"{len(asked)} 个问题，{ROUNDS} 轮的中位：/api/ask 达到路由和路径所允许的 {clock:.0%}（按钟表）、{processor:.0%}（按处理器时间）\n"
    )
    say(
        f"一半负荷（{half:.0f} 次/秒，{len(took)} 次）：中位 {statistics.median(took) * 1e3:.1f} 毫秒，p99 {took[int(len(took) * 0.99)] * 1e3:.1f} 毫秒\n"
    )


if __name__ == "__main__":
    main()
