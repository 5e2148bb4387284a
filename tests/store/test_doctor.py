"""The doctor's look at a database, on each kind of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cli import seed

from hostdeck.core.domain.doctor import State
from hostdeck.core.domain.vocabulary import BreakerKind, ServiceStatus, TaskStatus
from hostdeck.core.queries.doctor import rows
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import is_postgres
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import Breaker
from hostdeck.core.store.fleet_models import Audit, Server
from hostdeck.tui.examination import examine


def test_a_database_that_is_well_says_what_it_is(any_store: Settings) -> None:
    Server.delete().execute()
    found = {check.check: check for check in examine(any_store, bound=True)}
    for name in ("home", "database", "worker key", "queue", "clock"):
        assert found[name].state is State.OK, found[name]
    assert ("PostgreSQL" in found["database"].text) == is_postgres()
    assert "fits the database" in found["worker key"].text


def test_the_rows_say_who_beats_what_waits_and_what_is_youngest(any_store: Settings) -> None:
    seed.fleet()
    seed.service("one.example.com", ServiceStatus.ACTIVE, [TaskStatus.SUCCESS, TaskStatus.QUEUED])
    seed.worker(utcnow())
    late = datetime(2099, 1, 1, tzinfo=UTC)
    Audit.create(actor="a", intent="b", object="c", at=late)
    Breaker.create(server=Server.get(Server.name == "web01"), kind=BreakerKind.LOGIN, first_at=utcnow(),
                   opened_at=utcnow(), reason="it refuses our key")  # fmt: skip
    found = rows()
    assert [(beat.host, beat.alive) for beat in found.beats] == [("mgmt", True)]
    assert (found.waiting, found.newest) == (1, late)
    assert {node.name: node.breaker for node in found.nodes}["web01"] == "it refuses our key"
    assert [(row.name, row.zone) for row in found.nameservers] == [("ns1", "one.example.com"), ("pdns1", None)]
    assert {node.name: node.age is None for node in found.nodes} == {
        "mx01": False, "ns1": True, "pdns1": True, "web01": False,
    }  # fmt: skip


def test_an_empty_database_has_no_youngest_time(any_store: Settings) -> None:
    assert rows().newest is None
    assert rows(now=utcnow() + timedelta(hours=1)).beats == ()
