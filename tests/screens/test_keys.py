"""Where the keys and `:` words lead, and what they refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import command, name, notice, press, settle
from tests.screens.seeing import until_done as until
from textual import events
from textual.widgets import Input
from textual.worker import WorkerFailed

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.work_models import Service, Task
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_pane import LogPane
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.table import Table


def status_of(task: int) -> TaskStatus:
    with connection():
        return TaskStatus(Task.get_by_id(task).status)


def count_services() -> int:
    with connection():
        return int(Service.select().count())


async def test_digits_go_to_the_sections(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        for key, screen in (
            ("2", "Servers"),
            ("3", "Groups"),
            ("4", "Services"),
            ("6", "Tasks"),
            ("7", "Stats"),
            ("1", "Home"),
            ("minus", "Stats"),
        ):
            await press(pilot, key)
            assert name(app) == screen


async def test_enter_goes_in_and_escape_comes_back(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "4", "enter")
        assert name(app) == "ServiceScreen"
        await press(pilot, "enter")
        assert name(app) == "TaskScreen"
        await press(pilot, "escape", "q")
        assert name(app) == "Services"


@pytest.mark.parametrize(
    ("typed", "screen"),
    [
        ("srv", "Servers"), ("svc", "Services"), ("task", "Tasks"), ("home", "Home"), ("task 5", "TaskScreen"),
        ("tick", "Tickets"), ("ticket", "Tickets"), ("tick 2", "TicketScreen"), ("ticket #1", "TicketScreen"),
        ("svc customer.com", "ServiceScreen"),
        ("grp", "Groups"), ("groups", "Groups"), ("grp eu", "GroupScreen"), ("order", "Order"), ("help", "Help"),
    ],
)  # fmt: skip
async def test_words_lead_where_they_say(app: HostdeckApp, typed: str, screen: str) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, typed)
        assert name(app) == screen


async def test_a_word_typed_ahead_of_its_prompt_is_not_taken_for_keys(app: HostdeckApp) -> None:
    """`:terminate` in one burst has an `n` in it, which would open an order."""
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "4")
        for letter in ":tasks":
            app.post_message(events.Key("colon" if letter == ":" else letter, letter))
        app.post_message(events.Key("enter", None))
        while name(app) != "Tasks":
            await pilot.pause(0.02)
        for letter in "/mail":
            app.post_message(events.Key("slash" if letter == "/" else letter, letter))
        while app.screen.filter_text != "mail":  # type: ignore[attr-defined]
            await pilot.pause(0.02)


async def test_a_field_keeps_the_colon_and_the_slash(app: HostdeckApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "4", "n", *"a:/b")
        assert app.screen.query_one("#domain", Input).value == "a:/b"


async def test_a_capability_word_filters_servers(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "mail")
        assert [row.name for row in app.screen.query_one(Table).rows.shown] == ["mx01", "mx02"]
        await press(pilot, "right_square_bracket")
        assert [row.name for row in app.screen.query_one(Table).rows.shown] == ["ns1", "ns2"]


async def test_an_unknown_word_shows_the_nearest(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "taskz")
        assert notice(app) == "no command ':taskz'; nearest: :tasks, :stats"


async def test_a_filter_narrows_counts_and_survives(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "6", "slash", *"mail", "enter")
        rows = app.screen.query_one(Table).rows
        assert rows.shown
        assert all("mail" in row.label for row in rows.shown)
        count = len(rows.shown)
        await press(pilot, "f", "escape", "1", "6")
        assert len(app.screen.query_one(Table).rows.shown) == count
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert isinstance(app.screen, DeckScreen)
        assert app.screen.filter_text == "mail"
        await press(pilot, "escape")
        assert len(app.screen.query_one(Table).rows.shown) == 33


async def test_a_filter_can_leave_out(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "4", "slash", "!", *"error", "enter")
        assert [row.domain for row in app.screen.query_one(Table).rows.shown] == ["baltic-tea.eu", "customer.com"]


async def test_q_leaves_only_when_pressed_twice(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "q")
        assert notice(app) == "q again to quit; 1 running task will go on in the worker"
        assert app.is_running
        await pilot.press("q")
        assert app._exit


async def test_read_only_refuses_with_the_reason(seeded: Path, make_app: Callable[..., HostdeckApp]) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        for keys in (("4", "n"), ("2", "c"), ("2", "R"), ("6", "r"), ("6", "x")):
            await press(pilot, *keys)
            assert notice(app) == "hostdeck runs read-only here; nothing can be changed"


async def test_a_failed_task_is_retried(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "task 28")
        await press(pilot, "r")
        await until(lambda: "queued again" in notice(app))
        await settle(pilot)
    assert status_of(28) is TaskStatus.QUEUED


async def test_cancel_asks_and_its_first_button_keeps(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "task 18")
        await press(pilot, "x")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "enter")
        assert status_of(18) is TaskStatus.WAITING
        await press(pilot, "x", "y")
        await until(lambda: "will be cancelled" in notice(app))
    assert status_of(18) is TaskStatus.CANCELLED


async def test_an_order_is_planned_while_typed_and_placed_by_enter_on_the_plan(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "n", *"green-apple.org")
        await until(lambda: app.screen.plan is not None)  # type: ignore[attr-defined]
        assert count_services() == 3
        app.screen.query_one("#plan").focus()
        await pilot.press("enter")
        await until(lambda: name(app) == "ServiceScreen")
        await settle(pilot)
        assert app.screen.query_one("#deploy").has_class("-shown")
    assert count_services() == 4


async def test_the_cursor_survives_new_tasks(app: HostdeckApp, seeds: ModuleType) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "6", "j", "j", "j")
        before = app.screen.query_one(Table).row
        with transaction():
            Task.create(run=1, service=1, server=1, action="ssl.seed", target="x", status="queued")
        await settle(pilot)
        rows = app.screen.query_one(Table).rows
        assert rows.total == 34
        assert rows.current.id == before.id  # type: ignore[union-attr]


async def test_new_lines_reach_the_log(app: HostdeckApp, seeds: ModuleType) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "task 17")
        tail = app.screen.query_one(LogTail)
        assert tail.outline is not None
        lines = tail.outline.lines
        seeds.write_lines(17, 1200)
        await until(lambda: tail.outline.lines == lines + 1200)
        assert tail.state == "FOLLOW"
        last = tail.line_at(tail.places - 1)
        assert last is not None
        assert last.text == f"line {lines + 1200}"


async def test_what_was_read_while_the_console_was_left_has_no_place(app: HostdeckApp, seeds: ModuleType) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "task 17")
        pane, read = app.screen.query_one(LogPane), app.feed._reader.read
        asked, answered = asyncio.Event(), asyncio.Event()

        async def read_late(query: Callable[[], Any]) -> Any:
            answer = await read(query)
            if pane._watch is not None and query is pane._watch.query:
                asked.set()
                while pane.query(LogTail):
                    await asyncio.sleep(0)
                answered.set()
            return answer

        app.feed._reader.read = read_late  # type: ignore[method-assign]
        seeds.write_lines(17, 1)
        app.feed.poke()
        await asked.wait()
    assert answered.is_set()


async def test_a_finished_log_is_not_asked_for_again(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "task 5")
        pane = app.screen.query_one(LogPane)
        assert pane.tail.state == "END"
        assert pane._watch is not None
        assert pane._watch.stopped


async def test_a_closed_screen_asks_no_more(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "1")
        before = len(app.feed._watches)
        await press(pilot, "enter", "escape")
        assert len(app.feed._watches) == before


async def test_while_the_database_is_away_the_screen_says_since_when(
    app: HostdeckApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)

        async def away() -> None:
            raise OSError("database is locked")

        monkeypatch.setattr(app.feed._reader, "version", away)
        await settle(pilot)
        text = [strip.text for strip in app.screen._compositor.render_strips()]
        assert "STALE since 21:12:45: database is locked" in text[1]
        assert any("web01" in line for line in text)


async def test_a_lost_service_says_so_and_escape_leads_out(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, "svc nowhere.org")
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "there is no service 'nowhere.org'" in text
        await press(pilot, "escape")
        assert name(app) == "Home"


@pytest.mark.parametrize("beside", [False, True])
async def test_a_crash_leaves_a_traceback_without_locals(
    seeded: Path, make_app: Callable[..., HostdeckApp], beside: bool
) -> None:
    """On the loop or beside the screen: where it came from stands there."""
    app = make_app()

    async def burst() -> None:
        password = "hunter" + "2"
        raise ZeroDivisionError(len(password))

    async def run_into_it() -> None:
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            if beside:
                app.screen.run_worker(burst())
            else:
                app.call_later(burst)
            await pilot.pause()

    with pytest.raises((ZeroDivisionError, WorkerFailed)):
        await run_into_it()
    log = seeded / "console-crash.log"
    assert log.stat().st_mode & 0o777 == 0o600
    assert "ZeroDivisionError" in log.read_text()
    assert "in burst" in log.read_text()
    assert "hunter2" not in log.read_text()
