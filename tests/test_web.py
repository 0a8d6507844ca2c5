"""The web channel, in-process: the page, the API of the contract, its refusals and its headers."""

import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from bot import api
from bot.engine import Engine

VOID = {"meta", "link", "input", "img", "br"}


class Page(HTMLParser):
    """The elements of a page; fails on a tag that is closed out of order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What scripts are to make copies of is not part of the page.
        if "template" not in self.open:
            self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open and "template" not in self.open:
            self.texts.append((self.open[-1], data.strip()))

    def all(self, tag: str) -> list[str]:
        """The texts directly in elements of this name."""
        return [text for name, text in self.texts if name == tag]

    def asked(self) -> list[str]:
        """The questions that the page links to."""
        links = [attrs["href"] or "" for tag, attrs in self.tags if tag == "a"]
        return [parse_qs(link[1:])["q"][0] for link in links if link.startswith("?")]


async def test_health_names_the_knowledge(client: httpx.AsyncClient, engine: Engine) -> None:
    """By its fingerprint."""
    response = await client.get("/healthz")
    assert response.json() == {"status": "ok", "knowledge": engine.knowledge.fingerprint}


# --- the page -----------------------------------------------------------------------------------------


async def test_the_page_has_a_labelled_form_and_examples(client: httpx.AsyncClient, engine: Engine) -> None:
    """And is Chinese, fits a phone, and runs no script but its own file."""
    response = await client.get("/")
    page = Page(response.text)
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    labels = {attrs.get("for") for tag, attrs in page.tags if tag == "label"}
    inputs = {attrs.get("id") for tag, attrs in page.tags if tag == "input"}
    assert ("html", {"lang": "zh-CN"}) in page.tags
    assert labels == inputs == {"q"}
    assert any(attrs.get("name") == "viewport" for _, attrs in page.tags)
    assert [str(attrs["src"]).partition("?")[0] for attrs in scripts] == ["./static/chat.js"]
    assert not page.all("script")
    assert "style" not in [tag for tag, _ in page.tags]
    assert not [attrs for _, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert page.asked()[: len(engine.examples)] == list(engine.examples)
    assert len(page.asked()) == 6


async def test_the_page_shows_answer_source_wording_and_what_next(client: httpx.AsyncClient) -> None:
    """What a reply holds, set apart; the question stays in the form."""
    reply = (await client.get("/api/ask", params={"q": "喀什转移就业目标"})).json()
    page = Page((await client.get("/", params={"q": "喀什转移就业目标"})).text)
    paragraphs = page.all("p")
    assert reply["answer"] in paragraphs
    assert any(text.startswith("来源：") for text in paragraphs)
    assert reply["citations"][0]["quote"] in page.all("a")
    assert page.asked() == reply["follow_ups"]
    assert [attrs["value"] for tag, attrs in page.tags if tag == "input"] == ["喀什转移就业目标"]


async def test_the_page_shows_a_view_as_a_table(client: httpx.AsyncClient) -> None:
    """Each cell as in the view, under named columns."""
    reply = (await client.get("/api/ask", params={"q": "各地城镇新增就业"})).json()
    page = Page((await client.get("/", params={"q": "各地城镇新增就业"})).text)
    view = reply["view"]
    assert page.all("caption") == [f"{view['title']}（{view['unit']}）"]
    assert [text for text in page.all("th") if text] == [*view["columns"], *(row[0] for row in view["rows"])]
    assert page.all("td") == [cell for row in view["rows"] for cell in row[1:]]


async def test_the_page_offers_choices_as_links(client: httpx.AsyncClient) -> None:
    """Each a full question."""
    reply = (await client.get("/api/ask", params={"q": "失业率"})).json()
    page = Page((await client.get("/", params={"q": "失业率"})).text)
    assert len(reply["choices"]) >= 2
    assert page.asked()[: len(reply["choices"])] == reply["choices"]


async def test_what_is_typed_cannot_become_markup(client: httpx.AsyncClient) -> None:
    """Neither in the form nor in the title nor in the answer."""
    evil = '"><script>alert(1)</script><img src=x onerror=y>'
    response = await client.get("/", params={"q": evil})
    page = Page(response.text)
    assert [
        tag for tag, attrs in page.tags if tag in ("script", "img") and "chat.js" not in str(attrs.get("src"))
    ] == []
    assert [attrs["value"] for tag, attrs in page.tags if tag == "input"] == [evil]


async def test_a_wrong_address_is_a_page_for_browsers_and_a_line_for_programs(client: httpx.AsyncClient) -> None:
    """With the links to all that there is; under the API it is JSON in any case."""
    accept = {"Accept": "text/html,application/xhtml+xml"}
    response = await client.get("/far/away", headers=accept)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert Page(response.text).all("h1") == ["没有找到"]
    assert "没有这个地址。" in Page(response.text).all("p")
    assert 'href="../targets"' in response.text
    refused = await client.post("/", headers=accept)
    assert refused.status_code == 405 and "GET" in refused.headers["allow"]
    assert "这个地址不支持 POST 方法。" in Page(refused.text).all("p")
    assert (await client.get("/far/away")).text.startswith("没有这个地址。接口是")
    assert (await client.get("/api/far", headers=accept)).json()["error"].startswith("没有这个地址。")


@pytest.mark.parametrize(
    "path", ["/", "/?q=x", "/static/style.css", "/healthz", "/api/ask?q=x", "/api/ask", "/nothing"]
)
async def test_every_response_is_guarded(client: httpx.AsyncClient, path: str) -> None:
    """No script, no guessing of types, no referrer, no cookies; refusals too."""
    headers = (await client.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    scripts = [part for part in headers["content-security-policy"].split("; ") if part.startswith("script-src")]
    assert scripts == (["script-src 'self'"] if path.split("?")[0] == "/" else [])
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


async def test_the_stylesheet_is_served_as_such(client: httpx.AsyncClient) -> None:
    """With its type, which the browser must not guess, and once only where the browser has it already."""
    page = Page((await client.get("/")).text)
    address, _ = [attrs["href"] or "" for tag, attrs in page.tags if tag == "link"]
    full = await client.get(f"/{address}")
    again = await client.get(f"/{address}", headers={"If-None-Match": f'"x", W/{full.headers["etag"]}'})
    assert full.headers["content-type"].startswith("text/css")
    assert full.headers["cache-control"] == "public, max-age=31536000"
    assert (again.status_code, again.content) == (304, b"")
    bare = await client.get("/static/style.css")
    assert (bare.content, bare.headers["cache-control"]) == (full.content, "public, max-age=3600")


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/..%2Fweb.py", "/static/"])
async def test_only_named_files_are_served(client: httpx.AsyncClient, path: str) -> None:
    """Nothing else of the disk can be reached."""
    assert (await client.get(path)).status_code == 404


# --- when something breaks ----------------------------------------------------------------------------


async def test_an_unforeseen_error_is_told_in_one_line(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The asker gets an apology, the log a place in the code and not a word of the question."""

    def broken(question: str, *_: object) -> None:
        raise RuntimeError(question)

    monkeypatch.setattr(api, "respond", broken)
    below, page = await client.post("/api/ask", json={"question": "秘密"}), await client.get("/", params={"q": "秘密"})
    assert (below.status_code, page.status_code) == (500, 500)
    assert below.json()["error"] in Page(page.text).all("p")
    assert "RuntimeError" in caplog.text
    assert "秘密" not in caplog.text


async def test_a_locked_database_costs_the_memory_and_not_the_answer(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """Another program may hold the file; the asker does not care."""
    other = sqlite3.connect(tmp_path / "bot.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        response = await client.post("/api/ask", json={"question": "喀什转移就业目标", "conversation": "a"})
    finally:
        other.close()
    assert "90.3万人次" in response.json()["answer"]
