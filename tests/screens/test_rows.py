"""Marks of a range stay at the rows that were gone over, whatever comes, goes or is read meanwhile."""

from __future__ import annotations

from hostdeck.core.domain.windows import Asked, Window
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.rows import Rows

COLUMNS = (Column[int]("id", "ID", str, 4, sort=lambda number: number, letter="I"),)


def made(numbers: list[int], *, paged: bool = False) -> Rows[int]:
    rows: Rows[int] = Rows(COLUMNS, lambda number: number, paged=paged)
    if not paged:
        rows.put(numbers)
    return rows


def window(rows: Rows[int], numbers: range, first: int = 0, size: int = 200) -> None:
    """The newest first, as the database hands them out."""
    newest = list(reversed(numbers))
    rows.asked = type(rows.asked)(first=first)
    rows.put_window(Window(tuple(newest[first : first + size]), rows.asked, len(newest), len(newest)))


def test_a_range_goes_on_from_its_row_when_rows_come_above_it() -> None:
    rows = made(list(range(10)))
    rows.cursor = 5
    rows.mark_from_here()
    rows.put([-3, -2, -1, *range(10)])
    rows.move(1)
    assert sorted(rows.marks) == [5, 6]


def test_a_range_of_a_long_list_goes_on_from_its_row_when_rows_come_above_it() -> None:
    rows = made([], paged=True)
    window(rows, range(1000))
    rows.cursor = 5
    rows.mark_from_here()
    window(rows, range(1003))
    rows.move(1)
    assert sorted(rows.marks) == [993, 994]


def test_a_mark_of_a_row_that_is_gone_does_not_come_back_with_a_range() -> None:
    rows = made(list(range(10)))
    rows.mark()
    rows.cursor = 5
    rows.mark_from_here()
    rows.put(list(range(1, 10)))
    rows.move(1)
    assert sorted(rows.marks) == [5, 6]


def test_a_range_over_several_windows_marks_all_that_was_gone_over_and_back_again_lets_go_of_it() -> None:
    rows = made([], paged=True)
    window(rows, range(1000))
    rows.mark_from_here()
    for _ in range(3):
        rows.move(100)
        window(rows, range(1000), first=max(0, rows.cursor - 100))
    assert (rows.cursor, len(rows.marks), rows.unread) == (300, 301, 0)
    rows.move(-250)
    window(rows, range(1000))
    rows.move(-1)
    assert sorted(rows.marks) == list(range(950, 1000))


def test_a_range_to_the_far_end_says_how_many_rows_it_could_not_mark() -> None:
    rows = made([], paged=True)
    window(rows, range(1000))
    rows.mark_from_here()
    rows.move(999)
    window(rows, range(1000), first=800)
    assert (len(rows.marks), rows.unread) == (400, 600)


def test_another_filter_or_order_ends_a_range_and_keeps_its_marks() -> None:
    rows = made(list(range(10)))
    rows.mark_from_here()
    rows.move(2)
    rows.arrange_by(("id", True))
    rows.move(-2)
    assert sorted(rows.marks) == [0, 1, 2]


def test_a_long_list_asks_for_the_row_that_the_cursor_was_on() -> None:
    rows = made([], paged=True)
    window(rows, range(1000))
    rows.cursor = 5
    rows.narrow("one")
    assert rows.asked.near == 994
    rows.put_window(Window((994,), Asked("one"), 1, 1000))
    assert (rows.current, rows.asked.near) == (994, None)
    rows.narrow("")
    assert rows.asked.near == 994
    rows.put_window(Window(tuple(range(1094, 894, -1)), Asked("", first=300), 2000, 2000))
    assert (rows.current, rows.cursor, rows.asked) == (994, 400, Asked("", first=300))
