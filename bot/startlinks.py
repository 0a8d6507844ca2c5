"""What stands after ?start= in a link to the bot: a question, a measure, a region, an indicator or a unit."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.engine import Engine
from bot.panel import handle, named

# What Telegram lets stand there.
_ALLOWED = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 64

Kind = Literal["question", "offer", "measure", "region", "indicator", "unit"]
_LETTERS: dict[str, Kind] = {
    "q": "question", "k": "offer", "m": "measure", "r": "region", "i": "indicator", "u": "unit"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Start:
    """What a link opens: the text of a question, the handle of one that is offered, a number, or an id."""

    kind: Kind
    value: str


def read(payload: str, engine: Engine) -> Start | None:
    """What the link opens; None for anything that is no such link, or whose matter is gone."""
    letter, _, rest = payload.partition("-")
    kind = _LETTERS.get(letter)
    if kind is None or not rest or not _ALLOWED.fullmatch(payload):
        return None
    knowledge = engine.knowledge
    if kind == "question":
        question = _decoded(rest)
        return Start(kind, question) if question else None
    if kind == "offer":
        return Start(kind, rest)
    if kind == "measure":
        return Start(kind, rest) if any(str(part.number) == rest for part in knowledge.measures) else None
    registers: dict[str, Mapping[str, object]] = {
        "region": knowledge.regions, "indicator": knowledge.indicators, "unit": knowledge.units
    }  # fmt: skip
    entries = registers[kind]
    found = named(rest, entries)
    return Start(kind, found) if found is not None else None


def for_question(question: str) -> str:
    """The link's payload for any short question; for a longer one, which must be one of those offered, its handle."""
    written = base64.urlsafe_b64encode(question.encode("utf-8", "replace")).decode().rstrip("=")
    return f"q-{written}" if len(written) + 2 <= _LONGEST else f"k-{handle(question)}"


def for_typed(text: str) -> str:
    """The link's payload for whatever was typed; as much of it as fits."""
    while len(payload := for_question(text)) > _LONGEST or payload.startswith("k-"):
        text = text[:-1]
    return payload


def _decoded(text: str) -> str:
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return found.strip() if found.isprintable() else ""
