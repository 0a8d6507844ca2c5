"""The calls that answers are made of, as plain data: what nobody looks at is not made into the library's objects."""

from typing import Any

from bot.delivery import Delivery
from bot.transport import Transport


class Calls:
    """Calls to the bot's own `address` at the Bot API, delivered like the library's; they raise its errors."""

    def __init__(self, delivery: Delivery, transport: Transport, address: str) -> None:
        self._delivery, self._transport, self._address = delivery, transport, address

    async def make(self, method: str, **parameters: Any) -> Any:
        """What Telegram gives back; a parameter that is None is left out."""
        given = {name: value for name, value in parameters.items() if value is not None}

        async def ask() -> Any:
            return await self._transport.ask(f"{self._address}/{method}", given)

        return await self._delivery.process_request(ask, (), {}, method, given, None)
