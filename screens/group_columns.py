"""The columns of a group's tables: members, keys, variables, files, nameservers, and the tasks of a bulk action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.text import Text

from hostdeck.core.domain.bulk import WORDS
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.vocabulary import Driver
from hostdeck.core.queries.bulk import BulkStep
from hostdeck.core.queries.groups import FileRow, KeyRow, Member, NameserverChoice
from hostdeck.core.queries.views import ServerRow
from hostdeck.screens.server_columns import server_state
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.gauges import pill, roles
from hostdeck.tui.widgets.words import ago, moment, muted, toned

UNMANAGED = "(not managed)"


def push_columns(counts: Callable[[Push], str]) -> tuple[Column[Push], ...]:
    return (
        Column("what", "BULK APPLY (shows its plan first)", lambda push: WORDS[push], 42),
        Column("tasks", "", lambda push: muted(counts(push)), 20, 1),
    )


def member_columns(now: Callable[[], datetime]) -> tuple[Column[Member], ...]:
    return (
        Column("name", "SERVER", lambda m: m.server.name, 12, 2, 28, sort=lambda m: m.server.name, letter="S"),
        Column("type", "TYPE", lambda m: toned(roles(m.server.capabilities).upper(), Tone.ACCENT), 12),
        Column("state", "STATUS", lambda m: server_state(m.server), 11),
        Column("age", "LAST COLLECTED", lambda m: ago(m.server.health.collected_at, now()), 14),
        Column("drift", "DRIFT", _drift, 8, priority=1),
        Column("part", "PART", lambda m: muted("attached DNS" if m.attached else "member"), 12, priority=2),
    )


def _drift(member: Member) -> Text:
    if member.server.driver is Driver.POWERDNS:
        return muted("-")
    if member.differs is None:
        return muted("not read")
    return toned(str(member.differs), Tone.WAITING) if member.differs else toned("none", Tone.OK)


def step_columns() -> tuple[Column[BulkStep], ...]:
    return (
        Column("server", "SERVER", lambda s: s.server, 12, 1, 28),
        Column("what", "STEP", lambda s: s.label, 30),
        Column("state", "STATUS", lambda s: pill(s.status), 9),
        Column("changed", "CHANGED", lambda s: _changed(s), 14, 2, priority=2),
        Column("error", "ERROR", lambda s: toned(s.error, Tone.WRONG) if s.error else muted("-"), 10, 3, priority=1),
    )


def _changed(step: BulkStep) -> str | Text:
    return ", ".join(step.changed) if step.changed else muted("-")


def key_columns() -> tuple[Column[KeyRow], ...]:
    return (
        Column("label", "SETTING", lambda k: k.label, 18, 1, 36, priority=1),
        Column("key", "KEY", lambda k: k.key, 26, 1, 31),
        Column("value", "VALUE", _value, 14, 2),
        Column("default", "DEFAULT", lambda k: muted(k.default or "''"), 10, 1, 24, 2),
    )


def _value(row: KeyRow) -> Text:
    if row.refused:
        return muted("(set on the node)")
    if row.value is None:
        return muted(UNMANAGED)
    differs = f"   differs on {row.differs}" if row.differs else ""
    value = toned(row.value or "''", Tone.BRIGHT)
    return value.append_text(toned(differs, Tone.WAITING)) if differs else value


def variable_columns() -> tuple[Column[tuple[str, str]], ...]:
    return (
        Column("name", "VARIABLE", lambda v: f"{{{v[0]}}}", 20),
        Column("value", "VALUE", lambda v: v[1], 20, 1),
    )


def file_columns(now: Callable[[], datetime]) -> tuple[Column[FileRow], ...]:
    return (
        Column("path", "PATH", lambda f: f.path, 40, 1),
        Column("to", "TO", lambda f: str(f.target), 5),
        Column("bytes", "BYTES", lambda f: str(f.bytes), 7, priority=1, right=True),
        Column("age", "CHANGED", lambda f: ago(f.changed_at, now()), 7, priority=2, right=True),
    )


def tick(ticked: bool) -> Text:
    return toned("[x]", Tone.OK) if ticked else muted("[ ]")


def nameserver_columns() -> tuple[Column[NameserverChoice], ...]:
    return (
        Column("ticked", "", lambda c: tick(c.attached), 3),
        Column("name", "DNS SERVER", lambda c: c.server.name, 12, 2, 28),
        Column("driver", "DRIVER", lambda c: str(c.server.driver), 9),
        Column("ip", "ADDRESS", lambda c: c.server.ip, 15, priority=2),
        Column("state", "STATUS", lambda c: server_state(c.server), 11),
        Column("serves", "SERVES", lambda c: ", ".join(c.server.serves_groups) or muted("-"), 10, 1, priority=1),
    )


def belonging_columns(group: str) -> tuple[Column[ServerRow], ...]:
    return (
        Column("ticked", "", lambda s: tick(s.group == group), 3),
        Column("name", "SERVER", lambda s: s.name, 12, 2, 28),
        Column("type", "TYPE", lambda s: roles(s.capabilities), 12),
        Column("state", "STATUS", server_state, 11),
        Column("accounts", "ACCOUNTS", lambda s: str(s.accounts), 8, priority=1, right=True),
    )


def read_words(at: datetime | None, now: datetime) -> str:
    return "never read" if at is None else f"read {moment(at, None, now)}"
