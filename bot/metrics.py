"""The figures of a running bot, as Prometheus reads them: counts and times, in a registry of their own."""

import logging
import time
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder

from bot.observer import Observer

_OUTCOMES = ("answer", "choose", "no_answer", "social", "failed")
# From what an answer takes to what a far end that hangs takes.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts what the channels tell; each instance starts from nothing."""

    def __init__(self, knowledge: str) -> None:
        """`knowledge` is the fingerprint of what is answered from."""
        self._registry = registry = CollectorRegistry()
        self._updates = Counter(
            "policy_bot_updates", "Questions, commands and other messages dealt with", ("channel", "kind", "outcome"),
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "policy_bot_update_seconds", "From taking a message up to being done with it", ("channel", "kind"),
            registry=registry, buckets=_SECONDS,
        )  # fmt: skip
        self._queue = Gauge("policy_bot_queue_length", "Updates held and not yet answered", registry=registry)
        self._retries = Counter(
            "policy_bot_retries", "Calls to Telegram that were made again", ("method", "reason"), registry=registry
        )
        self._connected = Gauge(
            "policy_bot_connected", "Whether the service that a channel needs answers", ("channel",), registry=registry
        )
        self._errors = Counter("policy_bot_errors", "Errors in the log, by module", ("module",), registry=registry)
        Info("policy_bot_knowledge", "What is answered from", registry=registry).info({"fingerprint": knowledge})
        started = time.monotonic()
        uptime = Gauge("policy_bot_uptime_seconds", "Since the bot was started", registry=registry)
        uptime.set_function(lambda: time.monotonic() - started)
        ProcessCollector(registry=registry)

    def observer(self, channel: str) -> Observer:
        """What the channel is to tell of its work; all of it is counted."""
        for outcome in _OUTCOMES:
            # There from the start, so that the first failure is seen as a rise.
            self._updates.labels(channel, "question", outcome)

        # Looked up once each: there are few of them, and many updates.
        counter, timer = cache(self._updates.labels), cache(self._seconds.labels)

        def update(kind: str, outcome: str, seconds: float) -> None:
            counter(channel, kind, outcome).inc()
            # What is turned away takes no time, and would make the rest look fast.
            if outcome != "throttled":
                timer(channel, kind).observe(seconds)

        def retry(method: str, reason: str) -> None:
            self._retries.labels(method, reason).inc()

        def connected(yes: bool) -> None:
            self._connected.labels(channel).set(yes)

        return Observer(update, retry, self._queue.set, connected)

    def errors(self) -> logging.Handler:
        """A handler that counts what is logged as an error."""
        return _Counting(self._errors)

    def render(self, accept: str) -> tuple[bytes, str]:
        """All figures in the form that the header prefers, and the form's media type."""
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind


class _Counting(logging.Handler):
    """Counts records; keeps nothing of them."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(logging.ERROR)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        """One more of that module."""
        self._counter.labels(record.name).inc()
