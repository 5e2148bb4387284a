"""Moving in a log: it follows its end until somebody scrolls up, and again once he is back there."""

from __future__ import annotations

from textual import events

from hostdeck.tui.widgets.log_body import LogBody

WINDOWS = (0, 0, 60, 300, 900, 1800, 3600)
"""Seconds before the last line that the digits lead to; 0 follows the end, 1 goes to the beginning."""


class LogMoves(LogBody):
    @property
    def pace(self) -> str:
        if self.following:
            return "END" if self.final else "FOLLOW"
        return f"PAUSED +{self.new_lines} new" if self.new_lines else "PAUSED"

    def action_back(self, lines: int) -> None:
        self.pause()
        self._move(-lines)

    def action_forth(self, lines: int) -> None:
        if self.following:
            return
        self._move(lines)
        if self.cursor is not None and self.place_of(self.cursor) >= self.places - 1:
            self.action_follow()

    def action_page(self, pages: int) -> None:
        step = max(1, self.size.height - 1)
        if pages < 0:
            self.action_back(step)
        else:
            self.action_forth(step)

    def action_top(self) -> None:
        self.pause()
        if not self.following:
            self.cursor = self.row_at(0)
            self.go_to(0)
            self.redraw()

    def action_follow(self) -> None:
        self.following, self.new_lines, self.cursor = True, 0, None
        self.set_class(True, "-following")
        self.go_to_end()
        self.redraw()
        self.changed()

    def action_toggle_follow(self) -> None:
        if self.following:
            self.pause()
        else:
            self.action_follow()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.pause()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.call_after_refresh(self._resume_at_end)

    def _resume_at_end(self) -> None:
        if not self.following and (round(self.scroll_y), self.sub) >= self.end_place():
            self.action_follow()

    def on_click(self, event: events.Click) -> None:
        """Who follows the end goes on following it: a click may only have meant to come here."""
        row = self.row_on(event.y)
        if row is not None and not self.following and self.text_selection is None:
            self.cursor = row
            self.redraw()

    def action_aside(self, columns: int) -> None:
        self.scroll_to(x=max(0, self.scroll_x + columns), animate=False, force=True)

    def pause(self) -> None:
        if self.following and self.places:
            self.following = False
            self.set_class(False, "-following")
            self.cursor = self.row_at(self.places - 1)
            self.redraw()
            self.changed()

    def _move(self, lines: int) -> None:
        """By a line the cursor moves as in a list; by a page, and through lines that are wrapped, what is shown moves
        with it, so that it stays where it is on the screen."""
        if self.following or self.cursor is None:
            return
        first = round(self.scroll_y)
        before = self.place_of(self.cursor)
        here = max(first, min(before, first + self.size.height - 1))
        place = max(0, min(here + lines, self.places - 1))
        top, sub = first + lines, 0
        if self.look.wrap and abs(lines) == 1:
            top, sub = self.row_below() if lines > 0 else self.row_above()
            place = top if top == first and (top, sub) < self.end_place() else place
        self.cursor = self.row_at(place, forth=lines > 0)
        if abs(lines) > 1 or self.look.wrap:
            self.go_to(max(0, top), sub)
        self.keep_in_sight(place)
        if round(self.scroll_y) == first and not self.look.wrap:
            self.redraw_places(before, place)
        else:
            self.redraw()

    def action_window(self, digit: int) -> None:
        """Where the last minutes begin."""
        source, outline = self.source, self.outline
        if digit == 0:
            self.action_follow()
        elif digit == 1:
            self.action_top()
        elif source is not None and outline is not None and self.places:

            def found(row: int) -> None:
                if source is self.source:
                    self.pause()
                    self.cursor = row
                    self.go_to(self.place_of(row))
                    self.redraw()

            self.read(lambda: source.since(WINDOWS[digit], outline), found, lambda: None)
