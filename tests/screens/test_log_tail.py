"""The live log: it follows, pauses, finds, filters, folds, and owns up to gaps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, ClassVar

from tests.log_memory import Memory, line
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.tui.theme import DARK
from hostdeck.tui.widgets.log_tail import LogTail

BAR = "▁▂▃▄▅▆▇█"


class One(App[None]):
    CSS = "LogTail { height: 1fr; }"

    copied: ClassVar[list[Any]] = []

    def on_log_tail_copied(self, event: LogTail.Copied) -> None:
        self.copied.append(event.text or event.keys)

    def compose(self) -> ComposeResult:
        self.register_theme(DARK)
        yield LogTail(zone=UTC, windows=True)


class Desk:
    """A log of 20 rows and what a test does with it."""

    def __init__(self, pilot: Any, memory: Memory) -> None:
        self.pilot = pilot
        self.memory = memory
        self.tail: LogTail = pilot.app.query_one(LogTail)

    async def come(self, *lines: Any) -> None:
        self.memory.held += lines
        await self.look()

    async def look(self) -> None:
        answer = self.tail.next_answer()
        assert answer is not None
        self.tail.take(answer)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    @property
    def rows(self) -> list[str]:
        return [text.rstrip() for strip in self.tail.app.screen._compositor.render_strips() if (text := strip.text)]

    def shown(self) -> list[str]:
        """What is on the screen, without times."""
        return [text for row in self.rows if (text := row[9:].strip(f" {BAR}"))]


@asynccontextmanager
async def desk(*lines: Any, final: bool = False, size: tuple[int, int] = (80, 20)) -> AsyncIterator[Desk]:
    async with One().run_test(size=size) as pilot:
        memory = Memory(*lines, final=final)
        one = Desk(pilot, memory)
        one.tail.focus()
        one.tail.open(memory)
        await one.look()
        yield one


def some(first: int, last: int) -> list[Any]:
    return [line(seq) for seq in range(first, last + 1)]


# -- following


async def test_it_follows_the_end() -> None:
    async with desk(*some(1, 100)) as log:
        assert log.shown()[-1] == "line 100"
        assert log.tail.state == "FOLLOW"
        await log.come(*some(101, 103))
        assert log.shown()[-1] == "line 103"
        assert len(log.shown()) == 20


async def test_scrolling_up_pauses_and_counts_what_comes() -> None:
    async with desk(*some(1, 100)) as log:
        await log.press("pageup")
        before = log.shown()
        await log.come(*some(101, 137))
        assert log.tail.state == "PAUSED +37 new"
        assert log.shown() == before
        await log.press("s")
        assert log.tail.state == "FOLLOW"
        assert log.shown()[-1] == "line 137"


async def test_the_end_keys_and_reading_on_to_the_end_resume() -> None:
    async with desk(*some(1, 100)) as log:
        for keys in (("G",), ("end",), ("pagedown",), ("j",) * 19):
            await log.press("pageup")
            assert log.tail.state.startswith("PAUSED")
            await log.press(*keys)
            assert log.tail.state == "FOLLOW"


async def test_the_mouse_wheel_pauses_and_resumes_at_the_end() -> None:
    async with desk(*some(1, 100)) as log:
        log.tail.scroll_up(animate=False)
        log.tail.on_mouse_scroll_up(None)  # type: ignore[arg-type]
        assert log.tail.state == "PAUSED"
        log.tail.scroll_end(animate=False)
        log.tail.on_mouse_scroll_down(None)  # type: ignore[arg-type]
        await log.pilot.pause()
        assert log.tail.state == "FOLLOW"


async def test_only_what_comes_into_sight_is_read() -> None:
    async with desk(*some(1, 100_000)) as log:
        await log.press("g")
        assert log.shown()[0] == "line 1"
        await log.press("pagedown")
        assert log.shown()[0] == "line 20"
        assert sum(map(len, log.memory.asked)) < 100
        assert len(log.tail.shelf) < 300


async def test_it_says_when_the_log_has_ended() -> None:
    async with desk(*some(1, 3), final=True) as log:
        assert log.tail.state == "END"


async def test_lines_that_are_kept_no_longer_leave_a_gap() -> None:
    """The worker trims a log that is above its cap while somebody looks at it."""
    async with desk(*some(1, 300)) as log:
        del log.memory.held[20:200]
        await log.press("g", "pagedown", "pagedown")
        await log.look()
        assert "-- 180 lines missing --" in log.shown()


# -- find and filter


async def test_find_counts_and_goes_round_in_the_whole_log() -> None:
    async with desk(*some(1, 1000)) as log:
        log.tail.find("line 99")
        assert log.tail.state.endswith("find 'line 99' 11/11")
        await log.press("n")
        assert log.tail.state.endswith("1/11")
        assert "line 99" in log.shown()
        await log.press("N", "N")
        assert log.tail.state.endswith("10/11")
        await log.come(line(1001, "line 99 again"))
        assert log.tail.state.endswith("10/12")
        assert log.tail.step_back()
        assert log.tail.state == "PAUSED +1 new"


async def test_a_filter_shows_only_what_matches_and_goes_on_while_lines_come() -> None:
    async with desk(*some(1, 1000)) as log:
        log.tail.filter("line 77 !775")
        await log.pilot.pause()
        assert log.shown()[-3:] == ["line 778", "line 779", "line 877", "line 977"][-3:]
        assert "line 775" not in log.shown()
        await log.come(line(1001, "line 77 again"), line(1002))
        assert log.shown()[-1] == "line 77 again"
        assert log.tail.state == "FOLLOW   filter 'line 77 !775' 19"
        assert log.tail.step_back()
        await log.pilot.pause()
        assert log.shown()[-1] == "line 1002"


async def test_a_filter_shows_lines_around_if_asked() -> None:
    async with desk(*some(1, 100)) as log:
        log.tail.filter("0 !100 -C1 !20 !30 !40 !50 !60 !70 !80")
        await log.pilot.pause()
        assert log.shown() == ["line 9", "line 10", "line 11", "-- 77 lines --", "line 89", "line 90", "line 91"]


async def test_nothing_that_matches_is_said_in_words() -> None:
    async with desk(*some(1, 100)) as log:
        log.tail.filter("nowhere")
        await log.pilot.pause()
        assert "nothing matches 'nowhere'; esc shows all" in log.rows[0]


async def test_the_line_looked_at_stays_when_a_filter_goes() -> None:
    async with desk(*some(1, 1000)) as log:
        log.tail.filter("55")
        await log.press("g", *["j"] * 7)
        assert log.tail.cursor_key == (1, 552)
        log.tail.filter("")
        await log.pilot.pause()
        assert "line 552" in log.shown()


# -- errors, fold, marks


def deploy() -> list[Any]:
    """Two commands, of which the second fails; each says thirty lines."""
    lines = []
    for command, code in (("v-add-user", 0), ("v-add-domain", 4)):
        start = len(lines)
        lines.append(line(start + 1, command, stream=Stream.COMMAND))
        lines += some(start + 2, start + 31)
        if code:
            lines.append(line(start + 32, "Error: it exists", stream=Stream.STDERR))
        lines.append(line(len(lines) + 1, f"exit {code} after 0.42 s", stream=Stream.NOTE))
    return lines


async def test_errors_are_stepped_through_and_a_good_exit_is_none() -> None:
    async with desk(*deploy()) as log:
        assert log.tail.cursor is None
        await log.press("g", "e")
        assert log.tail.cursor_key == (1, 64)
        await log.press("e")
        assert log.tail.cursor_key == (1, 65)
        await log.press("E")
        assert log.tail.cursor_key == (1, 64)


async def test_a_folded_log_shows_commands_with_their_exits_and_how_much_is_hidden() -> None:
    async with desk(*deploy()) as log:
        await log.press("o")
        assert log.shown() == [
            "$ v-add-user   > 30 lines", "- exit 0 after 0.42 s", "$ v-add-domain   > 31 lines",
            "- exit 4 after 0.42 s",
        ]  # fmt: skip
        await log.press("o")
        assert len(log.shown()) == 20


async def test_marks_are_copied_else_the_line_under_the_cursor() -> None:
    async with desk(*some(1, 100)) as log:
        await log.press("c", "k", "c", "m", *["k"] * 5, "m", "c")
        assert log.tail.state == "PAUSED   2 marked"
        await log.press("ctrl+backslash", "c")
    assert One.copied[-4:] == [((1, 100),), ((1, 99),), ((1, 94), (1, 99)), ((1, 94),)]


async def test_what_is_selected_is_copied_before_all_else() -> None:
    async with desk(*some(1, 3), line(4, "word " * 40)) as log:
        for key in ("m", "w"):
            await log.press(key)
            log.tail.screen.selections = {log.tail: Selection(Offset(16, 1), Offset(16, 3))}
            await log.press("c")
            log.tail.screen.clear_selection()
    assert One.copied[-2:] == ["2\n           line 3\n        *  word "] * 2


async def test_the_line_under_the_cursor_and_marked_ones_have_a_sign() -> None:
    async with desk(*some(1, 100)) as log:
        await log.press("k", "m", "k")
        assert [row[8] for row in log.rows[-3:]] == [">", "*", " "]
        assert log.shown()[-1] == "line 100"


# -- how it looks


async def test_a_second_is_written_once_and_the_full_time_on_every_line() -> None:
    async with desk(*some(1, 12)) as log:
        stamps = [row[:8].strip() for row in log.rows[:12]]
        assert stamps == ["21:12:45", *[""] * 8, "21:12:46", "", ""]
        await log.press("t")
        assert "2026-03-14T21:12:45.100+00:00" in log.rows[0]
        await log.press("t")
        assert log.rows[0].strip() == "line 1"


async def test_a_long_line_is_wrapped_and_the_end_stays_in_sight() -> None:
    async with desk(*some(1, 50), line(51, "word " * 60), line(52, "the last")) as log:
        await log.press("w")
        assert log.shown()[-1] == "the last"
        assert sum("word" in row for row in log.shown()) == 5
        await log.press("g")
        assert log.shown()[0] == "line 1"
        await log.press("G")
        assert log.shown()[-1] == "the last"


async def test_a_line_higher_than_the_screen_can_be_read_to_its_end() -> None:
    text = " ".join(f"w{n}" for n in range(600))
    async with desk(line(1), line(2, text), line(3), *some(4, 30), size=(60, 10)) as log:
        await log.press("w", "g", "j")
        seen = set()
        for _ in range(200):
            seen |= {word for row in log.rows for word in row.split() if word.startswith("w")}
            await log.pilot.press("j")
            if "w599" in seen:
                break
        assert "w599" in seen
        assert len(seen & set(text.split())) > 500


async def test_digits_lead_to_the_last_minutes_where_the_log_has_the_screen() -> None:
    async with desk(*some(1, 10_000)) as log:
        await log.press("2")
        assert log.shown()[0] == "line 9400"
        await log.press("1")
        assert log.shown()[0] == "line 1"
        await log.press("0")
        assert log.tail.state == "FOLLOW"
        log.tail._windows = False
        assert log.tail.check_action("window", (2,)) is False
