"""How rows become view models: one place for what several queries show, and the one way to search."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from peewee import JOIN, SQL, NodeList

from hostdeck.core.domain.actions import ACTIONS, label
from hostdeck.core.domain.breaker import parked_words
from hostdeck.core.domain.narrowing import How, is_in
from hostdeck.core.domain.text import like_pattern
from hostdeck.core.domain.versions import warnings
from hostdeck.core.domain.vocabulary import HealthState, Role, TaskStatus
from hostdeck.core.queries.views import BreakerView, HealthView, ServerRow, TaskRow
from hostdeck.core.store import db
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task

HEALTH_FACTS = frozenset(HealthView.model_fields) - {"state", "collected_at", "error"}
LASTING_FACTS = frozenset({"panel_version", "os", "disk_total_mb"})
"""What a node that does not answer is still known by; its load and its disk of before say nothing of now."""


def utc(now: datetime | None) -> datetime:
    """The given moment, else the present one."""
    return now or datetime.now(UTC)


def like(column: Any, text: str, how: How = How.HOLDS) -> NodeList:
    """`column` holds `text` as it is, or its letters in this order; upper and lower case alike."""
    word = SQL("ILIKE" if db.is_postgres() else "LIKE")
    parts = text if how is How.FUZZY else (text,)
    pattern = "%".join(like_pattern(part) for part in parts)
    return NodeList((column, word, f"%{pattern}%", SQL(r"ESCAPE '\'")))


def can_host(role: Role) -> Any:
    """That a server can host this."""
    return getattr(Server, role.value)


def fingerprint(public_key: str) -> str:
    """The SHA256 fingerprint of an OpenSSH public key line, as `ssh-keygen -l` shows it; empty for none."""
    words = public_key.split()
    if len(words) < 2:
        return ""
    try:
        raw = base64.b64decode(words[1], validate=True)
    except ValueError:  # not base64, or not even ASCII
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def breaker_view(row: Breaker) -> BreakerView:
    return BreakerView(kind=row.kind, reason=row.reason, since=row.opened_at, until=row.until)


def server_row(
    server: Server, group: str | None, serves: Iterable[str], breaker: BreakerView | None = None
) -> ServerRow:
    known = HEALTH_FACTS if server.health is not HealthState.ERROR else LASTING_FACTS
    facts = {key: value for key, value in (server.health_facts or {}).items() if key in known}
    return ServerRow(
        id=server.id,
        name=server.name,
        hostname=server.hostname,
        ip=server.ip,
        ssh_port=server.ssh_port,
        ssh_username=server.ssh_username,
        driver=server.driver,
        capabilities=tuple(role for role in Role if getattr(server, role.value)),
        group=group,
        serves_groups=tuple(serves),
        status=server.status,
        max_accounts=server.max_accounts,
        accounts=server.accounts,
        host_key=fingerprint(server.host_key),
        node_dir=server.node_dir,
        health=HealthView(
            state=server.health, collected_at=server.collected_at, error=server.health_error or None, **facts
        ),
        breaker=breaker,
        warnings=warnings(server.driver, facts.get("panel_version")),
    )


def task_query() -> Any:
    """Tasks with the names of what they belong to; without their arguments, which no list shows."""
    return (
        Task.select(
            Task.id,
            Task.run,
            Task.action,
            Task.target,
            Task.service,
            Service.domain.alias("domain"),
            Server.name.alias("server_name"),
            Task.status,
            Task.attempts,
            Task.max_attempts,
            Task.follow_up,
            Task.lane,
            Task.cancel_asked,
            Task.created_at,
            Task.started_at,
            Task.finished_at,
            Task.not_before,
            Task.error,
            Task.changing,
            Breaker.opened_at.alias("parked_at"),
            Breaker.until.alias("parked_until"),
        )
        .join(Service, JOIN.LEFT_OUTER, on=(Task.service == Service.id))
        .join(Server, JOIN.LEFT_OUTER, on=(Task.server == Server.id))
        .join(Breaker, JOIN.LEFT_OUTER, on=(Breaker.server == Server.id))
    )


def task_fields(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The fields of a TaskRow out of one row of `task_query().dicts()`."""
    retrying = row["status"] is TaskStatus.RETRYING
    due = row["status"] in (TaskStatus.QUEUED, TaskStatus.RETRYING)
    parked = due and row["changing"] and row["parked_at"] is not None
    return {
        "id": row["id"],
        "action": row["action"],
        "label": label(row["action"]),
        "target": row["target"],
        "service": row["service"],
        "domain": row["domain"],
        "server": row["server_name"],
        "status": row["status"],
        "attempts": row["attempts"],
        "max_attempts": row["max_attempts"],
        "follow_up": row["follow_up"],
        "cancel_asked": row["cancel_asked"],
        "created_at": row["created_at"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "duration_s": _duration(row, now),
        "not_before": row["not_before"] if retrying else None,
        "error": row["error"] or None,
        "parked": parked_words(row["server_name"], row["parked_until"], now) if parked else None,
    }


def task_rows(query: Any, now: datetime) -> tuple[TaskRow, ...]:
    return tuple(TaskRow(**task_fields(row, now)) for row in query.dicts())


def actions_labelled(text: str, how: How = How.HOLDS) -> list[str]:
    """The actions whose label holds `text`: people search for the words they see."""
    return [action.value for action, spec in ACTIONS.items() if is_in(text.lower(), how, spec.label.lower())]


def retry_words(name: str, not_before: datetime | None, now: datetime) -> str:
    """What a task between two attempts is doing."""
    seconds = round((not_before - now).total_seconds()) if not_before else 0
    return f"{name} (retry in {seconds} s)" if seconds > 0 else f"{name} (retry due)"


def _duration(row: dict[str, Any], now: datetime) -> float | None:
    started = row["started_at"]
    ended = now if row["status"] is TaskStatus.RUNNING else row["finished_at"]
    if started is None or ended is None:
        return None
    return round(max(0.0, (ended - started).total_seconds()), 3)
