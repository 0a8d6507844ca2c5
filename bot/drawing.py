"""Charts drawn in a process of their own, so that whoever waits for words does not wait for a drawing library.

`python -m bot.drawing` is that process: it reads what to draw from its standard input, and ends with it.
"""

import asyncio
import atexit
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from bot.chart import svg
from bot.privacy import where_it_failed
from bot.values import View

# Whoever waits for words goes first.
_NICE = 10
_FOLDER = Path(__file__).resolve().parents[1]

Draw = Callable[[View, tuple[str, ...]], bytes]


class DrawingError(RuntimeError):
    """A chart that could not be drawn: where that failed."""


class _Easel:
    """The process, started when it is first needed, and anew where it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def draw(self, draw: Draw, view: View, marked: tuple[str, ...]) -> bytes:
        """The picture; one at a time."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = [sys.executable, "-m", __name__]
            self._process = subprocess.Popen(
                command, cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=-1
            )
        process = self._process
        assert process.stdin and process.stdout
        try:
            _write((draw, view, marked), process.stdin)
            answer = pickle.load(process.stdout)
        except (OSError, EOFError) as error:
            self.close()
            raise DrawingError(type(error).__name__) from None
        if isinstance(answer, str):
            raise DrawingError(answer)
        return bytes(answer)

    def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()


_easel = _Easel()
# One thread waits for it, so that one chart is drawn at a time, whatever loop asks.
_waiting = ThreadPoolExecutor(1, "chart")
atexit.register(_easel.close)


async def drawn(draw: Draw, view: View, marked: tuple[str, ...] = ()) -> bytes:
    """The picture that `chart.svg` or `chart.png` makes, while the caller's loop goes on."""
    return await asyncio.get_running_loop().run_in_executor(_waiting, _easel.draw, draw, view, marked)


async def ready() -> None:
    """Have the process started, so that the first chart takes no longer than others."""
    await drawn(svg, View("bar", "1", "", ("", ""), (("1", "1"),)))


def _write(value: object, to: IO[bytes]) -> None:
    pickle.dump(value, to)
    to.flush()


def _serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Draw what is asked for, one after the other, until whoever asks has gone."""
    # It is the asker who is told to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    while True:
        try:
            draw, view, marked = pickle.load(asked)
        except EOFError:
            return
        try:
            answer: bytes | str = draw(view, marked)
        except Exception as error:
            answer = where_it_failed(error)
        _write(answer, answers)


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
