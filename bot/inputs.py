"""What clients of the API send, read no further than allowed; what is wrong with it is said in Chinese."""

import asyncio
import json
import re
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

# What was sent, by name.
Given = Mapping[str, object]

MOST_BYTES = 64 * 1024
_BODY_SECONDS = 4.0
LONGEST_KEY = 100
_ESCAPED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


def parameters(request: Request) -> dict[str, str]:
    """What stands after the question mark; of a name that is there twice the last holds.

    The library's own reading takes a step for each byte, and a Chinese question has three a character.
    """
    query: bytes = request.scope["query_string"]
    pairs = (part.partition(b"=") for part in query.split(b"&") if part)
    return {_unescaped(name): _unescaped(value) for name, _, value in pairs}


def _unescaped(raw: bytes) -> str:
    spaced = raw.replace(b"+", b" ")
    plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace(b"%", b"").decode()), spaced)
    return plain.decode("utf-8", "replace")


async def read_object(request: Request) -> Given:
    """The JSON object in the body, waited for no longer than a stop takes."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise HTTPException(413, f"内容太长，最多 {MOST_BYTES // 1024} kB。")
    except TimeoutError:
        raise HTTPException(408, "内容没有在几秒内送到，请再发一次。") from None
    except ClientDisconnect:
        # Nobody is there to read it.
        raise HTTPException(400, "内容没有送完。") from None
    try:
        given = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise HTTPException(400, '内容不是有效的 JSON（UTF-8），应当形如 {"question": "……"}。') from None
    if not isinstance(given, dict):
        raise HTTPException(400, '内容应当是一个 JSON 对象，形如 {"question": "……"}。')
    return given


def question(given: Given, name: str) -> str:
    """The question, which must be there."""
    if given.get(name) is None:
        raise HTTPException(400, f"缺少 {name}：请在里面写上问题。")
    found = text(given, name)
    if not found.strip():
        raise HTTPException(400, f"{name} 是空的：请在里面写上问题。")
    return found


def key(given: Given, name: str) -> str:
    """A key that the client chose; "" where there is none."""
    if given.get(name) is None:
        return ""
    found = text(given, name)
    if len(found) > LONGEST_KEY:
        raise HTTPException(400, f"{name} 最长 {LONGEST_KEY} 个字符，现在有 {len(found)} 个。")
    return found


def flag(given: Given, name: str) -> bool:
    """Whether something more is wanted; what is not said is not."""
    found = given.get(name)
    if found in (None, False, "", "0", "false"):
        return False
    if found in (True, "1", "true"):
        return True
    raise HTTPException(400, f"{name} 只能是 true 或 false。")


def one_of(given: Given, name: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed words."""
    if given.get(name) is None:
        raise HTTPException(400, f"缺少 {name}：可以是 {'、'.join(allowed)}。")
    found = text(given, name)
    if found not in allowed:
        raise HTTPException(400, f"{name} 只能是 {'、'.join(allowed)}。")
    return found


def text(given: Given, name: str) -> str:
    """A text that can be written down."""
    found = given[name]
    if not isinstance(found, str):
        raise HTTPException(400, f"{name} 应当是文字（字符串）。")
    try:
        found.encode()
    except UnicodeEncodeError:
        # JSON can escape half of a surrogate pair, which is no character.
        raise HTTPException(400, f"{name} 里有不成字符的编码。") from None
    return found
