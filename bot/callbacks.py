"""What a button does when it is pressed: the letter before the colon says which handler, the rest is the handler's.

Buttons name things by short codes, since Telegram gives them 64 bytes; every press is answered, whatever comes of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from telegram import CallbackQuery, Update
from telegram.error import BadRequest

from bot.wording import Wording

# What Telegram allows a toast to hold.
_LONGEST_TOAST = 200


@dataclass(frozen=True, slots=True)
class Button:
    """A button: what it says, and what is handed back when it is pressed."""

    label: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(slots=True)
class Press:
    """A button pressed: the code that it carries, and the way to answer."""

    update: Update
    query: CallbackQuery
    code: str
    answered: bool = False

    async def answer(self, toast: str = "") -> None:
        """Stop the button's turning, once, with a word where there is one to say; too late is no fault."""
        if self.answered:
            return
        self.answered = True
        try:
            await self.query.answer(toast[:_LONGEST_TOAST] or None)
        except BadRequest as error:
            if "query is too old" not in str(error).lower():
                raise


# What has come of the press, in a word.
Pressed = Callable[[Press], Awaitable[str]]


def button(label: str, letter: str, code: str) -> Button:
    """A button that will be handed to the handler of the letter, with the code."""
    return Button(label, f"{letter}:{code}")


class Callbacks:
    """The handlers by letter, and what is done about a button that none of them knows."""

    def __init__(self, handlers: Mapping[str, Pressed], gone: Pressed, wording: Wording) -> None:
        self._handlers, self._gone, self._wording = handlers, gone, wording

    async def pressed(self, update: Update, too_fast: bool = False) -> str:
        """Have the press dealt with, and answered in every case."""
        query = update.callback_query
        assert query
        letter, _, code = (query.data or "").partition(":")
        press = Press(update, query, code)
        try:
            if too_fast:
                await press.answer(self._wording.press_slower)
                return "throttled"
            return await self._handlers.get(letter, self._gone)(press)
        finally:
            await press.answer()
