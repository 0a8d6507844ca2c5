"""Many questions: one JSON object a line in, one reply object a line out, conversations kept in memory."""

import json
import logging
from collections.abc import Iterable
from typing import TextIO

from bot.engine import Engine
from bot.privacy import where_it_failed
from bot.render import as_json
from bot.respond import respond
from bot.values import Context
from bot.wording import load_wording

_log = logging.getLogger(__name__)


class _BadLine(Exception):
    """A line that holds no question; the text says why."""


def run(lines: Iterable[bytes], out: TextIO, engine: Engine) -> bool:
    """Answer every line in the order read, bad ones with an error in their place; whether all were good."""
    contexts: dict[str, Context] = {}
    good = True
    for number, line in enumerate(lines, 1):
        request: dict[str, object] = {}
        try:
            request = _request(line)
            reply = _answer(request, contexts, engine)
        except _BadLine as error:
            good = False
            reply = {"id": request.get("id"), "error": f"第 {number} 行{error}"}
        except Exception as error:
            good = False
            _log.error("第 %d 行处理出错（%s）", number, where_it_failed(error))
            reply = {"id": request.get("id"), "error": load_wording().apology}
        out.write(json.dumps(reply, ensure_ascii=False) + "\n")
        # Whoever writes the questions may wait for each answer before the next one.
        out.flush()
    return good


def _request(line: bytes) -> dict[str, object]:
    try:
        request = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _BadLine("不是 UTF-8 编码") from None
    except (ValueError, RecursionError):
        raise _BadLine('不是有效的 JSON，应当形如 {"id": "q1", "question": "……"}') from None
    if not isinstance(request, dict):
        raise _BadLine("应当是一个 JSON 对象（花括号）")
    return request


def _answer(request: dict[str, object], contexts: dict[str, Context], engine: Engine) -> dict[str, object]:
    question = request.get("question")
    if "question" not in request:
        raise _BadLine("缺少 question")
    if not isinstance(question, str):
        raise _BadLine("的 question 应当是文字（字符串）")
    conversation = request.get("conversation")
    # Any JSON value names a conversation; null is none.
    key = json.dumps(conversation, sort_keys=True)
    context = Context() if conversation is None else contexts.get(key, Context())
    reply, after = respond(question, context, engine)
    if conversation is not None:
        contexts[key] = after
    given = {"id": request["id"]} if "id" in request else {}
    return {**given, **as_json(reply)}
