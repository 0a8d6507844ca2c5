"""The chart that goes with a reply, as a photo: drawn once, sent once, and named by Telegram's own name after that."""

import hashlib
import logging
from dataclasses import dataclass

from telegram import Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden

from bot import chart
from bot.drawing import drawn
from bot.formatting import Stretch, Style, markup
from bot.outbox import Outbox, place_of, whereabouts
from bot.shelf import Shelf
from bot.values import Reply, View

_LONGEST_CAPTION = 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of a view, some of whose bars are marked.

    `shows` is a mark by which the same picture is known again, `caption` what it shows in words, for those who cannot
    see it.
    """

    view: View
    marked: tuple[str, ...]
    shows: str
    caption: str


def picture_of(reply: Reply) -> Picture | None:
    """The chart that says more than the reply's words, if there is one."""
    view, marked = reply.view, chart.marked(reply)
    if view is None or not chart.drawable(view):
        return None
    shows = hashlib.sha256(repr((view, marked)).encode("utf-8", "replace")).hexdigest()
    return Picture(view, marked, shows, *markup([Stretch(chart.alt(view), Style.FOLDED)], _LONGEST_CAPTION)[:1])


class Pictures:
    """Sends charts; what Telegram has already is not sent to it again."""

    def __init__(self, shelf: Shelf, outbox: Outbox) -> None:
        self._shelf, self._outbox = shelf, outbox

    async def send(self, update: Update, picture: Picture) -> int:
        """Send the chart to where the update came from; its number, 0 where the chat takes no pictures."""
        shows = picture.shows
        try:
            if known := self._shelf.picture(shows):
                try:
                    return await self._outbox.send_photo(place_of(update), known, picture.caption)
                except BadRequest as error:
                    if "file" not in str(error).lower():
                        raise
            message = await self._upload(update, picture, await drawn(chart.png, picture.view, picture.marked))
        except (BadRequest, Forbidden) as error:
            # The answer itself has been sent.
            _log.warning("Telegram 没有收下一张图：%s", error)
            return 0
        if message.photo:
            self._shelf.keep_picture(shows, message.photo[-1].file_id)
        return message.message_id

    async def _upload(self, update: Update, picture: Picture, photo: bytes) -> Message:
        place = place_of(update)
        return await update.get_bot().send_photo(
            place.chat, photo, picture.caption, parse_mode=ParseMode.HTML, **whereabouts(place, first=False)
        )
