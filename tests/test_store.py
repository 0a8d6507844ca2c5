"""What is kept between messages: what it holds, what it never holds, and what is said when it cannot be used."""

import json
import logging
import os
import random
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.datafile import FILE
from bot.errors import UsageError
from bot.privacy import KEY_FILE, Redaction, mask, where_it_failed
from bot.store import MIGRATIONS, Store
from bot.values import Cells, Context, Missing, Number

ROOT = Path(__file__).resolve().parent.parent
CONTEXT = Context(Cells(("a",), ("b",)), (("a", "b"),), ("u",), ("measure:1",), ("甲？", "乙？"))
DAY = 86400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


def kept(folder: Path) -> bytes:
    """Everything that the database's files hold."""
    return b"".join(path.read_bytes() for path in folder.glob(f"{FILE}*"))


def refusal(folder: Path, **given: object) -> str:
    """What is said when the folder cannot be used."""
    with pytest.raises(UsageError) as caught:
        Store.open(folder, **given)  # type: ignore[arg-type]
    return str(caught.value)


class TestContexts:
    """The threads of conversations."""

    def test_a_chat_gets_back_its_own_thread(self, store: Store) -> None:
        """And nobody else's."""
        store.remember("telegram:1", CONTEXT)
        assert store.context("telegram:1") == CONTEXT
        assert store.context("telegram:2") == Context()

    def test_the_last_one_counts(self, store: Store) -> None:
        """One thread a chat."""
        store.remember("1", CONTEXT)
        store.remember("1", Context(refs=("measure:2",)))
        assert store.context("1") == Context(refs=("measure:2",))

    def test_it_outlives_a_restart(self, store: Store, tmp_path: Path) -> None:
        """The key does too."""
        store.remember("1", CONTEXT)
        store.close()
        again = Store.open(tmp_path)
        assert again.context("1") == CONTEXT
        again.close()

    def test_two_programs_may_use_the_folder_at_once(self, store: Store, tmp_path: Path) -> None:
        """A maintainer's command beside the running bot."""
        store.remember("1", CONTEXT)
        other = Store.open(tmp_path)
        assert other.forget("1")
        other.close()
        assert store.context("1") == Context()

    def test_an_old_one_is_neither_given_nor_kept(self, store: Store, tmp_path: Path) -> None:
        """Not given from the moment on, removed at the next start at the latest."""
        store.remember("1", CONTEXT)
        store.remember("2", CONTEXT)
        age(tmp_path, "update contexts set at = at - ? where rowid = 1", 1.01 * DAY)
        assert store.context("1") == Context()
        assert store.context("2") == CONTEXT
        store.close()
        Store.open(tmp_path).close()
        assert count(tmp_path, "contexts") == 1

    def test_how_long_is_set(self, store: Store, tmp_path: Path) -> None:
        """In days, with decimals."""
        store.remember("1", CONTEXT)
        age(tmp_path, "update contexts set at = at - ?", 0.3 * DAY)
        for days, expected in ((0.25, Context()), (0.35, CONTEXT)):
            store.close()
            store = Store.open(tmp_path, context_days=0.35)
            store._context_days = days
            assert store.context("1") == expected
        store.close()

    def test_forgetting_is_at_once(self, store: Store, tmp_path: Path) -> None:
        """Nothing is left in the files, and the second time there is nothing to forget."""
        store.remember("1", Context(choices=("一个很特别的词",)))
        assert "一个很特别的词".encode() in kept(tmp_path)
        assert store.forget("1")
        assert not store.forget("1")
        assert "一个很特别的词".encode() not in kept(tmp_path)

    def test_what_is_not_a_context_reads_as_an_empty_one(self, store: Store, tmp_path: Path) -> None:
        """A file that another version wrote."""
        store.remember("1", CONTEXT)
        age(tmp_path, "update contexts set context = ?", "{}")
        assert store.context("1") == Context()


class TestQuestions:
    """Questions that found no answer."""

    def test_they_are_counted(self, store: Store) -> None:
        """The most frequent first."""
        for question in ("甲？", "乙？", "乙？", "  乙？ "):
            store.unanswered(question)
        assert [(row.question, row.count) for row in store.list_unanswered()] == [("乙？", 3), ("甲？", 1)]

    def test_several_are_counted_together(self, store: Store) -> None:
        """The same one more than once among them."""
        store.unanswered("甲？", "", "乙？", "甲？")
        assert [(row.question, row.count) for row in store.list_unanswered()] == [("甲？", 2), ("乙？", 1)]

    def test_an_old_one_goes(self, store: Store, tmp_path: Path) -> None:
        """Neither listed nor kept after its days."""
        store.unanswered("甲？")
        store.unanswered("乙？")
        age(tmp_path, "update questions set last = date(last, ?) where question = '甲？'", "-91 days")
        assert [row.question for row in store.list_unanswered()] == ["乙？"]
        store.tidy()
        assert count(tmp_path, "questions") == 1

    def test_they_are_dated_by_the_day(self, store: Store) -> None:
        """An exact time would tie a question to a conversation."""
        store.unanswered("甲？")
        assert len(store.list_unanswered()[0].last) == len("2021-01-01")

    @pytest.mark.parametrize("question", ["", "  ", "\n"])
    def test_an_empty_one_is_not_noted(self, question: str, store: Store) -> None:
        """There is nothing to learn from it."""
        store.unanswered(question)
        assert store.list_unanswered() == ()

    def test_an_endless_or_broken_one_is_noted_in_part(self, store: Store) -> None:
        """Whatever was typed."""
        store.unanswered("问" * 5000 + "\ud83d")
        store.unanswered("半个字符\ud83d")
        assert max(len(row.question) for row in store.list_unanswered()) <= 200


class TestPrivacy:
    """Nothing that identifies a person."""

    def test_a_chat_stands_under_a_keyed_hash(self, store: Store, tmp_path: Path) -> None:
        """The same chat is another one under another key."""
        store.remember("telegram:987654321", CONTEXT)
        assert b"987654321" not in kept(tmp_path)
        store.close()
        other = Store.open(tmp_path, b"another key of 16+")
        assert other.context("telegram:987654321") == Context()
        other.close()

    def test_the_key_is_made_outside_the_database_for_its_owner_alone(self, store: Store, tmp_path: Path) -> None:
        """Mode 0600, also if it was laxer."""
        path = tmp_path / KEY_FILE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes() not in kept(tmp_path)
        path.chmod(0o644)
        Store.open(tmp_path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith(FILE)) == [KEY_FILE]

    def test_a_key_that_is_set_leaves_no_file(self, tmp_path: Path) -> None:
        """It is kept where the settings are kept."""
        Store.open(tmp_path, b"0123456789abcdef").close()
        assert not (tmp_path / KEY_FILE).exists()

    def test_a_broken_key_is_refused(self, tmp_path: Path) -> None:
        """Rather than replaced, which would lose every conversation unseen."""
        (tmp_path / KEY_FILE).write_bytes(b"")
        assert KEY_FILE in refusal(tmp_path)
        assert "BOT_KEY" in refusal(tmp_path, key=b"short")

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("电话13800138000", "电话#"),
            ("电话１３８００１３８０００谢谢", "电话#谢谢"),
            ("138 0013 8000", "#"),
            ("138-0013-8000", "#"),
            ("证件65010119900101123X", "证件#X"),
            ("一三八零零一三八零零零", "#"),
            ("信箱 someone@example.org 和 @someone_1", "信箱 # 和 #"),
            ("12345", "#"),
            ("1234", "1234"),
            ("2021年和2022年", "2021年和2022年"),
            ("2021-2022", "2021-2022"),
            ("二〇二一年90.3万", "二〇二一年90.3万"),
        ],
    )
    def test_long_numbers_are_masked(self, typed: str, expected: str) -> None:
        """Telephone and identity numbers; years and figures stay."""
        assert mask(typed) == expected

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("我叫王小明，想问补贴", "我叫#，想问补贴"),
            ("我叫王明想问补贴", "我叫#想问补贴"),
            ("我叫王小明毕业两年了", "我叫#毕业两年了"),
            ("我叫阿依古丽，刚毕业", "我叫#，刚毕业"),
            ("我叫买买提·艾力今年30", "我叫#今年30"),
            ("你好我是古丽娜尔·买买提", "你好我是#"),
            ("我叫Tom Smith，请问", "我叫#，请问"),
            ("我姓欧阳，请问", "我姓#，请问"),
            ("姓名：李四 电话13800138000", "姓名：# 电话#"),
            ("本人张三，农民", "本人#，农民"),
            ("我是王小明，请问", "我是#，请问"),
            ("我是张三我想问", "我是#我想问"),
            ("我是高校毕业生", "我是高校毕业生"),
            ("我是高中生，能报名吗", "我是高中生，能报名吗"),
            ("我是农民", "我是农民"),
            ("我是徐州人", "我是徐州人"),
            ("我是王庄村的村民", "我是王庄村的村民"),
            ("我叫不到车", "我叫不到车"),
            ("姓名怎么填", "姓名怎么填"),
            ("名字叫什么", "名字叫什么"),
            ("这个项目叫什么", "这个项目叫什么"),
        ],
    )
    def test_a_name_given_as_ones_own_is_masked(self, typed: str, expected: str) -> None:
        """What somebody is, or is asked, stays."""
        assert mask(typed) == expected

    @pytest.mark.parametrize("typed", ["我" * 60000, "我叫 " * 20000, "1 " * 30000, "我是王·" * 15000, "@a" * 30000])
    def test_a_long_paste_is_masked_in_no_time(self, typed: str) -> None:
        """The time grows with the length, not with its square."""
        begun = time.process_time()
        mask(typed)
        assert time.process_time() - begun < 0.5

    def test_ordinary_questions_stay_as_they_are(self) -> None:
        """Of those written apart from the program, none loses anything but long numbers and names given as one's own."""
        lines = [
            line for path in (ROOT / "tests/questions").glob("*.jsonl") for line in path.read_text("utf-8").splitlines()
        ]
        questions = [question for line in lines for question in strings(json.loads(line))]
        assert len(questions) > 900
        masked = [question for question in questions if mask(question) != question]
        assert [question for question in masked if not re.search(r"\d{5}|\d( \d){4}|我叫|我姓", question)] == []

    @pytest.mark.parametrize(
        "context",
        [
            Context(Missing("nothing", "电话13800138000"), refs=("measure:1",)),
            Context(Cells(("a",), ("b",), claims=(Number(Decimal(13800138000), "", 0, 11),)), refs=("measure:1",)),
            Context(Missing("nothing", "半个字符\ud83d"), refs=("measure:1",)),
        ],
    )
    def test_a_context_holds_no_long_number(self, context: Context, store: Store, tmp_path: Path) -> None:
        """The rest of the thread is kept."""
        store.remember("1", context)
        assert b"13800138000" not in kept(tmp_path)
        assert store.context("1").refs == ("measure:1",)

    def test_a_log_record_is_cleaned_in_message_and_traceback(self) -> None:
        """As it is, encoded, and without its number."""
        token = "123456:secret-secret-secret"
        redaction = Redaction(token)
        try:
            raise ValueError(f"bot{token}")
        except ValueError as error:
            record = logging.LogRecord(
                "x", 10, "x", 1, "%s 123456%%3Asecret-secret-secret", (token,), (type(error), error, None)
            )
            place = where_it_failed(error)
        assert redaction.filter(record)
        assert "secret" not in logging.Formatter().format(record)
        assert "secret-" not in place.replace('raise ValueError(f"bot{token}")', "")


class TestMigrations:
    """Files of other versions."""

    def test_an_older_file_is_brought_up_to_date(self, tmp_path: Path) -> None:
        """With what it held."""
        db = Database(tmp_path / FILE)
        MIGRATIONS.apply(db, stop_before="keep_questions")
        assert db.table_names() == ["_sqlite_migrations", "contexts"]
        db.close()
        store = Store.open(tmp_path)
        store.unanswered("甲？")
        assert len(store.list_unanswered()) == 1
        store.close()
        db = Database(tmp_path / FILE)
        assert [applied.name for applied in MIGRATIONS.applied(db)] == [
            "keep_contexts", "keep_questions", "keep_feedback", "keep_updates", "keep_profiles", "keep_messages"
        ]  # fmt: skip
        db.close()

    def test_a_newer_file_is_refused_and_left_alone(self, store: Store, tmp_path: Path) -> None:
        """The message says what to do."""
        store.close()
        age(
            tmp_path,
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('bot', ?, '')", "keep_the_future",
        )  # fmt: skip
        said = refusal(tmp_path)
        assert "较新" in said and "keep_the_future" in said and "BOT_DATA" in said

    def test_a_migration_that_fails_changes_nothing(self, tmp_path: Path) -> None:
        """All of them are one transaction."""
        db = Database(tmp_path / FILE)
        db.table("questions").create({"other": str})
        db.close()
        assert FILE in refusal(tmp_path)
        db = Database(tmp_path / FILE)
        assert db.table_names() == ["questions"]
        db.close()


class TestPlaces:
    """Folders that cannot be used, each with what to do about it."""

    def test_a_folder_is_made(self, tmp_path: Path) -> None:
        """With those above it; nobody else can look into it."""
        Store.open(tmp_path / "a" / "b").close()
        assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700

    def test_the_file_is_for_its_owner_alone(self, tmp_path: Path) -> None:
        """In a folder that others can read too, with what SQLite puts beside it, and also if it was laxer."""
        tmp_path.chmod(0o755)
        for _ in range(2):
            with closing(Store.open(tmp_path)) as store:
                store.unanswered("甲？")
                assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob(f"{FILE}*")} == {0o600}
            (tmp_path / FILE).chmod(0o644)

    def test_a_file_in_the_place_of_the_folder(self, tmp_path: Path) -> None:
        """Or of one above it."""
        (tmp_path / "a").write_text("")
        assert "不是文件夹" in refusal(tmp_path / "a")
        assert "建不了" in refusal(tmp_path / "a" / "b")

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        """It is not overwritten."""
        (tmp_path / FILE).write_text("这不是数据库" * 100, encoding="utf-8")
        assert "损坏" in refusal(tmp_path)
        assert (tmp_path / FILE).read_text(encoding="utf-8").startswith("这不是")

    def test_a_locked_file(self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Refused after a short wait."""
        monkeypatch.setattr("bot.store._PATIENCE_AT_START", 50)
        store.close()
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert "锁住" in refusal(tmp_path)
        other.close()

    @pytest.mark.parametrize("prepared", [False, True], ids=["new", "used"])
    def test_a_read_only_folder(self, prepared: bool) -> None:
        """As a user who may not write there."""
        assert "只读" in as_nobody(prepared)

    def test_a_read_only_file(self) -> None:
        """In a folder that can be written."""
        assert "只读" in as_nobody(prepared=True, mode=0o777)

    def test_a_full_disk(self, tmp_path: Path) -> None:
        """Told at the start."""
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))"
        assert "磁盘" in opened_elsewhere(tmp_path, before=limit)


class TestInService:
    """A fault after the start costs no answer."""

    def test_a_full_disk_is_logged_without_the_text(self, store: Store, caplog: pytest.LogCaptureFixture) -> None:
        """Nothing is raised; when there is room again, it goes on."""
        pages = store._db.execute("pragma page_count").fetchone()[0]
        store._db.execute(f"pragma max_page_count = {pages}").fetchall()
        for number in range(100):
            store.unanswered(f"一个问题第{number}号" * 20)
        assert "磁盘已满" in caplog.text
        assert "一个问题" not in caplog.text
        store._db.execute("pragma max_page_count = 100000").fetchall()
        store.unanswered("后来的")
        assert "后来的" in {row.question for row in store.list_unanswered()}

    def test_a_locked_file_is_logged(self, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Reading goes on meanwhile; forgetting says that it failed."""
        store.remember("1", CONTEXT)
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.remember("1", Context())
        assert "锁住" in caplog.text
        assert store.context("1") == CONTEXT
        with pytest.raises(UsageError, match="锁住"):
            store.forget("1")
        other.close()


def strings(given: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list):
        for each in given.values() if isinstance(given, dict) else given:
            yield from strings(each)


def age(folder: Path, sql: str, value: object) -> None:
    """Change the file behind the store's back."""
    connection = sqlite3.connect(folder / FILE, isolation_level=None)
    connection.execute(sql, (value,))
    connection.close()


def count(folder: Path, table: str) -> int:
    """How many rows the file holds."""
    connection = sqlite3.connect(folder / FILE)
    found = connection.execute(f"select count(*) from {table}").fetchone()[0]
    connection.close()
    return int(found)


def opened_elsewhere(folder: Path, before: str = "") -> str:
    """What another process says that opens the store."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom bot.errors import UsageError\nfrom bot.store import Store\n"
        f"{before}\n"
        f"try:\n    Store.open(Path({str(folder)!r}))\nexcept UsageError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_nobody(prepared: bool, mode: int = 0o555) -> str:
    """What is said of a folder, by default one that this user may only read; an administrator becomes another user first."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if prepared:
            Store.open(folder).close()
            (folder / KEY_FILE).chmod(0o444)
            (folder / FILE).chmod(0o444)
        folder.chmod(mode)
        try:
            before = "import os; os.setuid(65534)" if os.geteuid() == 0 else ""
            return opened_elsewhere(folder, before)
        finally:
            folder.chmod(0o755)


class TestFeedback:
    """Votes on answers."""

    def test_votes_are_counted_by_question_and_kind_of_answer(self, store: Store) -> None:
        """Those against first."""
        store.vote("telegram:1:10", "up", "甲？", "answer", "measure:1")
        store.vote("telegram:2:11", "down", "乙？", "no_answer", "")
        store.vote("web:x:1", "down", "乙？", "no_answer", "")
        found = [(each.question, each.outcome, each.ref, each.down, each.up) for each in store.list_feedback()]
        assert found == [("乙？", "no_answer", "", 2, 0), ("甲？", "answer", "measure:1", 0, 1)]

    def test_a_vote_is_changed_and_taken_back_under_its_key(self, store: Store) -> None:
        """One answer, one vote."""
        assert store.vote("k", "up", "甲？", "answer", "")
        assert store.vote("k", "down", "甲？", "answer", "")
        assert [(each.down, each.up) for each in store.list_feedback()] == [(1, 0)]
        assert store.vote("k", None, "甲？", "answer", "")
        assert store.list_feedback() == ()

    def test_neither_the_key_nor_long_numbers_are_kept(self, store: Store, tmp_path: Path) -> None:
        """Only the day, too."""
        store.vote("telegram:4711:99", "down", "我的电话13912345678，怎么办？", "answer", "")
        assert store.list_feedback()[0].question == "我的电话#，怎么办？"
        assert b"4711" not in kept(tmp_path)
        assert b"13912345678" not in kept(tmp_path)

    def test_a_vote_is_dropped_after_its_days(self, store: Store, tmp_path: Path) -> None:
        """It is not listed, and soon not there."""
        store.vote("k", "down", "甲？", "answer", "")
        age(tmp_path, "update feedback set day = date(day, ?)", "-91 days")
        assert store.list_feedback() == ()
        store.tidy()
        assert count(tmp_path, "feedback") == 0

    def test_nothing_is_left_of_what_has_been_moved_and_dropped(self, store: Store, tmp_path: Path) -> None:
        """SQLite overwrites what it drops, but leaves copies where it moves rows between pages."""
        inbox, chance, waiting, number = store.inbox("1"), random.Random(0), [], 0
        while number < 2000:
            if len(waiting) < 300 and chance.random() < 0.6:
                number += 1
                text = "秘密" * chance.randint(1, 40)
                inbox.add([{"update_id": number, "message": {"text": text, "chat": {"id": 4711471147110000 + number}}}])
                waiting.append(number)
            elif waiting:
                inbox.finish([waiting.pop(chance.randrange(min(len(waiting), 5)))])
        inbox.finish(waiting)
        assert b"471147114711" in kept(tmp_path)
        store.scrub()
        assert b"471147114711" not in kept(tmp_path)

    def test_a_vote_that_cannot_be_kept_is_told(self, store: Store, tmp_path: Path) -> None:
        """Another program may hold the file."""
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            assert not store.vote("k", "down", "甲？", "answer", "")
        finally:
            other.close()
