"""Where a node's figures and its services' usage go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hostdeck.core.domain.findings import UsageRead
from hostdeck.core.domain.vocabulary import HealthState
from hostdeck.core.store.figure_models import CapacityDay, HealthSample
from hostdeck.core.store.fleet_models import Server

KEPT = timedelta(hours=48)
"""How long single figures are kept; days are kept for good."""


def health(server: int, facts: dict[str, Any], error: str | None, now: datetime) -> None:
    """Writes what a node told, or why it did not; the caller's transaction is open."""
    state = HealthState.ERROR if error else HealthState.OK
    values: dict[str, Any] = {"health": state, "health_error": error, "collected_at": now}
    if facts:
        values["health_facts"] = facts
    Server.update(**values).where(Server.id == server).execute()
    if facts:
        _remember(server, facts, now)


def _remember(server: int, facts: dict[str, Any], now: datetime) -> None:
    shares = {name: facts.get(f"{name}_percent") for name in ("cpu", "ram", "disk", "load")}
    HealthSample.create(server=server, at=now, **shares)
    HealthSample.delete().where(HealthSample.server == server, HealthSample.at < now - KEPT).execute()
    row = Server.get_by_id(server)
    CapacityDay.insert(
        server=server,
        day=f"{now:%Y-%m-%d}",
        accounts=row.accounts,
        max_accounts=row.max_accounts,
        disk_used_mb=facts.get("disk_used_mb"),
        disk_total_mb=facts.get("disk_total_mb"),
    ).on_conflict(
        conflict_target=[CapacityDay.server, CapacityDay.day],
        preserve=[
            CapacityDay.accounts,
            CapacityDay.max_accounts,
            CapacityDay.disk_used_mb,
            CapacityDay.disk_total_mb,
        ],
    ).execute()


def usage(server: int, found: UsageRead, now: datetime) -> None:
    """Writes what the services on a node use; users that are not ours are nobody's business."""
    raise NotImplementedError
