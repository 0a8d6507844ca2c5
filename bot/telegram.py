"""The Telegram channel: private chats, answered along the same path as everywhere, in plain text."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from telegram import BotCommand, LinkPreviewOptions, Update
from telegram.constants import MessageLimit, UpdateType
from telegram.error import Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, CallbackContext, CommandHandler, ExtBot, MessageHandler, filters

from bot.engine import Engine
from bot.errors import UsageError
from bot.messages import messages, split
from bot.privacy import Redaction, keep_from_logs, where_it_failed
from bot.respond import respond
from bot.settings import Settings
from bot.store import Store
from bot.wording import Wording, load_wording

_LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
# A polite wait is obeyed; a longer one would hold up everybody else.
_TRIES, _LONGEST_WAIT = 3, 30.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
_BAD_TOKEN = "Telegram 不认 TELEGRAM_TOKEN 里的令牌。请向 @BotFather 核对令牌，更正后重新启动。"

_log = logging.getLogger(__name__)

Handling = CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]


def chat_name(chat_id: int) -> str:
    """What the store knows a Telegram chat by, apart from the chats of other channels."""
    return f"telegram:{chat_id}"


class Channel:
    """What the handlers share: the engine, the store and the wording."""

    def __init__(self, engine: Engine, store: Store, wording: Wording) -> None:
        self.engine, self.store, self.wording = engine, store, wording

    async def start(self, update: Update, context: Handling) -> None:
        """Who this is and what can be asked; whatever stands after /start in a link is ignored."""
        await self._send(update, context, self._introduce(self.wording.start))

    async def help(self, update: Update, context: Handling) -> None:
        """How to ask."""
        await self._send(update, context, self._introduce(self.wording.help))

    async def forget(self, update: Update, context: Handling) -> None:
        """Delete what is kept of this chat."""
        assert update.effective_chat
        try:
            found = self.store.forget(chat_name(update.effective_chat.id))
        except UsageError as error:
            _log.error("%s", error)
            await self._send(update, context, self.wording.not_forgotten)
            return
        await self._send(update, context, self.wording.forgotten if found else self.wording.nothing_to_forget)

    async def unknown_command(self, update: Update, context: Handling) -> None:
        """One helpful line."""
        await self._send(update, context, self.wording.unknown_command)

    async def text_only(self, update: Update, context: Handling) -> None:
        """One line for pictures, voice and the like."""
        await self._send(update, context, self.wording.text_only)

    async def answer(self, update: Update, context: Handling) -> None:
        """The reply to any text."""
        assert update.effective_chat
        assert update.message
        chat = chat_name(update.effective_chat.id)
        # Half a character pair can be received but neither sent nor stored.
        question = (update.message.text or "").encode("utf-8", "replace").decode("utf-8")
        reply, thread = respond(question, self.store.context(chat), self.engine)
        self.store.remember(chat, thread)
        if reply.outcome == "no_answer":
            self.store.unanswered(question)
        await self._deliver(update, context, messages(reply, self.wording.follow_ups, _LIMIT))

    async def failed(self, update: object, context: Handling) -> None:
        """Note what went wrong, without the question, and apologise in one line."""
        error = context.error
        if isinstance(error, Forbidden):
            _log.info("有一个聊天已停用本机器人，答复没有送出。")
            return
        if isinstance(error, TelegramError):
            _log.error("Telegram 没有收下答复：%s: %s", type(error).__name__, error)
        elif error:
            _log.error("答复时出错：%s", where_it_failed(error))
        if isinstance(update, Update) and update.effective_chat:
            with suppress(TelegramError):
                await self._send(update, context, self.wording.apology)

    def _introduce(self, text: str) -> str:
        knowledge = self.engine.knowledge
        examples = "\n".join(f"· {example}" for example in self.engine.examples)
        return text.format(name=knowledge.name, number=knowledge.number, examples=examples)

    async def _send(self, update: Update, context: Handling, text: str) -> None:
        await self._deliver(update, context, split(text, _LIMIT))

    async def _deliver(self, update: Update, context: Handling, texts: Sequence[str]) -> None:
        """Send the messages in order, each as plain text, so that no character can break formatting."""
        assert update.effective_chat
        for text in texts:
            for left in reversed(range(_TRIES)):
                try:
                    await context.bot.send_message(update.effective_chat.id, text, link_preview_options=_NO_PREVIEW)
                    break
                except RetryAfter as error:
                    # The public property warns, whichever of its two types it is asked for.
                    wait = error._retry_after.total_seconds()
                    if not left or wait > _LONGEST_WAIT:
                        raise
                    await asyncio.sleep(wait)


def build(token: str, base_url: str | None, channel: Channel) -> "Application[Any, Any, Any, Any, Any, Any]":
    """The application with its handlers, in the order in which they are tried."""
    builder = Application.builder().token(token)
    application = (builder.base_url(base_url) if base_url else builder).build()
    application.add_handler(CommandHandler("start", channel.start, _PRIVATE))
    application.add_handler(CommandHandler("help", channel.help, _PRIVATE))
    application.add_handler(CommandHandler("forget", channel.forget, _PRIVATE))
    application.add_handler(MessageHandler(_PRIVATE & filters.COMMAND, channel.unknown_command))
    application.add_handler(MessageHandler(_PRIVATE & filters.TEXT, channel.answer))
    # After text, before all the rest: notices of the service itself want no word.
    application.add_handler(MessageHandler(_PRIVATE & ~filters.StatusUpdate.ALL, channel.text_only))
    application.add_error_handler(channel.failed)
    return application


async def run(settings: Settings, engine: Engine, store: Store, stop: asyncio.Event) -> None:
    """Serve Telegram until `stop` is set; UsageError says why it cannot be served."""
    token = settings.telegram_token
    if not token:
        raise UsageError("没有设置 TELEGRAM_TOKEN，Telegram 渠道不能启动。请把 @BotFather 给的令牌设为这个环境变量。")
    keep_from_logs(token)
    # It tells of start and stop in English; the channel does so itself.
    logging.getLogger("telegram.ext.Application").setLevel(logging.WARNING)
    redaction = Redaction(token)
    wording = load_wording()
    application = build(token, settings.telegram_base_url, Channel(engine, store, wording))
    try:
        async with _polling(application, wording) as lost:
            await _first(stop, lost)
    except InvalidToken:
        # The library's own message holds the token.
        raise UsageError(_BAD_TOKEN) from None
    except TelegramError as error:
        raise UsageError(
            f"连不上 Telegram（{redaction.clean(str(error))}）。请检查网络和代理；"
            "用自建的 Bot API 服务器时，请检查 TELEGRAM_BASE_URL。"
        ) from None


@asynccontextmanager
async def _polling(
    application: "Application[Any, Any, Any, Any, Any, Any]", wording: Wording
) -> AsyncIterator["asyncio.Task[None] | None"]:
    """The application at work; yields the library's polling task, which ends by itself only on a bad token."""
    updater = application.updater
    assert updater
    try:
        await application.initialize()
        await application.bot.set_my_commands(
            [
                BotCommand("start", wording.start_command),
                BotCommand("help", wording.help_command),
                BotCommand("forget", wording.forget_command),
            ]
        )
        await application.start()
        before = asyncio.all_tasks()
        await updater.start_polling(allowed_updates=[UpdateType.MESSAGE], error_callback=_polling_failed)
        begun = asyncio.all_tasks() - before
        _log.info("Telegram 渠道已启动：@%s", application.bot.username)
        yield next((task for task in begun if "polling_task" in task.get_name()), None)
    finally:
        with suppress(InvalidToken):
            if updater.running:
                await updater.stop()
        if application.running:
            await application.stop()
        await application.shutdown()
        # An application that failed while starting does not count as started; its connections are open all the same.
        await application.bot.shutdown()


async def _first(stop: asyncio.Event, lost: "asyncio.Task[None] | None") -> None:
    """Wait for `stop`; raise what ends the polling before that."""
    waiting = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([waiting, *([lost] if lost else [])], return_when=asyncio.FIRST_COMPLETED)
        if lost in done and not stop.is_set():
            await lost
    finally:
        waiting.cancel()


def _polling_failed(error: TelegramError) -> None:
    """One line in the log for each failed attempt; the library tries again by itself."""
    if isinstance(error, Conflict):
        _log.error("另有一个程序在用同一个令牌接收消息，请只留一个。稍后再试。")
    else:
        _log.warning("暂时连不上 Telegram（%s），稍后再试。", type(error).__name__)
