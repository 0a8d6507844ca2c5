"""Charts: the printed figures as labels, Chinese letters from the package's own font, small, and said in words."""

import asyncio
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bot import chart, drawing
from bot.drawing import DrawingError, drawn
from bot.engine import Engine
from bot.respond import respond
from bot.values import Context, View

VIEW = View(
    "bar", "某年鱼苗放流目标", "万尾", ("县市", "鱼苗"),
    (("东湾", "5.10"), ("西湾", "/"), ("北湾", "0.4"), ("南湾", "约1.33")),
)  # fmt: skip
SUMMED = View("bar", "目标", "座", ("县市", "渔港"), (("东", "1"), ("西", "2"), ("北", "3"), ("合", "6")))


def bars(picture: bytes) -> list[tuple[str, float]]:
    """Class and length of each bar, from the top down."""
    root = ET.fromstring(picture)
    found = []
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        if path.get("class") in ("b", "m"):
            numbers = [float(each) for each in re.findall(r"[\d.]+", path.get("d") or "")]
            xs = numbers[::2]
            found.append((path.get("class") or "", max(xs) - min(xs)))
    return found


def test_words_give_every_printed_figure_and_what_is_not_set() -> None:
    """As printed, trailing zeros included; never 0 for what has no target."""
    assert chart.alt(VIEW) == "条形图：某年鱼苗放流目标（万尾）。东湾5.10、西湾未设、北湾0.4、南湾约1.33。"


def test_bars_are_as_long_as_the_figures_say() -> None:
    """In the order given; what is not set has no bar; the marked one looks otherwise."""
    found = bars(chart.svg(VIEW, ("北湾",)))
    assert [kind for kind, _ in found] == ["b", "m", "b"]
    (_, east), (_, north), (_, south) = found
    assert north / east == pytest.approx(0.4 / 5.1, rel=1e-3)
    assert south / east == pytest.approx(1.33 / 5.1, rel=1e-3)


def test_the_sum_of_all_others_is_said_and_not_drawn() -> None:
    """It would dwarf them."""
    assert [length for _, length in bars(chart.svg(SUMMED))] == pytest.approx(
        [each / 3 * max(length for _, length in bars(chart.svg(SUMMED))) for each in (1, 2, 3)], rel=1e-3
    )
    assert chart.alt(SUMMED).endswith("北3；合6，是以上之和。")


def test_letters_come_from_the_package_and_need_no_font_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one file that is opened while drawing; every letter has a shape of its own."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    opened: set[tuple[str, int]] = set()
    original = font_manager._get_font

    def watched(paths: tuple[tuple[str, int], ...], **others: object) -> object:
        opened.update((str(path), face) for path, face in paths)
        return original(paths, **others)

    monkeypatch.setattr(font_manager, "_get_font", watched)
    chart.svg.cache_clear()
    picture = chart.svg(VIEW)
    assert opened == {(str(Path(chart.font_file()).resolve()), 2)}
    assert "noto_cjk_sans_otc" in chart.font_file()
    assert FT2Font(chart.font_file(), face_index=2).family_name == "Noto Sans CJK SC"
    root = ET.fromstring(picture)
    shapes = {each.get("id"): each.get("d") for each in root.iter("{http://www.w3.org/2000/svg}path") if each.get("id")}
    letters = set("某年鱼苗放流目标（万尾）东湾西北南未设约5.104133")
    assert len(set(shapes.values())) == len(letters)


def test_the_svg_is_small_and_loads_and_runs_nothing() -> None:
    """Its only sheet is the one whose hash is given out; no style beside it, no address, no script, no date."""
    picture = chart.svg(VIEW).decode()
    assert len(picture) < 40_000
    assert re.findall(r"<style>(.*?)</style>", picture) == [chart.SHEET]
    assert not re.search(r"style=|script|url\(|<image|\son\w+=|20\d\d-\d\d", picture)
    assert not [link for link in re.findall(r'href="([^"]*)"', picture) if not link.startswith("#")]
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_same_view_gives_the_same_bytes() -> None:
    """So that its tag holds."""
    first = chart.svg(VIEW)
    chart.svg.cache_clear()
    assert chart.svg(VIEW) == first


def test_the_png_is_as_wide_as_a_phone_is_fine() -> None:
    """On white paper."""
    picture = chart.png(VIEW)
    assert picture.startswith(b"\x89PNG")
    width, height = int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
    assert 1000 <= width <= 1280
    assert height < width
    assert len(picture) < 200_000


@pytest.mark.parametrize(
    "view",
    [
        None,
        View("table", "目标", "座", ("县市", "渔港"), (("东", "1"), ("西", "2"))),
        View("bar", "目标", "", ("县市", "渔港", "鱼苗"), (("东", "1", "2"), ("西", "2", "3"))),
        View("bar", "目标", "座", ("县市", "渔港"), (("东", "/"), ("西", "/"))),
    ],
)
def test_what_has_no_bars_is_not_drawn(view: View | None) -> None:
    """Tables, several figures a row, nothing but regions without a target."""
    assert not chart.drawable(view)


def test_markup_and_formulas_in_names_are_only_letters() -> None:
    """Whatever stands in the knowledge."""
    view = View("bar", "<b>$x^2$</b> & ”", "座", ("县市", "渔港"), (("<i>$东", "1"), ("--> <script>", "2")))
    root = ET.fromstring(chart.svg(view))
    assert {each.tag.partition("}")[2] for each in root.iter()} <= {"svg", "style", "g", "path", "use", "defs"}


async def test_a_loop_goes_on_while_a_chart_is_drawn() -> None:
    """Drawing happens in a process of its own, for several at once."""
    views = [View("bar", f"目标{n}", "座", VIEW.columns, VIEW.rows) for n in range(3)]
    drawing = asyncio.gather(*(drawn(chart.svg, view) for view in views))
    turns = 0
    while not drawing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 3
    assert len(set(await drawing)) == 3


async def test_what_cannot_be_drawn_leaves_the_drawing_of_the_rest() -> None:
    """It is told where that failed."""
    with pytest.raises(DrawingError, match="IndexError"):
        await drawn(chart.svg, View("bar", "目标", "座", VIEW.columns, ()))
    assert await drawn(chart.svg, VIEW) == chart.svg(VIEW)


async def test_a_process_that_was_killed_is_started_anew() -> None:
    """Whoever asks next does not hear of it."""
    await drawn(chart.png, VIEW)
    process = drawing._easel._process
    assert process
    process.kill()
    process.wait()
    assert await drawn(chart.png, VIEW) == chart.png(VIEW)


def test_a_terminal_does_not_pay_for_the_drawing_library() -> None:
    """Neither asking nor the module itself imports it."""
    code = (
        "import sys\nfrom bot import chart, pages\nfrom bot.__main__ import main\nmain(['ask', '你好'])\n"
        "sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("question", "rows", "first"),
    [
        ("各地转移就业", 15, ("伊犁州", "45")),
        ("喀什和和田转移就业目标", 2, ("喀什地区", "90.3")),
        ("喀什和和田谁的转移就业目标高", 2, ("喀什地区", "90.3")),
        ("和田转移就业排第几", 13, ("喀什地区", "90.3")),
        ("哪个地州市城镇新增就业最高", 14, ("乌鲁木齐市", "12.65")),
        ("转移就业前三名", 3, ("喀什地区", "90.3")),
        ("喀什转移就业占全区多少", 2, ("喀什地区", "90.3")),
        ("喀什、伊犁、和田培训任务合计", 3, None),
    ],
)
def test_answers_that_a_look_says_more_about_carry_bars(
    engine: Engine, question: str, rows: int, first: tuple[str, str] | None
) -> None:
    """An indicator over regions, a rank, a comparison, a share, a sum."""
    reply, _ = respond(question, Context(), engine)
    assert reply.view is not None
    assert chart.drawable(reply.view)
    assert len(reply.view.rows) == rows
    assert first in (None, reply.view.rows[0])


@pytest.mark.parametrize(
    "question", ["喀什转移就业目标", "第13项谁牵头", "登记失业率目标是多少", "克拉玛依转移就业排第几"]
)
def test_what_one_sentence_says_carries_none(engine: Engine, question: str) -> None:
    """One figure, no figure, no target."""
    reply, _ = respond(question, Context(), engine)
    assert reply.outcome == "answer"
    assert not chart.drawable(reply.view)
