"""Servers from the console: added, changed, checked, drained and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from rich.text import Text
from tests.queue.conftest import run_all_due, running_on
from tests.screens.seeing import command, notice, press, settle
from tests.screens.seeing import drawn as shown
from tests.screens.seeing import until_done as until
from tests.simfleet import client_key, sim_fleet
from textual import events
from textual.widgets import Checkbox, RadioButton, RadioSet, Select, Static

from hostdeck.core.domain.vocabulary import Driver, RunKind, ServerStatus
from hostdeck.core.errors import Refused
from hostdeck.core.queries.rows import fingerprint
from hostdeck.core.settings import Settings
from hostdeck.core.store.config_models import GroupConfig, ServerConfig
from hostdeck.core.store.db import close_store, connection, transaction
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Group, Server, Setting
from hostdeck.core.store.home import make_home
from hostdeck.core.store.seal import read_worker_key, unseal
from hostdeck.core.store.work_models import Run, Task
from hostdeck.core.transport import hostkey
from hostdeck.screens.server import ServerScreen
from hostdeck.screens.server_form import ServerFormScreen
from hostdeck.screens.server_key import KeyField
from hostdeck.screens.servers import Servers
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.frame import OneLine
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.spark import spark
from hostdeck.tui.widgets.table import Table

BIG, SMALL = (120, 36), (80, 24)
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK7mAh4vPq5t1M1xQeiZ9rWkLhV1oX3Z4Fs6VqkkYH0n"


def row(name: str) -> Server | None:
    with connection():
        found: Server | None = Server.get_or_none(Server.name == name)
        return found


def there(name: str) -> Server:
    found = row(name)
    assert found is not None
    return found


def fill(app: HostdeckApp, **values: str) -> None:
    for name, value in values.items():
        app.screen.query_one(f"#{name}").value = value  # type: ignore[attr-defined]


def tick(app: HostdeckApp, *roles: str) -> None:
    for role in roles:
        app.screen.query_one(f"#can-{role}", Checkbox).value = True


def paste_key(app: HostdeckApp, key: str) -> None:
    field = app.screen.query_one("#key", KeyField)
    field.on_paste(events.Paste(key))


def wrong(app: HostdeckApp, field: str) -> str:
    return str(app.screen.query_one(f"#wrong-{field}", Static).content)


@pytest.fixture
def home(tmp_path: Path, seeds: Any) -> Iterator[Path]:
    """The seeded fleet in a home with a worker's key, so that a credential can be sealed."""
    make_home(Settings(home=tmp_path))
    seeds.seed(tmp_path)
    yield tmp_path
    close_store()


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    asked: list[tuple[str, int]] = []

    def scan(host: str, port: int, timeout: float = 10) -> str:
        asked.append((host, port))
        if host == "192.0.2.250":
            raise Refused("host", f"no SSH host key from {host}:{port} (refused); check address and port", "SRV_SCAN")
        return HOST_KEY

    monkeypatch.setattr(hostkey, "scan", scan)
    return asked


@pytest.fixture
def console(home: Path, make_app: Callable[..., HostdeckApp]) -> HostdeckApp:
    return make_app()


# ----------------------------------------------------------------------------------------------------------- adding


async def new_server(app: HostdeckApp, pilot: Any, **values: str) -> None:
    await press(pilot, "2", "n")
    assert isinstance(app.screen, ServerFormScreen)
    fill(app, **({"name": "web09", "host": "192.0.2.99"} | values))
    tick(app, "web")
    paste_key(app, client_key())


async def test_nothing_is_written_before_the_host_key_was_compared(
    console: HostdeckApp, scans: list[tuple[str, int]]
) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot, ssh_port="2222", max_accounts="40")
        app.screen.query_one("#group", Select).value = "eu"
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, Confirm))
        await settle(pilot)
        assert scans == [("192.0.2.99", 2222)]
        assert fingerprint(HOST_KEY) in shown(app)
        assert "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in shown(app)
        await press(pilot, "enter")
        assert row("web09") is None
        assert "not accepted" in notice(app)
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, Confirm))
        await press(pilot, "y")
        await until(lambda: row("web09") is not None)
        made = there("web09")
        assert (made.ip, made.ssh_port, made.host_key, made.max_accounts) == ("192.0.2.99", 2222, HOST_KEY, 40)
        assert (made.web, made.mail, made.dns, made.status) == (True, False, False, ServerStatus.ACTIVE)


async def test_a_saved_server_is_offered_its_check_and_shows_it(
    console: HostdeckApp, scans: list[tuple[str, int]]
) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot)
        await press(pilot, "ctrl+o", "y")
        await until(lambda: isinstance(app.screen, Confirm) and "Check it now" in shown(app))
        await press(pilot, "y")
        await until(lambda: isinstance(app.screen, ServerScreen))
        await settle(pilot)
        assert app.screen.query_one("#check").has_class("-shown")
        with connection():
            task = Task.get(Task.action == "server.check", Task.target == "web09")
        assert task.args == {"capabilities": ["web"]}
        assert f"task #{task.id} is checking it" in shown(app)


async def test_later_leaves_the_new_server_unchecked(console: HostdeckApp, scans: list[tuple[str, int]]) -> None:
    app = console
    async with app.run_test(size=SMALL) as pilot:
        await new_server(app, pilot)
        await press(pilot, "ctrl+o", "y")
        await until(lambda: isinstance(app.screen, Confirm) and "Check it now" in shown(app))
        await press(pilot, "enter")
        await until(lambda: isinstance(app.screen, Servers) and "is saved" in notice(app))
        with connection():
            assert not Task.select().where(Task.target == "web09").exists()


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"host": "-x"}, "host", "must not start with '-'"),
        ({"ssh_port": "0"}, "ssh_port", "use 1 to 65535"),
        ({"ssh_user": "a b"}, "ssh_user", "use 1 to 32 letters"),
        ({"max_accounts": "-1"}, "max_accounts", "whole number"),
        ({"name": "web01"}, "name", "exists already"),
        ({"node_dir": "relative"}, "node_dir", "absolute path"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_nobody_is_called(
    console: HostdeckApp, scans: list[tuple[str, int]], values: dict[str, str], field: str, text: str
) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot, **values)
        await press(pilot, "ctrl+o")
        await until(lambda: text in wrong(app, field))
        assert scans == []
        assert isinstance(app.screen, ServerFormScreen)


async def test_a_host_that_does_not_answer_keeps_the_form(console: HostdeckApp, scans: list[tuple[str, int]]) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot, host="192.0.2.250")
        await press(pilot, "ctrl+o")
        await until(lambda: "no SSH host key from 192.0.2.250:22" in notice(app))
        assert "no SSH host key from" in wrong(app, "host")
        assert isinstance(app.screen, ServerFormScreen)
        fill(app, host="192.0.2.99")
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, Confirm))


async def test_only_the_field_of_the_chosen_login_is_shown_and_counts(
    console: HostdeckApp, scans: list[tuple[str, int]], home: Path
) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot)
        assert app.screen.query_one("#line-key").display
        assert not app.screen.query_one("#line-password").display
        app.screen.query_one("#auth-password", RadioButton).value = True
        await settle(pilot)
        assert not app.screen.query_one("#line-key").display
        app.screen.query_one("#password").focus()
        await press(pilot, *"hunter2")
        assert "hunter2" not in shown(app)
        await press(pilot, "ctrl+o", "y")
        await until(lambda: row("web09") is not None)
    made = there("web09")
    opened = unseal(read_worker_key(Settings(home=home).worker_key), "server", made.uuid, "credential", made.credential)
    assert opened == '{"kind": "password", "value": "hunter2"}'


async def test_a_key_is_a_path_or_pasted_and_its_text_is_never_shown(
    console: HostdeckApp, scans: list[tuple[str, int]], tmp_path: Path, home: Path
) -> None:
    app, key = console, client_key()
    (tmp_path / "id").write_text(key)
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot)
        app.screen.query_one("#key").focus()
        app.post_message(events.Paste(key))
        await settle(pilot)
        assert "a pasted key of" in shown(app)
        assert "PRIVATE KEY" not in shown(app)
        fill(app, key=str(tmp_path / "none"))
        await press(pilot, "ctrl+o")
        await until(lambda: "No such file" in wrong(app, "key"))
        fill(app, key="~nobody-of-that-name/id")
        await press(pilot, "ctrl+o")
        await until(lambda: "home directory" in wrong(app, "key"))
        fill(app, key=str(tmp_path / "id"))
        await press(pilot, "ctrl+o", "y")
        await until(lambda: row("web09") is not None)
    made = there("web09")
    opened = unseal(read_worker_key(Settings(home=home).worker_key), "server", made.uuid, "credential", made.credential)
    assert '"kind": "key"' in opened


async def test_powerdns_hosts_dns_and_nothing_else(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await new_server(app, pilot)
        app.screen.query_one(f"#driver-{Driver.POWERDNS}", RadioButton).value = True
        await settle(pilot)
        ticks = {role: app.screen.query_one(f"#can-{role}", Checkbox) for role in ("web", "mail", "dns")}
        assert {role: (box.value, box.disabled) for role, box in ticks.items()} == {
            "web": (False, True), "mail": (False, True), "dns": (True, False),
        }  # fmt: skip
        app.screen.query_one(f"#driver-{Driver.HESTIA}", RadioButton).value = True
        await settle(pilot)
        assert not any(box.disabled for box in ticks.values())


# ---------------------------------------------------------------------------------------------------------- editing


async def test_a_server_is_edited_and_its_credential_stays(console: HostdeckApp, scans: list[tuple[str, int]]) -> None:
    app = console
    before = there("web02").credential
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web02")
        await press(pilot, "e")
        assert app.screen.query_one("#name").disabled
        assert app.screen.query_one("#key", KeyField).placeholder == "unchanged"
        fill(app, max_accounts="250")
        app.screen.query_one("#group", Select).value = ""
        await press(pilot, "ctrl+o")
        await until(lambda: there("web02").max_accounts == 250)
        assert (there("web02").group, there("web02").credential, scans) == (None, before, [])


async def test_another_address_is_compared_as_a_new_server_is(
    console: HostdeckApp, scans: list[tuple[str, int]]
) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web02")
        await press(pilot, "e")
        fill(app, host="192.0.2.77")
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, Confirm))
        assert there("web02").hostname == "web02.example.net"
        await press(pilot, "y")
        await until(lambda: there("web02").hostname == "192.0.2.77")
        assert there("web02").host_key == HOST_KEY


async def test_a_tick_in_use_is_refused_with_what_stands_on_it_and_the_driver_is_locked(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web01")
        await press(pilot, "e")
        assert app.screen.query_one("#driver", RadioSet).disabled
        app.screen.query_one("#can-web", Checkbox).value = False
        tick(app, "mail")
        await press(pilot, "ctrl+o")
        await until(lambda: "can't lose web: 3 web accounts (baltic-tea.eu, customer.com" in wrong(app, "capability"))
        assert there("web01").web


# --------------------------------------------------------------------------------------------------- from nothing


async def test_three_bare_nodes_become_a_fleet_with_the_console_alone(
    tmp_path: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    """Over real SSH: the keys are those the nodes show, and the worker's checks pass."""
    settings = Settings(home=tmp_path)
    make_home(settings)
    app, key = make_app(clock=utcnow), client_key()
    with sim_fleet(("web01", "mx01", "pdns01")) as fleet:
        for node in fleet.nodes.values():
            node.open_house, node.authorized = False, {asyncssh.import_private_key(key).public_data}
        async with app.run_test(size=BIG) as pilot:
            await press(pilot, "2")
            assert "no servers yet" in shown(app)
            assert "n adds one" in shown(app)
            for name, role in (("web01", "web"), ("mx01", "mail"), ("pdns01", "dns")):
                await press(pilot, "n")
                fill(app, name=name, host="127.0.0.1", ssh_port=str(fleet[name].port))
                if role == "dns":
                    app.screen.query_one(f"#driver-{Driver.POWERDNS}", RadioButton).value = True
                else:
                    tick(app, role)
                paste_key(app, key)
                await press(pilot, "ctrl+o")
                await until(lambda: isinstance(app.screen, Confirm))
                await settle(pilot)
                assert fleet[name].host_key_fingerprint in shown(app)
                await press(pilot, "y")
                await until(lambda: "Check it now" in shown(app))
                await press(pilot, "y")
                await until(lambda: isinstance(app.screen, ServerScreen))
                await press(pilot, "escape")
            with connection():
                for runner in running_on(settings):
                    run_all_due(runner)
                assert {row.name: row.health for row in Server.select()} == dict.fromkeys(
                    ("web01", "mx01", "pdns01"), "ok"
                )
            await settle(pilot)
            assert "full three-tier: 1 web, 1 mail, 1 dns" in str(app.screen.query_one("#topology", OneLine).text)
    close_store()


# ------------------------------------------------------------------------------------------------- list and filters


async def test_the_kind_is_remembered_on_coming_back_and_dns_has_its_own_columns(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "left_square_bracket")
        assert [server.name for server in app.screen.query_one(Table).rows.shown] == ["ns1", "ns2"]
        header = shown(app)
        assert "USED BY GROUPS" in header
        assert "ACCOUNTS" not in header
        await press(pilot, "4", "2")
        assert isinstance(app.screen, Servers)
        assert app.screen.kind == "dns"
        assert [server.name for server in app.screen.query_one(Table).rows.shown] == ["ns1", "ns2"]
        await command(pilot, "web")
        assert "ACCOUNTS" in shown(app)


async def test_states_and_warnings_are_words(console: HostdeckApp) -> None:
    with transaction():
        for name, status in (("web01", "draining"), ("web02", "disabled"), ("mx01", "quarantined")):
            Server.update(status=status).where(Server.name == name).execute()
    app = console
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "2")
        for word in ("draining", "disabled", "quarantined", "vulnerable"):
            assert word in shown(app)
        await command(pilot, "server mx01")
        assert "its host key changed: nobody logs in until it was compared" in " ".join(shown(app).split())
        assert "HestiaCP 1.9.6 is older than 1.9.9" in shown(app)


async def test_an_age_is_marked_once_a_collection_was_missed_by_the_pace_that_is_set(
    console: HostdeckApp, seeds: Any
) -> None:
    with transaction():
        Server.update(collected_at=seeds.before(minutes=12)).where(Server.name == "web01").execute()
    app = console
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "2")
        assert "12m!" in shown(app)
        assert "4m!" not in shown(app)
        with transaction():
            Setting.create(key="collect.every", value="900")
        await until(lambda: "12m!" not in shown(app))
        assert "12m" in shown(app)


async def test_versions_that_differ_are_named_above_the_list(console: HostdeckApp) -> None:
    with transaction():
        facts = there("web01").health_facts | {"panel_version": "1.10.3"}
        Server.update(health_facts=facts).where(Server.name == "web01").execute()
    app = console
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2")
        assert "mixed versions: hestiacp 1.9.6, 1.10.3" in shown(app)


# --------------------------------------------------------------------------------------------------- the screen of one


async def test_enter_opens_a_server_and_its_tabs_show_what_there_is(console: HostdeckApp, seeds: Any) -> None:
    with transaction():
        server = there("web01")
        facts = server.health_facts | {
            "services_down": ["exim4"], "services_up": 13, "disk_used_mb": 20_480, "disk_total_mb": 102_400,
        }  # fmt: skip
        Server.update(health_facts=facts, collected_at=seeds.before(minutes=30)).where(Server.name == "web01").execute()
        for minutes in range(60, 0, -5):
            HealthSample.create(
                server=server, at=seeds.before(minutes=minutes), cpu=minutes, ram=50, disk=20, load=None
            )
        ServerConfig.create(
            server=server, live={"WEB_SYSTEM": "nginx", "BACKUP_GZIP": "3"}, read_at=seeds.before(hours=1)
        )
        GroupConfig.create(group=Group.get(), key="BACKUP_GZIP", value="5")
    app = console
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web01")
        text = shown(app)
        assert "30m ago  STALE" in text
        assert "13/14 running  down: exim4" in text
        assert "20.0 of 100.0 GB" in text
        assert f"12%  {spark(range(60, 0, -5), 12)}" in text
        await press(pilot, "right_square_bracket")
        assert "customer-com-web" in shown(app)
        await press(pilot, "right_square_bracket")
        assert "[Tasks" in shown(app)
        await press(pilot, "right_square_bracket")
        assert "WANTED BY ITS GROUP" in shown(app)
        assert "differs" in shown(app)
        await press(pilot, "right_square_bracket")
        assert "never checked; c checks it" in shown(app)


async def test_a_check_shows_its_parts_and_below_a_failure_its_mend(console: HostdeckApp) -> None:
    checks = [
        {"key": "tcp", "label": "TCP and banner", "state": "ok", "text": "SSH-2.0-OpenSSH_9.2p1", "mend": []},
        {"key": "root", "label": "root", "state": "failed", "text": "web01: sudo: a password is required",
         "mend": ["chmod 440 /etc/sudoers.d/hostdeck-deploy", "visudo -c"]},
        {"key": "panel", "label": "panel", "state": "not reached", "text": "", "mend": []},
    ]  # fmt: skip
    with transaction():
        Task.create(
            run=Run.create(kind=RunKind.SERVER), server=there("web01"), action="server.check", target="web01",
            status="failed", result={"checks": checks}, finished_at=utcnow(), error="x",
        )  # fmt: skip
    app = console
    async with app.run_test(size=SMALL) as pilot:
        await command(pilot, "server web01")
        await press(pilot, "left_square_bracket")
        text = shown(app)
        assert "Check 1 failed" in text
        lines = [" ".join(line.split()) for line in text.splitlines()]
        at = lines.index("failed root web01: sudo: a password is required")
        assert lines[at + 1 : at + 3] == ["chmod 440 /etc/sudoers.d/hostdeck-deploy", "visudo -c"]
        assert lines[at + 3] == "not reached panel"


async def test_tasks_and_services_of_a_server_open(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web01")
        await press(pilot, "right_square_bracket", "enter")
        assert type(app.screen).__name__ == "ServiceScreen"
        await press(pilot, "escape", "right_square_bracket", "enter")
        assert type(app.screen).__name__ == "TaskScreen"


async def test_enter_on_home_opens_the_server_that_wants_a_person(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await settle(pilot)
        app.screen.query_one("#home-servers", Table).focus()
        await press(pilot, "enter")
        assert isinstance(app.screen, ServerScreen)
        assert app.screen.server_name == "mx01"


async def test_a_server_that_is_not_there_says_so(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=SMALL) as pilot:
        await command(pilot, "server nowhere")
        assert "no server is called 'nowhere'" in shown(app)
        await press(pilot, "escape")
        assert type(app.screen).__name__ == "Home"


# ---------------------------------------------------------------------------------------------------------- wishes


@pytest.mark.parametrize("at", ["list", "screen"])
async def test_u_drains_and_activates_and_words_disable(
    console: HostdeckApp, scans: list[tuple[str, int]], at: str
) -> None:
    app = console
    with transaction():
        Server.update(host_key=HOST_KEY).execute()
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", *(("enter",) if at == "screen" else ()))
        await press(pilot, "u")
        await until(lambda: there("mx01").status is ServerStatus.DRAINING)
        await press(pilot, "u")
        await until(lambda: there("mx01").status is ServerStatus.ACTIVE)
        assert scans == [("mx01.example.net", 22)]
        await command(pilot, "disable")
        await until(lambda: there("mx01").status is ServerStatus.DISABLED)
        await command(pilot, "activate")
        await until(lambda: there("mx01").status is ServerStatus.ACTIVE)
        await command(pilot, "drain")
        await until(lambda: there("mx01").status is ServerStatus.DRAINING)


async def test_a_quarantined_server_comes_back_only_by_a_key_somebody_compared(
    console: HostdeckApp, scans: list[tuple[str, int]]
) -> None:
    app = console
    with transaction():
        Server.update(status=ServerStatus.QUARANTINED).where(Server.name == "mx01").execute()
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "u")
        await until(lambda: isinstance(app.screen, Confirm))
        await press(pilot, "enter")
        assert there("mx01").status is ServerStatus.QUARANTINED
        await press(pilot, "u")
        await until(lambda: isinstance(app.screen, Confirm))
        await press(pilot, "y")
        await until(lambda: there("mx01").status is ServerStatus.ACTIVE)
        assert there("mx01").host_key == HOST_KEY


async def test_removing_asks_for_the_name_and_what_stands_on_it_refuses(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web01")
        await press(pilot, "delete")
        assert isinstance(app.screen, PlanDialog)
        await press(pilot, *"web0", "enter")
        assert "that is not its name" in shown(app)
        await press(pilot, "1", "enter")
        await until(lambda: "still has 3 accounts" in notice(app))
        await command(pilot, "server web02")
        await command(pilot, "delete")
        await press(pilot, *"web02", "enter")
        await until(lambda: row("web02") is None)


async def test_c_and_refresh_are_queued_from_the_screen_of_one(console: HostdeckApp) -> None:
    app = console
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "server web02")
        await press(pilot, "c")
        await until(lambda: app.screen.query_one("#check").has_class("-shown"))
        await press(pilot, "R")
        await until(lambda: "will be asked for figures" in notice(app))
        with connection():
            actions = {task.action for task in Task.select().where(Task.target == "web02")}
        assert {"server.check", "server.collectStatus"} <= actions


async def test_the_lists_keys_are_about_the_marked_server(
    console: HostdeckApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, shells = console, list[str]()
    monkeypatch.setattr(app, "open_shell", shells.append)
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "end", "c")
        await until(lambda: "web02: task #" in notice(app))
        await press(pilot, "R")
        await until(lambda: "1 server will be asked for figures" in notice(app))
        await press(pilot, "s")
        assert shells == ["web02"]
        await press(pilot, "e")
        assert isinstance(app.screen, ServerFormScreen)
        assert app.screen.query_one("#host", Field).value == "web02.example.net"
        await press(pilot, "tab")
        assert app.focused is app.screen.query_one("#ip")
        await press(pilot, "shift+tab", "escape")
        assert isinstance(app.screen, Servers)


async def test_read_only_looks_and_changes_nothing(home: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=BIG) as pilot:
        for at in ((), ("enter",)):
            for key in ("e", "c", "R", "u", "s", "delete"):
                await press(pilot, "2", *at, key)
                assert notice(app) == "hostdeck runs read-only here; nothing can be changed", (at, key)
        await press(pilot, "2", "n")
        assert "read-only" in notice(app)
        assert isinstance(app.screen, Servers)


def test_the_course_of_a_figure_is_as_high_as_the_figure() -> None:
    assert spark([0, 50, 100, None, 250], 10) == "▁▅█ █"
    assert spark([0, 100], 1) == "█"
    assert Text(spark([], 5)).plain == ""
