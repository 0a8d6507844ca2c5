"""Text -> the HTML of Telegram's messages: everything escaped, cut to a length without cutting what is set off."""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.messages import length, split

# What a message holds at most, counted as Telegram counts: without the tags.
LIMIT: Final = 4096


class Style(Enum):
    """How a stretch of text is set; the value is its opening and its closing tag."""

    PLAIN = ("", "")
    BOLD = ("<b>", "</b>")
    ITALIC = ("<i>", "</i>")
    QUOTE = ("<blockquote>", "</blockquote>")
    FOLDED = ("<blockquote expandable>", "</blockquote>")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A text in one style; `glue` is what joins it to what stands before."""

    text: str
    style: Style = Style.PLAIN
    glue: str = "\n"


def markup(stretches: Iterable[Stretch], limit: int = LIMIT) -> tuple[str, ...]:
    """The stretches one after the other as messages of at most so many UTF-16 units, each with all its tags closed."""
    messages: list[str] = []
    message, size = "", 0
    for stretch in _fitting(stretches, limit):
        glue = stretch.glue if message else ""
        if message and size + length(glue) + length(stretch.text) > limit:
            messages.append(message)
            message, size, glue = "", 0, ""
        opening, closing = stretch.style.value
        message += f"{glue}{opening}{html.escape(stretch.text, quote=False)}{closing}"
        size += length(glue) + length(stretch.text)
    return (*messages, message) if message else tuple(messages)


def escaped(text: str, limit: int = LIMIT) -> tuple[str, ...]:
    """A text without any style as messages."""
    return markup([Stretch(text)], limit)


def _fitting(stretches: Iterable[Stretch], limit: int) -> Iterator[Stretch]:
    """The stretches, each cut at sentence ends where it does not fit into one message."""
    for stretch in stretches:
        for number, part in enumerate(split(stretch.text, limit)):
            yield Stretch(part, stretch.style, "" if number else stretch.glue)
