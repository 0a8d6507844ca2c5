"""Tests for bot.afterwards: work that nobody waits for."""

import asyncio
import logging

import pytest

from bot.afterwards import Afterwards


class TestAfterwards:
    async def test_work_is_done_a_moment_later_in_its_order(self) -> None:
        """Whoever gives it goes on at once."""
        done: list[int] = []
        afterwards = Afterwards(0.01)
        for number in range(3):
            afterwards.do(lambda number=number: done.append(number))
        assert not done
        await asyncio.sleep(0.1)
        assert done == [0, 1, 2]

    async def test_a_long_row_is_not_put_off(self) -> None:
        """So many pieces are done at once that nobody waits long for all of them."""
        done: list[int] = []
        afterwards = Afterwards(3600)
        for number in range(450):
            afterwards.do(lambda number=number: done.append(number))
        assert done == list(range(400))
        afterwards.finish()
        assert done == list(range(450))

    def test_without_a_loop_or_a_moment_it_is_done_at_once(self) -> None:
        """There is nothing that would do it later."""
        done: list[int] = []
        for moment in (0, 3600):
            Afterwards(moment).do(lambda moment=moment: done.append(moment))
        assert done == [0, 3600]

    async def test_one_piece_that_fails_is_told_and_the_others_are_done(self, caplog: pytest.LogCaptureFixture) -> None:
        """By kind and place; what the error says may quote a question."""
        done: list[int] = []

        question = "喀什转移就业目标"

        def fail() -> None:
            raise ValueError(question)

        afterwards = Afterwards(3600)
        for work in (fail, lambda: done.append(1)):
            afterwards.do(work)
        with caplog.at_level(logging.ERROR):
            afterwards.finish()
        assert done == [1]
        assert "ValueError" in caplog.text and question not in caplog.text

    async def test_work_that_makes_more_work_has_it_done_too(self) -> None:
        """What is given meanwhile waits for the next moment."""
        done: list[int] = []
        afterwards = Afterwards(0.01)
        afterwards.do(lambda: afterwards.do(lambda: done.append(1)))
        await asyncio.sleep(0.1)
        assert done == [1]
