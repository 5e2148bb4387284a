"""What one operator's console says of another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from textual.widgets import Static

from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.work_models import Run, Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.frame import Heading

Settled = Callable[[Any], Any]
SIZE = (120, 36)


def asked_for(run: int, at: Any, actor: str = "ops2") -> None:
    with transaction():
        line = Audit.create(actor=actor, intent="service.redeploy", object="service #1", at=at)
        Run.update(asked=line.id).where(Run.id == run).execute()


async def test_the_deploy_tab_says_who_asked_and_how_long_ago(app: HostdeckApp, settled: Settled) -> None:
    asked_for(1, app.clock() - timedelta(seconds=40))
    async with app.run_test(size=SIZE) as pilot:
        app.open_service(1, "deploy")
        await settled(pilot)
        assert "asked by ops2, 40 s ago" in app.screen.query_one("#timeline-heading", Heading).text.plain


async def test_a_task_says_whose_wish_it_was(app: HostdeckApp, settled: Settled) -> None:
    asked_for(1, app.clock() - timedelta(minutes=3))
    with connection():
        number = Task.select().where(Task.run == 1).first().id
    async with app.run_test(size=SIZE) as pilot:
        app.open_task(number)
        await settled(pilot)
        shown = str(app.screen.query_one("#detail", Static).visual)
        assert "service.redeploy, asked by ops2, 3 min ago" in shown


async def test_what_nobody_asked_for_names_nobody(app: HostdeckApp, settled: Settled) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.open_service(1, "deploy")
        await settled(pilot)
        assert "asked by" not in app.screen.query_one("#timeline-heading", Heading).text.plain
