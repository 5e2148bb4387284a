"""What is inside a service from the console: its tabs, the forms, the password that is shown once, the zone editor."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import command, notice, press, settle
from tests.screens.seeing import drawn as shown
from tests.screens.seeing import until_done as until
from textual.widgets import Checkbox, Select, Static

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Mode, RunKind
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.home import make_home
from hostdeck.core.store.item_models import Item, ZoneVersion
from hostdeck.core.store.work_models import Record, Run, Service, Task
from hostdeck.screens.item_form import ItemForm
from hostdeck.screens.service import ServiceScreen
from hostdeck.screens.task import TaskScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.describe import Describe
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.password_dialog import PasswordDialog
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.tab_line import TabLine, window
from hostdeck.tui.widgets.table import Table

BIG, SMALL = (120, 36), (80, 24)
SIZES = [SMALL, BIG]
both_sizes = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
LABELS = "[Overview] Web SSL FTP 1 DBs 2 DNS 6 Mailboxes 3 Cron 2 Backups 2 Deploy Tasks 13 Logs"


def tab_line(app: HostdeckApp) -> str:
    return app.screen.query_one(TabLine).text.plain.rstrip()


def on_service(app: HostdeckApp) -> ServiceScreen:
    assert isinstance(app.screen, ServiceScreen)
    return app.screen


def opened_task(app: HostdeckApp) -> str:
    assert isinstance(app.screen, TaskScreen)
    return app.screen.crumb


def wrong(app: HostdeckApp, field: str) -> str:
    return str(app.screen.query_one(f"#wrong-{field}", Static).content)


def item(kind: str, name: str) -> Item:
    with connection():
        found: Item = Item.get(Item.kind == kind, Item.name == name)
        return found


def count(kind: str) -> int:
    with connection():
        return int(Item.select().where(Item.kind == kind).count())


def tasks_of_items() -> list[Task]:
    with connection():
        return list(Task.select().join(Run).where(Run.kind == RunKind.ITEM).order_by(Task.id))


def records() -> set[tuple[str, str, str]]:
    with connection():
        rows = Record.select().where(Record.zone == 1)
        return {(row.name, str(row.type), row.value) for row in rows}


@pytest.fixture
def stocked(seeded: Path, seeds: ModuleType) -> Path:
    """The seeded fleet with things inside customer.com, and a key that secrets are sealed for."""
    make_home(Settings(home=seeded))
    seeds.items()
    return seeded


@pytest.fixture
def app(stocked: Path, make_app: Callable[..., HostdeckApp]) -> HostdeckApp:
    return make_app()


# ------------------------------------------------------------------------------------------------------------ the tabs


async def test_a_service_has_twelve_tabs_with_counts(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        assert tab_line(app).split() == LABELS.split()
        seen = [on_service(app).tab]
        for _ in range(12):
            await press(pilot, "right_square_bracket")
            seen.append(on_service(app).tab)
        assert seen == [
            "overview", "web", "ssl", "ftp", "dbs", "dns", "mailboxes", "cron", "backups", "deploy", "tasks", "logs",
            "overview",
        ]  # fmt: skip
        await press(pilot, "left_square_bracket")
        assert on_service(app).tab == "logs"


async def test_a_tab_of_a_role_that_is_off_is_absent(app: HostdeckApp) -> None:
    with transaction():
        Service.update(roles=["web", "dns"]).where(Service.domain == "customer.com").execute()
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        assert "Mailboxes" not in tab_line(app)
        await command(pilot, "mailboxes")
        assert notice(app) == "customer.com has no Mailboxes tab: mail is off in its product"
        assert on_service(app).tab == "overview"
        await press(pilot, *["right_square_bracket"] * 6)
        assert on_service(app).tab == "cron"


async def test_a_service_of_mail_alone_has_the_settings_of_its_mail(app: HostdeckApp) -> None:
    with transaction():
        Service.update(roles=["mail"]).where(Service.domain == "customer.com").execute()
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        assert tab_line(app).split()[:4] == ["[Overview]", "Mail", "SSL", "Mailboxes"]
        await press(pilot, "right_square_bracket")
        assert {row.part.kind for row in app.screen.query_one("#settings", Table).rows.shown} == {ItemKind.MAIL_DOMAIN}


async def test_a_sold_name_has_its_one_mailbox_on_the_overview_and_no_tab_of_mailboxes(app: HostdeckApp) -> None:
    with transaction():
        Service.update(mode=Mode.VANITY, domain="ruslan.benchwords.com").where(Service.id == 1).execute()
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc 1")
        assert "Mailboxes" not in tab_line(app)
        assert "DNS" not in tab_line(app)
        assert "ruslan@benchwords.com  sold with it" in shown(app)


async def test_a_unified_service_has_one_tab_of_backups(app: HostdeckApp) -> None:
    with transaction():
        Service.update(mode=Mode.UNIFIED).where(Service.id == 1).execute()
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc 1")
        assert tab_line(app).count("Backups") == 1


async def test_a_narrow_line_of_tabs_is_cut_at_whole_names_with_the_current_one_in_sight(app: HostdeckApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await command(pilot, "svc customer.com")
        assert tab_line(app).endswith("Cron 2       >")
        for _ in range(11):
            await press(pilot, "right_square_bracket")
            line = tab_line(app)
            assert line.count("[") == 1
            assert len(line) <= 78
        assert line.startswith("<")
        assert line.endswith("[Logs]")


def test_a_window_of_tabs_holds_the_current_and_the_next_and_nothing_is_cut_that_fits() -> None:
    assert window([10, 10, 10], 0, 32) == range(3)
    assert window([10, 10, 10], 0, 31) == range(2)
    assert window([10, 10, 10], 1, 31) == range(1, 3)
    assert window([10, 10, 10], 2, 31) == range(1, 3)
    assert window([40], 0, 10) == range(1)


async def test_a_click_on_a_tabs_name_opens_it(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        await pilot.click(TabLine, offset=(tab_line(app).index("FTP") + 1, 0))
        await settle(pilot)
        assert on_service(app).tab == "ftp"


@pytest.mark.parametrize(
    ("word", "tab"),
    [
        ("mailboxes", "mailboxes"), ("dbs", "dbs"), ("ftp", "ftp"), ("cron", "cron"), ("dns", "dns"),
        ("records", "dns"), ("backups", "backups"),
    ],
)  # fmt: skip
async def test_a_word_opens_its_tab_of_the_service_shown_marked_or_named(app: HostdeckApp, word: str, tab: str) -> None:
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        await command(pilot, word)
        assert on_service(app).tab == tab
        assert isinstance(app.focused, Table)
        if word != "dns":
            await press(pilot, "escape")
            await command(pilot, word)
            assert notice(app) == "say of which service, such as ':mailboxes customer.com', or open one"
            await command(pilot, f"{word} customer.com")
            assert (on_service(app).crumb, on_service(app).tab) == ("customer.com", tab)
            await press(pilot, "escape", "4", "end")
            await command(pilot, word)
            assert (on_service(app).crumb, on_service(app).tab) == ("customer.com", tab)


async def test_the_word_dns_still_lists_the_servers_elsewhere(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "4")
        await command(pilot, "dns")
        assert [row.name for row in app.screen.query_one(Table).rows.shown] == ["ns1", "ns2"]


async def test_a_filter_of_one_tab_is_not_that_of_the_next(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "slash", *"sales", "enter")
        assert rows(app) == ["sales"]
        await press(pilot, "right_square_bracket")
        assert len(rows(app)) == 2
        await press(pilot, "left_square_bracket")
        assert len(rows(app)) == 3


async def open_tab(pilot: Any, tab: str, service: str = "customer.com") -> None:
    await command(pilot, f"svc {service}")
    pilot.app.screen.show_tab(tab)
    await settle(pilot)


def rows(app: HostdeckApp) -> list[str]:
    assert isinstance(app.screen, ServiceScreen)
    table = app.screen.table
    assert table is not None
    return [row.name for row in table.rows.shown]


# --------------------------------------------------------------------------------------------------------- the lists


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("mailboxes", ("3 of 25 used", "USED/QUOTA", "12M/500M", "anna@baltic-tea.eu", "suspended")),
        ("ftp", ("1 of 10 used", "customer-com-web_deploy", "/public_html")),
        ("cron", ("2 of 10 used", "*/5 * * * *", "sh weekly.sh", "pending")),
        ("dns", ("6 of 500 used", "mx01.example.net.", "14400", "PRIO")),
        ("backups", ("2 listed", "2026-03-13_05-10-02", "310M", "web, dns, db, cron")),
    ],
)
async def test_a_list_says_what_there_is_and_how_much_of_the_limit_is_used(
    app: HostdeckApp, tab: str, words: tuple[str, ...]
) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, tab)
        for word in words:
            assert word in shown(app)


async def test_the_list_of_databases_has_all_columns_and_the_error_in_full_below_with_its_task(
    app: HostdeckApp,
) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dbs")
        header = next(line for line in shown(app).splitlines() if "CHARSET" in line)
        assert header.split() == ["ID", "NAME", "USER", "ENGINE", "CHARSET", "STATUS", "CREATED", "ERROR"]
        assert "the server of type pgsql has no answer" not in shown(app)
        await press(pilot, "down")
        assert "the server of type pgsql has no answer (exit 15, E_CONNECT)" in shown(app)
        number = item("database", "geo").task
        assert f"task #{number} tells how it went: l opens its log" in shown(app)
        await press(pilot, "l")
        assert opened_task(app) == f"#{number}"


async def test_r_tries_the_failed_task_of_an_item_again(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dbs")
        await press(pilot, "down", "r")
        await until(lambda: "queued again" in notice(app))
    with connection():
        assert Task.get_by_id(item("database", "geo").task).status == "queued"


async def test_l_where_no_task_has_had_to_do_with_an_item_says_so(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "l")
        assert notice(app) == "no task has had to do with it"


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("mailboxes", "no mailboxes yet; n makes one, with a password of its own"),
        ("dbs", "no databases yet; n makes one"),
        ("ftp", "no FTP accounts yet; n makes one"),
        ("cron", "no cron jobs yet; n adds one"),
        ("backups", "no backups yet"),
    ],
)
async def test_an_empty_list_says_what_to_press(app: HostdeckApp, tab: str, words: str) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(pilot, tab, "baltic-tea.eu")
        assert words in shown(app)


async def test_the_logs_of_all_servers_stand_in_the_order_of_time_and_lead_to_their_tasks(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "logs")
        assert isinstance(app.screen, ServiceScreen)
        table = app.screen.query_one("#story", Table)
        times = [line.at for line in table.rows.shown]
        assert times == sorted(times)
        assert {line.server for line in table.rows.shown} == {"web01", "mx01", "ns1", "ns2"}
        assert table.rows.cursor == len(times) - 1
        await press(pilot, "slash", *"mx01", "enter")
        assert {line.server for line in table.rows.shown} == {"mx01"}
        number = table.row.task
        await press(pilot, "enter")
        assert opened_task(app) == f"#{number}"


# -------------------------------------------------------------------------------------------------- new, edit, remove


async def fill(pilot: Any, **texts: str) -> None:
    for key, text in texts.items():
        widget = pilot.app.screen.query_one(f"#{key}")
        assert isinstance(widget, Field | Select)
        widget.value = text
    await settle(pilot)


async def test_a_new_mailbox_shows_the_password_that_was_made_once_and_only_enter_or_esc_take_it_away(
    app: HostdeckApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "n", *"anna", "tab", *["backspace"] * 9, *"250", "ctrl+o")
        await until(lambda: isinstance(app.screen, PasswordDialog))
        await settle(pilot)
        made = item("mailbox", "anna")
        assert (made.wanted["quota"], made.status) == ("250", ItemStatus.PENDING)
        assert str(app.screen.query_one("#dialog-title", Static).content) == "Password of anna@customer.com"
        password = str(app.screen.query_one("#dialog-password", Static).content)
        assert len(password) >= 16
        assert password not in (made.secret or "")
        await press(pilot, "q", "4", "colon", "space", "x")
        assert isinstance(app.screen, PasswordDialog)
        await press(pilot, "c")
        assert copied == [password]
        assert "sent to the terminal's clipboard" in shown(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ServiceScreen)
        assert rows(app) == ["info", "sales", "old", "anna"]
        assert notice(app) == f"mailbox anna@customer.com is kept; task #{made.task} sees to it"
        assert tab_line(app).count("Mailboxes 4") == 1
    everywhere = [path.read_bytes() for path in Path(app._home or "").rglob("*") if path.is_file()]
    assert not any(password.encode() in raw or base64.b64encode(password.encode()) in raw for raw in everywhere)


async def test_a_password_that_was_given_is_not_shown(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "ftp")
        await press(pilot, "n")
        await fill(pilot, name="photos", path="/public_html/photos", password="Correct7Horse9Battery")
        assert "Correct7Horse" not in shown(app)
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, ServiceScreen))
        await until(lambda: "is kept" in notice(app))
        assert rows(app) == ["deploy", "photos"]


@pytest.mark.parametrize(
    ("tab", "texts", "field", "words"),
    [
        ("mailboxes", {"name": "a b"}, "name", "not allowed"),
        ("mailboxes", {"name": "info"}, "name", "already"),
        ("mailboxes", {"name": "x", "quota": "lots"}, "quota", "whole number"),
        ("mailboxes", {"name": "x", "forwards": "nobody"}, "forwards", "not a valid address"),
        ("mailboxes", {"name": "x", "password": "short"}, "password", "characters"),
        ("dbs", {"name": "9"}, "name", "a letter first"),
        ("dbs", {"name": "x", "engine": "pgsql"}, "engine", "pgsql takes no name with a"),
        ("ftp", {"name": "../x"}, "name", "use a-z and 0-9"),
        ("ftp", {"name": "x", "path": "/../etc"}, "path", "a folder inside the website"),
        ("cron", {"schedule": "at noon", "command": "true"}, "schedule", "five fields"),
        ("cron", {"schedule": "* * * * *", "command": "date +%F"}, "command", "not allowed"),
        ("dns", {"name": "x", "value": "nowhere"}, "value", "is not an IPv4 address"),
        ("dns", {"name": "x y", "value": "192.0.2.1"}, "name", "not a record name"),
        ("dns", {"name": "x", "value": "192.0.2.1", "ttl": "1"}, "ttl", "not within"),
        ("dns", {"name": "x", "value": "192.0.2.1", "type": "SPF"}, "type", "no type that is kept"),
        ("dns", {"name": "www", "value": "192.0.2.1"}, "value", "CNAME beside"),
        ("dns", {"name": "@", "value": "192.0.2.10"}, "name", "there already"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_written(
    app: HostdeckApp, tab: str, texts: dict[str, str], field: str, words: str
) -> None:
    before = (len(tasks_of_items()), records())
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(pilot, tab)
        await press(pilot, "n")
        await fill(pilot, **texts)
        await press(pilot, "ctrl+o")
        await until(lambda: bool(wrong(app, field)))
        assert words in wrong(app, field)
        assert isinstance(app.screen, ItemForm)
        assert app.focused is not None
        assert app.focused.id == field
        await press(pilot, "escape")
        assert isinstance(app.screen, ServiceScreen)
    assert (len(tasks_of_items()), records()) == before


async def test_a_full_limit_is_said_and_the_form_stays(app: HostdeckApp) -> None:
    with transaction():
        service = Service.get_by_id(1)
        Service.update(limits=service.limits | {"web_databases": "2"}).where(Service.id == 1).execute()
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dbs")
        await press(pilot, "n", *"third", "ctrl+o")
        await until(lambda: "2 of 2 databases are used" in notice(app))
        assert app.screen.query_one("#name", Field).value == "third"


async def test_an_edit_begins_with_what_there_is_and_sends_only_what_was_changed(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "down", "enter")
        form = app.screen
        assert isinstance(form, ItemForm)
        assert form.query_one("#name", Field).disabled
        assert form.query_one("#forwards", Field).value == "anna@baltic-tea.eu, ben@north-sail.net"
        assert not form.query_one("#keep", Checkbox).value
        await press(pilot, "ctrl+o")
        assert notice(app) == "nothing is changed; esc goes back"
        form.query_one("#keep", Checkbox).value = True
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, ServiceScreen))
        changed = item("mailbox", "sales").wanted
        assert (changed["keep"], changed["quota"], len(changed["forwards"])) == (True, "unlimited", 2)


async def test_a_databases_engine_is_fixed_in_its_form(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dbs")
        await press(pilot, "e")
        assert [app.screen.query_one(f"#{key}", Field).disabled for key in ("user", "engine", "charset")] == [True] * 3
        assert "stays as it is: remove it and add another" in shown(app)


async def test_a_cron_job_is_known_by_its_number_and_may_change_altogether(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "cron")
        await press(pilot, "e")
        await fill(pilot, schedule="0 4 * * *", command="sh nightly.sh")
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, ServiceScreen))
        assert item("cron", "0 4 * * * sh nightly.sh").wanted["command"] == "sh nightly.sh"
        await press(pilot, "n")
        await fill(pilot, schedule="@", command="x")
        await fill(pilot, schedule="1 2 3 4 5", command="true")
        await press(pilot, "ctrl+o")
        await until(lambda: count("cron") == 3)


@pytest.mark.parametrize(("tab", "kind", "name"), [("mailboxes", "mailbox", "info"), ("dbs", "database", "shop")])
async def test_what_goes_with_its_data_goes_only_by_its_typed_name(
    app: HostdeckApp, tab: str, kind: str, name: str
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(pilot, tab)
        await press(pilot, "delete")
        assert isinstance(app.screen, PlanDialog)
        assert "for good" in shown(app)
        await press(pilot, "enter")
        assert "that is not its name" in shown(app)
        await press(pilot, "escape")
        assert item(kind, name).status == ItemStatus.ACTIVE
        await press(pilot, "delete", *name, "enter")
        await until(lambda: item(kind, name).status == ItemStatus.REMOVING)
        await until(lambda: "goes by task" in notice(app))


@pytest.mark.parametrize(
    ("tab", "kind", "name"),
    [("ftp", "ftp", "deploy"), ("cron", "cron", "*/5 * * * * php public_html/cron.php --quiet")],
)
async def test_what_leaves_its_files_goes_after_a_question(app: HostdeckApp, tab: str, kind: str, name: str) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(pilot, tab)
        await command(pilot, "delete")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "enter")
        assert item(kind, name).status == ItemStatus.ACTIVE
        await press(pilot, "delete", "y")
        await until(lambda: item(kind, name).status == ItemStatus.REMOVING)


async def test_delete_on_a_tab_without_items_says_what_it_is_for(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "overview")
        await command(pilot, "delete")
        assert notice(app).startswith("':delete' is for the lists of what is inside a service")


async def test_a_new_password_is_asked_for_and_shown_once(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dbs")
        await press(pilot, "P", "enter")
        assert item("database", "shop").secret is None
        await press(pilot, "P", "y")
        await until(lambda: isinstance(app.screen, PasswordDialog))
        password = str(app.screen.query_one("#dialog-password", Static).content)
        assert item("database", "shop").secret not in (None, password)
        await press(pilot, "escape")
        assert isinstance(app.screen, ServiceScreen)
        assert password not in shown(app)


async def test_u_suspends_and_opens_again_where_the_kind_can(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "u")
        await until(lambda: "info@customer.com is suspended by task" in notice(app))
        assert item("mailbox", "info").wanted["suspended"] is True
        await press(pilot, "u")
        await until(lambda: "info@customer.com is opened again" in notice(app))
        assert item("mailbox", "info").wanted["suspended"] is False
        on_service(app).show_tab("ftp")
        await settle(pilot)
        assert "u" not in app.screen.active_bindings


async def test_a_kind_has_only_the_keys_of_what_can_be_done_with_it(app: HostdeckApp) -> None:
    keys = ("n", "e", "delete", "P", "u", "z")
    has = {
        "overview": "", "web": "e", "ssl": "n delete", "ftp": "n e delete P", "dbs": "n e delete P u",
        "dns": "n e delete z", "mailboxes": "n e delete P u", "cron": "n e delete u", "backups": "n delete",
        "deploy": "", "tasks": "", "logs": "",
    }  # fmt: skip
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        for tab, those in has.items():
            on_service(app).show_tab(tab)
            await settle(pilot)
            there = app.screen.active_bindings
            assert [key for key in keys if key in there and there[key].node is app.screen] == those.split(), tab


async def test_read_only_refuses_every_key_of_every_tab_and_leaves_all_as_it_is(
    stocked: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    app = make_app(read_only=True)
    before = (len(tasks_of_items()), records())
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        for tab, keys in (
            ("web", "e"), ("ftp", "n e delete P"), ("dbs", "n e delete P u"), ("dns", "n e delete z enter"),
            ("mailboxes", "n e delete P u enter"), ("cron", "n e delete u"),
        ):  # fmt: skip
            on_service(app).show_tab(tab)
            for key in keys.split():
                on_service(app).say("")
                await press(pilot, key)
                assert notice(app) == "hostdeck runs read-only here; nothing can be changed", (tab, key)
                assert isinstance(app.screen, ServiceScreen)
    assert (len(tasks_of_items()), records()) == before


# ------------------------------------------------------------------------------------------------------------ the zone


async def test_a_record_is_sent_only_after_its_difference_and_zone_were_shown_and_z_takes_it_back(
    app: HostdeckApp,
) -> None:
    before = records()
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(pilot, "dns")
        await press(pilot, "n", *"shop", "tab", "tab", *"192.0.2.99", "ctrl+o")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await settle(pilot)
        assert "+ shop                       3600 IN A     192.0.2.99" in shown(app)
        assert "zone customer.com as it will be, 7 records:" in shown(app)
        assert records() == before
        await press(pilot, "escape")
        assert isinstance(app.screen, ItemForm)
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await press(pilot, "enter")
        await until(lambda: records() == before | {("shop", "A", "192.0.2.99")})
        await until(lambda: isinstance(app.screen, ServiceScreen) and "z takes it back" in notice(app))
        assert "goes to 2 nameservers" in notice(app)
        await press(pilot, "z")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await settle(pilot)
        assert "- shop" in shown(app)
        assert records() != before
        await press(pilot, "enter")
        await until(lambda: records() == before)
        await until(lambda: "is as it was before" in notice(app))
        await press(pilot, "z")
        await until(lambda: "nothing was changed in zone customer.com yet" in notice(app))
    with connection():
        assert ZoneVersion.select().count() == 0


async def test_a_record_is_changed_and_removed_by_the_same_preview(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dns")
        await press(pilot, "end", "e")
        assert app.screen.query_one("#type", Field).value == "CNAME"
        await press(pilot, "ctrl+o")
        await until(lambda: notice(app) == "nothing is changed; esc goes back")
        await fill(pilot, value="shops.example.net.")
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await press(pilot, "enter")
        await until(lambda: ("www", "CNAME", "shops.example.net.") in records())
        await until(lambda: isinstance(app.screen, ServiceScreen))
        await press(pilot, "end", "delete")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await press(pilot, "escape")
        assert ("www", "CNAME", "shops.example.net.") in records()
        await press(pilot, "delete")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await press(pilot, "enter")
        await until(lambda: not any(name == "www" for name, _, _ in records()))


async def test_a_record_without_which_the_zone_would_not_load_is_not_removed(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "dns")
        await press(pilot, "delete")
        await until(lambda: "no address at the apex" in notice(app))
        assert isinstance(app.screen, ServiceScreen)


# -------------------------------------------------------------------------------------------------------- the settings


async def test_an_alias_that_is_added_leaves_the_ordered_one_and_what_the_node_has(app: HostdeckApp) -> None:
    """The first change of a site's settings writes their row, with no more than was said."""
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "web", "north-sail.net")
        assert "www.north-sail.net  by the order" in shown(app)
        assert "website as ordered   mail as ordered" in shown(app)
        await press(pilot, "e")
        assert app.screen.query_one("#aliases", Field).value == "www.north-sail.net"
        app.screen.query_one("#aliases", Field).focus()
        await press(pilot, "end", *", shop.north-sail.net", "ctrl+o")
        await until(lambda: isinstance(app.screen, ServiceScreen))
        await until(lambda: "website north-sail.net is kept" in notice(app))
        wanted = item("website", "north-sail.net").wanted
        assert wanted["aliases"] == ["www.north-sail.net", "shop.north-sail.net"]
        assert (wanted["php"], wanted["hsts"], wanted["proxy"]) == (None, None, None)


async def test_the_line_under_the_cursor_says_whether_the_site_or_the_mail_is_edited(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(pilot, "web")
        assert "shop.customer.com" in shown(app)
        await press(pilot, "end", "enter")
        await fill(pilot, catchall="info@customer.com")
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, ServiceScreen))
        made = item("maildomain", "customer.com")
        assert (made.wanted["catchall"], made.wanted["antispam"]) == ("info@customer.com", None)


# -------------------------------------------------------------------------------------------------------- the pictures


@both_sizes
@pytest.mark.parametrize("tab", ["web", "ftp", "dbs", "dns", "mailboxes", "cron", "backups", "tasks", "logs"])
def test_picture_of_a_tab(snap_compare: Any, app: HostdeckApp, tab: str, size: tuple[int, int]) -> None:
    async def opened(pilot: Any) -> None:
        await open_tab(pilot, tab)
        if tab == "dbs":
            await press(pilot, "down")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@both_sizes
def test_picture_of_an_empty_tab(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def opened(pilot: Any) -> None:
        await open_tab(pilot, "mailboxes", "baltic-tea.eu")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@both_sizes
def test_picture_of_a_form_with_a_wrong_field(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def typed(pilot: Any) -> None:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "n", *"anna")
        await fill(pilot, forwards="nobody")
        await press(pilot, "ctrl+o")
        await until(lambda: bool(wrong(app, "forwards")))
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=typed)


@both_sizes
def test_picture_of_a_password(
    snap_compare: Any, app: HostdeckApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("hostdeck.core.intents.items.make_password", lambda *_: "Tq7mWx2vRk9pLh4nBd6c")

    async def made(pilot: Any) -> None:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "P", "y")
        await until(lambda: isinstance(app.screen, PasswordDialog))
        await press(pilot, "c")

    assert snap_compare(app, terminal_size=size, run_before=made)


@both_sizes
def test_picture_of_a_mailbox_to_remove(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def asked(pilot: Any) -> None:
        await open_tab(pilot, "mailboxes")
        await press(pilot, "delete")

    assert snap_compare(app, terminal_size=size, run_before=asked)


@both_sizes
def test_picture_of_a_zone_to_be(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def planned(pilot: Any) -> None:
        await open_tab(pilot, "dns")
        await press(pilot, "end", "e")
        await fill(pilot, value="shops.example.net.")
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, PlanDialog))
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=planned)


# -------------------------------------------------------------------------------------------- backups and certificates


async def test_a_backup_is_asked_for_put_back_and_deleted(app: HostdeckApp) -> None:
    with transaction():
        row = Item.select().where(Item.kind == ItemKind.BACKUP).order_by(Item.id).first()
        known = {"archive": row.name, "size_mb": 12, "contents": {"web": ["customer.com"], "db": []}}
        Item.update(known=known).where(Item.id == row.id).execute()
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        await command(pilot, "backups")
        await press(pilot, "n")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "y")
        await until(lambda: "web.takeBackup" in [task.action for task in backup_tasks()])
        await settle(pilot)
        app.screen.query_one("#backups Table", Table).go_to(row.id)
        await press(pilot, "enter")
        assert isinstance(app.screen, Describe)
        await press(pilot, "escape")
        await press(pilot, "R")
        assert isinstance(app.screen, PlanDialog)
        assert "web         customer.com" in shown(app)
        await press(pilot, *"customer.com", "enter")
        await until(lambda: "web.restoreBackup" in [task.action for task in backup_tasks()])
        await settle(pilot)
        app.screen.query_one("#backups Table", Table).go_to(row.id)
        await press(pilot, "delete", "y")
        await until(lambda: "web.removeBackup" in [task.action for task in backup_tasks()])


def backup_tasks() -> list[Task]:
    with connection():
        return list(Task.select().where(Task.action.contains("Backup")))


async def test_a_certificate_of_ones_own_comes_from_files_and_says_what_is_wrong_with_them(
    app: HostdeckApp, tmp_path: Path
) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "svc customer.com")
        await press(pilot, "right_square_bracket", "right_square_bracket", "delete")
        assert "no certificate of one's own" in notice(app)
        await press(pilot, "n")
        assert isinstance(app.screen, ItemForm)
        for field, path in (("cert", tmp_path / "none.pem"), ("key", tmp_path / "no.pem")):
            app.screen.query_one(f"#{field}", Field).value = str(path)
        await press(pilot, "ctrl+o")
        await until(lambda: bool(wrong(app, "cert")))
        assert "No such file" in wrong(app, "cert")
        app.screen.query_one("#cert", Field).value = str(tmp_path / "no.pem")
        await press(pilot, "ctrl+o")
        await until(lambda: "No such file" not in wrong(app, "cert"))
        assert count("certificate") == 0
