"""The columns of what is inside a service, kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from rich.text import Text

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.queries.items import ItemRow
from hostdeck.screens.task_columns import first_error
from hostdeck.tui.theme import STYLE, Tone, glyphs
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.usage import size
from hostdeck.tui.widgets.words import ago, muted, toned

Now = Callable[[], datetime]
Whole = Callable[[str], str]
"""A customer's part of a name, as the node has it: with the account's name before it."""


def state(row: ItemRow) -> Text:
    """Suspended only once the node has it so."""
    if row.status is ItemStatus.ACTIVE and row.field("suspended"):
        return toned("suspended", Tone.WAITING)
    return pill(row.status)


def quota(row: ItemRow) -> Text:
    """`12M/500M`; what is used only where the node was asked."""
    used, limit = megabytes(row.known.get("used_mb")), str(row.field("quota") or "unlimited")
    most = size(int(limit)) if limit.isdigit() else glyphs().endless
    first = "-" if used is None else size(used)
    return Text.assemble(first, (f"/{most}", STYLE[Tone.MUTED]), end="")


def megabytes(value: object) -> int | None:
    """What a node said of a size, however it was kept; None where it said nothing that is one."""
    try:
        return None if value is None or isinstance(value, bool) else int(float(str(value)))
    except (ValueError, OverflowError):
        return None


def forwards(row: ItemRow) -> Text:
    there = ", ".join(row.field("forwards") or ())
    if not there:
        return muted("-")
    return Text.assemble(there, ("" if row.field("keep") else "  no copy kept", STYLE[Tone.MUTED]), end="")


def value_of(key: str, none: str = "-") -> Callable[[ItemRow], str | Text]:
    def render(row: ItemRow) -> str | Text:
        value = row.field(key)
        return muted(none) if value is None or value == "" else str(value)

    return render


def contents(row: ItemRow) -> str | Text:
    """What is in a backup; nodes say it as a list, or as words."""
    said = row.known.get("contents")
    if isinstance(said, Mapping):
        parts = [f"{part} {len(names)}" for part, names in said.items() if names]
        return ", ".join(parts) or muted("-")
    if isinstance(said, list | tuple):
        return ", ".join(str(one) for one in said) or muted("-")
    return str(said) if said else muted("-")


def backup_size(row: ItemRow) -> str | Text:
    said = megabytes(row.known.get("size_mb"))
    return muted("-") if said is None else size(said)


def whole_words(row: ItemRow) -> Text:
    """Whether reading a backup through has shown it to be whole."""
    proven = row.field("proven")
    if not isinstance(proven, Mapping):
        return muted("-")
    return toned("no", Tone.WRONG) if proven.get("error") else toned("yes", Tone.OK)


def item_columns(kind: ItemKind, now: Now, whole: Whole) -> tuple[Column[ItemRow], ...]:
    """A name stays on every terminal, and so does the state."""
    status = Column[ItemRow]("state", "STATE", state, 9, sort=lambda r: r.status, letter="S")
    made = Column[ItemRow](
        "age", "AGE", lambda r: ago(r.created_at, now()), 4, 0, 0, 5,
        lambda r: -r.created_at.timestamp() if r.created_at else 0.0, "A", True,
    )  # fmt: skip
    error = Column[ItemRow]("error", "ERROR", error_of, 10, grow=4, priority=7)
    named = Column[ItemRow]("name", "NAME", lambda r: r.name, 14, 1, 30, 0, lambda r: r.name, "N")
    match kind:
        case ItemKind.MAILBOX:
            return (
                named,
                Column("quota", "USED/QUOTA", quota, 12, 0, 0, 2),
                Column("forwards", "FORWARDS TO", forwards, 16, 3, 50, 3),
                status, made, error,
            )  # fmt: skip
        case ItemKind.DATABASE:
            return (
                Column("id", "ID", lambda r: f"#{r.id}", 4, 0, 0, 4, lambda r: r.id, "I", True),
                Column("name", "NAME", lambda r: whole(r.name), 18, 2, 40, 0, lambda r: r.name, "N"),
                Column("user", "USER", lambda r: whole(str(r.field("user") or "")), 16, 1, 32, 3),
                Column("engine", "ENGINE", value_of("engine"), 6, 0, 0, 5),
                Column("charset", "CHARSET", value_of("charset"), 8, 0, 0, 6),
                Column("state", "STATUS", state, 9, sort=lambda r: r.status, letter="S"),
                Column("age", "CREATED", lambda r: ago(r.created_at, now()), 7, 0, 0, 2, right=True),
                error,
            )
        case ItemKind.FTP:
            login = Column[ItemRow]("name", "LOGIN", lambda r: whole(r.name), 20, 1, 40, 0, lambda r: r.name, "L")
            folder = Column[ItemRow]("path", "FOLDER", value_of("path", "the whole website"), 18, 2, 50, 2)
            return (login, folder, status, made, error)
        case ItemKind.CRON:
            return (
                Column("schedule", "SCHEDULE", value_of("schedule"), 16, 0, 0, 0),
                Column("command", "COMMAND", value_of("command"), 20, 4, 80, 0, lambda r: str(r.field("command"))),
                status, made, error,
            )  # fmt: skip
        case ItemKind.RECORD:
            return (
                Column("name", "NAME", lambda r: r.name, 14, 1, 30, 0, lambda r: r.name, "N"),
                Column("type", "TYPE", value_of("type"), 5, 0, 0, 0, lambda r: str(r.field("type")), "T"),
                Column("priority", "PRIO", value_of("priority"), 4, 0, 0, 2, right=True),
                Column("ttl", "TTL", value_of("ttl"), 6, 0, 0, 3, lambda r: int(r.field("ttl") or 0), "L", True),
                Column("value", "VALUE", value_of("value"), 24, 6, 0, 0, lambda r: str(r.field("value")), "V"),
            )
        case _:
            return (
                Column("name", "NAME", lambda r: r.name, 28, 1, 44, 0, lambda r: r.name, "N"),
                status,
                Column("size", "SIZE", backup_size, 5, 0, 0, 2, lambda r: megabytes(r.known.get("size_mb")), "Z", True),
                made,
                Column("server", "ON", lambda r: r.server or muted("-"), 8, 0, 0, 4, lambda r: r.server or ""),
                Column("contents", "CONTENTS", contents, 12, 3, 60, 3),
                Column("proven", "WHOLE", whole_words, 5, 0, 0, 6),
                error,
            )


def error_of(row: ItemRow) -> Text:
    """What went wrong, with the task whose log tells the rest."""
    if not row.error:
        return Text("", end="")
    said = first_error(row.error)
    return Text.assemble((f"#{row.task}: " if row.task else "", STYLE[Tone.MUTED]), said, end="")
