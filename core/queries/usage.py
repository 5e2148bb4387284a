"""What services use of what they are sold, and how full the tiers are; never a query per row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import fn

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.usage import Series, days_to_full, quota_of, share, worst_first
from hostdeck.core.domain.vocabulary import Mode, Role, ServerStatus, ServiceStatus
from hostdeck.core.queries import services
from hostdeck.core.store.figure_models import CapacityDay, Usage
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Product, Record, Service, Zone

DAYS = 90
"""How many of the newest days say how a node grows."""


class Figure(NamedTuple):
    """A column of the statistics, and the limit keys it shows: of those the one that the service was sold."""

    key: str
    group: str
    title: str
    limits: tuple[str, ...]
    megabytes: bool = False


FIGURES: tuple[Figure, ...] = (
    Figure("web_disk", "Web", "Disk", ("web_disk_quota", "vanity_site_disk_quota"), True),
    Figure("bandwidth", "Web", "Bandwidth", ("web_bandwidth",), True),
    Figure("dns_records", "Web", "DNS rec", ("dns_records",)),
    Figure("databases", "Web", "DBs", ("web_databases",)),
    Figure("ftp_accounts", "Web", "FTP", ("web_ftp_accounts",)),
    Figure("cron_jobs", "Web", "Cron", ("web_cron_jobs",)),
    Figure("web_backups", "Web", "Backups", ("web_backups", "account_backups")),
    Figure("mail_disk", "Mail", "Disk", ("mail_disk_quota", "vanity_mail_quota"), True),
    Figure("mail_accounts", "Mail", "Accounts", ("mail_accounts",)),
    Figure("mail_backups", "Mail", "Backups", ("mail_backups",)),
)
"""A unified account's one number of backups stands in the web group (`features.md` 112)."""


class UseView(View):
    """`limit` is None where there is none; `percent` is not clamped, and None then or where the limit is 0; `over` is
    by how much the use is beyond it. `band`: ok, notice, high, full, over, or free for unlimited."""

    key: str
    used: int
    limit: int | None
    percent: float | None
    over: int
    band: str


class StatsRow(View):
    """`use` has the figures that were read, by `Figure.key`; `weight` orders by the worst of them: larger is worse."""

    id: int
    domain: str
    product: str
    mode: Mode
    status: ServiceStatus
    use: dict[str, UseView]
    weight: float
    updated_at: datetime | None


class TierRow(View):
    """All servers that can host a role. `max_accounts` 0 is unlimited, as it is where one of them has no limit; disk is
    in percent of what the servers told of theirs. `days_to_full` None: never at this rate, or too early to say."""

    role: Role
    servers: int
    accounts: int
    max_accounts: int
    disk_percent: float | None
    days_to_full: float | None


class StatsView(View):
    services: tuple[StatsRow, ...]
    tiers: tuple[TierRow, ...]


def stats() -> StatsView:
    return StatsView(services=service_stats(), tiers=tiers())


def service_stats(service: int | str | None = None) -> tuple[StatsRow, ...]:
    """The worst first; all that are not terminated, or the one of that id or domain."""
    query = Service.select(Service, Product.name.alias("product_name")).join(Product)
    if service is None:
        query = query.where(Service.status != ServiceStatus.TERMINATED)
    else:
        query = query.where(Service.id == services.service_id(service))
    rows = list(query.order_by(Service.id).objects())
    used, at = _used([row.id for row in rows] if service is not None else None)
    made = []
    for row in rows:
        use = use_of(row.mode, row.limits, used[row.id])
        shares = [share(one.used, "unlimited" if one.limit is None else one.limit) for one in use.values()]
        view = StatsRow(
            id=row.id,
            domain=row.domain,
            product=row.product_name,
            mode=row.mode,
            status=row.status,
            use=use,
            weight=_finite(-worst_first(shares)[0]),
            updated_at=at.get(row.id),
        )
        made.append((worst_first(shares), row.domain, view))
    return tuple(view for _, _, view in sorted(made, key=lambda one: one[:2]))


def use_of_service(service: int) -> dict[str, UseView]:
    """What was read of one service, by `Figure.key`."""
    (row,) = service_stats(service)
    return row.use


def use_of(mode: Mode, limits: Mapping[str, str], used: Mapping[str, int]) -> dict[str, UseView]:
    """By `Figure.key`."""
    return {
        figure.key: _use(key, used[key], limits)
        for figure in FIGURES
        for key in figure.limits
        if key in used and key.startswith("vanity_") == (mode is Mode.VANITY)
    }


def _use(key: str, used: int, limits: Mapping[str, str]) -> UseView:
    found = share(used, quota_of(limits, key))
    limit = None if found.limit == "unlimited" else found.limit
    percent = None if found.percent is None else round(found.percent, 1)
    return UseView(key=key, used=used, limit=limit, percent=percent, over=found.over, band=found.band)


WORST = 1e9


def _finite(weight: float) -> float:
    """JSON has no infinity."""
    return min(weight, WORST)


def _used(ids: Iterable[int] | None) -> tuple[dict[int, dict[str, int]], dict[int, datetime]]:
    """What was read, and when last; records that no nameserver of ours counts are counted in our own rows."""
    used: dict[int, dict[str, int]] = defaultdict(dict)
    at: dict[int, datetime] = {}
    readings = Usage.select(Usage.service, Usage.key, Usage.used, Usage.at)
    records = Record.select(Zone.service, fn.COUNT(Record.id)).join(Zone).group_by(Zone.service)
    if ids is not None:
        readings, records = readings.where(Usage.service.in_(ids)), records.where(Zone.service.in_(ids))
    for service, count in records.tuples():
        used[service]["dns_records"] = count
    for service, key, value, moment in readings.tuples():
        used[service][key] = value
        at[service] = max(moment, at.get(service, moment))
    return used, at


class Over(NamedTuple):
    """A service that uses more than it was sold, and the worst of it."""

    service: int
    domain: str
    use: UseView
    at: datetime | None


def over_limits(limit: int) -> list[Over]:
    """The worst first. Home asks for this every second, so that views are made of those that are over alone."""
    used, at = _used(None)
    found = []
    columns = (Service.id, Service.domain, Service.mode, Service.limits)
    living = Service.select(*columns).where(Service.status != ServiceStatus.TERMINATED)
    for number, domain, mode, limits in living.tuples() if used else ():
        beyond = (use for use in use_of(mode, limits, _beyond(used[number], limits)).values() if use.over)
        worst = max(beyond, key=_harm, default=None)
        if worst is not None:
            found.append(Over(number, domain, worst, at.get(number)))
    return sorted(found, key=lambda one: _harm(one.use), reverse=True)[:limit]


def _beyond(used: Mapping[str, int], limits: Mapping[str, str]) -> dict[str, int]:
    return {key: value for key, value in used.items() if share(value, quota_of(limits, key)).over}


def _harm(use: UseView) -> tuple[float, int]:
    return (WORST if use.percent is None else use.percent, use.over)


def tiers() -> tuple[TierRow, ...]:
    """Of the roles that any server can host."""
    days = _days()
    rows = list(Server.select().where(Server.status != ServerStatus.DISABLED))
    return tuple(
        _tier(role, held, days) for role in Role if (held := [row for row in rows if getattr(row, role.value)])
    )


def _tier(role: Role, servers: list[Any], days: Mapping[int, list[Any]]) -> TierRow:
    endless = any(row.max_accounts == 0 for row in servers)
    accounts = days_to_full(
        Series([(_number(day.day), day.accounts) for day in days[row.id]], row.max_accounts) for row in servers
    )
    last = [known[-1] for row in servers if (known := _with_disk(days[row.id]))]
    disk = days_to_full(
        Series([(_number(day.day), day.disk_used_mb) for day in known], known[-1].disk_total_mb)
        for row in servers
        if (known := _with_disk(days[row.id]))
    )
    ends = [left for left in (accounts, disk) if left is not None]
    total = sum(day.disk_total_mb for day in last)
    told = [share for row in servers if (share := (row.health_facts or {}).get("disk_percent")) is not None]
    percent = 100 * sum(day.disk_used_mb for day in last) / total if total else sum(told) / len(told) if told else None
    return TierRow(
        role=role,
        servers=len(servers),
        accounts=sum(row.accounts for row in servers),
        max_accounts=0 if endless else sum(row.max_accounts for row in servers),
        disk_percent=None if percent is None else round(percent, 1),
        days_to_full=round(min(ends), 1) if ends else None,
    )


def _with_disk(days: list[Any]) -> list[Any]:
    return [day for day in days if day.disk_used_mb is not None and day.disk_total_mb]


def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _days() -> dict[int, list[Any]]:
    """By server, oldest first."""
    newest = CapacityDay.select(fn.MAX(CapacityDay.day)).scalar()
    found: dict[int, list[Any]] = defaultdict(list)
    if newest is None:
        return found
    since = date.fromordinal(_number(newest) - DAYS).isoformat()
    for row in CapacityDay.select().where(CapacityDay.day > since).order_by(CapacityDay.day):
        found[row.server_id].append(row)
    return found
