"""Inline mode: what `@bot …` offers in any chat while one types, each a finished answer with its source to send."""

import asyncio
import hashlib
from functools import lru_cache

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import InlineQueryLimit, ParseMode
from telegram.error import BadRequest
from telegram.helpers import create_deep_linked_url

from bot import startlinks
from bot.engine import Engine
from bot.formatting import LIMIT, Stretch, Style, compose, markup
from bot.messages import length
from bot.respond import respond
from bot.suggest import Suggestions
from bot.values import Context, Reply
from bot.wording import Wording

_MOST, _LOOKED_AT = 10, 20
# What a phone shows of an answer is less.
_PREVIEW = 120
_CACHED = 2048
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# So many characters may be a question in words of one's own.
_A_QUESTION = 6
_CACHE_SECONDS = 300
# After so long nobody looks at the offers any more, and Telegram does not take them.
_PATIENCE = 20.0
# A chat that takes up somebody else's thread would puzzle everybody: each offer stands by itself.
_NOTHING_BEFORE = Context()


class Offered:
    """The questions that can be offered, indexed in a thread of its own once they are needed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: asyncio.Task[Suggestions] | None = None

    async def suggestions(self) -> Suggestions:
        """The same each time."""
        if self._made is None:
            self._made = asyncio.create_task(asyncio.to_thread(Suggestions, self._engine))
        return await asyncio.shield(self._made)


class Inline:
    """Answers inline queries out of the questions that can be answered."""

    def __init__(self, engine: Engine, offered: Offered, wording: Wording) -> None:
        self._engine, self._offered, self._wording = engine, offered, wording
        self._reply = lru_cache(_CACHED)(self._answered)

    async def offer(self, update: Update) -> str:
        """Answer the query in time, or not at all."""
        query = update.inline_query
        assert query
        replies = self.replies(query.query, await self._offered.suggestions())
        username = query.get_bot().username
        button = None if replies else self._button(query.query)
        try:
            async with asyncio.timeout(_PATIENCE):
                await query.answer(
                    [self._result(reply, username) for reply in replies], cache_time=_CACHE_SECONDS, is_personal=False,
                    button=button,
                )  # fmt: skip
        except TimeoutError:
            return "late"
        except BadRequest as error:
            if "query is too old" not in str(error).lower():
                raise
            return "late"
        return "answer" if replies else "no_answer"

    def replies(self, typed: str, suggestions: Suggestions) -> tuple[Reply, ...]:
        """The answers to offer, the best first: to what was typed where it is a question, then to questions near it."""
        typed = typed.encode("utf-8", "replace").decode("utf-8").strip()
        # The same answer under another question would only push others off the screen.
        found = [reply for question in suggestions.find(typed, _LOOKED_AT) if (reply := self._reply(question))]
        near = list({reply.answer: reply for reply in reversed(found)}.values())[::-1]
        # What is spelt out in one of them is being typed; what is more than that is a question of its own. It is not
        # kept, not even for a moment.
        begun = any(set(typed) <= set(reply.question) for reply in near)
        own = self._answered(typed) if len(typed) >= _A_QUESTION and not begun else None
        if own and own.answer not in {reply.answer for reply in near}:
            near.insert(0, own)
        return tuple(near[:_MOST])

    def _answered(self, question: str) -> Reply | None:
        """The answer to a question by itself; None where it has none."""
        reply, _ = respond(question, _NOTHING_BEFORE, self._engine)
        if reply.outcome != "answer" or not reply.citations or length(question) + length(reply.text) >= LIMIT:
            return None
        return reply

    def _result(self, reply: Reply, username: str) -> InlineQueryResultArticle:
        link = create_deep_linked_url(username, startlinks.for_question(reply.question))
        return InlineQueryResultArticle(
            id=hashlib.blake2b(reply.question.encode(), digest_size=16).hexdigest(),
            title=reply.question[: InlineQueryLimit.MAX_QUERY_LENGTH],
            description=_preview(reply.answer),
            input_message_content=InputTextMessageContent(
                finished(reply, self._wording),
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
            reply_markup=InlineKeyboardMarkup.from_button(InlineKeyboardButton(self._wording.menu["inline_ask"], link)),
        )

    def _button(self, typed: str) -> InlineQueryResultsButton:
        """Where nothing fits, the way to ask in private."""
        return InlineQueryResultsButton(self._wording.menu["inline_none"], start_parameter=startlinks.for_typed(typed))


def finished(reply: Reply, wording: Wording) -> str:
    """An answer as it is put into any chat: what was asked, the answer, its source and the document's wording."""
    asked = markup([Stretch(reply.question, Style.ITALIC)])[0]
    answer = compose(reply, wording, whole=True).shown[0]
    return f"{asked}\n{answer}"


def _preview(answer: str) -> str:
    line = " ".join(answer.split())
    return line if len(line) <= _PREVIEW else f"{line[: _PREVIEW - 1]}…"
