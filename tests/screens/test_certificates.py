"""Certificates from the console: the tab of a service, and the board of all."""

from __future__ import annotations

from pathlib import Path

from tests.screens.seeing import command, press, until

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.work_models import Certificate, Service, Task
from hostdeck.screens.certificates import Certificates
from hostdeck.screens.service import ServiceScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table


def freeze(domain: str) -> int:
    """Its certificate's task, failed for good."""
    with connection():
        service = Service.get(Service.domain == domain)
        Service.update(status="active").where(Service.id == service).execute()
        same = (Task.service == service) & (Task.action == "ssl.seed")
        Task.update(status=TaskStatus.FAILED, attempts=12, error="no").where(same).execute()
        return int(Task.get(same).id)


async def test_the_board_has_the_worst_first_and_enter_opens_the_services_tab(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "cert")
        assert isinstance(app.screen, Certificates)
        assert [row.state for row in app.screen.query_one(Table).rows.shown][:2] == ["frozen", "failing"]
        await press(pilot, "enter")
        screen = app.screen
        assert isinstance(screen, ServiceScreen)
        assert (screen.crumb, screen.tab) == ("north-sail.net", "ssl")
        await press(pilot, "escape")
        assert isinstance(app.screen, Certificates)


async def test_what_is_typed_after_the_word_narrows_the_board(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, "ssl /baltic")
        assert {row.domain for row in app.screen.query_one(Table).rows.shown} == {"baltic-tea.eu"}
        await command(pilot, "ssl")
        assert len([screen for screen in app.screen_stack if isinstance(screen, Certificates)]) == 1


async def test_a_frozen_certificate_is_tried_again_from_its_tab(seeded: Path, app: HostdeckApp) -> None:
    task = freeze("north-sail.net")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, ":", *"ssl", "enter", "enter", "r")

        def queued() -> bool:
            with connection():
                return bool(Task.get_by_id(task).status in (TaskStatus.QUEUED, TaskStatus.WAITING))

        await until(pilot, queued)
        with connection():
            row = Certificate.select().join(Service).where(Service.domain == "north-sail.net").first()
            assert (row.state, row.failures) == ("waiting", 0)


async def test_where_nothing_is_frozen_the_key_says_so(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "4", "end", "enter", *["right_square_bracket"] * 2, "r")
        assert "no certificate is frozen" in app.screen.query_one(PromptLine).notice
