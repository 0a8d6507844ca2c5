"""The settings, each declared once: its variable, what it means, its default and how it is read."""

import difflib
import ipaddress
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import UsageError
from bot.limits import Network

FILE = "BOT_SETTINGS"
# How the log may be written and from where on, and who may read the metrics.
FORMS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
READERS = ("off", "local", "on")
_PREFIXES = ("BOT_", "TELEGRAM_")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program is started with; secrets are not part of its repr."""

    telegram_token: str | None = field(default=None, repr=False)
    telegram_base_url: str | None = None
    telegram_webhook_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path("data")
    knowledge: Path | None = None
    key: bytes | None = field(default=None, repr=False)
    context_days: float = 1.0
    question_days: float = 90.0
    log_format: str = "text"
    log_level: str = "info"
    metrics: str = "off"
    cors_origins: tuple[str, ...] = ()
    rate_per_minute: float = 240.0
    rate_burst: int = 120
    trusted_proxies: tuple[Network, ...] = ()
    per_chat: int = 1
    per_group: int = 20
    overall: int = 30
    burst: int = 20
    late_hours: float = 24.0
    timeout: float = 20.0
    operators: tuple[int, ...] = ()

    def secrets(self) -> tuple[str, ...]:
        """What must appear in no log."""
        key = self.key.decode("utf-8", "surrogateescape") if self.key else ""
        return tuple(filter(None, (self.telegram_token, key)))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is declared; `default` is what its reader is told, not the value itself."""

    name: str
    field: str
    meaning: str
    default: str
    read: Callable[[str], object]
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it stands: its value in words, and where it came from."""

    setting: Setting
    value: str
    source: str


# --- reading one value; a ValueError says what it should have been -----------------------------


def _token(text: str) -> str:
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", text):
        raise ValueError("应当是 BotFather 给的令牌，形如 123456:ABC…")
    return text


def _url(text: str) -> str:
    try:
        url = urlsplit(text)
        # The port is checked only when it is asked for.
        good = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", text):
        raise ValueError("应当是以 http:// 或 https:// 开头的完整地址")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ValueError("应当是主机名或 IP 地址，如 127.0.0.1 或 0.0.0.0")
    return text


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise ValueError("应当是 0 到 65535 的整数（0 表示任选一个空闲端口）")
    return int(text)


def _folder(text: str) -> Path:
    folder = Path(text).expanduser()
    if folder.exists() and not folder.is_dir():
        raise ValueError("应当是文件夹，现在是一个文件")
    return folder


def _existing_folder(text: str) -> Path:
    folder = _folder(text)
    if not folder.is_dir():
        raise ValueError("应当是已有的文件夹，里面放知识文件")
    return folder


def _key(text: str) -> bytes:
    if len(text) < 16:
        raise ValueError("至少要有 16 个字符，请用随机生成的一串")
    return text.encode("utf-8", "surrogateescape")


def _days(text: str) -> float:
    return _positive(text, 36500, "天数")


def _hours(text: str) -> float:
    return _positive(text, 8760, "小时数")


def _seconds(text: str) -> float:
    return _positive(text, 600, "秒数")


def _positive(text: str, most: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= most:
        raise ValueError(f"应当是大于 0、不超过 {most:.0f} 的{what}，可以带小数，如 0.5")
    return number


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError("应当是 0 到 9999 的整数（0 表示不限）")
    return int(text)


def _people(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[0-9]{1,19}([,，、\s]+[0-9]{1,19})*", text):
        raise ValueError("应当是 Telegram 用户的数字编号，几个的话用逗号隔开")
    return tuple(int(number) for number in re.findall("[0-9]+", text))


def _one_of(*known: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(f"应当是 {'、'.join(known[:-1])} 或 {known[-1]}")
        return text.lower()

    return read


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(_list(text))
    if not all(origin == "*" or re.fullmatch(r"https?://[A-Za-z0-9.\[\]:_-]+", origin) for origin in origins):
        raise ValueError("应当是用逗号隔开的网站（如 https://example.org，末尾不带 /），或 * 表示所有网站")
    return origins


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= 1_000_000:
        raise ValueError("应当是不小于 0 的数（0 表示不限）")
    return rate


def _burst(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not int(text):
        raise ValueError("应当是 1 以上的整数")
    return int(text)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in _list(text))
    except ValueError:
        raise ValueError("应当是用逗号隔开的 IP 地址或网段，如 127.0.0.1,10.0.0.0/8") from None


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


SETTINGS = (
    Setting("TELEGRAM_TOKEN", "telegram_token", "Telegram 机器人的令牌；不设就没有 Telegram 通道", "无", _token, True),
    Setting("TELEGRAM_BASE_URL", "telegram_base_url", "Bot API 服务器，如 http://127.0.0.1:8081/bot", "官方的", _url),
    Setting("TELEGRAM_WEBHOOK_URL", "telegram_webhook_url", "公开的网址；设了用 webhook，不设用轮询", "无", _url),
    Setting("BOT_HOST", "host", "网页、接口和 webhook 监听的地址", "127.0.0.1", _host),
    Setting("BOT_PORT", "port", "网页、接口和 webhook 监听的端口", "8000", _port),
    Setting("BOT_DATA", "data", "存放数据库的文件夹", "当前文件夹下的 data/", _folder),
    Setting("BOT_KNOWLEDGE", "knowledge", "知识文件所在的文件夹", "程序自带的", _existing_folder),
    Setting("BOT_KEY", "key", "把会话编号变成代号的密钥", "首次启动时生成，存在数据文件夹里", _key, True),
    Setting("BOT_CONTEXT_DAYS", "context_days", "会话的上下文保留几天", "1", _days),
    Setting("BOT_QUESTION_DAYS", "question_days", "没有答上的问题和评价保留几天", "90", _days),
    Setting("BOT_LOG_FORMAT", "log_format", "日志的写法：text 给人看，json 每行一个对象", "text", _one_of(*FORMS)),
    Setting("BOT_LOG_LEVEL", "log_level", "从哪一级起写日志：debug、info、warning、error", "info", _one_of(*LEVELS)),
    Setting("BOT_METRICS", "metrics", "谁能读 /metrics：off 无人，local 只有本机，on 所有人", "off", _one_of(*READERS)),
    Setting(
        "BOT_CORS_ORIGINS", "cors_origins", "哪些网站的页面可以调用接口（CORS），逗号隔开；* 是所有", "无", _origins
    ),
    Setting("BOT_RATE_PER_MINUTE", "rate_per_minute", "每个客户端每分钟最多几个请求；0 是不限", "240", _rate),
    Setting("BOT_RATE_BURST", "rate_burst", "每个客户端一下子最多几个请求", "120", _burst),
    Setting(
        "BOT_TRUSTED_PROXIES", "trusted_proxies", "相信哪些反向代理写的 X-Forwarded-For，逗号隔开", "无", _networks
    ),
    Setting("TELEGRAM_PER_CHAT", "per_chat", "每秒最多向一个聊天发几条；0 表示不限", "1", _count),
    Setting("TELEGRAM_PER_GROUP", "per_group", "每分钟最多向一个群发几条；0 表示不限", "20", _count),
    Setting("TELEGRAM_OVERALL", "overall", "每秒总共最多发几条；0 表示不限", "30", _count),
    Setting("TELEGRAM_BURST", "burst", "一个人最多连发几条，此后每秒一条；0 表示不限", "20", _count),
    Setting("TELEGRAM_LATE_HOURS", "late_hours", "消息超过几小时没能答复就不再答", "24", _hours),
    Setting("TELEGRAM_TIMEOUT", "timeout", "等 Telegram 回应最多几秒", "20", _seconds),
    Setting("TELEGRAM_OPERATORS", "operators", "可以用 /status、/unanswered 的用户编号，逗号隔开", "无", _people, True),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


# --- all of them ----------------------------------------------------------------------------------


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the environment and the file it names; raises UsageError with everything wrong."""
    given, problems = _given(environ)
    values: dict[str, object] = {}
    for name, (text, source) in given.items():
        setting = _BY_NAME[name]
        try:
            values[setting.field] = setting.read(text)
        except ValueError as error:
            # A secret must not end up in a log, not even a mistyped one.
            shown = "" if setting.secret else f"「{text}」"
            problems.append(f"{name}（{source}）{shown}{error}。")
    if problems:
        raise UsageError("\n".join([*problems, f"设置有 {len(problems)} 处问题，改好后再启动。"]))
    return Settings(**values)  # type: ignore[arg-type]


def show(environ: Mapping[str, str] = os.environ) -> tuple[Shown, ...]:
    """Every setting with its value in words and its source; raises UsageError as `load` does."""
    load(environ)
    given, _ = _given(environ)
    shown = []
    for setting in SETTINGS:
        text, source = given.get(setting.name, (setting.default, "默认"))
        if setting.secret:
            text = "已设置" if setting.name in given else "未设置"
        shown.append(Shown(setting, text, source))
    return tuple(shown)


def unknown(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """A line for each variable of the environment that looks like a setting and is none."""
    strange = sorted(name for name in environ if name.startswith(_PREFIXES) and name not in (*_BY_NAME, FILE))
    return tuple(f"环境变量 {name} 不是本程序的设置，没有用上。{_hint(name)}" for name in strange)


def _hint(name: str) -> str:
    near = difflib.get_close_matches(name, _BY_NAME, 1)
    return f"是不是 {near[0]}？" if near else f"可用的：{'、'.join(_BY_NAME)}。"


def _given(environ: Mapping[str, str]) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """What is set to something, each with its source; the environment goes before the file."""
    found: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    path = environ.get(FILE, "").strip()
    if path:
        for number, name, text in _lines(Path(path), problems):
            if name not in _BY_NAME:
                problems.append(f"{path}:{number}: 没有叫 {name} 的设置。{_hint(name)}")
            elif text:
                found[name] = (text, f"{path} 第 {number} 行")
    for name in _BY_NAME:
        # Compose files and shells pass on variables that are there but empty.
        text = environ.get(name, "").strip()
        if text:
            found[name] = (text, "环境变量")
    return found, problems


def _lines(path: Path, problems: list[str]) -> list[tuple[int, str, str]]:
    """The lines NAME=value of a file: number, name and value."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = "不是 UTF-8 编码" if isinstance(error, ValueError) else "读不到"
        problems.append(f"{FILE}「{path}」{why}，请检查路径、权限和编码。")
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if not name or name.startswith("#"):
            continue
        if sign:
            found.append((number, name.strip(), value.strip().strip("\"'")))
        else:
            problems.append(f"{path}:{number}: 这一行不是「名称=值」。请写成 BOT_PORT=8000 的样子。")
    return found
