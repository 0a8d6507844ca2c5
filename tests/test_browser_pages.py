"""The pages to read, used as a person uses them: with a mouse, with keys only, on a phone, in the dark, without script."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
TRANSFER = "农村富余劳动力转移就业总数"
FOUND = [
    "/document#measure:5.2", "/measures", "/measures/5", "/requirements/1", "/units", "/units/自治区教育厅", "/regions",
    "/regions/喀什地区", "/targets", "/targets?region=南疆&indicator=培训&order=desc", f"/targets/喀什地区/{TRANSFER}",
    f"/targets/克拉玛依市/{TRANSFER}", "/targets/全区/城镇登记失业率",
]  # fmt: skip
REFUSED = ["/regions/喀甚", "/targets?least=x"]
# Those of them that have colours which the others do not have.
COLOURED = ["/document#annex:2.13", "/measures/5", "/targets?region=南疆&indicator=培训&order=desc", *REFUSED]


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A phone in the dark."""
    context = browser.new_context(base_url=site, locale="zh-CN", viewport=PHONE, color_scheme="dark")
    yield context
    context.close()


@pytest.fixture
def plain(browser: Browser, site: str) -> Iterator[Page]:
    """A tab without script."""
    context = browser.new_context(base_url=site, locale="zh-CN", viewport=DESK, java_script_enabled=False)
    yield context.new_page()
    context.close()


def in_view(place: Locator) -> bool:
    """Whether its top and its first lines stand in the window."""
    box = place.bounding_box()
    size = place.page.viewport_size
    assert box and size
    return box["y"] >= 0 and box["y"] + min(box["height"], 60) <= size["height"]


def background(place: Locator) -> str:
    """The colour it stands on, as the browser computes it."""
    return str(place.evaluate("element => getComputedStyle(element).backgroundColor"))


def first_column(page: Page, table: int = 0) -> list[str]:
    """The regions of one table, from the top down."""
    return page.locator("table.sheet").nth(table).locator("tbody th").all_inner_texts()


# --- citations


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("id_", ["measure:13.3", "goals.s3", "requirement:4", "measure:18.lead", "notice.date"])
def test_a_citation_opens_the_document_at_its_passage(page: Page, size: dict[str, int], id_: str) -> None:
    """In view and highlighted, alone."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(f"/document#{id_}")
    place = page.locator(f"[id='{id_}']")
    assert in_view(place)
    assert background(place) == "rgb(255, 241, 184)"
    assert page.locator(":target").count() == 1


def test_a_cited_passage_is_shown_with_the_lines_above_it(page: Page) -> None:
    """They say which measure it belongs to; at the upper edge of the window it would stand alone."""
    page.goto("/document#measure:13.lead")
    box = page.locator("[id='measure:13.lead']").bounding_box()
    assert box and 0.15 * DESK["height"] < box["y"] < 0.5 * DESK["height"]


def test_a_figure_leads_to_its_row_in_the_annex_and_back(page: Page) -> None:
    """By the link under its printed row."""
    page.goto(f"/targets/喀什地区/{TRANSFER}")
    expect(page.locator(".big")).to_have_text("90.3万人次")
    page.get_by_role("link", name="附件2《").click()
    row = page.locator("[id='annex:2.13']")
    expect(row).to_contain_text("90.3")
    assert in_view(row)
    assert background(row) == "rgb(255, 241, 184)"
    page.go_back()
    expect(page.locator("h1")).to_contain_text("喀什地区")


def test_passages_open_without_script(plain: Page) -> None:
    """And the contents lead to them."""
    plain.goto("/document")
    plain.get_by_role("navigation", name="目录").get_by_role("link", name="健全服务体系").click()
    place = plain.locator("[id='measure:14']")
    assert in_view(place)
    assert background(place) == "rgb(255, 241, 184)"


def test_the_document_prints_without_what_is_for_the_screen(page: Page) -> None:
    """No navigation, no contents."""
    page.goto("/document")
    page.emulate_media(media="print")
    for hidden in (".top", ".toc", ".foot"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("[id='measure:5']")).to_be_visible()


# --- the tables


def test_a_column_sorts_in_place_and_the_back_button_undoes_it(page: Page) -> None:
    """No page is loaded; the address, the chart, the form and what a screen reader hears go along; the focus stays."""
    page.goto("/targets")
    page.evaluate("window.stayed = true")
    printed = first_column(page)
    link = page.get_by_role("link", name=TRANSFER, exact=True)
    link.click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text(TRANSFER)
    assert first_column(page)[:3] == first_column(page, 1)[:3] == ["喀什地区", "和田地区", "伊犁州"]
    expect(page.get_by_role("status")).to_contain_text(f"按{TRANSFER}从高到低排")
    expect(link).to_be_focused()
    expect(page.get_by_label("指标")).to_have_value(TRANSFER)
    expect(page.locator(".chart img")).to_have_attribute(
        "alt",
        f"条形图：2021年{TRANSFER}目标（万人次）。喀什地区90.3、和田地区63.2、伊犁州45、阿克苏地区18.2、昌吉州13.6、克州9.55、巴州9.05、塔城地区7.1、吐鲁番市5.95、博州5、阿勒泰地区4.3、哈密市3、乌鲁木齐市0.75、克拉玛依市未设；全区275，是以上之和。",
    )
    link.click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text(TRANSFER)
    assert first_column(page)[0] == "乌鲁木齐市"
    page.go_back()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text(TRANSFER)
    page.go_back()
    expect(page.locator("th[aria-sort]")).to_have_count(0)
    assert first_column(page) == printed
    expect(page.get_by_label("顺序")).to_have_value("")
    assert page.evaluate("window.stayed")


def test_a_sorted_table_is_the_same_after_a_reload(page: Page) -> None:
    """And for whoever gets the address."""
    page.goto("/targets")
    page.get_by_role("link", name="职业技能培训数", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    sorted_so = first_column(page)
    page.reload()
    assert first_column(page) == sorted_so
    assert page.locator(".chart img").evaluate("image => image.complete && image.naturalWidth > 0")


def test_typing_filters_as_one_goes_and_sums_exactly(page: Page) -> None:
    """By a part of a name, by a set; the field keeps the caret; bounds and order by the form."""
    page.goto("/targets")
    page.evaluate("window.stayed = true")
    field = page.get_by_label("地区", exact=True)
    field.press_sequentially("喀什 和田")
    expect(page.get_by_role("status")).to_contain_text("14个地区中的2个")
    assert first_column(page) == ["喀什地区", "和田地区"]
    expect(page.get_by_role("row", name="所列合计").first).to_contain_text("12.02")
    expect(field).to_be_focused()
    page.get_by_label("指标").select_option(TRANSFER)
    page.get_by_label("顺序").select_option("从低到高")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text(TRANSFER)
    assert first_column(page) == ["和田地区", "喀什地区"]
    page.get_by_label("不低于").fill("90")
    expect(page.get_by_role("status")).to_contain_text("14个地区中的1个")
    page.get_by_label("不低于").fill("九十")
    assert not page.get_by_label("不低于").evaluate("field => field.validity.valid")
    page.get_by_label("不低于").fill("")
    expect(page.get_by_role("status")).to_contain_text("14个地区中的2个")
    assert page.evaluate("window.stayed")
    page.get_by_role("link", name="全部清除").click()
    expect(page.get_by_role("status")).to_contain_text("全部14个地区")


def test_sorting_and_filtering_work_without_script(plain: Page) -> None:
    """By the same links and the same form."""
    plain.goto("/targets")
    plain.get_by_role("link", name=TRANSFER, exact=True).click()
    assert first_column(plain)[0] == "喀什地区"
    plain.get_by_label("地区", exact=True).fill("南疆")
    plain.get_by_label("不低于").fill("18.2")
    plain.get_by_role("button", name="查看").click()
    assert first_column(plain) == ["喀什地区", "和田地区", "阿克苏地区"]
    plain.go_back()
    assert len(first_column(plain)) == 14


def test_what_is_shown_can_be_downloaded(page: Page) -> None:
    """As files of the right kind that hold the same rows."""
    page.goto("/targets?region=喀什、克拉玛依")
    found = {}
    for name in ("CSV", "JSON"):
        with page.expect_download() as started:
            page.get_by_role("link", name=name).click()
        assert started.value.suggested_filename == f"targets.{name.lower()}"
        found[name] = Path(started.value.path()).read_bytes()
    rows = list(csv.reader(io.StringIO(found["CSV"].decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["克拉玛依市", "喀什地区", "全区"]
    assert [row[-2] for row in rows[1:]] == ["/", "90.3", "275"]
    regions = json.loads(found["JSON"])["regions"]
    assert [each["targets"][TRANSFER] for each in regions] == [None, "90.3"]


# --- with keys only, small, in the dark


def test_keys_alone_reach_the_text_and_sort_a_column(page: Page) -> None:
    """The first stop leads past the navigation; every stop is seen."""
    page.goto("/targets")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    assert in_view(skip)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("地区", exact=True)).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.sort") == "新增创业人数":
            break
    focused = page.get_by_role("link", name="新增创业人数", exact=True)
    expect(focused).to_be_focused()
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("新增创业人数")
    expect(focused).to_be_focused()


@pytest.mark.parametrize("path", FOUND)
def test_no_page_is_wider_than_the_screen(page: Page, path: str) -> None:
    """What is wide scrolls by itself."""
    page.goto(path)
    for width in (320, 390, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width


def test_charts_are_readable_in_the_dark(phone: BrowserContext) -> None:
    """Light letters on the dark page, and a bar between."""
    page = phone.new_page()
    page.goto(f"/targets/喀什地区/{TRANSFER}")
    page.wait_for_function("document.querySelector('.chart img').complete")
    picture = Image.open(io.BytesIO(page.locator(".chart img").screenshot())).convert("L")
    shades = picture.histogram()
    assert picture.getpixel((1, 1)) < 40
    assert sum(shades[210:]) > 200
    assert sum(shades[100:190]) > 2000


@pytest.mark.parametrize("path", [*FOUND, *REFUSED])
def test_axe_finds_nothing_amiss(browser: Browser, site: str, path: str) -> None:
    """Names, order, landmarks, contrast, on a desk in the light."""
    assert amiss(browser, site, path, DESK, "light") == ""


@pytest.mark.parametrize("path", COLOURED)
def test_axe_finds_nothing_amiss_in_the_dark(browser: Browser, site: str, path: str) -> None:
    """On a phone."""
    assert amiss(browser, site, path, PHONE, "dark") == ""


def amiss(browser: Browser, site: str, path: str, size: dict[str, int], scheme: str) -> str:
    """What axe has to say against the page."""
    context = browser.new_context(base_url=site, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path)
    found = Axe().run(page)
    context.close()
    assert found.response["passes"]
    return str(found.generate_report()) if found.violations_count else ""


def test_reading_leaves_nothing_behind_and_asks_nobody_else(browser: Browser, site: str) -> None:
    """No cookie, nothing in the browser's stores, no other host."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/document", "/targets", "/units"):
        page.goto(path)
    assert context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert asked
    assert not [url for url in asked if not url.startswith(site)]
    context.close()
