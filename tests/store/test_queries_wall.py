"""What the wall reads, on each database; and a reader that outlives a database that goes away."""

from __future__ import annotations

import asyncio
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from peewee import PeeweeException
from tests.conftest import add_fleet, add_server
from tests.postgres import binaries, start_postgres

from hostdeck.core.domain.vocabulary import HealthState, Mode, Role, RunKind, ServerStatus, ServiceStatus, TaskStatus
from hostdeck.core.queries import wall
from hostdeck.core.queries.reader import Reader
from hostdeck.core.queries.zones import zones
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.db import close_store, connection, open_store
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Group, Server, Setting
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import Product, Run, Service, Task, Zone, ZoneDeploy

NOW = datetime(2026, 3, 14, 21, 12, 45, tzinfo=UTC)
S = TaskStatus


def before(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


def add_service(domain: str, status: ServiceStatus = ServiceStatus.ACTIVE) -> tuple[Service, Run]:
    row = Service.create(domain=domain, product=Product.get(), mode=Mode.SPLIT, roles=list(Role), status=status)
    return row, Run.create(kind=RunKind.DEPLOY, service=row)


def test_a_server_is_no_ok_when_its_figures_are_old_and_none_is_counted_twice(any_store: Settings) -> None:
    disk = {"disk_percent": 95.0}
    healthy = {"health": HealthState.OK, "collected_at": before(minutes=4)}
    for name, values in {
        "fine": healthy,
        "full": healthy | {"health_facts": disk},
        "old": healthy | {"collected_at": before(minutes=11)},
        "new": {},
        "dead": healthy | {"health": HealthState.ERROR},
        "odd": healthy | {"status": ServerStatus.QUARANTINED},
        "shut": healthy | {"status": ServerStatus.DISABLED},
    }.items():
        add_server(name, Role.WEB, **values)
    found = wall.counts(now=NOW)
    assert found.servers == {"OK": 1, "UNKNOWN": 1, "OFF": 1, "STALE": 1, "WARN": 1, "DOWN": 2}
    assert found.figures_at == before(minutes=4)


def test_figures_that_nobody_asks_for_say_nothing_about_the_newest(any_store: Settings) -> None:
    add_server("shut", Role.WEB, status=ServerStatus.DISABLED, collected_at=before(minutes=1))
    assert wall.counts(now=NOW).figures_at is None


def test_services_are_counted_by_state_without_those_that_are_gone(any_store: Settings) -> None:
    add_fleet()
    for number, status in enumerate((ServiceStatus.ACTIVE,) * 2 + (ServiceStatus.ERROR, ServiceStatus.TERMINATED)):
        add_service(f"s{number}.example.com", status)
    assert wall.counts(now=NOW).services == {ServiceStatus.ACTIVE: 2, ServiceStatus.ERROR: 1}


def test_a_tiers_load_is_the_average_of_its_servers_in_ten_minutes_of_a_day(any_store: Settings) -> None:
    add_fleet()
    for name, at, load in (
        ("web01", before(minutes=3), 20), ("web02", before(minutes=4), 40), ("web01", before(hours=2), 90),
        ("web01", before(hours=25), 99), ("mx01", before(minutes=3), 7),
    ):  # fmt: skip
        HealthSample.create(server=Server.get(Server.name == name), at=at, load=load)
    web, mail, dns = wall.courses(now=NOW).load
    assert len(web.values) == 144
    assert {at: value for at, value in enumerate(web.values) if value is not None} == {131: 90.0, 142: 30.0}
    assert (web.role, web.servers, web.now, mail.now, dns.now) == (Role.WEB, 2, 30.0, 7.0, None)


def test_tasks_are_counted_in_five_minutes_of_a_day(any_store: Settings) -> None:
    add_fleet()
    service, run = add_service("one.example.com")
    for number, (status, at) in enumerate(
        ((S.SUCCESS, 1), (S.SKIPPED, 2), (S.FAILED, 1), (S.CANCELLED, 1), (S.SUCCESS, 5), (S.FAILED, 1500))
    ):
        Task.create(run=run, service=service, action="web.createUser", target=str(number), status=status,
                    finished_at=before(minutes=at))  # fmt: skip
    found = wall.courses(now=NOW)
    assert (found.done[-2:], sum(found.done), len(found.done)) == ((1, 2), 3, 288)
    assert (found.failed[-1], sum(found.failed)) == (1, 1)


def test_zones_are_counted_as_the_list_of_zones_says(any_store: Settings) -> None:
    add_fleet()
    nameservers = {row.name: row for row in Server.select().where(Server.dns == True)}  # noqa: E712  (SQL, not Python)
    plan = {
        "good": (S.SUCCESS, True), "stuck": (S.FAILED, True), "moving": (S.RUNNING, True), "fresh": (None, False),
        "mended": (S.FAILED, True), "gone": (S.FAILED, True), "halted": (S.CANCELLED, True),
    }  # fmt: skip
    for name, (status, deployed) in plan.items():
        ended = ServiceStatus.TERMINATED if name == "gone" else ServiceStatus.ACTIVE
        service, run = add_service(f"{name}.example.com", ended)
        zone = Zone.create(service=service, name=service.domain)
        for number, server in enumerate(nameservers.values()):
            ZoneDeploy.create(zone=zone, server=server, deployed_at=before(days=1) if deployed else None)
            tried = [status] if status and number == 0 else []
            for one in [*tried, *([S.SUCCESS] if name == "mended" and number == 0 else [])]:
                Task.create(run=run, service=service, server=server, action="dns.deployZone", target=service.domain,
                            status=one, edition=Task.select().count(), finished_at=before(minutes=5))  # fmt: skip
    found = wall.zones(now=NOW)
    listed = [(held.server, held.state) for row in zones() for held in row.servers]
    told = {"active", "deploying", "waiting", "failed"}
    assert {(row.server, state): getattr(row, state) for row in found.servers for state in told} == {
        (name, state): listed.count((name, state)) for name in nameservers for state in told
    }
    assert found.zones == 6
    assert [task.domain for task in found.failed] == ["stuck.example.com"]
    assert ("ns01", "active") in listed


def test_a_store_that_is_opened_read_only_takes_no_write(any_home: Settings) -> None:
    close_store()
    open_store(any_home, read_only=True)
    with connection():
        with pytest.raises(PeeweeException, match=r"read-?only"):
            Group.create(name="eu")
        assert Group.select().count() == 0


def names() -> list[str]:
    return [row.value for row in Setting.select().where(Setting.key == "retry.base")]


def test_the_reader_reads_the_file_that_is_there_now_and_nothing_else(tmp_path: Path) -> None:
    homes = [load_settings(tmp_path / name, environ={}) for name in ("a", "b")]
    for home, value in zip(homes, ("1", "2"), strict=True):
        make_home(home)
        with connection():
            Setting.create(key="retry.base", value=value)
    files = [home.home / "hostdeck.db" for home in homes]
    open_store(homes[0], read_only=True)
    close_store()
    reader = Reader()

    async def watch() -> None:
        assert await reader.read(names) == ["1"]
        seen = await reader.version()
        files[0].rename(tmp_path / "away")
        with pytest.raises(FileNotFoundError, match="is gone"):
            await reader.read(names)
        assert not files[0].exists()
        files[1].rename(files[0])
        assert await reader.read(names) == ["2"]
        assert await reader.version() != seen
        (tmp_path / "away").rename(files[0])
        assert await reader.read(names) == ["1"]

    asyncio.run(watch())
    reader.close()


@pytest.mark.timeout(120)
def test_the_reader_outlives_a_restart_of_postgresql(tmp_path: Path) -> None:
    found = binaries()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL on this machine; CI installs Debian's package 'postgresql'")
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql)")
    import psycopg

    with start_postgres(found) as url:
        with psycopg.connect(f"{url}/postgres", autocommit=True) as link:
            data = link.execute("SHOW data_directory").fetchone()[0]  # type: ignore[index]
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []

        def control(*words: str) -> None:
            done = subprocess.DEVNULL  # the server inherits it: a pipe would never end
            command = [*as_user, str(found / "pg_ctl"), "-D", data, "-w", "-l", f"{data}/../log", *words]
            subprocess.run(command, check=True, stdout=done, stderr=done, cwd=Path(data).parent)

        home = load_settings(tmp_path / "home", {"database_url": f"{url}/postgres"}, environ={})
        make_home(home)
        with connection():
            Setting.create(key="retry.base", value="1")
        close_store()
        open_store(home, read_only=True)
        close_store()
        reader = Reader()

        async def watch() -> None:
            assert await reader.read(names) == ["1"]
            control("-m", "fast", "stop")
            for _ in range(2):
                with pytest.raises(PeeweeException):
                    await reader.read(names)
            control("restart")
            assert await reader.read(names) == ["1"]

        asyncio.run(watch())
        reader.close()
