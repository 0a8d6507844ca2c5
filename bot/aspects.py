"""Which kind of thing a question asks of a text (a date, a place, names, a number), and whether the text holds it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.numerals import chinese
from bot.values import Token

_DIGITS = "[0-9一二两三四五六七八九十百千万]"
_TIME = re.compile(r"\d+\s*(?:月|日|小时|年|天)|每月|每季|定期|一年")


@dataclass(frozen=True, slots=True)
class Aspect:
    """One kind of thing: how it is asked for, what shows that a text holds it (None: no text does), and its name."""

    reason: str
    asked: re.Pattern[str]
    held: re.Pattern[str] | None


ASPECTS = (
    Aspect("time", re.compile("几月"), re.compile(r"\d+\s*月|每月|每季|定期")),
    Aspect(
        "time",
        re.compile("(?<!十)几号|(?<![是果一旦])哪天|哪一天|哪日|哪一?周|第几周"),
        re.compile(r"\d+\s*日|定期"),
    ),
    Aspect(
        "time",
        re.compile("什么时候|哪个月|什么时间|啥时|哪年|几点"),
        re.compile(r"\d+\s*(?:月|日|年)|每月|每季|定期|一年"),
    ),
    Aspect(
        "time",
        re.compile(
            "多久|多长(?:的)?(?:时间|工夫|功夫)|几天|(?<![过了好这])几年|几个月|几个?钟头|几个?小时|多少小时|多少天|期限|截止|最迟|最晚|时限|(?<!涨)多快|时间(?:各|分别|都)?(?:是|为)|时间[？。]?$"
        ),
        _TIME,
    ),
    Aspect(
        "address",
        re.compile(
            "(?:在|去|上)哪(?:里|儿|块|个地方)?(?:举办|举行|办|开|领|报名)|哪个(?:广场|城市|场馆|酒店|地点)|分别在哪里?"
            "|(?<!限)(?<!线)(?:落|建|设|放|办|开|选|定|落户)[到在]了?哪(?!条|项|一|部分|句|段|组|个(?!地方|城市|县|州|市|地))|哪几个(?:城市|地方|县市?|县)"
            "|哪些城市|去哪里?儿?[？。]?$"
        ),
        None,
    ),
    Aspect("list", re.compile("(?<!黑)名单"), re.compile("(?<!黑)名单")),
    Aspect("list", re.compile("[0-9]{2,}[个家所][^，。？！]{0,12}叫(?:什么|啥)"), None),
    Aspect(
        "list",
        re.compile("(?<!人群)(?<!群体)(?<!对象)(?<!人)(?:上|里|都|还)有谁|哪(?:十|几十|[0-9]{2,})(?:个|家|所)"),
        None,
    ),
    Aspect("list", re.compile("哪几[家所](?!单位|部门|机构)"), None),
    Aspect(
        "standard",
        re.compile("(?:什么|哪些|啥)标准|标准(?:是|有|都)?(?:什么|啥|哪些|怎样的?|呢)?[？。]?$"),
        re.compile("标准(?!化)"),
    ),
    Aspect("list", re.compile("收录?了?哪|入选的|入围的|评上的"), None),
    Aspect("list", re.compile("[里中]哪[几些]个?是"), None),
    Aspect(
        "procedure",
        re.compile("(?:怎么|咋|如何)(?:选(?!择)|挑|评(?!估|价|定)|产生|报考|加入|参加|成为)"),
        re.compile("评审|评选|复评|选拔|选树"),
    ),
    Aspect(
        "procedure",
        re.compile("(?:哪些|哪几个|什么|啥|具体)(?:样的)?(?:具体)?条件(?!好|差)"),
        re.compile("条件(?:是|为|包括|：)"),
    ),
    Aspect("source", re.compile("(?:从|打)哪(?:里|儿|来|请|找|抽|选|调|出|拿|掏)"), None),
)
_TIMES = tuple(a.asked for a in ASPECTS if a.reason == "time")
_ASKS_NUMBER = re.compile(
    r"多少|(?<![第好过了])几(?:个|位|家|项|类|次|级|批|所|人|年|成|万|名|届|场|轮|户)(?![要是])|百分之几"
)
_NUMBER = re.compile(r"\d|(?<!第)[一二三四五六七八九十两][次类个项级批人岁成]|[一二三四五六七八九十][、二三]")
# How many of what: a counting word, or a noun right behind.
_COUNTED = re.compile("多少(?P<a>[家户所批届场级])|几(?P<b>[家户所批届场级])")
# Whether something is counted at all.
_WHETHER = re.compile("(?:要不要|该不该|用不用|需不需要|是否)[^，。？]{0,12}(?:多少|几)")
_HOW_MANY = re.compile("(?<![哪有共括分含是举成由的])几[个家所]")
_WHICH_SO_MANY = re.compile("(?:是|指|包括)的?哪(?P<n>[三四五六七八九十])[个项条种]?")
_ITEMS = re.compile("[、和+及与]|”“")
_LIST = re.compile(r"、|和|，")


@lru_cache(maxsize=8)
def asks_time(plain: str) -> bool:
    """Is it asked when or for how long something is?"""
    return any(asked.search(plain) for asked in _TIMES)


def asks_number(plain: str) -> bool:
    """Is it asked how many or how much?"""
    return bool(_ASKS_NUMBER.search(plain))


def tells_time(text: str) -> bool:
    """Does the text say when or for how long?"""
    return bool(_TIME.search(text))


def lacks(plain: str, tokens: Sequence[Token], text: str) -> str:
    """The kind of thing that is asked for and that the text does not hold, "" if it holds all."""
    for aspect in ASPECTS:
        if aspect.asked.search(plain) and not (aspect.held and aspect.held.search(text)):
            return aspect.reason
    told = _WHICH_SO_MANY.search(plain)
    if told and 2 * len(_ITEMS.split(text)) < int(chinese(told["n"]) or 0):
        # 六稳是哪六稳: so many are named as one, and not one by one.
        return "list"
    if not asks_number(plain) or _WHETHER.search(plain):
        return ""
    listed = (
        bool(re.search(r"[哪有]几(?![位名人家所本天年届])|几[个项类种]", plain))
        and bool(_LIST.search(text))
        and "多少" not in plain
    )
    if listed and "一批" in text and _HOW_MANY.search(plain):
        # So many that the text does not say: 认定几个.
        return "number"
    if not listed and not (_NUMBER.search(text) and _counts(plain, tokens, text)):
        return "number"
    return ""


def _counts(plain: str, tokens: Sequence[Token], text: str) -> bool:
    """Do the numbers of the text count what is asked for?"""
    counted = _COUNTED.search(plain)
    if counted:
        unit = counted["a"] or counted["b"]
        return bool(re.search(rf"{_DIGITS}\s*{'[个家所]' if unit in '家所' else unit}", text))
    at = plain.find("多少")
    noun = next((t for t in tokens if at >= 0 and t.start == at + 2 and t.flag[:1] == "n" and len(t.word) > 1), None)
    return noun is None or bool(re.search(rf"{_DIGITS}[^，。；]{{0,14}}{re.escape(noun.word)}", text))
