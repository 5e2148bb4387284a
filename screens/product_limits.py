"""A product's limits as KEY = VALUE, by role: empty is the default, which stands there in grey."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Label, Static

from hostdeck.core.domain.modes import LimitSection, limit_sections, limits_that_count
from hostdeck.core.domain.product import LIMIT_BY_KEY, LIMITS, LimitSpec
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.queries.views import ProductRow
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.words import muted, styled, toned


class LimitRow(Horizontal):
    """One limit; what is typed makes its origin the product."""

    def __init__(self, spec: LimitSpec) -> None:
        super().__init__(classes="limit")
        self.spec = spec
        self._wrong = ""

    def compose(self) -> ComposeResult:
        yield Label(muted(f"{self.spec.key} ="), classes="limit-key")
        yield Field(
            placeholder=self.spec.default or self.spec.empty.strip("-"), id=f"limit-{self.spec.key}", compact=True
        )
        yield Static("", classes="limit-note", markup=False)

    def on_mount(self) -> None:
        self.tell()

    @property
    def field(self) -> Field:
        return self.query_one(Field)

    def complain(self, text: str) -> None:
        self._wrong = text
        self.tell()

    def tell(self) -> None:
        """The unit and where the value comes from, or what is wrong with it."""
        if not self.is_mounted:
            return
        own = bool(self.field.value.strip())
        words = toned("product", Tone.PLAIN) if own else muted("default")
        note = muted(f"{self.spec.unit:<9} ").append_text(words)
        # What is wrong may take more than a line.
        wrong = styled(((clean_line(self._wrong), Tone.WRONG),))
        self.query_one(".limit-note", Static).update(wrong if self._wrong else note)


class LimitFields(Vertical):
    """Rows for every limit there is; `show` leaves those that count for a mode and its roles."""

    def compose(self) -> ComposeResult:
        for section in _all_sections():
            yield Label(section.title, classes="field limit-title", id=f"limits-{section.title.lower()}")
            for spec in section.limits:
                yield LimitRow(spec)

    def show(self, mode: Mode, roles: Iterable[Role]) -> None:
        ticked = tuple(roles)
        counting = limits_that_count(mode, ticked)
        for row in self.query(LimitRow):
            row.display = row.spec in counting
        titles = {f"limits-{section.title.lower()}" for section in limit_sections(mode, ticked)}
        for title in self.query(".limit-title"):
            title.display = title.id in titles

    def fill(self, product: ProductRow) -> None:
        """The product's own values; what is a default stays empty."""
        for row in self.query(LimitRow):
            own = product.origin[row.spec.key] == "product"
            row.field.value = product.limits[row.spec.key] if own else ""

    def values(self) -> dict[str, str]:
        """What is typed; a limit that is left empty is not in it."""
        typed = {row.spec.key: row.field.value.strip() for row in self.query(LimitRow)}
        return {key: value for key, value in typed.items() if value}

    def complain(self, key: str, text: str) -> bool:
        """At the limit of that name; False where there is none. An empty text takes every complaint back."""
        for row in self.query(LimitRow):
            row.complain(text if row.spec.key == key else "")
        return key in LIMIT_BY_KEY


def _all_sections() -> tuple[LimitSection, ...]:
    """Every limit once: those of both kinds of backups, and those of vanity."""
    sections = {section.title: section.limits for section in limit_sections(Mode.SPLIT, Role)}
    for mode in (Mode.UNIFIED, Mode.VANITY):
        for section in limit_sections(mode, Role):
            more = tuple(spec for spec in section.limits if spec not in sections.get(section.title, ()))
            sections[section.title] = sections.get(section.title, ()) + more
    shown = tuple(LimitSection(title, limits) for title, limits in sections.items())
    assert {spec for section in shown for spec in section.limits} == set(LIMITS)
    return shown
