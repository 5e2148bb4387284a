"""The live log: it follows, pauses, finds, and owns up to gaps."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.app import App, ComposeResult

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.views import LogLine, LogPage
from hostdeck.tui.theme import THEME
from hostdeck.tui.widgets.log_book import LogBook
from hostdeck.tui.widgets.log_tail import LogTail

AT = datetime(2026, 3, 14, 21, 12, 45, tzinfo=UTC)


def line(seq: int, text: str = "", attempt: int = 1) -> LogLine:
    return LogLine(seq=seq, attempt=attempt, at=AT, stream=Stream.STDOUT, text=text or f"line {seq}")


def page(first: int, last: int, final: bool = False) -> LogPage:
    return LogPage(lines=tuple(line(seq) for seq in range(first, last + 1)), final=final)


class One(App[None]):
    CSS = "LogTail { height: 1fr; }"

    def compose(self) -> ComposeResult:
        self.register_theme(THEME)
        yield LogTail(zone=UTC)


async def test_it_follows_the_end() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        tail = pilot.app.query_one(LogTail)
        tail.add(page(1, 100))
        await pilot.pause()
        assert tail.is_vertical_scroll_end
        assert tail.state == "FOLLOW"


async def test_scrolling_up_pauses_and_counts_what_comes() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        tail = pilot.app.query_one(LogTail)
        tail.focus()
        tail.add(page(1, 100))
        await pilot.pause()
        await pilot.press("k")
        top = tail.scroll_y
        tail.add(page(101, 137))
        await pilot.pause()
        assert tail.state == "PAUSED +37 new"
        assert tail.scroll_y == top
        await pilot.press("s")
        await pilot.pause()
        assert tail.state == "FOLLOW"
        assert tail.is_vertical_scroll_end


async def test_the_end_key_and_big_g_resume() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        tail = pilot.app.query_one(LogTail)
        tail.focus()
        tail.add(page(1, 100))
        for key in ("G", "end"):
            await pilot.press("pageup")
            assert tail.state.startswith("PAUSED")
            await pilot.press(key)
            assert tail.state == "FOLLOW"


async def test_old_lines_go_and_a_paused_reader_keeps_the_place() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        tail = pilot.app.query_one(LogTail)
        tail.focus()
        for first in range(1, 5001, 500):
            tail.add(page(first, first + 499))
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        seen = tail.book.get(tail.book.first + round(tail.scroll_y))
        tail.add(page(5001, 5300))
        await pilot.pause()
        assert len(tail.book) == 5000
        assert tail.book.get(tail.book.first + round(tail.scroll_y)) == seen


async def test_find_counts_and_goes_round() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        tail = pilot.app.query_one(LogTail)
        tail.focus()
        tail.add(page(1, 100))
        tail.find("line 9")
        assert tail.state.endswith("find 'line 9' 11/11")
        await pilot.press("n")
        assert tail.state.endswith("1/11")
        await pilot.press("N", "N")
        assert tail.state.endswith("10/11")
        tail.add(LogPage(lines=(line(101, "line 9 again"),), final=False))
        assert tail.state.endswith("10/12")


async def test_it_says_when_the_log_has_ended() -> None:
    async with One().run_test(size=(80, 20)) as pilot:
        tail = pilot.app.query_one(LogTail)
        tail.add(page(1, 3, final=True))
        assert tail.state == "END"


def test_a_gap_is_shown_in_words() -> None:
    book = LogBook()
    book.add((line(1), line(2), line(6), line(8)))
    assert [entry.text for entry in book.entries] == [
        "line 1", "line 2", "-- 3 lines missing --", "line 6", "-- 1 line missing --", "line 8",
    ]  # fmt: skip


def test_lines_come_once_however_often_they_are_read() -> None:
    book = LogBook()
    book.add((line(1), line(2)))
    book.add((line(2), line(3)))
    assert [entry.text for entry in book.entries] == ["line 1", "line 2", "line 3"]


def test_another_try_has_its_heading() -> None:
    book = LogBook()
    book.add((line(1), line(2, attempt=2)))
    assert [entry.text for entry in book.entries] == ["line 1", "-- try 2 --", "line 2"]
