"""What a group wants against what its servers were last seen to have: key by key, server by server."""

from __future__ import annotations

from datetime import datetime, timedelta

from hostdeck.core.domain.config_keys import BY_KEY
from hostdeck.core.domain.config_wishes import Push, recipients, wanted_for
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.queries.rows import utc
from hostdeck.core.store.config_models import DriftIgnore, ServerConfig
from hostdeck.core.store.groups import config_of, group_called, nodes_of

FRESH = timedelta(minutes=5)
"""What was read within this time is as good as read now."""


class DriftCell(View):
    """`state`: same, differs, ignored (until `until`), unread (this server has never been read), or other (the key is
    not for it)."""

    server: str
    live: str | None
    state: str
    until: datetime | None = None


class DriftRow(View):
    key: str
    label: str
    target: Target
    wanted: str
    cells: tuple[DriftCell, ...]


class DriftServer(View):
    server: str
    read_at: datetime | None


class DriftBoard(View):
    """`servers` are the columns, in order; `skipped` those that have no part in it, with the reason."""

    group: str
    servers: tuple[DriftServer, ...]
    skipped: tuple[tuple[str, str], ...]
    rows: tuple[DriftRow, ...]

    @property
    def differing(self) -> int:
        return sum(cell.state == "differs" for row in self.rows for cell in row.cells)

    @property
    def unread(self) -> tuple[str, ...]:
        return tuple(one.server for one in self.servers if one.read_at is None)

    def stale(self, now: datetime) -> bool:
        """Whether any of it has to be read anew to be believed."""
        return any(one.read_at is None or now - one.read_at > FRESH for one in self.servers)


def drift_board(group: str, *, now: datetime | None = None) -> DriftBoard:
    moment = utc(now)
    row = group_called(group)
    wishes = config_of(row)
    found = recipients(Push.ALL, nodes_of(row))
    ids = [node.id for node in found.chosen]
    live = {one.server_id: one for one in ServerConfig.select().where(ServerConfig.server.in_(ids))}
    ignored = {
        (one.server_id, one.key): one.until
        for one in DriftIgnore.select().where(DriftIgnore.group == row, DriftIgnore.until > moment)
    }
    rows = []
    for key in (key for key in BY_KEY if key in wishes):
        cells = []
        for node in found.chosen:
            seen = live.get(node.id)
            value = None if seen is None else seen.live.get(key)
            until = ignored.get((node.id, key))
            if key not in wanted_for(node, wishes):
                state = "other"
            elif seen is None:
                state = "unread"
            elif (value or "") == wishes[key]:
                state = "same"
            else:
                state = "ignored" if until else "differs"
            shown = None if state == "other" else value
            cells.append(DriftCell(server=node.name, live=shown, state=state, until=until))
        spec = BY_KEY[key]
        rows.append(DriftRow(key=key, label=spec.label, target=spec.target, wanted=wishes[key], cells=tuple(cells)))
    return DriftBoard(
        group=group,
        servers=tuple(
            DriftServer(server=node.name, read_at=live[node.id].read_at if node.id in live else None)
            for node in found.chosen
        ),
        skipped=tuple((node.name, why) for node, why in found.passed_over),
        rows=tuple(rows),
    )
