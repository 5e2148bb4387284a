"""One server as its own screen shows it: its last check, figures over time, what stands on it, its configuration."""

from __future__ import annotations

from datetime import datetime, timedelta

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.config_wishes import wanted_for
from hostdeck.core.domain.freshness import COLLECT_EVERY
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Role, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries import fleet
from hostdeck.core.queries.rows import task_query, task_rows, utc
from hostdeck.core.queries.views import ServerRow, TaskRow
from hostdeck.core.store.config_models import GroupConfig, ServerConfig
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Group, Server, Setting
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import Account, Service, Task, VanitySlot, Zone, ZoneDeploy

TASK_LIMIT = 200
SAMPLE_LIMIT = 288
COLLECT_KEY = "collect.every"


class CheckView(View):
    """One part of a check; `state` is ok, failed or not reached, `mend` what to do, line by line."""

    key: str
    label: str
    state: str
    text: str
    mend: tuple[str, ...] = ()


class Preflight(View):
    """The last check that came to an end; `task` has its log. `running` is a check under way, if there is one."""

    task: int | None = None
    at: datetime | None = None
    checks: tuple[CheckView, ...] = ()
    running: int | None = None


class Sample(View):
    """Figures at one time, in percent."""

    at: datetime
    cpu: float | None
    ram: float | None
    disk: float | None
    load: float | None


class StandingView(View):
    """An account, a zone or a sold mailbox of ours on the node; `user` is None for a zone."""

    service: int
    domain: str
    kind: str
    user: str | None
    status: str


class ConfigLine(View):
    """A key of hestia.conf as the node has it, and as its group wants it; None: not there, not managed."""

    key: str
    live: str | None
    wanted: str | None


class ServerDetail(View):
    """`read_at`: when `config` was read; None: never. Figures older than two `collect_every` are stale."""

    row: ServerRow
    preflight: Preflight
    samples: tuple[Sample, ...]
    standing: tuple[StandingView, ...]
    tasks: tuple[TaskRow, ...]
    config: tuple[ConfigLine, ...]
    collect_every: timedelta
    read_at: datetime | None


def preflight(name: str) -> Preflight:
    """Empty where the server was never checked."""
    of_it = Task.select().join(Server).where(Server.name == name, Task.action == Action.SERVER_CHECK)
    ended = of_it.where(Task.result.is_null(False)).order_by(Task.id.desc()).first()
    unfinished = (TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.RETRYING, TaskStatus.WAITING)
    running = of_it.where(Task.status.in_(unfinished)).order_by(Task.id.desc()).first()
    at_work = running.id if running else None
    if ended is None:
        return Preflight(running=at_work)
    checks = tuple(CheckView.model_validate(check) for check in ended.result.get("checks", ()))
    return Preflight(task=ended.id, at=ended.finished_at, checks=checks, running=at_work)


def pinned_key(name: str) -> str:
    """The pinned host key in OpenSSH form; NotFound where there is no such server."""
    line = Server.select(Server.host_key).where(Server.name == name).scalar()
    if line is None:
        raise NotFound("server", f"no server is called '{safe(name)}'; see 'hostdeck server list'")
    return str(line)


def collect_every() -> timedelta:
    """How often figures are collected: the setting where there is one."""
    spec = SETTING_BY_KEY.get(COLLECT_KEY)
    stored = Setting.select(Setting.value).where(Setting.key == COLLECT_KEY).scalar()
    value = stored or (spec.default if spec else None)
    return timedelta(seconds=float(value)) if value else COLLECT_EVERY


def detail(name: str, *, now: datetime | None = None) -> ServerDetail:
    """Everything about one server; NotFound where there is none of that name."""
    row = fleet.server(name)
    config, read_at = _config(row)
    mine = task_query().where(Task.server == row.id).order_by(Task.id.desc()).limit(TASK_LIMIT)
    return ServerDetail(
        row=row,
        preflight=preflight(name),
        samples=_samples(row.id),
        standing=_standing(row.id),
        tasks=task_rows(mine, utc(now)),
        config=config,
        collect_every=collect_every(),
        read_at=read_at,
    )


def _samples(server: int) -> tuple[Sample, ...]:
    """The newest, oldest first."""
    rows = HealthSample.select().where(HealthSample.server == server).order_by(HealthSample.at.desc())
    newest = [Sample(at=r.at, cpu=r.cpu, ram=r.ram, disk=r.disk, load=r.load) for r in rows.limit(SAMPLE_LIMIT)]
    return tuple(reversed(newest))


def _standing(server: int) -> tuple[StandingView, ...]:
    found = []
    accounts = Account.select(Account, Service).join(Service).where(Account.server == server)
    for account in accounts:
        service = account.service
        kind = " ".join(role for role in Role if role in account.roles)
        found.append(
            StandingView(
                service=service.id, domain=service.domain, kind=kind, user=account.username, status=service.status
            )
        )
    zones = (
        Zone.select(Zone.name, Service.id, Service.status)
        .join(ZoneDeploy)
        .switch(Zone)
        .join(Service)
        .where(ZoneDeploy.server == server)
    )
    for name, service_id, status in zones.tuples():
        found.append(StandingView(service=service_id, domain=name, kind="zone", user=None, status=status))
    for slot in VanitySlot.select(VanitySlot, Service).join(Service).where(VanitySlot.mail_server == server):
        service = slot.service
        found.append(
            StandingView(
                service=service.id, domain=service.domain, kind="mailbox", user=slot.mail_user, status=service.status
            )
        )
    return tuple(sorted(found, key=lambda one: (one.domain, one.kind)))


def _config(row: ServerRow) -> tuple[tuple[ConfigLine, ...], datetime | None]:
    read = ServerConfig.get_or_none(ServerConfig.server == row.id)
    live = dict(read.live) if read else {}
    groups = [name for name in (row.group, *row.serves_groups) if name]
    keys = GroupConfig.select(GroupConfig.key, GroupConfig.value).join(Group).where(Group.name.in_(groups))
    wanted = wanted_for(node_of(Server.get_by_id(row.id)), dict(keys.tuples()))
    lines = tuple(ConfigLine(key=key, live=live.get(key), wanted=wanted.get(key)) for key in sorted({*live, *wanted}))
    return lines, read.read_at if read else None
