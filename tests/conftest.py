"""Fixtures everybody shares: a store on SQLite or PostgreSQL, and a small named fleet in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from tests.postgres import binaries, start_postgres

from hostdeck.core.domain.vocabulary import Driver, Mode, Role
from hostdeck.core.intents.base import Door
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store.base import database
from hostdeck.core.store.db import close_store, connection
from hostdeck.core.store.fleet_models import Group, GroupDns, Server
from hostdeck.core.store.home import make_home
from hostdeck.core.store.work_models import Product

# How fast examples are made says more of what else the machine does than of a test.
hypothesis_settings.register_profile("beside others", suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("beside others")

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKvT2wq7Rr4mFZ0CkLJ0bG4Jw0vS0b7mQ0Jm6mO3bQ1k"


@pytest.fixture(autouse=True)
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine's environment names, a test's worker writes to nobody outside."""
    monkeypatch.delenv("HOSTDECK_NOTIFY", raising=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    found = binaries()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL on this machine; CI installs Debian's package 'postgresql'")
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql): these tests ran on SQLite only")
    with start_postgres(found) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A database of this test's own."""
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")
    return f"{postgres_server}/{name}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "home", environ={})


@pytest.fixture
def store(settings: Settings) -> Iterator[Settings]:
    """A migrated SQLite store, connected on this thread."""
    make_home(settings)
    with connection():
        yield settings
    close_store()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A migrated store on each database, not connected."""
    flags = {}
    if request.param == "postgresql":
        flags["database_url"] = request.getfixturevalue("postgres_url")
    settings = load_settings(tmp_path / "home", flags, environ={})
    make_home(settings)
    yield settings
    close_store()
    assert database.is_closed()


@pytest.fixture
def any_store(any_home: Settings) -> Iterator[Settings]:
    """The same, connected on this thread."""
    with connection():
        yield any_home


@pytest.fixture
def door() -> Door:
    return Door("tester", reserved_ok=True)


def add_server(name: str, *roles: Role, group: Group | None = None, **values: object) -> Server:
    """A server's row, without the checks and the sealing of the intent."""
    number = Server.select().count() + 10
    defaults: dict[str, object] = {
        "uuid": str(uuid.uuid4()),
        "hostname": f"{name}.fleet.example.net",
        "ip": f"203.0.113.{number}",
        "driver": Driver.HESTIA,
        "host_key": HOST_KEY,
        "credential": "",
        "group": group,
    }
    return Server.create(name=name, **{role.value: True for role in roles}, **(defaults | values))


def add_fleet() -> Group:
    """Two nodes a tier in group `eu`, both nameservers attached, and the Split product `basic`."""
    group = Group.create(name="eu")
    for tier, role in (("web", Role.WEB), ("mx", Role.MAIL), ("ns", Role.DNS)):
        for number in (1, 2):
            server = add_server(f"{tier}0{number}", role, group=group if role is not Role.DNS else None)
            if role is Role.DNS:
                GroupDns.create(group=group, server=server)
    Product.create(name="basic", group=group, mode=Mode.SPLIT, roles=list(Role), limits={})
    return group
