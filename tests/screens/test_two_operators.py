"""What one operator's console says of another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.screens.seeing import crumbs, settle, until
from tests.screens.test_bytes import IDLE_BUDGET, RUNNER
from tests.terminal import Terminal
from textual.widgets import Static

from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.presence import Console, leave, look
from hostdeck.core.queries.presence import also_here
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Audit, Presence
from hostdeck.core.store.work_models import Run, Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.attendance import Attendance
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.frame import Heading

SIZE = (120, 36)
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def asked_for(run: int, at: Any, actor: str = "ops2") -> None:
    with transaction():
        line = Audit.create(actor=actor, intent="service.redeploy", object="service #1", at=at)
        Run.update(asked=line.id).where(Run.id == run).execute()


async def test_the_deploy_tab_says_who_asked_and_how_long_ago(app: HostdeckApp) -> None:
    asked_for(1, app.clock() - timedelta(seconds=40))
    async with app.run_test(size=SIZE) as pilot:
        app.open_service(1, "deploy")
        await settle(pilot)
        assert "asked by ops2, 40 s ago" in app.screen.query_one("#timeline-heading", Heading).text.plain


async def test_a_task_says_whose_wish_it_was(app: HostdeckApp) -> None:
    asked_for(1, app.clock() - timedelta(minutes=3))
    with connection():
        number = Task.select().where(Task.run == 1).first().id
    async with app.run_test(size=SIZE) as pilot:
        app.open_task(number)
        await settle(pilot)
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "service.redeploy, asked by ops2, 3 min ago" in shown


async def test_what_nobody_asked_for_names_nobody(app: HostdeckApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        app.open_service(1, "deploy")
        await settle(pilot)
        assert "asked by" not in app.screen.query_one("#timeline-heading", Heading).text.plain


def note(app: HostdeckApp) -> str:
    return str(app.screen.query_one("#prompt-note", Static).visual)


async def test_z_asks_with_a_list_and_takes_back_what_has_not_begun(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    app = make_app()
    with connection():
        grant(app.door, 1, Wish.SUSPEND)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("z")
        while not isinstance(app.screen, Confirm):
            await settle(pilot)
        said = str(app.screen.query_one("#dialog-text", Static).visual)
        assert "service.suspend service #1 customer.com" in said
        assert "Will not run:\n  #" in said
        assert "Suspending web account, web01" in said
        await pilot.press("y")
        while "taken back: customer.com is active as before" not in note(app):
            await settle(pilot)
        await pilot.press("z")
        while "nothing of it waits" not in note(app):
            await settle(pilot)


async def test_undo_takes_the_number_of_a_wish_that_is_ones_own(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    app = make_app()
    with connection():
        grant(app.door, 1, Wish.SUSPEND)
        mine = Audit.select().order_by(Audit.id.desc()).get().id
        theirs = Audit.create(actor="ops2", intent="service.redeploy", object="service #2").id
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for typed, said in (("many", "is no number"), (f"{theirs}", "is ops2's"), ("99999", "no wish #99999")):
            await pilot.press(":", *"undo ", *typed, "enter")
            while said not in note(app):
                await settle(pilot)
        await pilot.press(":", *"undo ", "number_sign", *f"{mine}", "enter")
        while not isinstance(app.screen, Confirm):
            await settle(pilot)
        assert f"Undo your wish #{mine}" in str(app.screen.query_one("#dialog-title", Static).visual)


async def test_z_says_so_where_nothing_was_ever_wished_and_read_only(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    for app, told in ((make_app(), "you have not wished anything yet"), (make_app(read_only=True), "read-only")):
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await pilot.press("z")
            while told not in note(app):
                await settle(pilot)


def present() -> list[tuple[str, str]]:
    with connection():
        return [(row.actor, row.place) for row in Presence.select().order_by(Presence.id)]


async def test_two_consoles_at_one_object_see_each_other_and_not_at_two(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    mine, theirs = make_app(), make_app()
    theirs.door = Door("ops2", reserved_ok=True)
    theirs._attendance = Attendance(theirs.door, "mgmt02", theirs.clock)
    async with mine.run_test(size=SIZE) as pilot:
        mine.open_service("customer.com")
        await until(pilot, lambda: present() == [("ops1", "service 1")])
        assert "also here" not in crumbs(mine)
        async with theirs.run_test(size=SIZE) as other:
            theirs.open_service(1, "deploy")
            await until(other, lambda: len(present()) == 2)
            await until(other, lambda: "also here: ops1" in crumbs(theirs))
            await until(pilot, lambda: "also here: ops2" in crumbs(mine))
            theirs.open_server("web01")
            await until(other, lambda: ("ops2", "server web01") in present())
            await until(pilot, lambda: "also here" not in crumbs(mine))
        assert present() == [("ops1", "service 1")]
        await pilot.press("escape")
        await until(pilot, lambda: not present())


async def test_a_console_that_is_read_only_or_at_no_object_writes_nothing(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    for app, number in ((make_app(), None), (make_app(read_only=True), 1)):
        async with app.run_test(size=SIZE) as pilot:
            if number is not None:
                app.open_service(number)
            for _ in range(3):
                await pilot.pause(0.5)
            await settle(pilot)
            assert present() == []


def test_who_stays_is_since_when_they_came_and_who_is_silent_is_gone(store: Settings) -> None:
    one, other = Console("a", "mgmt01", 1), Console("b", "mgmt02", 2)
    look(Door("ops1"), one, "service 12", NOON)
    look(Door("ops1"), one, "service 12", NOON + timedelta(seconds=50))
    row = Presence.get()
    assert (row.since, row.seen_at) == (NOON, NOON + timedelta(seconds=50))
    assert also_here("service 12", "b", "ops2", NOON + timedelta(seconds=100)) == ("ops1",)
    assert also_here("service 12", "b", "ops1", NOON + timedelta(seconds=100)) == ("you elsewhere",)
    assert also_here("service 12", "a", "ops1", NOON + timedelta(seconds=100)) == ()
    assert also_here("service 12", "b", "ops2", NOON + timedelta(seconds=111)) == ()
    look(Door("ops2", read_only=True), other, "service 12", NOON)
    assert Presence.select().count() == 1
    look(Door("ops2"), other, "task 3", NOON + timedelta(hours=1))
    assert [row.actor for row in Presence.select()] == ["ops2"], "a console that was killed is forgotten"
    leave(Door("ops2"), other)
    assert not Presence.select().exists()
    assert not Audit.select().exists()


def test_what_others_look_at_costs_an_idle_link_nothing(seeded: Path) -> None:
    """Each word of another console makes this one look at the database again, and draw nothing."""
    line = Terminal([sys.executable, str(RUNNER), str(seeded)])
    try:
        line.read_until(b"Running and last tasks")
        for key in ("4", "\x1b[F", "\r"):
            line.press(key)
            line.read_for(1.0)
        while not present():
            line.read_for(0.1)
        assert present() == [(present()[0][0], "service 1")]
        line.read_for(1.0)
        sent = 0
        for turn in range(8):
            look(Door("ops2"), Console("b", "mgmt02", 2), f"service {90 + turn % 2}", datetime.now(UTC))
            sent += len(line.read_for(0.5))
        assert sent / 4 <= IDLE_BUDGET
    finally:
        line.close()
