"""`hostdeck info`, and how the console is told to look."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from hostdeck.core.errors import Invalid
from hostdeck.core.settings import ConsoleSettings, load_settings
from hostdeck.tui.cli import looking
from hostdeck.tui.keymap import check_keys


def test_info_says_where_things_are_and_who_said_each_setting(
    call: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "hostdeck.toml").write_text('env = "prod"\nworkers = 3\n[console]\ntheme = "nord"\n')
    monkeypatch.setenv("HOSTDECK_DNS_PORT", "5300")
    monkeypatch.setenv("HOSTDECK_NOTIFY", "mailto://user:hunter2@example.com")
    said = json.loads(call("--ascii", "info", "--json", "--read-only").out)
    assert said["places"]["database"] == f"sqlite:///{home}/hostdeck.db"
    assert said["settings"]["workers"] == {"value": 3, "source": "hostdeck.toml"}
    assert said["settings"]["dns_port"] == {"value": 5300, "source": "HOSTDECK_DNS_PORT"}
    assert said["settings"]["read_only"] == {"value": True, "source": "--read-only"}
    assert said["settings"]["login_timeout"] == {"value": 20.0, "source": "default"}
    assert said["settings"]["console"]["value"]["theme"] == "nord"
    assert said["settings"]["console"]["value"]["ascii"] is True
    assert said["versions"].keys() >= {"hostdeck", "python", "textual"}


def test_info_tells_no_secret(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTDECK_NOTIFY", "mailto://user:hunter2@example.com")
    monkeypatch.setenv("HOSTDECK_QUEUE_URL", "postgresql://deck:s3cr3t@db.example.net/deck?sslpassword=s3cr3t")
    monkeypatch.setenv(
        "HOSTDECK_DATABASE_URL", "postgresql://db.example.net/deck?user=a&password=s3cr3t&sslmode=require"
    )
    for said in (call("info"), call("info", "--json")):
        assert said.code == 0
        assert "hunter2" not in said.out
        assert "s3cr3t" not in said.out
        assert "db.example.net" in said.out


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[console]\ncolor = "many"\n', "console.color"),
        ("[console]\ncolour = 1\n", "console.colour"),
        ("console = 5\n", "console: "),
        ('console = ["theme"]\n', "console: "),
        ("keys = 3\n", "keys"),
        ("[keys]\n'tasks.retry' = 1\n", "keys.tasks.retry"),
    ],
)
def test_a_wrong_setting_of_the_console_is_named(call: Call, home: Path, text: str, wrong: str) -> None:
    (home / "hostdeck.toml").write_text(text)
    said = call("service", "list")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert wrong in said.err
    assert "(from hostdeck.toml)" in call("--slow", "service", "list").err


def test_flags_of_the_console_go_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "hostdeck.toml").write_text('[console]\ntheme = "nord"\nslow = true\n')
    loaded = load_settings(tmp_path, {"console": {"theme": "hostdeck-light"}}, environ={})
    assert (loaded.console.theme, loaded.console.slow) == ("hostdeck-light", True)


def test_a_terminal_is_told_how_many_colours_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("NO_COLOR", "TEXTUAL_COLOR_SYSTEM", "HOSTDECK_ASCII", "TEXTUAL_FPS", "COLORTERM")
    for name in names:
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    looking.set_up(ConsoleSettings(color="16", ascii=True, slow=True))
    assert os.environ["TEXTUAL_COLOR_SYSTEM"] == "standard"
    assert os.environ["HOSTDECK_ASCII"] == "1"
    assert int(os.environ["TEXTUAL_FPS"]) < 60
    looking.set_up(ConsoleSettings(color="none"))
    assert os.environ["NO_COLOR"] == "1"
    monkeypatch.setenv("TERM", "linux")
    assert looking.few_colors(ConsoleSettings())
    monkeypatch.setenv("TERM", "xterm-256color")
    assert not looking.few_colors(ConsoleSettings())


def test_who_names_a_number_of_colours_gets_them_whatever_the_environment_says_of_all_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEXTUAL_COLOR_SYSTEM", "auto")
    monkeypatch.setenv("NO_COLOR", "1")
    looking.set_up(ConsoleSettings())
    assert os.environ["NO_COLOR"] == "1"
    looking.set_up(ConsoleSettings(color="256"))
    assert "NO_COLOR" not in os.environ


@pytest.mark.parametrize("key", ["", "banana tree", "ctrl+", "x,,y", "ctl+x", "\t", "enter+x"])
def test_a_key_that_is_none_is_told_before_the_console_begins(key: str) -> None:
    with pytest.raises(Invalid, match=r"tasks\.retry: no key is called"):
        check_keys({"tasks.retry": key}, ["tasks.retry"])


@pytest.mark.parametrize(
    "key",
    ["x", "X", "%", "ctrl+g", "ctrl+shift+f5", "f12", "percent_sign", "slash", "x, y", "+", "ż", "ctrl+backslash"],
)
def test_a_key_is_called_as_the_console_shows_it(key: str) -> None:
    assert check_keys({"tasks.retry": key}, ["tasks.retry"]) == {"tasks.retry": key}
