"""A small named fleet with three services in three moods, written as rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostdeck.core.domain.items import KINDS, ItemKind
from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.vocabulary import (
    Driver,
    HealthState,
    Mode,
    RunKind,
    ServiceStatus,
    Stream,
    TaskStatus,
)
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import open_store, transaction
from hostdeck.core.store.figure_models import CapacityDay, Usage
from hostdeck.core.store.fleet_models import Group, GroupDns, Server, Worker
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import (
    Account,
    AcmeOrder,
    Certificate,
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

NOW = datetime(2026, 3, 14, 21, 12, 45, tzinfo=UTC)
ROLES = ["web", "mail", "dns"]
STEPS = (
    ("web.createPackage", "hdk-{n:06}-web-p", "web", 5),
    ("web.createUser", "{user}-web", "web", 7),
    ("mail.createPackage", "hdk-{n:06}-mail-p", "mail", 4),
    ("mail.createUser", "{user}-mail", "mail", 6),
    ("web.addDomain", "{domain}", "web", 12),
    ("mail.addDomain", "{domain}", "mail", 21),
    ("dns.createPackage", "hdk-{n:06}-dns-p", "ns1", 3),
    ("dns.createUser", "{user}-dns", "ns1", 5),
    ("dns.deployZone", "{domain}", "ns1", 6),
    ("dns.deployZone", "{domain}", "ns2", 4),
    ("ssl.seed", "{domain}", "web", 30),
)


def before(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


def open_empty(home: Path) -> None:
    open_store(Settings(home=home), migrate=True)


def seed(home: Path) -> None:
    """The fleet, the product and the services; everything as of NOW."""
    open_empty(home)
    with transaction():
        servers = _fleet()
        product = _product(servers)
        _service(product, servers, "customer.com", ServiceStatus.ACTIVE, before(hours=3), ends=11)
        _service(product, servers, "baltic-tea.eu", ServiceStatus.DEPLOYING, before(seconds=52), ends=5, running=1)
        _service(product, servers, "north-sail.net", ServiceStatus.ERROR, before(minutes=9), ends=5, failed=True)
        _tickets()
        _certificates(servers)
        Worker.create(
            host="mgmt01",
            boot_id="b",
            pid=4711,
            process_start="1",
            started_at=before(hours=5),
            beat_at=before(seconds=3),
        )


def _fleet() -> dict[str, Server]:
    group = Group.create(name="eu", created_at=before(days=40))
    plan: tuple[tuple[str, list[str], Driver, dict[str, Any]], ...] = (
        ("web01", ["web"], Driver.HESTIA, {"cpu_percent": 12.4, "ram_percent": 51.7, "disk_percent": 47.0}),
        ("web02", ["web"], Driver.HESTIA, {"cpu_percent": 3.1, "ram_percent": 41.7, "disk_percent": 91.2}),
        ("mx01", ["mail"], Driver.HESTIA, {"cpu_percent": 2.0, "ram_percent": 63.0, "disk_percent": 16.0}),
        ("mx02", ["mail"], Driver.HESTIA, {}),
        ("ns1", ["dns"], Driver.HESTIA, {"cpu_percent": 1.0, "ram_percent": 22.0, "disk_percent": 9.0}),
        ("ns2", ["dns"], Driver.POWERDNS, {"cpu_percent": 0.7, "ram_percent": 18.0, "disk_percent": 7.0}),
    )
    servers = {}
    for number, (name, able, driver, figures) in enumerate(plan, 10):
        down = not figures
        facts = figures | {"load_percent": 6.0, "users": 3, "domains": 4, "services_up": 14, "services_total": 14}
        facts |= {"panel_version": "1.9.6" if driver is Driver.HESTIA else "4.9.1", "os": "Debian 12"}
        servers[name] = Server.create(
            uuid=f"u-{name}", name=name, hostname=f"{name}.example.net", ip=f"192.0.2.{number}", driver=driver,
            web="web" in able, mail="mail" in able, dns="dns" in able, group=None if "dns" in able else group,
            max_accounts=100 if name == "web02" else 0, accounts=3 if "dns" not in able else 0,
            host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ",
            credential="sealed", health=HealthState.ERROR if down else HealthState.OK,
            health_error="mx02: no answer on port 22 within 10 s" if down else None,
            health_facts={} if down else facts, collected_at=before(minutes=4), created_at=before(days=30),
        )  # fmt: skip
    for name in ("ns1", "ns2"):
        GroupDns.create(group=group, server=servers[name])
    return servers


def _product(servers: dict[str, Server]) -> Product:
    group = servers["web01"].group
    return Product.create(
        name="basic", group=group, mode=Mode.SPLIT, roles=ROLES, limits={"web_disk_quota": "5120"},
        created_at=before(days=30),
    )  # fmt: skip


def _service(
    product: Product, servers: dict[str, Server], domain: str, status: ServiceStatus, at: datetime, *, ends: int,
    running: int = 0, failed: bool = False,
) -> None:  # fmt: skip
    number = Service.select().count() + 1
    user = domain.replace(".", "-")[:14]
    limits = resolve_limits({"web_disk_quota": "5120"}, {"mail_accounts": "25"} if number == 1 else {})
    row = Service.create(
        domain=domain, product=product, mode=Mode.SPLIT, roles=ROLES, limits=dict(limits.values),
        origin=dict(limits.origin), email=f"owner@{domain}", status=status, created_at=at,
        error="mail.addDomain on mx01: domain exists, owned by user 'olduser' (E_EXISTS)" if failed else None,
        why=["web01: fewest accounts of 2 active web servers", "mx01: the only mail server that answers"],
    )  # fmt: skip
    place = {"web": servers["web01"], "mail": servers["mx01"], "ns1": servers["ns1"], "ns2": servers["ns2"]}
    for role, server in (("web", "web"), ("mail", "mail"), ("dns", "ns1")):
        Account.create(
            service=row, server=place[server], roles=[role], username=f"{user}-{role}", nonce="n", slot=role != "dns"
        )
    run = Run.create(kind=RunKind.DEPLOY, service=row, created_at=at)
    Service.update(run=run.id).where(Service.id == row.id).execute()
    _zone(row, domain, place, status)
    _tasks(row, run, domain, user, place, at, ends, running, failed)


def _certificates(servers: dict[str, Server]) -> None:
    """One of each mood: right, failing, frozen, and not ready."""
    refused = "mx01: v-add-letsencrypt-domain: Let's Encrypt finalize bad status 403 (exit 15, a service it needs "
    not_ours = "waiting for DNS: in public baltic-tea.eu resolves to 203.0.113.80, not to 192.0.2.10"
    shut = (
        "web01: Hestia reported a certificate for north-sail.net, but it is not installed (SSL is off, valid until -); "
        "its log on the node says why: /var/log/hestia/LE-north-sail-net-web-north-sail.net*"
    )
    rows: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("customer.com", "web", "active", {"not_after": before(days=-77, hours=-3), "checked_at": before(hours=2)}),
        ("customer.com", "mail", "failing", {"failures": 3, "reason": f"{refused}could not be reached)",
                                             "next_try": before(minutes=-48)}),
        ("baltic-tea.eu", "web", "waiting", {"reason": not_ours, "next_try": before(minutes=-9)}),
        ("baltic-tea.eu", "mail", "waiting", {}),
        ("north-sail.net", "web", "frozen", {"failures": 12, "reason": shut}),
        ("north-sail.net", "mail", "waiting", {}),
    )  # fmt: skip
    for domain, kind, state, more in rows:
        hosts = [domain, f"www.{domain}"] if kind == "web" else [f"mail.{domain}", f"webmail.{domain}"]
        server = servers["web01" if kind == "web" else "mx01"]
        issuer = "C = US, O = Let's Encrypt, CN = R11" if state == "active" else None
        service = Service.get(Service.domain == domain)
        Certificate.create(service=service, kind=kind, server=server, hosts=hosts, state=state, issuer=issuer, **more)
        if state in ("active", "frozen"):
            account = f"web01/{domain.replace('.', '-')[:14]}-web"
            AcmeOrder.create(
                account=account, registered=domain, hosts=",".join(hosts), at=before(hours=20), issued=True
            )


def _zone(row: Service, domain: str, place: dict[str, Server], status: ServiceStatus) -> None:
    zone = Zone.create(service=row, name=domain)
    records: tuple[tuple[str, str, str, int | None], ...] = (
        ("@", "A", "192.0.2.10", None), ("www", "CNAME", f"{domain}.", None), ("@", "MX", "mx01.example.net.", 10),
        ("@", "NS", "ns1.example.net.", None), ("@", "NS", "ns2.example.net.", None),
        ("@", "TXT", "v=spf1 a mx ip4:192.0.2.12 -all", None),
    )  # fmt: skip
    for name, kind, value, priority in records:
        Record.create(zone=zone, name=name, type=kind, value=value, priority=priority, ttl=14400)
    if status is ServiceStatus.ACTIVE:
        for key in ("ns1", "ns2"):
            ZoneDeploy.create(
                zone=zone, server=place[key], serial="2026031401", deployed_at=before(hours=2, minutes=58)
            )


def _tasks(
    row: Service, run: Run, domain: str, user: str, place: dict[str, Server], at: datetime, ends: int, running: int,
    failed: bool,
) -> None:  # fmt: skip
    previous: Task | None = None
    clock = at + timedelta(seconds=1)
    for index, (action, target, where, seconds) in enumerate(STEPS):
        status = TaskStatus.SUCCESS if index < ends else TaskStatus.WAITING
        if ends <= index < ends + running:
            status = TaskStatus.RUNNING
        if failed and index == ends:
            status = TaskStatus.FAILED
        started = status in (TaskStatus.SUCCESS, TaskStatus.RUNNING, TaskStatus.FAILED)
        finished = status in (TaskStatus.SUCCESS, TaskStatus.FAILED)
        task = Task.create(
            run=run, service=row, server=place[where], action=action,
            target=target.format(n=row.id, user=user, domain=domain), follow_up=action == "ssl.seed", status=status,
            attempts=(3 if status is TaskStatus.FAILED else 1) if started else 0, created_at=at,
            started_at=clock if started else None, finished_at=clock + timedelta(seconds=seconds) if finished else None,
            lane=f"dns@{where}" if where.startswith("ns") else None,
            error="mx01: domain exists, owned by user 'olduser' (E_EXISTS)" if status is TaskStatus.FAILED else None,
        )  # fmt: skip
        if previous is not None and status is TaskStatus.WAITING:
            TaskAfter.create(task=task, needs=previous)
        if started:
            _log(task, clock, domain)
        previous = task
        clock += timedelta(seconds=seconds)


def _log(task: Task, at: datetime, domain: str) -> None:
    failed = task.status is TaskStatus.FAILED
    lines = [
        (Stream.NOTE, f"looking at {task.server.name}: nothing there yet"),
        (Stream.COMMAND, f"v-{task.action.split('.')[1].lower()} {task.target} ••••••••"),
        (Stream.STDOUT, f"reading the configuration of {domain}"),
    ]
    if failed:
        lines += [(Stream.STDERR, f"Error: {domain} exists"), (Stream.NOTE, "exit 4: E_EXISTS, 3 of 3 tries spent")]
    elif task.status is TaskStatus.SUCCESS:
        lines.append((Stream.NOTE, "looked again: nothing is left to do"))
    for seq, (stream, text) in enumerate(lines, 1):
        TaskLog.create(
            task=task,
            seq=seq,
            attempt=task.attempts,
            at=at + timedelta(milliseconds=350 * seq),
            stream=stream,
            text=text,
        )


def _tickets() -> None:
    """An open one about the failed task of the third service, and one that has closed by itself."""
    failed = Task.get(Task.status == TaskStatus.FAILED)
    seeded = Task.get(Task.service == 1, Task.action == "ssl.seed")
    plan: tuple[tuple[Task, str, datetime, tuple[str, ...], datetime | None], ...] = (
        (seeded, "Installing SSL certificate failed: customer.com on web01", before(hours=2, minutes=50),
         ("customer.com does not resolve to 192.0.2.10 yet; waited since 2026-03-14 18:12 UTC",), before(hours=2)),
        (failed, "Configuring mail hosting failed: north-sail.net on mx01", before(minutes=8),
         ("failed after 3 attempts: mx01: domain exists, owned by user 'olduser' (E_EXISTS)",) * 2, None),
    )  # fmt: skip
    for task, title, at, failures, closed in plan:
        ticket = Ticket.create(
            incident=f"service:{task.service_id} {task.action}@{task.server.name}", title=title, service=task.service,
            server=task.server, failures=len(failures), opened_at=at, status="closed" if closed else "open",
            closed_at=closed, closed_by="hostdeck" if closed else None,
        )  # fmt: skip
        for minute, text in enumerate(failures):
            TicketEntry.create(ticket=ticket, at=at + timedelta(minutes=5 * minute), task=task.id, text=text)
        if closed:
            text = f"task #{task.id} went well: Installing SSL certificate"
            TicketEntry.create(ticket=ticket, at=closed, task=task.id, text=text)


def items() -> None:
    """What is inside customer.com, with one thing of each mood; its tasks come after all others."""
    with transaction():
        service = Service.get(Service.domain == "customer.com")
        web, mail = Server.get(Server.name == "web01"), Server.get(Server.name == "mx01")
        refused = "web01: v-add-database: the server of type pgsql has no answer (exit 15, E_CONNECT)"
        rows: tuple[tuple[str, str, Server, str, dict[str, Any], dict[str, Any], float], ...] = (
            ("mailbox", "info", mail, "active", {"quota": "500", "keep": True}, {"used_mb": 12}, 50),
            ("mailbox", "sales", mail, "active", {
                "quota": "unlimited", "forwards": ["anna@baltic-tea.eu", "ben@north-sail.net"], "keep": False,
            }, {"used_mb": 2400}, 49),
            ("mailbox", "old", mail, "active", {"quota": "100", "suspended": True}, {}, 30),
            ("database", "shop", web, "active", {"user": "shop", "engine": "mysql", "charset": "utf8mb4"}, {}, 48),
            ("database", "geo", web, "error", {"user": "geo", "engine": "pgsql", "charset": "utf8"}, {}, 2),
            ("ftp", "deploy", web, "active", {"path": "/public_html"}, {}, 40),
            ("cron", "*/5 * * * * php public_html/cron.php --quiet", web, "active", {
                "schedule": "*/5 * * * *", "command": "php public_html/cron.php --quiet",
            }, {}, 40),
            ("cron", "0 3 * * 1 sh weekly.sh > /dev/null 2>&1", web, "pending", {
                "schedule": "0 3 * * 1", "command": "sh weekly.sh > /dev/null 2>&1",
            }, {}, 0.05),
            ("backup", "2026-03-13_05-10-02", web, "active", {"role": "web", "since": 0}, {
                "size_mb": 310, "contents": ["web", "dns", "db", "cron"], "archive": "customer-com-web.2026-03-13.tar",
            }, 40),
            ("backup", "2026-03-14_05-10-02", web, "active", {"role": "web", "since": 0}, {"size_mb": 312}, 16),
            ("website", "customer.com", web, "active", {
                "php": "8.3", "aliases": ["www.customer.com", "shop.customer.com"], "force_https": True,
            }, {}, 20),
        )  # fmt: skip
        run = Run.create(kind=RunKind.ITEM, service=service)
        for kind, name, server, status, wanted, known, hours in rows:
            failed, at = status == "error", before(hours=hours)
            made = Item.create(
                service=service, server=server, kind=kind, name=name, status=status, wanted=wanted, known=known,
                error=refused if failed else None, created_at=at, ours=True,
            )  # fmt: skip
            if status == "active":
                continue
            task = Task.create(
                run=run, service=service, server=server, action=KINDS[ItemKind(kind)].add, target=f"{kind} #{made.id}",
                status="failed" if failed else "queued", attempts=3 if failed else 0, error=made.error, created_at=at,
                started_at=at if failed else None, finished_at=at if failed else None,
            )  # fmt: skip
            Item.update(task=task.id).where(Item.id == made.id).execute()


def write_lines(task_id: int, count: int, text: str = "line {n}") -> None:
    """More lines at the end of a log, as a worker's batch."""
    with transaction():
        last = TaskLog.select().where(TaskLog.task == task_id).count()
        rows = [
            {"task": task_id, "seq": n, "attempt": 1, "at": NOW, "stream": Stream.STDOUT, "text": text.format(n=n)}
            for n in range(last + 1, last + 1 + count)
        ]
        for start in range(0, len(rows), 100):
            TaskLog.insert_many(rows[start : start + 100]).execute()


def usage() -> None:
    """What the three services use, as read two minutes ago, and a web tier that has grown for ten days."""
    read: dict[str, dict[str, int]] = {
        "customer.com": {
            "web_disk_quota": 640, "web_bandwidth": 3584, "web_databases": 9, "web_ftp_accounts": 2,
            "web_cron_jobs": 1, "web_backups": 3, "mail_disk_quota": 730, "mail_accounts": 18, "mail_backups": 1,
        },
        "baltic-tea.eu": {
            "web_disk_quota": 4915, "web_bandwidth": 120, "web_databases": 1, "mail_disk_quota": 12,
        },
        "north-sail.net": {"web_disk_quota": 18, "web_bandwidth": 4},
    }  # fmt: skip
    with transaction():
        for domain, figures in read.items():
            service = Service.get(Service.domain == domain)
            for key, used in figures.items():
                Usage.create(service=service, key=key, used=used, at=before(minutes=2))
        for name, rate in (("web01", 2), ("web02", 1)):
            server = Server.get(Server.name == name)
            Server.update(max_accounts=100, accounts=10 + 9 * rate).where(Server.id == server.id).execute()
            for day in range(10):
                CapacityDay.create(
                    server=server, day=f"{before(days=9 - day):%Y-%m-%d}", accounts=10 + day * rate, max_accounts=100,
                    disk_used_mb=20_000 + 500 * day * rate, disk_total_mb=80_000,
                )  # fmt: skip
