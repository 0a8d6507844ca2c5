"""Answer -> Reply: the direct answer and the whole message in words, and the contract's JSON."""

from bot.knowledge import Knowledge
from bot.language import Language
from bot.values import Answer, Citation, Correction, Figure, Reply, Say, View

_MOST_QUOTES = 6

# What closes a sentence, or leads on to the next one.
_ENDS = ("。", "？", "！", "；", "：", "，", "\n")


def sentence(say: Say, language: Language) -> str:
    """One sentence in words, with what it lists."""
    listed = "；".join(sentence(part, language).rstrip("。") for part in say.parts)
    text = language.say[say.key].format(**{**say.fields, **({"items": listed} if say.parts else {})})
    if say.parts and "{items}" not in language.say[say.key]:
        text += f"{listed}。"
    return text


def prose(says: tuple[Say, ...], language: Language) -> str:
    """The sentences one after the other, each closed before the next."""
    *before, last = [sentence(say, language) for say in says] or [""]
    return "".join(said if said.endswith(_ENDS) else f"{said}。" for said in before if said) + last


def source(ref: str, knowledge: Knowledge, language: Language) -> str:
    """Where in the document a citation comes from, in words."""
    kind, _, number = ref.partition(":")
    if kind == "annex":
        title = knowledge.tables[number].title.replace(" ", "")
        return language.say["source_annex"].format(number=number, title=title)
    if kind == "notice":
        return language.say["source_notice"]
    part = knowledge.parts[ref]
    return language.say[f"source_{kind}"].format(number=part.number, title=part.title, label=part.label)


def message(answer: Answer, direct: str, understood: str | None, knowledge: Knowledge, language: Language) -> str:
    """The whole message: how it was understood, the answer, its source and the document's wording."""
    lines = [f"（{understood}）"] if understood else []
    lines.append(direct)
    lines += [f"{number}. {choice}" for number, choice in enumerate(answer.choices, 1)]
    if answer.citations:
        places = dict.fromkeys(source(c.ref, knowledge, language) for c in answer.citations)
        where = "；".join(places)
        lines += ["", language.say["source"].format(document=answer.citations[0].document, where=where)]
        lines += _wording(answer.citations, direct, language)
    return "\n".join(lines)


def _wording(citations: tuple[Citation, ...], direct: str, language: Language) -> list[str]:
    """The quotes that the answer has not said already, a few at most."""
    quotes = dict.fromkeys(c.quote for c in citations)
    fresh = [q for q in quotes if q not in direct and (q.partition("。")[2] or q) not in direct]
    if len(fresh) > _MOST_QUOTES:
        return []
    return [language.say["original"].format(quote=quote) for quote in fresh]


def understood(corrections: tuple[Correction, ...], taken: str | None, part: str, language: Language) -> str | None:
    """How a disturbed, elliptical or long message was taken, None if it was taken as it stands."""
    read = list(dict.fromkeys(c.read for c in corrections if c.how != "script"))
    if taken:
        read.append(taken)
    said = [language.say["understood"].format(what=what) for what in read]
    if part:
        said.insert(0, language.say["excerpt"].format(what=part))
    return "，".join(said) or None


def render(question: str, answer: Answer, taken: str | None, knowledge: Knowledge, language: Language) -> Reply:
    """The reply to the question; `taken` says how it was understood, where that is not plain."""
    direct = prose(answer.says, language)
    # What has just been asked is no next question.
    follow_ups = tuple(
        asked for say in answer.follow_ups if (asked := sentence(say, language)).rstrip("？") != question.rstrip("？?")
    )
    follow_ups = tuple(dict.fromkeys(follow_ups))
    return Reply(
        question, answer.outcome, taken, direct, message(answer, direct, taken, knowledge, language),
        answer.citations, answer.figures, answer.view, answer.choices, follow_ups[:3],
    )  # fmt: skip


def as_json(reply: Reply, id: str | None = None) -> dict[str, object]:
    """The reply object of the answer contract, ready for json.dumps."""
    found = _fields(reply) | {
        "citations": tuple(map(_fields, reply.citations)),
        "figures": tuple(map(_fields, reply.figures)),
        "view": _fields(reply.view) if reply.view else None,
    }
    return {"id": id, **found} if id is not None else found


def _fields(value: Reply | Citation | Figure | View) -> dict[str, object]:
    """The fields of a value; they hold nothing that may be changed, so none is copied."""
    return {name: getattr(value, name) for name in value.__slots__}
