"""Is an update meant for the bot, and whose conversation is it: asked of the update as Telegram sends it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from telegram import Update
from telegram.constants import ChatType, MessageAttachmentType, UpdateType

from bot.inbox import Raw

# What the bot asks Telegram for.
KINDS = tuple(
    str(kind.value)
    for kind in (
        UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.INLINE_QUERY,
        UpdateType.MY_CHAT_MEMBER,
    )
)  # fmt: skip
# What a person sends on purpose; anything else is a notice of the service.
_CONTENT = frozenset(str(kind.value) for kind in MessageAttachmentType) | {"text", "checklist"}
# In a topic, every message is formally a reply to the notice that opened it.
_OPENING = "forum_topic_created"
_GROUPS = ("group", "supergroup")


@dataclass(frozen=True, slots=True)
class Me:
    """The bot as Telegram knows it, and its commands that anybody may use."""

    id: int
    username: str
    commands: tuple[str, ...] = ()


def chat_name(chat_id: int, person_id: int | None = None) -> str:
    """What the store knows a Telegram chat by, apart from other channels; in a group each asker has a thread."""
    return f"telegram:{chat_id}" if person_id is None else f"telegram:{chat_id}:{person_id}"


def conversation_of(update: Update) -> str:
    """The name of the conversation of whoever wrote or pressed."""
    chat, person = update.effective_chat, update.effective_user
    assert chat and person
    return chat_name(chat.id, None if chat.type == ChatType.PRIVATE else person.id)


def lane(update: Raw) -> int | str:
    """Updates of one lane are dealt with one after the other: those of a chat, or what somebody types elsewhere."""
    return conversation(update) if "inline_query" in update else int(_place(update)["id"])


def conversation(update: Raw) -> str:
    """The name of the conversation that an update belongs to."""
    if "inline_query" in update:
        return f"telegram:inline:{_content(update)['from']['id']}"
    chat = _place(update)
    return chat_name(chat["id"], None if chat["type"] == "private" else _content(update)["from"]["id"])


def written(update: Raw) -> float:
    """When the person did it, in seconds; of a button pressed nobody tells, so it is now."""
    content = _content(update)
    return float(content.get("edit_date") or content.get("date") or time.time())


def meant(update: Raw, me: Me) -> bool:
    """In private everything a person sends; in a group commands for this bot, mentions of it and replies to it.

    What is changed afterwards counts while it is a text; a button is pressed on purpose, wherever it is, and so is
    what is typed after the bot's name. A group that takes it in is greeted.
    """
    content = _content(update)
    if "from" not in content or "update_id" not in update:
        return False
    if "callback_query" in update:
        return "message" in content and "data" in content
    if "inline_query" in update:
        return "query" in content
    if "my_chat_member" in update:
        return content["chat"]["type"] in _GROUPS and _there(content["new_chat_member"]) > _there(
            content["old_chat_member"]
        )
    if "edited_message" in update and ("text" not in content or _command(content)):
        return False
    return _addressed(content, me)


def _addressed(message: Raw, me: Me) -> bool:
    if message.get("via_bot", {}).get("id") == me.id:
        # An answer that somebody has picked and sent is no question, not even in the bot's own chat.
        return False
    kind = message["chat"]["type"]
    if kind == "private":
        return not _CONTENT.isdisjoint(message)
    if kind not in _GROUPS or "text" not in message or message.get("is_automatic_forward"):
        return False
    # Whoever runs a group anonymously writes through a bot of Telegram's own, in the group's name.
    if message["from"].get("is_bot") and message.get("sender_chat", {}).get("id") != message["chat"]["id"]:
        return False
    command = _command(message)
    if command:
        name, _, bot = command.partition("@")
        return _same(bot, me.username) if bot else name in me.commands
    return _replies_to(message, me) or any(_names(entity, text, me) for entity, text in _entities(message))


def _there(member: Raw) -> bool:
    """Whether somebody of that standing is in the group."""
    return member["status"] not in ("left", "kicked") and bool(member.get("is_member", True))


def _content(update: Raw) -> Raw:
    """What the update tells of, whatever its kind."""
    return next((update[kind] for kind in KINDS if kind in update), {})


def _place(update: Raw) -> Raw:
    """The chat in which it happened."""
    content = _content(update)
    chat: Raw = content["message"]["chat"] if "callback_query" in update else content["chat"]
    return chat


def without_name(text: str, username: str) -> str:
    """A text of a group without the name by which the bot was called."""
    return re.sub(rf" *@{re.escape(username)}(?![A-Za-z0-9_]) *", " ", text, flags=re.IGNORECASE).strip()


def _command(message: Raw) -> str:
    """The command that the message begins with, without its slash."""
    for entity, text in _entities(message):
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            return text[1:]
    return ""


def _replies_to(message: Raw, me: Me) -> bool:
    earlier = message.get("reply_to_message", {})
    return bool(earlier.get("from", {}).get("id") == me.id and _OPENING not in earlier)


def _names(entity: Raw, text: str, me: Me) -> bool:
    if entity["type"] == "text_mention":
        return bool(entity["user"]["id"] == me.id)
    return entity["type"] == "mention" and _same(text[1:], me.username)


def _same(name: str, username: str) -> bool:
    return name.lower() == username.lower()


def _entities(message: Raw) -> Iterator[tuple[dict[str, Any], str]]:
    """What Telegram has found in the text, each with its words; it counts in UTF-16 units."""
    units = message["text"].encode("utf-16-le", "surrogatepass")
    for entity in message.get("entities", ()):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        yield entity, units[start * 2 : end * 2].decode("utf-16-le", "replace")
