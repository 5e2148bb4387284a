"""What nodes were last seen to have: configuration and standard files."""

from __future__ import annotations

from datetime import datetime

from hostdeck.core.domain.standard_files import filled
from hostdeck.core.store.config_models import ServerConfig, ServerFile, StandardFile
from hostdeck.core.store.fleet_models import Group


def live(server: int, values: dict[str, str], now: datetime) -> None:
    """A node's `hestia.conf` as just read."""
    ServerConfig.insert(server=server, live=values, read_at=now).on_conflict(
        conflict_target=[ServerConfig.server], preserve=[ServerConfig.live, ServerConfig.read_at]
    ).execute()


def files(server: int, digests: dict[str, str | None], now: datetime) -> None:
    """What a node has of standard files, as just read."""
    for path, digest in digests.items():
        ServerFile.insert(server=server, path=path, digest=digest, read_at=now).on_conflict(
            conflict_target=[ServerFile.server, ServerFile.path], preserve=[ServerFile.digest, ServerFile.read_at]
        ).execute()


def standard_files(group: str) -> dict[str, str]:
    """The group's standard files by path, its variables filled in."""
    row = Group.get_or_none(Group.name == group)
    if row is None:
        return {}
    rows = StandardFile.select().where(StandardFile.group == row)
    return {file.path: filled(file.content, row.variables or {}) for file in rows}
