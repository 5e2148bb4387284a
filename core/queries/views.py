"""What people see: frozen, already joined, already counted. Field names are those of `interface.md`'s JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hostdeck.core.domain.askers import AskedBy
from hostdeck.core.domain.offers import Offer
from hostdeck.core.domain.order_plan import AccountView, RecordView, View
from hostdeck.core.domain.vocabulary import (
    BreakerKind,
    Driver,
    HealthState,
    Mode,
    Role,
    ServerStatus,
    ServiceStatus,
    Stream,
    TaskStatus,
)
from hostdeck.core.queries.first_steps import FirstSteps


class HealthView(View):
    """A node's figures as last collected; percentages 0 to 100, None where never collected."""

    state: HealthState = HealthState.UNKNOWN
    collected_at: datetime | None = None
    cpu_percent: float | None = None
    ram_percent: float | None = None
    disk_percent: float | None = None
    load_percent: float | None = None
    panel_version: str | None = None
    os: str | None = None
    users: int | None = None
    domains: int | None = None
    domains_by_role: dict[str, int] = {}
    services_up: int | None = None
    services_total: int | None = None
    services_down: tuple[str, ...] = ()
    disk_used_mb: int | None = None
    disk_total_mb: int | None = None
    error: str | None = None


class BreakerView(View):
    """Why nobody calls at a node, and since when; `until` None: until an operator acts."""

    kind: BreakerKind
    reason: str
    since: datetime
    until: datetime | None


class ServerRow(View):
    """A server; `max_accounts` 0 is unlimited, `host_key` is the pinned key's fingerprint, `warnings` what its version
    is to be blamed for. `breaker`: nobody calls at it now."""

    id: int
    name: str
    hostname: str
    ip: str
    ssh_port: int
    ssh_username: str
    driver: Driver
    capabilities: tuple[Role, ...]
    group: str | None
    serves_groups: tuple[str, ...]
    status: ServerStatus
    max_accounts: int
    accounts: int
    host_key: str
    node_dir: str | None
    health: HealthView
    breaker: BreakerView | None = None
    warnings: tuple[str, ...] = ()


class VanityView(View):
    """A domain whose names are sold; `web_servers` empty: every web server of the group. `sold`: how many names are."""

    domain: str
    mail_server: str
    mail_user: str
    web_servers: tuple[str, ...]
    reserved: tuple[str, ...]
    selling: bool
    sold: int


class GroupRow(View):
    id: int
    name: str
    servers: tuple[str, ...]
    dns_servers: tuple[str, ...]
    online: int
    products: tuple[str, ...]
    vanity_domains: tuple[VanityView, ...] = ()


class ProductRow(View):
    """`limits` is complete: the product's own values over the defaults; `origin` says which is which. `ordered`
    counts every order, `services` those that are not terminated."""

    id: int
    name: str
    group: str
    mode: Mode
    roles: tuple[Role, ...]
    limits: dict[str, str]
    origin: dict[str, str]
    services: int
    ordered: int


class ProgressView(View):
    """How far the current run is; `now` says what is happening, follow-ups are counted apart."""

    total: int
    done: int
    running: int
    pending: int
    failed: int
    percent: int
    now: str
    follow_ups: int = 0


class ServiceRow(View):
    id: int
    domain: str
    product: str
    mode: Mode
    status: ServiceStatus
    roles: tuple[Role, ...]
    accounts: tuple[AccountView, ...]
    progress: ProgressView
    error: str | None
    created_at: datetime


class TaskRow(View):
    """A task; `duration_s` runs while it runs, `not_before` is when a retry is due, `target` what it works on.
    `parked`: why it waits although it is due, where its node is not called at."""

    id: int
    action: str
    label: str
    target: str
    service: int | None
    domain: str | None
    server: str | None
    status: TaskStatus
    attempts: int
    max_attempts: int
    follow_up: bool
    cancel_asked: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    duration_s: float | None
    not_before: datetime | None
    error: str | None
    parked: str | None = None


class TaskDetail(TaskRow):
    """`waits_for` holds the ids of tasks that are not done yet; `log_lines` how many lines there are; `offers` what an
    operator may do about a failure; `asked` whose wish its run was, None where it was hostdeck's own."""

    run: int
    waits_for: tuple[int, ...]
    log_lines: int
    offers: tuple[Offer, ...] = ()
    asked: AskedBy | None = None


class NameserverState(View):
    """What one attached nameserver has of a zone: `state` is active, pending or failed."""

    server: str
    state: str
    serial: str | None
    deployed_at: datetime | None


class ServiceDetail(ServiceRow):
    """Everything about one service: limits with where each came from, its zone, the tasks of its current run.
    `seconds_left` is an estimate from our own history, None where there is nothing to go by; `asked` whose wish the
    current run was."""

    group: str
    email: str | None
    limits: dict[str, str]
    origin: dict[str, str]
    meta: dict[str, str]
    why: tuple[str, ...]
    records: tuple[RecordView, ...]
    nameservers: tuple[NameserverState, ...]
    tasks: tuple[TaskRow, ...]
    seconds_left: float | None = None
    asked: AskedBy | None = None


class LogLine(View):
    """`seq` runs 1, 2, 3… within its task, without a gap."""

    seq: int
    attempt: int
    at: datetime
    stream: Stream
    text: str


class LogPage(View):
    """Lines after the asked one; `final` when the task will write no more, so that a reader can stop asking."""

    lines: tuple[LogLine, ...]
    final: bool


class WorkerRow(View):
    """A worker; `alive` means its last heartbeat is recent, `beat_age_s` how old that is."""

    id: int
    host: str
    pid: int
    started_at: datetime
    beat_age_s: float
    alive: bool


class AuditRow(View):
    id: int
    at: datetime
    actor: str
    intent: str
    object: str
    result: str
    detail: dict[str, Any]


class SettingRow(View):
    key: str
    value: str
    default: str
    hint: str


class Attention(View):
    """Something that wants a person: `level` is FAIL, DOWN or WARN; `kind` and `id` say what Enter opens. Of many tasks
    with one cause (`kind` cause) `narrowing` is what shows them in the list of tasks."""

    level: str
    kind: str
    id: int
    what: str
    text: str
    since: datetime | None
    narrowing: str = ""


class Pulse(View):
    """The header's counts."""

    servers: int
    servers_ok: int
    servers_error: int
    services: int
    tasks_running: int
    tasks_waiting: int
    tasks_failed: int
    workers_alive: int


class HomeView(View):
    """`tickets` counts the open ones: what they are about stands in `attention` already. `workers` as `fleet.workers`
    has them. `steps`: how far a fleet without a service has come."""

    attention: tuple[Attention, ...]
    workers: tuple[WorkerRow, ...]
    tickets: int
    servers: tuple[ServerRow, ...]
    running: tuple[TaskRow, ...]
    last: tuple[TaskRow, ...]
    steps: FirstSteps
