"""Groups from the console: listed, told what they shall have, edited, and held against their servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import command, notice, press, pressing, settle, until
from tests.screens.seeing import drawn as shown
from textual.widgets import Static

from hostdeck.core.domain.vocabulary import RunKind, Target
from hostdeck.core.store.config_models import DriftIgnore, GroupConfig, ServerConfig, StandardFile
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Group, GroupDns, Server
from hostdeck.core.store.work_models import Run, Task
from hostdeck.screens.drift import Drift
from hostdeck.screens.group import TABS, GroupScreen
from hostdeck.screens.server import ServerScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.ask import Ask
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.plan_dialog import Choice, PlanDialog
from hostdeck.tui.widgets.table import Table

BIG, SMALL = (120, 36), (80, 24)
both_sizes = pytest.mark.parametrize("size", [SMALL, BIG], ids=["80x24", "120x36"])


def furnish(seeds: ModuleType) -> None:
    """Wishes of the group, and what two of its servers were last seen to have."""
    with transaction():
        group = Group.get(Group.name == "eu")
        Group.update(variables={"brand": "Baltic", "support": "help@example.net"}).where(Group.id == group.id).execute()
        wishes = {"THEME": "flat", "LANGUAGE": "en", "DB_PMA_ALIAS": "sql", "WEBMAIL_ALIAS": "webmail", "FROM_NAME": ""}
        for key, value in wishes.items():
            GroupConfig.create(group=group, key=key, value=value)
        for name, theme in (("web01", "dark"), ("mx01", "flat")):
            live = {"THEME": theme, "LANGUAGE": "en", "DB_PMA_ALIAS": "phpmyadmin", "WEBMAIL_ALIAS": "webmail"}
            ServerConfig.create(server=Server.get(Server.name == name), live=live, read_at=seeds.before(minutes=7))
        StandardFile.create(
            group=group, path="/var/www/html/robots.txt", target=Target.ALL, content="User-agent: *\n", digest="0" * 64,
            changed_at=seeds.before(days=2),
        )  # fmt: skip


@pytest.fixture
def group_app(app: HostdeckApp, seeds: ModuleType) -> HostdeckApp:
    furnish(seeds)
    return app


def dialog_text(app: HostdeckApp) -> str:
    return str(app.screen.query_one("#dialog-lines", Static).content)


def config() -> dict[str, str]:
    with connection():
        return dict(GroupConfig.select(GroupConfig.key, GroupConfig.value).tuples())


async def at_tab(pilot: Any, tab: str) -> None:
    await press(pilot, "3", "enter", *["right_square_bracket"] * list(TABS).index(tab))
    assert pilot.app.screen.tab == tab


# --------------------------------------------------------------------------------------------------------- the list


async def test_three_lists_groups_and_enter_opens_one(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await press(pilot, "3")
        assert [row.name for row in group_app.screen.query_one(Table).rows.shown] == ["eu"]
        await press(pilot, "enter")
        assert isinstance(group_app.screen, GroupScreen)
        assert "4 servers, 3 online, 2 DNS attached" in shown(group_app)
        await press(pilot, "escape", "1", ":", *"grp eu", "enter")
        assert isinstance(group_app.screen, GroupScreen)


async def test_a_group_is_added_and_removed_by_its_typed_name(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=SMALL) as pilot:
        await press(pilot, "3", "n", *"-x", "enter")
        assert isinstance(group_app.screen, Ask)
        await press(pilot, "backspace", "backspace", *"us", "enter")
        await until(pilot, lambda: "'us' is there" in notice(group_app))
        await press(pilot, "end", "delete", *"eu", "enter")
        assert isinstance(group_app.screen, PlanDialog)
        await press(pilot, "backspace", "backspace", *"us", "enter")
        await until(pilot, lambda: "'us' is removed" in notice(group_app))
        await command(pilot, "delete")
        assert isinstance(group_app.screen, PlanDialog)
        await press(pilot, *"eu", "enter")
        await until(pilot, lambda: "still has servers" in notice(group_app))


# ----------------------------------------------------------------------------------------------------------- actions


async def test_the_nine_tabs_come_in_order_at_both_sizes(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=SMALL) as pilot:
        await press(pilot, "3", "enter")
        for words in TABS.values():
            assert f"[{words}]" in shown(group_app)
            await press(pilot, "right_square_bracket")
        assert group_app.screen.tab == "actions"  # type: ignore[attr-defined]
        await press(pilot, "left_square_bracket")
        assert group_app.screen.tab == "nameservers"  # type: ignore[attr-defined]
    assert list(TABS.values()) == [
        "Actions", "General", "All-servers cfg", "Web cfg", "Mail cfg", "DNS cfg", "Variables", "Standard files",
        "DNS servers",
    ]  # fmt: skip


async def test_an_action_shows_its_plan_and_needs_the_groups_name(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await press(pilot, "3", "enter", "j", "enter")
        await until(pilot, lambda: isinstance(group_app.screen, PlanDialog))
        text = dialog_text(group_app)
        assert "2 tasks: web01, web02" in text
        assert "mx01: skipped: not web" in text
        assert "v-change-sys-config-value THEME flat   now: dark" in text
        assert "v-change-sys-db-alias pma sql   now: phpmyadmin" in text
        assert "1 more is right already" in text
        assert "WEBMAIL" not in text
        await press(pilot, *"pl", "enter")
        assert isinstance(group_app.screen, PlanDialog)
        await press(pilot, "backspace", "backspace", *"eu", "enter")
        await until(pilot, lambda: "2 tasks queued" in notice(group_app))
        await until(pilot, lambda: len(group_app.screen.query_one("#steps", Table).rows.shown) == 2)
        await settle(pilot)
        assert "running 0/2" in shown(group_app)
    with connection():
        assert sorted(task.target for task in Task.select().join(Run).where(Run.kind == RunKind.BULK)) == [
            "web01", "web02",
        ]  # fmt: skip


async def test_the_field_for_the_name_is_in_sight_on_a_small_screen_however_long_the_plan(
    group_app: HostdeckApp,
) -> None:
    async with group_app.run_test(size=SMALL) as pilot:
        await press(pilot, "3", "enter", "enter")
        await until(pilot, lambda: isinstance(group_app.screen, PlanDialog))
        await press(pilot, *"xyz")
        assert "xyz" in shown(group_app)
        assert group_app.screen.query_one("#dialog-plan").max_scroll_y > 0


async def test_refreshing_status_reaches_powerdns_too_and_needs_no_name(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await press(pilot, "3", "enter", "end", "enter")
        await until(pilot, lambda: isinstance(group_app.screen, PlanDialog))
        assert "6 tasks: mx01, mx02, ns1, ns2, web01, web02" in dialog_text(group_app)
        await press(pilot, "right", "enter")
        await until(pilot, lambda: "6 tasks queued" in notice(group_app))


async def test_a_member_leads_to_its_server(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await press(pilot, "3", "enter", "tab", "enter")
        await until(pilot, lambda: type(group_app.screen).__name__ == "ServerScreen")
        assert "mx01" in group_app.screen.crumb


# ------------------------------------------------------------------------------------------------------------ edits


async def test_a_key_is_chosen_typed_and_given_up(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "all")
        table = group_app.screen.query_one("#keys", Table)
        table.go_to("API")
        await press(pilot, "e")
        assert isinstance(group_app.screen, Choice)
        await press(pilot, "enter")
        await until(pilot, lambda: "API = yes is kept; not applied yet: Actions" in notice(group_app))
        table.go_to("INACTIVE_SESSION_TIMEOUT")
        await press(pilot, "e", "backspace", "backspace", "x", "enter")
        assert isinstance(group_app.screen, Ask)
        said = str(group_app.screen.query_one("#dialog-wrong", Static).content)
        assert said.startswith("INACTIVE_SESSION_TIMEOUT: 'x' is not accepted; use a whole number")
        await press(pilot, "backspace", *"90", "enter")
        await until(pilot, lambda: "INACTIVE_SESSION_TIMEOUT = 90" in notice(group_app))
        assert (config()["API"], config()["INACTIVE_SESSION_TIMEOUT"]) == ("yes", "90")
        table.go_to("API")
        await press(pilot, "delete")
        await until(pilot, lambda: "API is no longer managed" in notice(group_app))
        assert "API" not in config()


async def test_a_key_that_is_not_set_from_here_says_why(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "web")
        table = group_app.screen.query_one("#keys", Table)
        assert {row.target for row in table.rows.shown} == {Target.WEB}
        table.go_to("WEB_PORT")
        await press(pilot, "e")
        assert "WEB_PORT is not set from here: the server's own Listen lines" in notice(group_app)


async def test_variables_are_added_changed_and_removed(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "variables")
        await press(pilot, "n", *"spf", "enter", *"v=x", "enter")
        await until(
            pilot, lambda: "{spf} is kept for new orders; in standard files from their next apply" in notice(group_app)
        )
        group_app.screen.query_one("#variables", Table).go_to("brand")
        await press(pilot, "delete", "y")
        await until(pilot, lambda: "{brand} is gone" in notice(group_app))
    with connection():
        assert Group.get().variables == {"support": "help@example.net", "spf": "v=x"}


async def test_a_standard_file_is_added_from_a_file_here_and_removed(group_app: HostdeckApp, tmp_path: Path) -> None:
    source = tmp_path / "index.html"
    source.write_text("<h1>{brand}</h1>\n")
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "files")
        await press(pilot, "n", *"/etc/x", "enter")
        assert "FILE_PATH" in str(group_app.screen.query_one("#dialog-wrong", Static).content)
        group_app.screen.query_one("#dialog-typed").value = "/var/www/html/index.html"  # type: ignore[attr-defined]
        await press(pilot, "enter", "enter")
        for unfit, why in (("~nobody-of-that-name/x", "home directory"), ("/dev/zero", "is no plain file")):
            group_app.screen.query_one("#dialog-typed").value = unfit  # type: ignore[attr-defined]
            await press(pilot, "enter")
            assert why in str(group_app.screen.query_one("#dialog-wrong", Static).content)
        group_app.screen.query_one("#dialog-typed").value = "/nowhere"  # type: ignore[attr-defined]
        await press(pilot, "enter")
        wrong = group_app.screen.query_one("#dialog-wrong", Static)
        assert str(wrong.content) == "/nowhere: No such file or directory"
        group_app.screen.query_one("#dialog-typed").value = str(source)  # type: ignore[attr-defined]
        await press(pilot, "enter")
        await until(pilot, lambda: "index.html is kept; not applied yet" in notice(group_app))
        await settle(pilot)
        group_app.screen.query_one("#files", Table).go_to("/var/www/html/robots.txt")
        await press(pilot, "delete", "y")
        await until(pilot, lambda: "is no standard file any more" in notice(group_app))
    with connection():
        assert [(row.path, row.content) for row in StandardFile.select()] == [
            ("/var/www/html/index.html", "<h1>{brand}</h1>\n")
        ]


async def test_space_detaches_by_a_plan_that_names_the_zones_and_attaches_again(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "nameservers")
        await press(pilot, "space")
        await until(pilot, lambda: isinstance(group_app.screen, PlanDialog))
        assert "customer.com" in dialog_text(group_app)
        assert "stay published there" in dialog_text(group_app)
        await press(pilot, "right", "enter")
        await until(pilot, lambda: "ns1 is detached" in notice(group_app))
        await press(pilot, "space")
        await until(pilot, lambda: "ns1 is attached" in notice(group_app))
    with connection():
        assert GroupDns.select().count() == 2


async def test_servers_leave_and_join_on_general(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "general")
        await press(pilot, "space")
        await until(pilot, lambda: "mx01 has left" in notice(group_app))
        await settle(pilot)
        with connection():
            number = Server.get(Server.name == "mx01").id
        group_app.screen.query_one("#belonging", Table).go_to(number)
        await press(pilot, "space")
        await until(pilot, lambda: "mx01 has joined" in notice(group_app))


async def test_read_only_refuses_every_edit_with_the_reason(
    seeded: Path, make_app: Callable[..., HostdeckApp], seeds: ModuleType
) -> None:
    furnish(seeds)
    app = make_app(read_only=True)
    async with app.run_test(size=BIG) as pilot:
        for tab, keys in (("all", ("e",)), ("all", ("delete",)), ("variables", ("n",)), ("nameservers", ("space",))):
            await at_tab(pilot, tab)
            await press(pilot, *keys)
            assert notice(app) == "hostdeck runs read-only here; nothing can be changed"
            await press(pilot, "escape")
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, PlanDialog))
        await press(pilot, *"eu", "enter")
        assert notice(app) == "hostdeck runs read-only here; nothing can be changed"
        await press(pilot, "equals_sign")
        for key in ("a", "A", "d", "i", "I", "R"):
            await press(pilot, key)
            assert notice(app) == "hostdeck runs read-only here; nothing can be changed"


async def test_a_group_that_has_gone_says_so_and_escape_leads_out(app: HostdeckApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await command(pilot, "grp nowhere")
        assert "no group is called 'nowhere'" in shown(app)
        await press(pilot, "escape")
        assert type(app.screen).__name__ == "Home"


# ------------------------------------------------------------------------------------------------------------- drift


async def at_drift(pilot: Any) -> Drift:
    await press(pilot, "3", "enter", "equals_sign")
    screen = pilot.app.screen
    assert isinstance(screen, Drift)
    return screen


async def test_the_board_adopts_ignores_and_applies_one_cell(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        screen = await at_drift(pilot)
        assert "2 values differ" in shown(group_app)
        assert screen.board is not None
        assert screen.board.differing == 2
        screen.query_one(Table).go_to("THEME")
        await press(pilot, *["right"] * [one.server for one in screen.board.servers].index("web01"))
        await press(pilot, "i", *["backspace"] * 10, *"2020-01-01", "enter")
        assert "use a day to come" in str(group_app.screen.query_one("#dialog-wrong", Static).content)
        await press(pilot, *["backspace"] * 10, *"2099-01-01", "enter")
        await until(pilot, lambda: "ignored until 2099-01-01" in notice(group_app))
        await settle(pilot)
        assert screen.board.differing == 1
        assert "1 value differs" in shown(group_app)
        await press(pilot, "d", "y")
        await until(pilot, lambda: "THEME = dark is wanted now" in notice(group_app))
        assert config()["THEME"] == "dark"
        screen.query_one(Table).go_to("DB_PMA_ALIAS")
        await press(pilot, "I", *["backspace"] * 10, *"2099-01-01", "enter")
        await until(pilot, lambda: "DB_PMA_ALIAS on web01: ignored" in notice(group_app))
        await press(pilot, "a")
        await until(pilot, lambda: isinstance(group_app.screen, PlanDialog))
        assert "1 task: web01" in dialog_text(group_app)
        assert "THEME" not in dialog_text(group_app)
        assert "Apply DB_PMA_ALIAS to web01: eu" in shown(group_app)
        assert "canary" not in dialog_text(group_app)
        await press(pilot, *"eu", "enter")
        await until(pilot, lambda: "1 task queued" in notice(group_app))
        await press(pilot, "R")
        await until(pilot, lambda: "5 servers will be read" in notice(group_app))
        await press(pilot, "A")
        await until(pilot, lambda: isinstance(group_app.screen, PlanDialog))
        assert "2 tasks: web01, web02" in dialog_text(group_app)
        assert "Apply DB_PMA_ALIAS to every server it is for: eu" in shown(group_app)
        assert "canary" not in dialog_text(group_app)
        await press(pilot, "escape")
    with connection():
        assert DriftIgnore.select().count() == 2
        task = Task.select().join(Run).where(Run.kind == RunKind.BULK).get()
        assert task.args["values"] == {"DB_PMA_ALIAS": "sql"}


async def test_enter_on_the_board_opens_the_chosen_server_at_its_configuration(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        screen = await at_drift(pilot)
        assert screen.board is not None
        await press(pilot, "right", "enter")
        assert isinstance(group_app.screen, ServerScreen)
        assert group_app.screen.server_name == screen.board.servers[1].server
        assert "[Config]" in shown(group_app)


async def test_help_writes_a_pair_of_arrows_once(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_drift(pilot)
        await press(pilot, "question_mark")
        rows = [line.split() for line in shown(group_app).splitlines() if " server " in line and "→" in line]
        assert rows[0][rows[0].index("←") :][:3] == ["←", "→", "server"]


async def test_another_category_of_keys_begins_at_its_first(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=BIG) as pilot:
        await at_tab(pilot, "all")
        table = group_app.screen.query_one("#keys", Table)
        await press(pilot, "down", "down")
        assert table.rows.cursor == 2
        await press(pilot, "right_square_bracket")
        assert table.rows.cursor == 0


async def test_the_chosen_server_stays_in_sight_on_a_small_screen(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=SMALL) as pilot:
        screen = await at_drift(pilot)
        assert screen.board is not None
        for server in screen.board.servers:
            assert server.server in shown(group_app).splitlines()[2]
            await press(pilot, "right")
        assert screen.column == 0
        await press(pilot, "left")
        assert "web02" in shown(group_app).splitlines()[2]


async def test_adopting_what_is_right_is_refused_by_the_board(group_app: HostdeckApp) -> None:
    async with group_app.run_test(size=SMALL) as pilot:
        screen = await at_drift(pilot)
        screen.query_one(Table).go_to("THEME")
        await press(pilot, "d")
        assert notice(group_app) == "nothing to adopt: THEME on mx01 is same"
        assert not isinstance(group_app.screen, Confirm)


# ---------------------------------------------------------------------------------------------------------- pictures


BRACKET = "right_square_bracket"
PICTURES: dict[str, tuple[str, ...]] = {
    "groups": ("3",),
    **{tab: ("3", "enter", *[BRACKET] * at) for at, tab in enumerate(TABS)},
    "drift": ("3", "enter", "equals_sign", "right", "right"),
}


@both_sizes
@pytest.mark.parametrize("case", PICTURES)
def test_picture(snap_compare: Any, group_app: HostdeckApp, case: str, size: tuple[int, int]) -> None:
    assert snap_compare(group_app, terminal_size=size, run_before=pressing(*PICTURES[case]))


def reading() -> int:
    """How many servers are being asked what they have."""
    with connection():
        return int(Task.select().where(Task.action == "server.readConfig").count())


@both_sizes
def test_picture_of_a_plan(snap_compare: Any, group_app: HostdeckApp, size: tuple[int, int]) -> None:
    async def planned(pilot: Any) -> None:
        await press(pilot, "3", "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanDialog) and reading() == 5)
        await settle(pilot)

    assert snap_compare(group_app, terminal_size=size, run_before=planned)


@both_sizes
def test_picture_of_no_groups(
    snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=pressing("3"))
