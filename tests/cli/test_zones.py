"""`hostdeck zone`, with nameservers on the loopback that really answer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.conftest import Call
from tests.nameserver import free_udp_port, nameserver

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.queries.zones import wanted, zone
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, ZoneDeploy

pytestmark = pytest.mark.timeout(30)
DOMAIN = "customer.com"
IPS = {"ns1": "127.0.0.9", "pdns1": "127.0.0.10"}


@pytest.fixture
def port(call: Call, home: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """An active service with a zone on two nameservers; the port they shall listen on."""
    free = free_udp_port()
    monkeypatch.setenv("HOSTDECK_DNS_PORT", str(free))
    assert call("service", "create", DOMAIN, "--product", "web-s").code == 0
    with connection():
        Task.update(status=TaskStatus.SUCCESS).execute()
        Service.update(status=ServiceStatus.ACTIVE).execute()
        ZoneDeploy.update(serial="5", deployed_at=utcnow()).execute()
        for name, ip in IPS.items():
            Server.update(ip=ip).where(Server.name == name).execute()
    return free


@pytest.fixture
def servers(port: int) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def records() -> tuple[ZoneRecord, ...]:
    with connection():
        return wanted(zone(DOMAIN))


def serve(stack: ExitStack, port: int, name: str, held: tuple[ZoneRecord, ...], serial: int = 5) -> None:
    stack.enter_context(nameserver(IPS[name], port, DOMAIN, held, serial))


def check(call: Call) -> tuple[int, dict[str, dict[str, object]]]:
    said = call("zone", "check", DOMAIN, "--json")
    return said.code, {verdict["server"]: verdict for verdict in json.loads(said.out)}


def test_nameservers_that_answer_as_wanted_pass(call: Call, port: int, servers: ExitStack) -> None:
    for name in IPS:
        serve(servers, port, name, records())
    code, found = check(call)
    assert code == 0, found
    assert {verdict["verdict"] for verdict in found.values()} == {"same"}


def test_the_record_that_differs_is_named_and_the_exit_code_is_1(call: Call, port: int, servers: ExitStack) -> None:
    serve(servers, port, "ns1", records())
    moved = tuple(
        dataclasses.replace(r, value="192.0.2.99") if (r.name, r.type) == ("@", "A") else r for r in records()
    )
    serve(servers, port, "pdns1", moved)
    code, found = check(call)
    assert code == 1
    assert found["ns1"]["verdict"] == "same"
    assert [(d["name"], d["type"]) for d in found["pdns1"]["differences"]] == [("@", "A")]  # type: ignore[attr-defined]
    said = call("zone", "check", DOMAIN)
    assert "192.0.2.99 (TTL 3600)" in said.out


def test_a_dead_nameserver_is_named_and_costs_the_others_nothing(call: Call, port: int, servers: ExitStack) -> None:
    serve(servers, port, "ns1", records())
    code, found = check(call)
    assert code == 1
    assert (found["ns1"]["verdict"], found["pdns1"]["verdict"]) == ("same", "silent")
    assert IPS["pdns1"] in str(found["pdns1"]["reason"])


def test_an_older_serial_than_it_had_is_stale(call: Call, port: int, servers: ExitStack) -> None:
    serve(servers, port, "ns1", records(), serial=4)
    serve(servers, port, "pdns1", records(), serial=6)
    code, found = check(call)
    assert (code, found["ns1"]["verdict"], found["pdns1"]["verdict"]) == (1, "stale", "same")


def test_the_list_has_one_row_a_logical_zone_with_every_nameservers_state(call: Call, port: int) -> None:
    (row,) = json.loads(call("zone", "list", "--json").out)
    assert (row["zone"], [(s["server"], s["state"]) for s in row["servers"]]) == (
        DOMAIN,
        [("ns1", "active"), ("pdns1", "active")],
    )
    shown = json.loads(call("zone", "show", "CUSTOMER.com.", "--json").out)
    assert len(shown["records"]) == row["records"]
    assert call("zone", "show", "nowhere.com").code == 3


def test_a_redeploy_of_one_server_touches_only_it_and_not_the_service(call: Call, port: int) -> None:
    assert "pdns1" in call("zone", "redeploy", DOMAIN, "--plan").out
    said = call("zone", "redeploy", DOMAIN, "--server", "pdns1", "--json")
    assert [task["server"] for task in json.loads(said.out)] == ["pdns1"]
    assert json.loads(call("service", "show", DOMAIN, "--json").out)["status"] == "active"
    assert call("zone", "redeploy", DOMAIN, "--server", "pdns1").code == 4
    assert call("zone", "redeploy", DOMAIN, "--server", "web01").code == 3
