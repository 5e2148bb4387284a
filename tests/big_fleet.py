"""A home as large as they get: 1,000 servers, 10,000 services, 100,000 tasks, 1,000,000 log lines. The database fills
it itself, out of one row of each: through Python it would take a minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostdeck.core.domain.vocabulary import Driver, Mode, Role, RunKind, ServiceStatus, Stream, TaskStatus
from hostdeck.core.settings import Settings
from hostdeck.core.store.base import database
from hostdeck.core.store.db import close_store, connection, transaction
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import Account, Product, Run, Service, Task, TaskLog

SERVERS, SERVICES, TASKS, LINES = 1_000, 10_000, 100_000, 1_000_000
EACH = TASKS // SERVICES
BORN = datetime(2026, 3, 8, tzinfo=UTC)
ACTIONS = ("web.createPackage", "web.createUser", "web.addDomain", "mail.addDomain", "dns.deployZone")


def make(home: Path) -> None:
    """Every 50th service is in error, every 500th task has failed, and the newest task has all the log's lines."""
    home.chmod(0o700)
    make_home(Settings(home=home))
    with connection(), transaction():
        _fleet()
        _work()
    with connection():
        database.execute_sql("ANALYZE")
    close_store()


def _multiply(model: Any, first: int, last: int, **columns: str) -> None:
    """Rows `first` to `last` like the model's only one; `i` in an expression is the row's number."""
    names = [field.column_name for field in model._meta.sorted_fields]
    taken = [columns.get(name, f"one.{name}") for name in names]
    database.execute_sql(
        f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
        f'INSERT INTO "{model._meta.table_name}" ({", ".join(names)}) '
        f'SELECT {", ".join(taken)} FROM n, (SELECT * FROM "{model._meta.table_name}" LIMIT 1) AS one'
    )


def _fleet() -> None:
    group = Group.create(name="eu")
    Server.create(
        uuid="uuid-1", name="web0001", hostname="web0001.example.net", ip="198.18.0.1", driver=Driver.HESTIA,
        host_key="", credential="", group=group, web=True, created_at=BORN,
    )  # fmt: skip
    _multiply(
        Server, 2, SERVERS, id="i", uuid="'uuid-' || i", name="printf('web%04d', i)",
        hostname="printf('web%04d.example.net', i)", ip="'198.18.' || (i / 250) || '.' || (i % 250 + 1)",
    )  # fmt: skip


def _work() -> None:
    product = Product.create(name="basic", group=1, mode=Mode.SPLIT, roles=[Role.WEB], limits={})
    Service.create(
        domain="shop00001.example.com", product=product, mode=Mode.SPLIT, roles=[Role.WEB], created_at=BORN,
        status=ServiceStatus.ACTIVE, run=1,
    )  # fmt: skip
    hour = "datetime('2026-03-08', '+' || {} || ' minutes')"
    _multiply(
        Service, 2, SERVICES, id="i", domain="printf('shop%05d.example.com', i)", run="i",
        status="CASE i % 50 WHEN 0 THEN 'error' ELSE 'active' END", created_at=hour.format("i"),
    )  # fmt: skip
    Run.create(kind=RunKind.DEPLOY, service=1, created_at=BORN)
    _multiply(Run, 2, SERVICES, id="i", service_id="i", created_at=hour.format("i"))
    Account.create(service=1, server=1, username="u1", nonce="n", roles=[Role.WEB])
    _multiply(Account, 2, SERVICES, id="i", service_id="i", server_id=f"i % {SERVERS} + 1", username="'u' || i")
    Task.create(
        run=1, service=1, server=1, action=ACTIONS[0], target="shop00001.example.com 0", status=TaskStatus.SUCCESS,
        attempts=1, created_at=BORN, started_at=BORN, finished_at=BORN + timedelta(seconds=7),
    )  # fmt: skip
    mine = f"((i - 1) / {EACH} + 1)"
    action = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(ACTIONS))
    _multiply(
        Task, 2, TASKS, id="i", run_id=mine, service_id=mine, server_id=f"{mine} % {SERVERS} + 1",
        action=f"CASE i % {len(ACTIONS)} {action} END", target=f"printf('shop%05d.example.com %d', {mine}, i % {EACH})",
        status="CASE i % 500 WHEN 0 THEN 'failed' ELSE 'success' END",
        error="CASE i % 500 WHEN 0 THEN 'web: E_EXISTS' END",
        created_at=hour.format(mine), started_at=hour.format(mine), finished_at=hour.format(mine),
    )  # fmt: skip
    TaskLog.create(task=TASKS, seq=1, attempt=1, at=BORN, stream=Stream.COMMAND, text="v-backup-user u1")
    _multiply(TaskLog, 2, LINES, seq="i", stream="'stdout'", text="'line ' || i || ' of a long night'")
