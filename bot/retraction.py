"""Text -> Text: what the asker takes back (打错了，不是甲，是乙) is left out, so that only what is meant is read."""

import re
from dataclasses import replace

from bot.values import Text

# That something was said by mistake, or that what is meant follows.
_MISTAKEN = re.compile(
    "(?:打|说|按|弄|搞|看|写|输|点|记|念|问)(?:岔|错)|错了|不对|更正|纠正|口误|手滑|(?:我|要|问|说|指)的(?:不)?是|我要"
)
_SLIP = re.compile("(?:我)?(?:刚才)?(?:打|说|按|弄|搞|写|输|点|问)(?:岔|错)了?[，。！]?")
_CONFIRMED = re.compile("[吗么]|对不对|是不是|是吧|对吧|没错吧")
_STOP = "，。！？；"
_MEANT = "(?:而)?(?:我)?(?:要的|问的|说的|指的|应该|想问的)?(?:是|要)"
_TAKEN_BACK = (
    # 不是甲，是乙
    re.compile(rf"(?:我)?(?:要的|问的|说的|指的)?(?:不是|不要|没问|不问|别说)(?:要|问|说)?[^{_STOP}]{{1,14}}[，]?(?={_MEANT}[^{_STOP}])"),
    # 是乙，不是甲
    re.compile(rf"(?<=[^{_STOP}])[，](?:而)?(?:不是|不要|没问|不问|别给我|不是问|不要)[^{_STOP}]{{1,14}}(?=[。！]|$)"),
)  # fmt: skip


# 不是甲的，乙的那个
_NOT_THAT_BUT = re.compile(
    rf"^(?:不是|不要|没问|不问)[^{_STOP}]{{1,10}}[，](?=[^{_STOP}]{{1,12}}的(?:那个|那种|那块|那项|数)?[。！]*$)"
)


def meant(text: Text) -> Text:
    """The text without the words that are taken back in it."""
    plain = text.plain
    if _CONFIRMED.search(plain):
        return text
    plain = _NOT_THAT_BUT.sub("问的是", plain)
    if not _MISTAKEN.search(plain):
        return text
    bare = _SLIP.sub("", plain)
    if any(form.search(bare) and _MISTAKEN.search(form.sub("", bare)) for form in _TAKEN_BACK):
        plain = bare
    for form in _TAKEN_BACK:
        plain = form.sub("", plain)
    plain = plain.strip("，、；： ")
    return replace(text, plain=plain) if plain else text
