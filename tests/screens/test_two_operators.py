"""What one operator's console says of another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual.widgets import Static

from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.life import grant
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.work_models import Run, Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm
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


def note(app: HostdeckApp) -> str:
    return str(app.screen.query_one("#prompt-note", Static).visual)


async def test_z_asks_with_a_list_and_takes_back_what_has_not_begun(
    seeded: Path, make_app: Callable[..., HostdeckApp], settled: Settled
) -> None:
    app = make_app()
    with connection():
        grant(app.door, 1, Wish.SUSPEND)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("z")
        while not isinstance(app.screen, Confirm):
            await settled(pilot)
        said = str(app.screen.query_one("#dialog-text", Static).visual)
        assert "service.suspend service #1 customer.com" in said
        assert "will not run  #" in said
        assert " for customer.com on web01" in said
        await pilot.press("y")
        while "taken back: customer.com is active as before" not in note(app):
            await settled(pilot)
        await pilot.press("z")
        while "nothing of it waits" not in note(app):
            await settled(pilot)


async def test_z_says_so_where_nothing_was_ever_wished_and_read_only(
    seeded: Path, make_app: Callable[..., HostdeckApp], settled: Settled
) -> None:
    for app, told in ((make_app(), "you have not wished anything yet"), (make_app(read_only=True), "read-only")):
        async with app.run_test(size=SIZE) as pilot:
            await settled(pilot)
            await pilot.press("z")
            while told not in note(app):
                await settled(pilot)
