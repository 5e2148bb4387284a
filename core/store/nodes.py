"""A server's row as the decisions see it."""

from __future__ import annotations

from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.vocabulary import Role, ServerId
from hostdeck.core.store.fleet_models import Server

REACHED_BY = frozenset({"hostname", "ssh_port", "ssh_username", "host_key", "credential", "node_dir", "driver"})
"""What a change of may let us in where we could not come in."""


def is_as_asked(row: Server | None, asked: Server) -> bool:
    """Whether a server is reached as it was when it was asked: what was met elsewhere says nothing of it as it is."""
    return row is not None and all(getattr(row, name) == getattr(asked, name) for name in REACHED_BY)


def node_of(row: Server) -> Node:
    return Node(
        id=ServerId(row.id),
        name=row.name,
        hostname=row.hostname,
        ip=row.ip,
        driver=row.driver,
        status=row.status,
        capabilities=capabilities(row),
        accounts=row.accounts,
        max_accounts=row.max_accounts,
        home=row.node_dir,
        disk_percent=(row.health_facts or {}).get("disk_percent"),
    )


def capabilities(row: Server) -> frozenset[Role]:
    return frozenset(role for role in Role if getattr(row, role))
