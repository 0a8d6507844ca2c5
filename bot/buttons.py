"""The buttons under an answer: what can be asked next, more of a long text, and a vote."""

import re
from collections.abc import Sequence
from os.path import commonprefix

from telegram import InlineKeyboardButton

from bot.callbacks import button
from bot.outbox import Keyboard
from bot.values import Reply
from bot.wording import Wording

ASK, VOTE, MORE = "q", "v", "m"
UP, DOWN, NONE = "u", "d", "n"
_MARK = "✓ "
# What a phone shows of a button as wide as the message, in characters as wide as a Chinese one.
_WIDTH = 20.0
_NARROW = 0.55
_PUNCTUATION = "？?。，、：（）"
_HOLLOW = ("分别是多少", "是多少", "是什么")
# The title of a numbered thing, which its number tells too.
_TITLE = re.compile(r"(第\d+项)「[^」]*」")
# How wide a choice's number is.
_NUMBER = 1.5


def answer_keyboard(
    code: str, reply: Reply, names: Sequence[str], wording: Wording, more: bool, votes: bool
) -> Keyboard:
    """The buttons under a reply, meaning what is kept under the code; `names` are left out where they are said."""
    rows = [[button(wording.more, MORE, code)]] if more else []
    if reply.choices:
        rows += _choices(code, reply.choices)
    else:
        labels = [short(question, reply.answer, names) for question in reply.follow_ups]
        rows += [[button(label, ASK, f"{number}{code}")] for number, label in enumerate(labels)]
    if votes:
        rows.append([button(wording.vote_up, VOTE, UP + code), button(wording.vote_down, VOTE, DOWN + code)])
    return Keyboard(rows)


def questions_keyboard(code: str | None, questions: Sequence[str]) -> Keyboard | None:
    """A button for each of the questions that are kept under the code."""
    return Keyboard([[button(short(q), ASK, f"{n}{code}")] for n, q in enumerate(questions)]) if code else None


def voted(keyboard: Keyboard, vote: str, wording: Wording) -> Keyboard:
    """The keyboard with that vote marked; pressing the mark takes it back."""
    labels = {UP: wording.vote_up, DOWN: wording.vote_down}

    def changed(old: InlineKeyboardButton) -> InlineKeyboardButton:
        data = str(old.callback_data)
        if not data.startswith(f"{VOTE}:"):
            return old
        code = data[3:]
        # The mark says which one it is, since what it would do is no longer the vote itself.
        kind = next(kind for kind, label in labels.items() if old.text.removeprefix(_MARK) == label)
        if kind == vote:
            return button(_MARK + labels[kind], VOTE, NONE + code)
        return button(labels[kind], VOTE, kind + code)

    return Keyboard([[changed(old) for old in row] for row in keyboard.inline_keyboard])


def without(keyboard: Keyboard, letter: str) -> Keyboard | None:
    """The keyboard without the buttons of one kind."""
    rows = [[b for b in row if not str(b.callback_data).startswith(f"{letter}:")] for row in keyboard.inline_keyboard]
    kept = [row for row in rows if row]
    return Keyboard(kept) if kept else None


def short(question: str, said: str = "", names: Sequence[str] = ()) -> str:
    """The question as a label: as much of it as fits, first without the names that stand in the answer above it."""
    label = question.rstrip(_PUNCTUATION)
    if width(label) > _WIDTH:
        label = _TITLE.sub(r"\1", label)
    if width(label) > _WIDTH:
        name = max((name for name in names if name in label and name in said), key=len, default="")
        label = label.replace(name, "", 1)
    return _cut(_without_end(label, _WIDTH))


def _choices(code: str, choices: Sequence[str]) -> list[list[InlineKeyboardButton]]:
    """Numbered as in the text, and by what tells them apart where that fits; else by number alone."""
    plain = [choice.rstrip(_PUNCTUATION) for choice in choices]
    whole = [f"{number}. {_without_end(choice, _WIDTH - _NUMBER)}" for number, choice in enumerate(plain, 1)]
    if all(width(label) <= _WIDTH for label in whole):
        return [[button(label, ASK, f"{number}{code}")] for number, label in enumerate(whole)]
    head = len(commonprefix(plain))
    tail = min(len(commonprefix([p[::-1] for p in plain])), min(map(len, plain)) - head)
    labels = [p[head : len(p) - tail] for p in plain]
    named = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
    if all(labels) and all(width(label) <= _WIDTH for label in named):
        return [[button(label, ASK, f"{number}{code}")] for number, label in enumerate(named)]
    numbers = [button(str(number + 1), ASK, f"{number}{code}") for number in range(len(choices))]
    return [numbers[at : at + 5] for at in range(0, len(numbers), 5)]


def width(text: str) -> float:
    """How wide the text is, in Chinese characters."""
    return sum(1.0 if char > "\u2e7f" else _NARROW for char in text)


def _without_end(label: str, most: float) -> str:
    """A label that is too long without its asking end."""
    if width(label) <= most:
        return label
    return next((label.removesuffix(end) for end in _HOLLOW if label.endswith(end)), label)


def _cut(label: str) -> str:
    """Begin and end of a label that is still too long."""
    if width(label) <= _WIDTH:
        return label
    half = int(_WIDTH // 2)
    return f"{label[: half - 1]}…{label[-half:]}"
