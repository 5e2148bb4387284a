"""What holds work up is said in words wherever one waits for it: a node that is not called at, and no worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.screens.seeing import command, press, settle
from textual.widgets import Static

from hostdeck.core.domain.vocabulary import BreakerKind, HealthState, RunKind, TaskStatus
from hostdeck.core.store.db import transaction
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Server, Worker
from hostdeck.core.store.work_models import Run, Service, Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.frame import HeadLine

BIG, SMALL = (120, 36), (80, 24)
PARKED = "mx01 does not answer; tried again in 25 s"
IDLE = "no worker is running; start one: hostdeck worker"


def said(app: HostdeckApp, name: str) -> str:
    return str(app.screen.query_one(name, Static).content)


def park(now: Any) -> None:
    """mx01 is not called at, and the step of the order under way waits for it."""
    with transaction():
        mx01 = Server.get(Server.name == "mx01")
        Breaker.create(
            server=mx01, kind=BreakerKind.UNREACHABLE, failures=3, first_at=now, opens=1, opened_at=now,
            until=now + timedelta(seconds=25), reason="mx01: not reachable",
        )  # fmt: skip
        order = Service.get(Service.domain == "baltic-tea.eu")
        moving = (Task.service == order) & (Task.status == TaskStatus.RUNNING)
        assert Task.update(status=TaskStatus.RETRYING, server=mx01, not_before=now).where(moving).execute() == 1


async def test_a_node_that_is_not_called_at_says_until_when_on_both_its_screens(app: HostdeckApp, seeds: Any) -> None:
    park(seeds.NOW)
    async with app.run_test(size=BIG) as pilot:
        await press(pilot, "2", "g")
        assert PARKED in said(app, "#server-preview")
        await press(pilot, "enter")
        assert f"parked       {PARKED}" in said(app, "#status-text")


async def test_an_order_that_waits_for_a_node_says_so_and_promises_no_end(app: HostdeckApp, seeds: Any) -> None:
    park(seeds.NOW)
    async with app.run_test(size=SMALL) as pilot:
        await command(pilot, "services baltic-tea.eu")
        await press(pilot, *["left_square_bracket"] * 3)
        assert PARKED in said(app, "#splash")
        assert "(waits for mx01)" in said(app, "#splash")
        assert "left" not in said(app, "#splash")


async def test_without_a_worker_an_order_and_a_check_say_that_nobody_works(app: HostdeckApp) -> None:
    with transaction():
        Worker.delete().execute()
        web01 = Server.get(Server.name == "web01")
        check = Task.create(
            run=Run.create(kind=RunKind.SERVER), server=web01, action="server.check", target="web01", status="queued"
        )
    async with app.run_test(size=BIG) as pilot:
        await command(pilot, "services baltic-tea.eu")
        await press(pilot, *["left_square_bracket"] * 3)
        assert IDLE in said(app, "#splash")
        await command(pilot, "servers web01")
        await press(pilot, "left_square_bracket")
        assert f"task #{check.id} shall check it, but {IDLE}" in said(app, "#check-text")


async def test_servers_nobody_has_looked_at_are_none_ok(app: HostdeckApp) -> None:
    with transaction():
        Server.update(health=HealthState.UNKNOWN).execute()
    async with app.run_test(size=BIG) as pilot:
        await settle(pilot)
        assert "srv 6: 0 OK" in app.screen.query_one(HeadLine).text.plain


async def test_what_is_too_long_goes_on_below_itself(app: HostdeckApp) -> None:
    """Not below its name, where it would read as another line."""
    with transaction():
        error = "web01: " + "its host key is not the pinned one and nothing was sent " * 3
        Server.update(health=HealthState.ERROR, health_error=error).where(Server.name == "web01").execute()
    async with app.run_test(size=SMALL) as pilot:
        await command(pilot, "servers web01")
        lines = said(app, "#status-text").splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("health"))
        assert all(line.startswith(" " * 13) and line.strip() for line in lines[at + 1 : at + 3])
        assert max(map(len, lines)) <= 76
