"""我们这儿 and 本单位 are read as what the asker has set, and nothing else is."""

from pathlib import Path

import pytest

from bot.engine import Engine, build
from bot.loading import load
from bot.respond import respond
from bot.standpoint import Standpoint, turn_from
from bot.store import Store
from bot.values import Context, Reply

HERE, OFFICE = "kashgar", "jyt"
BOTH = Standpoint(HERE, OFFICE)


def respond_from(
    standpoint: Standpoint, question: str, context: Context, engine: Engine
) -> tuple[Reply, Context, str | None]:
    """The reply, the thread after it, and what has to be set first."""
    turn, unset = turn_from(standpoint, question, context, engine)
    return turn.reply, turn.thread(context), unset


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The knowledge that comes with the program."""
    return build(load())


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("我们的转移就业目标", "喀什地区的转移就业目标"),
        ("我们这儿城镇新增就业多少", "喀什地区城镇新增就业多少"),
        ("本地转移就业目标", "喀什地区转移就业目标"),
        ("我州培训多少", "喀什地区培训多少"),
        ("我們這裡的培訓目標", "喀什地区的培训目标"),
        ("我们比和田的培训多多少", "喀什地区比和田的培训多多少"),
        ("我们跟伊犁相比城镇新增就业", "喀什地区跟伊犁相比城镇新增就业"),
        ("我们有哪些目标", "喀什地区有哪些目标"),
        ("我们占全区转移就业的多少", "喀什地区占全区转移就业的多少"),
        ("我们的培训在全区排第几", "喀什地区的培训在全区排第几"),
        ("本单位牵头什么", "自治区教育厅牵头什么"),
        ("我厅参与哪些措施", "自治区教育厅参与哪些措施"),
        ("我们牵头什么", "自治区教育厅牵头什么"),
        ("我们在第13项里是什么角色", "自治区教育厅在第13项里是什么角色"),
        ("我们单位和财政厅共同参与哪些", "自治区教育厅和财政厅共同参与哪些"),
    ],
)
def test_what_is_the_askers_own_is_answered_and_shown(question: str, meant: str, engine: Engine) -> None:
    """The answer is that of the question with the name in it; what was typed stays the question."""
    reply, context, unset = respond_from(BOTH, question, Context(), engine)
    expected, its_context = respond(meant, Context(), engine)
    assert (reply.answer, reply.figures, context, unset) == (expected.answer, expected.figures, its_context, None)
    assert reply.question == question
    own = "自治区教育厅" if "自治区教育厅" in meant else "喀什地区"
    assert reply.understood
    assert f"按「{own}」理解" in reply.understood
    assert reply.text.startswith(f"（{reply.understood}）\n")
    assert reply.text.count("理解") == reply.understood.count("理解")


@pytest.mark.parametrize(
    "question",
    [
        "我们想问喀什的转移就业目标", "我们想知道一共有哪些措施", "我们市场监管局牵头什么", "本市场监管局牵头什么",
        "我们全区的转移就业目标", "我们南疆四地州的转移就业目标", "怎么支持本地企业", "第13项谁牵头", "各地的城镇新增就业目标", "你好", "", "我想问一下伊犁的创业人数",
    ],
)  # fmt: skip
def test_other_questions_are_left_alone(question: str, engine: Engine) -> None:
    """A polite opening, a name that begins in the same letters, another region."""
    for standpoint in (BOTH, Standpoint()):
        reply, context, unset = respond_from(standpoint, question, Context(), engine)
        assert (reply, context) == respond(question, Context(), engine)
        assert unset is None


@pytest.mark.parametrize(("question", "kind"), [("本单位牵头什么", "unit"), ("我们这儿城镇新增就业多少", "region")])
def test_who_has_set_nothing_is_told_what_is_missing(question: str, kind: str, engine: Engine) -> None:
    """The question is answered as it stands."""
    reply, _, unset = respond_from(Standpoint(), question, Context(), engine)
    assert unset == kind
    assert reply == respond(question, Context(), engine)[0]


@pytest.mark.parametrize(
    "question",
    [
        "我是昌吉的干部，今年我们州的目标有哪些",
        "我在克拉玛依上班，我们市城镇新增就业多少",
        "我在工商联上班，健全服务体系这一项，我们单位是牵头还是责任",
    ],
)
def test_who_says_which_one_is_his_own_is_not_asked_to_set_it(question: str, engine: Engine) -> None:
    """He has named it in the same message."""
    reply, _, unset = respond_from(Standpoint(), question, Context(), engine)
    assert (reply.outcome, unset) == ("answer", None)


def test_a_region_that_the_knowledge_no_longer_holds_is_as_none(engine: Engine) -> None:
    """The editors may take it out."""
    reply, _, unset = respond_from(Standpoint("gone", "gone"), "我们这儿城镇新增就业多少", Context(), engine)
    assert unset == "region"
    assert not reply.understood


def test_the_conversation_goes_on_from_there(engine: Engine) -> None:
    """The next question leans on the region that was meant."""
    _, context, _ = respond_from(BOTH, "我们的转移就业目标", Context(), engine)
    reply, _, _ = respond_from(BOTH, "那创业人数呢", context, engine)
    assert "喀什地区" in reply.answer


def test_the_place_spoken_of_is_not_ones_own(engine: Engine) -> None:
    """当地 is the region of the question before."""
    _, context, _ = respond_from(BOTH, "和田转移就业目标", Context(), engine)
    reply, _, _ = respond_from(BOTH, "当地的培训目标呢", context, engine)
    assert "和田地区" in reply.answer
    assert "15" in reply.answer


def test_another_document_needs_no_word(other: Engine) -> None:
    """Its own words for regions do."""
    region = next(iter(other.knowledge.regions))
    name = other.knowledge.regions[region].name
    indicator = next(each.name for each in other.knowledge.indicators.values() if each.annex)
    for own in ("本县", "我们这儿", "我们"):
        reply, _, _ = respond_from(Standpoint(region), f"{own}{indicator}是多少", Context(), other)
        assert reply.understood
        assert name in reply.understood
        assert name in reply.answer


@pytest.fixture(scope="module")
def other() -> Engine:
    """An invented document."""
    return build(load(Path(__file__).parent / "other"))


class TestStore:
    """What is kept of it."""

    def test_it_is_kept_apart_for_each_chat_and_dropped_with_the_rest(self, tmp_path: Path) -> None:
        """Across a restart, and gone after /forget, from the file too."""
        store = Store.open(tmp_path)
        assert store.set_standpoint("telegram:7", BOTH)
        assert store.set_standpoint("telegram:8", Standpoint(unit=OFFICE))
        store.close()
        store = Store.open(tmp_path)
        assert store.standpoint("telegram:7") == BOTH
        assert store.standpoint("telegram:9") == Standpoint()
        assert store.forget("telegram:7")
        assert not store.forget("telegram:7")
        assert store.standpoint("telegram:7") == Standpoint()
        assert store.standpoint("telegram:8") == Standpoint(unit=OFFICE)
        assert store.set_standpoint("telegram:8", Standpoint())
        store.close()
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("bot.sqlite*"))
        assert HERE.encode() not in kept
        assert b"telegram:8" not in kept

    def test_a_broken_file_costs_no_answer(self, tmp_path: Path) -> None:
        """It is as if nothing were set, and setting it says so."""
        store = Store.open(tmp_path)
        store._db.execute("drop table profiles")
        assert store.standpoint("telegram:7") == Standpoint()
        assert not store.set_standpoint("telegram:7", BOTH)
        store.close()
