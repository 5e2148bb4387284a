"""Rows of versions that made an account on the node for each trial: they are brought up to date once, and the accounts
that such trials left go."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from tests.conftest import add_fleet
from tests.queue.conftest import run_all_due
from tests.queue.test_backup_proofs import backup, service
from tests.queue.test_backup_trials import again, book, task
from tests.queue.test_backups_items import WEB
from tests.simfleet import hestia

from hostdeck.core.domain.naming import mark_contact, mark_name
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceId, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.backup_proofs import try_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.work import retry
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.base import database
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.trials import end_stopped
from hostdeck.core.store.work_models import Account, Certificate, Product, Run, Service, Task
from hostdeck.queue.runner import Runner

__all__ = ["service"]

SCRATCH = "hdktry000001w"


def old_args(service: int, nonce: str, user: str = SCRATCH) -> dict[str, Any]:
    """What such a task was given: the scratch account as its user, seconds as its time."""
    return {
        "user": user,
        "mark": mark_name(ServiceId(service), nonce),
        "domain": "test.example.com",
        "archive": "customer-test-web.2026-11-20_05-10-01.tar",
        "row": 1,
        "contents": {"db": ["customer-test-web_shop"]},
        "service": service,
        "nonce": nonce,
        "package": f"hdk-{service:06d}-web-p",
        "since": 1_795_000_000,
    }


def upgrade(settings: Settings) -> None:
    """As whoever starts the new version does it, in a process of its own."""
    with connection():
        database.execute_sql("DELETE FROM schema_migration WHERE name = '0008_trials_without_accounts'")
    environ = os.environ | {"HOSTDECK_DATABASE_URL": settings.database}
    subprocess.run([sys.executable, "-m", "hostdeck", "--home", str(settings.home), "init"], env=environ, check=True)


def old_trial(service: int, status: TaskStatus, **values: Any) -> int:
    account = Account.get(Account.service == service, Account.username == WEB)
    row = Task.create(
        run=Run.create(kind=RunKind.ITEM, service=service),
        service=service,
        server=account.server,
        action="web.tryBackup",
        target="an archive",
        args=old_args(service, account.nonce) | {"archive": backup(Role.WEB).known["archive"]},
        status=status,
        **values,
    )
    return int(row.id)


def left_on(fleet: SimFleet, service: int) -> None:
    """The scratch account as such a trial made it, by the service's own package."""
    node, account = hestia(fleet, "web01"), Account.get(Account.service == service, Account.username == WEB)
    number = ServiceId(service)
    contact, mark = mark_contact(number, account.nonce), mark_name(number, account.nonce)
    node.add_foreign_user(SCRATCH, contact, mark)
    node.book.users[SCRATCH].values["PACKAGE"] = node.book.users[WEB].values["PACKAGE"]


def test_on_each_database_its_rows_read_as_todays_and_what_may_be_left_is_to_be_removed_once(
    any_home: Settings,
) -> None:
    with connection():
        add_fleet()
        sold = Service.create(domain="test.example.com", product=Product.get(), mode="split", roles=["web"])
        server = Server.get(Server.name == "web01")
        Account.create(service=sold, server=server, roles=["web"], username=WEB, nonce="k3x9")
        run = Run.create(kind=RunKind.ITEM, service=sold)
        shared = {"run": run, "service": sold, "action": "web.tryBackup", "target": "a", "args": old_args(1, "k3x9")}
        for server_of, status, claims in (
            (server, TaskStatus.FAILED, 1),
            (server, TaskStatus.CANCELLED, 2),
            (server, TaskStatus.QUEUED, 0),
            (None, TaskStatus.FAILED, 1),
        ):
            Task.create(**shared, server=server_of, status=status, claim_no=claims)
        ended = shared | {"args": old_args(1, "k3x9", "hdktry000001m"), "action": "mail.tryBackup"}
        Task.create(**ended, server=server, status=TaskStatus.SUCCESS, claim_no=1)
    upgrade(any_home)
    upgrade(any_home)
    with connection():
        rows = list(Task.select().order_by(Task.id))
        first, (removal,) = rows[0], rows[5:]
        assert {name: first.args[name] for name in ("user", "trial", "since")} == {
            "user": WEB, "trial": "1-k3x9-web", "since": 1_795_000_000_000,
        }  # fmt: skip
        assert [row.args["trial"] for row in rows[:5]] == ["1-k3x9-web"] * 4 + ["1-k3x9-mail"]
        assert (removal.action, removal.target, removal.status) == ("web.removeUser", SCRATCH, TaskStatus.QUEUED)
        assert (removal.server_id, removal.service_id, removal.run.service_id) == (server.id, None, None)
        assert end_stopped(utcnow()) == []


def test_the_account_goes_and_the_customers_own_is_not_touched(
    store: Settings, runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    old_trial(service, TaskStatus.FAILED, claim_no=1, finished_at=utcnow())
    left_on(fleet, service)
    own, certificates = dict(book(fleet).users[WEB].values), Certificate.select().count()
    upgrade(store)
    run_all_due(runner)
    assert sorted(book(fleet).users) == ["admin", WEB]
    assert dict(book(fleet).users[WEB].values) == own
    assert Certificate.select().count() == certificates
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_an_account_of_that_name_that_is_not_the_services_is_left_alone(
    store: Settings, runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    old_trial(service, TaskStatus.FAILED, claim_no=1, finished_at=utcnow())
    hestia(fleet, "web01").add_foreign_user(SCRATCH, "anna@example.net", "Anna")
    upgrade(store)
    run_all_due(runner)
    removal = Task.get(Task.target == SCRATCH)
    assert (removal.status, "[OWN_FOREIGN]" in removal.error) == (TaskStatus.FAILED, True)
    assert SCRATCH in book(fleet).users


def test_a_termination_wished_before_the_account_has_gone_does_not_call_its_removal_off(
    store: Settings, runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    old_trial(service, TaskStatus.FAILED, claim_no=1, finished_at=utcnow())
    left_on(fleet, service)
    upgrade(store)
    grant(door, service, Wish.TERMINATE, Service.get_by_id(service).domain)
    again(runner)
    assert Service.get_by_id(service).status is ServiceStatus.TERMINATED
    assert sorted(book(fleet).users) == ["admin"]


def test_an_old_trial_that_failed_is_retried_in_the_new_way(
    store: Settings, runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    number = old_trial(service, TaskStatus.FAILED, claim_no=1, finished_at=utcnow())
    item = backup(Role.WEB)
    Task.update(args=Task.get_by_id(number).args | {"row": item.id, "contents": item.known["contents"]}).where(
        Task.id == number
    ).execute()
    upgrade(store)
    run_all_due(runner)
    retry(door, number)
    run_all_due(runner)
    assert (task(number).status, task(number).error) == (TaskStatus.SUCCESS, None)
    assert backup(Role.WEB).known["tried"]["error"] is None


def test_a_database_without_such_rows_gets_no_work(
    store: Settings, runner: Runner, door: Door, fleet: SimFleet, service: int
) -> None:
    (number,) = try_backup(door, service, f"#{backup(Role.WEB).id}")
    args, tasks = task(number).args, Task.select().count()
    upgrade(store)
    assert (task(number).args, Task.select().count()) == (args, tasks)
