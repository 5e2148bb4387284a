"""The zones from the console: where they stand, and what their nameservers answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.nameserver import free_udp_port, nameserver
from tests.screens.seeing import command, press, until

from hostdeck.core.domain.vocabulary import RunKind
from hostdeck.core.queries import zones
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Run
from hostdeck.screens.zone import ZoneScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.prompt import PromptLine

DOMAIN = "customer.com"
IPS = {"ns1": "127.0.0.11", "ns2": "127.0.0.12"}


def zone_runs() -> int:
    with connection():
        return int(Run.select().where(Run.kind == RunKind.ZONE).count())


async def test_asking_names_the_nameserver_that_differs(seeded: Path, make_app: Callable[..., HostdeckApp]) -> None:
    port = free_udp_port()
    with connection():
        for name, ip in IPS.items():
            Server.update(ip=ip).where(Server.name == name).execute()
        records = zones.wanted(zones.zone(DOMAIN))
    app = make_app(dns_port=port)
    with ExitStack() as stack:
        stack.enter_context(nameserver(IPS["ns1"], port, DOMAIN, records, serial=2_100_000_000))
        stack.enter_context(nameserver(IPS["ns2"], port, DOMAIN, records[1:], serial=2_100_000_000))
        async with app.run_test(size=(120, 36)) as pilot:
            await command(pilot, "zone customer.com")
            screen = app.screen
            assert isinstance(screen, ZoneScreen)
            await pilot.press("b")
            await until(pilot, lambda: len(screen.verdicts) == 2)
            assert {name: found.verdict for name, found in screen.verdicts.items()} == {"ns1": "same", "ns2": "differs"}
            await until(pilot, lambda: "ns2: " in app.screen.query_one(PromptLine).notice)


async def test_publishing_again_shows_where_first(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "5", "end", "r")
        await until(pilot, lambda: isinstance(app.screen, PlanDialog))
        assert zone_runs() == 0
        await pilot.press("right", "enter")
        await until(pilot, lambda: zone_runs() == 1)


async def test_a_zone_that_is_gone_says_so_and_escape_leads_out(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "5", ":", *"zone nowhere.com", "enter")
        assert isinstance(app.screen, ZoneScreen)
        await press(pilot, "escape")
        assert type(app.screen).__name__ == "Zones"
