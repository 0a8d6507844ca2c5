"""The API, in-process: what each address gives, what it refuses and how, and that its description is true."""

import ipaddress
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.requests import Request

from bot import inputs, web
from bot.afterwards import Afterwards
from bot.api import Api
from bot.engine import Engine
from bot.observer import Observer
from bot.openapi import description, operations
from bot.settings import Settings
from bot.store import Store

FIELDS = {
    "question", "outcome", "understood", "answer", "text", "citations", "figures", "view", "choices", "follow_ups",
}  # fmt: skip


# --- the API ------------------------------------------------------------------------------------------


async def test_posting_a_question_gives_the_reply_object(client: httpx.AsyncClient) -> None:
    """The contract's fields, exactly."""
    response = await client.post("/api/ask", json={"question": "喀什转移就业目标"})
    reply = response.json()
    assert response.status_code == 200
    assert set(reply) == FIELDS
    assert reply["question"] == "喀什转移就业目标"
    assert "90.3万人次" in reply["answer"]
    assert [(c["ref"], c["document"]) for c in reply["citations"]] == [("annex:2", "新就发〔2021〕1号")]


async def test_getting_gives_what_posting_gives(client: httpx.AsyncClient) -> None:
    """`q` is the question."""
    question = "喀什转移就业目标"
    posted = await client.post("/api/ask", json={"question": question})
    got = await client.get("/api/ask", params={"q": question})
    assert (got.status_code, got.json()) == (200, posted.json())


async def test_a_conversation_is_kept_under_its_key_only(client: httpx.AsyncClient) -> None:
    """A later question sees the earlier one; other keys, and questions without one, do not."""
    await client.post("/api/ask", json={"question": "失业率", "conversation": "a"})
    same = await client.get("/api/ask", params={"q": "1", "conversation": "a"})
    other = await client.post("/api/ask", json={"question": "1", "conversation": "b"})
    alone = await client.post("/api/ask", json={"question": "1"})
    null = await client.post("/api/ask", json={"question": "1", "conversation": None})
    outcomes = [response.json()["outcome"] for response in (same, other, alone, null)]
    assert outcomes == ["answer", "no_answer", "no_answer", "no_answer"]


async def test_a_conversation_cannot_reach_into_another_channel(client: httpx.AsyncClient, store: Store) -> None:
    """Keys that clients choose have a name space of their own."""
    await client.post("/api/ask", json={"question": "失业率", "conversation": "telegram:1"})
    assert not store.context("telegram:1").choices
    assert store.context("web:telegram:1").choices


async def test_what_found_no_answer_is_recorded(client: httpx.AsyncClient, store: Store) -> None:
    """From the API and from the page; what was answered is not."""
    await client.post("/api/ask", json={"question": "明天天气怎么样"})
    await client.get("/", params={"q": "明天天气怎么样"})
    await client.post("/api/ask", json={"question": "喀什转移就业目标"})
    assert [(each.question, each.count) for each in store.list_unanswered()] == [("明天天气怎么样", 2)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "不是有效的 JSON"),
        (b"question=x", "不是有效的 JSON"),
        (b'{"question": "\xff"}', "不是有效的 JSON"),
        (b"[" * 60000, "不是有效的 JSON"),
        (b'["x"]', "JSON 对象"),
        (b"{}", "缺少 question"),
        (b'{"question": null}', "缺少 question"),
        (b'{"question": 5}', "question 应当是文字"),
        (b'{"question": ["x"]}', "question 应当是文字"),
        (b'{"question": " \\n"}', "question 是空的"),
        (b'{"question": "\\ud800"}', "不成字符"),
        (b'{"question": "x", "conversation": 7}', "conversation 应当是文字"),
        (b'{"question": "x", "conversation": "\\udfff"}', "不成字符"),
        (b'{"question": "x", "conversation": "' + b"k" * 101 + b'"}', "最长 100 个字符"),
    ],
)  # fmt: skip
async def test_bad_input_is_refused_in_words(client: httpx.AsyncClient, content: bytes, says: str) -> None:
    """400 with one error in Chinese."""
    response = await client.post("/api/ask", content=content)
    assert response.status_code == 400
    assert set(response.json()) == {"error"}
    assert says in response.json()["error"]


@pytest.mark.parametrize(
    ("query", "says"), [("", "缺少 q"), ("?q=", "q 是空的"), ("?q=%20", "q 是空的"), ("?question=x", "缺少 q")]
)
async def test_getting_without_a_question_is_refused(client: httpx.AsyncClient, query: str, says: str) -> None:
    """The message names the parameter."""
    response = await client.get(f"/api/ask{query}")
    assert (response.status_code, says in response.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    "query",
    [
        "q=%E5%96%80%E4%BB%80+%e5%b0%b1%E4%B8%9A", "q=a&q=b", "q", "q=", "=q", "&&q=1&", "q==1=", "q=%", "q=%2&x=%2g",
        "q=%ff%e4%bd", "q=%u5580", "q=1;x=2", "%71=1", "q=%26%3D%2B", "",
    ],
)  # fmt: skip
def test_parameters_are_read_as_the_library_reads_them(query: str) -> None:
    """Only faster."""
    request = Request({"type": "http", "query_string": query.encode()})
    assert inputs.parameters(request) == dict(request.query_params)


async def test_a_body_beyond_the_limit_is_read_no_further(client: httpx.AsyncClient) -> None:
    """413, after little more than the limit, however much is still to come."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b" " * 4096

    response = await client.post("/api/ask", content=endless())
    assert (response.status_code, response.json()) == (413, {"error": "内容太长，最多 64 kB。"})
    assert sent <= 18


async def test_a_body_at_the_limit_is_read(client: httpx.AsyncClient) -> None:
    """White space around the JSON does no harm."""
    content = json.dumps({"question": "你好"}).encode().ljust(inputs.MOST_BYTES)
    assert (await client.post("/api/ask", content=content)).json()["outcome"] == "social"


async def test_a_question_over_a_thousand_characters_is_told_so(client: httpx.AsyncClient) -> None:
    """By the reply, not by a refusal."""
    response = await client.post("/api/ask", json={"question": "谁" * 1001})
    assert (response.status_code, response.json()["outcome"]) == (200, "no_answer")
    assert "1000" in response.json()["answer"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused_as_json(client: httpx.AsyncClient, method: str) -> None:
    """With the allowed ones named for machines."""
    response = await client.request(method, "/api/ask")
    assert (response.status_code, response.json()) == (405, {"error": f"这个地址不支持 {method} 方法。"})
    assert "POST" in response.headers["allow"]


async def test_unknown_addresses_are_refused(client: httpx.AsyncClient) -> None:
    """As JSON under /api, as text elsewhere."""
    below, beside = await client.get("/api/nothing"), await client.get("/nothing")
    assert (below.status_code, beside.status_code) == (404, 404)
    assert below.json()["error"] == beside.text


# --- the other addresses ------------------------------------------------------------------------------


async def test_suggestions_are_answerable_questions(client: httpx.AsyncClient) -> None:
    """For what has been typed, or the commonest."""
    found = (await client.get("/api/suggest", params={"q": "喀什 转移", "limit": 2})).json()
    assert found["suggestions"][0] == "喀什地区农村富余劳动力转移就业总数目标是多少？"
    assert len(found["suggestions"]) == 2
    assert len((await client.get("/api/suggest")).json()["suggestions"]) == 8


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=x", "limit=", "limit=-1", "limit=1e1", "limit=９"])
async def test_a_wrong_number_of_suggestions_is_refused(client: httpx.AsyncClient, query: str) -> None:
    """In words."""
    response = await client.get(f"/api/suggest?{query}")
    assert (response.status_code, response.json()) == (400, {"error": "limit 应当是 1 到 20 的整数。"})


async def test_too_long_a_beginning_is_refused(client: httpx.AsyncClient) -> None:
    """No question is so long."""
    response = await client.get("/api/suggest", params={"q": "谁" * 1001})
    assert (response.status_code, response.json()["error"]) == (400, "q 最长 1000 个字符，现在有 1001 个。")


async def test_the_knowledge_is_listed_as_printed(client: httpx.AsyncClient, engine: Engine) -> None:
    """Names, measures with their units, and tables with every cell."""
    found = (await client.get("/api/knowledge")).json()
    knowledge = engine.knowledge
    assert (found["document"], found["fingerprint"]) == (knowledge.number, knowledge.fingerprint)
    assert len(found["measures"]) == 18
    assert found["measures"][12]["lead"] == ["自治区发展改革委"]
    assert found["regions"] == [region.name for region in knowledge.regions.values()]
    table = next(table for table in found["tables"] if table["ref"] == "annex:2")
    row = next(row for row in table["rows"] if row["region"] == "喀什地区")
    assert row["cells"] == ["19", "90.3", "0.7"]
    assert len(table["columns"]) == len(row["cells"])


@pytest.mark.parametrize("path", ["/", "/api", "/api/knowledge", "/openapi.json"])
async def test_what_does_not_change_is_not_sent_twice(client: httpx.AsyncClient, path: str) -> None:
    """304 for whoever has it."""
    first = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    other = await client.get(path, headers={"If-None-Match": '"other"'})
    assert (first.status_code, again.status_code, again.content, other.status_code) == (200, 304, b"", 200)


async def test_long_responses_are_compressed_and_short_ones_are_not(client: httpx.AsyncClient) -> None:
    """Where the client can read it."""
    assert (await client.get("/api/knowledge")).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in (await client.get("/healthz")).headers
    assert "content-encoding" not in (await client.get("/api/knowledge", headers={"Accept-Encoding": ""})).headers


async def test_an_answer_is_called_wrong_and_that_is_taken_back(client: httpx.AsyncClient, store: Store) -> None:
    """Under the key that the client gave it."""
    given = {"question": "喀什目标13912345678", "vote": "down", "outcome": "answer", "ref": "annex:2", "key": "k"}
    assert (await client.post("/api/feedback", json=given)).json() == {"kept": True}
    [found] = store.list_feedback()
    assert (found.question, found.outcome, found.ref, found.down) == ("喀什目标#", "answer", "annex:2", 1)
    assert (await client.post("/api/feedback", json={**given, "vote": "none"})).json() == {"kept": False}
    assert store.list_feedback() == ()


async def test_votes_without_a_key_stand_each_for_itself(client: httpx.AsyncClient, store: Store) -> None:
    """None replaces another."""
    for _ in range(2):
        await client.post("/api/feedback", json={"question": "甲", "vote": "down", "outcome": "no_answer"})
    assert [found.down for found in store.list_feedback()] == [2]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"question": None}, "缺少 question"),
        ({"vote": None}, "缺少 vote：可以是 down、up、none。"),
        ({"vote": "bad"}, "vote 只能是 down、up、none。"),
        ({"vote": 1}, "vote 应当是文字"),
        ({"outcome": "x"}, "outcome 只能是"),
        ({"ref": "measure:99"}, "ref 应当是答复里"),
        ({"key": "k" * 101}, "最长 100 个字符"),
    ],
)  # fmt: skip
async def test_a_wrong_vote_is_refused(client: httpx.AsyncClient, change: dict[str, object], says: str) -> None:
    """In words."""
    given = {"question": "甲", "vote": "down", "outcome": "answer", "ref": "", **change}
    response = await client.post("/api/feedback", json=given)
    assert (response.status_code, says in response.json()["error"]) == (400, True)


async def test_a_vote_that_cannot_be_kept_is_told(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """503, and the one who voted may try again; so with forgetting."""
    other = sqlite3.connect(tmp_path / "bot.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        vote = await client.post("/api/feedback", json={"question": "甲", "vote": "up", "outcome": "answer"})
        forget = await client.post("/api/forget", json={"conversation": "c"})
    finally:
        other.close()
    assert (vote.status_code, forget.status_code) == (503, 503)
    assert "请稍后再试" in vote.json()["error"] + forget.json()["error"]


async def test_a_conversation_is_forgotten(client: httpx.AsyncClient) -> None:
    """At once; a second time there is nothing to forget."""
    await client.post("/api/ask", json={"question": "失业率", "conversation": "a"})
    assert (await client.post("/api/forget", json={"conversation": "a"})).json() == {"forgotten": True}
    assert (await client.post("/api/forget", json={"conversation": "a"})).json() == {"forgotten": False}
    assert (await client.post("/api/ask", json={"question": "1", "conversation": "a"})).json()["outcome"] == "no_answer"
    assert (await client.post("/api/forget", json={})).status_code == 400


# --- who may ask, and how often -----------------------------------------------------------------------


def called(engine: Engine, store: Store, settings: Settings, address: str = "192.0.2.1") -> httpx.AsyncClient:
    """A client at that address, of a site with these settings."""
    transport = httpx.ASGITransport(web.create_app(engine, store, settings=settings), client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://bot")


async def test_who_asks_too_often_is_told_when_to_come_again(engine: Engine, store: Store) -> None:
    """429 with Retry-After, in Chinese; the health check is not counted."""
    async with called(engine, store, Settings(rate_per_minute=6, rate_burst=2)) as client:
        assert [(await client.get("/api/suggest")).status_code for _ in range(3)] == [200, 200, 429]
        refused = await client.get("/api/ask?q=x")
        page = await client.get("/")
        assert (refused.status_code, page.status_code) == (429, 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert refused.json()["error"].startswith("问得太快了，请 ")
        assert page.text == refused.json()["error"]
        assert (await client.get("/healthz")).status_code == 200


async def test_clients_behind_a_trusted_proxy_are_told_apart(engine: Engine, store: Store) -> None:
    """By the address that the proxy adds, whatever the client has written before it."""
    settings = Settings(rate_per_minute=1, rate_burst=1, trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"),))
    async with called(engine, store, settings, "10.0.0.1") as client:
        sent = ["192.0.2.1", "192.0.2.2", "9.9.9.9, 192.0.2.1", "192.0.2.2, 10.0.0.7"]
        codes = [(await client.get("/api/suggest", headers={"X-Forwarded-For": each})).status_code for each in sent]
    assert codes == [200, 200, 429, 429]


async def test_an_untrusted_client_cannot_pass_for_others(engine: Engine, store: Store) -> None:
    """What it claims is not read."""
    async with called(engine, store, Settings(rate_per_minute=1, rate_burst=1)) as client:
        sent = ["192.0.2.8", "192.0.2.9"]
        codes = [(await client.get("/api/suggest", headers={"X-Forwarded-For": each})).status_code for each in sent]
    assert codes == [200, 429]


async def test_pages_of_other_sites_may_call_only_where_set(engine: Engine, store: Store) -> None:
    """By default none; refusals can be read as well."""
    headers = {"Origin": "https://example.org"}
    async with called(engine, store, Settings()) as client:
        assert "access-control-allow-origin" not in (await client.get("/api/suggest", headers=headers)).headers
    settings = Settings(cors_origins=("https://example.org",), rate_per_minute=1, rate_burst=1)
    async with called(engine, store, settings) as client:
        for status in (200, 429):
            response = await client.get("/api/suggest", headers=headers)
            assert response.status_code == status
            assert response.headers["access-control-allow-origin"] == "https://example.org"
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        assert (await client.options("/api/ask", headers={**headers, **asked})).status_code == 200
        assert (await client.options("/api/ask", headers={"Origin": "https://e.net", **asked})).status_code == 400


# --- the description ----------------------------------------------------------------------------------


async def test_the_description_names_every_address_and_method(engine: Engine, store: Store) -> None:
    """And no other."""
    described = description("甲")
    there = {
        (route.path, method)
        for route in Api(engine, store, Observer(), Afterwards(0)).routes()
        for method in (route.methods or set()) - {"HEAD"}
        if route.path != "/openapi.json"
    }
    assert there == {(path, method.upper()) for path, item in described["paths"].items() for method in item}


async def test_the_page_about_the_api_shows_every_operation(client: httpx.AsyncClient) -> None:
    """With every field and a command that can be run."""
    page = (await client.get("/api")).text
    for operation in operations(description("甲")):
        assert f"{operation.method} {operation.path}" in page
        assert all(f"<code>{field.name}</code>" in page for field in operation.fields)
    assert "curl http://bot/api/suggest" in page
    assert "<script" not in page


async def test_the_examples_of_the_description_work(client: httpx.AsyncClient) -> None:
    """Each body that it shows is accepted."""
    for path, item in description("甲")["paths"].items():
        if "post" in item:
            body = item["post"]["requestBody"]["content"]["application/json"]["example"]
            assert (await client.post(path, json=body)).status_code == 200


def fuzz(site: str, examples: int) -> None:
    """Ask what the description allows and what it does not; whatever comes is as described, and never a 5xx."""
    schema = schemathesis.openapi.from_url(f"{site}openapi.json")
    # Strings that are refused for reasons that no schema can tell (a key that is unknown) are not called positive.
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    for found in schema.get_all_operations():
        operation = found.ok()

        @hypothesis.settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.seed(1)
        @hypothesis.given(
            case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
            | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        )
        def conforms(case: schemathesis.Case) -> None:
            case.call_and_validate(base_url=site.rstrip("/"), checks=checks)

        conforms()


def test_whatever_is_sent_is_answered_as_described(site: str) -> None:
    """A short run."""
    fuzz(site, 25)


@pytest.mark.soak
def test_whatever_is_sent_for_long_is_answered_as_described(site: str) -> None:
    """A long run."""
    fuzz(site, 2000)
