"""What keeps people and the token out of files and logs: the chat hash, the mask for questions, the log filter."""

import hmac
import logging
import os
import re
import secrets
import traceback
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from bot.errors import UsageError

KEY_FILE = "chat.key"
_KEY_BYTES = 32
_LEAST_KEY_BYTES = 16
_LEAST_TOKEN = 8
_HIDDEN = "***"
# So many chats that write often are not hashed anew for every line that is kept of them.
_CHATS = 4096

# Digits of every script, and Chinese ones read out one by one. Nine digits in groups are a telephone or
# identity number; four and four are two years. An address is looked for at the beginning of a word alone: at every
# character of a long one it would take time by the square of its length.
_NUMBERS = re.compile(
    r"(?<!\S)\S*@[\w.-]+"
    r"|\d(?:[ \u3000\-‐-―－]?\d){8,}"
    r"|\d{5,}"
    r"|[〇零一二三四五六七八九幺两]{7,}"
)
# A name that somebody gives as his own. What follows 我叫 is nearly always one; what follows 我是 is one only where it
# begins with a surname that begins few other words, is as short as a name, and nothing is joined to it.
_ENDS = r"(?=[^\u4e00-\u9fff]|$|[我想要请问咨今住])"
_DOTTED = rf"[\u4e00-\u9fff]{{1,8}}(?:[·•・‧][\u4e00-\u9fff]{{1,8}}?)+{_ENDS}"
_SURNAME = "(?:[王李张刘陈杨赵吴徐孙朱郭郑冯蒋蔡魏薛潘彭]|欧阳|司马|上官|诸葛)"
_NAMES = re.compile(
    r"((?:我叫|本人叫|(?:姓名|名字|联系人)[是叫为:：]|我姓|免贵姓)\s*)(?![不他她它你您人了过什啥谁哪这那个怎])"
    rf"(?:{_DOTTED}|[\u4e00-\u9fff]{{1,4}}?{_ENDS}|{_SURNAME}[\u4e00-\u9fff]{{2}}|[A-Za-z][A-Za-z.\- ]{{1,30}})"
    rf"|((?:我是|本人是?|我就是)\s*)(?:{_DOTTED}|(?!郑州|徐州|张家|吴江|吴忠|孙[子女]|王国){_SURNAME}[\u4e00-\u9fff]{{1,2}}?{_ENDS})"
)

_log = logging.getLogger(__name__)


def mask(text: str) -> str:
    """The text with long runs of digits, addresses, account names, and names given as one's own replaced by #."""
    return _NUMBERS.sub("#", _NAMES.sub(lambda found: f"{found[1] or found[2]}#", text))


@lru_cache(_CHATS)
def chat_hash(chat: str, key: bytes) -> str:
    """The name under which a chat is kept: without the key it leads back to nobody."""
    return hmac.digest(key, chat.encode("utf-8", "surrogatepass"), "sha256").hex()


def read_key(folder: Path) -> bytes:
    """The key of this folder; made at the first start, readable by its owner alone."""
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"密钥文件 {path} 无法读写（{error.strerror}）。请让运行本程序的用户能读写它，或用 BOT_KEY 指定密钥。"
        ) from None
    if path.stat().st_mode & 0o077:
        try:
            path.chmod(0o600)
        except OSError:
            _log.warning("密钥文件 %s 别的用户也能读。请把它的权限改为 600。", path)
    if len(key) < _LEAST_KEY_BYTES:
        raise UsageError(
            f"密钥文件 {path} 内容不完整（不足 {_LEAST_KEY_BYTES} 字节）。"
            "请从备份恢复；没有备份就删去它，重新启动会另建一个（此前的对话不再接得上）。"
        )
    return key


def check_key(key: bytes) -> bytes:
    """The key as it was set, if it is long enough not to be guessed."""
    if len(key) < _LEAST_KEY_BYTES:
        raise UsageError(f"BOT_KEY 太短（{len(key)} 字节），请用至少 {_LEAST_KEY_BYTES} 字节的随机密钥。")
    return key


def _make_key(path: Path) -> None:
    """A fresh key under the path, whole or not at all; one that another process has made meanwhile stays."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        except OSError:
            # A file system without hard links.
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


class Redaction(logging.Filter):
    """A filter for log handlers that lets every record pass, without the secrets it was given."""

    def __init__(self, *values: str) -> None:
        super().__init__()
        forms = {form for value in values for form in (value, quote(value, safe=""), value.rpartition(":")[2])}
        # A very short one would black out ordinary words; no real token is that short.
        self._secrets = sorted((form for form in forms if len(form) >= _LEAST_TOKEN), key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text with every secret hidden."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites message and traceback in place; a formatter then has nothing left to fill in."""
        try:
            said = record.getMessage()
        except Exception:
            # Values that do not fit their places: nobody is to see them on the way to an error of its own.
            said = str(record.msg)
        record.msg, record.args = self.clean(said), None
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            # An error's own words may quote a question.
            record.exc_text = where_it_failed(record.exc_info[1])
        record.exc_info = None
        if record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        return True


def keep_from_logs(token: str) -> None:
    """From now on the token appears in no log record."""
    redaction = Redaction(token)
    for handler in _handlers():
        handler.addFilter(redaction)
    # httpx writes the whole address of each request at INFO, and the address holds the token.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _handlers() -> Iterator[logging.Handler]:
    """Every handler there is: the root's, those of loggers that do not propagate, and the last resort."""
    yield from logging.root.handlers
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            yield from logger.handlers
    if logging.lastResort:
        yield logging.lastResort


def where_it_failed(error: BaseException) -> str:
    """An error for the log: its kind and the places in the code, never its message, which may quote a question."""
    places = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    return f"{type(error).__name__}\n{places}" if places else type(error).__name__
