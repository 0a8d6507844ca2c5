"""The Telegram channel: the library's application, built on its extension points so that nothing is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from telegram import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot import drawing
from bot.addressee import KINDS, Me
from bot.calls import Calls
from bot.commands import IN_GROUPS, IN_PRIVATE, menu
from bot.delivery import Delivery
from bot.engine import Engine
from bot.errors import UsageError
from bot.handlers import Handlers
from bot.observer import NOBODY, Observer
from bot.pace import Limits, Pace
from bot.polling import Polling
from bot.privacy import keep_from_logs
from bot.settings import Settings
from bot.store import Store
from bot.throttle import Throttle
from bot.transport import Transport, proxy_of
from bot.updates import Processor, Updates
from bot.webhook import Webhook
from bot.wording import load_wording

# The first is for answering what is held, the second for requests that are under way.
_DRAIN_SECONDS, _LAST_SECONDS = 7.0, 1.5
_QUIET_SECONDS = 2.0
_BAD_TOKEN = "Telegram 不认 TELEGRAM_TOKEN 里的令牌。请向 @BotFather 核对令牌，更正后重新启动。"
_DEFAULT_BASE = "https://api.telegram.org/bot"

_log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]


class Channel:
    """The parts of the channel, put together; `run` puts them to work."""

    def __init__(self, settings: Settings, token: str, engine: Engine, store: Store, observer: Observer) -> None:
        base = settings.telegram_base_url or _DEFAULT_BASE
        proxy = proxy_of(base)
        self.wording = load_wording()
        self.transport = Transport(settings.timeout, proxy)
        self.delivery = Delivery(
            Pace(Limits(settings.per_chat, settings.per_group, settings.overall)), observer, settings.late_hours * 3600
        )
        name = token.partition(":")[0]
        shelf = store.shelf(name)
        self.updates = Updates(store.inbox(name), Throttle(settings.burst), observer)
        self.processor = Processor(self.updates)
        self.application: App = (
            ApplicationBuilder()
            .token(token)
            .base_url(base)
            .request(sending := Transport(settings.timeout, proxy))
            .get_updates_request(self.transport)
            .rate_limiter(self.delivery)
            .update_queue(self.updates)
            .concurrent_updates(self.processor)
            .updater(None)
            .job_queue(None)
            .build()
        )
        self.polling = Polling(self.transport, f"{base}{token}", self.updates, observer, KINDS)
        calls = Calls(self.delivery, sending, f"{base}{token}")
        handlers = Handlers(engine, store, shelf, self.wording, self.updates, observer, settings, calls)
        self.offered = handlers.offered
        self.warming: asyncio.Task[None] | None = None
        _register(self.application, handlers, settings.operators)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The time to `start` and to serve in; at its end what is held is answered, as far as that can be done."""
        application = self.application
        try:
            yield
        finally:
            if self.warming:
                self.warming.cancel()
            await self._drain()
            if application.running:
                await application.stop()
            await application.shutdown()
            # One that failed while starting does not count as started; its connections are open all the same.
            await application.bot.shutdown()

    async def start(self) -> None:
        """Take up the work that an earlier run has left, once Telegram can be reached."""
        application, bot = self.application, self.application.bot
        await application.initialize()
        with _unless_refused("菜单"):
            await bot.set_my_commands(menu(IN_PRIVATE, self.wording), BotCommandScopeAllPrivateChats())
            await bot.set_my_commands(menu(IN_GROUPS, self.wording), BotCommandScopeAllGroupChats())
        await application.start()
        self.updates.open(bot, Me(bot.id, bot.username, IN_PRIVATE))
        self.warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        """Make ready what inline queries and charts need, after those who have waited for the start."""
        await asyncio.sleep(_QUIET_SECONDS)
        await self.offered.suggestions()
        await drawing.ready()

    async def _drain(self) -> None:
        """Answer what is held, as far as time allows; a request under way is given a little longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self.delivery.revoked.is_set() else _DRAIN_SECONDS):
                await self.updates.drained()
        self.updates.close()
        running = set(self.processor.running)
        for task in running - self.delivery.in_flight:
            task.cancel()
        if running:
            _, late = await asyncio.wait(running, timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()
        if len(self.updates):
            _log.warning("还有 %d 条消息没有答完，留到下次启动。", len(self.updates))


async def run(
    settings: Settings, engine: Engine, store: Store, stop: asyncio.Event, webhook: Webhook | None = None,
    observer: Observer = NOBODY,
) -> None:  # fmt: skip
    """Serve Telegram until `stop` is set, by the webhook if there is one; UsageError says why it cannot be served."""
    token = settings.telegram_token
    if not token:
        raise UsageError("没有设置 TELEGRAM_TOKEN，Telegram 渠道不能启动。请把 @BotFather 给的令牌设为这个环境变量。")
    keep_from_logs(token)
    # It tells of start and stop in English, and at its most talkative of everything that is sent.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    channel = Channel(settings, token, engine, store, observer)
    try:
        async with channel.at_work():
            if await _unless(stop, channel.start()):
                serving = _by_webhook(channel, webhook) if webhook else _by_polling(channel)
                await _unless(stop, serving)
    except InvalidToken:
        # The library's own message holds the token.
        raise UsageError(_BAD_TOKEN) from None


async def _by_polling(channel: Channel) -> None:
    """Fetch updates until the token is refused."""
    await channel.application.bot.delete_webhook()
    _log.info("Telegram 渠道已启动：@%s（轮询）", channel.application.bot.username)
    try:
        # A reply may find it out before the polling does.
        if not await _unless(channel.delivery.revoked, channel.polling.run()):
            raise InvalidToken
    finally:
        await channel.polling.confirm()


async def _by_webhook(channel: Channel, webhook: Webhook) -> None:
    """Let Telegram bring updates until the token is refused."""
    bot = channel.application.bot
    webhook.open(channel.updates)
    try:
        try:
            await bot.set_webhook(webhook.url, allowed_updates=KINDS, secret_token=webhook.secret)
        except BadRequest as error:
            raise UsageError(f"Telegram 不接受 TELEGRAM_WEBHOOK_URL（{error}）。请更正后重新启动。") from None
        _log.info("Telegram 渠道已启动：@%s（webhook）", bot.username)
        await channel.delivery.revoked.wait()
        raise InvalidToken
    finally:
        # It stays set: what comes meanwhile waits at Telegram for the next start.
        webhook.close()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work, or break it off when `stop` is set; whether it was done."""
    stopping, working = asyncio.create_task(stop.wait()), asyncio.create_task(work)
    try:
        await asyncio.wait([stopping, working], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            return True
        return False
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait([working])


@contextmanager
def _unless_refused(what: str) -> Iterator[None]:
    """What Telegram may refuse without harm to the rest."""
    try:
        yield
    except InvalidToken:
        raise
    except TelegramError as error:
        _log.warning("Telegram 没有接受%s：%s", what, type(error).__name__)


def _register(application: App, handlers: Handlers, operators: tuple[int, ...]) -> None:
    """The handlers in the order in which they are tried."""
    message, changed = filters.UpdateType.MESSAGE, filters.UpdateType.EDITED_MESSAGE
    private = message & filters.ChatType.PRIVATE
    of = handlers.commands
    commands = {
        "start": of.start, "measures": of.measures, "targets": of.targets, "units": of.units, "region": of.region,
        "unit": of.unit, "about": of.about, "help": of.help, "forget": handlers.forget,
    }  # fmt: skip
    for name, handler in commands.items():
        application.add_handler(CommandHandler(name, handlers.handled("command", handler), message))
    if operators:
        mine = private & filters.User(user_id=operators)
        application.add_handler(CommandHandler("status", handlers.handled("command", handlers.status), mine))
        application.add_handler(CommandHandler("unanswered", handlers.handled("command", handlers.unanswered), mine))
    unknown = handlers.handled("command", handlers.unknown_command)
    application.add_handler(MessageHandler(message & filters.COMMAND, unknown))
    application.add_handler(MessageHandler(message & filters.TEXT, handlers.handled("question", handlers.answer)))
    application.add_handler(MessageHandler(changed, handlers.handled("edit", handlers.talk.changed)))
    application.add_handler(CallbackQueryHandler(handlers.watched("button", handlers.pressed)))
    application.add_handler(InlineQueryHandler(handlers.watched("inline", handlers.inline.offer)))
    application.add_handler(ChatMemberHandler(handlers.watched("added", of.greet), ChatMemberHandler.MY_CHAT_MEMBER))
    # After text, all the rest: notices of the service itself were never let in.
    application.add_handler(MessageHandler(message, handlers.handled("other", handlers.text_only)))
