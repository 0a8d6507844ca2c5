"""Votes on answers by a tap, and the rest of a long answer: the buttons that ask nothing."""

from telegram import Message

from bot.addressee import conversation_of
from bot.buttons import DOWN, MORE, NONE, UP, voted, without
from bot.callbacks import Button, Keyboard, Press
from bot.outbox import Note, Outbox, place_of
from bot.shelf import Shelf
from bot.store import Store, Vote
from bot.talk import Talk
from bot.wording import Wording

_VOTES: dict[str, Vote | None] = {UP: "up", DOWN: "down", NONE: None}


class Votes:
    """Keeps votes in the store, one for each person and answer, the last one."""

    def __init__(self, store: Store, shelf: Shelf, talk: Talk, outbox: Outbox, wording: Wording) -> None:
        self._store, self._shelf, self._talk, self._outbox, self._wording = store, shelf, talk, outbox, wording

    async def vote(self, press: Press) -> str:
        """Keep the vote, thank for it, and mark it on the button."""
        kind, code, message = press.code[:1], press.code[1:], press.query.message
        matter = self._shelf.matter(code)
        if matter is None or kind not in _VOTES or message is None:
            return await self._talk.gone(press)
        key = f"{conversation_of(press.update)}:{message.message_id}"
        if not self._store.vote(key, _VOTES[kind], matter.question, matter.outcome, matter.ref):
            await press.answer(self._wording.vote_failed)
            return "failed"
        thanks = {UP: self._wording.vote_thanks, DOWN: self._wording.vote_down_thanks}
        await press.answer(thanks.get(kind, self._wording.vote_taken_back))
        if keyboard := _keyboard(press):
            keyboard = voted(keyboard, kind, self._wording)
            await self._outbox.change_keyboard(place_of(press.update), message.message_id, keyboard)
        return "done"

    async def more(self, press: Press) -> str:
        """Send the rest of the answer, once."""
        matter, message = self._shelf.matter(press.code), press.query.message
        if matter is None or message is None or not matter.rest:
            return await self._talk.gone(press)
        await press.answer()
        await self._outbox.deliver(press.update, [Note(text) for text in matter.rest])
        if keyboard := _keyboard(press):
            await self._outbox.change_keyboard(place_of(press.update), message.message_id, without(keyboard, MORE))
        return "done"


def _keyboard(press: Press) -> Keyboard | None:
    """The buttons under the message as they are, if Telegram still shows it."""
    message = press.query.message
    if not isinstance(message, Message) or message.reply_markup is None:
        return None
    rows = message.reply_markup.inline_keyboard
    return tuple(tuple(Button(b.text, str(b.callback_data)) for b in row) for row in rows)
