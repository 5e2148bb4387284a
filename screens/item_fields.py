"""The fields of one item's form, made from the words that the command line knows too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from hostdeck.core.domain.item_fields import FIELDS, NAME, FieldSpec
from hostdeck.core.domain.items import KINDS, ItemKind
from hostdeck.core.domain.text import clean_line
from hostdeck.core.errors import Refused
from hostdeck.core.queries.items import ItemRow
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.fields import Tick
from hostdeck.tui.widgets.words import inert, muted, toned

PASSWORD = FieldSpec("password", "Password", "empty: made here, and shown once")
FIXED = {ItemKind.DATABASE: frozenset({"user", "engine", "charset"})}
"""What the node can't change of an item that it has; beside its name."""

AT_NAME = frozenset({"mailbox", "account", "database", "ftp", "record"})
"""What refusals call the field that the form calls by its label."""

AT_CODE = {"ZONE_NAME": "name", "ZONE_IDNA": "name", "ZONE_TTL": "ttl"}
"""Which field of a record a refusal is about, where it names the whole zone."""


def specs_of(kind: ItemKind, row: ItemRow | None) -> tuple[FieldSpec, ...]:
    """What is asked for: nobody begins with something suspended, and a password is changed by a key of its own."""
    name = (NAME[kind],) if kind in NAME else ()
    if row is not None:
        return (*name, *FIELDS[kind])
    fields = tuple(spec for spec in FIELDS[kind] if spec.key != "suspended")
    password = (PASSWORD,) if kind in KINDS and KINDS[kind].has_password else ()
    return (*name, *fields, *password)


def text_of(value: Any) -> str:
    """A value as one would type it; what the order decides is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def first_text(spec: FieldSpec, row: ItemRow | None) -> str:
    if row is None:
        return spec.default
    return clean_line(text_of(row.name if spec.key == "name" else row.field(spec.key)))


UNSAID = "yes or no; empty: as the node has it"
"""A flag that nobody has set yet is no box: its cross would have to say something."""


class ItemFields(VerticalScroll, can_focus=False):
    """As typed. `row` None: a new item."""

    def __init__(self, kind: ItemKind, row: ItemRow | None) -> None:
        super().__init__(id="item-form")
        self.kind = kind
        self.specs = specs_of(kind, row)
        self._first = {spec.key: first_text(spec, row) for spec in self.specs}
        fixed = FIXED.get(kind, frozenset()) | (frozenset() if kind is ItemKind.RECORD else {"name"})
        self._fixed = fixed if row is not None else frozenset()

    def compose(self) -> ComposeResult:
        for spec in self.specs:
            yield Horizontal(*self._line(spec), classes="item-line")
            yield Static("", id=f"wrong-{spec.key}", classes="wrong", markup=False)

    def _line(self, spec: FieldSpec) -> Iterable[Widget]:
        yield Label(muted(spec.label), classes="item-key")
        first, fixed = self._first[spec.key], spec.key in self._fixed
        if spec.choices and not fixed:
            choices = [(inert(word), word) for word in spec.choices]
            yield Select[str](choices, value=first, allow_blank=False, id=spec.key, compact=True)
        elif spec.flag and first:
            yield Tick("yes", first == "yes", id=spec.key, compact=True, disabled=fixed)
        else:
            secret = spec.key == PASSWORD.key
            yield Field(first, id=spec.key, compact=True, disabled=fixed, password=secret)
        yield Static(muted(self.hint(spec.key)), classes="item-hint-beside", markup=False)

    def hint(self, key: str | None) -> str:
        """What to type into a field; of one that is fixed, why."""
        spec = next((spec for spec in self.specs if spec.key == key), None)
        if spec is None or spec.key in self._fixed:
            return "stays as it is: remove it and add another" if spec and spec.key != "name" else ""
        return f"{UNSAID}; {spec.hint}" if spec.flag and not self._first[spec.key] else spec.hint

    def text(self, key: str) -> str:
        widget = self.query_one(f"#{key}")
        if isinstance(widget, Tick):
            return "yes" if widget.value else "no"
        if isinstance(widget, Select):
            return str(widget.value)
        assert isinstance(widget, Field)
        return widget.value if key == PASSWORD.key else widget.value.strip()

    def fields(self, *, changed: bool) -> dict[str, str]:
        """The fields of its kind; only those that were `changed`, or all."""
        keys = [spec.key for spec in FIELDS[self.kind] if spec in self.specs and spec.key not in self._fixed]
        return {key: self.text(key) for key in keys if not changed or self.text(key) != self._first[key]}

    @property
    def name_typed(self) -> str:
        return self.text("name") if self.kind in NAME else ""

    @property
    def password(self) -> str | None:
        return (self.text(PASSWORD.key) or None) if PASSWORD in self.specs else None

    def complain(self, error: Refused | None) -> bool:
        """At the field it is about; False where it is about none. None takes all back."""
        field = self._field_of(error) if error is not None else ""
        for wrong in self.query(".wrong").results(Static):
            text = error.text if error is not None and wrong.id == f"wrong-{field}" else ""
            wrong.update(toned(inert(text).plain, Tone.WRONG))
            wrong.display = bool(text)
        if found := self.query(f"#{field}") if field else None:
            found.first().focus()
            self.query_one(f"#wrong-{field}").scroll_visible(animate=False)
        return bool(field)

    def _field_of(self, error: Refused) -> str:
        keys = [spec.key for spec in self.specs]
        if error.where in keys:
            return error.where
        if error.code == "ITEM_TAKEN" or (error.where in AT_NAME and error.code != "ITEM_LIMIT"):
            return "name" if "name" in keys else ""
        if error.where == "zone" and error.code.startswith("ZONE_"):
            return AT_CODE.get(error.code, "value")
        return ""

    @on(Input.Submitted)
    def entered(self) -> None:
        self.screen.focus_next()
