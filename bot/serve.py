"""One process for every configured channel: the web application, and Telegram where a token is set."""

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn

from bot import engine as engines
from bot import logs
from bot.afterwards import Afterwards
from bot.engine import Engine
from bot.errors import UsageError
from bot.monitoring import Monitor
from bot.privacy import where_it_failed
from bot.settings import Settings, unknown
from bot.store import Store
from bot.web import create_app

if sys.platform == "win32":
    from asyncio import run
else:
    from uvloop import run

_log = logging.getLogger(__name__)
# Longer than any answer takes, and than a body is waited for; an open connection must not keep the process.
_GRACE_SECONDS = 5
# A channel that waits for a far end to answer is not waited for without end.
LONGEST_STOP = 20
_TIDY_SECONDS = 3600


class _Server(uvicorn.Server):
    """A server that leaves the signals to `serve`, which has other channels to stop as well."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield


def serve(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    logs.set_up(settings.log_format, settings.log_level, *settings.secrets())
    for line in unknown():
        _log.warning("%s", line)
    engine = engines.load(settings.knowledge)
    with contextlib.closing(_listen(settings.host, settings.port)) as listening:
        store = Store.open(settings.data, settings.key, settings.context_days, settings.question_days)
        with contextlib.closing(store):
            # Also after a run that was killed.
            store.scrub()
            try:
                return run(_run(settings, engine, store, listening))
            finally:
                store.scrub()


def _listen(host: str, port: int) -> socket.socket:
    # Bound here, not by the server, so that a taken port is told in words, and port 0 is known.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise UsageError(f"无法在 {host} 的 {port} 端口监听：{_cause(error)}。") from None
    return listening


def _cause(error: OSError) -> str:
    """Why the place cannot be listened on, and how to mend it."""
    if isinstance(error, socket.gaierror):
        return "找不到这个主机名。请检查 BOT_HOST"
    causes = {
        errno.EADDRINUSE: "端口已被占用。请用 BOT_PORT 换一个，或先停掉占用它的程序",
        errno.EADDRNOTAVAIL: "本机没有这个地址。请用 BOT_HOST 换一个，如 127.0.0.1 或 0.0.0.0",
        errno.EACCES: "没有权限。请用 BOT_PORT 换一个 1024 以上的端口",
    }
    return causes.get(error.errno or 0, f"{error.strerror}。请检查 BOT_HOST 和 BOT_PORT")


def _address(listening: socket.socket) -> str:
    """The page's address as this machine's browser takes it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}/"


def _say(line: str) -> None:
    # At once, also into a pipe: whoever starts us may wait for the address.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _run(settings: Settings, engine: Engine, store: Store, listening: socket.socket) -> int:
    stop = asyncio.Event()
    afterwards = Afterwards()
    monitor = Monitor(engine.knowledge.fingerprint, store, settings.metrics, afterwards)
    logging.root.addHandler(monitor.metrics.errors())
    app = create_app(engine, store, monitor.observer("web"), monitor.routes(), settings, afterwards)
    webhook = None
    if settings.telegram_token and settings.telegram_webhook_url:
        from bot.webhook import Webhook

        webhook = Webhook(settings.telegram_token, settings.telegram_webhook_url)
        app = webhook.before(app)
    config = uvicorn.Config(
        # Who asks is found out by our own setting, not by what any local program claims.
        app, proxy_headers=False, lifespan="off", log_config=None, log_level="warning",
        # Addresses hold the questions.
        access_log=False, server_header=False, timeout_graceful_shutdown=_GRACE_SECONDS,
    )  # fmt: skip
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # What has been built stays: the collector need not look through it time and again while people wait.
    gc.collect()
    gc.freeze()
    # Of what a message leaves behind, next to nothing is for the collector.
    gc.set_threshold(10_000, 20, 20)
    channels = [asyncio.create_task(server.serve([listening]), name="网页")]
    if settings.telegram_token:
        # Imported here: without a token the library is not needed.
        from bot import telegram

        # Only a server that listens may be named to Telegram.
        while not server.started and not channels[0].done():
            await asyncio.sleep(0.01)
        monitor.expect("telegram")
        running = telegram.run(settings, engine, store, stop, webhook, monitor.observer("telegram"))
        channels.append(asyncio.create_task(running, name="Telegram"))
    _say(f"网页：{_address(listening)}")
    _say(f"Telegram：{'正在连接……' if settings.telegram_token else '未启用（没有设置 TELEGRAM_TOKEN）'}")
    stopping = asyncio.create_task(stop.wait())
    tidying = asyncio.create_task(_tidy(store))
    # A channel that ends by itself takes the others with it: whoever started us is to see that one is missing.
    await asyncio.wait([stopping, *channels], return_when=asyncio.FIRST_COMPLETED)
    asked = stop.is_set()
    stop.set()
    server.should_exit = True
    _say("正在停止……")
    stopping.cancel()
    tidying.cancel()
    _, stuck = await asyncio.wait(channels, timeout=LONGEST_STOP)
    for channel in stuck:
        channel.cancel()
    results = await asyncio.gather(*channels, return_exceptions=True)
    afterwards.finish()
    return _verdict(channels, results, asked)


async def _tidy(store: Store) -> None:
    """Drop what has been kept long enough, also while nobody asks anything."""
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        store.tidy()
        store.scrub()


def _verdict(channels: list[asyncio.Task[None]], results: list[BaseException | None], asked: bool) -> int:
    for channel, result in zip(channels, results, strict=True):
        if isinstance(result, UsageError):
            raise result
        if result is not None:
            _log.error("%s 通道出错停止：%s", channel.get_name(), where_it_failed(result))
    return 0 if asked and not any(results) else 1
