"""An outage on the screens: one line on Home, one row under `:causes`, and all of it retried by one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import press, pressing, settle
from textual.widgets import Static

from hostdeck.core.domain.vocabulary import Mode, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.queries.views import TaskRow
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Product, Run, Service, Task
from hostdeck.screens.causes import Causes
from hostdeck.screens.home import Home
from hostdeck.screens.tasks import Tasks
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.table import Table

SILENT = "mx02: not reachable at 192.0.2.13:22 (no answer in time)"


@pytest.fixture
def outage(seeded: Path, seeds: Any) -> None:
    """Six services whose mail waits for a server that does not answer."""
    with transaction():
        server, product = Server.get(Server.name == "mx02"), Product.get()
        for number in range(1, 7):
            at = seeds.NOW - timedelta(minutes=number)
            service = Service.create(
                domain=f"shop{number}.org", product=product, mode=Mode.SPLIT, roles=["mail"], created_at=at,
                status=ServiceStatus.ERROR,
            )  # fmt: skip
            run = Run.create(kind=RunKind.DEPLOY, service=service, created_at=at)
            Service.update(run=run.id).where(Service.id == service.id).execute()
            Task.create(
                run=run, service=service, server=server, action="mail.createUser", target=f"shop{number}-mail",
                status=TaskStatus.FAILED, error=SILENT, created_at=at, started_at=at, finished_at=at, attempts=3,
            )  # fmt: skip


def notice(app: HostdeckApp) -> str:
    return str(app.screen.query_one("#prompt-note", Static).visual)


CAUSES = (":", *"causes", "enter")
NARROW, WIDE = (80, 24), (120, 36)
CASES = {
    "home": ((), WIDE),
    "causes": (CAUSES, WIDE),
    "causes_narrow": (CAUSES, NARROW),
    "retrying": ((*CAUSES, "r"), WIDE),
    "task_narrow": ((*CAUSES, "enter", "enter"), NARROW),
}


@pytest.mark.parametrize("case", CASES)
def test_screen(snap_compare: Any, outage: None, app: HostdeckApp, case: str) -> None:
    keys, size = CASES[case]
    assert snap_compare(app, terminal_size=size, run_before=pressing(*keys))


async def test_enter_on_a_shared_cause_shows_its_tasks(outage: None, app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, Home)
        table: Table[Any] = app.screen.query_one("#home-attention", Table)
        (shared,) = [place for place, row in enumerate(table.rows.shown) if row.kind == "cause"]
        assert table.rows.shown[shared].what == "6 tasks"
        await press(pilot, *["down"] * shared, "enter")
        assert isinstance(app.screen, Tasks)
        shown: list[TaskRow] = list(app.screen.query_one(Table).rows.shown)
        assert [row.error for row in shown] == [SILENT] * 6


async def test_all_of_a_cause_is_retried_once_that_was_confirmed(outage: None, app: HostdeckApp) -> None:
    def failed() -> int:
        with connection():
            return Task.select().where(Task.status == TaskStatus.FAILED, Task.error == SILENT).count()

    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *CAUSES, "r")
        assert isinstance(app.screen, Confirm)
        assert "Retry 6 failed tasks?" in str(app.screen.query_one("#dialog-title", Static).visual)
        await press(pilot, "enter")
        assert failed() == 6, "the safe answer is the one under the cursor"
        await press(pilot, "r", "y")
        while failed():
            await settle(pilot)
        await settle(pilot)
        assert isinstance(app.screen, Causes)
        assert "6 tasks queued again" in notice(app)


async def test_read_only_it_retries_nothing(outage: None, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *CAUSES, "r")
        assert isinstance(app.screen, Causes)
        assert "read-only" in notice(app)
