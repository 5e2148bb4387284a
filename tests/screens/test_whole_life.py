"""A customer's whole life, driven from the console against simulated nodes over real SSH, from the first mailbox to a
hard redeployment that brings every piece back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.authority import DAY, intermediate, leaf
from tests.queue.conftest import error_of
from tests.queue.house import DOMAIN, House, a_house
from tests.screens.seeing import command, press, settle
from tests.whole_life import COMMAND, MAILBOXES, SCHEDULE, shown, wanted

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service
from hostdeck.screens.item_form import ItemForm
from hostdeck.screens.service import ServiceScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.password_dialog import PasswordDialog
from hostdeck.tui.widgets.plan_dialog import PlanDialog


@pytest.fixture
def house(store: Settings, door: Door) -> Iterator[House]:
    yield from a_house(store, door)


class Operator:
    """Somebody at the console; the worker runs when they wait."""

    def __init__(self, pilot: Any, house: House, service: int) -> None:
        self.pilot, self.house, self.service = pilot, house, service

    @property
    def app(self) -> HostdeckApp:
        assert isinstance(self.pilot.app, HostdeckApp)
        return self.pilot.app

    @property
    def on_service(self) -> ServiceScreen:
        assert isinstance(self.app.screen, ServiceScreen)
        return self.app.screen

    async def press(self, *keys: str) -> None:
        await press(self.pilot, *keys)

    async def say(self, text: str) -> None:
        await command(self.pilot, text)

    async def fill(self, **fields: str) -> None:
        """A form that has just been opened, saved; a password that is shown is put away."""
        await self.until(lambda: isinstance(self.app.screen, ItemForm))
        for key, value in fields.items():
            self.app.screen.query_one(f"#{key}", Field).value = value
        await self.press("ctrl+o")
        await self.until(lambda: not isinstance(self.app.screen, ItemForm))
        await settle(self.pilot)
        if isinstance(self.app.screen, PasswordDialog):
            await self.press("enter")

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await asyncio.sleep(0.02)

    async def to_tab(self, tab: str) -> None:
        while self.on_service.tab != tab:
            await self.press("right_square_bracket")

    async def wait(self) -> None:
        """While the worker and the nodes' own cron do what is due."""

        def work() -> None:
            with connection():
                for _ in range(3):
                    self.house.again()
                    for node in self.house.fleet.nodes.values():
                        node.account.run_backup_queue()
                self.house.again()

        await asyncio.to_thread(work)

    def look(self) -> dict[str, Any]:
        with connection():
            return shown(lambda node, argv: self.house.fleet[node].account.run(argv).stdout, self.service)


@pytest.mark.timeout(240)
async def test_everything_inside_a_service_is_made_changed_saved_and_brought_back_from_the_console(
    house: House, make_app: Callable[..., HostdeckApp], tmp_path: Path
) -> None:
    service = house.order()
    house.again()
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    user = Account.get(Account.roles.contains("web")).username
    app = make_app(clock=lambda: datetime.now(UTC))
    async with app.run_test(size=(120, 36)) as pilot:
        operator = Operator(pilot, house, service)
        await operator.say(f"svc {DOMAIN}")
        await operator.until(lambda: isinstance(app.screen, ServiceScreen))
        await operator.say("mailboxes")
        for name, forwards in MAILBOXES.items():
            await operator.press("n")
            await operator.fill(name=name, quota="512", forwards=forwards)
        await operator.say("dbs")
        for name in ("shop", "blog"):
            await operator.press("n")
            await operator.fill(name=name)
        await operator.say("ftp")
        await operator.press("n")
        await operator.fill(name="anna", path="/public_html")
        await operator.say("cron")
        await operator.press("n")
        await operator.fill(schedule=SCHEDULE, command=COMMAND)
        await operator.say("records")
        await operator.press("n")
        await operator.until(lambda: isinstance(app.screen, ItemForm))
        app.screen.query_one("#name", Field).value = "shop"
        app.screen.query_one("#type", Field).value = "CNAME"
        app.screen.query_one("#value", Field).value = "www"
        await operator.press("ctrl+o", "enter")
        await operator.to_tab("web")
        await operator.press("e")
        await operator.fill(php="8.2")
        await operator.to_tab("ssl")
        await operator.press("n")
        await operator.fill(**certificate(tmp_path), role="web")
        await operator.wait()
        assert operator.look() == wanted(user)
        await operator.to_tab("backups")
        await operator.press("n", "y")
        await operator.wait()
        await operator.press("home", "R")
        await operator.until(lambda: isinstance(app.screen, PlanDialog))
        await pilot.press(*"customer.com")
        await operator.press("enter")
        await operator.until(lambda: not isinstance(app.screen, PlanDialog))
        await operator.wait()
        assert ran(house, "v-restore-user") == 1
        await operator.say("redeploy --hard")
        await operator.until(lambda: isinstance(app.screen, PlanDialog))
        await pilot.press(*"customer.com")
        await operator.press("enter")
        await operator.until(lambda: not isinstance(app.screen, PlanDialog))
        await operator.wait()
        assert ran(house, "v-delete-user") >= 2
        assert operator.look() == wanted(user)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        unsettled = Item.select().where(Item.kind != ItemKind.BACKUP, Item.status != ItemStatus.ACTIVE)
        assert [(item.kind, item.name, item.error) for item in unsettled] == []


def certificate(folder: Path) -> dict[str, str]:
    """Files as a customer hands them over."""
    mine = leaf(DOMAIN, f"www.{DOMAIN}", ends=200 * DAY)
    texts = {"cert": mine.pem, "key": mine.key, "chain": intermediate().pem}
    for name, text in texts.items():
        (folder / f"site.{name}").write_text(text)
    return {name: str(folder / f"site.{name}") for name in texts}


def ran(house: House, command: str) -> int:
    """How often, on all nodes; by the nodes' own logs, which have what their cron ran too."""
    logs = [node.account.book.system_log for node in house.fleet.nodes.values()]
    return sum(f" {command} " in line for log in logs for line in log)
