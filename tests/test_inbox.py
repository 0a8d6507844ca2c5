"""The durable inbox: what is in the file, and when."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.addressee import Me, conversation, meant, without_name
from bot.datafile import FILE
from bot.store import Store
from bot.throttle import Throttle, Verdict

ME = Me(99, "policy_bot", ("start", "help"))
SECRET = "没有别人知道的一句话"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own."""
    store = Store.open(tmp_path)
    yield store
    store.close()


def update(number: int, text: str = SECRET, chat: int = 5_000_000_017, **more: Any) -> dict[str, Any]:
    """A message in a private chat."""
    person = {"id": 71, "is_bot": False, "first_name": "欧阳"}
    place = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
    return {"update_id": number, "message": {"message_id": 1, "date": int(time.time()), "chat": place, "from": person, "text": text, **more}}  # fmt: skip


def mention(text: str, name: str) -> list[dict[str, Any]]:
    """The entity that Telegram makes of a name in a text."""
    return [{"type": "mention", "offset": len(text[: text.index(name)].encode("utf-16-le")) // 2, "length": len(name)}]


class TestInbox:
    """Updates in the file."""

    def test_an_update_is_taken_once(self, store: Store) -> None:
        """However often it is delivered, and whether it is done or not."""
        inbox = store.inbox("1")
        assert inbox.add([update(1), update(2)]) == (update(1), update(2))
        assert inbox.add([update(2), update(3)]) == (update(3),)
        inbox.finish([1])
        assert inbox.add([update(1)]) == ()

    def test_what_is_not_done_outlives_the_program(self, store: Store, tmp_path: Path) -> None:
        """In the order of arrival, with what had been sent of its reply; half a character pair included."""
        store.inbox("1").add([update(3), update(1, "\ud83d"), update(2)])
        store.inbox("1").count_sent(3, 2)
        store.inbox("1").finish([2])
        other = Store.open(tmp_path)
        pending = [(each.update["update_id"], each.sent) for each in other.inbox("1").pending()]
        other.close()
        assert pending == [(1, 0), (3, 2)]

    def test_nothing_but_the_id_remains_of_what_is_done(self, store: Store, tmp_path: Path) -> None:
        """Neither in the table nor in the bytes of the file."""
        inbox = store.inbox("1")
        inbox.add([update(number) for number in range(50)])
        inbox.count_sent(7, 1)
        inbox.finish(range(50))
        store.close()
        (path,) = tmp_path.glob(f"{FILE}*")
        data = path.read_bytes()
        for trace in (SECRET, SECRET.encode("ascii", "backslashreplace").decode(), "5000000017", "欧阳"):
            assert trace.encode() not in data
        rows = sqlite3.connect(path).execute("select distinct content, sent from updates").fetchall()
        assert rows == [(None, 0)]

    def test_bots_do_not_see_each_others_updates(self, store: Store) -> None:
        """Whoever changes the token begins anew; the numbers of two bots may be the same."""
        store.inbox("1").add([update(1)])
        assert not list(store.inbox("2").pending())
        assert store.inbox("2").add([update(1)])

    def test_old_ids_are_dropped(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """Those that Telegram can no longer deliver; what is not done stays."""
        inbox = store.inbox("1")
        inbox.add([update(1), update(2)])
        inbox.finish([1])
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 4 * 86400)
        store.tidy()
        assert inbox.add([update(1), update(2)]) == (update(1),)


class TestAddressee:
    """Whom an update is meant for."""

    @pytest.mark.parametrize(
        ("text", "more"),
        [
            ("@Policy_Bot 谁牵头", {"entities": mention("@Policy_Bot 谁牵头", "@Policy_Bot")}),
            ("😀 谁牵头 @policy_bot", {"entities": mention("😀 谁牵头 @policy_bot", "@policy_bot")}),
            ("谁牵头", {"reply_to_message": {"from": {"id": 99}}}),
            ("/help", {"entities": [{"type": "bot_command", "offset": 0, "length": 5}]}),
            ("/x@policy_bot", {"entities": [{"type": "bot_command", "offset": 0, "length": 13}]}),
            ("机器人 谁牵头", {"entities": [{"type": "text_mention", "offset": 0, "length": 3, "user": {"id": 99}}]}),
        ],
    )  # fmt: skip
    def test_in_a_group_it_is_called(self, text: str, more: dict[str, Any]) -> None:
        """By its name, by a reply, or by a command."""
        assert meant(update(1, text, -100, **more), ME)

    @pytest.mark.parametrize(
        ("text", "more"),
        [
            ("谁牵头", {}),
            ("@policy_bot2 谁牵头", {"entities": mention("@policy_bot2 谁牵头", "@policy_bot2")}),
            ("谁牵头", {"reply_to_message": {"from": {"id": 98}}}),
            ("谁牵头", {"reply_to_message": {"from": {"id": 99}, "forum_topic_created": {}}}),
            ("/help@other_bot", {"entities": [{"type": "bot_command", "offset": 0, "length": 15}]}),
            ("/weather", {"entities": [{"type": "bot_command", "offset": 0, "length": 8}]}),
            ("谁牵头", {"reply_to_message": {"from": {"id": 99}}, "from": {"id": 5, "is_bot": True}}),
        ],
    )  # fmt: skip
    def test_what_others_say_in_a_group_is_not_meant_for_it(self, text: str, more: dict[str, Any]) -> None:
        """Nor what they say to other bots, nor what bots say."""
        assert not meant(update(1, text, -100, **more), ME)

    def test_the_notices_of_the_service_want_no_answer(self) -> None:
        """Nor do posts of channels and kinds that were not asked for."""
        notice = update(1)
        del notice["message"]["text"]
        assert not meant(notice, ME)
        assert not meant({"update_id": 1, "channel_post": {}}, ME)
        assert meant({**notice, "message": {**notice["message"], "sticker": {}}}, ME)

    def test_each_asker_of_a_group_has_a_thread(self) -> None:
        """Apart from the one in private."""
        assert conversation(update(1, chat=-100)) == "telegram:-100:71"
        assert conversation(update(1, chat=71)) == "telegram:71"

    def test_the_name_is_no_part_of_the_question(self) -> None:
        """Wherever it stands, however it is written."""
        assert without_name("@Policy_Bot 谁牵头", "policy_bot") == "谁牵头"
        assert without_name("请问@policy_bot，谁牵头", "policy_bot") == "请问 ，谁牵头"
        assert without_name("@policy_bot2 谁牵头", "policy_bot") == "@policy_bot2 谁牵头"


class TestThrottle:
    """Too much at once."""

    def test_a_burst_is_answered_up_to_a_limit_then_warned_once(self) -> None:
        """Somebody else is not concerned."""
        throttle = Throttle(3)
        verdicts = [throttle.admit("a", 100.0) for _ in range(6)]
        assert verdicts == [Verdict.ADMIT] * 3 + [Verdict.WARN] + [Verdict.DROP] * 2
        assert throttle.admit("b", 100.0) is Verdict.ADMIT

    def test_it_passes_with_time_and_warns_anew(self) -> None:
        """One message a second."""
        throttle = Throttle(2)
        for _ in range(4):
            throttle.admit("a", 100.0)
        assert throttle.admit("a", 101.0) is Verdict.ADMIT
        assert throttle.admit("a", 101.0) is not Verdict.ADMIT
        assert [throttle.admit("a", 200.0) for _ in range(3)] == [Verdict.ADMIT, Verdict.ADMIT, Verdict.WARN]

    def test_what_piled_up_over_an_hour_is_no_burst(self) -> None:
        """It counts when a message was written, not when it arrives; 0 is no limit."""
        throttle = Throttle(2)
        assert all(throttle.admit("a", 60.0 * minute) is Verdict.ADMIT for minute in range(60))
        assert all(Throttle(0).admit("a", 1.0) is Verdict.ADMIT for _ in range(100))
