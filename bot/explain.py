"""How one question was understood, value by value along the path, for maintainers."""

from bot.engine import Engine
from bot.normalise import normalise
from bot.respond import respond
from bot.taking import take
from bot.values import Context


def explain(question: str, engine: Engine) -> str:
    """Each value along the path, a line or a few each."""
    text = normalise(question, engine.language.replace)
    lines = [f"规范化：{text.plain}"]
    for number, taken in enumerate(take(text, Context(), engine), 1):
        m = taken.understanding.mentions
        lines.append(f"—— 第{number}问：{m.text.plain}")
        lines += [f"  改读（{c.how}）：{c.written} → {c.read}" for c in taken.corrections]
        lines.append("  分词：" + " / ".join(t.word for t in m.tokens))
        named = (*m.places, *m.indicators, *m.parts, *m.programmes, *m.facts)
        lines += [f"  名称：{m.text.plain[e.start : e.end]} → {e.kind} {e.id}（按「{e.name}」）" for e in named]
        cues = [f"{name}（{'、'.join(m.words(name))}）" for name in m.cues]
        lines.append("  问法：" + ("；".join(cues) or "无"))
        lines += [f"  数字：{n.value}{n.unit}" for n in m.numbers]
        lines.append("  未解释：" + ("、".join(t.word for t in m.leftover) or "无"))
        about = taken.understanding.about
        lines.append(f"  主题：{'、'.join(about.refs) or '无'}（{about.how or '无'}）")
        lines += [f"  要点：{x.point} 得分{x.score:.1f} 覆盖{x.coverage:.0%}" for x in about.matches[:3]]
        lines += [f"  解读 {r.rank:.2f} {r.why}：{r.query}" for r in taken.understanding.readings[:5]]
    reply, _ = respond(question, Context(), engine)
    return "\n".join([*lines, f"结果：{reply.outcome}", reply.text])
