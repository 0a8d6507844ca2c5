"""A bar chart of a view: SVG for pages, PNG for chats, and the same said in words.

The printed decimals are the labels; floats only decide how long a bar is. In one thread of a process at a time: the
library keeps its fonts and settings for all threads together.
"""

import base64
import hashlib
import io
import logging
import re
import textwrap
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.arithmetic import MARK, total
from bot.knowledge import NO_TARGET
from bot.values import Reply, View

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOT_SET = "未设"
# Told apart by lightness as well as by hue; each stands out from white and from near black.
_BAR, _MARKED = "#3f7fc4", "#a85a00"
_INK, _QUIET = "#1c2126", "#56606b"
# Classes instead of colours, so that a sheet inside the picture can follow the reader's scheme.
_CLASSES = {_INK: "i", _QUIET: "q", _BAR: "b", _MARKED: "m"}
SHEET = (
    f".i{{fill:{_INK}}}.q{{fill:{_QUIET}}}.b{{fill:{_BAR}}}.m{{fill:{_MARKED}}}"
    "@media(prefers-color-scheme:dark){.i{fill:#e6e9ec}.q{fill:#a4adb7}.b{fill:#5b9be0}.m{fill:#f0a23c}}"
)
SHEET_HASH = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
# Inches and points; the width is a phone's, at which the letters are as large as a page's small print.
_WIDTH, _ROW, _MARGIN, _GAP = 4.4, 0.27, 0.1, 0.1
_SIZE, _TITLE, _LINE = 10.0, 11.0, 0.22
_DPI, _CSS = 245, 96
# A tenth larger than the smallest, and drawn in two thirds of the time.
_COMPRESSION = 3
# A name and a figure.
_PAIR = 2
_FACE = 2
# What is taken out of the library's picture, in this order.
_NEEDLESS = tuple(
    (re.compile(pattern, re.DOTALL), by)
    for pattern, by in (
        (r"<!--.*?-->", ""),
        (r'<g id="patch_1">.*?</g>', ""),
        (r'\s*clip-path="[^"]*"', ""),
        (r"<defs>\s*<clipPath.*?</clipPath>\s*</defs>", ""),
        (r'<g id="[^"]*">', "<g>"),
        (r"NotoSansCJKsc-Regular-", ""),
        (r"xlink:href", "href"),
        (r"\s*\n\s*", " "),
        (r"> <", "><"),
        (r"(?<=[MLCQz]) | (?=[MLCQz\"/])", ""),
    )
)
# More bars than these stand out from nothing.
_MOST_MARKED = 3


def drawable(view: View | None) -> bool:
    """Whether the view is of bars, one a row, with at least one to draw."""
    if view is None or view.kind != "bar" or len(view.columns) != _PAIR:
        return False
    return any(_number(row[1]) is not None for row in view.rows)


@lru_cache(maxsize=128)
def svg(view: View, marked: tuple[str, ...] = ()) -> bytes:
    """The chart for a page, letters as outlines, in the colours of the reader's scheme."""
    import matplotlib

    out = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "chart"}):
        _figure(view, marked).savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _small(out.getvalue().decode()).encode()


@lru_cache(maxsize=64)
def png(view: View, marked: tuple[str, ...] = ()) -> bytes:
    """The chart for a chat, on white paper, as wide as a phone's screen is fine."""
    out = io.BytesIO()
    _figure(view, marked).savefig(
        out, format="png", dpi=_DPI, facecolor="white", metadata={"Software": None},
        pil_kwargs={"compress_level": _COMPRESSION},
    )  # fmt: skip
    return out.getvalue()


def alt(view: View) -> str:
    """What the chart shows, in words."""
    bars, whole = _parts(view)
    said = "、".join(f"{name}{_label(cell)}" for name, cell in bars)
    sums = f"；{whole[0]}{whole[1]}，是以上之和" if whole else ""
    return f"条形图：{_heading(view)}。{said}{sums}。"


def marked(reply: Reply) -> tuple[str, ...]:
    """The bars that the reply is about; where it is about most of them, none stands out."""
    told = tuple(dict.fromkeys(figure.region for figure in reply.figures if figure.region))
    return told if reply.view and len(told) <= min(_MOST_MARKED, len(reply.view.rows) // 2) else ()


def height(view: View) -> int:
    """How high the picture is in a page's units, so that the page can keep the place for it."""
    return round(_height(*_parts(view), len(_title(view))) * _CSS)


def font_file() -> str:
    """The file that the letters are taken from, which comes with a package and not with the machine."""
    import noto_cjk_sans_otc

    return str(noto_cjk_sans_otc.FONT_PATH)


def _heading(view: View) -> str:
    return f"{view.title}（{view.unit}）" if view.unit else view.title


def _label(cell: str) -> str:
    return NOT_SET if cell == NO_TARGET else cell


def _title(view: View) -> list[str]:
    return textwrap.wrap(_heading(view), int(_WIDTH * 72 / _TITLE) - 1)


def _height(bars: list[tuple[str, str]], whole: tuple[str, str] | None, lines: int) -> float:
    return 2 * _MARGIN + lines * _LINE + _GAP + (len(bars) + bool(whole)) * _ROW


def _number(cell: str) -> Decimal | None:
    try:
        return Decimal(cell.removeprefix(MARK))
    except InvalidOperation:
        return None


def _parts(view: View) -> tuple[list[tuple[str, str]], tuple[str, str] | None]:
    """The bars, and the row that is the sum of all others: as a bar it would dwarf them."""
    rows = [(row[0], row[1]) for row in view.rows]
    name, cell = rows[-1]
    others = [number for _, other in rows[:-1] if (number := _number(other)) is not None]
    if len(others) > 2 and _number(cell) == total(others):
        return rows[:-1], (name, cell)
    return rows, None


def _figure(view: View, marked: tuple[str, ...]) -> "Figure":
    # Imported here: who asks in a terminal does not wait for a drawing library.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontPath, FontProperties

    # The face whose characters have the forms of the mainland.
    font = FontPath(font_file(), _FACE)
    plain, large = FontProperties(fname=font, size=_SIZE), FontProperties(fname=font, size=_TITLE)
    bars, whole = _parts(view)
    title = _title(view)
    height = _height(bars, whole, len(title))
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(height, 0)
    for place, line in enumerate(title):
        y = _MARGIN + (place + 0.5) * _LINE
        axes.text(_MARGIN, y, line, va="center", color=_INK, fontproperties=large, parse_math=False)
    em = _SIZE / 72
    left = _MARGIN + min(max(_ems(name) for name, _ in bars) * em, _WIDTH / 2) + 0.08
    right = max(_ems(_label(cell)) + (1.5 if name in marked else 0) for name, cell in bars) * em + _MARGIN + 0.06
    most = float(max((number for _, cell in bars if (number := _number(cell)) is not None), default=0)) or 1.0
    top = _MARGIN + len(title) * _LINE + _GAP
    for place, (name, cell) in enumerate(bars):
        y = top + (place + 0.5) * _ROW
        value = _number(cell)
        length = max(0.0, float(value) / most * (_WIDTH - left - right)) if value is not None else 0.0
        here = name in marked
        if length:
            axes.barh(y, length, left=left, height=_ROW * 0.66, color=_MARKED if here else _BAR, linewidth=0)
        said = f"{_label(cell)} ◀" if here else _label(cell)
        axes.text(left - 0.08, y, name, ha="right", va="center", color=_INK, fontproperties=plain, parse_math=False)
        axes.text(
            left + length + 0.06, y, said, va="center", color=_QUIET if value is None else _INK, fontproperties=plain,
            parse_math=False,
        )  # fmt: skip
    if whole:
        y = top + (len(bars) + 0.5) * _ROW
        axes.text(left - 0.08, y, whole[0], ha="right", va="center", color=_QUIET, fontproperties=plain)
        axes.text(left + 0.06, y, f"{whole[1]}（以上之和）", va="center", color=_QUIET, fontproperties=plain)
    return figure


def _ems(text: str) -> float:
    """The width of the text in letters of its size; figures are a little wider than half a character."""
    return sum(1.0 if ord(char) > 0x2E7F else 0.58 for char in text)


def _small(picture: str) -> str:
    """The picture without what no reader of it needs, its colours as classes."""
    head = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', picture)
    assert head, "matplotlib names the size first"
    width, height = (float(size) for size in head.groups())
    body = picture[picture.index('<g id="figure_1">') :]
    for pattern, by in _NEEDLESS:
        body = pattern.sub(by, body)
    for color, name in _CLASSES.items():
        body = body.replace(f'style="fill: {color}"', f'class="{name}"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * 4 / 3:.0f}" height="{height * 4 / 3:.0f}" '
        f'viewBox="0 0 {width:g} {height:g}"><style>{SHEET}</style>{body}'
    )
