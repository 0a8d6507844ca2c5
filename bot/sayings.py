"""A question, and where it is asked from -> what is shown for it in a chat: messages, buttons, picture."""

from dataclasses import dataclass
from functools import lru_cache

from bot.buttons import Labels, labels
from bot.callbacks import Keyboard, button
from bot.context import dump_masked, load
from bot.engine import Engine
from bot.formatting import compose
from bot.pictures import Picture, picture_of
from bot.privacy import mask
from bot.shelf import Matter
from bot.standpoint import Standpoint, respond_from
from bot.values import Context, Reply
from bot.wording import Wording

# Most people ask the same: some megabytes of answers that need not be worked out again.
_REMEMBERED = 4096


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


class Sayings:
    """What is said in all chats; what is asked often is worked out once."""

    def __init__(self, engine: Engine, wording: Wording) -> None:
        self._engine, self._wording = engine, wording
        known = engine.knowledge
        self._names = tuple(entry.name for entry in (*known.indicators.values(), *known.units.values()))
        self._remembered = lru_cache(_REMEMBERED)(self._worked_out)

    def said(self, asked: Asked) -> Said:
        """What is said to that; a question that may tell of somebody is not remembered."""
        personal = mask(asked.question) != asked.question
        return self._worked_out(asked) if personal else self._remembered(asked)

    def without_buttons(self, asked: Asked) -> tuple[str, ...]:
        """The messages that say everything at once."""
        reply, _, hint = self._reply(asked)
        return self._whole(reply, asked, hint)

    def _worked_out(self, asked: Asked) -> Said:
        reply, thread, hint = self._reply(asked)
        after, picture = dump_masked(thread), picture_of(reply)
        composed = compose(reply, self._wording, asked.shown, hint=hint)
        next_ = reply.choices or reply.follow_ups
        votes = asked.private and _judged(reply)
        if not (next_ or composed.rest or votes):
            return Said(reply.outcome, after, self._whole(reply, asked, hint), picture)
        ref = reply.citations[0].ref if reply.citations else ""
        matter = Matter(asked.question, reply.outcome, ref, next_, composed.rest)
        rows = labels(reply, self._names, self._wording, more=bool(composed.rest), votes=votes)
        return Said(reply.outcome, after, composed.shown, picture, matter, rows)

    def _reply(self, asked: Asked) -> tuple[Reply, Context, str]:
        """The reply, the thread after it, and the hint that goes with it."""
        reply, thread, unset = respond_from(asked.standpoint, asked.question, load(asked.before), self._engine)
        return reply, thread, self._wording.menu[f"own_{unset}_unset"] if unset else ""

    def _whole(self, reply: Reply, asked: Asked, hint: str) -> tuple[str, ...]:
        composed = compose(reply, self._wording, asked.shown, listed=True, hint=hint)
        return (*composed.shown, *composed.rest)


def _judged(reply: Reply) -> bool:
    """Whether there is something to be called right or wrong: not where the message was no question at all."""
    return reply.outcome == "answer" or (reply.outcome == "no_answer" and bool(reply.citations or reply.follow_ups))
