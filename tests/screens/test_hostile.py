"""What operators, terminals and clocks may do to the console that nobody meant: it goes on, and says what is so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError
from tests.screens.seeing import crumbs, until
from textual.widget import Widget

from hostdeck.core.domain.vocabulary import Stream, TaskStatus
from hostdeck.core.domain.windows import Asked
from hostdeck.core.queries.log_lines import Line, matching
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.work_models import Task
from hostdeck.screens import log_exports
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.kept_views import ListView
from hostdeck.tui.list_views import ListViews
from hostdeck.tui.screen_table import load_all
from hostdeck.tui.widgets.log_outline import RunOutline
from hostdeck.tui.widgets.log_search import Wanted
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.prompt import PromptInput, PromptLine
from hostdeck.tui.widgets.table import Table

Make = Callable[..., HostdeckApp]


async def say(pilot: Any, line: str) -> None:
    """Types it at once, as a paste would."""
    await pilot.press({":": "colon", "/": "slash"}[line[0]])
    pilot.app.screen.query_one(PromptInput).value = line[1:]
    await pilot.press("enter")
    for _ in range(3):
        await pilot.app.feed.beat()
        await pilot.pause()


def table(app: HostdeckApp) -> Table[Any]:
    return app.screen.query_one(Table)


LINES = (
    ":task 99999999999999999999", f":task {'9' * 5000}", ":ticket 99999999999999999999", ":svc 99999999999999999999",
    ":zone a'b%", ":srv [red]x", ":svc a\x00b", ":save ../../x", ":every 99999", ":theme \x1b[31m", f":{'x' * 9000}",
    ":aud /age:<99999999w", ":tasks /age:>99999999999w", ":set /~~~", ":grp /[/]", ":tasks /a\x00b",
    f":svc /{' '.join('abc' for _ in range(2000))}", f":tasks /{'x' * 60000}",
)  # fmt: skip


async def test_no_line_ends_the_console_or_makes_it_say_that_the_database_is_away(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        for line in LINES:
            app.screen.query_one(PromptLine).post_message(PromptLine.Submitted(":", line[1:]))
            await pilot.pause()
            await app.feed.beat()
            assert app.feed.stale is None, line
            await pilot.press("escape")
            assert app.is_running, line


async def test_a_filter_that_is_too_long_is_cut_and_said_so(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, f":tasks /{'x' * 400}")
        assert "300 characters" in app.screen.query_one(PromptLine).notice
        assert app.screen.filter_text == "x" * 300  # type: ignore[attr-defined]


async def test_at_is_the_log_of_commands_from_within_a_log_too(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":task 17")
        await until(pilot, lambda: isinstance(app.focused, LogTail))
        await pilot.press("at")
        assert type(app.screen).__name__ == "CommandLog"


def test_no_method_is_taken_for_a_key() -> None:
    """Textual calls `key_at` of what has the focus when `@` is pressed."""
    load_all()
    kinds, found = [Widget], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith("hostdeck."):
            found |= {f"{kind.__name__}.{name}" for name in vars(kind) if name.startswith(("key_", "_key_"))}
    assert found == set()


# -- what is remembered


def test_two_consoles_of_one_operator_keep_what_each_of_them_changed(tmp_path: Path) -> None:
    one, other = ListViews(tmp_path, "ops1"), ListViews(tmp_path, "ops1")
    one.name("night", "tasks", ListView(filter="state:failed"))
    one.put("zones", ListView(wide=True))
    one.remember("doctor")
    one.write()
    other.put("tasks", ListView(filter="mx01"))
    other.remember("wall")
    other.write()
    one.put("zones", ListView())
    one.write()
    later = ListViews(tmp_path, "ops1")
    assert (list(later.names), later.typed) == (["night"], ["doctor", "wall"])
    assert (later.of("tasks").filter, later.of("zones").wide) == ("mx01", False)
    assert later.forget("night")
    later.write()
    other.put("tasks", ListView())
    other.write()
    assert list(ListViews(tmp_path, "ops1").names) == []


def test_a_file_that_can_not_be_read_just_now_is_not_written_over(tmp_path: Path) -> None:
    views = ListViews(tmp_path, "ops1")
    views.name("night", "tasks", ListView())
    (tmp_path / "console" / "ops1.json").mkdir(parents=True)
    with pytest.raises(OSError, match="ops1"):
        views.write()
    (tmp_path / "console" / "ops1.json").rmdir()
    views.write()
    assert list(ListViews(tmp_path, "ops1").names) == ["night"]


def test_a_link_in_the_folder_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    folder = tmp_path / "console"
    folder.mkdir()
    (tmp_path / "other").write_text("mine")
    (folder / "ops1.json").symlink_to(tmp_path / "other")
    views = ListViews(tmp_path, "ops1")
    views.remember("doctor")
    views.write()
    assert (tmp_path / "other").read_text() == "mine"
    assert ListViews(tmp_path, "ops1").typed == ["doctor"]


@pytest.mark.parametrize("actor", ["SHA256:ab+/c=", "../../x", "..", "uid 7", "a\x00b", "x" * 300, "żółw"])
def test_whatever_an_operator_is_called_the_file_is_in_the_folder(tmp_path: Path, actor: str) -> None:
    views = ListViews(tmp_path, actor)
    views.remember("doctor")
    views.write()
    assert ListViews(tmp_path, actor).typed == ["doctor"]
    assert [path.parent.name for path in tmp_path.rglob("*.json")] == ["console"]


async def test_what_was_named_or_forgotten_last_is_kept_by_a_console_that_is_left_at_once(
    make_app: Make, seeded: Path
) -> None:
    first = make_app()
    async with first.run_test(size=(80, 24)) as pilot:
        await say(pilot, ":tasks")
        await say(pilot, ":save night")
    second = make_app()
    assert list(second.views.names) == ["night"]
    async with second.run_test(size=(80, 24)) as pilot:
        await say(pilot, ":forget night")
    assert list(make_app().views.names) == []


async def test_a_list_whose_columns_were_all_hidden_shows_them(make_app: Make, seeded: Path) -> None:
    app = make_app()
    keys = ("id", "took", "state", "tries", "label", "domain", "server", "age", "error", "gone")
    app.views.put("tasks", ListView(hidden=frozenset(keys)))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, ":tasks")
        await until(pilot, lambda: table(app).row)
        await pilot.press("c", "right", "shift+right", "O", "ctrl+w", "right")
        assert table(app).hidden == frozenset()


async def test_a_folder_that_can_not_be_written_is_said_once(make_app: Make, seeded: Path) -> None:
    (seeded / "console").write_text("a file")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            await say(pilot, ":svc")
            await pilot.press("D")
            await until(pilot, lambda: app._views_due is None)
        assert len([notice for notice in app.notices if "not remembered" in notice.text]) == 1


async def test_what_is_named_where_nothing_is_written_is_said_to_be_for_now(make_app: Make, seeded: Path) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":tasks")
        await say(pilot, ":save night")
        assert app.screen.query_one(PromptLine).notice.endswith("in this session")
    assert not (seeded / "console").exists()


async def test_an_answer_that_came_too_late_to_be_shown_is_shown_when_it_is_asked_for_again(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":tasks")
        await until(pilot, lambda: table(app).row)
        screen: Any = app.screen
        late = await app.feed.read(lambda: screen._query(Asked("state:failed")))
        table(app).set_filter("state:failedx")
        await pilot.pause()
        screen._windows[table(app)].last = late  # it came after the x had been typed
        table(app).set_filter("state:failed")
        await until(pilot, lambda: table(app).rows.count == late.count > 0)


async def test_a_screen_that_was_left_is_seen_no_more_and_says_so(app: HostdeckApp) -> None:
    """It may be asked before it has been told: an answer may just have come."""
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":tasks")
        app.open_task(1)
        await until(pilot, lambda: type(app.screen).__name__ == "TaskScreen")
        left: Any = app.screen
        assert left.is_current
        query = left.deck.clock
        await app.pop_screen()
        assert await asyncio.to_thread(lambda: left.deck.clock()) == query()  # what it asked before is answered now
        assert not left.is_current
        left.draw_frame()
    assert not left.is_current


# -- what is acted on


async def test_a_database_that_goes_away_during_many_wishes_leaves_word_of_how_many_were_done(
    app: HostdeckApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def retry(door: object, number: int) -> None:
        asked.append(number)
        if len(asked) == 2:
            raise OperationalError("disk I/O error")

    monkeypatch.setattr("hostdeck.core.intents.work.retry", retry)
    async with app.run_test(size=(120, 36)) as pilot:
        with transaction():
            Task.update(status=TaskStatus.FAILED).where(Task.status == TaskStatus.SUCCESS).execute()
        await say(pilot, ":tasks")
        await until(pilot, lambda: table(app).row)
        await say(pilot, "/state:failed")
        await until(pilot, lambda: table(app).rows.count >= 4)
        await pilot.press("space", "space", "space", "r")
        await pilot.pause()
        await pilot.press("y")
        await until(pilot, lambda: "disk I/O error" in app.screen.query_one(PromptLine).notice)
        assert "1 done, 2 not asked for" in app.screen.query_one(PromptLine).notice
        assert len(asked) == 2


def test_a_merged_log_is_saved_as_it_stood_when_lines_are_put_in_between() -> None:
    at = datetime(2026, 3, 14, 12, tzinfo=UTC)
    outline = RunOutline([(at.timestamp() + 10 * number, 1, number) for number in range(1, 4)])
    saved = outline.as_now()
    before = [saved.item(row) for row in range(len(saved))]
    outline.add([Line(2, 1, 1, at, Stream.STDOUT, "late")])
    assert outline.item(0) == (2, 1)
    assert [saved.item(row) for row in range(len(saved))] == before


async def test_a_log_that_could_not_be_saved_to_its_end_leaves_no_file(
    app: HostdeckApp, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def read(query: object) -> object:
        asked.set()
        if len(app.screen_stack) > 1:
            await asyncio.Event().wait()
        raise OperationalError("disk I/O error")

    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":task 17")
        await until(pilot, lambda: app.screen.query_one(LogTail).places)
        log = app.screen.query_one(LogTail)
        with monkeypatch.context() as patched:
            patched.setattr(app.feed, "read", read)
            log_exports.save(app.screen, log, "half", "text")  # type: ignore[arg-type]
            await asked.wait()
            assert (seeded / "export" / "half.log").exists()
            await pilot.press("q")
            while (seeded / "export" / "half.log").exists():
                await pilot.pause(0.01)
        assert any("half.log was not saved" in notice.text for notice in app.notices)


def test_a_hostile_filter_of_a_log_is_a_filter_like_any_other(seeded: Path) -> None:
    for text in ("abc " * 3000, "!x " * 3000, "a\x00b", "x" * 60000, f"-C{'9' * 5000} x", "\ud800"):
        wanted = Wanted.typed(text)
        with connection():
            assert set(matching(17, wanted.search, 0, 10)) <= set(range(1, 11))


# -- frozen


async def test_the_time_and_the_colours_can_be_changed_while_all_is_frozen(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":tasks")
        await until(pilot, lambda: table(app).row)
        total = table(app).rows.total
        await pilot.press("p")
        with transaction():
            Task.delete().where(Task.id == table(app).rows.shown[0].id).execute()
        await pilot.press("ctrl+t")
        await say(pilot, ":theme hostdeck-light")
        assert (table(app).rows.total, "FROZEN" in crumbs(app)) == (total, True)
        await pilot.press("p")
        await until(pilot, lambda: table(app).rows.total == total - 1)


async def test_a_clock_that_is_set_back_does_not_count_below_nought(make_app: Make, seeds: Any, seeded: Path) -> None:
    now = [seeds.NOW]
    app = make_app(clock=lambda: now[0])
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("p")
        now[0] -= timedelta(hours=1)
        app.draw_frames()
        assert "FROZEN 0:00" in crumbs(app)


async def test_who_looks_seldom_is_not_told_that_it_is_live(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await say(pilot, ":every 3600")
        assert "every 3600 s" in crumbs(app)
        await say(pilot, ":every 0")
        assert crumbs(app).rstrip().endswith("live")


@pytest.mark.parametrize("quiet", ["p", ":every 3600"])
async def test_a_wall_over_a_frozen_or_slow_console_says_live_and_is(app: HostdeckApp, quiet: str) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await (pilot.press(quiet) if len(quiet) == 1 else say(pilot, quiet))
        await pilot.press("0")
        screen: Any = app.screen
        await until(pilot, lambda: screen._known.counts)
        failed = screen._known.counts.pulse.tasks_failed
        with transaction():
            Task.update(status=TaskStatus.FAILED).where(Task.status == TaskStatus.RUNNING).execute()
        await until(pilot, lambda: screen._known.counts.pulse.tasks_failed > failed)
