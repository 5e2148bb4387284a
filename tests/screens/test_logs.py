"""Logs in the console: a million lines, tries, copies and files, and the merged log of a deploy."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.screens.seeing import command, notice, press, settle
from textual.widgets import OptionList

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.store.base import database
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.work_models import Task, TaskLog
from hostdeck.screens.log_pane import LogPane
from hostdeck.screens.run_log import RunLog, RunPane
from hostdeck.screens.task import TaskScreen
from hostdeck.tui import clipboard
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.clipboard import Way, way
from hostdeck.tui.widgets.log_tail import LogTail

TASK = 17
FAILED = 28


async def until(true: Callable[[], bool], pilot: Any, *keys: str, seconds: float = 60.0) -> float:
    """Presses the keys and waits for the screen; how long both took."""
    start = time.monotonic()
    await pilot.press(*keys)
    while not true():
        assert time.monotonic() - start < seconds
        await pilot.pause(0.01)
    return time.monotonic() - start


def rows(app: HostdeckApp) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def tail(app: HostdeckApp) -> LogTail:
    return app.screen.query_one(LogTail)


async def open_task(app: HostdeckApp, pilot: Any, number: int = TASK) -> None:
    await settle(pilot)
    app.open_task(number)
    await settle(pilot)


# -- a million lines

LINES = 1_000_000
PAINT, JUMP, PAGE, FIND = 5.0, 2.0, 2.0, 15.0
"""Budgets in seconds. A quiet machine with two cores needs 0.6, 0.2, 0.1 and 1.2, half of it for this test's own
looking at the screen; one that does other things beside, three times that."""


def write_million() -> None:
    with transaction():
        database.execute_sql(
            "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO task_log (task_id, seq, attempt, at, stream, text) SELECT ?, i, 1, "
            "datetime('2026-03-14 21:12:45', '+' || (i / 100) || ' seconds'), 'stdout', "
            "'line ' || i || ' of a long build that writes more than anybody will ever read' FROM n",
            (LINES, TASK),
        )


async def test_a_million_lines_are_seen_at_once_and_searched_as_a_whole(app: HostdeckApp) -> None:
    """The whole of it stays in the database: what is read is what is looked at."""
    write_million()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.open_task(TASK)
        paint = await until(lambda: any(f"line {LINES} of" in row for row in rows(app)), pilot)
        jump = await until(lambda: any("line 4 of" in row for row in rows(app)), pilot, "g")
        page = await until(lambda: any("line 40 of" in row for row in rows(app)), pilot, "pagedown")
        tail(app).find("line 77777 of")
        find = await until(lambda: tail(app).state == "PAUSED   find 'line 77777 of' 1/1", pilot)
        await until(lambda: any("line 77777 of a" in row for row in rows(app)), pilot)
        assert tail(app).outline.lines == LINES  # type: ignore[union-attr]
        assert len(tail(app).shelf) < 1000
    print(f"paint {paint:.2f} s, jump {jump:.2f} s, page {page:.2f} s, find {find:.2f} s")  # noqa: T201
    assert (paint < PAINT, jump < JUMP, page < PAGE, find < FIND) == (True,) * 4


# -- one task


async def test_going_through_a_list_leaves_nothing_of_the_logs_behind(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "6")
        before = len(app.screen._watches)  # type: ignore[attr-defined]
        await press(pilot, *["j"] * 12)
        assert len(app.screen._watches) == before  # type: ignore[attr-defined]


async def test_find_and_filter_are_typed_and_tab_switches_them(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await open_task(app, pilot, FAILED)
        await press(pilot, "slash", *"exists", "enter")
        assert tail(app).state.endswith("find 'exists' 2/2")
        await press(pilot, "escape")
        assert tail(app).state == "PAUSED"
        await press(pilot, "slash", "tab", *"exists -C1", "enter")
        assert tail(app).state == "PAUSED   filter 'exists -C1' 2"
        await press(pilot, "escape")
        assert tail(app).state == "PAUSED"
        await press(pilot, "escape")
        assert not isinstance(app.screen, TaskScreen)


async def test_digits_are_windows_in_a_log_that_fills_the_screen_and_sections_elsewhere(
    app: HostdeckApp, seeds: ModuleType
) -> None:
    seeds.write_lines(TASK, 300)
    async with app.run_test(size=(120, 36)) as pilot:
        await open_task(app, pilot)
        await press(pilot, "1")
        assert isinstance(app.screen, TaskScreen)
        assert "nothing there yet" in "\n".join(rows(app))
        await press(pilot, "2")
        assert tail(app).line_at(round(tail(app).scroll_y)).seq == 1  # type: ignore[union-attr]
        await press(pilot, "8")
        assert app.current_mode == "audit"  # the log has no use for it
        await press(pilot, "escape", "6", "tab", "2")
        assert type(app.screen).__name__ == "Servers"


async def test_tries_are_chosen_where_there_is_more_than_one(app: HostdeckApp, seeds: ModuleType) -> None:
    with connection():
        Task.update(attempts=2).where(Task.id == TASK).execute()
        for seq in (4, 5):
            TaskLog.create(task=TASK, seq=seq, attempt=2, at=seeds.NOW, stream=Stream.STDOUT, text=f"again {seq}")
    async with app.run_test(size=(120, 36)) as pilot:
        await open_task(app, pilot, 5)
        assert not app.screen.check_action("attempt", (1,))
        await press(pilot, "escape")
        await open_task(app, pilot)
        assert "-- try 2 --" in "\n".join(rows(app))
        await press(pilot, "right_square_bracket")
        text = "\n".join(rows(app))
        assert "try [1] of 3" in text
        assert "again 4" not in text
        await press(pilot, "right_square_bracket")
        text = "\n".join(rows(app))
        assert "try [2] of 3" in text
        assert "looking at" not in text
        seeds.write_lines(TASK, 2)
        await press(pilot, "right_square_bracket")
        assert "try 2 of 3" in "\n".join(rows(app))
        assert app.screen.query_one(LogPane).attempt is None


async def test_ways_out_are_under_enter_and_the_log_folds_under_o(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await open_task(app, pilot, FAILED)
        await press(pilot, "o")
        assert "> 2 lines" in "\n".join(rows(app))
        await press(pilot, "enter")
        assert app.screen.query(OptionList)


async def test_the_whole_log_is_saved_as_text_and_as_json_lines(
    app: HostdeckApp, seeds: ModuleType, tmp_path: Path
) -> None:
    seeds.write_lines(TASK, 6000)
    with connection():
        TaskLog.delete().where(TaskLog.task == TASK, TaskLog.seq.between(10, 12)).execute()
    async with app.run_test(size=(120, 36)) as pilot:
        await open_task(app, pilot)
        await press(pilot, "ctrl+s", "enter")
        await until(lambda: "task-17.log" in notice(app), pilot)
        assert notice(app).startswith("6000 lines in ")
        await press(pilot, "ctrl+s", "down", "enter")
        await until(lambda: "task-17.jsonl" in notice(app), pilot)
    text = (tmp_path / "export" / "task-17.log").read_text().splitlines()
    assert text[8:11] == [
        "2026-03-14T21:12:45.000+00:00   line 9", "-- 3 lines missing --", "2026-03-14T21:12:45.000+00:00   line 13",
    ]  # fmt: skip
    assert len(text) == 6001
    lines = [json.loads(row) for row in (tmp_path / "export" / "task-17.jsonl").read_text().splitlines()]
    assert [row["seq"] for row in lines] == [*range(1, 10), *range(13, 6004)]
    assert lines[1]["stream"] == "command"


async def test_words_do_what_the_keys_do(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "save-log json")
        assert "there is no log here" in notice(app)
        await open_task(app, pilot)
        await command(pilot, "save-log csv")
        assert "takes text or json, not 'csv'" in notice(app)
        await command(pilot, "save-log json")
        await until(lambda: "task-17.jsonl" in notice(app), pilot)
        await command(pilot, "merge")
        assert isinstance(app.screen, RunLog)


# -- copies


async def test_a_copy_says_by_which_way_it_went(
    app: HostdeckApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await open_task(app, pilot, FAILED)
        monkeypatch.delenv("TMUX", raising=False)
        await press(pilot, "E", "c")
        await until(lambda: "copied" in notice(app), pilot)
        assert notice(app) == "copied 1 line, 36 bytes, by OSC 52"
        assert app.clipboard == "exit 4: E_EXISTS, 3 of 3 tries spent"
        monkeypatch.setattr("hostdeck.tui.outlets.way", lambda text, environ: Way("file", why="tmux has it off"))
        await press(pilot, "m", "k", "m", "c")
        await until(lambda: "copied.txt" in notice(app), pilot)
        assert notice(app).endswith("copied.txt: tmux has it off")
    assert (tmp_path / "export" / "copied.txt").read_text().startswith("Error: north-sail.net exists\nexit 4")


def test_tmux_is_asked_before_it_is_trusted() -> None:
    def says(clipboard: str, passthrough: str) -> Callable[..., str]:
        return lambda flag, name: clipboard if name == "set-clipboard" else passthrough

    inside = {"TMUX": "/tmp/tmux-0/default,1,0"}
    request = "\x1b]52;c;" + base64.b64encode(b"word").decode() + "\a"
    assert way("word", {}) == Way("OSC 52", request)
    assert way("word", inside, says("on", "off")) == Way("OSC 52, by tmux", request)
    wrapped = way("word", inside, says("external", "on"))
    assert wrapped.sequence == "\x1bPtmux;\x1b" + request + "\x1b\\"
    assert way("word", inside, says("external", "off")).sequence == ""
    assert way("word", inside, says("", "")).sequence == ""


def test_what_a_terminal_would_cut_goes_into_a_file() -> None:
    assert way("x" * clipboard.LIMIT, {}).sequence
    assert way("ä" * clipboard.LIMIT, {}) == Way("file", why="terminals take 74,000 bytes, these are 148,000")


# -- the merged log of a deploy


async def test_a_deploy_is_one_log_with_a_host_and_a_task_in_front_of_each_line(
    app: HostdeckApp, seeds: ModuleType
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "6", *["j"] * 16, "M")
        assert isinstance(app.screen, RunLog)
        await settle(pilot)
        text = "\n".join(rows(app))
        assert "deploy baltic-tea.eu" in text
        tagged = [row for row in rows(app) if ("#1" in row and "web01" in row) or "mx01" in row]
        assert tagged
        await press(pilot, "enter")
        assert isinstance(app.screen, TaskScreen)


async def test_a_late_line_comes_to_its_place_and_who_reads_stays_where_he_is(
    app: HostdeckApp, seeds: ModuleType
) -> None:
    """While the log is paused in its middle, a slower node's line is put in above."""
    seeds.write_lines(TASK, 200)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.open_run_log(TASK)
        await press(pilot, *["pageup"] * 3)
        before = rows(app)[4:30]
        log = app.screen.query_one(RunPane).tail
        held, lines = log.scroll_y, log.outline.lines  # type: ignore[union-attr]
        with transaction():
            TaskLog.create(
                task=13, seq=5, attempt=1, at=seeds.NOW - timedelta(seconds=40), stream=Stream.STDOUT, text="late"
            )
        await until(lambda: log.outline.lines == lines + 1, pilot)  # type: ignore[union-attr]
        await settle(pilot)
        assert rows(app)[4:30] == before
        assert log.scroll_y == held + 1
        assert log.state == "PAUSED +1 new"
        await press(pilot, "g")
        assert any(row.endswith("#13   late") for row in rows(app))


async def test_a_merged_log_is_found_filtered_folded_and_saved_as_any_other(app: HostdeckApp, tmp_path: Path) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.open_run_log(FAILED)
        await press(pilot, "slash", *"looking at", "enter")
        assert tail(app).state.endswith("find 'looking at' 6/6")
        await press(pilot, "escape", "e")
        assert tail(app).cursor_key[0] == FAILED  # type: ignore[index]
        await press(pilot, "o")
        assert "> 1 line" in "\n".join(rows(app))
        await press(pilot, "ctrl+s", "enter")
        await until(lambda: ".log" in notice(app), pilot)
    saved = next((tmp_path / "export").glob("run-*.log")).read_text().splitlines()
    assert "web01 #23" in saved[0]
    assert len(saved) == 25
