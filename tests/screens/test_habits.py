"""The habits of the frame around every screen: views, columns, marks, freezing, time, themes, keys of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from rich.syntax import Syntax
from tests.screens.seeing import command, crumbs, name, notice, press, settle, until
from textual.widgets import OptionList, Static

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.errors import Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.work_models import Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.face import Looks
from hostdeck.tui.list_text import as_csv
from hostdeck.tui.theme import DARK, LIGHT, STYLE, Tone, wear
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.describe import Describe
from hostdeck.tui.widgets.frame import HeadLine
from hostdeck.tui.widgets.prompt import PromptInput, PromptLine
from hostdeck.tui.widgets.table import Table

Make = Callable[..., HostdeckApp]


def shown(app: HostdeckApp) -> list[Any]:
    return app.screen.query_one(Table).rows.shown


@pytest.fixture(autouse=True)
def own_colours() -> Any:
    """A theme worn in one test is not worn in the next."""
    yield
    wear(DARK)


# -- lists


async def test_a_filter_says_how_many_of_how_many_are_kept_and_esc_gives_all_back(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        total = app.screen.query_one(Table).rows.total
        await press(pilot, *"/state:failed server:mx01", "enter")
        await until(pilot, lambda: {row.server for row in shown(app)} == {"mx01"})
        assert f"{len(shown(app))} of {total}" in crumbs(app)
        assert {row.status for row in shown(app)} == {TaskStatus.FAILED}
        await pilot.press("escape")
        await until(pilot, lambda: len(shown(app)) == total)


async def test_faults_only_and_all_again(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: shown(app))
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: {str(row.status) for row in shown(app)} == {"error"})
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: len({str(row.status) for row in shown(app)}) > 1)


async def test_a_list_is_found_as_it_was_left_after_a_restart(make_app: Make, seeded: Path) -> None:
    first = make_app()
    async with first.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: shown(first))
        await pilot.press("D")
        await press(pilot, *"/state:active", "enter")
        await until(pilot, lambda: {str(row.status) for row in shown(first)} == {"active"})
        await pilot.press("down")
        kept = first.screen.query_one(Table).row.id
        names = [row.domain for row in shown(first)]
        await pilot.press("1", "4")
        await until(pilot, lambda: [row.domain for row in shown(first)] == names)
        await pilot.press("1")
        await until(pilot, lambda: (seeded / "console" / "ops1.json").exists())
    second = make_app()
    async with second.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: [row.domain for row in shown(second)] == names)
        assert names == sorted(names)
        assert second.screen.query_one(Table).row.id == kept
        assert "/state:active" in crumbs(second)


async def test_a_named_view_comes_back_by_its_word(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        await press(pilot, *"/state:failed", "enter")
        await command(pilot, "save night")
        await pilot.press("escape", "1")
        await command(pilot, "night")
        assert name(app) == "Tasks"
        await until(pilot, lambda: {row.status for row in shown(app)} == {TaskStatus.FAILED})
        await command(pilot, "save tasks")
        assert "no command yet" in notice(app)
        await command(pilot, "forget night")
        await command(pilot, "night")
        assert "no command ':night'" in notice(app)


async def test_read_only_nothing_is_written_about_how_lists_were_left(make_app: Make, seeded: Path) -> None:
    app = make_app(read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await press(pilot, *"/mail", "enter")
        app.views.write()
    assert not (seeded / "console").exists()


async def test_columns_are_hidden_by_choice_and_a_wide_list_goes_aside(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        table = app.screen.query_one(Table)
        assert table.width_of("error") == 0
        await pilot.press("ctrl+w")
        assert table.width_of("tries") > 0
        await pilot.press(*["right"] * 6)
        await pilot.pause()
        assert table.width_of("error") > 0
        assert table.width_of("id") > 0, "the first columns stay"
        await pilot.press("ctrl+w")
        await command(pilot, "columns")
        await until(pilot, lambda: app.screen.query(OptionList))
        await pilot.press("down", "space", "enter")
        await until(pilot, lambda: name(app) == "Tasks")
        assert table.hidden == {"took"}
        assert table.width_of("took") == 0


async def test_marks_by_one_and_by_range_are_counted_and_cleared(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        rows = app.screen.query_one(Table).rows
        await pilot.press("space", "v", "down", "down")
        await until(pilot, lambda: "4 marked" in crumbs(app))
        await pilot.press("up")
        await until(pilot, lambda: "3 marked" in crumbs(app))
        await pilot.press("v", "down", "down")
        assert len(rows.marks) == 3, "the range ended at the second v"
        await pilot.press("ctrl+backslash")
        assert not rows.marks
        await pilot.press("space")
        await pilot.press("escape")
        assert not rows.marks


async def test_any_column_can_be_sorted_by_from_the_keyboard(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: shown(app))
        table = app.screen.query_one(Table)
        keys = [column.key for column in table.seen_columns if column.sort is not None]
        await pilot.press("shift+right", "shift+right", "O")
        assert table.rows.order == (keys[1], False)
        await pilot.press("O")
        assert table.rows.order == (keys[1], True)


async def test_what_is_known_of_a_row_is_shown_in_words_and_as_json(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: shown(app))
        await pilot.press("y")
        await pilot.pause()
        drawn = app.screen.query_one("#describe-text", Static).content
        assert isinstance(drawn, Syntax)
        said = json.loads(drawn.code)
        assert said["hostname"] == shown_below(app)[0].hostname
        await pilot.press("d")
        assert "hostname" in str(app.screen.query_one("#describe-text", Static).content)
        await pilot.press("escape")
        assert name(app) == "Servers"


def shown_below(app: HostdeckApp) -> list[Any]:
    return app.screen_stack[-2].query_one(Table).rows.shown


# -- the frame


async def test_a_frozen_view_stays_while_work_goes_on_and_still_answers(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        await pilot.press("p")
        assert "FROZEN" in crumbs(app)
        number = shown(app)[0].id
        with connection(), transaction():
            Task.update(status=TaskStatus.CANCELLED).where(Task.id == number).execute()
        for _ in range(5):
            await app.feed.beat()
        assert shown(app)[0].status is not TaskStatus.CANCELLED
        await press(pilot, *"/state:success", "enter")
        await until(pilot, lambda: {row.status for row in shown(app)} == {TaskStatus.SUCCESS})
        await pilot.press("escape", "p")
        await until(pilot, lambda: any(row.status is TaskStatus.CANCELLED for row in shown(app)))
        assert "FROZEN" not in crumbs(app)


async def test_a_screen_that_is_come_back_to_while_all_is_frozen_is_read_once(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        number = shown(app)[0].id
        await pilot.press("1")
        await settle(pilot)
        with connection(), transaction():
            Task.update(status=TaskStatus.CANCELLED).where(Task.id == number).execute()
        await pilot.press("p", "6")
        await until(pilot, lambda: any(row.status is TaskStatus.CANCELLED for row in shown(app)))


async def test_times_are_those_of_the_place_or_utc(make_app: Make, seeded: Path) -> None:
    app = make_app(zone=timezone(timedelta(hours=2), "CEST"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: app.screen.query_one(HeadLine).text.plain.rstrip().endswith("23:12 CEST"))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: app.screen.query_one(HeadLine).text.plain.rstrip().endswith("21:12 UTC"))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: app.screen.query_one(HeadLine).text.plain.rstrip().endswith("23:12 CEST"))


async def test_the_first_line_makes_room_for_rows(app: HostdeckApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        before = app.screen.query_one(Table).size.height + app.screen.query_one("#log-pane").size.height
        await pilot.press("ctrl+e")
        await pilot.pause()
        assert app.screen.query_one(Table).size.height + app.screen.query_one("#log-pane").size.height == before + 1


async def test_every_notice_can_be_read_again(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "nonsense")
        await command(pilot, "save x")
        await command(pilot, "events")
        await until(pilot, lambda: shown(app))
        assert [row.text[:12] for row in shown(app)][:2] == ["':save' name", "no command '"]


async def test_what_was_sent_to_the_nodes_is_listed_with_its_end(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("at")
        await until(pilot, lambda: name(app) == "CommandLog" and shown(app))
        assert all(row.text.startswith("v-") for row in shown(app))
        assert {str(row.server) for row in shown(app)} >= {"web01", "mx01"}
        await pilot.press("enter")
        await until(pilot, lambda: name(app) == "TaskScreen")


async def test_lines_typed_before_come_back_with_the_arrows_in_every_screen(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "srv")
        await command(pilot, "task 5")
        await pilot.press("colon", "up")
        entry = app.screen.query_one(PromptInput)
        assert entry.value == "task 5"
        await pilot.press("up")
        assert entry.value == "srv"
        await pilot.press("down", "down")
        assert entry.value == ""
        await pilot.press("escape")


async def test_a_slower_look_is_asked_for_and_taken_back(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await command(pilot, "every 5s")
        assert app.feed.least == 5.0
        await command(pilot, "every soon")
        assert "':every 5s'" in notice(app)
        await command(pilot, "every 0")
        assert app.feed.least == 0.0


async def test_the_mouse_is_switched_on_the_terminal_itself(app: HostdeckApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        sent: list[str] = []
        monkeypatch.setattr(app._driver, "write", sent.append)
        await command(pilot, "mouse off")
        assert "\x1b[?1003l" in sent
        await command(pilot, "mouse on")
        assert sent[-4:] == [f"\x1b[?{mode}h" for mode in (1000, 1003, 1015, 1006)]
        assert "mouse on" in notice(app)


# -- colours and keys


async def test_another_theme_is_worn_by_every_word_at_once(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        assert STYLE[Tone.WRONG] == Style(color="#ee7d72", bold=True)
        await command(pilot, "theme hostdeck-light")
        assert STYLE[Tone.WRONG] == Style(color=LIGHT.error, bold=True)
        assert app.screen.styles.background.hex == LIGHT.background.upper()
        await command(pilot, "theme")
        assert "themes: " in notice(app)
        await command(pilot, "theme dracula")
        assert app.current_theme.name == "dracula"


async def test_a_theme_of_ones_own_is_read_and_read_again_when_it_changes(make_app: Make, seeded: Path) -> None:
    (seeded / "themes").mkdir()
    file = seeded / "themes" / "night.toml"
    file.write_text('primary = "#334455"\nerror = "#aa0000"\nbackground = "#000000"\n')
    app = make_app(looks=Looks(theme="night"))
    async with app.run_test(size=(120, 36)) as pilot:
        assert STYLE[Tone.WRONG].color is not None
        assert STYLE[Tone.WRONG].color.name == "#aa0000"
        file.write_text('primary = "#334455"\nerror = "#bb0000"\nbackground = "#000000"\n')
        app._tick()
        await pilot.pause()
        assert STYLE[Tone.WRONG].color.name == "#bb0000"
        file.write_text('primary = "bluish"\n')
        app._tick()
        await pilot.pause()
        assert "'bluish' is no colour" in notice(app)


@pytest.mark.parametrize(
    ("text", "words"),
    [('primary = "bluish"', "is no colour"), ('secondary = "#112233"', "primary"), ("primary = ", "night.toml"),
     ('primary = "#112233"\nfont = "x"', "font")],
)  # fmt: skip
def test_a_theme_that_can_not_be_read_is_named_with_its_fault(
    make_app: Make, seeded: Path, text: str, words: str
) -> None:
    (seeded / "themes").mkdir()
    (seeded / "themes" / "night.toml").write_text(text)
    with pytest.raises(Invalid, match=words):
        make_app()


async def test_a_key_is_given_to_another_by_its_name(make_app: Make, seeded: Path) -> None:
    app = make_app(looks=Looks(keys={"services.actions": "ctrl+g", "app.command": "semicolon"}))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: shown(app))
        await pilot.press("a")
        assert name(app) == "Services"
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert name(app) == "Choice"
        await pilot.press("escape", "semicolon")
        assert app.screen.query_one(PromptLine).is_open


def test_a_key_that_does_not_exist_is_refused_with_the_nearest(make_app: Make, seeded: Path) -> None:
    with pytest.raises(Invalid, match=r"there is no 'tasks.retri'; nearest: tasks.retry"):
        make_app(looks=Looks(keys={"tasks.retri": "x"}))


async def test_a_digit_that_was_given_to_something_else_is_its_there_and_a_section_elsewhere(
    make_app: Make, seeded: Path
) -> None:
    app = make_app(looks=Looks(keys={"tasks.full-screen": "5"}))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        await pilot.press("5")
        await until(pilot, lambda: name(app) == "TaskScreen")
        assert app.current_mode == "tasks"
        await pilot.press("escape", "2", "5")
        await until(pilot, lambda: app.current_mode == "zones")


def test_a_theme_that_does_not_exist_is_refused_with_those_there_are(make_app: Make, seeded: Path) -> None:
    with pytest.raises(Invalid, match=r"there is no 'neon'; there are .*hostdeck-light"):
        make_app(looks=Looks(theme="neon"))


async def test_what_a_key_sends_and_does_is_shown(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await command(pilot, "keys")
        await until(pilot, lambda: name(app) == "KeyProbe")
        await pilot.press("r", "ctrl+g")
        text = str(app.screen.query_one("#dialog-text", Static).content)
        assert "retry  tasks.retry" in text
        assert "nothing here" in text
        await pilot.press("escape", "escape")
        assert name(app) == "Tasks"


async def test_a_failed_task_rings_where_that_was_asked_for(make_app: Make, seeded: Path) -> None:
    app = make_app(looks=Looks(bell=True))
    rung: list[bool] = []
    app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.pulse is not None)
        with connection(), transaction():
            Task.update(status=TaskStatus.FAILED).where(Task.status == TaskStatus.RUNNING).execute()
        await until(pilot, lambda: rung)


# -- settings and audit


async def test_a_setting_is_changed_where_it_is_shown_and_a_wrong_one_is_told(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: shown(app))
        await pilot.press("e", "backspace", *"x", "enter")
        await pilot.pause()
        assert "number" in str(app.screen.query_one("#dialog-wrong", Static).content)
        await pilot.press("backspace", *"5", "enter")
        await until(pilot, lambda: name(app) == "SettingsScreen" and shown(app)[0].value == "5")
        await pilot.press("u")
        await until(pilot, lambda: shown(app)[0].value == shown(app)[0].default)
        await pilot.press("8")
        await until(pilot, lambda: [row.intent for row in shown(app)[:2]] == ["setting.set"] * 2)
        await press(pilot, *"/by:ops1 wish:setting", "enter")
        await until(pilot, lambda: {row.intent for row in shown(app)} == {"setting.set"})


# -- bulk, and files


async def test_marked_tasks_are_retried_together_and_the_others_are_named(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        with connection(), transaction():
            numbers = [task.id for task in Task.select().where(Task.status == TaskStatus.SUCCESS).limit(2)]
            Task.update(status=TaskStatus.FAILED).where(Task.id.in_(numbers)).execute()
        await pilot.press("6")
        await until(pilot, lambda: shown(app))
        table = app.screen.query_one(Table)
        for number in [*numbers, next(row.id for row in shown(app) if row.status is TaskStatus.WAITING)]:
            table.go_to(number)
            await pilot.press("space")
        await pilot.press("r")
        await until(pilot, lambda: name(app) == "Confirm")
        text = str(app.screen.query_one("#dialog-text", Static).content)
        assert "2 of 3 marked will be queued again" in text
        assert "1 others stay as they are" in text
        await pilot.press("y")
        await until(pilot, lambda: "task" in notice(app) and "queued again" in notice(app))
        assert not table.rows.marks, "the next key is about the row under the cursor again"


@pytest.mark.parametrize("kind", ["txt", "csv", "json"])
async def test_a_list_is_saved_as_it_is_narrowed_and_its_file_is_named(
    app: HostdeckApp, seeded: Path, kind: str
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await press(pilot, *"/state:success", "enter")
        await until(pilot, lambda: {row.status for row in shown(app)} == {TaskStatus.SUCCESS})
        count = len(shown(app))
        await pilot.press("ctrl+s")
        await pilot.press(*["down"] * ["txt", "csv", "json"].index(kind), "enter")
        await until(pilot, lambda: "saved" in notice(app))
        file = next((seeded / "export").iterdir())
        assert file.suffix == f".{kind}"
        assert str(file)[:40] in notice(app)
        text = file.read_text()
        rows = len(json.loads(text)) if kind == "json" else len(text.splitlines()) - 1
        assert rows == count


def test_no_cell_becomes_a_formula() -> None:
    columns: list[Column[str]] = [Column("a", "A", lambda text: text)]
    text = as_csv(columns, ["=1+1", "@x", "-", "plain"])
    assert text == "a\n'=1+1\n'@x\n-\nplain\n"


async def test_enter_shows_all_of_a_line_of_the_audit(app: HostdeckApp) -> None:
    with connection(), Door("ops1").change("a.wish", "a thing"):
        pass
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: bool(shown(app)))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Describe))
