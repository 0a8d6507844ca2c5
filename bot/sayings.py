"""A question, and where it is asked from -> what is shown for it in a chat: messages, buttons, picture."""

from collections import deque
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.buttons import Labels, labels
from bot.callbacks import Keyboard, button
from bot.context import dump_masked, load
from bot.engine import Engine
from bot.formatting import compose
from bot.pictures import Picture, picture_of
from bot.privacy import mask
from bot.shelf import Matter
from bot.standpoint import Standpoint, turn_from
from bot.turns import Turn
from bot.values import Context, Reply
from bot.watched import Looks, alike, looks, watched
from bot.wording import Wording

# Most people ask the same: some megabytes of answers that need not be worked out again.
_REMEMBERED = 4096
# Of a question, the answers in so many threads that matter to it.
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in a chat, and the thread before it as it is kept; `shown` where it is to stand above its answer."""

    question: str
    before: str = ""
    standpoint: Standpoint = Standpoint()
    private: bool = True
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a question comes to: the thread after it, as it is kept, and what is shown.

    Where there are no buttons, there is no `matter` for them to mean.
    """

    outcome: str
    after: str
    texts: tuple[str, ...]
    picture: Picture | None
    matter: Matter | None = None
    labels: Labels = ()

    def keyboard(self, code: str) -> Keyboard:
        """The buttons, which mean what is kept under the code."""
        return tuple(tuple(button(label, letter, first + code) for label, letter, first in row) for row in self.labels)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was said, what of the thread it depends on, and the turn that makes the next thread of any."""

    said: Said
    looks: Looks
    turn: Turn


class Sayings:
    """What is said in all chats; what is asked often is worked out once, for all threads in which it is the same."""

    def __init__(self, engine: Engine, wording: Wording) -> None:
        self._engine, self._wording = engine, wording
        known = engine.knowledge
        self._names = tuple(entry.name for entry in (*known.indicators.values(), *known.units.values()))
        self._remembered = lru_cache(_REMEMBERED)(self._known)
        self._by_question = lru_cache(_REMEMBERED)(_few)

    def said(self, asked: Asked) -> Said:
        """What is said to that; a question that may tell of somebody is not remembered."""
        personal = mask(asked.question) != asked.question
        return self._worked_out(asked).said if personal else self._remembered(asked)

    def without_buttons(self, asked: Asked) -> tuple[str, ...]:
        """The messages that say everything at once."""
        turn, hint = self._turn(asked, load(asked.before))
        return self._whole(turn.reply, asked, hint)

    def _known(self, asked: Asked) -> Said:
        """What is said to that, worked out only where it has not been for a thread that is alike in what matters."""
        before, known = load(asked.before), self._by_question(replace(asked, before=""))
        for each in known:
            if alike(each.looks, before):
                return replace(each.said, after=dump_masked(each.turn.thread(before)))
        known.append(found := self._worked_out(asked))
        return found.said

    def _worked_out(self, asked: Asked) -> _Known:
        before = load(asked.before)
        turn, hint = self._turn(asked, thread := watched(before))
        said = self._said(asked, turn.reply, hint)
        return _Known(replace(said, after=dump_masked(turn.thread(before))), looks(thread), turn)

    def _said(self, asked: Asked, reply: Reply, hint: str) -> Said:
        """What is shown, without the thread after it."""
        picture = picture_of(reply)
        composed = compose(reply, self._wording, asked.shown, hint=hint)
        next_ = reply.choices or reply.follow_ups
        votes = asked.private and _judged(reply)
        if not (next_ or composed.rest or votes):
            return Said(reply.outcome, "", self._whole(reply, asked, hint), picture)
        ref = reply.citations[0].ref if reply.citations else ""
        matter = Matter(asked.question, reply.outcome, ref, next_, composed.rest)
        rows = labels(reply, self._names, self._wording, more=bool(composed.rest), votes=votes)
        return Said(reply.outcome, "", composed.shown, picture, matter, rows)

    def _turn(self, asked: Asked, before: Context) -> tuple[Turn, str]:
        """The turn, and the hint that goes with its reply."""
        turn, unset = turn_from(asked.standpoint, asked.question, before, self._engine)
        return turn, self._wording.menu[f"own_{unset}_unset"] if unset else ""

    def _whole(self, reply: Reply, asked: Asked, hint: str) -> tuple[str, ...]:
        composed = compose(reply, self._wording, asked.shown, listed=True, hint=hint)
        return (*composed.shown, *composed.rest)


def _judged(reply: Reply) -> bool:
    """Whether there is something to be called right or wrong: not where the message was no question at all."""
    return reply.outcome == "answer" or (reply.outcome == "no_answer" and bool(reply.citations or reply.follow_ups))


def _few(_: Asked) -> deque[_Known]:
    """Where what is known of one question is kept."""
    return deque(maxlen=_THREADS)
