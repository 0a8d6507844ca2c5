"""A conversation's context as one line of JSON, for the store; anything unreadable is an empty context."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from bot import values
from bot.privacy import mask
from bot.values import Context

_TYPES: dict[str, Callable[..., Any]] = {
    kind.__name__: kind
    for kind in (
        values.Context, values.Cells, values.Roles, values.Tasks, values.Parts, values.Passages, values.Facts,
        values.Missing, values.Choose, values.Social, values.Bound, values.Number, values.Limit, values.Condition,
    )
}  # fmt: skip


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {"type": type(value).__name__, **{f.name: _plain(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return {"type": "Decimal", "value": str(value)}
    return value


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        kind = str(value.get("type"))
        if kind == "Decimal":
            return Decimal(value["value"])
        given = {name: _frozen(item) for name, item in value.items() if name != "type"}
        return _TYPES[kind](**given)
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def dump(context: Context) -> str:
    """The context as one line of JSON."""
    return json.dumps(_plain(context), ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> Context:
    """The context that `dump` wrote; an empty one where the text is of another version or broken."""
    try:
        context = _frozen(json.loads(text))
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return Context()
    return context if isinstance(context, Context) else Context()


def dump_masked(context: Context) -> str:
    """The context as it may be kept: what the asker typed as a long number is left out."""
    for kept in (context, replace(context, query=None), Context()):
        text = dump(kept).encode("utf-8", "replace").decode("utf-8")
        if mask(text) == text:
            return text
    return dump(Context())
