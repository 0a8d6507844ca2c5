"""JSON as most of what passes through is, quickly; what the fast library refuses, the standard one takes."""

import json
from typing import Any

import orjson


def dumps(value: object) -> bytes:
    """The value on one line of UTF-8; half a character pair, which can be received but not written, becomes ?."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def loads(text: str | bytes | bytearray) -> Any:
    """The value that the text holds; ValueError where it is no JSON, RecursionError where it is nested too deep."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
