"""The messages that an update calls forth: where they go, and which of them Telegram has accepted already."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.constants import ChatAction, ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.callbacks import Keyboard
from bot.calls import Calls
from bot.store import Store
from bot.updates import Updates

_NO_PREVIEW = {"is_disabled": True}
# How texts are set.
_SET: dict[str, Any] = {"parse_mode": ParseMode.HTML, "link_preview_options": _NO_PREVIEW}
# The thread that a forum begins with is not to be named.
_GENERAL_TOPIC = 1
# Nobody needs to be told that an answer is on its way that comes at once.
_MOMENT = 0.7
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")


@dataclass(frozen=True, slots=True)
class Note:
    """One message to be sent: HTML, and the buttons under it."""

    text: str
    keyboard: Keyboard | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: the chat, the topic in it, and in a group the message that it replies to."""

    chat: int
    private: bool
    message: int
    topic: int | None = None


def place_of(update: Update) -> Place:
    """Where the update came from."""
    message = update.message or update.edited_message or (update.callback_query and update.callback_query.message)
    assert message
    topic = None
    # Of a message that Telegram no longer shows to bots, nothing but its number is known.
    if isinstance(message, Message) and message.is_topic_message and message.message_thread_id != _GENERAL_TOPIC:
        topic = message.message_thread_id
    return Place(message.chat.id, message.chat.type == ChatType.PRIVATE, message.message_id, topic)


class Outbox:
    """Sends what an update is answered by, each message once, even if a restart comes between them."""

    def __init__(self, store: Store, updates: Updates, calls: Calls) -> None:
        self._store, self._updates, self._calls = store, updates, calls
        self._telling: set[asyncio.Task[None]] = set()

    async def deliver(
        self, update: Update, notes: Sequence[Note], accepted: Callable[[int], None] = lambda _: None,
        more: bool = False,
    ) -> None:  # fmt: skip
        """Send the messages in order, but for those that were accepted before a restart; `accepted` hears each id.

        `more` says that they are not all that the update is answered by. `accepted` may be called twice for a message.
        """
        place = place_of(update)
        async with self._typing(place):
            for number in range(self._updates.held(update.update_id).sent, len(notes)):
                message_id = await self.send(place, notes[number], first=number == 0)
                if more or number + 1 < len(notes):
                    await self._store.together(partial(self._count, update, number + 1, accepted, message_id))
                else:
                    accepted(message_id)

    def _count(self, update: Update, sent: int, accepted: Callable[[int], None], message_id: int) -> None:
        accepted(message_id)
        self._updates.count_sent(update.update_id, sent)

    async def send(self, place: Place, note: Note, first: bool = True) -> int:
        """The number of the message sent; in a group, the first of an answer replies to whoever asked."""
        sent = await self._calls.make(
            "sendMessage", chat_id=place.chat, text=note.text, **_SET, reply_markup=_markup(note.keyboard),
            **whereabouts(place, first),
        )  # fmt: skip
        return int(sent["message_id"])

    async def send_photo(self, place: Place, file: str, caption: str) -> int:
        """The number of the message with a picture that Telegram has already, under that name."""
        sent = await self._calls.make(
            "sendPhoto", chat_id=place.chat, photo=file, caption=caption, parse_mode=ParseMode.HTML,
            **whereabouts(place, first=False),
        )  # fmt: skip
        return int(sent["message_id"])

    async def change(self, place: Place, message_id: int, note: Note) -> bool:
        """Put another text and other buttons into a message of ours; False where that message is gone."""
        try:
            await self._calls.make(
                "editMessageText", chat_id=place.chat, message_id=message_id, text=note.text, **_SET,
                reply_markup=_markup(note.keyboard),
            )  # fmt: skip
        except BadRequest as error:
            return _unchanged(error)
        return True

    async def change_keyboard(self, place: Place, message_id: int, keyboard: Keyboard | None) -> bool:
        """Put other buttons under a message of ours; False where that message is gone."""
        try:
            await self._calls.make(
                "editMessageReplyMarkup", chat_id=place.chat, message_id=message_id, reply_markup=_markup(keyboard)
            )
        except BadRequest as error:
            return _unchanged(error)
        return True

    @asynccontextmanager
    async def _typing(self, place: Place) -> AsyncIterator[None]:
        """While it lasts longer than a moment, the chat sees that an answer is on its way."""

        async def tell() -> None:
            with suppress(TelegramError):
                await self._calls.make(
                    "sendChatAction", chat_id=place.chat, action=ChatAction.TYPING, message_thread_id=place.topic
                )

        def begin() -> None:
            # Let run to its end: what Telegram answers, such as a wait, is to be heard.
            task = asyncio.create_task(tell())
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

        timer = asyncio.get_running_loop().call_later(_MOMENT, begin)
        try:
            yield
        finally:
            timer.cancel()


def whereabouts(place: Place, first: bool = True) -> dict[str, Any]:
    """Topic and reply, as Telegram's sending methods take them."""
    where: dict[str, Any] = {}
    if not place.private and first:
        where["reply_parameters"] = {"message_id": place.message, "allow_sending_without_reply": True}
    if place.topic is not None:
        where["message_thread_id"] = place.topic
    return where


def _markup(keyboard: Keyboard | None) -> dict[str, Any] | None:
    """The buttons as the Bot API takes them."""
    if keyboard is None:
        return None
    return {"inline_keyboard": [[{"text": b.label, "callback_data": b.data} for b in row] for row in keyboard]}


def _unchanged(error: BadRequest) -> bool:
    """Whether the message stands as it should; False where it is gone. Any other refusal is raised again."""
    said = str(error).lower()
    if "not modified" in said:
        return True
    if said.startswith(_GONE):
        return False
    raise error
