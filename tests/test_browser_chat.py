"""The chat as a person uses it: a real server and a real Chromium, phone and desktop, keyboard, no script, links."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import start, stop

FIGURE = "喀什转移就业目标"
CELL = "喀什地区农村富余劳动力转移就业总数目标是多少？"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
MOST_BYTES = 60_000


def ask(page: Page, question: str) -> Locator:
    """Type a question, send it, and wait for the reply; the turn that holds both."""
    turns = page.locator(".turn")
    before = turns.count()
    page.get_by_role("combobox", name="您的问题").fill(question)
    page.keyboard.press("Enter")
    expect(turns).to_have_count(before + 1)
    turn = turns.nth(before)
    expect(turn.locator(".answer")).to_be_visible()
    return turn


def in_view(page: Page, place: Locator) -> bool:
    """Whether its beginning is on the screen."""
    box = place.bounding_box()
    size = page.viewport_size
    return box is not None and size is not None and 0 <= box["y"] < size["height"]


def test_a_question_is_answered_with_source_and_wording(page: Page) -> None:
    """The answer large, then where it stands, then the document's own words."""
    page.goto("/")
    turn = ask(page, FIGURE)
    expect(turn.get_by_role("heading", name=FIGURE)).to_be_visible()
    answer = turn.locator(".answer")
    expect(answer).to_have_text("2021年喀什地区农村富余劳动力转移就业总数目标为90.3万人次。")
    size, body = (
        float(page.evaluate(f"parseFloat(getComputedStyle({each}).fontSize)"))
        for each in ("document.querySelector('.answer')", "document.body")
    )
    assert size > 1.25 * body
    expect(turn.locator(".evidence")).to_contain_text("来源：新就发〔2021〕1号，附件2")
    expect(turn.get_by_role("link", name="13 喀什地区 19 90.3 0.7")).to_be_visible()
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("combobox")).to_have_value("")


def test_examples_follow_ups_and_choices_are_asked_by_a_tap(page: Page) -> None:
    """Without loading the page anew."""
    page.goto("/")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="一共有哪些措施").click()
    expect(page.locator(".turn .answer")).to_contain_text("18项")
    turn = ask(page, FIGURE)
    turn.get_by_role("button", name="占全区的比例").click()
    expect(page.locator(".turn").nth(2).locator(".answer")).to_contain_text("约32.84%")
    ask(page, "失业率").get_by_role("button", name="登记失业率").click()
    expect(page.locator(".turn").nth(4).locator(".answer")).to_contain_text("登记失业率")
    assert page.evaluate("window.same")


def test_a_later_question_leans_on_the_one_before_and_says_so(page: Page) -> None:
    """How it was understood stands above the answer."""
    page.goto("/")
    ask(page, FIGURE)
    turn = ask(page, "那和田呢")
    expect(turn.locator(".understood")).to_have_text("按「和田地区农村富余劳动力转移就业总数」理解")
    expect(turn.locator(".answer")).to_contain_text("63.2万人次")


def test_figures_over_regions_are_a_chart_and_a_table(page: Page) -> None:
    """The chart with its content in words, the table one tap away."""
    page.goto("/")
    turn = ask(page, "各地州市城镇新增就业人数目标分别是多少？")
    picture = turn.get_by_role("img", name="条形图")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 422, timeout=30_000)
    expect(turn.get_by_role("table")).to_be_hidden()
    turn.get_by_text("看数字").click()
    expect(turn.get_by_role("table")).to_contain_text("（万人）")
    assert turn.locator("tbody tr").count() == 15
    overview = ask(page, "喀什地区有哪些目标？")
    expect(overview.get_by_role("table")).to_be_visible()
    assert overview.locator("tbody tr").count() == 9


def test_a_citation_opens_the_document_at_the_passage(page: Page) -> None:
    """Highlighted and in view; going back, the conversation is as it was."""
    page.goto("/")
    ask(page, FIGURE)
    page.get_by_role("link", name="13 喀什地区 19 90.3 0.7").click()
    page.wait_for_url("**/document#annex:2.13")
    row = page.locator("[id='annex:2.13']")
    expect(row).to_contain_text("90.3")
    assert in_view(page, row)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert row.evaluate("row => getComputedStyle(row).backgroundColor") not in (paper, "rgba(0, 0, 0, 0)")
    page.go_back()
    expect(page.locator(".turn .answer")).to_contain_text("90.3万人次")
    expect(ask(page, "那和田呢").locator(".answer")).to_contain_text("63.2万人次")


def test_of_a_question_that_fills_the_screen_the_reply_is_in_view(page: Page) -> None:
    """One sees at once that it is too long."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    answer = ask(page, "就" * 1001).locator(".answer")
    expect(answer).to_contain_text("1000个字以内")
    assert in_view(page, answer)


def test_a_figure_that_is_not_set_is_called_so_in_the_table(page: Page) -> None:
    """As in the chart and on the other pages; a stroke says nothing to who has not read the annex."""
    page.goto("/")
    turn = ask(page, "各地州市农村富余劳动力转移就业总数目标分别是多少？")
    turn.get_by_text("看数字").click()
    expect(turn.get_by_role("row", name="克拉玛依市")).to_contain_text("未设")


def test_the_conversation_outlives_a_reload(page: Page) -> None:
    """In this tab; questions after it still lean on those before."""
    page.goto("/")
    ask(page, FIGURE)
    page.reload()
    expect(page.locator(".turn .answer")).to_contain_text("90.3万人次")
    expect(ask(page, "那和田呢").locator(".answer")).to_contain_text("63.2万人次")


def test_the_conversation_is_cleared_with_one_button(page: Page) -> None:
    """Here and on the server."""
    page.goto("/")
    expect(page.get_by_role("button", name="清空对话")).to_be_hidden()
    ask(page, FIGURE)
    with page.expect_response("**/api/forget") as caught:
        page.get_by_role("button", name="清空对话").click()
    assert caught.value.json() == {"forgotten": True}
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("已清空")
    expect(page.get_by_role("heading", name="例如")).to_be_visible()
    expect(ask(page, "那和田呢").locator(".answer")).not_to_contain_text("目标为63.2")
    page.get_by_role("button", name="清空对话").click()
    page.reload()
    expect(page.locator(".turn")).to_have_count(0)


def test_a_wrong_answer_is_told_with_one_tap_and_taken_back(page: Page) -> None:
    """What goes out is the question and the kind of answer."""
    page.goto("/")
    turn = ask(page, FIGURE)
    button = turn.get_by_role("button", name="答得不对")
    with page.expect_response("**/api/feedback") as caught:
        button.click()
    sent = caught.value.request.post_data_json
    assert {name: sent[name] for name in ("question", "vote", "outcome", "ref")} == {
        "question": FIGURE, "vote": "down", "outcome": "answer", "ref": "annex:2"
    }  # fmt: skip
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status")).to_have_text("已记下，谢谢。")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    with page.expect_response("**/api/feedback") as caught:
        button.click()
    assert caught.value.json() == {"kept": False}
    expect(button).to_have_attribute("aria-pressed", "false")


def test_the_answer_is_copied_with_its_source(browser: Browser, site: str) -> None:
    """As one text."""
    context = browser.new_context(base_url=site, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/")
    ask(page, FIGURE).get_by_role("button", name="复制").click()
    expect(page.get_by_role("status")).to_have_text("已复制答案和出处。")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("2021年喀什地区农村富余劳动力转移就业总数目标为90.3万人次。")
    assert "来源：新就发〔2021〕1号" in copied
    context.close()


def test_a_link_opens_a_reply_again_elsewhere(page: Page, browser: Browser, site: str) -> None:
    """With the questions that it leans on, in a tab that knows nothing of them; no request's address holds them."""
    page.goto("/")
    ask(page, FIGURE)
    link = ask(page, "那和田呢").get_by_role("link", name="链接").evaluate("a => a.href")
    context = browser.new_context()
    other = context.new_page()
    addresses: list[str] = []
    other.on("request", lambda request: addresses.append(request.url))
    other.goto(link)
    expect(other.locator(".turn")).to_have_count(2)
    expect(other.locator(".turn.found .answer")).to_contain_text("63.2万人次")
    expect(other.locator(".turn.found")).to_be_focused()
    assert in_view(other, other.locator(".turn.found .answer"))
    assert not [address for address in addresses if "q=" in address.partition("#")[0]]
    other.reload()
    expect(other.locator(".turn")).to_have_count(2)
    context.close()


def test_a_question_alone_needs_no_others_in_its_link(page: Page) -> None:
    """Whatever was asked before."""
    page.goto("/")
    ask(page, FIGURE)
    link = ask(page, "第13项谁牵头").get_by_role("link", name="链接").evaluate("a => decodeURIComponent(a.hash)")
    assert link == "#q=第13项谁牵头"


def test_links_of_replies_make_a_history(page: Page) -> None:
    """Back and forward lead from one to the other, without asking again."""
    page.goto("/")
    first, second = ask(page, FIGURE), ask(page, "第13项谁牵头")
    first.get_by_role("link", name="链接").click()
    expect(first).to_have_class(re.compile("found"))
    second.get_by_role("link", name="链接").click()
    expect(second).to_have_class(re.compile("found"))
    page.go_back()
    expect(first).to_have_class(re.compile("found"))
    expect(page.locator(".turn")).to_have_count(2)


def test_what_is_typed_is_completed(page: Page) -> None:
    """A combobox: the list follows the typing, arrows choose, Escape closes, Enter asks; the mouse does as well."""
    page.goto("/")
    field, offers = page.get_by_role("combobox"), page.get_by_role("listbox", name="能回答的问题")
    field.press_sequentially("kashi zhuanyi", delay=10)
    expect(offers.get_by_role("option").first).to_have_text(CELL)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(offers.get_by_role("option", selected=True)).to_have_text(CELL)
    assert field.get_attribute("aria-activedescendant") == offers.get_by_role("option").first.get_attribute("id")
    field.press("ArrowUp")
    expect(offers.get_by_role("option", selected=True)).to_have_count(0)
    field.press("Escape")
    expect(offers).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("kashi zhuanyi")
    field.press("ArrowDown")
    expect(offers).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.locator(".turn .answer")).to_contain_text("90.3万人次")
    expect(offers).to_be_hidden()
    field.fill("和田 转移")
    offers.get_by_role("option").first.click()
    expect(page.locator(".turn").nth(1).locator(".answer")).to_contain_text("63.2万人次")


def test_everything_can_be_done_from_the_keyboard(page: Page) -> None:
    """Skip the navigation, ask, and reach source, tools and next questions in order; what has the focus is in view."""
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(7):
        page.keyboard.press("Tab")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(FIGURE)
    page.keyboard.press("Enter")
    turn = page.locator(".turn")
    expect(turn.locator(".answer")).to_be_visible()
    page.get_by_role("button", name="清空对话").focus()
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 4)"))
        covered = page.evaluate("""() => {
            const box = document.activeElement.getBoundingClientRect();
            const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return !document.activeElement.contains(there);
        }""")
        assert not covered, reached
    assert reached[:5] == ["附件2《", "13 喀", "复制", "答得不对", "链接"]
    page.get_by_role("button", name="占全区的比例").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(2)


def test_replies_are_announced_politely(page: Page) -> None:
    """The list of messages is a log."""
    page.goto("/")
    log = page.get_by_role("log", name="对话")
    expect(log).to_have_attribute("aria-live", "polite")
    ask(page, FIGURE)
    expect(log.get_by_role("article")).to_have_count(1)


def test_a_lost_connection_is_told_and_the_question_not_lost(browser: Browser, site: str) -> None:
    """It can be asked again with one tap."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    page.goto("/")
    context.set_offline(True)
    page.get_by_role("combobox").fill(FIGURE)
    page.keyboard.press("Enter")
    expect(page.locator(".turn .fault")).to_contain_text("连不上服务器")
    context.set_offline(False)
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator(".turn .answer")).to_contain_text("90.3万人次")
    expect(page.locator(".turn")).to_have_count(1)
    context.close()


def test_who_asks_too_often_is_told_in_words(tmp_path: Path, browser: Browser) -> None:
    """With how long to wait."""
    process, address = start(tmp_path, BOT_RATE_PER_MINUTE="1", BOT_RATE_BURST="2")
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="一共有哪些措施").click()
    expect(page.locator(".turn .answer")).to_be_visible()
    page.locator(".turn .next button").first.click()
    expect(page.locator(".turn .fault")).to_contain_text(re.compile(r"问得太快了，请 \d+ 秒后再试。"))
    context.close()
    stop(process)


def test_without_script_a_form_and_links_do_the_same(browser: Browser, site: str) -> None:
    """A page an answer."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("button", name="清空对话")).to_be_hidden()
    page.get_by_role("textbox", name="您的问题").fill("失业率")
    page.get_by_role("button", name="提问").click()
    page.get_by_role("link", name="登记失业率").click()
    expect(page.locator(".answer")).to_contain_text("登记失业率")
    page.get_by_role("link", name="「目标任务」").first.click()
    page.wait_for_url("**/document#goals*")
    context.close()


def test_a_page_that_came_with_an_answer_goes_on_as_a_chat(page: Page) -> None:
    """The question leaves the address."""
    page.goto(f"/?q={FIGURE}")
    expect(page.locator(".turn .answer")).to_have_count(1)
    assert "q=" not in page.url
    expect(ask(page, "那和田呢").locator(".answer")).to_contain_text("63.2万人次")


def test_what_is_typed_stays_text(page: Page) -> None:
    """In the conversation, after a reload and in the link."""
    page.goto("/")
    evil = "<img src=x onerror=alert(1)>'\"&"
    ask(page, evil)
    page.reload()
    expect(page.locator(".turn .asked")).to_have_text(evil)
    assert page.locator("img[src=x]").count() == 0


@pytest.fixture(
    params=[(DESKTOP, "light"), (PHONE, "dark"), ({"width": 320, "height": 640}, "light")],
    ids=["desktop", "phone", "narrow"],
)
def screen(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[BrowserContext]:
    """Screens of several sizes in light and dark."""
    size, scheme = request.param
    context = browser.new_context(base_url=site, viewport=size, color_scheme=scheme, reduced_motion="reduce")
    yield context
    context.close()


def test_every_state_is_accessible_and_fits_the_screen(screen: BrowserContext) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    page = screen.new_page()
    page.goto("/")
    sound(page)
    page.get_by_role("combobox").fill("喀什")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    sound(page)
    page.keyboard.press("Escape")
    for question in (
        FIGURE,
        "那和田呢",
        "失业率",
        "喀什地区有哪些目标？",
        "各地州市城镇新增就业人数目标分别是多少？",
        "明天天气怎么样",
        "第5项的内容是什么",
    ):
        ask(page, question)
    page.get_by_text("看数字").click()
    page.get_by_role("button", name="答得不对").first.click()
    sound(page)
    page.goto("/api")
    sound(page)


def sound(page: Page) -> None:
    """No violation, and no sideways scrolling."""
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_first_view_is_light_and_comes_from_here_alone(page: Page, site: str) -> None:
    """Compressed, all that the browser loads for it; and no cookie is set."""
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: len(gzip.compress(response.body(), 5))}))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert all(address.startswith(site) for address in sizes)
    assert len(sizes) >= 4
    assert sum(sizes.values()) < MOST_BYTES
    assert page.context.cookies() == []
