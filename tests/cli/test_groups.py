"""`hostdeck group …`: managed keys, variables, files, the bulk apply, drift, detaching and removing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.config_models import ServerConfig
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Task

S = TaskStatus


def read_by(name: str, **live: str) -> None:
    with connection():
        ServerConfig.create(server=Server.get(Server.name == name), live=live, read_at=datetime.now(UTC))


def test_a_key_is_set_in_its_category_and_named_anew_where_hestia_calls_it_otherwise(call: Call) -> None:
    said = call("group", "set", "eu", "mail", "FROM_EXIM=panel@example.net", "--json")
    assert said.code == 0
    assert [(row["key"], row["value"], row["target"]) for row in json.loads(said.out)] == [
        ("FROM_EMAIL", "panel@example.net", "mail")
    ]
    assert "Hestia has no key FROM_EXIM; kept as FROM_EMAIL" in said.err
    assert "not applied yet: hostdeck group apply eu --to mail" in said.err
    assert call("group", "unset", "eu", "mail", "FROM_EXIM").code == 0
    assert call("group", "unset", "eu", "mail", "FROM_EMAIL").code == 3


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("web", "FROM_NAME=x"), 2, "FROM_NAME is a key of category mail, not web [CFG_TARGET]"),
        (("web", "WEB_PORT=81"), 2, "WEB_PORT is not set from here"),
        (("all", "NOPE=1"), 2, "[CFG_KEY]"),
        (("all", "THEME=it's"), 2, "[CFG_VALUE]"),
        (("all", "API=maybe"), 2, "use yes, no [CFG_VALUE]"),
        (("db", "THEME=x"), 2, "use all, web, mail, dns"),
    ],
)
def test_a_wish_that_can_not_be_is_refused_with_the_way(
    call: Call, argv: tuple[str, ...], code: int, words: str
) -> None:
    said = call("group", "set", "eu", *argv)
    assert (said.code, words in said.err) == (code, True), said.err


def test_drift_shows_key_by_server_and_exits_1_only_where_something_differs(call: Call) -> None:
    call("group", "set", "eu", "all", "THEME=flat")
    read_by("web01", THEME="dark")
    read_by("mx01", THEME="flat")
    said = call("group", "drift", "eu", "--json")
    board = json.loads(said.out)
    assert (said.code, board["differing"]) == (1, 1)
    assert [server["server"] for server in board["servers"]] == ["mx01", "ns1", "web01"]
    assert [(cell["server"], cell["state"], cell["live"]) for cell in board["rows"][0]["cells"]] == [
        ("mx01", "same", "flat"), ("ns1", "unread", None), ("web01", "differs", "dark"),
    ]  # fmt: skip
    assert board["skipped"] == [["pdns1", "skipped: no hestia.conf"]]
    assert "this is what was last read" in said.err
    call("group", "set", "eu", "all", "THEME=dark")
    call("group", "unset", "eu", "all", "THEME")
    assert call("group", "drift", "eu").code == 0


def test_a_plan_sends_nothing_and_apply_makes_one_task_a_server(call: Call) -> None:
    call("group", "set", "eu", "all", "THEME=flat")
    read_by("web01", THEME="dark")
    said = call("group", "apply", "eu", "--to", "all", "--plan")
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert ["web01", "THEME", "dark", "->", "flat", "v-change-sys-config-value", "THEME", "flat"] in lines
    assert "not read -> flat" in said.out
    assert "pdns1: skipped: no hestia.conf" in said.out
    with connection():
        assert Task.select().count() == 0
    run = json.loads(call("group", "apply", "eu", "--to", "all", "--canary", "1", "--json").out)
    assert run["canary"] == ["mx01"]
    assert [(step["server"], step["label"], step["status"]) for step in run["steps"]] == [
        ("mx01", "Applying configuration", "queued"), ("mx01", "Checking health after a change", "waiting"),
        ("ns1", "Applying configuration", "waiting"), ("web01", "Applying configuration", "waiting"),
    ]  # fmt: skip
    assert call("group", "apply", "eu", "--to", "web").code == 4


def test_waiting_without_a_worker_says_so_and_times_out(call: Call) -> None:
    call("group", "set", "eu", "all", "THEME=flat")
    said = call("group", "apply", "eu", "--to", "web", "--wait", "--timeout", "0.3")
    assert (said.code, "no worker is running" in said.err) == (5, True)


@pytest.mark.parametrize(
    "argv", [("--to", "nowhere"), ("--to", "all", "--abort", "0"), ("--to", "all", "--canary", "-1")]
)
def test_a_wrong_number_or_word_is_invalid(call: Call, argv: tuple[str, ...]) -> None:
    assert call("group", "apply", "eu", "--to", *argv).code == 2


def test_variables_fill_zone_templates_and_an_empty_one_leaves_its_record_out(call: Call, tmp_path: Path) -> None:
    template = tmp_path / "zone.txt"
    template.write_text("@ 3600 NS {ns}\n@ 3600 A {server_ip}\n@ 3600 TXT v=x {brand}\n")
    said = call("group", "template", "eu", "--from", str(template))
    assert (said.code, "or a variable of the group" in said.err) == (2, True)
    assert call("group", "variable", "eu", "brand=Baltic", "--json").code == 0
    assert call("group", "template", "eu", "--from", str(template)).code == 0
    plan = json.loads(call("service", "create", "new.example.com", "--product", "web-s", "--plan", "--json").out)
    assert "v=x Baltic" in {record["value"] for record in plan["records"]}
    assert call("group", "variable", "eu", "brand=").code == 0
    plan = json.loads(call("service", "create", "new.example.com", "--product", "web-s", "--plan", "--json").out)
    assert not any(record["value"].startswith("v=x") for record in plan["records"])


def test_a_variable_that_would_break_the_zones_is_refused(call: Call, tmp_path: Path) -> None:
    template = tmp_path / "zone.txt"
    template.write_text("@ 3600 NS {ns}\n@ 3600 A {server_ip}\nspecial 3600 A {special}\n")
    call("group", "variable", "eu", "special=192.0.2.9")
    assert call("group", "template", "eu", "--from", str(template)).code == 0
    said = call("group", "variable", "eu", "special=not-an-address")
    assert said.code == 2, said.err
    for pair, code in (("domain=x", "VAR_TAKEN"), ("Bad-Name=x", "VAR_NAME"), ("a={b}", "VAR_VALUE")):
        assert code in call("group", "variable", "eu", pair).err


def test_a_standard_file_is_kept_shown_and_removed(call: Call, tmp_path: Path) -> None:
    source, path = tmp_path / "robots.txt", "/var/www/html/robots.txt"
    source.write_text("User-agent: *\n")
    (row,) = json.loads(call("group", "file", "eu", path, "--from", str(source), "--to", "all", "--json").out)
    assert (row["path"], row["target"], row["bytes"]) == (path, "all", 14)
    assert json.loads(call("group", "file", "eu", path, "--json").out)["content"] == "User-agent: *\n"
    assert call("group", "file", "eu", path, "--remove").code == 0
    assert call("group", "file", "eu", path, "--remove").code == 3


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "/var/www/html", "/var/www/html/../../../etc/passwd", "var/www/html/x", "/var/www/html//x",
     "/var/www/html/a b", "/var/www/htmlx/y", "/usr/local/hestia/conf/hestia.conf", "/var/www/html/./x",
     "/var/www/html/" + "x" * 500],
)  # fmt: skip
def test_a_file_anywhere_else_is_refused(call: Call, tmp_path: Path, path: str) -> None:
    source = tmp_path / "x"
    source.write_text("x")
    said = call("group", "file", "eu", path, "--from", str(source))
    assert (said.code, "[FILE_PATH]" in said.err) == (2, True)


def test_a_file_that_is_too_long_or_no_text_is_refused(call: Call, tmp_path: Path) -> None:
    source = tmp_path / "x"
    for content in (b"x" * (256 * 1024 + 1), b"a\0b", b"\xff\xfe"):
        source.write_bytes(content)
        assert call("group", "file", "eu", "/var/www/html/x", "--from", str(source)).code == 2
    source.write_bytes(b"x" * (256 * 1024))
    assert call("group", "file", "eu", "/var/www/html/x", "--from", str(source)).code == 0


def test_detaching_a_nameserver_with_zones_wants_to_be_told_that_they_stay(call: Call) -> None:
    with connection():
        seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS])
    said = call("group", "detach-dns", "eu", "ns1")
    assert (said.code, "holds 1 zones of the group's services (one.example.com)" in said.err) == (4, True)
    plan = json.loads(call("group", "detach-dns", "eu", "ns1", "--plan", "--json").out)
    assert plan["zones"] == {"ns1": ["one.example.com"]}
    shown = json.loads(call("group", "detach-dns", "eu", "ns1", "--keep-zones", "--json").out)
    assert shown["dns_servers"] == ["pdns1"]


def test_a_group_goes_only_when_nothing_of_it_is_left(call: Call) -> None:
    said = call("group", "remove", "eu")
    assert said.code == 4
    for word in ("servers mx01, web01", "attached nameservers ns1, pdns1", "products web-s"):
        assert word in said.err
    call("group", "add", "us")
    call("group", "set", "us", "all", "THEME=flat")
    assert call("group", "remove", "us").code == 0
    with connection():
        assert [row.name for row in Group.select()] == ["eu"]


def test_servers_join_and_leave_a_group(call: Call) -> None:
    call("group", "add", "us")
    assert call("group", "join", "us", "web01").code == 4
    assert json.loads(call("group", "leave", "eu", "web01", "--json").out)["servers"] == ["mx01"]
    assert json.loads(call("group", "join", "us", "web01", "--json").out)["servers"] == ["web01"]
    assert call("group", "leave", "eu", "web01").code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("group", "file", "eu", "/var/www/html/x", "--from", "~nobody-of-that-name/x"),
        ("group", "template", "eu", "--from", "~nobody-of-that-name/x"),
        ("server", "edit", "web01", "--key-file", "~nobody-of-that-name/x"),
        ("apply", "~nobody-of-that-name/fleet.toml"),
    ],
)
def test_a_file_of_somebody_who_does_not_exist_is_a_mistake_of_whoever_typed_it(
    call: Call, words: tuple[str, ...]
) -> None:
    said = call(*words)
    assert (said.code, "home directory" in said.err) == (2, True), said
