"""A small named fleet with one service in each state, written straight into the rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostdeck.core.domain.vocabulary import (
    Driver,
    HealthState,
    Mode,
    RecordType,
    RunKind,
    ServiceStatus,
    Stream,
    TaskStatus,
)
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Audit, Group, GroupDns, Server, Worker
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import (
    Account,
    Product,
    Record,
    Run,
    Service,
    Task,
    TaskAfter,
    TaskLog,
    Ticket,
    TicketEntry,
    Zone,
    ZoneDeploy,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK7mAh4vPq5t1M1xQeiZ9rWkLhV1oX3Z4Fs6VqkkYH0n"
LANES = ("web.createPackage", "web.createUser", "web.addDomain", "mail.addDomain", "dns.deployZone", "ssl.seed")


def ago(**span: float) -> datetime:
    return NOON - timedelta(**span)


def make(home: Path) -> Settings:
    settings = Settings(home=home)
    make_home(settings)
    return settings


def server(name: str, capability: str, group: Group | None, n: int, **more: Any) -> Server:
    return Server.create(
        uuid=f"uuid-{name}",
        name=name,
        hostname=f"{name}.host.example",
        ip=f"192.0.2.{n}",
        group=group,
        host_key=HOST_KEY,
        credential="sealed",
        **{capability: True},
        **more,
    )


def fleet() -> None:
    """Group eu: web01, mx01, nameservers ns1 (Hestia) and pdns1 (PowerDNS); product web-s."""
    eu = Group.create(name="eu")
    facts = {"cpu_percent": 12.5, "users": 3, "panel_version": "1.9.6", "strange": 1}
    health = {"health": HealthState.OK, "health_facts": facts, "collected_at": ago(seconds=5)}
    server("web01", "web", eu, 1, max_accounts=50, accounts=3, **health)
    server("mx01", "mail", eu, 2, health=HealthState.ERROR, health_error="ssh: refused", collected_at=ago(minutes=3))
    for n, (name, driver) in enumerate((("ns1", Driver.HESTIA), ("pdns1", Driver.POWERDNS)), 3):
        GroupDns.create(group=eu, server=server(name, "dns", None, n, driver=driver))
    Product.create(name="web-s", group=eu, mode=Mode.SPLIT, roles=["dns", "mail", "web"], limits={"web_databases": "1"})


def service(domain: str, status: ServiceStatus, tasks: list[TaskStatus], **more: Any) -> Service:
    """A service whose tasks, in the order of LANES, have these statuses; the last of six is a follow-up."""
    row = Service.create(
        domain=domain,
        product=Product.get(name="web-s"),
        mode=Mode.SPLIT,
        roles=["web", "mail", "dns"],
        limits={"web_databases": "1"},
        origin={"web_databases": "product"},
        email="anna@example.com",
        status=status,
        why=["web on web01"],
        created_at=ago(minutes=20),
        **more,
    )
    places = {s.name: s for s in Server.select()}
    for role, name in (("web", "web01"), ("mail", "mx01"), ("dns", "ns1")):
        Account.create(service=row, server=places[name], roles=[role], username=f"u{row.id}-{role}", nonce="n")
    zone = Zone.create(service=row, name=domain)
    Record.create(zone=zone, name="@", type=RecordType.A, value="192.0.2.1", ttl=3600)
    ZoneDeploy.create(zone=zone, server=places["ns1"], serial="2026030101", deployed_at=ago(minutes=1))
    ZoneDeploy.create(zone=zone, server=places["pdns1"])
    run = Run.create(kind=RunKind.DEPLOY, service=row)
    row.run = run.id
    row.save()
    before = None
    for action, task_status in zip(LANES, tasks, strict=False):
        before = task(row, run, action, task_status, before)
    if not Ticket.select().exists():
        ticket(row)
    return row


def ticket(row: Service) -> Ticket:
    """An open ticket about the service's first task."""
    first = Task.select().where(Task.service == row).order_by(Task.id).first()
    made = Ticket.create(
        incident=f"service:{row.id} web.createPackage@web01",
        title=f"Configuring web plan failed: {row.domain} on web01",
        service=row,
        server=Server.get(name="web01"),
        failures=2,
        opened_at=ago(seconds=90),
    )
    for n, error in enumerate(("no answer", row.error or "exit 4"), 1):
        TicketEntry.create(ticket=made, at=ago(seconds=90 - n), task=first.id if first else None, text=error)
    return made


def task(row: Service, run: Run, action: str, status: TaskStatus, needs: Task | None) -> Task:
    where = {"web": "web01", "ssl": "web01", "mail": "mx01", "dns": "pdns1"}[action.split(".")[0]]
    started = status not in (TaskStatus.WAITING, TaskStatus.QUEUED, TaskStatus.CANCELLED)
    ended = status in (TaskStatus.SUCCESS, TaskStatus.FAILED, TaskStatus.SKIPPED)
    made = Task.create(
        run=run,
        service=row,
        server=Server.get(name=where),
        action=action,
        target=row.domain,
        status=status,
        attempts=int(started),
        follow_up=action == "ssl.seed",
        error="exit 4: 100%_\\ taken" if status is TaskStatus.FAILED else None,
        created_at=ago(minutes=20),
        started_at=ago(seconds=90) if started else None,
        finished_at=ago(seconds=30) if ended else None,
        not_before=NOON + timedelta(seconds=41) if status is TaskStatus.RETRYING else None,
    )
    if needs:
        TaskAfter.create(task=made, needs=needs)
    return made


def lines(task_id: int, n: int, text: str = "line") -> None:
    TaskLog.insert_many(
        {"task": task_id, "seq": i, "attempt": 1, "at": NOON, "stream": Stream.STDOUT, "text": f"{text} {i}"}
        for i in range(1, n + 1)
    ).execute()


def worker(beat: datetime, stopped: datetime | None = None) -> None:
    Worker.create(host="mgmt", boot_id="b", pid=7, process_start="1", started_at=beat, beat_at=beat, stopped_at=stopped)


def audit() -> None:
    Audit.create(actor="ops", intent="service.create", object="one.example.com", result="accepted", at=NOON)
