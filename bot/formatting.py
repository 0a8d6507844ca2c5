"""Replies and other texts -> the HTML of Telegram's messages: escaped, and cut without cutting what is set off."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.evidence import evidence
from bot.messages import length, split
from bot.values import Reply
from bot.wording import Wording

# What a message holds at most, counted as Telegram counts: without the tags.
LIMIT: Final = 4096
# An answer of more lines on a phone is begun only; the rest comes when it is asked for.
_MOST_LINES, _LINE, _BEGUN = 22, 19, 300
# Where a phone would have to be scrolled past a source, it is folded away with the document's words.
_LONGEST_SOURCE = 90
# More than some lines in bold is a wall.
_LONGEST_BOLD = 80
# So many numbered things are a list, one on a line; what a line begins with.
_LIST, _BULLET = 4, "· "
_LISTED = re.compile(r"(?<=[：；、])(?=第\d+项「)")
# What is found in several places, each with its words.
_PLACED = re.compile(r"(?<=[：；])(?=第\d+项「[^」]+」：)")
_PLACES = 2
_ENUMERATED = re.compile(r"([^：。]{1,60}：)([^：。]+)。")
_TITLE = re.compile(r"「([^」]+)」")


class Style(Enum):
    """How a stretch of text is set; the value is its opening and its closing tag."""

    PLAIN = ("", "")
    BOLD = ("<b>", "</b>")
    ITALIC = ("<i>", "</i>")
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


@dataclass(frozen=True, slots=True)
class Composed:
    """The messages that show a reply, and those that show the rest of it to whoever wants more."""

    shown: tuple[str, ...]
    rest: tuple[str, ...] = ()


def compose(
    reply: Reply, wording: Wording, asked: bool = False, listed: bool = False, hint: str = "", whole: bool = False
) -> Composed:
    """The reply: the answer, how it was understood, what there is to choose from, the source, the document's words.

    `asked` puts the question above it, for those who only pressed a button; `listed` puts the next questions below, for
    those who have no buttons; `hint` comes last; `whole` leaves no rest.
    """
    source, *quotes = evidence(reply) or ("",)
    answer = _in_paragraphs(_in_lines(reply.answer), _TITLE.findall(source))
    before = [Stretch(wording.asked.format(question=reply.question), Style.ITALIC)] if asked else []
    understood = [Stretch(f"（{reply.understood}）", Style.ITALIC)] if reply.understood else []
    choices = [Stretch(f"{number}. {choice}") for number, choice in enumerate(reply.choices, 1)]
    folded = length(source) > _LONGEST_SOURCE
    words = "\n".join([*([source] if folded else []), *_under_one_label(quotes)])
    cited = [] if folded or not source else [Stretch(source, glue="\n\n")]
    quoted = [Stretch(words, Style.FOLDED, "\n\n" if folded else "\n")] if words else []
    next_ = [Stretch("\n".join([wording.follow_ups, *(_BULLET + q for q in reply.follow_ups)]), glue="\n\n")]
    after = [*(next_ if listed and reply.follow_ups else []), *([Stretch(hint, glue="\n\n")] if hint else [])]
    direct = [Stretch(answer)] if reply.outcome == "social" else _set_off(answer)
    if whole or sum(-(-length(line) // _LINE) for line in answer.splitlines()) <= _MOST_LINES:
        return Composed(markup([*before, *direct, *understood, *choices, *cited, *quoted, *after]))
    begun = split(answer, _BEGUN)[0]
    left = answer[answer.index(begun) + len(begun) :].strip()
    shown = [*before, *_set_off(begun), Stretch(wording.unfinished, glue=""), *understood, *cited, *after]
    return Composed(markup(shown), markup([Stretch(left), *quoted]))


def _in_lines(answer: str) -> str:
    """The answer with a list one on a line: of numbered things, or of what is told apart by semicolons."""
    break_ = f"\n{_BULLET}"
    if len(_LISTED.findall(answer)) >= _LIST:
        # What ends a line needs no stop.
        return _LISTED.sub(break_, answer).replace(f"、{break_}", break_).removesuffix("。")
    if len(_PLACED.findall(answer)) >= _PLACES:
        return _PLACED.sub(break_, answer).replace(f"；{break_}", break_)
    enumerated = _ENUMERATED.fullmatch(answer)
    if enumerated and len(items := enumerated[2].split("；")) >= _LIST:
        return break_.join([enumerated[1], *items])
    return answer


def _in_paragraphs(answer: str, titles: Iterable[str]) -> str:
    """The answer with the words of each part in a paragraph of its own, where it gives those of several."""
    for title in titles:
        answer = answer.replace(f"。{title}：", f"。\n\n{title}：")
    return answer


def _set_off(answer: str) -> list[Stretch]:
    """The answer in bold where it is short; of a long one the first sentence, or what introduces it."""
    if "\n" not in answer and length(answer) <= _LONGEST_BOLD:
        return [Stretch(answer, Style.BOLD)]
    found = re.match(r"[^：。\n]{1,60}：|[^。\n]{1,120}。", answer)
    if not found:
        return [Stretch(answer)]
    rest = answer[found.end() :]
    glue = "\n" if rest.startswith("\n") else ""
    return [Stretch(found[0], Style.BOLD), *([Stretch(rest.lstrip("\n"), glue=glue)] if rest else [])]


def _under_one_label(quotes: Iterable[str]) -> list[str]:
    """The lines, of which only the first keeps the label that they all begin with."""
    first, *others = [*quotes, ""]
    label = first[: first.find("：") + 1]
    return [line for line in (first, *(other.removeprefix(label) for other in others)) if line]


def _fitting(stretches: Iterable[Stretch], limit: int) -> Iterator[Stretch]:
    """The stretches, each cut at sentence ends where it does not fit into one message."""
    for stretch in stretches:
        for number, part in enumerate(split(stretch.text, limit)):
            yield Stretch(part, stretch.style, "" if number else stretch.glue)
