"""A program of ours in the colours that were asked for: our two themes, the toolkit's, and those an operator writes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from textual.app import App
from textual.binding import Binding
from textual.scrollbar import ScrollBar, ScrollBarRender

from hostdeck.core.errors import Invalid
from hostdeck.tui import themes
from hostdeck.tui.hangup import HUNG_UP, is_gone
from hostdeck.tui.theme import ASCII, DARK, LIGHT, glyphs, variables, wear
from hostdeck.tui.widgets.plain_bar import PlainBar

R = TypeVar("R")
ARROWS = str.maketrans({"←": "left", "→": "right", "↑": "up", "↓": "down"})


class Themed(App[R], Generic[R]):
    """Raises Invalid, with the themes there are, where `theme` is none; an empty one is our own dark."""

    def __init__(self, home: Path | None, theme: str = "") -> None:
        super().__init__()
        self._home = home
        self._themes: tuple[tuple[str, int], ...] = ()
        self.animation_level = "none"
        plain = glyphs() is ASCII
        self.set_class(plain, "-ascii")
        ScrollBar.renderer = PlainBar if plain else ScrollBarRender
        for one in (DARK, LIGHT):
            self.register_theme(one)
        self._read_themes()
        self._wear_first(self._theme_named(theme or DARK.name))

    def _wear_first(self, name: str) -> None:
        """As for any other theme, but that no style sheet has been read yet: each would be read four times."""
        self.set_reactive(Themed.theme, name)
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        wear(self.current_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def on_mount(self) -> None:
        terminal = getattr(self._driver, "fileno", None)  # neither a browser nor a test has one
        if terminal is not None:
            self.set_interval(1.0, partial(self._end_with, terminal))

    def _end_with(self, terminal: int) -> None:
        if is_gone(terminal):
            self.exit(return_code=HUNG_UP)

    def get_key_display(self, binding: Binding) -> str:
        """Arrows are words where there are no arrows."""
        shown = super().get_key_display(binding)
        return shown.translate(ARROWS) if glyphs() is ASCII else shown

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variables(self.current_theme)

    def _theme_named(self, name: str) -> str:
        if name not in self.available_themes:
            known = ", ".join(sorted(self.available_themes))
            raise Invalid("theme", f"there is no '{name}'; there are {known}", "THEME")
        return name

    def _read_themes(self) -> None:
        if self._home is not None:
            self._themes = themes.stamp(self._home)
            for theme in themes.read_themes(self._home):
                self.register_theme(theme)

    def _watch_theme(self, theme_name: str) -> None:
        wear(self.current_theme)
        super()._watch_theme(theme_name)
        if self.is_running:
            self.theme_worn()

    def look_for_themes(self) -> None:
        """Reads the operator's files again if one has changed."""
        if self._home is None or themes.stamp(self._home) == self._themes:
            return
        try:
            self._read_themes()
        except Invalid as error:
            self.themes_wrong(str(error))
        else:
            self._watch_theme(self.theme)

    def theme_worn(self) -> None:
        """Another theme is worn: what keeps drawn words draws them again."""

    def themes_wrong(self, why: str) -> None:
        """A file of the operator's can't be read; the old theme stays."""
