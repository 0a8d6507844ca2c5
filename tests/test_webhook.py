"""The webhook: Telegram brings the updates to the one process that also serves the page."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.addressee import Me
from bot.observer import Observer
from bot.store import Store
from bot.throttle import Throttle
from bot.updates import Updates
from bot.webhook import Webhook
from tests.botapi import TOKEN, BotApi, Refused
from tests.crowd import Serving

CHAT = 70000001
QUESTION = "喀什转移就业目标"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def update(number: int, text: str = QUESTION) -> dict[str, Any]:
    """A message in a private chat."""
    who = {"id": CHAT, "is_bot": False, "first_name": "小明"}
    chat = {"id": CHAT, "type": "private", "first_name": "小明"}
    return {"update_id": number, "message": {"message_id": 1, "date": 1_700_000_000, "chat": chat, "from": who, "text": text}}  # fmt: skip


class TestDoor:
    """What is let in, by the webhook alone."""

    @asynccontextmanager
    async def door(self, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Webhook, Updates]]:
        """A client, the webhook, and what it has taken in; behind it another application answers 418."""

        async def page(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 418, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        store = Store.open(folder)
        webhook = Webhook(TOKEN, "http://bot.test/hook/")
        updates = Updates(store.inbox("1"), Throttle(0), Observer())
        transport = httpx.ASGITransport(webhook.before(page))
        async with httpx.AsyncClient(transport=transport, headers={HEADER: webhook.secret}) as client:
            yield client, webhook, updates
        store.close()

    def open(self, webhook: Webhook, updates: Updates) -> None:
        """Let updates in, as the channel does once it has started."""
        updates.open(None, Me(1, "policy_bot"))  # type: ignore[arg-type]
        webhook.open(updates)

    def test_the_address_cannot_be_guessed(self) -> None:
        """It depends on the token, which cannot be told from it; so does the secret."""
        webhook, other = Webhook(TOKEN, "https://bot.test/"), Webhook(TOKEN[:-1] + "d", "https://bot.test")
        assert webhook.url.startswith("https://bot.test/") and len(webhook.url.rpartition("/")[2]) == 48
        assert len({webhook.url, other.url, webhook.secret, other.secret}) == 4
        assert TOKEN.partition(":")[2] not in webhook.url + webhook.secret
        assert webhook.secret not in webhook.url

    async def test_an_update_is_taken_once_it_is_durable(self, tmp_path: Path) -> None:
        """A redelivery is acknowledged too, and dropped; the address may come with its own path or without."""
        async with self.door(tmp_path) as (client, webhook, updates):
            self.open(webhook, updates)
            assert (await client.post(webhook.url, json=update(1))).status_code == 200
            bare = webhook.url.replace("/hook/", "/")
            assert (await client.post(bare, json=update(1))).status_code == 200
            assert len(updates) == 1
            store = Store.open(tmp_path)
            assert [each.update for each in store.inbox("1").pending()] == [update(1)]
            store.close()

    async def test_before_the_start_and_after_the_end_telegram_keeps_it(self, tmp_path: Path) -> None:
        """It is told to come again."""
        async with self.door(tmp_path) as (client, webhook, updates):
            assert (await client.post(webhook.url, json=update(1))).status_code == 503
            self.open(webhook, updates)
            webhook.close()
            assert (await client.post(webhook.url, json=update(1))).status_code == 503
            assert not len(updates)

    async def test_where_there_is_no_room_an_update_waits(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is let in once another is done; only after a long while Telegram is told to come again."""
        monkeypatch.setattr("bot.updates._MOST_HELD", 1)
        async with self.door(tmp_path) as (client, webhook, updates):
            self.open(webhook, updates)
            assert (await client.post(webhook.url, json=update(1))).status_code == 200
            waiting = asyncio.create_task(client.post(webhook.url, json=update(2)))
            done, _ = await asyncio.wait([waiting], timeout=0.05)
            assert not done and len(updates) == 1
            updates.finish(1)
            updates.release(1)
            assert (await waiting).status_code == 200 and len(updates) == 1
            monkeypatch.setattr("bot.webhook._PATIENCE", 0.01)
            assert (await client.post(webhook.url, json=update(3))).status_code == 503

    @pytest.mark.parametrize("secret", ["", "wrong", "é", None])
    async def test_who_does_not_know_the_secret_is_refused(self, secret: str | None, tmp_path: Path) -> None:
        """Whatever it is that they send."""
        async with self.door(tmp_path) as (client, webhook, updates):
            self.open(webhook, updates)
            headers = {HEADER: (webhook.secret[:-1] if secret is None else secret).encode()}
            assert (await client.post(webhook.url, json=update(1), headers=headers)).status_code == 403
            assert not len(updates)

    @pytest.mark.parametrize(
        ("body", "status"),
        [(b"", 400), (b"[]", 400), (b'{"update_id": "1"}', 400), (b"[" * 100_000, 400), (b"\xff", 400), (b" " * 1_100_000, 413)],
    )  # fmt: skip
    async def test_what_is_no_update_is_refused(self, body: bytes, status: int, tmp_path: Path) -> None:
        """And no more of it is read than an update may have."""
        async with self.door(tmp_path) as (client, webhook, updates):
            self.open(webhook, updates)
            assert (await client.post(webhook.url, content=body)).status_code == status

    async def test_everything_else_is_the_pages(self, tmp_path: Path) -> None:
        """The webhook's own address knows one method."""
        async with self.door(tmp_path) as (client, webhook, _):
            assert (await client.get("http://bot.test/")).status_code == 418
            assert (await client.post(webhook.url + "x")).status_code == 418
            assert (await client.get(webhook.url)).status_code == 405


class TestService:
    """The process as an operator runs it."""

    async def test_one_process_serves_webhook_page_and_health(self, tmp_path: Path) -> None:
        """The webhook is set once somebody listens there; changing to polling and back loses nothing."""
        async with BotApi() as api:
            async with Serving(api, tmp_path, webhook=True) as serving:
                api.say(CHAT, QUESTION)
                await serving.ready()
                assert "90.3万人次" in await api.answered(CHAT)
                hook = api.webhook
                assert hook and hook.listened and hook.secret
                page = hook.url.rpartition("/")[0]
                async with httpx.AsyncClient(trust_env=False) as client:
                    assert (await client.get(page + "/")).status_code == 200
                    assert (await client.get(page + "/healthz")).json()["status"] == "ok"
                    assert (await client.get(page + "/readyz")).status_code == 200
                assert (await serving.stop())[0] == 0
                api.say(CHAT, QUESTION)
                log = serving.log.read_text()
                assert hook.secret not in log and hook.url.rpartition("/")[2] not in log and str(CHAT) not in log
            async with Serving(api, tmp_path) as serving:
                await serving.ready()
                assert "90.3万人次" in await api.answered(CHAT)
                assert not api.webhook
                assert (await serving.stop())[0] == 0

    async def test_an_address_that_telegram_refuses_is_named(self, tmp_path: Path) -> None:
        """The process ends: nothing would ever arrive."""
        async with BotApi() as api:
            refused = Refused(400, "Bad Request: bad webhook: HTTPS url must be provided for webhook")
            api.refuse["setWebhook"].append(refused)
            async with Serving(api, tmp_path, webhook=True) as serving:
                await serving.start()
                assert serving.process
                assert await asyncio.wait_for(serving.process.wait(), 30) == 2
                log = serving.log.read_text()
                assert "TELEGRAM_WEBHOOK_URL" in log and "Traceback" not in log
                assert json.dumps(TOKEN) not in log
