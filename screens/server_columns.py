"""The columns of every list of servers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.core.domain.breaker import parked_words
from hostdeck.core.domain.freshness import COLLECT_EVERY, is_stale
from hostdeck.core.domain.vocabulary import HealthState, ServerStatus
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.gauges import capacity, percent, pill, roles
from hostdeck.tui.widgets.words import ago, muted, plural, toned

if TYPE_CHECKING:
    from hostdeck.core.queries.views import HealthView, ServerRow


def server_state(server: ServerRow) -> Text:
    """What an operator decided, else what the node says."""
    if server.status is not ServerStatus.ACTIVE:
        return pill(server.status)
    return pill("DOWN" if server.health.state is HealthState.ERROR else server.health.state)


def parked(server: ServerRow, now: datetime) -> Text | None:
    """Why and until when its tasks wait, where nobody calls at it."""
    if server.breaker is None:
        return None
    return toned(parked_words(server.name, server.breaker.until, now), Tone.WAITING)


def on_the_node(health: HealthView) -> str:
    """Users and domains, role by role; only what the node tells."""
    users = "" if health.users is None else plural(health.users, "user") + ", "
    by_role = ", ".join(f"{count} {role}" for role, count in health.domains_by_role.items() if count)
    return f"{users}{plural(health.domains or 0, 'domain')}{f' ({by_role})' if by_role else ''}"


def server_columns(
    now: Callable[[], datetime], *, full: bool = False, every: Callable[[], timedelta] = lambda: COLLECT_EVERY
) -> tuple[Column[ServerRow], ...]:
    """`every`: how often figures are collected; an age of more than two of those is marked."""
    columns: tuple[Column[ServerRow], ...] = (
        Column("name", "SERVER", lambda s: s.name, 10, 2, 28, 0, lambda s: s.name, "S"),
        Column("roles", "CAPABLE OF", lambda s: roles(s.capabilities), 12, priority=2),
        Column("group", "GROUP", lambda s: _groups(s), 8, 1, 16, 6, lambda s: s.group),
        Column("state", "STATE", server_state, 11, sort=lambda s: server_state(s).plain, letter="T"),
        Column(
            "accounts", "ACCOUNTS", lambda s: capacity(s.accounts, s.max_accounts), 8, 0, 0, 1,
            lambda s: s.accounts, "A", True,
        ),
        Column(
            "cpu", "CPU", lambda s: percent(s.health.cpu_percent), 4, 0, 0, 3, lambda s: s.health.cpu_percent, "C", True
        ),
        Column(
            "ram", "RAM", lambda s: percent(s.health.ram_percent), 4, 0, 0, 3, lambda s: s.health.ram_percent, "M", True
        ),
        Column(
            "disk", "DISK", lambda s: percent(s.health.disk_percent), 4, 0, 0, 1, lambda s: s.health.disk_percent, "D",
            True,
        ),
        Column(
            "load", "LOAD", lambda s: percent(s.health.load_percent), 4, 0, 0, 4, lambda s: s.health.load_percent, "L",
            True,
        ),
        Column("version", "VERSION", lambda s: s.health.panel_version or muted("-"), 8, priority=5),
        Column("age", "DATA", lambda s: _age(s, now(), every()), 4, priority=1, right=True),
    )  # fmt: skip
    if not full:
        return columns
    more: tuple[Column[ServerRow], ...] = (
        Column("os", "SYSTEM", lambda s: s.health.os or muted("-"), 9, 1, 18, 7),
        Column("note", "NOTE", note, 10, priority=2, sort=lambda s: note(s).plain, letter="N"),
    )
    return (*columns, *more)


def nameserver_columns(
    now: Callable[[], datetime], every: Callable[[], timedelta] = lambda: COLLECT_EVERY
) -> tuple[Column[ServerRow], ...]:
    """Nameservers are independent of groups and have no capacity: one serves many groups (`features.md` 59, 66)."""
    users: Column[ServerRow] = Column("users", "USED BY GROUPS", _users, 14, 2, 40, 1, lambda s: s.serves_groups, "U")
    kept = [column for column in server_columns(now, full=True, every=every) if column.key not in ("group", "accounts")]
    return (kept[0], kept[1], users, *kept[2:])


def _age(server: ServerRow, now: datetime, every: timedelta) -> str | Text:
    """`12m!` where a collection was missed."""
    age = ago(server.health.collected_at, now)
    return toned(f"{age}!", Tone.WAITING) if is_stale(server.health.collected_at, now, every) else age


def note(server: ServerRow) -> Text:
    """What its version is to be blamed for, and that nobody calls at it, each in a word."""
    words = [text.partition(":")[0] for text in server.warnings]
    if server.breaker is not None:
        words.insert(0, "parked" if server.breaker.until else "login")
    return toned(", ".join(words), Tone.WRONG)


def _users(server: ServerRow) -> str | Text:
    return ", ".join(server.serves_groups) or muted("none yet")


def _groups(server: ServerRow) -> str | Text:
    return server.group or (", ".join(server.serves_groups) if server.serves_groups else muted("-"))
