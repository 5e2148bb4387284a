"""The fleet as it is now, in the shape of a fleet file; credentials are never part of it."""

from __future__ import annotations

from collections import defaultdict

from hostdeck.core.domain.fleet_file import (
    FileEntry,
    FleetFile,
    GroupEntry,
    ProductEntry,
    ServerEntry,
    VanityEntry,
)
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import GroupRow, ServerRow
from hostdeck.core.store.config_models import GroupConfig, StandardFile
from hostdeck.core.store.fleet_models import Group
from hostdeck.core.store.work_models import Product


def fleet_file() -> FleetFile:
    """All groups, servers and products, by name; what is at its default is said too."""
    return FleetFile(
        group=_groups(),
        server=[_server(row) for row in fleet.servers()],
        product=[
            ProductEntry(
                name=row.name,
                group=row.group.name,
                mode=str(row.mode),
                roles=list(row.roles),
                limits={key: str(value) for key, value in row.limits.items()},
            )
            for row in Product.select(Product, Group).join(Group).order_by(Product.name)
        ],
    )


def _groups() -> list[GroupEntry]:
    config: dict[str, dict[str, str]] = defaultdict(dict)
    wished = GroupConfig.select(Group.name, GroupConfig.key, GroupConfig.value).join(Group).order_by(GroupConfig.key)
    for name, key, value in wished.tuples():
        config[name][key] = value
    files: dict[str, list[FileEntry]] = defaultdict(list)
    for row in StandardFile.select(StandardFile, Group).join(Group).order_by(StandardFile.path):
        files[row.group.name].append(FileEntry(path=row.path, to=str(row.target), content=row.content))
    variables = dict(Group.select(Group.name, Group.variables).tuples())
    return [_group(row, variables.get(row.name) or {}, config[row.name], files[row.name]) for row in fleet.groups()]


def _group(row: GroupRow, variables: dict[str, str], config: dict[str, str], files: list[FileEntry]) -> GroupEntry:
    sold = [
        VanityEntry(
            domain=one.domain,
            mail_server=one.mail_server,
            mail_user=one.mail_user,
            web_servers=sorted(one.web_servers),
            reserved=sorted(one.reserved),
        )
        for one in row.vanity_domains
        if one.selling
    ]
    return GroupEntry(
        name=row.name,
        nameservers=sorted(row.dns_servers),
        variables=dict(sorted(variables.items())),
        config=config,
        vanity=sold,
        file=files,
    )


def _server(row: ServerRow) -> ServerEntry:
    return ServerEntry(
        name=row.name,
        host=row.hostname,
        ip=row.ip,
        ssh_port=row.ssh_port,
        ssh_user=row.ssh_username,
        driver=str(row.driver),
        capabilities=[str(role) for role in row.capabilities],
        group=row.group or "",
        max_accounts=row.max_accounts,
        node_dir=row.node_dir or "",
        host_key=row.host_key,
    )
