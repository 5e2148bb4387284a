"""The doctor and the worker's heartbeat from the console."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import command, press, settle, until
from tests.screens.seeing import drawn as text

from hostdeck.core.domain.doctor import Check, failed, ok, warn
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.fleet_models import Server, Worker
from hostdeck.core.store.work_models import Service, Task, Ticket
from hostdeck.screens.servers import Servers
from hostdeck.screens.ticket import TicketScreen
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.examination import examine
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table

SIZES = [(80, 24), (120, 36)]
FOUND = (
    ok("home", "/srv/hostdeck, yours alone"),
    ok("database", "/srv/hostdeck/hostdeck.db, 3.5 MB, whole, its schema is current"),
    warn("disk", "4.1 GB free of 60.0 GB below /srv/hostdeck", "make room on that disk, or move the home"),
    failed("worker", "DOWN: pid 4711 on mgmt01 last beat 2 hours ago; 3 tasks wait",
           "systemctl start hostdeck-worker.service; why it ended: journalctl -u hostdeck-worker.service"),
    failed("server mx02", "mx02: no answer on port 22 within 10 s",
           "mend the cause, then: hostdeck server check mx02"),
    ok("nameserver ns1", "192.0.2.14 answers for customer.com over UDP and TCP"),
)  # fmt: skip


async def open_doctor(pilot: Any) -> None:
    await command(pilot, "doctor")
    await until(pilot, lambda: bool(pilot.app.screen.query_one(Table).rows.shown))
    await settle(pilot)


async def test_what_has_failed_comes_first_with_its_mend(seeded: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(examine=lambda: FOUND)
    async with app.run_test(size=(120, 36)) as pilot:
        await open_doctor(pilot)
        assert [check.check for check in app.screen.query_one(Table).rows.shown][:3] == [
            "worker", "server mx02", "disk",
        ]  # fmt: skip
        assert "2 of 6 failed" in text(app)
        assert "mend: systemctl start hostdeck-worker.service" in text(app)
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, Servers)


async def test_b_looks_again_and_the_screen_goes_on_meanwhile(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    gate, rounds = threading.Event(), []

    def slow() -> tuple[Check, ...]:
        rounds.append(threading.current_thread().name)
        if len(rounds) > 1:
            gate.wait(20)
        return FOUND[: len(rounds)]

    app = make_app(examine=slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_doctor(pilot)
        await pilot.press("b", "b")  # nothing settles while the gate is shut
        await until(pilot, lambda: len(rounds) == 2)
        await until(pilot, lambda: "looking" in text(app))
        await pilot.press("colon")
        await until(pilot, lambda: app.screen.query_one(PromptLine).kind == ":")
        await pilot.press("escape")
        gate.set()
        await until(pilot, lambda: len(app.screen.query_one(Table).rows.shown) == 2)
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: len(rounds) == 3)
        await press(pilot, "escape")
        assert type(app.screen).__name__ == "Home"
    assert "MainThread" not in rounds


async def test_the_console_and_the_command_line_look_at_the_same(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    settings = Settings(home=seeded, dns_port=1)
    with connection():
        Server.update(status="disabled").where(Server.dns).execute()
    app = make_app(examine=partial(examine, settings, bound=True))
    async with app.run_test(size=(120, 36)) as pilot:
        await open_doctor(pilot)
        seen = {check.check for check in app.screen.query_one(Table).rows.shown}
        assert {"home", "database", "worker key", "queue", "clock", "server mx02"} < seen
        await press(pilot, "escape")
        assert "web01" in text(app)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
def test_picture(snap_compare: Any, seeded: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]) -> None:
    assert snap_compare(make_app(examine=lambda: FOUND), terminal_size=size, run_before=open_doctor)


# ----------------------------------------------------------------------------------------------------------------- Home


async def test_home_says_which_worker_beats(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "worker UP  pid 4711 on mgmt01, beat within 15 s" in text(app)


async def test_home_says_in_words_that_no_worker_beats(
    seeded: Path, seeds: ModuleType, make_app: Callable[..., HostdeckApp]
) -> None:
    with transaction():
        Worker.update(beat_at=seeds.NOW - timedelta(minutes=7)).execute()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "worker DOWN  the last, pid 4711 on mgmt01, beat 7 min ago; start one: hostdeck worker" in text(app)
        await press(pilot, "4")
        assert "worker DOWN" in text(app)


async def test_home_shows_a_ticket_whose_step_is_tried_again_and_enter_opens_it(
    seeded: Path, make_app: Callable[..., HostdeckApp]
) -> None:
    with transaction():
        ticket = Ticket.get(Ticket.status == "open")
        Task.update(status="retrying").where(Task.status == "failed").execute()
        Server.update(health="ok").execute()
        Service.update(status="deploying").where(Service.status == "error").execute()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "all is well" not in text(app)
        assert "being tried again: Configuring" in text(app)
        table = app.screen.query_one("#home-attention", Table)
        table.go_to(("ticket", ticket.id))
        table.focus()
        await press(pilot, "enter")
        assert isinstance(app.screen, TicketScreen)
