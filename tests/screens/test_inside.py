"""The rest of the inside of a service from the console: fetching and proving a backup, what differs on the nodes, the
password of a sold name's mailbox, and choices instead of words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import command, notice, press, settle
from tests.screens.seeing import drawn as shown
from tests.screens.seeing import until_done as until
from textual.widgets import Select

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Mode, RunKind, TaskStatus
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Group, Server, VanityDomain
from hostdeck.core.store.home import make_home
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Run, Service, Task, VanitySlot
from hostdeck.screens.resync import ResyncScreen
from hostdeck.screens.service import ServiceScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.password_dialog import PasswordDialog
from hostdeck.tui.widgets.plan_dialog import Choice
from hostdeck.tui.widgets.table import Table

BIG, SMALL = (120, 36), (80, 24)
both_sizes = pytest.mark.parametrize("size", [SMALL, BIG], ids=["80x24", "120x36"])


async def open_tab(app: HostdeckApp, pilot: Any, tab: str) -> ServiceScreen:
    await settle(pilot)
    app.open_service("customer.com", tab)
    await settle(pilot)
    assert isinstance(app.screen, ServiceScreen)
    return app.screen


@pytest.fixture
def app(seeded: Path, seeds: ModuleType, make_app: Callable[..., HostdeckApp]) -> HostdeckApp:
    make_home(Settings(home=seeded))
    seeds.items()
    return make_app()


# ----------------------------------------------------------------------------------------------------------- backups


FETCH = "scp root@192.0.2.10:/backup/customer-com-web.2026-03-13.tar ."


async def test_c_copies_what_fetches_a_backup_and_the_list_says_it_below(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(app, pilot, "backups")
        assert "lies on web01; c copies what fetches it:" in shown(app)
        assert FETCH in shown(app)
        await press(pilot, "c")
        assert app.clipboard == FETCH
        assert "by OSC 52" in notice(app)
        await press(pilot, "down", "c")
        assert notice(app) == "there is no archive here that lies on a node"
        await press(pilot, "left_square_bracket")
        assert " copy" not in shown(app).splitlines()[-1]


def prove(seeds: ModuleType, error: str | None) -> None:
    """Its first backup was read through a day before."""
    with transaction():
        row = Item.get(Item.kind == ItemKind.BACKUP.value)
        shown = {"at": seeds.before(days=1).isoformat(), "words": "1 site, 2 databases", "error": error, "sha256": "ab"}
        Item.update(known=row.known | {"proven": shown}).where(Item.id == row.id).execute()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "proven 1d ago: 1 site, 2 databases"),
        ("db shop can't be read to its end", "not whole, read 1d ago: db shop can't be read to its end"),
    ],
)
async def test_t_has_a_backup_read_to_its_end_and_the_list_says_what_was_found(
    app: HostdeckApp, seeds: ModuleType, error: str | None, words: str
) -> None:
    with transaction():
        row = Item.get(Item.kind == ItemKind.BACKUP.value)
        known = row.known | {"contents": {"web": ["customer.com"], "db": ["customer-com-web_shop"]}}
        Item.update(known=known).where(Item.id == row.id).execute()
    async with app.run_test(size=BIG) as pilot:
        await open_tab(app, pilot, "backups")
        assert "not proven; t has it read to its end" in shown(app)
        await press(pilot, "t")
        await until(lambda: "reads it to its end" in notice(app))
        prove(seeds, error)
        await press(pilot, "ctrl+r")
        assert words in shown(app)
    with connection():
        assert Task.select().order_by(Task.id.desc()).first().action == "web.proveBackup"


async def test_T_restores_a_backup_for_trial_once_it_has_said_what_that_is(app: HostdeckApp, seeds: ModuleType) -> None:
    with transaction():
        row = Item.get(Item.kind == ItemKind.BACKUP.value)
        Item.update(known=row.known | {"contents": {"web": ["customer.com"]}}).where(Item.id == row.id).execute()
    async with app.run_test(size=BIG) as pilot:
        await open_tab(app, pilot, "backups")
        await press(pilot, "T", "escape", "T")
        assert "as a scratch user in a sandbox" in shown(app)
        await press(pilot, "tab", "enter")
        await until(lambda: "what came back stands under the list" in notice(app))
        said = {"at": seeds.before(days=1).isoformat(), "words": "1 site", "error": None, "since": 1}
        for error, words in ((None, "restored for trial 1d ago: 1 site"), ("db x did not", "did not come back 1d ago")):
            with transaction():
                row = Item.get(Item.kind == ItemKind.BACKUP.value)
                known = row.known | {"tried": said | {"error": error}}
                Item.update(known=known).where(Item.id == row.id).execute()
            await press(pilot, "ctrl+r")
            assert words in shown(app)
    with connection():
        assert [row.action for row in Task.select().where(Task.target == row.known["archive"])] == ["web.tryBackup"]


# ------------------------------------------------------------------------------------------------------------ resync


@pytest.fixture
def differing(seeds: ModuleType, app: HostdeckApp) -> HostdeckApp:
    """Its nodes were read ten minutes ago: a mailbox differs, a database is missing, an FTP login is theirs alone."""
    inside = {
        "mailbox": {"info": {"quota": "200"}, "sales": {}, "old": {}},
        "database": {"geo": {}},
        "ftp": {"deploy": {}, "anna": {"path": "/public_html/anna"}},
    }
    with transaction():
        service = Service.get(Service.domain == "customer.com")
        Task.create(
            run=Run.create(kind=RunKind.ITEM, service=service), service=service, action="service.resync",
            target="customer-com-web", status=TaskStatus.SUCCESS, result={"inside": inside},
            created_at=seeds.before(minutes=11), finished_at=seeds.before(minutes=10),
        )  # fmt: skip
    return app


async def open_resync(app: HostdeckApp, pilot: Any) -> None:
    await settle(pilot)
    app.open_service("customer.com")
    await command(pilot, "resync")
    assert isinstance(app.screen, ResyncScreen)


def differing_rows(app: HostdeckApp) -> list[str]:
    return [f"{row.kind} {row.name} {row.verdict}" for row in app.screen.query_one(Table).rows.shown]


def readings() -> list[str]:
    with connection():
        query = Task.select().where(Task.action == "service.resync", Task.status == TaskStatus.QUEUED)
        return [row.target for row in query.order_by(Task.id)]


async def test_resync_reads_the_nodes_and_each_difference_is_adopted_or_put_right(differing: HostdeckApp) -> None:
    async with differing.run_test(size=BIG) as pilot:
        await open_resync(differing, pilot)
        assert readings() == ["customer-com-web", "customer-com-mail"]
        while "being read by task #" not in shown(differing):  # as soon as the database is asked again
            await settle(pilot)
        assert differing_rows(differing) == [
            "database shop missing", "ftp anna foreign", "mailbox info differs",
        ]  # fmt: skip
        await press(pilot, "end")
        assert "info: quota: wanted 500, is 200" in shown(differing)
        await press(pilot, "enter")
        assert isinstance(differing.screen, Choice)
        assert "the node is given what its row has" in shown(differing)
        await press(pilot, "down", "enter")
        await until(lambda: notice(differing) == "mailbox info: being put right")
        await press(pilot, "home", "down", "enter", "enter")
        await until(lambda: notice(differing) == "ftp anna: adopted")
        await settle(pilot)
        assert differing_rows(differing) == ["database shop missing"]
    with connection():
        anna = Item.get(Item.kind == ItemKind.FTP.value, Item.name == "anna")
        assert (anna.status, anna.wanted["path"]) == (ItemStatus.ACTIVE, "/public_html/anna")
        assert Item.get(Item.name == "info").status is ItemStatus.PENDING


async def test_a_difference_that_is_another_since_it_was_asked_about_is_not_settled(differing: HostdeckApp) -> None:
    async with differing.run_test(size=BIG) as pilot:
        await open_resync(differing, pilot)
        await press(pilot, "end", "enter")
        assert "its row takes what the node has" in shown(differing)
        with transaction():
            task = Task.get(Task.action == "service.resync", Task.status == TaskStatus.SUCCESS)
            Task.update(result={"inside": {"mailbox": {}, "database": {}, "ftp": {}}}).where(
                Task.id == task.id
            ).execute()
        below: Any = differing.screen_stack[-2]
        while any(row.name == "info" and row.verdict == "differs" for row in below._view.differences):
            await press(pilot, "enter")
        assert "look once more" in notice(differing)
    with connection():
        assert Item.select().where(Item.kind == ItemKind.MAILBOX.value, Item.name == "info").exists()


async def test_what_the_nodes_alone_have_can_only_be_adopted(differing: HostdeckApp) -> None:
    async with differing.run_test(size=BIG) as pilot:
        await open_resync(differing, pilot)
        await press(pilot, "down", "enter")
        assert "adopt " in shown(differing)
        assert "put right" not in shown(differing)


async def test_read_only_shows_the_last_reading_and_settles_nothing(
    differing: HostdeckApp, make_app: Callable[..., HostdeckApp]
) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=BIG) as pilot:
        await open_resync(app, pilot)
        assert len(differing_rows(app)) == 3
        assert "read 10m ago" in shown(app)
        await press(pilot, "enter")
        assert "read-only" in notice(app)
        assert readings() == []


async def test_the_menu_of_a_service_has_it_too(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await settle(pilot)
        app.open_service("customer.com")
        await press(pilot, "a", *["down"] * 5, "enter")
        assert isinstance(app.screen, ResyncScreen)
        await until(lambda: len(readings()) == 2)


@both_sizes
def test_picture_of_what_differs(snap_compare: Any, differing: HostdeckApp, size: tuple[int, int]) -> None:
    async def opened(pilot: Any) -> None:
        await open_resync(differing, pilot)
        await press(pilot, "end")

    assert snap_compare(differing, terminal_size=size, run_before=opened)


@both_sizes
def test_picture_of_the_answers_to_a_difference(
    snap_compare: Any, differing: HostdeckApp, size: tuple[int, int]
) -> None:
    async def opened(pilot: Any) -> None:
        await open_resync(differing, pilot)
        await press(pilot, "end", "enter")

    assert snap_compare(differing, terminal_size=size, run_before=opened)


# ----------------------------------------------------------------------------------------- the mailbox of a sold name


@pytest.fixture
def sold(app: HostdeckApp) -> HostdeckApp:
    """customer.com is a name that was sold, with its mailbox on mx01."""
    with transaction():
        mx01 = Server.get(Server.name == "mx01")
        parent = VanityDomain.create(group=Group.get(), domain="benchwords.com", mail_server=mx01, mail_user="provider")
        VanitySlot.create(
            service=1, vanity=parent, name="ruslan", mail_server=mx01, mail_user="provider", mailbox_ours=True
        )
        Account.delete().where(Account.service == 1, Account.server == mx01).execute()
        Item.delete().where(Item.kind == ItemKind.MAILBOX.value).execute()
        Service.update(mode=Mode.VANITY, domain="ruslan.benchwords.com").where(Service.id == 1).execute()
    return app


async def test_p_on_the_overview_gives_a_sold_mailbox_a_new_password(sold: HostdeckApp) -> None:
    async with sold.run_test(size=BIG) as pilot:
        await settle(pilot)
        sold.open_service("ruslan.benchwords.com")
        await settle(pilot)
        assert "P password" in shown(sold).splitlines()[-1]
        await press(pilot, "P")
        assert "New password for ruslan@benchwords.com?" in shown(sold)
        await press(pilot, "y")
        await until(lambda: isinstance(sold.screen, PasswordDialog))
        await settle(pilot)
        assert "Password of ruslan@benchwords.com" in shown(sold)
    with connection():
        row = Item.get(Item.kind == ItemKind.MAILBOX.value)
        task = Task.select().order_by(Task.id.desc()).first()
    assert (row.name, row.secret is None, task.action, task.args["account"]) == (
        "ruslan", False, "mail.setPassword", "ruslan"
    )  # fmt: skip


async def test_p_does_nothing_on_the_overview_of_other_services(app: HostdeckApp) -> None:
    async with app.run_test(size=BIG) as pilot:
        await open_tab(app, pilot, "overview")
        assert "password" not in shown(app).splitlines()[-1]
        await press(pilot, "P")
        assert isinstance(app.screen, ServiceScreen)


@both_sizes
def test_picture_of_a_sold_names_overview(snap_compare: Any, sold: HostdeckApp, size: tuple[int, int]) -> None:
    async def opened(pilot: Any) -> None:
        await settle(pilot)
        sold.open_service("ruslan.benchwords.com")
        await settle(pilot)

    assert snap_compare(sold, terminal_size=size, run_before=opened)


# ------------------------------------------------------------------------------------------------- a database's form


async def test_engine_and_charset_of_a_new_database_are_chosen(app: HostdeckApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await open_tab(app, pilot, "dbs")
        await press(pilot, "n", *"wiki", "tab", "tab", "tab", "enter", "down", "down", "enter")
        charset = app.screen.query_one("#charset", Select)
        assert charset.value == "latin1"
        await press(pilot, "ctrl+o")
        await until(lambda: isinstance(app.screen, PasswordDialog))
    with connection():
        made = Item.get(Item.name == "wiki").wanted
    assert (made["engine"], made["charset"], made["user"]) == ("mysql", "latin1", "wiki")


@both_sizes
def test_picture_of_a_new_databases_form(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def opened(pilot: Any) -> None:
        await open_tab(app, pilot, "dbs")
        await press(pilot, "n", *"wiki", "tab", "tab", "tab", "enter")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@both_sizes
def test_picture_of_backups_and_how_one_is_fetched(
    snap_compare: Any, app: HostdeckApp, seeds: ModuleType, size: tuple[int, int]
) -> None:
    prove(seeds, None)

    async def opened(pilot: Any) -> None:
        await open_tab(app, pilot, "backups")
        await press(pilot, "c")

    assert snap_compare(app, terminal_size=size, run_before=opened)
