"""What Telegram checks of a message before it takes it: formatting, lengths, keyboards, commands, pictures."""

import html
import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

LONGEST = 4096
LONGEST_CAPTION = 1024
_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
_ENTITIES = {
    *_TAGS.values(), "expandable_blockquote", "mention", "hashtag", "cashtag", "bot_command", "url", "email",
    "phone_number", "text_mention",
}  # fmt: skip
_ATTRIBUTE = re.compile(r"\s+([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip
_SCOPES = {
    "default": set(), "all_private_chats": set(), "all_group_chats": set(), "all_chat_administrators": set(),
    "chat": {"chat_id"}, "chat_administrators": {"chat_id"}, "chat_member": {"chat_id", "user_id"},
}  # fmt: skip

Json = dict[str, Any]


class Refused(Exception):
    """An answer with `ok` false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str) -> Refused:
    """What the bot did wrong, in Telegram's words."""
    return Refused(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """How long Telegram counts the text: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: str, parse_mode: str | None, entities: object, longest: int, what: str) -> tuple[str, list[Json]]:
    """The text as it is shown and its entities; refused as Telegram does."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise bad("strings must be encoded in UTF-8")
    if parse_mode is not None and parse_mode.lower() != "html":
        # The other two exist; the bot has no use for them.
        raise bad("unsupported parse_mode")
    shown, found = parse_html(text) if parse_mode else (text, [])
    if not parse_mode and entities:
        found = check_entities(shown, entities)
    if units(shown.strip()) > longest:
        raise bad(f"{what} is too long")
    return shown, found


def check_entities(text: str, entities: object) -> list[Json]:
    """The entities, if each is of a known type and lies within the text."""
    encoded = text.encode("utf-16-le")
    found: list[Json] = []
    if not isinstance(entities, list):
        raise bad("can't parse entities: expected an Array")
    for entity in entities:
        if entity.get("type") not in _ENTITIES:
            raise bad("can't parse entities: unsupported type")
        start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
        if not 0 <= start < end <= len(encoded):
            raise bad("can't parse entities: out of the text")
        try:
            encoded[start:end].decode("utf-16-le")
        except UnicodeDecodeError:
            raise bad("can't parse entities: an entity begins or ends inside of a UTF-16 pair") from None
        found.append(entity)
    return found


def parse_html(text: str) -> tuple[str, list[Json]]:
    """HTML -> the text without tags and its entities."""
    shown: list[str] = []
    entities: list[Json] = []
    stack: list[tuple[str, int, Json]] = []
    at = length = 0

    def offset() -> int:
        return len(text[:at].encode("utf-8"))

    def wrong(reason: str) -> Refused:
        return bad(f"can't parse entities: {reason}")

    while at < len(text):
        if text[at] == "&" and (found := _CHARACTER.match(text, at)):
            piece, after = html.unescape(found[0]), found.end()
        elif text[at] != "<":
            piece, after = text[at], at + 1
        elif text.startswith("</", at):
            end = text.find(">", at)
            if not stack:
                raise wrong(f"Unexpected end tag at byte offset {offset()}")
            name, start, entity = stack.pop()
            closing = text[at + 2 : end].strip().lower() if end > 0 else ""
            if end < 0 or (closing and closing != name):
                raise wrong(
                    f'Unmatched end tag at byte offset {offset()}, expected "</{name}>", found "</{text[at + 2 : end]}>"'
                )
            if length > start and not (stack and stack[-1][0] in ("pre", "code")):
                entities.append({**entity, "offset": start, "length": length - start})
            at = end + 1
            continue
        else:
            name = (re.match(r"[^\s>/]*", text[at + 1 :]) or [""])[0].lower()
            if name not in _TAGS:
                raise wrong(f'Unsupported start tag "{name}" at byte offset {offset()}')
            after = at + 1 + len(name)
            attributes: dict[str, str] = {}
            while found := _ATTRIBUTE.match(text, after):
                attributes[found[1].lower()] = html.unescape(found[2] or found[3] or found[4] or "")
                after = found.end()
            after += len(text[after:]) - len(text[after:].lstrip())
            if not text.startswith(">", after):
                raise wrong(f"Unclosed start tag at byte offset {offset()}")
            stack.append((name, length, _entity(name, attributes, [tag for tag, _, _ in stack], wrong)))
            at = after + 1
            continue
        shown.append(piece)
        length += units(piece)
        at = after
    if stack:
        raise wrong(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    return "".join(shown), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _entity(name: str, attributes: dict[str, str], inside: list[str], wrong: Any) -> Json:
    """What the tag stands for, before its place is known."""
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise wrong('Tag "span" must have class "tg-spoiler"')
    if name == "blockquote":
        if name in inside:
            raise wrong("Blockquotes can't be nested")
        return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}
    if name == "a":
        return {"type": "text_link", "url": attributes.get("href", "")}
    if name == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "")}
    return {"type": _TAGS[name]}


def user_entities(text: str) -> list[Json]:
    """What a client marks in a text that a person typed: commands and mentions."""
    found = []
    for match in re.finditer(r"(?<![\w/])/[a-zA-Z0-9_]{1,32}(?:@\w{3,})?|(?<![\w@])@\w{3,}", text, re.ASCII):
        kind = "bot_command" if match[0].startswith("/") else "mention"
        found.append({"type": kind, "offset": units(text[: match.start()]), "length": units(match[0])})
    return found


def check_markup(markup: Json | None) -> Json | None:
    """The keyboard, if each button has a text and exactly one thing that it does."""
    if markup is None or set(markup) & {"remove_keyboard", "force_reply"}:
        return markup
    rows = markup.get("inline_keyboard")
    if set(markup) != {"inline_keyboard"} or not isinstance(rows, list):
        raise bad("object expected as reply markup")
    buttons = list(chain.from_iterable(rows))
    if len(buttons) > 100 or any(len(row) > 8 for row in rows):
        raise bad("reply markup is too long")
    for button in buttons:
        actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
        if not str(button.get("text", "")).strip():
            raise bad("can't parse inline keyboard button: Text buttons must have a text")
        if len(actions) != 1 or not actions <= _ACTIONS:
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode("utf-8")) <= 64:
            raise bad("BUTTON_DATA_INVALID")
        url = button.get("url")
        if url is not None and not re.match(r"(https?|tg)://\S+$", url):
            raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return markup if buttons else None


def check_commands(commands: list[Json]) -> list[Json]:
    """The menu, if names and descriptions are such as Telegram takes."""
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def check_scope(scope: Json | None, language: str) -> tuple[str, int | None, str]:
    """Where a menu is shown: kind of chats, one chat, language."""
    scope = scope or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES or set(scope) - {"type"} != _SCOPES[kind]:
        raise bad("can't parse BotCommandScope")
    if not re.fullmatch("([a-z]{2})?", language):
        raise bad("LANG_CODE_INVALID")
    return kind, scope.get("chat_id"), language


def check_picture(data: bytes) -> tuple[int, int]:
    """Width and height of a photo to be sent; only PNG is measured."""
    if len(data) > 10_000_000:
        raise bad("file is too big")
    if data[:3] == b"\xff\xd8\xff":
        return 1280, 720
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return width, height


def check_results(results: Iterable[Json]) -> list[Json]:
    """The results of an inline query, each with an id of its own and a content that could be sent."""
    found = list(results)
    if len(found) > 50:
        raise bad("RESULTS_TOO_MUCH")
    ids = [result.get("id", "") for result in found]
    if not all(isinstance(name, str) and 1 <= len(name.encode("utf-8")) <= 64 for name in ids):
        raise bad("RESULT_ID_INVALID")
    if len(set(ids)) != len(ids):
        raise bad("RESULT_ID_DUPLICATE")
    for result in found:
        content = result.get("input_message_content")
        if result.get("type") == "article" and not (content and result.get("title")):
            raise bad("can't parse inline query result: article needs title and content")
        if result.get("type") not in ("article", "photo"):
            raise bad("can't parse inline query result: unsupported type")
        if content:
            if not content.get("message_text", "").strip():
                raise bad("MESSAGE_EMPTY")
            check_text(content["message_text"], content.get("parse_mode"), content.get("entities"), LONGEST, "message")
        elif "caption" in result:
            check_text(
                result["caption"], result.get("parse_mode"), result.get("caption_entities"), LONGEST_CAPTION, "caption"
            )
        check_markup(result.get("reply_markup"))
    return found
