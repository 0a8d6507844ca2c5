"""What the bot can call: chats, messages, buttons, inline queries and menus, with the refusals that Telegram gives."""

import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.botapi_checks import (
    LONGEST,
    LONGEST_CAPTION,
    Json,
    Refused,
    bad,
    check_commands,
    check_markup,
    check_picture,
    check_results,
    check_scope,
    check_text,
)
from tests.botapi_updates import Updates

# How many messages of a chat can still be edited or replied to.
_KEPT = 2000
_ACTIONS = {"typing", "upload_photo", "record_voice", "upload_voice", "upload_document", "choose_sticker"}


@dataclass
class Chat:
    """One chat as Telegram holds it; `sent` and `edits` are what the bot did there and nobody has looked at yet."""

    place: Json
    messages: dict[int, Json] = field(default_factory=dict)
    topics: set[int] = field(default_factory=set)
    sent: deque[Json] = field(default_factory=deque)
    edits: deque[Json] = field(default_factory=deque)
    deleted: list[int] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    moved_to: int | None = None

    def keep(self, message: Json) -> None:
        """The message can be edited and replied to from now on."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > _KEPT:
            del self.messages[next(iter(self.messages))]


class Telegram:
    """Telegram's side of one bot."""

    def __init__(self, bot: Json) -> None:
        self.bot = bot
        self.updates = Updates()
        self.chats: dict[int, Chat] = {}
        self.blocked: set[int] = set()
        self.menus: dict[tuple[str, int | None, str], list[Json]] = {}
        self.texts: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        # Queries that can still be answered, and what came of those that were.
        self.open_callbacks: set[str] = set()
        self.open_inline: set[str] = set()
        self.callbacks: dict[str, Json] = {}
        self.inline: dict[str, Json] = {}
        self.inline_messages: dict[str, Json] = {}
        self.on_sent: Callable[[int, Json], None] | None = None
        self.numbers = count(1)

    # --- messages -------------------------------------------------------------------------------

    def send_message(self, chat_id: int, text: str, **given: Any) -> Json:
        """A message of the bot."""
        shown, entities = check_text(text, given.get("parse_mode"), given.get("entities"), LONGEST, "message")
        if not shown.strip():
            raise bad("message text is empty")
        content = {"text": shown.strip(), **({"entities": entities} if entities else {})}
        return self._post("sendMessage", chat_id, content, {"text": text, **given})

    def send_photo(self, chat_id: int, photo: bytes | str, caption: str = "", **given: Any) -> Json:
        """A picture, uploaded or by the id of one that was."""
        content = self._picture(photo, {"caption": caption, **given})
        kept = {"photo": content["photo"][-1]["file_id"], **({"caption": caption} if caption else {}), **given}
        return self._post("sendPhoto", chat_id, content, kept)

    def _picture(self, photo: bytes | str, given: Json) -> Json:
        caption, entities = check_text(
            given.get("caption") or "",
            given.get("parse_mode"),
            given.get("caption_entities"),
            LONGEST_CAPTION,
            "caption",
        )
        if isinstance(photo, str):
            if photo not in self.files:
                raise bad("wrong file identifier/HTTP URL specified")
            name = photo
        else:
            check_picture(photo)
            name = f"AgACAgIAAxkDAAI{len(self.files):06d}"
            self.files[name] = photo
        width, height = check_picture(self.files[name])
        size = {
            "file_id": name, "file_unique_id": name[-9:], "width": width, "height": height,
            "file_size": len(self.files[name]),
        }  # fmt: skip
        return {
            "photo": [size],
            **({"caption": caption.strip()} if caption else {}),
            **({"caption_entities": entities} if entities else {}),
        }

    def _post(self, method: str, chat_id: int, content: Json, given: Json) -> Json:
        """Put the bot's message into the chat, as the chat's own rules allow."""
        chat = self._chat(chat_id)
        markup = check_markup(given.get("reply_markup"))
        message: Json = {
            "message_id": next(self.numbers), "date": int(time.time()), "chat": chat.place, "from": self.bot, **content
        }  # fmt: skip
        thread = given.get("message_thread_id")
        if thread is not None:
            # The General topic has an id, but messages for it are sent without.
            if thread not in chat.topics:
                raise bad("message thread not found")
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if reply := given.get("reply_parameters"):
            replied = chat.messages.get(reply.get("message_id"))
            if replied:
                message["reply_to_message"] = {
                    name: value for name, value in replied.items() if name != "reply_to_message"
                }
            elif not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
        if markup and "inline_keyboard" in markup:
            message["reply_markup"] = markup
        chat.keep(message)
        kept = {"chat_id": chat_id, "method": method, "message_id": message["message_id"], **given}
        if self.on_sent:
            self.on_sent(chat_id, kept)
        else:
            chat.sent.append(kept)
        return message

    def _chat(self, chat_id: int) -> Chat:
        """The chat, if the bot may act there."""
        if chat_id not in self.chats:
            raise bad("chat not found")
        chat = self.chats[chat_id]
        if chat.moved_to is not None:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        if chat_id in self.blocked:
            group = chat.place["type"] != "private"
            raise Refused(
                403,
                "Forbidden: bot was kicked from the group chat" if group else "Forbidden: bot was blocked by the user",
            )
        return chat

    # --- edits ----------------------------------------------------------------------------------

    def edit_message_text(self, text: str, **given: Any) -> object:
        """Another text, and the keyboard that is given with it or none."""
        shown, entities = check_text(text, given.get("parse_mode"), given.get("entities"), LONGEST, "message")
        if not shown.strip():
            raise bad("message text is empty")
        message = self._editable(given)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        content = {"text": shown.strip(), "entities": entities}
        return self._edit(message, content, given, {"text": text})

    def edit_message_caption(self, caption: str = "", **given: Any) -> object:
        """Another caption under a picture."""
        shown, entities = check_text(
            caption, given.get("parse_mode"), given.get("caption_entities"), LONGEST_CAPTION, "caption"
        )
        message = self._editable(given)
        if "photo" not in message:
            raise bad("there is no caption in the message to edit")
        content = {"caption": shown.strip(), "caption_entities": entities}
        return self._edit(message, content, given, {"caption": caption})

    def edit_message_media(self, media: Json, **given: Any) -> object:
        """Another picture with its caption."""
        if media.get("type") != "photo":
            raise bad("can't parse InputMedia: unsupported type")
        content = {"caption": "", "caption_entities": [], **self._picture(media["media"], media)}
        shown = {**media, "media": content["photo"][-1]["file_id"]}
        return self._edit(self._editable(given), content, given, {"media": shown})

    def edit_message_reply_markup(self, **given: Any) -> object:
        """Another keyboard or none."""
        return self._edit(self._editable(given), {}, given, {})

    def _editable(self, given: Json) -> Json:
        if "inline_message_id" in given:
            if given["inline_message_id"] not in self.inline_messages:
                raise bad("MESSAGE_ID_INVALID")
            return self.inline_messages[given["inline_message_id"]]
        if "chat_id" not in given or "message_id" not in given:
            raise bad("message identifier is not specified")
        message = self._chat(given["chat_id"]).messages.get(given["message_id"])
        if not message:
            raise bad("message to edit not found")
        if message["from"]["id"] != self.bot["id"]:
            raise bad("message can't be edited")
        return message

    def _edit(self, message: Json, content: Json, given: Json, shown: Json) -> object:
        markup = check_markup(given.get("reply_markup"))
        if markup and "inline_keyboard" not in markup:
            raise bad("inline keyboard expected")
        before = {name: value for name, value in message.items() if value and name != "edit_date"}
        changed = {name: value for name, value in {**before, **content, "reply_markup": markup}.items() if value}
        if content.get("photo"):
            changed = {name: value for name, value in changed.items() if name not in ("text", "entities")}
        if changed == before:
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        message.clear()
        message.update(changed)
        if "inline_message_id" in given:
            return True
        message["edit_date"] = int(time.time())
        self.chats[given["chat_id"]].edits.append({**given, **shown})
        return message

    def delete_message(self, chat_id: int, message_id: int) -> bool:
        """Take back a message of the bot's own."""
        chat = self._chat(chat_id)
        message = chat.messages.get(message_id)
        if not message:
            raise bad("message to delete not found")
        if message["from"]["id"] != self.bot["id"]:
            raise bad("message can't be deleted")
        del chat.messages[message_id]
        chat.deleted.append(message_id)
        return True

    def send_chat_action(self, chat_id: int, action: str, message_thread_id: int | None = None) -> bool:
        """Typing and the like."""
        if action not in _ACTIONS:
            raise bad("wrong parameter action in request")
        chat = self._chat(chat_id)
        if message_thread_id is not None and message_thread_id not in chat.topics:
            raise bad("message thread not found")
        chat.actions.append(action)
        return True

    def leave_chat(self, chat_id: int) -> bool:
        """Leave a group."""
        self._chat(chat_id)
        self.blocked.add(chat_id)
        return True

    # --- queries --------------------------------------------------------------------------------

    def answer_callback_query(self, callback_query_id: str, text: str = "", **given: Any) -> bool:
        """Stop the button's spinning, once and in time."""
        if callback_query_id not in self.open_callbacks:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.open_callbacks.discard(callback_query_id)
        self.callbacks[callback_query_id] = {"text": text, **given}
        return True

    def answer_inline_query(self, inline_query_id: str, results: list[Json], **given: Any) -> bool:
        """What is offered while somebody types."""
        if inline_query_id not in self.open_inline:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(given.get("next_offset", "").encode()) > 64:
            raise bad("NEXT_OFFSET_INVALID")
        button = given.get("button")
        if button is not None:
            start = button.get("start_parameter")
            if not button.get("text") or (start is not None and not re.fullmatch("[A-Za-z0-9_-]{1,64}", start)):
                raise bad("can't parse inline query results button")
        for result in check_results(results):
            if "photo_file_id" in result and result["photo_file_id"] not in self.files:
                raise bad("wrong file identifier/HTTP URL specified")
        self.open_inline.discard(inline_query_id)
        self.inline[inline_query_id] = {"results": results, **given}
        return True

    # --- the bot itself -------------------------------------------------------------------------

    def get_me(self) -> Json:
        """Who the bot is."""
        return {
            **self.bot, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True
        }  # fmt: skip

    def set_my_commands(self, commands: list[Json], scope: Json | None = None, language_code: str = "") -> bool:
        """The menu of one kind of chats."""
        self.menus[check_scope(scope, language_code)] = check_commands(commands)
        return True

    def get_my_commands(self, scope: Json | None = None, language_code: str = "") -> list[Json]:
        """That menu."""
        return self.menus.get(check_scope(scope, language_code), [])

    def delete_my_commands(self, scope: Json | None = None, language_code: str = "") -> bool:
        """No such menu."""
        self.menus.pop(check_scope(scope, language_code), None)
        return True

    def set_my_description(self, description: str = "", language_code: str = "") -> bool:
        """What stands in an empty chat."""
        if len(description) > 512:
            raise bad("description is too long")
        self.texts["description"] = description
        return True

    def set_my_short_description(self, short_description: str = "", language_code: str = "") -> bool:
        """What stands on the profile."""
        if len(short_description) > 120:
            raise bad("short description is too long")
        self.texts["short_description"] = short_description
        return True


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API: who answers, the parameters that it takes, those that it needs."""

    run: Callable[..., Any]
    takes: dict[str, type]
    needs: tuple[str, ...] = ()


def _methods() -> dict[str, Method]:
    place = {
        "chat_id": int, "message_thread_id": int, "disable_notification": bool, "protect_content": bool,
        "reply_parameters": dict, "reply_markup": dict,
    }  # fmt: skip
    edited = {"chat_id": int, "message_id": int, "inline_message_id": str, "reply_markup": dict}
    text = {"text": str, "parse_mode": str, "entities": list, "link_preview_options": dict}
    caption = {"caption": str, "parse_mode": str, "caption_entities": list, "show_caption_above_media": bool}
    menu = {"scope": dict, "language_code": str}
    hook = {
        "url": str, "secret_token": str, "max_connections": int, "allowed_updates": list, "drop_pending_updates": bool,
        "ip_address": str,
    }  # fmt: skip
    inline = {
        "inline_query_id": str, "results": list, "cache_time": int, "is_personal": bool, "next_offset": str,
        "button": dict,
    }  # fmt: skip
    poll = {"offset": int, "limit": int, "timeout": int, "allowed_updates": list}
    callback = {"callback_query_id": str, "text": str, "show_alert": bool, "url": str, "cache_time": int}
    t = Telegram
    return {
        "getMe": Method(t.get_me, {}),
        "getUpdates": Method(lambda self, **given: self.updates.get(**given), poll),
        "setWebhook": Method(lambda self, **given: self.updates.set_webhook(**given), hook, ("url",)),
        "deleteWebhook": Method(
            lambda self, **given: self.updates.delete_webhook(**given), {"drop_pending_updates": bool}
        ),
        "getWebhookInfo": Method(lambda self: self.updates.webhook_info(), {}),
        "sendMessage": Method(t.send_message, {**place, **text}, ("chat_id", "text")),
        "sendPhoto": Method(
            t.send_photo, {**place, **caption, "photo": bytes, "has_spoiler": bool}, ("chat_id", "photo")
        ),
        "sendChatAction": Method(
            t.send_chat_action, {"chat_id": int, "message_thread_id": int, "action": str}, ("chat_id", "action")
        ),
        "editMessageText": Method(t.edit_message_text, {**edited, **text}, ("text",)),
        "editMessageCaption": Method(t.edit_message_caption, {**edited, **caption}),
        "editMessageMedia": Method(t.edit_message_media, {**edited, "media": dict}, ("media",)),
        "editMessageReplyMarkup": Method(t.edit_message_reply_markup, edited),
        "deleteMessage": Method(t.delete_message, {"chat_id": int, "message_id": int}, ("chat_id", "message_id")),
        "leaveChat": Method(t.leave_chat, {"chat_id": int}, ("chat_id",)),
        "answerCallbackQuery": Method(t.answer_callback_query, callback, ("callback_query_id",)),
        "answerInlineQuery": Method(t.answer_inline_query, inline, ("inline_query_id", "results")),
        "setMyCommands": Method(t.set_my_commands, {**menu, "commands": list}, ("commands",)),
        "getMyCommands": Method(t.get_my_commands, menu),
        "deleteMyCommands": Method(t.delete_my_commands, menu),
        "setMyDescription": Method(t.set_my_description, {"description": str, "language_code": str}),
        "setMyShortDescription": Method(
            t.set_my_short_description, {"short_description": str, "language_code": str}
        ),
    }  # fmt: skip


METHODS = _methods()


def read(method: Method, given: Json) -> Json:
    """The parameters as their types want them; refused where one is unknown, missing or of another type."""
    # The Bot API shrugs at what it does not know; a bot that sends it has misspelt something.
    if strange := {name for name, value in given.items() if not isinstance(value, bytes)} - set(method.takes):
        raise bad(f"unexpected {', '.join(sorted(strange))}")
    parameters = {}
    for name, value in given.items():
        if name in method.takes and (value != "" or name in ("text", "caption", "url")):
            parameters[name] = _read(name, value, method.takes[name])
    for name in method.needs:
        if name not in parameters:
            raise bad("message text is empty" if name == "text" else f"{name} is empty")
    for holder in ("photo", "media"):
        if holder in parameters:
            parameters[holder] = _attached(parameters[holder], given)
    return parameters


def _read(name: str, value: Any, kind: type) -> Any:
    if kind is bytes or isinstance(value, bytes):
        return value
    try:
        if isinstance(value, str) and kind is bool:
            value = {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        elif isinstance(value, str) and kind is not str:
            value = json.loads(value)
    except (ValueError, KeyError):
        raise bad(f"can't parse {name}") from None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise bad(f"{name} must be {kind.__name__}")
    return value


def _attached(value: Any, given: Json) -> Any:
    """The bytes of an attach:// reference, wherever it stands."""
    if isinstance(value, dict):
        return {**value, "media": _attached(value.get("media"), given)}
    if isinstance(value, str) and value.startswith("attach://"):
        found = given.get(value.removeprefix("attach://"))
        if not isinstance(found, bytes):
            raise bad("attached file not found")
        return found
    return value
