"""How long a question takes, beside jieba's own cut of the same questions in the same run.

python tests/benchmark.py        median and 99th percentile, and the ratios to jieba.lcut
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jieba

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.engine import load  # noqa: E402  the repository is put on the path first
from bot.respond import respond  # noqa: E402
from bot.values import Context  # noqa: E402

ROUNDS = 5


def timed(work: Callable[[str], object], questions: list[str]) -> list[float]:
    """The best of some rounds for each question, in seconds."""
    best = [float("inf")] * len(questions)
    for _ in range(ROUNDS):
        for number, question in enumerate(questions):
            start = time.perf_counter()
            work(question)
            best[number] = min(best[number], time.perf_counter() - start)
    return sorted(best)


def main() -> None:
    """Print the figures."""
    engine = load()
    jieba.setLogLevel(60)
    jieba.initialize()
    folder = Path(__file__).with_name("questions")
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines())
    questions = [turn for line in lines if line for turn in json.loads(line)["turns"]]
    cut = timed(jieba.lcut, questions)
    path = timed(lambda question: respond(question, Context(), engine), questions)
    say = sys.stdout.write
    say(f"{len(questions)} 个问题，各取 {ROUNDS} 轮中最快的一次\n")
    for name, times in (("jieba.lcut", cut), ("respond", path)):
        last = times[int(len(times) * 0.99)]
        say(f"{name:10s}  中位 {statistics.median(times) * 1e3:7.3f} 毫秒  p99 {last * 1e3:7.3f} 毫秒\n")
    base = statistics.median(cut)
    say(
        f"比值（对 jieba 的中位）：中位 {statistics.median(path) / base:.1f}，p99 {path[int(len(path) * 0.99)] / base:.1f}\n"
    )


if __name__ == "__main__":
    main()
