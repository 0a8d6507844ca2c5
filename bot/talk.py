"""A question asked in a chat, by a message, by changing one, or by a button: answered, delivered, and remembered."""

from collections.abc import Sequence
from dataclasses import replace

from telegram import Message, Update
from telegram.constants import ChatType, MessageEntityType
from telegram.error import BadRequest

from bot.addressee import conversation_of, without_name
from bot.buttons import questions_keyboard
from bot.callbacks import Keyboard, Press
from bot.engine import Engine
from bot.outbox import Note, Outbox, place_of
from bot.pictures import Pictures
from bot.sayings import Asked, Said, Sayings
from bot.shelf import Given, Matter, Shelf, mark
from bot.store import Store
from bot.updates import Updates
from bot.wording import Wording


class Talk:
    """The conversations of one bot."""

    def __init__(
        self, engine: Engine, store: Store, shelf: Shelf, wording: Wording, updates: Updates, outbox: Outbox
    ) -> None:
        self._engine, self._store, self._shelf, self._wording = engine, store, shelf, wording
        self._updates, self._outbox = updates, outbox
        self._sayings = Sayings(engine, wording)
        self._pictures = Pictures(shelf, outbox)

    async def ask(self, update: Update, question: str) -> str:
        """Answer the question in the chat of the update, and keep what comes of it once Telegram has accepted that.

        Where it is not what somebody has written, it is shown above its answer. The outcome of the reply.
        """
        shown = update.callback_query is not None or (update.message is not None and _is_command(update.message))
        chat, number = conversation_of(update), place_of(update).message
        asked = self._asked(update, question, self._store.thread(chat), shown)
        said = self._sayings.said(asked)
        notes = await self._notes(asked, said)
        earlier = self._shelf.given(chat, number) if self._updates.held(update.update_id).sent else None
        texts = list(earlier.texts if earlier else ())
        # What was asked by a button cannot be changed.
        changeable = update.callback_query is None
        in_parts = changeable and (len(notes) > 1 or said.picture is not None)

        def accepted(message_id: int) -> None:
            # It may be told twice.
            if message_id not in texts:
                texts.append(message_id)
            if in_parts:
                self._shelf.give(chat, number, Given(tuple(texts), before=asked.before))

        await self._outbox.deliver(update, notes, accepted, more=said.picture is not None)
        picture = await self._pictures.send(update, said.picture) if said.picture else 0

        def keep() -> None:
            self._store.keep(chat, said.after)
            if said.outcome == "no_answer":
                self._store.unanswered(question)
            if changeable:
                shows = said.picture.shows if said.picture else ""
                self._shelf.give(chat, number, Given(tuple(texts), picture, shows, asked.before, mark(said.after)))
            self._updates.finish(update.update_id)

        await self._store.together(keep)
        return said.outcome

    async def changed(self, update: Update, message: Message) -> str:
        """A question was changed: so is its answer, as if it had been asked like that at the time."""
        chat, number, question = conversation_of(update), message.message_id, question_of(message)
        given = self._shelf.given(chat, number)
        if given is None:
            # Where others talk, it may be that only now it is meant for the bot.
            return "done" if message.chat.type == ChatType.PRIVATE else await self.ask(update, question)
        asked = self._asked(update, question, given.before)
        said = self._sayings.said(asked)
        notes = await self._notes(asked, said)
        texts: list[int] = []

        def keep(rest: Sequence[int], picture: int, shows: str) -> None:
            kept = replace(given, texts=(*texts, *rest), picture=picture, shows=shows, after=mark(said.after))
            self._shelf.give(chat, number, kept)

        place = place_of(update)
        for at, note in enumerate(notes):
            old = given.texts[at] if at < len(given.texts) else 0
            if not (old and await self._outbox.change(place, old, note)):
                old = await self._outbox.send(place, note, first=at == 0)
            texts.append(old)
            keep(given.texts[at + 1 :], given.picture, given.shows)
        for surplus in given.texts[len(notes) :]:
            await self._delete(update, surplus)
        picture, shows = given.picture, said.picture.shows if said.picture else ""
        if shows != given.shows:
            if picture:
                await self._delete(update, picture)
            picture = await self._pictures.send(update, said.picture) if said.picture else 0

        def end() -> None:
            if mark(self._store.thread(chat)) == given.after:
                # Nothing has been asked since.
                self._store.keep(chat, said.after)
            keep((), picture, shows)
            self._updates.finish(update.update_id)

        await self._store.together(end)
        return said.outcome

    async def next(self, press: Press) -> str:
        """A button that asks a question: it is shown what was asked, and answered."""
        matter, number = self._shelf.matter(press.code[1:]), press.code[:1]
        if matter is None or not number.isdecimal() or int(number) >= len(matter.next):
            return await self.gone(press)
        await press.answer()
        return await self.ask(press.update, matter.next[int(number)])

    async def gone(self, press: Press) -> str:
        """What the button was about is no longer known: that is said, and where to go on."""
        await press.answer(self._wording.button_gone)
        if place_of(press.update).private:
            keyboard = self.offer(self._engine.examples)
            await self._outbox.deliver(press.update, [Note(self._wording.way_on, keyboard)])
        return "gone"

    def offer(self, questions: Sequence[str]) -> Keyboard | None:
        """A button for each of the questions."""
        return questions_keyboard(self._shelf.put(Matter(next=tuple(questions))), questions)

    def _asked(self, update: Update, question: str, before: str, shown: bool = False) -> Asked:
        standpoint, private = self._store.standpoint(conversation_of(update)), place_of(update).private
        return Asked(question, before, standpoint, private, shown)

    async def _notes(self, asked: Asked, said: Said) -> tuple[Note, ...]:
        """The messages that say it, with buttons under the last where what they mean could be kept."""
        matter = said.matter
        if matter is None:
            return tuple(map(Note, said.texts))
        code = await self._store.together(lambda: self._shelf.put(matter))
        if code is None:
            return tuple(map(Note, self._sayings.without_buttons(asked)))
        *first, last = said.texts
        return (*map(Note, first), Note(last, said.keyboard(code)))

    async def _delete(self, update: Update, message_id: int) -> None:
        """Take back a message of ours; one that is gone, or too old for it, stays as it is."""
        try:
            await update.get_bot().delete_message(place_of(update).chat, message_id)
        except BadRequest as error:
            if not str(error).lower().startswith(("message to delete not found", "message can't be deleted")):
                raise


def question_of(message: Message) -> str:
    """What a message asks: its text, in a group without the name by which the bot was called."""
    # Half a character pair can be received but neither sent nor stored.
    text = (message.text or "").encode("utf-8", "replace").decode("utf-8")
    return text if message.chat.type == ChatType.PRIVATE else without_name(text, message.get_bot().username)


def _is_command(message: Message) -> bool:
    """Whether Telegram takes it for one: what it does not, such as /某地, is a question as it stands."""
    return any(entity.type == MessageEntityType.BOT_COMMAND and not entity.offset for entity in message.entities)
