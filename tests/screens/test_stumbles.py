"""What somebody who comes from other consoles tries first, and what must not mislead them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.screens.seeing import drawn, name, until
from textual.widgets import OptionList

from hostdeck.core.domain.vocabulary import HealthState, TaskStatus
from hostdeck.core.queries import fleet
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Server, Worker
from hostdeck.core.store.work_models import Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.face import AGES_EVERY
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table

Make = Callable[..., HostdeckApp]


def shown(app: HostdeckApp) -> list[Any]:
    return app.screen.query_one(Table).rows.shown


async def test_rows_grow_older_though_nothing_else_changes(make_app: Make, seeded: Path, seeds: ModuleType) -> None:
    later = timedelta()
    app = make_app(clock=lambda: seeds.NOW + later)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: shown(app))
        assert " 9m" in drawn(app)
        later = timedelta(minutes=30)
        for _ in range(AGES_EVERY):
            app._tick()
        await pilot.pause()
        assert " 39m" in drawn(app)


async def test_r_queues_what_was_cancelled_again(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        with connection(), transaction():
            number = Task.get(Task.status == TaskStatus.WAITING).id
            Task.update(status=TaskStatus.CANCELLED).where(Task.id == number).execute()
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        app.screen.query_one(Table).go_to(number)
        await pilot.press("r")
        await until(pilot, lambda: app.screen.query_one(PromptLine).notice == f"#{number} is queued again")


async def test_a_menu_moves_by_the_letters_that_lists_move_by(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: shown(app))
        await pilot.press("a")
        await until(pilot, lambda: name(app) == "Choice")
        options = app.screen.query_one(OptionList)
        for key, place in (("j", 1), ("j", 2), ("k", 1), ("G", options.option_count - 1), ("g", 0)):
            await pilot.press(key)
            assert options.highlighted == place, key


async def test_l_goes_into_the_log_below(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        await pilot.press("l")
        assert isinstance(app.focused, LogTail)


async def test_escape_comes_back_from_the_wall(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("0")
        await until(pilot, lambda: name(app) == "Wall")
        await pilot.press("escape")
        await until(pilot, lambda: name(app) == "Home")


async def test_a_word_that_orders_is_refused_read_only(make_app: Make, seeded: Path) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("colon", *"new", "enter")
        await pilot.pause()
        assert name(app) == "Home"
        assert "read-only" in app.screen.query_one(PromptLine).notice


async def test_what_is_typed_after_tasks_narrows_them(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("colon", *"tasks", "space", *"state", "colon", *"failed", "enter")
        await until(pilot, lambda: name(app) == "Tasks" and {row.status for row in shown(app)} == {TaskStatus.FAILED})


def test_a_node_that_is_down_shows_no_figures_of_before(seeded: Path) -> None:
    with connection(), transaction():
        facts = Server.get(Server.name == "web01").health_facts
        assert facts["cpu_percent"]
        Server.update(health=HealthState.ERROR, health_error="no answer").where(Server.name == "web01").execute()
        health = fleet.server("web01").health
        assert (health.cpu_percent, health.disk_percent, health.services_up) == (None, None, None)
        assert health.panel_version == facts["panel_version"]


def test_home_never_says_that_all_is_well_while_nobody_works(seeded: Path, seeds: ModuleType) -> None:
    with connection(), transaction():
        Task.update(status=TaskStatus.SUCCESS).execute()
        Worker.delete().execute()
        lines = fleet.home(now=seeds.NOW).attention
        assert [line.text[:20] for line in lines if line.kind == "worker"] == ["no worker is running"]


async def test_a_qualifier_that_there_is_not_is_told_beside_those_there_are(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        for section, known in (("6", "error:"), ("2", "group:")):
            await pilot.press(section)
            await until(pilot, lambda: shown(app))
            await pilot.press("slash", *"took", "colon", *"x1", "enter")
            await until(pilot, lambda: "nothing matches 'took:x1'" in drawn(app))
            said = drawn(app)
            assert "'took:' is looked for as it stands" in said
            assert known in said
