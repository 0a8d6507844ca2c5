"""The settings: their defaults, what is refused, where they come from, and that secrets stay secret."""

import re
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.settings import SETTINGS, Settings, load, show, unknown

TOKEN = "123456:AAsecretsecretsecret"


def test_nothing_set_gives_the_defaults() -> None:
    """The contract's defaults, whoever reads them."""
    assert load({}) == Settings(
        telegram_token=None, telegram_base_url=None, telegram_webhook_url=None, host="127.0.0.1", port=8000,
        data=Path("data"), knowledge=None, key=None, context_days=1.0, question_days=90.0,
        log_format="text", log_level="info", metrics="off",
    )  # fmt: skip


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each variable reaches its field, in the field's type."""
    settings = load(
        {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": "http://127.0.0.1:8081/bot",
            "TELEGRAM_WEBHOOK_URL": "https://example.org/hook", "BOT_HOST": "::1", "BOT_PORT": " 0 ",
            "BOT_DATA": str(tmp_path / "new"), "BOT_KNOWLEDGE": str(tmp_path), "BOT_KEY": "0123456789abcdef",
            "BOT_CONTEXT_DAYS": "0.5", "BOT_QUESTION_DAYS": "7", "BOT_LOG_FORMAT": "JSON", "BOT_LOG_LEVEL": "error",
            "BOT_METRICS": "local",
        }
    )  # fmt: skip
    assert settings == Settings(
        TOKEN, "http://127.0.0.1:8081/bot", "https://example.org/hook", "::1", 0, tmp_path / "new", tmp_path,
        b"0123456789abcdef", 0.5, 7.0, "json", "error", "local",
    )  # fmt: skip


def test_an_empty_variable_is_not_set() -> None:
    """Compose files pass on variables that nobody filled in."""
    assert load({setting.name: " " for setting in SETTINGS}) == Settings()


def test_all_wrong_settings_are_named_at_once() -> None:
    """One start is enough to learn of every mistake."""
    with pytest.raises(UsageError) as refused:
        load({"BOT_PORT": "80x", "BOT_CONTEXT_DAYS": "0", "TELEGRAM_BASE_URL": "ftp://x", "BOT_HOST": "a b"})
    said = str(refused.value)
    assert [line.partition("（")[0] for line in said.splitlines()[:-1]] == [
        "TELEGRAM_BASE_URL", "BOT_HOST", "BOT_PORT", "BOT_CONTEXT_DAYS",
    ]  # fmt: skip
    assert "「80x」应当是 0 到 65535 的整数" in said
    assert said.endswith("设置有 4 处问题，改好后再启动。")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BOT_PORT", "65536"), ("BOT_PORT", "-1"), ("BOT_PORT", "８０"), ("BOT_QUESTION_DAYS", "nan"), ("BOT_QUESTION_DAYS", "一"),
        ("BOT_CONTEXT_DAYS", "inf"), ("TELEGRAM_WEBHOOK_URL", "example.org"), ("TELEGRAM_WEBHOOK_URL", "https://"),
        ("TELEGRAM_BASE_URL", "http://x:99999/bot"), ("BOT_KNOWLEDGE", "/nowhere/at/all"), ("BOT_DATA", __file__), ("BOT_KEY", "short"),
        ("TELEGRAM_TOKEN", "nonsense"), ("BOT_LOG_FORMAT", "xml"), ("BOT_LOG_LEVEL", "10"), ("BOT_METRICS", "yes"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_name(name: str, text: str) -> None:
    """The message begins with the variable."""
    with pytest.raises(UsageError, match=f"^{name}（环境变量）"):
        load({name: text})


@pytest.mark.parametrize("name", ["TELEGRAM_TOKEN", "BOT_KEY"])
def test_a_refused_secret_is_not_repeated(name: str) -> None:
    """What is nearly a token is nearly as bad in a log."""
    with pytest.raises(UsageError) as refused:
        load({name: "s3cret bad"})
    assert "s3cret" not in str(refused.value)


def test_secrets_are_neither_in_the_repr_nor_in_the_list() -> None:
    """They are shown as set."""
    environ = {"TELEGRAM_TOKEN": TOKEN, "BOT_KEY": "0123456789abcdef"}
    assert "secret" not in repr(load(environ))
    assert "0123456789abcdef" not in repr(load(environ))
    shown = {each.setting.name: each for each in show(environ)}
    assert (shown["TELEGRAM_TOKEN"].value, shown["BOT_KEY"].value) == ("已设置", "已设置")
    assert {each.setting.name: each.value for each in show({})}["TELEGRAM_TOKEN"] == "未设置"
    assert load(environ).secrets() == (TOKEN, "0123456789abcdef")


def test_a_file_gives_settings_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    """Each is listed with its source."""
    file = tmp_path / "bot.env"
    file.write_text('# 注释\n\nBOT_PORT=9000\nexport BOT_HOST="0.0.0.0"\n', encoding="utf-8")
    environ = {"BOT_SETTINGS": str(file), "BOT_PORT": "9001"}
    settings = load(environ)
    assert (settings.port, settings.host) == (9001, "0.0.0.0")
    sources = {each.setting.name: each.source for each in show(environ)}
    assert (sources["BOT_PORT"], sources["BOT_HOST"], sources["BOT_DATA"]) == ("环境变量", f"{file} 第 4 行", "默认")


def test_an_unknown_name_in_the_file_is_refused_with_the_near_one(tmp_path: Path) -> None:
    """So is a line that sets nothing."""
    file = tmp_path / "bot.env"
    file.write_text("BOT_PROT=9000\nnonsense\n", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load({"BOT_SETTINGS": str(file)})
    assert f"{file}:1: 没有叫 BOT_PROT 的设置。是不是 BOT_PORT？" in str(refused.value)
    assert f"{file}:2: 这一行不是「名称=值」" in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    file = tmp_path / "bot.env"
    with pytest.raises(UsageError, match="读不到"):
        load({"BOT_SETTINGS": str(file)})
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="不是 UTF-8 编码"):
        load({"BOT_SETTINGS": str(file)})


def test_a_misspelt_variable_of_the_environment_is_named_without_its_value() -> None:
    """It is no fault, since other programs name theirs alike, but it is said."""
    environ = {"BOT_PROT": "s3cret", "TELEGRAM_TOKN": "s3cret", "BOT_PORT": "1", "BOT_SETTINGS": "", "PATH": "x"}
    said = unknown(environ)
    assert [("BOT_PROT" in line, "BOT_PORT" in line) for line in said] == [(True, True), (False, False)]
    assert "TELEGRAM_TOKEN" in said[1]
    assert "s3cret" not in "".join(said)


def test_the_defaults_that_are_told_are_those_in_force() -> None:
    """Wherever the telling is the value itself."""
    told = [setting for setting in SETTINGS if re.fullmatch(r"[\w.]+", setting.default, re.ASCII)]
    assert len(told) >= 10
    for setting in told:
        assert setting.read(setting.default) == getattr(Settings(), setting.field), setting.name


def test_every_setting_has_its_row_in_the_readme() -> None:
    """With the same default."""
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
    table = readme.partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    for setting in SETTINGS:
        defaults = [row[-2] for row in rows if f"`{setting.name}`" in row[1]]
        assert len(defaults) == 1, setting.name
        assert not re.fullmatch(r"[\w.]+", setting.default, re.ASCII) or f"`{setting.default}`" in defaults[0], (
            setting.name
        )
