"""The chats of the test server as a phone shows them, in HTML: to be looked at, in a browser or as a picture.

await save(api, {CHAT: "问答", GROUP: "工作群"}, Path("screens"))      # HTML files, light and dark
photograph(Path("screens"))                                           # and pictures of them, as wide as a phone
"""

import base64
import html
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.botapi import BotApi
from tests.botapi_checks import Json
from tests.browser import ARGUMENTS, chromium

_WIDTH = 390
_TAGS = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "text_link": "u",
    "bot_command": "em", "mention": "em", "blockquote": "blockquote", "expandable_blockquote": "blockquote class=fold",
}  # fmt: skip
_STYLE = """
*{box-sizing:border-box}body{margin:0;font:16px/1.32 "Noto Sans CJK SC",sans-serif;background:#d5e3ee;color:#000}
header{position:sticky;top:0;background:#fff;padding:10px 14px;font-weight:600}main{padding:8px 8px 20px}
.row{display:flex;flex-direction:column;align-items:flex-start;margin:6px 0}.mine{align-items:flex-end}
.bubble{max-width:330px;background:#fff;border-radius:14px;padding:7px 10px;white-space:pre-wrap;
overflow-wrap:anywhere}.mine .bubble{background:#e1fec6}.who{color:#3c7eb5;font-size:14px;font-weight:600}
.reply{border-left:3px solid #3c7eb5;background:#3c7eb518;padding:2px 8px;border-radius:4px;font-size:14px;
overflow:hidden;white-space:nowrap;text-overflow:ellipsis;margin-bottom:3px}
blockquote{margin:4px 0 2px;border-left:3px solid #3c7eb5;background:#3c7eb518;border-radius:4px;padding:3px 8px;
font-size:15px}blockquote.fold{display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow:hidden}
img{width:310px;max-height:520px;object-fit:contain;border-radius:10px;display:block;margin:-2px 0 4px}
.keys{width:330px;margin-top:3px}.keys div{display:flex;gap:3px;margin-bottom:3px}
.keys span{flex:1;min-width:0;background:#0006;color:#fff;border-radius:10px;text-align:center;padding:8px 6px;
font-size:15px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}em{font-style:normal;color:#3c7eb5}
.edited{color:#888;font-size:12px;text-align:right}.toast{position:fixed;bottom:10px;left:20px;right:20px}
.dark{background:#0e1621;color:#fff}.dark header,.dark .bubble{background:#182533}.dark .mine .bubble{background:#2b5278}
.dark .who,.dark em{color:#6ab3f3}.dark .edited{color:#8aa}.dark blockquote,.dark .reply{background:#6ab3f322}
"""


def screen(api: BotApi, chat: int, title: str, dark: bool = False) -> str:
    """One chat from its first message to its last, as a page."""
    messages = api.telegram.chats[chat].messages.values()
    rows = "".join(_row(api, message, group=chat < 0) for message in messages)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
        f'<body class="{"dark" if dark else "light"}"><header>{html.escape(title)}</header><main>{rows}</main>'
    )


def save(api: BotApi, chats: Mapping[int, str], folder: Path) -> None:
    """The chats, light and dark, as files in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for chat, title in chats.items():
        for dark in (False, True):
            name = f"{title}-{'dark' if dark else 'light'}.html"
            (folder / name).write_text(screen(api, chat, title, dark), encoding="utf-8")


def photograph(folder: Path) -> None:
    """A picture of each page of the folder, as wide as a phone and as long as the chat."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": _WIDTH, "height": 844})
        for path in sorted(folder.glob("*.html")):
            page.goto(path.resolve().as_uri())
            page.screenshot(path=path.with_suffix(".png"), full_page=True)
        browser.close()


def marked_up(text: str, entities: list[Json]) -> str:
    """A text with its entities as HTML; Telegram counts in UTF-16 units."""
    units = text.encode("utf-16-le")
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for entity in entities:
        tag = _TAGS[entity["type"]]
        start, end = entity["offset"], entity["offset"] + entity["length"]
        opening[start] = opening.get(start, "") + f"<{tag}>"
        closing[end] = f"</{tag.partition(' ')[0]}>" + closing.get(end, "")
    places = sorted({0, len(units) // 2, *opening, *closing})
    shown = []
    for start, end in zip(places, [*places[1:], len(units) // 2], strict=True):
        shown.append(closing.get(start, "") + opening.get(start, ""))
        shown.append(html.escape(units[start * 2 : end * 2].decode("utf-16-le", "replace")))
    # A quotation is a block of its own: the breaks around it are not shown twice.
    return "".join(shown).replace("\n<blockquote", "<blockquote").replace("</blockquote>\n", "</blockquote>")


def _row(api: BotApi, message: Json, group: bool) -> str:
    mine = not message["from"].get("is_bot")
    parts = []
    if group:
        parts.append(f'<div class="who">{html.escape(message["from"]["first_name"])}</div>')
    if group and "reply_to_message" in message:
        parts.append(f'<div class="reply">{html.escape(message["reply_to_message"].get("text", "图片"))}</div>')
    if "photo" in message:
        data = api.telegram.files.get(message["photo"][-1]["file_id"], b"")
        parts.append(f'<img alt="" src="data:image/png;base64,{base64.b64encode(data).decode()}">')
    text, entities = message.get("text"), message.get("entities")
    if text is None:
        text, entities = message.get("caption", ""), message.get("caption_entities")
    parts.append(marked_up(text, entities or []))
    if "edit_date" in message and mine:
        parts.append('<div class="edited">已编辑</div>')
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    labels = ["".join(f"<span>{html.escape(button['text'])}</span>" for button in row) for row in rows]
    keys = "".join(f"<div>{row}</div>" for row in labels)
    return (
        f'<div class="row{" mine" if mine else ""}"><div class="bubble">{"".join(parts)}</div>'
        f'<div class="keys">{keys}</div></div>'
    )
