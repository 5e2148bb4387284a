"""A group as bulk actions and plans see it: its servers, what it wants of them, what they were last seen to have."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from hostdeck.core.domain.bulk import BulkPlan, Known, Only, plan_bulk
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.standard_files import filled
from hostdeck.core.errors import NotFound
from hostdeck.core.store.config_models import GroupConfig, ServerConfig, ServerFile, StandardFile
from hostdeck.core.store.fleet_models import Group, GroupDns, Server
from hostdeck.core.store.nodes import node_of


def group_called(name: str) -> Group:
    row = Group.get_or_none(Group.name == name)
    if row is None:
        raise NotFound("group", f"no group is called '{name[:64]}'; see 'hostdeck group list'")
    return row


def servers_of(group: Group) -> list[Server]:
    """Its own servers and the nameservers attached to it, by name."""
    attached = GroupDns.select(GroupDns.server).where(GroupDns.group == group)
    mine = (Server.group == group) | Server.id.in_(attached)
    return list(Server.select().where(mine).order_by(Server.name))


def nodes_of(group: Group) -> list[Node]:
    return [node_of(row) for row in servers_of(group)]


def config_of(group: Group) -> dict[str, str]:
    """The managed keys; one that has no row is not managed."""
    rows = GroupConfig.select(GroupConfig.key, GroupConfig.value).where(GroupConfig.group == group)
    return dict(rows.order_by(GroupConfig.key).tuples())


def known_of(group: Group) -> Known:
    """Everything a plan needs, as the rows have it."""
    ids = [row.id for row in servers_of(group)]
    variables = group.variables or {}
    files = {
        row.path: (row.target, filled(row.content, variables))
        for row in StandardFile.select().where(StandardFile.group == group)
    }
    live = {row.server_id: (row.live, row.read_at) for row in ServerConfig.select().where(ServerConfig.server.in_(ids))}
    digests: dict[int, dict[str, tuple[str | None, datetime]]] = defaultdict(dict)
    for row in ServerFile.select().where(ServerFile.server.in_(ids)):
        digests[row.server_id][row.path] = (row.digest, row.read_at)
    return Known(config_of(group), files, live, digests, _other_groups(group, ids))


def known_only(group: Group, only: Only) -> Known:
    known = known_of(group)
    if not only.keys:
        return known
    return replace(known, config={key: value for key, value in known.config.items() if key in only.keys})


def plan_of(group: Group, known: Known, to: Push, canary: int, abort: int, only: Only) -> BulkPlan:
    nodes = [node for node in nodes_of(group) if not only.servers or node.name in only.servers]
    return plan_bulk(group.name, to, nodes, known, canary, abort)


def _other_groups(group: Group, ids: list[int]) -> dict[int, tuple[str, ...]]:
    """Groups besides this one that a server belongs to or serves: they too may want something of it."""
    found: dict[int, set[str]] = defaultdict(set)
    serving = GroupDns.select(GroupDns.server, Group.name).join(Group).where(GroupDns.server.in_(ids))
    owning = Server.select(Server.id, Group.name).join(Group).where(Server.id.in_(ids))
    for server, name in [*serving.tuples(), *owning.tuples()]:
        if name != group.name:
            found[server].add(name)
    return {server: tuple(sorted(names)) for server, names in found.items()}
