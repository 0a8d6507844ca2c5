"""What operators see of a running bot: figures, readiness, a line for each update, and who may look."""

import logging
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import monitoring
from bot.datafile import FILE
from bot.engine import Engine
from bot.metrics import Metrics
from bot.monitoring import Monitor
from bot.settings import Settings
from bot.store import Store
from bot.web import create_app


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Each sample: its name and the values of its labels, in the order of their names."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def shown(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """What the metrics show."""
    return figures(metrics.render("text/plain")[0].decode())


@asynccontextmanager
async def visitor(
    engine: Engine, monitor: Monitor, store: Store, host: str = "127.0.0.1", name: str = "127.0.0.1:8000"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client at the address, calling the application without a socket."""
    app = create_app(engine, store, monitor.observer("web"), monitor.routes())
    transport = httpx.ASGITransport(app, client=(host, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
        yield client


class TestFigures:
    """What is counted."""

    def test_updates_are_counted_by_channel_kind_and_outcome(self) -> None:
        """And timed; the outcomes of questions are there before the first."""
        metrics = Metrics("abc")
        observer = metrics.observer("telegram")
        assert shown(metrics)["policy_bot_updates_total", "telegram", "question", "failed"] == 0
        for seconds in (0.002, 0.3):
            observer.update("question", "answer", seconds)
        observer.update("command", "done", 0.001)
        observer.update("question", "throttled", 0.0)
        found = shown(metrics)
        assert found["policy_bot_updates_total", "telegram", "question", "throttled"] == 1
        assert found["policy_bot_updates_total", "telegram", "question", "answer"] == 2
        assert found["policy_bot_updates_total", "telegram", "command", "done"] == 1
        assert found["policy_bot_update_seconds_count", "telegram", "question"] == 2
        buckets = [value for (name, *_), value in found.items() if name == "policy_bot_update_seconds_bucket"]
        assert {0, 1, 2} <= set(buckets)

    def test_retries_queue_knowledge_and_uptime_are_shown(self) -> None:
        """Each under its name."""
        metrics = Metrics("abc")
        observer = metrics.observer("telegram")
        observer.retry("sendMessage", "flood")
        observer.queue(7)
        observer.queue(3)
        found = shown(metrics)
        assert found["policy_bot_retries_total", "sendMessage", "flood"] == 1
        assert found["policy_bot_queue_length",] == 3
        assert found["policy_bot_knowledge_info", "abc"] == 1
        assert 0 <= found["policy_bot_uptime_seconds",] < 60
        assert found["process_resident_memory_bytes",] > 0

    def test_errors_in_the_log_are_counted_by_module(self) -> None:
        """What is less is not."""
        metrics = Metrics("abc")
        logger = logging.Logger("bot.x")
        logger.addHandler(metrics.errors())
        logger.warning("小事")
        logger.error("大事")
        assert shown(metrics)["policy_bot_errors_total", "bot.x"] == 1

    def test_two_bots_in_one_process_count_apart(self) -> None:
        """Nothing is global."""
        one, other = Metrics("a"), Metrics("b")
        one.observer("web").update("question", "answer", 0.1)
        other.observer("web")
        assert shown(other)["policy_bot_updates_total", "web", "question", "answer"] == 0

    @pytest.mark.parametrize(
        ("accept", "kind"), [("", "text/plain"), ("application/openmetrics-text", "application/openmetrics-text")]
    )
    def test_both_forms_of_the_format_are_spoken(self, accept: str, kind: str) -> None:
        """As the reader prefers."""
        body, media_type = Metrics("abc").render(accept)
        assert media_type.startswith(kind)
        assert body.decode().rstrip().endswith("# EOF") == bool(accept)


class TestWeb:
    """What the page's and the API's questions leave behind."""

    async def test_each_question_is_counted_and_has_its_line(
        self, engine: Engine, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Channel, kind, outcome and milliseconds, and nothing else; bad requests too."""
        caplog.set_level(logging.INFO)
        monitor = Monitor("abc", store, "on")
        async with visitor(engine, monitor, store) as client:
            await client.post("/api/ask", json={"question": engine.examples[0], "conversation": "k"})
            await client.get("/", params={"q": "明天天气怎么样"})
            await client.get("/")
            await client.post("/api/ask", content=b"{")
            found = figures((await client.get("/metrics")).text)
        outcomes = ("answer", "no_answer", "invalid")
        assert [found["policy_bot_updates_total", "web", "question", outcome] for outcome in outcomes] == [1, 1, 1]
        assert [found["policy_bot_update_seconds_count", "web", "question"]] == [3]
        lines = [record.fields for record in caplog.records if record.name == "bot.monitoring"]
        assert [line["outcome"] for line in lines] == list(outcomes)
        assert {tuple(line) for line in lines} == {("channel", "kind", "outcome", "ms")}
        assert all(0 <= line["ms"] < 5000 for line in lines)

    async def test_a_client_who_asks_too_often_is_counted(self, engine: Engine, store: Store) -> None:
        """Not as a question, which nobody has read."""
        monitor = Monitor("abc", store, "on")
        app = create_app(engine, store, monitor.observer("web"), monitor.routes(), Settings(rate_burst=1))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
            statuses = [(await client.get("/api/ask", params={"q": "你好"})).status_code for _ in range(3)]
            found = figures((await client.get("/metrics")).text)
        assert statuses == [200, 429, 429]
        assert found["policy_bot_updates_total", "web", "request", "throttled"] == 2
        assert found["policy_bot_update_seconds_count", "web", "question"] == 1

    async def test_a_reader_who_hangs_up_in_mid_sentence_is_no_error(
        self, engine: Engine, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Counted as a bad request."""
        monitor = Monitor("abc", store, "on")
        app = create_app(engine, store, monitor.observer("web"))
        coming = iter([{"type": "http.request", "body": b'{"que', "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> dict[str, object]:
            return next(coming)

        async def send(message: object) -> None:
            assert message

        scope = {
            "type": "http", "method": "POST", "path": "/api/ask", "query_string": b"", "headers": [], "http_version": "1.1",
            "scheme": "http", "server": ("x", 80), "client": ("x", 1), "root_path": "", "raw_path": b"/api/ask",
        }  # fmt: skip
        await app(scope, receive, send)  # type: ignore[arg-type]
        assert shown(monitor.metrics)["policy_bot_updates_total", "web", "question", "invalid"] == 1
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


class TestReaders:
    """Who may read /metrics."""

    @pytest.mark.parametrize(
        ("readers", "host", "name", "headers", "status"),
        [
            ("off", "127.0.0.1", "127.0.0.1", {}, 404),
            ("local", "127.0.0.1", "127.0.0.1:8000", {}, 200),
            ("local", "::1", "[::1]:8000", {}, 200),
            ("local", "::ffff:127.0.0.1", "localhost", {}, 200),
            ("local", "10.1.2.3", "127.0.0.1:8000", {}, 404),
            ("local", "127.0.0.1", "bot.example.org", {}, 404),
            ("local", "127.0.0.1", "127.0.0.1:8000", {"X-Forwarded-For": "10.1.2.3"}, 404),
            ("local", "127.0.0.1", "127.0.0.1:8000", {"Forwarded": "for=10.1.2.3"}, 404),
            ("local", "testclient", "127.0.0.1:8000", {}, 404),
            ("on", "10.1.2.3", "bot.example.org", {}, 200),
        ],
    )
    async def test_only_those_of_the_setting(
        self, readers: str, host: str, name: str, headers: dict[str, str], status: int, engine: Engine, store: Store
    ) -> None:
        """For the others there is no such address; a proxy on this machine speaks for others."""
        async with visitor(engine, Monitor("abc", store, readers), store, host, name) as client:
            response = await client.get("/metrics", headers=headers)
            nothing = await client.get("/nothing", headers=headers)
        assert response.status_code == status
        assert (response.text == nothing.text) == (status == 404)


class TestReadiness:
    """/readyz, for whoever sends the bot its work."""

    async def test_it_is_ready_when_everything_is(self, engine: Engine, store: Store) -> None:
        """And still after many looks."""
        async with visitor(engine, Monitor("abc", store, "off"), store) as client:
            responses = [await client.get("/readyz") for _ in range(3)]
        assert [(response.status_code, response.json()) for response in responses] == [(200, {"status": "ready"})] * 3

    async def test_a_channel_that_is_not_connected_is_named(self, engine: Engine, store: Store) -> None:
        """From the start, and whenever it is lost; the figures say so too."""
        monitor = Monitor("abc", store, "on")
        monitor.expect("telegram")
        observer = monitor.observer("telegram")
        seen = []
        async with visitor(engine, monitor, store) as client:
            for connected in (None, True, False, True):
                if connected is not None:
                    observer.connected(connected)
                response = await client.get("/readyz")
                figure = figures((await client.get("/metrics")).text)["policy_bot_connected", "telegram"]
                seen.append((response.status_code, "telegram 没有连上" in response.text, figure))
        assert seen == [(503, True, 0), (200, False, 1), (503, True, 0), (200, False, 1)]

    async def test_a_database_that_cannot_be_written_is_named(
        self, engine: Engine, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Locked, gone; alive all the while. Between two looks nothing is written."""
        monkeypatch.setattr(monitoring, "_LOOK_EVERY", 0.0)
        async with visitor(engine, Monitor("abc", store, "off"), store) as client:
            other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            locked = await client.get("/readyz")
            alive = await client.get("/healthz")
            other.close()
            free = await client.get("/readyz")
            monkeypatch.setattr(monitoring, "_LOOK_EVERY", 60.0)
            (tmp_path / FILE).rename(tmp_path / "gone")
            unseen = await client.get("/readyz")
            monkeypatch.setattr(monitoring, "_LOOK_EVERY", 0.0)
            gone = await client.get("/readyz")
        assert [response.status_code for response in (locked, alive, free, unseen, gone)] == [503, 200, 200, 200, 503]
        assert "锁住" in locked.json()["reasons"][0]
        assert "不见了" in gone.json()["reasons"][0]
        assert str(tmp_path) not in gone.text + locked.text

    def test_a_full_disk_is_named(self, store: Store) -> None:
        """A look is a write."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            said = store.fault()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert said and "磁盘" in said
        assert store.fault() is None
