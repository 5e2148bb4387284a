"""One group with everything its servers shall have alike, and what they were last seen to have."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.config_keys import CATALOGUE, ConfigKey
from hostdeck.core.domain.config_wishes import drift, wanted_for
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.template_text import template_text
from hostdeck.core.domain.vocabulary import HealthState, Role, Target
from hostdeck.core.domain.zone_template import template_of
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import GroupRow, ServerRow
from hostdeck.core.store.config_models import ServerConfig, ServerFile, StandardFile
from hostdeck.core.store.fleet_models import GroupDns, Server
from hostdeck.core.store.groups import config_of, group_called, servers_of
from hostdeck.core.store.nodes import node_of


class KeyRow(View):
    """A key of the catalogue in one group: `value` None is not managed, and never pushed. `refused` says why it can't
    be; `differs` on how many of the servers it was last seen otherwise."""

    key: str
    label: str
    target: Target
    value: str | None
    default: str
    hint: str
    accepted: str
    choices: tuple[str, ...]
    refused: str
    differs: int = 0


class FileRow(View):
    """`bytes` before the variables are filled in; `same` of `servers` that were looked at had it as it is now."""

    path: str
    target: Target
    bytes: int
    digest: str
    changed_at: datetime
    seen: int


class Member(View):
    """A server that a group's wishes can reach. `attached`: a nameserver that serves it. `differs` None: never read."""

    server: ServerRow
    attached: bool
    read_at: datetime | None
    differs: int | None


class NameserverChoice(View):
    server: ServerRow
    attached: bool


class GroupDetail(GroupRow):
    """`template` is the zone template's text, `own_template` whether it is the group's own."""

    members: tuple[Member, ...]
    keys: tuple[KeyRow, ...]
    variables: dict[str, str]
    files: tuple[FileRow, ...]
    nameservers: tuple[NameserverChoice, ...]
    others: tuple[ServerRow, ...]
    template: str
    own_template: bool

    @property
    def managed(self) -> tuple[KeyRow, ...]:
        return tuple(row for row in self.keys if row.value is not None)

    @property
    def words(self) -> str:
        """`4 servers, 4 online, 2 DNS attached`."""
        up = sum(member.server.health.state is HealthState.OK for member in self.members if not member.attached)
        own = len(self.servers)
        return f"{own} server{'' if own == 1 else 's'}, {up} online, {len(self.dns_servers)} DNS attached"


def group_detail(name: str) -> GroupDetail:
    row = fleet.group(name)
    group = group_called(name)
    wishes = config_of(group)
    all_servers = {server.name: server for server in fleet.servers()}
    live = {one.server_id: one for one in ServerConfig.select()}
    differing: dict[str, int] = {}
    members = []
    for server in servers_of(group):
        seen = live.get(server.id)
        different = drift(wanted_for(node_of(server), wishes), seen.live) if seen else ()
        for one in different:
            differing[one.key] = differing.get(one.key, 0) + 1
        members.append(
            Member(
                server=all_servers[server.name],
                attached=server.group_id != group.id,
                read_at=seen.read_at if seen else None,
                differs=len(different) if seen else None,
            )
        )
    attached = {one.server_id for one in GroupDns.select().where(GroupDns.group == group)}
    able = [server for server in all_servers.values() if Role.DNS in server.capabilities]
    free = [server for server in all_servers.values() if server.group is None]
    return GroupDetail(
        **row.model_dump(),
        members=tuple(members),
        keys=tuple(_key_row(spec, wishes, differing) for spec in CATALOGUE),
        variables=dict(sorted((group.variables or {}).items())),
        files=_files(group.id, list(servers_of(group))),
        nameservers=tuple(NameserverChoice(server=one, attached=one.id in attached) for one in able),
        others=tuple(free),
        template=template_text(template_of(group.zone_template)),
        own_template=group.zone_template is not None,
    )


def _key_row(spec: ConfigKey, wishes: dict[str, str], differing: dict[str, int]) -> KeyRow:
    return KeyRow(
        key=spec.key,
        label=spec.label,
        target=spec.target,
        value=wishes.get(spec.key),
        default=spec.default,
        hint=spec.hint,
        accepted=spec.values.words,
        choices=spec.values.choices,
        refused=spec.refused,
        differs=differing.get(spec.key, 0),
    )


def _files(group: int, servers: list[Server]) -> tuple[FileRow, ...]:
    seen: dict[str, int] = {}
    for one in ServerFile.select().where(ServerFile.server.in_(servers), ServerFile.digest.is_null(False)):
        seen[one.path] = seen.get(one.path, 0) + 1
    rows = StandardFile.select().where(StandardFile.group == group).order_by(StandardFile.path)
    return tuple(
        FileRow(
            path=row.path,
            target=row.target,
            bytes=len(row.content.encode()),
            digest=row.digest,
            changed_at=row.changed_at,
            seen=seen.get(row.path, 0),
        )
        for row in rows
    )


def file_content(name: str, path: str) -> str:
    """A standard file's text, its variables not filled in; empty where there is none."""
    row = StandardFile.get_or_none(StandardFile.group == group_called(name), StandardFile.path == path)
    return "" if row is None else str(row.content)
