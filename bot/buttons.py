"""The buttons under an answer: what can be asked next, more of a long text, and a vote."""

import re
from collections.abc import Sequence
from os.path import commonprefix

from bot.callbacks import Button, Keyboard, button
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
# What is not cut where choices differ: a number with its title, a quoted name.
_WHOLE = re.compile(r"(?:第\d+项)?「[^」]*」|第\d+[项组]|.", re.DOTALL)
# How wide a choice's number is.
_NUMBER = 1.5


# Buttons before they have a code: what each says, its letter, and what stands before the code.
Labels = tuple[tuple[tuple[str, str, str], ...], ...]


def labels(reply: Reply, names: Sequence[str], wording: Wording, more: bool, votes: bool) -> Labels:
    """The buttons under a reply; `names` are left out where they are said."""
    rows: list[tuple[tuple[str, str, str], ...]] = [((wording.more, MORE, ""),)] if more else []
    if reply.choices:
        rows += _choices(reply.choices)
    else:
        rows += [((short(asked, reply.answer, names), ASK, str(n)),) for n, asked in enumerate(reply.follow_ups)]
    if votes:
        rows.append(((wording.vote_up, VOTE, UP), (wording.vote_down, VOTE, DOWN)))
    return tuple(rows)


def questions_keyboard(code: str | None, questions: Sequence[str]) -> Keyboard | None:
    """A button for each of the questions that are kept under the code."""
    return tuple((button(short(q), ASK, f"{n}{code}"),) for n, q in enumerate(questions)) if code else None


def voted(keyboard: Keyboard, vote: str, wording: Wording) -> Keyboard:
    """The keyboard with that vote marked; pressing the mark takes it back."""
    said = {UP: wording.vote_up, DOWN: wording.vote_down}

    def changed(old: Button) -> Button:
        if not old.data.startswith(f"{VOTE}:"):
            return old
        code = old.data[3:]
        # The mark says which one it is, since what it would do is no longer the vote itself.
        kind = next(kind for kind, label in said.items() if old.label.removeprefix(_MARK) == label)
        if kind == vote:
            return button(_MARK + said[kind], VOTE, NONE + code)
        return button(said[kind], VOTE, kind + code)

    return tuple(tuple(map(changed, row)) for row in keyboard)


def without(keyboard: Keyboard, letter: str) -> Keyboard | None:
    """The keyboard without the buttons of one kind."""
    rows = (tuple(b for b in row if not b.data.startswith(f"{letter}:")) for row in keyboard)
    return tuple(row for row in rows if row) or None


def short(question: str, said: str = "", names: Sequence[str] = ()) -> str:
    """The question as a label: as much of it as fits, first without the names that stand in the answer above it."""
    label = question.rstrip(_PUNCTUATION)
    if width(label) > _WIDTH:
        label = _TITLE.sub(r"\1", label)
    if width(label) > _WIDTH:
        name = max((name for name in names if name in label and name in said), key=len, default="")
        label = label.replace(name, "", 1)
    return _cut(_without_end(label, _WIDTH))


def _choices(choices: Sequence[str]) -> list[tuple[tuple[str, str, str], ...]]:
    """Numbered as in the text, and by what tells them apart where that fits; else by number alone."""
    plain = [choice.rstrip(_PUNCTUATION) for choice in choices]
    whole = [f"{number}. {_without_end(choice, _WIDTH - _NUMBER)}" for number, choice in enumerate(plain, 1)]
    if all(width(label) <= _WIDTH for label in whole):
        return [((label, ASK, str(number)),) for number, label in enumerate(whole)]
    pieces = [_WHOLE.findall(choice) for choice in plain]
    head = len(commonprefix(pieces))
    tail = min(len(commonprefix([p[::-1] for p in pieces])), min(map(len, pieces)) - head)
    apart = ["".join(p[head : len(p) - tail]) for p in pieces]
    named = [f"{number}. {label}" for number, label in enumerate(apart, 1)]
    if all(apart) and all(width(label) <= _WIDTH for label in named):
        return [((label, ASK, str(number)),) for number, label in enumerate(named)]
    numbers = tuple((str(number + 1), ASK, str(number)) for number in range(len(choices)))
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
