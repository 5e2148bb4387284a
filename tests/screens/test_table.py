"""The table: what it redraws, what stays put, and how columns share a width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from hostdeck.tui.theme import DARK
from hostdeck.tui.widgets.columns import Column, place
from hostdeck.tui.widgets.table import Table


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    state: str = "waiting"


COLUMNS = (
    Column[Row]("id", "ID", lambda r: str(r.id), 4, sort=lambda r: r.id, letter="I"),
    Column[Row]("name", "NAME", lambda r: r.name, 10, grow=1, most=30, sort=lambda r: r.name, letter="N"),
    Column[Row]("state", "STATE", lambda r: r.state, 10, priority=1),
    Column[Row]("extra", "EXTRA", lambda r: "x", 10, priority=2),
)


class Watched(Table[Row]):
    """Counts what it is asked to draw again."""

    regions: list[Region]
    lines: list[int]

    def refresh(self, *regions: Region, **kwargs: Any) -> Any:
        self.__dict__.setdefault("regions", []).extend(regions or [Region(0, 0, 999, 999)])
        return super().refresh(*regions, **kwargs)

    def render_line(self, y: int) -> Any:
        self.__dict__.setdefault("lines", []).append(y)
        return super().render_line(y)


class One(App[None]):
    CSS = "Table { height: 1fr; }"

    def compose(self) -> ComposeResult:
        self.register_theme(DARK)
        yield Watched(COLUMNS, lambda r: r.id)


def rows(count: int, **states: str) -> list[Row]:
    return [Row(n, f"row {n}", states.get(f"s{n}", "waiting")) for n in range(count)]


async def test_one_changed_cell_redraws_its_line_up_to_it() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows(rows(10))
        await pilot.pause()
        table.regions, table.lines = [], []
        table.set_rows(rows(10, s4="running"))
        await pilot.pause()
        state = next(placed for placed in table._placed if placed.column.key == "state")
        assert table.regions == [Region(0, 5, state.x + state.width, 1)]
        assert table.lines == [5]


async def test_the_same_rows_redraw_nothing() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows(rows(500))
        await pilot.pause()
        table.regions, table.lines = [], []
        table.set_rows(rows(500))
        await pilot.pause()
        assert (table.regions, table.lines) == ([], [])


async def test_the_cursor_stays_on_its_row_when_rows_come_before_it() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows(rows(10))
        await pilot.press("j", "j", "j")
        table.set_rows([Row(100, "new"), Row(101, "newer"), *rows(10)])
        assert table.row == Row(3, "row 3")
        table.set_rows([Row(100, "new"), Row(5, "row 5")])
        assert table.row == Row(5, "row 5")


async def test_who_has_scrolled_away_is_not_fetched_back() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows(rows(100))
        await pilot.pause()
        table.scroll_to(y=50, animate=False)
        await pilot.pause()
        table.set_rows(rows(100, s60="running"))
        await pilot.pause()
        assert round(table.scroll_y) == 50
        assert table.row == Row(0, "row 0")


async def test_the_cursor_is_at_the_top_where_new_rows_come_until_it_is_put_somewhere() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows(rows(100))
        newer = [Row(number, f"row {number}") for number in range(-50, 0)]
        table.set_rows([*newer, *rows(100)])
        assert (table.row, table.rows.cursor) == (newer[0], 0)
        await pilot.press("j")
        before = table.row
        table.set_rows([Row(-99, "newest"), *newer, *rows(100)])
        assert (table.row, table.rows.cursor) == (before, 2)
        await pilot.press("g")
        table.set_rows([Row(-100, "newer still"), Row(-99, "newest"), *newer, *rows(100)])
        assert table.row == Row(-100, "newer still")


async def test_letters_sort_and_sort_back() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows([Row(2, "c"), Row(1, "b"), Row(3, "a")])
        await pilot.press("j")
        await pilot.press("N")
        assert [row.name for row in table.rows.shown] == ["a", "b", "c"]
        await pilot.press("N")
        assert [row.name for row in table.rows.shown] == ["c", "b", "a"]
        assert table.row == Row(1, "b")


async def test_a_double_click_opens_the_row_under_the_mouse() -> None:
    chosen = []

    class Listening(One):
        def on_table_chosen(self, event: Table.Chosen[Row]) -> None:
            chosen.append(event.row.id)

    async with Listening().run_test(size=(80, 20)) as pilot:
        pilot.app.query_one(Watched).set_rows(rows(10))
        await pilot.click(Watched, offset=(5, 4), times=2)
        assert chosen == [3]


async def test_marks_are_for_bulk_wishes() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows(rows(10))
        await pilot.press("space", "space", "j")
        assert [row.id for row in table.rows.marked()] == [0, 1]
        table.set_rows(rows(10)[1:])
        assert [row.id for row in table.rows.marked()] == [1]


def test_narrow_terminals_lose_the_least_important_columns_first() -> None:
    def kept(width: int) -> list[str]:
        return [placed.column.key for placed in place(COLUMNS, width)]

    assert kept(60) == ["id", "name", "state", "extra"]
    assert kept(40) == ["id", "name", "state"]
    assert kept(25) == ["id", "name"]


def test_growing_columns_take_what_is_left() -> None:
    widths = {placed.column.key: placed.width for placed in place(COLUMNS, 120)}
    assert widths["name"] == 30
    assert {placed.column.key: placed.width for placed in place(COLUMNS, 52)}["name"] == 20


class Chooses(One):
    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def on_table_chosen(self, event: Table.Chosen[Row]) -> None:
        self.chosen.append(event.row.name)


@pytest.mark.parametrize(("keys", "chosen"), [(("enter",), ["row 0"]), (("enter", "down"), [])])
async def test_enter_before_there_are_rows_means_the_first_unless_the_cursor_moves_on(
    keys: tuple[str, ...], chosen: list[str]
) -> None:
    async with Chooses().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.focus()
        await pilot.press(*keys)
        table.set_rows(rows(3))
        table.set_rows(rows(3))
        await pilot.pause()
        assert pilot.app.chosen == chosen  # type: ignore[attr-defined]


async def test_enter_on_a_list_that_is_empty_means_nothing_that_comes_later() -> None:
    async with Chooses().run_test(size=(80, 20)) as pilot:
        table = pilot.app.query_one(Watched)
        table.set_rows([])
        table.focus()
        await pilot.press("enter")
        table.set_rows(rows(3))
        await pilot.pause()
        assert pilot.app.chosen == []  # type: ignore[attr-defined]
