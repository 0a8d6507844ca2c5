"""The smallest bot on python-telegram-bot as it is shipped: says what was said. The benchmark measures beside it."""

import logging
import os

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def repeat(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The same text again."""
    assert update.message and update.message.text
    await update.message.reply_text(update.message.text)


def main() -> None:
    """Poll until stopped."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    builder = Application.builder().token(os.environ["TELEGRAM_TOKEN"]).base_url(os.environ["TELEGRAM_BASE_URL"])
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, repeat))
    application.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main()
