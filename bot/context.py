"""A conversation's context as one line of JSON, for the store; anything unreadable is an empty context."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from bot import values
from bot.jsons import dumps, loads
from bot.privacy import mask
from bot.values import Context

_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        values.Context, values.Cells, values.Roles, values.Tasks, values.Parts, values.Passages, values.Facts,
        values.Missing, values.Choose, values.Social, values.Bound, values.Number, values.Limit, values.Condition,
    )
}  # fmt: skip
_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in _TYPES.values()}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return {"type": "Decimal", "value": str(value)}
    if names := _NAMES.get(type(value)):
        return {"type": type(value).__name__, **{name: _plain(getattr(value, name)) for name in names}}
    return value


def _collect(value: object, said: list[str]) -> None:
    """Add all texts and numbers that the value holds."""
    if isinstance(value, str):
        said.append(value)
    elif isinstance(value, tuple):
        for item in value:
            _collect(item, said)
    elif names := _NAMES.get(type(value)):
        for name in names:
            _collect(getattr(value, name), said)
    else:
        said.append(str(value))


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
    return dumps(_plain(context)).decode()


def load(text: str) -> Context:
    """The context that `dump` wrote; an empty one where the text is of another version or broken."""
    try:
        context = _frozen(loads(text))
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return Context()
    return context if isinstance(context, Context) else Context()


def dump_masked(context: Context) -> str:
    """The context as it may be kept: what the asker typed as a long number is left out."""
    for kept in (context, replace(context, query=None)):
        said: list[str] = []
        _collect(kept, said)
        if mask(text := "\n".join(said)) == text:
            return dump(kept)
    return dump(Context())
