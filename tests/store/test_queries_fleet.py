"""The fleet, Home and the header's counts."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.seed import NOON, ago

from hostdeck.core.domain.vocabulary import Role, ServerStatus, ServiceStatus, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.fleet import group, groups, home, product, products, pulse, server, servers, workers
from hostdeck.core.queries.rows import fingerprint
from hostdeck.core.store.db import connection
from hostdeck.core.store.figure_models import Usage
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, Ticket, TicketEntry

S = TaskStatus


def no_tickets() -> None:
    """Closes the one that the seed opens."""
    Ticket.update(status="closed").execute()


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    seed.make(tmp_path / "home")
    with connection():
        seed.fleet()
        yield


def test_a_server_is_shown_with_its_figures_and_its_keys_fingerprint() -> None:
    row = server("web01")
    assert (row.group, row.capabilities, row.accounts, row.max_accounts) == ("eu", (Role.WEB,), 3, 50)
    assert (row.health.state, row.health.cpu_percent, row.health.users) == ("ok", 12.5, 3)
    assert re.fullmatch(r"SHA256:.{43}", row.host_key)
    assert server("ns1").serves_groups == ("eu",)


def test_the_fingerprint_is_that_of_ssh_keygen(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    told = subprocess.run(["ssh-keygen", "-lf", key], check=True, capture_output=True, text=True).stdout
    assert fingerprint(key.with_suffix(".pub").read_text()) == told.split()[1]


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 not*base64", "ssh-ed25519 é"])
def test_no_readable_key_has_no_fingerprint(text: str) -> None:
    assert fingerprint(text) == ""


def test_servers_are_filtered_by_what_they_can_host() -> None:
    assert [row.name for row in servers()] == ["mx01", "ns1", "pdns1", "web01"]
    assert [row.name for row in servers(Role.DNS)] == ["ns1", "pdns1"]


def test_groups_and_products_name_what_belongs_to_them() -> None:
    assert groups() == (group("eu"),)
    eu = group("eu")
    assert (eu.servers, eu.dns_servers, eu.online, eu.products) == (("mx01", "web01"), ("ns1", "pdns1"), 1, ("web-s",))
    assert products() == (product("web-s"),)
    assert (product("web-s").limits["web_databases"], product("web-s").limits["web_cron_jobs"]) == ("1", "10")


@pytest.mark.parametrize("query", [server, group, product])
def test_an_unknown_name_is_not_found(query: object) -> None:
    with pytest.raises(NotFound):
        query("nothing")  # type: ignore[operator]


def test_a_worker_is_alive_while_its_last_beat_is_recent() -> None:
    seed.worker(ago(seconds=44))
    seed.worker(ago(seconds=46))
    seed.worker(ago(seconds=1), stopped=ago(seconds=1))
    assert [(row.alive, row.beat_age_s) for row in workers(now=NOON)] == [(True, 44.0), (False, 46.0)]


def test_the_pulse_counts_what_stands_now() -> None:
    seed.service("one.example.com", ServiceStatus.ERROR, [S.FAILED, S.RUNNING, S.RETRYING, S.QUEUED, S.WAITING])
    seed.service("old.example.com", ServiceStatus.TERMINATED, [S.FAILED])
    counts = pulse(now=NOON)
    assert (counts.servers, counts.servers_ok, counts.servers_error, counts.services) == (4, 1, 1, 1)
    assert (counts.tasks_running, counts.tasks_waiting, counts.tasks_failed) == (1, 3, 1)


def test_what_wants_a_person_comes_in_order_of_harm() -> None:
    seed.service("side.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5 + [S.FAILED])
    seed.service("bad.example.com", ServiceStatus.ERROR, [S.FAILED, S.WAITING])
    no_tickets()
    Server.update(status=ServerStatus.QUARANTINED).where(Server.name == "ns1").execute()
    lines = home(now=NOON).attention
    assert [(line.level, line.kind) for line in lines] == [
        ("FAIL", "task"),
        ("DOWN", "worker"),
        ("DOWN", "server"),
        ("DOWN", "server"),
        ("WARN", "task"),
    ]
    assert "start it: hostdeck worker" in lines[1].text
    assert lines[2].text == "ssh: refused"


def test_a_quiet_fleet_wants_nobody() -> None:
    Server.update(health="ok").execute()
    seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5)
    no_tickets()
    assert [line for line in home(now=NOON).attention if line.kind != "worker"] == []


def test_a_worker_that_died_over_the_last_task_is_missed() -> None:
    Server.update(health="ok").execute()
    seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.SUCCESS] * 5 + [S.RUNNING])
    no_tickets()
    (line,) = home(now=NOON).attention
    assert (line.level, line.kind) == ("DOWN", "worker")
    assert "1 task waits" in line.text


def test_a_side_track_is_late_after_ten_minutes_of_retrying() -> None:
    Server.update(health="ok").execute()
    seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5 + [S.RETRYING])
    no_tickets()
    seed.worker(NOON)
    assert home(now=NOON).attention == ()
    Task.update(snoozed_since=NOON - timedelta(minutes=11)).where(Task.status == S.RETRYING).execute()
    assert [line.level for line in home(now=NOON).attention] == ["WARN"]


def test_a_certificate_that_waits_for_a_delegation_is_not_late_until_it_has_cost_an_attempt() -> None:
    Server.update(health="ok").execute()
    seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5 + [S.RETRYING])
    no_tickets()
    seed.worker(NOON)
    waiting = Task.update(action="ssl.seed", attempts=0, snoozed_since=NOON - timedelta(days=9))
    waiting.where(Task.status == S.RETRYING).execute()
    assert home(now=NOON).attention == ()
    Task.update(attempts=1).where(Task.status == S.RETRYING).execute()
    assert [line.level for line in home(now=NOON).attention] == ["WARN"]


def test_an_error_without_a_failed_task_still_shows() -> None:
    seed.service("one.example.com", ServiceStatus.ERROR, [S.CANCELLED])
    assert ("FAIL", "service") in {(line.level, line.kind) for line in home(now=NOON).attention}


def test_an_open_ticket_whose_task_is_tried_again_still_wants_somebody() -> None:
    Server.update(health="ok").execute()
    seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.RETRYING, S.WAITING])
    seed.worker(NOON)
    (line,) = home(now=NOON).attention
    assert (line.level, line.kind, line.id, line.what) == ("WARN", "ticket", 1, "ticket #1 one.example.com")
    assert line.text == "being tried again: Configuring web plan failed: one.example.com on web01"


def test_a_ticket_says_nothing_beside_the_line_of_its_task() -> None:
    Server.update(health="ok").execute()
    seed.service("one.example.com", ServiceStatus.ERROR, [S.FAILED, S.WAITING])
    seed.worker(NOON)
    assert [line.kind for line in home(now=NOON).attention] == ["task"]


def test_a_ticket_about_a_server_that_is_down_says_nothing_beside_it() -> None:
    ticket = Ticket.create(
        incident="server:mx01 server.check", title="Checking server failed: mx01", opened_at=NOON,
        server=Server.get(Server.name == "mx01"),
    )  # fmt: skip
    TicketEntry.create(ticket=ticket, at=NOON, text="ssh: refused")
    seed.worker(NOON)
    assert [line.kind for line in home(now=NOON).attention] == ["server"]
    Server.update(health="ok").execute()
    (line,) = home(now=NOON).attention
    assert (line.kind, line.what, line.text) == ("ticket", "ticket #1 mx01", "Checking server failed: mx01")


def test_a_service_beyond_a_limit_is_a_warning_in_numbers() -> None:
    Server.update(health="ok").execute()
    row = seed.service("one.example.com", ServiceStatus.ACTIVE, [S.SUCCESS] * 5)
    no_tickets()
    Service.update(limits={"web_databases": "5", "web_disk_quota": "100"}).execute()
    for key, used in (("web_databases", 9), ("web_disk_quota", 101)):
        Usage.create(service=row, key=key, used=used, at=NOON)
    (line,) = [line for line in home(now=NOON).attention if line.kind != "worker"]
    assert (line.level, line.kind, line.id) == ("WARN", "service", row.id)
    assert line.text == "Databases: 9 of 5 (180 %), over by 4"


def test_a_limit_that_is_passed_hides_no_ticket_of_the_service() -> None:
    Server.update(health="ok").execute()
    row = seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.RETRYING, S.WAITING])
    seed.worker(NOON)
    Usage.create(service=row, key="web_databases", used=9, at=NOON)
    assert {line.kind for line in home(now=NOON).attention} == {"service", "ticket"}


def test_home_lists_running_and_last_tasks() -> None:
    seed.service("one.example.com", ServiceStatus.DEPLOYING, [S.SUCCESS, S.RUNNING, S.RETRYING, S.WAITING])
    view = home(now=NOON)
    assert {task.status for task in view.running} == {S.RUNNING, S.RETRYING}
    assert [task.status for task in view.last] == [S.SUCCESS]


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (89.0, None),
        (91.0, "its fullest disk is at 91 %"),
        (98.5, "its fullest disk is at 98 %; no new accounts are placed on it"),
    ],
)
def test_a_disk_that_fills_up_is_on_home_before_it_is_full(share: float, said: str | None) -> None:
    Server.update(health_facts={"disk_percent": share}).where(Server.name == "web01").execute()
    told = [line.text for line in home(now=NOON).attention if line.what == "web01"]
    assert told == ([said] if said else [])
