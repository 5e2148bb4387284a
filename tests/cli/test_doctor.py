"""`hostdeck doctor` on homes that are well, broken, and not there."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dns.message
import dns.query
import dns.zone
import pytest
from tests.cli import seed
from tests.cli.conftest import Call
from tests.nameserver import _answer, free_udp_port, nameserver
from tests.simfleet import client_key, public_key, sim_fleet
from tests.workers import worker

from hostdeck.core.domain.vocabulary import Mode, Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.powerdns.zonefile import zone_lines
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import add_server
from hostdeck.core.intents.forms import ServerForm
from hostdeck.core.settings import load_settings
from hostdeck.core.store.db import close_store, connection, open_store
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Audit, Server
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.work_models import Product, Service, Zone, ZoneDeploy

pytestmark = pytest.mark.timeout(60)
ZONE = "one.example.com"
RECORDS = (ZoneRecord("@", "NS", "ns1.example.net."), ZoneRecord("@", "A", "192.0.2.1"))  # type: ignore[arg-type]

Found = dict[str, dict[str, str]]
Examine = Callable[..., tuple[int, Found]]


@pytest.fixture
def examine(call: Call, monkeypatch: pytest.MonkeyPatch) -> Examine:
    monkeypatch.setenv("HOSTDECK_DNS_PORT", "1")

    def examined(*argv: str) -> tuple[int, Found]:
        said = call("doctor", *argv, "--json")
        rows = json.loads(said.out)
        assert all(set(row) == {"check", "state", "text", "mend"} for row in rows)
        assert all(bool(row["mend"]) == (row["state"] != "ok") for row in rows)
        return said.code, {row["check"]: row for row in rows}

    return examined


def well(home: Path) -> None:
    """A worker of this process, servers that answer, and no nameserver."""
    with connection():
        Server.update(status="disabled").where(Server.dns).execute()
        Server.update(health="ok", health_error=None, collected_at=utcnow()).execute()
        register_worker()


def test_a_home_that_is_well_is_all_well(examine: Examine, call: Call, home: Path) -> None:
    well(home)
    code, found = examine()
    assert code == 0, found
    assert {"home", "settings", "disk", "terminal", "database", "worker key", "queue", "worker", "clock"} < set(found)
    assert f"pid {os.getpid()}" in found["worker"]["text"]
    said = call("doctor")
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("all well: ")


def test_a_home_that_is_not_there_is_said_with_its_mend(examine: Examine, tmp_path: Path) -> None:
    code, found = examine("--home", str(tmp_path / "nowhere"))
    assert code == 1
    assert found["home"]["state"] == "failed"
    assert "init" in found["home"]["mend"]
    assert not (tmp_path / "nowhere").exists()


def test_an_open_home_is_a_failed_check_and_no_exit_77(examine: Examine, home: Path) -> None:
    home.chmod(0o755)
    code, found = examine()
    assert code == 1
    assert found["home"]["mend"] == f"run: chmod 700 {home}"


def test_a_damaged_database_is_a_failed_check_and_no_exit_78(examine: Examine, home: Path) -> None:
    close_store()
    for file in home.glob("hostdeck.db*"):
        file.unlink()
    (home / "hostdeck.db").write_bytes(b"not a database, whatever it once was" * 100)
    (home / "hostdeck.db").chmod(0o600)
    code, found = examine()
    assert (code, found["database"]["state"]) == (1, "failed")
    assert (home / "hostdeck.db").read_bytes().startswith(b"not a database")


def test_a_page_that_was_overwritten_is_found(examine: Examine, home: Path) -> None:
    with connection():
        seed.service(ZONE, ServiceStatus.ACTIVE, [TaskStatus.SUCCESS] * 5)
        for number in range(1, 6):
            seed.lines(number, 400, "x" * 100)
    close_store()
    with connection():
        from hostdeck.core.store.base import database

        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = home / "hostdeck.db"
    raw = bytearray(path.read_bytes())
    for page in range(len(raw) // 4096 - 40, len(raw) // 4096):
        raw[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    code, found = examine()
    assert (code, found["database"]["state"]) == (1, "failed")


@pytest.mark.parametrize("damage", ["missing", "open", "empty", "another"])
def test_a_key_that_can_not_be_right_is_said(examine: Examine, home: Path, tmp_path: Path, damage: str) -> None:
    key = home / "worker.key"
    if damage == "another":
        seed.make(tmp_path / "other")
        key.write_bytes((tmp_path / "other" / "worker.key").read_bytes())
        close_store()
        open_store(load_settings(home))
    else:
        {"missing": key.unlink, "open": lambda: key.chmod(0o644), "empty": lambda: key.write_bytes(b"")}[damage]()
    code, found = examine()
    assert (code, found["worker key"]["state"]) == (1, "failed")


def test_settings_that_can_not_be_read_are_the_only_thing_said(examine: Examine, home: Path) -> None:
    (home / "hostdeck.toml").write_text("workers = [")
    code, found = examine()
    assert (code, found["settings"]["state"]) == (1, "failed")
    assert str(home / "hostdeck.toml") in found["settings"]["mend"]


def test_a_home_of_somebody_else_is_a_failed_check_and_no_crash(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("hostdeck.core.settings.load_settings", closed)
    code, found = examine()
    assert (code, "Permission denied" in found["settings"]["text"]) == (1, True)


def test_a_queue_that_is_no_database_is_said(examine: Examine, home: Path) -> None:
    (home / "queue.db").write_bytes(b"x" * 5000)
    (home / "queue.db").chmod(0o600)
    assert examine()[1]["queue"]["state"] == "failed"


def test_no_worker_is_a_failure_with_the_command_that_starts_one(examine: Examine, home: Path) -> None:
    with connection():
        seed.worker(utcnow() - timedelta(minutes=5))
    code, found = examine()
    assert code == 1
    assert found["worker"]["text"].startswith("DOWN: pid 7 on mgmt last beat 5 minutes ago")
    assert "worker" in found["worker"]["mend"]


def test_a_time_in_the_future_is_found(examine: Examine, home: Path) -> None:
    with connection():
        Audit.create(actor="a", intent="b", object="c", at=utcnow() + timedelta(hours=2))
    assert examine()[1]["clock"]["state"] == "failed"


def test_each_server_is_judged(examine: Examine, home: Path) -> None:
    found = examine()[1]
    assert found["server mx01"]["text"] == "ssh: refused"
    assert found["server pdns1"]["state"] == "warn"


# ---------------------------------------------------------------------------------------------------------- nameservers


@contextmanager
def over_tcp(ip: str, port: int, zone: str, records: tuple[ZoneRecord, ...]) -> Iterator[None]:
    text = "\n".join(zone_lines(zone, records, 1)) + "\n"
    held = dns.zone.from_text(text, zone, relativize=False, check_origin=False)
    door = socket.create_server((ip, port))
    door.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                link, _ = door.accept()
            except TimeoutError:
                continue
            with link:
                query, _ = dns.query.receive_tcp(link)
                dns.query.send_tcp(link, _answer(held, query))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)
        door.close()


def with_zone(ip: str) -> None:
    """ns1 at this address should hold the zone."""
    with connection():
        Server.update(status="disabled").where(Server.name == "pdns1").execute()
        ns1 = Server.get(Server.name == "ns1")
        Server.update(ip=ip).where(Server.id == ns1.id).execute()
        service = Service.create(
            domain=ZONE, product=Product.get(), mode=Mode.SPLIT, roles=["dns"], status=ServiceStatus.ACTIVE
        )
        zone = Zone.create(service=service, name=ZONE)
        ZoneDeploy.create(zone=zone, server=ns1, serial="1", deployed_at=utcnow())


@pytest.mark.parametrize(
    ("zone", "tcp", "state", "word"),
    [(ZONE, True, "ok", "over UDP and TCP"), (ZONE, False, "failed", "TCP: no answer"),
     ("other.example", True, "failed", "UDP: not authoritative")],
)  # fmt: skip
def test_a_nameserver_is_asked_over_udp_and_tcp_for_a_zone_it_should_hold(
    examine: Examine, monkeypatch: pytest.MonkeyPatch, zone: str, tcp: bool, state: str, word: str
) -> None:
    ip, port = "127.0.0.21", free_udp_port()
    monkeypatch.setenv("HOSTDECK_DNS_PORT", str(port))
    with_zone(ip)
    with nameserver(ip, port, zone, RECORDS):
        if tcp:
            with over_tcp(ip, port, zone, RECORDS):
                found = examine()[1]["nameserver ns1"]
        else:
            found = examine()[1]["nameserver ns1"]
    assert found["state"] == state
    assert word in found["text"]


# ----------------------------------------------------------------------------------------------------------------- live


def test_live_has_every_server_looked_at_now(examine: Examine, home: Path) -> None:
    well(home)
    settings = load_settings(home)
    with sim_fleet(("web09",)) as fleet, worker(settings):
        with connection():
            Server.update(status="disabled").execute()
            node = fleet["web09"]
            form = ServerForm(
                name="web09", host="127.0.0.1", ip="127.0.0.1", ssh_port=str(node.port), capabilities=(Role.WEB,),
                host_key=public_key(node), key=client_key(), group="eu",
            )  # fmt: skip
            add_server(Door("tester"), form)
        assert examine()[1]["server web09"]["state"] == "warn"
        assert examine("--live")[1]["server web09"]["state"] == "ok"


def test_live_without_a_worker_says_so(examine: Examine) -> None:
    code, found = examine("--live")
    assert (code, found["live"]["state"]) == (1, "failed")


def test_live_is_refused_where_nothing_may_be_changed(call: Call) -> None:
    assert call("--read-only", "doctor", "--live").code == 4
