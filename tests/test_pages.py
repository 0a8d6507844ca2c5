"""The pages to read, in-process: every passage, name and figure in its place, for any document; downloads and charts."""

import csv
import io
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from bot import web
from bot.anchors import address
from bot.engine import Engine, load
from bot.knowledge import NO_TARGET, squeeze
from bot.pages import chart_address
from bot.respond import respond
from bot.settings import Settings
from bot.store import Store
from bot.values import Citation, Context

OTHER = Path(__file__).with_name("other")
UNLIMITED = Settings(rate_per_minute=0)
VOID = {"meta", "link", "input", "img", "br"}
LISTS = ["/document", "/measures", "/units", "/regions", "/targets"]


@pytest.fixture(scope="session")
def other() -> Engine:
    """The engine of the invented document."""
    return load(OTHER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own for a test that needs one."""
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def open_store(folder: Path) -> Store:
    """A store in the folder."""
    return Store.open(folder, b"0123456789abcdef", 1, 90)


@pytest.fixture(scope="module")
def applications(
    engine: Engine, other: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[ASGIApp, Engine]]]:
    """The application on each document, and the document's engine; pages leave nothing behind in them."""
    opened = open_store(tmp_path_factory.mktemp("store"))
    engines = {"shipped": engine, "other": other}
    yield {name: (web.create_app(each, opened, settings=UNLIMITED), each) for name, each in engines.items()}
    opened.close()


@pytest.fixture(params=["shipped", "other"])
async def site(
    request: pytest.FixtureRequest, applications: dict[str, tuple[ASGIApp, Engine]]
) -> AsyncIterator[tuple[httpx.AsyncClient, Engine]]:
    """A client of each application, and the document's engine."""
    application, chosen = applications[request.param]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://bot") as opened:
        yield opened, chosen


@pytest.fixture
async def client(applications: dict[str, tuple[ASGIApp, Engine]]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application on the shipped document."""
    transport = httpx.ASGITransport(applications["shipped"][0])
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as opened:
        yield opened


class Page(HTMLParser):
    """The elements of a page, with the text inside each that has an id; fails on a tag closed out of order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: dict[str, str] = {}
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        id_ = given.get("id")
        if id_ is not None:
            assert id_ not in self.ids, id_
            self.ids[id_] = ""
        if tag not in VOID:
            self.open.append((tag, id_))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, id_ in self.open:
            if id_ is not None:
                self.ids[id_] += data

    def links(self) -> list[str]:
        """What the page leads to."""
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a" and attrs.get("href")]

    def rows(self) -> list[list[str]]:
        """The cells of all tables, row by row."""
        return [[squeeze(cell) for cell in row] for row in self._rows]

    @property
    def _rows(self) -> list[list[str]]:
        return self._table.rows

    def feed(self, data: str) -> None:
        self._table = Cells(data)
        super().feed(data)


class Cells(HTMLParser):
    """The texts of a page's table cells, row by row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


async def read(client: httpx.AsyncClient, path: str, status: int = 200) -> Page:
    """The page at the address."""
    response = await client.get(path)
    assert response.status_code == status, path
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


# --- every page


async def test_every_link_leads_somewhere_on_every_page(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """From each section on, however deep; every fragment is an id there; nothing lies on another host."""
    client, _ = site
    pages: dict[str, Page] = {}
    waiting = list(LISTS)
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        response = await client.get(path)
        assert response.status_code == 200, path
        if not response.headers["content-type"].startswith("text/html"):
            pages[path] = Page("")
            continue
        page = pages[path] = Page(response.text)
        for link in page.links():
            parts = urlsplit(urljoin(f"http://bot{path}", link))
            assert parts.netloc == "bot"
            # What sorts and filters is walked by a test of its own.
            if not parts.query:
                waiting.append(parts.path)
    for path, page in pages.items():
        for link in page.links():
            parts = urlsplit(urljoin(f"http://bot{path}", link))
            if parts.fragment:
                assert unquote(parts.fragment) in pages[parts.path].ids, (path, link)
    assert len(pages) > 40


@pytest.mark.parametrize(
    "path",
    [*LISTS, "/measures/5", "/requirements/1", "/units/自治区教育厅", "/regions/喀什地区", "/regions/全区",
     "/targets/喀什地区/职业技能培训数", "/targets/全区/城镇登记失业率"],
)  # fmt: skip
async def test_pages_are_chinese_landmarked_guarded_and_tagged(client: httpx.AsyncClient, path: str) -> None:
    """One heading of the first order, a way to skip to the text, where one is; no inline style or script; a tag."""
    response = await client.get(path)
    page = Page(response.text)
    tags = [tag for tag, _ in page.tags]
    assert ("html", {"lang": "zh-CN"}) in page.tags
    assert [tags.count(tag) for tag in ("h1", "main", "header", "footer", "style")] == [1, 1, 1, 1, 0]
    assert page.links()[0] == "#main"
    assert [attrs for _, attrs in page.tags if "aria-current" in attrs]
    assert not [attrs for _, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert all(attrs.get("src") for tag, attrs in page.tags if tag == "script")
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert ("script-src 'self'" in policy) == ("script" in tags)
    assert "set-cookie" not in response.headers
    again = await client.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_pages_are_the_same_below_a_proxy_path(applications: dict[str, tuple[ASGIApp, Engine]]) -> None:
    """Addresses are relative, so a prefix that the proxy takes away does no harm."""
    transport = httpx.ASGITransport(applications["shipped"][0], root_path="/bot")
    async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
        response = await client.get("/bot/measures/5")
        links = Page(response.text).links()
        moved = await client.get("/bot/regions/喀什")
    assert response.status_code == 200
    assert {urljoin("http://host/bot/measures/5", link) for link in links} >= {"http://host/bot/targets"}
    assert str(moved.next_request.url if moved.next_request else "") == f"http://host/bot/regions/{quote('喀什地区')}"


# --- the document


async def test_the_document_holds_every_passage_under_its_id(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """Facts, points, sentences, lines of units, rows: word for word."""
    client, engine = site
    page = await read(client, "/document")
    knowledge = engine.knowledge
    for fact in knowledge.facts.values():
        assert squeeze(page.ids[f"notice.{fact.id}"]) == squeeze(fact.text)
    for part in knowledge.parts.values():
        assert squeeze(part.heading) in squeeze(page.ids[part.id])
        for point in part.points:
            assert page.ids[point.id.replace("#", ".")] == point.text
        if part.lead_line:
            assert page.ids[f"{part.id}.lead"] == part.lead_line
    for heading in knowledge.headings:
        assert heading in page.text


async def test_citations_of_answers_lead_to_the_words_they_quote(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """For every example question of the editors: the place is on the page, holds the quote, and is no whole section
    where a sentence would do."""
    client, engine = site
    page = await read(client, "/document")
    knowledge = engine.knowledge
    entries = [*knowledge.regions.values(), *knowledge.units.values(), *knowledge.indicators.values()]
    entries += [*knowledge.facts.values(), *knowledge.parts.values()]
    asks = [ask for entry in entries for ask in entry.ask]
    asks += [ask for point in knowledge.points.values() for ask in point.ask]
    seen = 0
    for ask in asks:
        reply, _ = respond(ask, Context(), engine)
        for citation in reply.citations:
            path, _, fragment = address(citation, knowledge).partition("#")
            assert path == "document"
            assert squeeze(citation.quote) in squeeze(page.ids[fragment]), (ask, fragment)
            seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    ("ref", "quote", "id_"),
    [
        ("annex:2", "13 喀什地区 19 90.3 0.7", "annex:2.13"),
        ("annex:1", "合 计 46 3 15 4 10", "annex:1.15"),
        ("goals", "全年实现城镇新增就业46万人", "goals.2"),
        ("measure:13", "牵头单位：自治区发展改革委", "measure:13.lead"),
        ("notice", "2021年3月12日", "notice.date"),
        ("group:2", "（二）盯住重点群体开展帮扶，凝心聚力稳定就业", "group:2"),
        ("measure:5", "没有这句话", "measure:5"),
    ],
)
def test_a_citation_is_placed_as_narrowly_as_it_can_be(engine: Engine, ref: str, quote: str, id_: str) -> None:
    """A row, a point, a line; else the part."""
    knowledge = engine.knowledge
    assert address(Citation(knowledge.number, ref, quote), knowledge) == f"document#{id_}"


# --- units


async def test_a_unit_shows_what_it_leads_and_takes_part_in(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """Exactly the measures whose lines name it."""
    client, engine = site
    for id_, unit in engine.knowledge.units.items():
        page = await read(client, f"/units/{unit.name}")
        numbers = [int(n) for link in page.links() for n in re.findall(r"measures/(\d+)$", link)]
        led = [part.number for part in engine.knowledge.measures if id_ in part.lead]
        taken = [part.number for part in engine.knowledge.measures if id_ in part.responsible]
        assert numbers == led + taken
        assert f"牵头的措施（{len(led)}项）" in page.text


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("/units/教育厅", "/units/自治区教育厅"),
        ("/regions/喀什", "/regions/喀什地区"),
        ("/regions/全疆", "/regions/全区"),
        ("/targets/乌市/培训", "/targets/乌鲁木齐市/职业技能培训数"),
    ],
)
async def test_other_names_lead_to_the_one_address(client: httpx.AsyncClient, path: str, goal: str) -> None:
    """Aliases, short names, names in everyday use."""
    response = await client.get(path)
    assert response.status_code == 302
    assert response.next_request is not None
    assert unquote(response.next_request.url.path) == goal


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/units/教育庭", "自治区教育厅"),
        ("/regions/喀甚", "喀什地区"),
        ("/regions/Kashi", "喀什地区"),
        ("/targets/喀什地区/职业技能陪训", "职业技能培训数"),
        ("/targets/喀什地区/城镇登记失业率", "全区城镇登记失业率"),
        ("/measures/99", "第18项「强化政策宣传」"),
        ("/requirements/0", "工作要求第1项「强化组织领导」"),
        ("/regions/<script>alert(1)", None),
        ("/units/" + "谁" * 3000, None),
    ],
)
async def test_unknown_names_are_told_with_near_ones(client: httpx.AsyncClient, path: str, near: str | None) -> None:
    """A page of its own, in Chinese, that leads on and cannot be made to carry markup."""
    page = await read(client, path, 404)
    assert "没有" in page.text
    assert "script" not in [tag for tag, _ in page.tags]
    if near:
        link = page.text.partition("是不是要找")[2]
        assert near in link
    for target in page.links()[1:]:
        response = await client.get(urljoin(f"http://bot{quote(path)}", target))
        assert response.status_code == 200


# --- figures


async def test_every_figure_has_its_address_share_and_rank_as_the_answers_say(
    site: tuple[httpx.AsyncClient, Engine],
) -> None:
    """For each cell: as printed, with its row; what the bot answers about share and rank is on the page."""
    client, engine = site
    knowledge = engine.knowledge
    for table in knowledge.tables.values():
        for region in knowledge.regions:
            for indicator in table.columns:
                name, title = knowledge.region_name(region), knowledge.indicators[indicator].name
                page = await read(client, f"/targets/{name}/{title}")
                assert knowledge.row(table, region) in page.text
                cell = knowledge.cell(region, indicator)
                if cell == NO_TARGET:
                    assert "未设" in page.text
                    continue
                assert f"{cell}{knowledge.indicators[indicator].unit}" in page.text
                share, _ = respond(f"{name}{title}目标占{knowledge.whole.name}的比例是多少？", Context(), engine)
                (said,) = re.findall(r"的(约?[\d.]+%)", share.answer)
                assert said in page.text
                rank, _ = respond(f"{name}{title}目标排第几？", Context(), engine)
                (place,) = re.findall(r"第(\d+)位", rank.answer)
                assert f"第{place}位" in page.text


async def test_a_region_shows_all_its_targets(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """One row an indicator, with cell, share and rank."""
    client, engine = site
    knowledge = engine.knowledge
    for id_, region in knowledge.regions.items():
        rows = (await read(client, f"/regions/{region.name}")).rows()[1:]
        columns = [column for table in knowledge.tables.values() for column in table.columns]
        assert {row[0] for row in rows} == {knowledge.indicators[column].name for column in columns}
        for column in columns:
            (row,) = [row for row in rows if row[0] == knowledge.indicators[column].name]
            cell = str(knowledge.cell(id_, column))
            assert row[1].startswith("未设" if cell == NO_TARGET else cell)
            assert (row[3] == "—") == (cell == NO_TARGET)


async def test_bounds_stand_where_the_text_has_them(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """At least before the figure, or more behind it."""
    client, engine = site
    text = squeeze((await read(client, f"/regions/{engine.knowledge.whole.name}")).text)
    expected = ["4.5%以内", "88%以上", "至少1人"] if engine.knowledge.year == "2021" else ["91.5%以上", "不低于62%"]
    assert [each for each in expected if each not in text] == []


# --- the targets


async def test_the_tables_show_every_cell_and_total(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """In the order of the annexes."""
    client, engine = site
    knowledge = engine.knowledge
    rows = (await read(client, "/targets")).rows()
    wanted = []
    for table in knowledge.tables.values():
        heads = [knowledge.indicators[column] for column in table.columns]
        wanted.append([knowledge.region_words[0], *(f"{each.name}{each.unit}" for each in heads)])
        for region, cells in table.rows.items():
            wanted.append([knowledge.region_name(region), *("未设" if c == NO_TARGET else c for c in cells)])
        wanted.append([knowledge.whole.name, *table.total])
    assert rows == wanted


async def test_columns_sort_by_links_and_say_so(client: httpx.AsyncClient) -> None:
    """High to low, low to high, as printed; regions without a target last both ways."""
    names = []
    link = "/targets"
    for _ in range(4):
        page = await read(client, link)
        names.append([row[0] for row in page.rows()[1:15]])
        head = next(i for i, (_, attrs) in enumerate(page.tags) if attrs.get("data-sort") == "有组织转移内地省市就业")
        sort = page.tags[head - 1][1].get("aria-sort")
        assert sort == (None, "descending", "ascending", None)[len(names) - 1]
        link = urljoin("http://bot/targets", page.tags[head][1]["href"] or "")
    printed, high, low, again = names
    assert printed == again
    assert high[:3] == ["喀什地区", "和田地区", "伊犁州"]
    assert low[:2] == ["吐鲁番市", "巴州"]
    assert set(high[7:]) == set(low[7:]) == {row for row in printed if row not in high[:7]}


@pytest.mark.parametrize(
    ("query", "regions", "sums"),
    [
        ("region=喀什", ["喀什地区"], "9.12"),
        ("region=喀什、和田", ["喀什地区", "和田地区"], "12.02"),
        ("region=喀什 和田&indicator=转移就业&order=asc", ["和田地区", "喀什地区"], "12.02"),
        ("region=南疆四地州", ["阿克苏地区", "克州", "喀什地区", "和田地区"], "15.32"),
        ("indicator=转移就业&least=45", ["伊犁州", "喀什地区", "和田地区"], "17.12"),
        ("indicator=转移就业&least=45&most=63.2", ["伊犁州", "和田地区"], "8"),
        ("indicator=转移就业&most=３", ["乌鲁木齐市", "哈密市"], "13.7"),
    ],
)
async def test_the_tables_are_filtered_with_exact_sums(
    client: httpx.AsyncClient, query: str, regions: list[str], sums: str
) -> None:
    """By names, sets and bounds; the sum is of what is shown."""
    page = await read(client, f"/targets?{query}")
    rows = page.rows()
    assert [row[0] for row in rows[1 : len(regions) + 1]] == regions
    assert rows[len(regions) + 1][:2] == ["所列合计", sums]
    downloaded = (await client.get(f"/targets.json?{query}")).json()
    assert [each["region"] for each in downloaded["regions"]] == regions


async def test_nothing_found_is_said(client: httpx.AsyncClient) -> None:
    """Without a table or a chart."""
    page = await read(client, "/targets?region=火星")
    assert "没有符合的地区" in page.text
    assert not {"table", "img"} & {tag for tag, _ in page.tags}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("indicator=失业", "附件里没有「失业」这个指标"),
        ("indicator=城镇新增就业人数&least=很多", "「不低于」应当是数字"),
        ("indicator=城镇新增就业人数&most=NaN", "「不高于」应当是数字"),
        ("least=5", "请先选一个指标"),
        ("indicator=%3Cscript%3E", "附件里没有「<script>」这个指标"),
    ],
)
async def test_what_cannot_be_filtered_by_is_told(client: httpx.AsyncClient, query: str, says: str) -> None:
    """On the page with all figures, and as a refusal of the downloads."""
    page = await read(client, f"/targets?{query}", 400)
    assert says in page.text
    for kind in ("csv", "json"):
        response = await client.get(f"/targets.{kind}?{query}")
        assert response.status_code == 400
        assert says in response.text


async def test_the_csv_opens_in_a_spreadsheet(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """UTF-8 with its mark, every cell as printed, under a name of its own."""
    client, engine = site
    knowledge = engine.knowledge
    response = await client.get("/targets.csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="targets.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    columns = [column for table in knowledge.tables.values() for column in table.columns]
    assert rows[0][1:] == [f"{knowledge.indicators[c].name}（{knowledge.indicators[c].unit}）" for c in columns]
    for region, row in zip((*knowledge.regions, ""), rows[1:], strict=True):
        assert row == [knowledge.region_name(region), *(knowledge.cell(region, c) for c in columns)]


async def test_no_cell_of_the_csv_is_a_formula(tmp_path: Path, store: Store) -> None:
    """Whatever the editors call their regions and indicators; numbers stay numbers."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for path in OTHER.iterdir():
        text = (
            path.read_text(encoding="utf-8")
            .replace("name: 青螺市", "name: =青螺市")
            .replace("[青螺市", "[=青螺市")
            .replace("name: 渔港改造数", 'name: "@渔港改造数"')
        )
        (folder / path.name).write_text(text, encoding="utf-8")
    transport = httpx.ASGITransport(web.create_app(load(folder), store))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        text = (await client.get("/targets.csv")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r"]
    assert "'=青螺市" in text
    assert "'@渔港改造数（座）" in text


async def test_the_json_gives_decimals_as_printed_and_null_for_no_target(client: httpx.AsyncClient) -> None:
    """With what they count, and the whole."""
    response = await client.get("/targets.json?region=克拉玛依")
    given = response.json()
    assert given["document"] == "新就发〔2021〕1号"
    assert {"name": "职业技能培训数", "unit": "万人次"} in given["indicators"]
    (only,) = given["regions"]
    assert only["targets"]["就业困难实现就业人数"] == "0.016"
    assert only["targets"]["农村富余劳动力转移就业总数"] is None
    assert given["whole"]["targets"]["有组织转移内地省市就业"] == "1.57"


# --- charts


async def test_the_chart_of_an_indicator_has_an_address_and_a_tag(site: tuple[httpx.AsyncClient, Engine]) -> None:
    """Of all regions, or of those that are named; it may be kept, and is not sent twice."""
    client, engine = site
    knowledge = engine.knowledge
    first, second = list(knowledge.regions.values())[:2]
    indicator = next(iter(knowledge.tables.values())).columns[0]
    name = knowledge.indicators[indicator].name
    for query in (f"indicator={name}", f"indicator={name}&region={first.name}&region={second.name}&mark={first.name}"):
        response = await client.get(f"/chart.svg?{query}")
        assert response.status_code == 200
        assert response.headers["content-type"] == "image/svg+xml"
        assert response.headers["cache-control"] == "public, max-age=3600"
        assert "style-src 'sha256-" in response.headers["content-security-policy"]
        again = await client.get(f"/chart.svg?{query}", headers={"If-None-Match": response.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "query", ["", "indicator=天气", "indicator=城镇登记失业率", "indicator=培训&region=喀什", "indicator=培训&region=喀什&region=火星",
              "indicator=有组织转移内地&region=塔城地区&region=昌吉州"],
)  # fmt: skip
async def test_what_cannot_be_drawn_is_refused(client: httpx.AsyncClient, query: str) -> None:
    """No such indicator, no such region, one alone, nothing but regions without a target."""
    response = await client.get(f"/chart.svg?{query}")
    assert response.status_code == 404
    assert "svg" not in response.headers["content-type"]


async def test_views_of_replies_have_a_chart_of_exactly_what_they_show(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    """Wherever bars are to be drawn; nowhere else."""
    questions = ["各地转移就业", "喀什和和田转移就业目标", "和田转移就业排第几", "喀什转移就业占全区多少"]
    for question in questions:
        reply, _ = respond(question, Context(), engine)
        found = chart_address(reply.view, engine.knowledge)
        assert found is not None
        assert (await client.get(f"/{found}")).status_code == 200
    for question in ("喀什有哪些目标", "第5项谁牵头"):
        reply, _ = respond(question, Context(), engine)
        assert chart_address(reply.view, engine.knowledge) is None


async def test_pictures_of_pages_are_there_and_said_in_words(client: httpx.AsyncClient) -> None:
    """With their size, so that nothing jumps."""
    for path in ("/targets", "/targets/喀什地区/职业技能培训数", "/targets?region=南疆&indicator=培训&order=desc"):
        page = await read(client, path)
        (picture,) = [attrs for tag, attrs in page.tags if tag == "img"]
        assert (picture["alt"] or "").startswith("条形图：2021年")
        source = await client.get(urljoin(f"http://bot{quote(path, safe='/?=&')}", picture["src"] or ""))
        assert source.status_code == 200
        size = re.search(rb'width="(\d+)" height="(\d+)"', source.content)
        assert size
        assert [
            abs(int(a) - int(b or 0)) <= 1
            for a, b in zip(size.groups(), (picture["width"], picture["height"]), strict=True)
        ] == [True, True]


async def test_a_document_without_annexes_is_read_all_the_same(tmp_path: Path, store: Store) -> None:
    """Its goals are there; there is nothing to sort, to draw or to choose from."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for path in OTHER.iterdir():
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\nannexes:.*?\noutside:", "\nannexes: []\noutside:", text, flags=re.DOTALL)
        text = re.sub(r"  - id: (?:litter|harbour|mudflat)\n(?:    .*\n)+", "", text)
        (folder / path.name).write_text(text, encoding="utf-8")
    transport = httpx.ASGITransport(web.create_app(load(folder), store, settings=UNLIMITED))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        for path in (*LISTS, "/regions/青螺市", "/targets/全省/红树林修复面积"):
            page = await read(client, path)
            assert not {"form", "img", "script"} & {tag for tag, _ in page.tags}
        assert "860" in (await read(client, "/targets")).text


async def test_reading_pages_keeps_nothing(engine: Engine, store: Store, tmp_path: Path) -> None:
    """Not a row in the store."""
    transport = httpx.ASGITransport(web.create_app(engine, store, settings=UNLIMITED))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        for path in (*LISTS, "/units/没有这个单位"):
            await client.get(path)
    database = sqlite3.connect(tmp_path / "bot.sqlite")
    tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
    kept = {name: database.execute(f"select count(*) from [{name}]").fetchone()[0] for name in tables}
    database.close()
    assert {name: n for name, n in kept.items() if n and not name.startswith(("sqlite", "_"))} == {}
