"""A question as typed -> Text: one width, one script, no gaps inside Chinese, plain numerals.

Knowledge names go through the same function, so that both sides of every comparison agree.
"""

import re
import unicodedata
from collections.abc import Mapping

import opencc

from bot.values import Text

# Characters only: the packaged phrase tables also turn words that are common on both sides (新增 into 添加).
_SIMPLIFIED = opencc.OpenCC("t2s")
_CJK = "\u3400-\u9fff"
_GAP = re.compile(
    rf"(?<=[{_CJK}0-9。，、！？：；（）「」%/])[ \t\u3000]+(?=[{_CJK}，。、！？：；（）「」])"
    rf"|(?<=[{_CJK}])[ \t]+(?=[0-9])"
)
# A gap behind what asks is a stop.
_ASKED = re.compile(rf"(?<=[吗呢吧么]) (?=[{_CJK}])|(?<=没有) (?=[{_CJK}])")
# So many pieces, most of them single characters, are one word typed with gaps.
_SPREAD = 5
_SPACES = re.compile(r"[ \t\u3000\xa0]+")
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")
_PUNCTUATION = str.maketrans(
    {"?": "？", "!": "！", ",": "，", ";": "；", ":": "：", "(": "（", ")": "）", "｡": "。",
     "～": "，", "~": "，", "…": "，", "—": "，", "'": " ", '"': " ", "“": " ", "”": " ", "‘": " ",
     "’": " ", "《": " ", "》": " ", "〈": " ", "〉": " ", "「": " ", "」": " ", "『": " ", "』": " ",
     "【": " ", "】": " ", "[": " ", "]": " ", "〔": " ", "〕": " ", "*": " ", "#": " ", "_": " ",
     "|": " ", "`": " ", "^": " ", "=": " ", "<": " ", ">": " ", "·": "", "・": "", "﹒": "."}
)  # fmt: skip
_REPEATED = re.compile(r"([，。！？；：、])[，。！？；：、]*")
_THOUSANDS = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
# Signs of comparison before a number.
_SIGNS = (
    (re.compile(r"(?:>=|≥|≧)(?=\s*\d)"), "不低于"), (re.compile(r"(?:<=|≤|≦)(?=\s*\d)"), "不超过"),
    (re.compile(r">(?=\s*\d)"), "超过"), (re.compile(r"<(?=\s*\d)"), "低于"),
)  # fmt: skip
_COMPARING = frozenset("<>≥≧≤≦")
_POINT = re.compile(r"(?<=\d)[。](?=\d)")


# Of so many characters it is remembered whether they are kept: whoever sends all there are fills no memory.
_REMEMBERED = 8192


class _Kept(dict[int, int | None]):
    """For `str.translate`: everything but control, format, emoji and private characters."""

    def __missing__(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        kept = category[0] in "LNPZ" or category in ("Sm", "Sc") or chr(code) in "\n\r\t~`^"
        found = code if kept else None
        if len(self) < _REMEMBERED:
            self[code] = found
        return found


_KEPT = _Kept()


def _closed(text: str) -> str:
    """Text typed with a gap after nearly every character, without the gaps."""
    pieces = text.split(" ")
    single = sum(len(piece) <= 1 for piece in pieces)
    return "".join(pieces) if len(pieces) >= _SPREAD and single >= 0.7 * len(pieces) else text


def plain(raw: str) -> str:
    """The plain form of a question or a name."""
    text = unicodedata.normalize(
        "NFKC", raw.replace("…", "，").replace("——", "，").replace("\u2018", " ").replace("\u2019", " ")
    )
    if not _COMPARING.isdisjoint(text):
        for sign, words in _SIGNS:
            text = sign.sub(words, text)
    text = text.translate(_KEPT).lower()
    text = _SIMPLIFIED.convert(text)
    text = _LINES.sub("。", text.strip())
    text = text.translate(_PUNCTUATION)
    text = _THOUSANDS.sub("", text)
    text = _POINT.sub(".", text)
    text = _SPACES.sub(" ", text)
    if " " in text:
        text = _ASKED.sub("，", text)
        # An isolated character between gaps is spaced-out typing; either way a gap inside Chinese says nothing.
        text = _GAP.sub("", _closed(text))
    return _REPEATED.sub(r"\1", text).strip(" ，、；：")


def normalise(question: str, everyday: Mapping[str, str] | None = None) -> Text:
    """The question with its plain form; `everyday` maps dialect and chat spellings to the usual ones."""
    text = plain(question)
    for spelling, usual in (everyday or {}).items():
        if spelling in text:
            text = text.replace(spelling, usual)
    return Text(question, text)
