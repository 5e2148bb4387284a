"""The Web tab: how the website and the mail domain are set, and what of it the order decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from hostdeck.core.domain.item_fields import FIELDS, FieldSpec
from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.queries.items import ItemRow
from hostdeck.core.queries.views import ServiceDetail
from hostdeck.screens.item_columns import state
from hostdeck.screens.item_fields import text_of
from hostdeck.screens.service_tabs import own_roles
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, joined, muted

PARTS = ((ItemKind.WEBSITE, Role.WEB, "Website"), (ItemKind.MAIL_DOMAIN, Role.MAIL, "Mail"))
TITLES = {kind: title for kind, _, title in PARTS}


@dataclass(frozen=True, slots=True)
class Setting:
    """One line: a field of a part's row. `ordered` is what the order gave, where that is known."""

    part: ItemRow
    spec: FieldSpec
    ordered: str

    @property
    def value(self) -> Any:
        return self.part.field(self.spec.key)


def part_of(service: ServiceDetail, kind: ItemKind, rows: Sequence[ItemRow]) -> ItemRow:
    """The row of a part; one that holds nothing (`id` 0) where nothing was changed since the order."""
    found = next((row for row in rows if row.kind is kind), None)
    return found or ItemRow(
        id=0, kind=kind, name=service.domain, service=service.id, domain=service.domain, server=None,
        status=ItemStatus.ACTIVE, error=None, task=None, known={}, created_at=None, seen_at=None,
    )  # fmt: skip


def settings_of(service: ServiceDetail, rows: Sequence[ItemRow]) -> tuple[Setting, ...]:
    ordered = _ordered(service)
    return tuple(
        Setting(part_of(service, kind, rows), spec, ordered.get((kind, spec.key), ""))
        for kind, role, _ in PARTS
        if role in own_roles(service)
        for spec in FIELDS[kind]
    )


def _ordered(service: ServiceDetail) -> Mapping[tuple[ItemKind, str], str]:
    """What an order sets by itself: the PHP version of the product, and the name with www unless aliases are off."""
    php = service.limits.get("web_php", "") or "the node's own"
    www = "none" if service.limits.get("web_aliases") == "0" else f"www.{service.domain}"
    return {(ItemKind.WEBSITE, "php"): php, (ItemKind.WEBSITE, "aliases"): www, (ItemKind.WEBSITE, "redirect"): "none"}


def shown(row: Setting) -> Text:
    if row.value is None:
        return muted(f"{row.ordered}  by the order" if row.ordered else "as the node has it")
    return inert(text_of(row.value) or ("the node's own" if row.spec.key == "php" else "none"))


def to_edit(service: ServiceDetail, part: ItemRow) -> ItemRow:
    """With what the order gave where nothing was set since: who adds an alias does not lose the first one by it."""
    if part.kind is not ItemKind.WEBSITE:
        return part
    www = () if service.limits.get("web_aliases") == "0" else (f"www.{service.domain}",)
    ordered = {"php": service.limits.get("web_php", ""), "aliases": www, "redirect": "", "redirect_code": "301"}
    return part.model_copy(update={key: value for key, value in ordered.items() if part.field(key) is None})


class SettingsTab(Vertical):
    def compose(self) -> ComposeResult:
        yield Heading("Settings")
        yield Table[Setting](
            (
                Column("part", "OF", lambda row: TITLES[row.part.kind], 7),
                Column("setting", "SETTING", lambda row: row.spec.label, 15),
                Column("value", "VALUE", shown, 28, 1, 50),
                Column("hint", "", lambda row: muted(row.spec.hint), 20, 2, 0, 2),
            ),
            lambda row: (row.part.kind, row.spec.key),
            empty="reading",
            id="settings",
        )
        yield Static("", classes="item-note", markup=False)

    @property
    def part(self) -> ItemRow | None:
        """What `e` edits: the website or the mail domain, as the line under the cursor says."""
        row: Setting | None = self.query_one(Table).row
        return row.part if row is not None else None

    def show_settings(self, service: ServiceDetail, rows: Sequence[ItemRow]) -> None:
        lines = settings_of(service, rows)
        self.query_one(Table).set_rows(lines)
        parts = {line.part.kind: line.part for line in lines}.values()
        words = [joined(muted(f"{TITLES[part.kind].lower()} "), self._state(part)) for part in parts]
        self.query_one(Heading).say(None, Text("   ", end="").join(words))
        self._say()

    @staticmethod
    def _state(part: ItemRow) -> Text:
        return muted("as ordered") if part.id == 0 else state(part)

    @on(Table.Moved)
    def moved(self, event: Table.Moved[Any]) -> None:
        self._say()

    def _say(self) -> None:
        part, note = self.part, self.query_one(".item-note", Static)
        note.display = bool(part and part.error)
        if part is not None and part.error:
            task = f"\ntask #{part.task} tells how it went: l opens its log" if part.task else ""
            note.update(Text.assemble((inert(part.error).plain, STYLE[Tone.WRONG]), (task, STYLE[Tone.MUTED])))
