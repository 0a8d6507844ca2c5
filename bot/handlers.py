"""What the bot does about each kind of update: thin hands between Telegram, the path and the store."""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.error import Forbidden, TelegramError
from telegram.ext import CallbackContext, ExtBot

from bot import panel
from bot.addressee import conversation_of
from bot.buttons import ASK, MORE, VOTE
from bot.callbacks import Callbacks
from bot.calls import Calls
from bot.commands import Commands
from bot.engine import Engine
from bot.errors import UsageError
from bot.formatting import escaped
from bot.inline import Inline, Offered
from bot.observer import Observer
from bot.operators import status, unanswered
from bot.outbox import Note, Outbox, place_of
from bot.privacy import where_it_failed
from bot.settings import Settings
from bot.shelf import Shelf
from bot.store import Store
from bot.talk import Talk, question_of
from bot.updates import Updates
from bot.votes import Votes
from bot.wording import Wording

_MANY = 1000

_log = logging.getLogger(__name__)

Handling = CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]
# What has come of an update, in a word.
Handler = Callable[[Update, Message], Awaitable[str]]


class Handlers:
    """What they share: the engine, the store, the wording, and the updates in progress."""

    def __init__(
        self, engine: Engine, store: Store, shelf: Shelf, wording: Wording, updates: Updates, observer: Observer,
        settings: Settings, calls: Calls,
    ) -> None:  # fmt: skip
        self.engine, self.store, self.wording, self.updates, self.observer = engine, store, wording, updates, observer
        self.outbox = Outbox(store, updates, calls)
        self.talk = Talk(engine, store, shelf, wording, updates, self.outbox)
        votes = Votes(store, shelf, self.talk, self.outbox, wording)
        days = (settings.context_days, settings.question_days)
        self.offered = Offered(engine)
        self.commands = Commands(engine, store, wording, self.outbox, updates, self.talk, self.offered, days)
        self.inline = Inline(engine, self.offered, wording)
        presses = {ASK: self.talk.next, VOTE: votes.vote, MORE: votes.more, panel.LETTER: self.commands.picked}
        self.callbacks = Callbacks(presses, self.talk.gone, wording)
        self._late = settings.late_hours * 3600
        self._told_late: set[str] = set()
        self._began = time.time()
        self.errors = 0

    def handled(self, kind: str, handler: Handler) -> Callable[[Update, Handling], Coroutine[Any, Any, None]]:
        """The handler as the library calls it: what comes of it is told, and what goes wrong is apologised for."""

        async def handle(update: Update, _: Handling) -> None:
            message, began, outcome = update.message or update.edited_message, time.perf_counter(), "withdrawn"
            assert message
            try:
                outcome = await self._instead(update, message) or await handler(update, message)
            except Exception as error:
                outcome = await self._failed(update, error)
            finally:
                self.observer.update(kind, outcome, time.perf_counter() - began)

        return handle

    def watched(
        self, kind: str, handler: Callable[[Update], Awaitable[str]]
    ) -> Callable[..., Coroutine[Any, Any, None]]:
        """The same for what is no message: a button pressed, a query typed, a group entered."""

        async def handle(update: Update, _: Handling) -> None:
            began, outcome = time.perf_counter(), "withdrawn"
            try:
                outcome = await handler(update)
            except Exception as error:
                outcome = await self._failed(update, error)
            finally:
                self.observer.update(kind, outcome, time.perf_counter() - began)

        return handle

    async def pressed(self, update: Update) -> str:
        """A button was pressed."""
        return await self.callbacks.pressed(update, self.updates.held(update.update_id).warn)

    async def forget(self, update: Update, message: Message) -> str:
        """Delete what is kept of this conversation."""
        try:
            found = self.store.forget(conversation_of(update))
        except UsageError as error:
            _log.error("%s", error)
            await self._say(update, self.wording.not_forgotten)
            return "failed"
        return await self._say(update, self.wording.forgotten if found else self.wording.nothing_to_forget)

    async def unknown_command(self, update: Update, message: Message) -> str:
        """One helpful line."""
        return await self._say(update, self.wording.unknown_command)

    async def text_only(self, update: Update, message: Message) -> str:
        """One line for pictures, voice and the like."""
        return await self._say(update, self.wording.text_only)

    async def status(self, update: Update, message: Message) -> str:
        """For operators: how the bot is doing."""
        uptime = time.time() - self._began
        # This very message is not waiting.
        text = status(self.wording, self.engine.knowledge, uptime, len(self.updates) - 1, self.errors)
        return await self._say(update, text)

    async def unanswered(self, update: Update, message: Message) -> str:
        """For operators: the questions that found no answer."""
        return await self._say(update, unanswered(self.wording, self.store.list_unanswered()))

    async def answer(self, update: Update, message: Message) -> str:
        """The reply to any text."""
        question = question_of(message)
        if question.startswith("/") and message.chat.type != ChatType.PRIVATE:
            # Behind the bot's name, Telegram hands no command to it.
            return await self._say(update, self.wording.command_alone.format(username=update.get_bot().username))
        return await (self.talk.ask(update, question) if question else self.commands.called(update, message))

    async def _instead(self, update: Update, message: Message) -> str | None:
        """What is said in place of an answer: to whoever asks too fast, and about what has waited too long."""
        if self.updates.held(update.update_id).warn:
            await self._say(update, self.wording.slow_down)
            return "throttled"
        if time.time() - (message.edit_date or message.date).timestamp() <= self._late:
            return None
        chat = conversation_of(update)
        # Once for all that has piled up, and without a word where others talk or an answer stands already.
        if update.message and chat not in self._told_late and message.chat.type == ChatType.PRIVATE:
            if len(self._told_late) >= _MANY:
                self._told_late.clear()
            self._told_late.add(chat)
            await self._say(update, self.wording.late)
        return "late"

    async def _failed(self, update: Update, error: Exception) -> str:
        """Note what went wrong, without the question, and apologise in one line."""
        if isinstance(error, Forbidden):
            _log.info("有一个聊天已停用本机器人，答复没有送出。")
            return "blocked"
        self.errors += 1
        if isinstance(error, TelegramError):
            _log.error("Telegram 没有收下答复：%s: %s", type(error).__name__, error)
        else:
            _log.error("答复时出错：%s", where_it_failed(error))
        with suppress(TelegramError):
            if update.message or update.edited_message or update.callback_query:
                await self.outbox.send(place_of(update), Note(self.wording.apology))
        return "refused" if isinstance(error, TelegramError) else "failed"

    async def _say(self, update: Update, text: str) -> str:
        """A text of the bot's own."""
        await self.outbox.deliver(update, [*map(Note, escaped(text))])
        return "done"
