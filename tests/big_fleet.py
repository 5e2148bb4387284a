"""A home as large as they get: 1,000 servers, 10,000 services, 100,000 tasks, 1,000,000 log lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostdeck.core.domain.vocabulary import Driver, Mode, Role
from hostdeck.core.settings import Settings
from hostdeck.core.store.base import database
from hostdeck.core.store.db import close_store, connection, transaction
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import Account, Product, Run, Service, Task

SERVERS, SERVICES, TASKS, LINES = 1_000, 10_000, 100_000, 1_000_000
NOW = datetime(2026, 3, 14, 21, 12, 45, tzinfo=UTC)
ACTIONS = ("web.createPackage", "web.createUser", "web.addDomain", "mail.addDomain", "dns.deployZone")
CHUNK = 500


def _put(model: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        model.insert_many(rows[start : start + CHUNK]).execute()


def make(home: Path, *, lines: int = LINES) -> None:
    """Fills the home; every 50th service is in error, every 500th task has failed, the newest has all the lines."""
    make_home(Settings(home=home))
    with connection(), transaction():
        _fleet()
        _services()
        _lines(lines)
    with connection():
        database.execute_sql("ANALYZE")
    close_store()


def _fleet() -> None:
    group = Group.create(name="eu")
    Product.create(name="basic", group=group, mode=Mode.SPLIT, roles=[Role.WEB], limits={})
    shared = {"driver": Driver.HESTIA, "host_key": "", "credential": "", "group": group.id, "web": True}
    _put(
        Server,
        [
            shared
            | {
                "uuid": f"uuid-{n}",
                "name": f"web{n:04}",
                "hostname": f"web{n:04}.example.net",
                "ip": f"198.18.{n // 250}.{n % 250 + 1}",
                "created_at": NOW,
            }
            for n in range(SERVERS)
        ],
    )


def _services() -> None:
    each = TASKS // SERVICES
    born = [NOW - timedelta(minutes=SERVICES - n) for n in range(SERVICES)]
    _put(
        Service,
        [
            {
                "domain": f"shop{n:05}.example.com",
                "product": 1,
                "mode": Mode.SPLIT,
                "roles": [Role.WEB],
                "status": "error" if n % 50 == 0 else "active",
                "run": n + 1,
                "created_at": born[n],
            }
            for n in range(SERVICES)
        ],
    )
    _put(Run, [{"kind": "deploy", "service": n + 1, "created_at": born[n]} for n in range(SERVICES)])
    _put(
        Account,
        [
            {"service": n + 1, "server": n % SERVERS + 1, "username": f"u{n}", "nonce": "n", "roles": [Role.WEB]}
            for n in range(SERVICES)
        ],
    )
    _put(
        Task,
        [
            {
                "run": n // each + 1,
                "service": n // each + 1,
                "server": n // each % SERVERS + 1,
                "action": ACTIONS[n % len(ACTIONS)],
                "target": f"shop{n // each:05}.example.com {n % each}",
                "status": "failed" if n % 500 == 0 else "success",
                "error": "web: E_EXISTS" if n % 500 == 0 else None,
                "attempts": 1,
                "created_at": born[n // each],
                "started_at": born[n // each],
                "finished_at": born[n // each] + timedelta(seconds=n % 40),
            }
            for n in range(TASKS)
        ],
    )


def _lines(count: int) -> None:
    """By the database itself: a million rows through Python would take a minute."""
    database.execute_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO task_log (task_id, seq, attempt, at, stream, text) "
        "SELECT ?, i, 1, ?, CASE i % 10 WHEN 1 THEN 'command' ELSE 'stdout' END, 'line ' || i || ' of a night' FROM n",
        (count, TASKS, NOW.replace(tzinfo=None).isoformat(" ")),
    )
