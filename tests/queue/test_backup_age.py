"""Accounts that have had no backup for too long: Home's lines about them, and the rounds that take one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from peewee import Proxy
from tests.authority import intermediate, leaf
from tests.queue.conftest import run_all_due
from tests.queue.test_backups_items import DOMAIN, nightly, ordered, run_queues
from tests.simfleet import hestia, register, sim_fleet

from hostdeck.core.domain.items import ItemStatus
from hostdeck.core.domain.vocabulary import Role, ServerStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.backups import remove_backup, restore_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import refresh_usage
from hostdeck.core.intents.forms import ProductForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.own_certificates import add_certificate
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.work import set_setting
from hostdeck.core.queries.attention import attention
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store import backup_rounds
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.work_models import Account, Service, Task
from hostdeck.queue.runner import Runner
from hostdeck.queue.sweep import sweep

OLD = timedelta(days=9)


@pytest.fixture
def asked(store: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database is asked from here on, as SQL."""
    said: list[str] = []
    db = Item._meta.database
    plain = type(db.obj if isinstance(db, Proxy) else db).execute_sql

    def noted(self: object, sql: str, *args: object, **more: object) -> object:
        said.append(sql)
        return plain(self, sql, *args, **more)

    monkeypatch.setattr(type(db.obj if isinstance(db, Proxy) else db), "execute_sql", noted)
    return said


def age(service: int) -> None:
    """It was ordered long ago."""
    Service.update(created_at=utcnow() - OLD).where(Service.id == service).execute()


def read(runner: Runner, door: Door) -> None:
    refresh_usage(door)
    run_all_due(runner)


def lines() -> list[tuple[str, str]]:
    return [(line.what, line.text) for line in attention((), True, utcnow()) if "backup" in line.text]


def test_an_old_account_without_a_backup_and_one_whose_backup_is_old_are_told_once_a_service(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    register(door, fleet)
    service = ordered(runner, door, "basic")
    read(runner, door)
    assert lines() == []
    age(service)
    ((what, text),) = lines()
    assert (what, "it has no backup" in text) == (DOMAIN, True)
    nightly(fleet, "web01", timedelta(hours=1))
    nightly(fleet, "mx01", timedelta(hours=100))
    read(runner, door)
    ((_, text),) = lines()
    assert "mx01: its newest backup is 4 days old (customer-test-mail)" in text
    nightly(fleet, "mx01")
    read(runner, door)
    assert lines() == []


def test_how_old_is_too_old_can_be_set(runner: Runner, door: Door, fleet: SimFleet) -> None:
    register(door, fleet)
    age(ordered(runner, door, "basic"))
    for name in ("web01", "mx01"):
        nightly(fleet, name, timedelta(hours=50))
    read(runner, door)
    assert len(lines()) == 1
    set_setting(door, "backup.max_age", "60")
    assert lines() == []


def test_nobody_is_told_of_a_service_that_is_suspended_or_may_have_none_or_was_never_asked_about(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    register(door, fleet)
    add_product(door, ProductForm("none", "eu", "split", tuple(Role), {"web_backups": "0", "mail_backups": "0"}))
    service = ordered(runner, door, "none")
    age(service)
    assert lines() == []
    read(runner, door)
    assert {row.backups_read_at is None for row in Account.select()} == {True, False}
    assert lines() == []
    other = ordered(runner, door, "basic", "other.test")
    age(other)
    read(runner, door)
    assert len(lines()) == 1
    grant(door, other, Wish.SUSPEND)
    run_all_due(runner)
    assert lines() == []


def sweeping(door: Door, every: str = "24") -> Callable[[], list[str]]:
    """What each round of the sweep begins, as ACTION@SERVER."""
    set_setting(door, "backup.every", every)
    me = register_worker().id

    def round_() -> list[str]:
        before = {row.id for row in Task.select(Task.id)}
        sweep(me)
        return [f"{row.action}@{row.server.name}" for row in Task.select() if row.id not in before]

    return round_


def test_accounts_are_backed_up_in_turn_one_at_a_time_on_a_node(runner: Runner, door: Door, fleet: SimFleet) -> None:
    register(door, fleet)
    for name in (DOMAIN, "other.test"):
        age(ordered(runner, door, "basic", name))
    read(runner, door)
    begin = sweeping(door)
    assert sorted(begin()) == ["mail.takeBackup@mx01", "web.takeBackup@web01"]
    assert begin() == []
    run_all_due(runner)
    assert begin() == []
    run_queues(fleet, runner, "web01", "mx01")
    assert sorted(begin()) == ["mail.takeBackup@mx01", "web.takeBackup@web01"]
    run_all_due(runner)
    run_queues(fleet, runner, "web01", "mx01")
    assert begin() == []
    assert Item.select().where(Item.status == ItemStatus.ACTIVE).count() == 4
    read(runner, door)
    assert lines() == []


def test_a_nights_own_backup_is_as_good_and_zero_is_never(runner: Runner, door: Door, fleet: SimFleet) -> None:
    register(door, fleet)
    age(ordered(runner, door, "basic"))
    nightly(fleet, "web01", timedelta(hours=3))
    read(runner, door)
    assert sweeping(door, "0")() == []
    begin = sweeping(door)
    assert begin() == ["mail.takeBackup@mx01"]


def test_a_products_own_period_counts_before_the_setting_and_what_is_sold_with_none_follows_it(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    register(door, fleet)
    for name, every in (("often", "2h"), ("rare", "30d"), ("never", "0")):
        add_product(door, ProductForm(name, "eu", "split", (Role.WEB, Role.DNS), {"backup_every": every}))
    for name in ("often", "rare", "never"):
        age(ordered(runner, door, name, f"{name}.test"))
    read(runner, door)
    begin = sweeping(door, "0")
    assert begin() == ["web.takeBackup@web01"]
    assert Item.get().service.domain == "often.test"
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    assert begin() == []
    Account.update(backup_at=utcnow() - timedelta(hours=3)).where(Account.backup_at.is_null(False)).execute()
    assert begin() == ["web.takeBackup@web01"]
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    Service.update(created_at=utcnow() - timedelta(days=40)).execute()
    assert begin() == ["web.takeBackup@web01"]
    assert {row.service.domain for row in Item.select()} == {"often.test", "rare.test"}
    run_all_due(runner)
    run_queues(fleet, runner, "web01")
    age(ordered(runner, door, "basic"))
    read(runner, door)
    assert begin() == []
    set_setting(door, "backup.every", "1")
    assert sorted(begin()) == ["mail.takeBackup@mx01", "web.takeBackup@web01"]


def test_a_round_asks_once_for_a_node_however_many_accounts_wait_there(
    runner: Runner, door: Door, fleet: SimFleet, asked: list[str]
) -> None:
    register(door, fleet)
    domains = [f"c{number}.test" for number in range(3)]
    for name in domains:
        age(ordered(runner, door, "basic", name))
    read(runner, door)
    assert len(sweeping(door)()) == 2
    for row in Account.select().where(Account.backups_read_at.is_null(False)):
        Item.create(service=row.service, server=row.server, kind="backup", name=f"x{row.id}", status="error")
    Task.update(status=TaskStatus.FAILED).where(Task.action.in_(["web.takeBackup", "mail.takeBackup"])).execute()
    asked.clear()
    backup_rounds.schedule(utcnow())
    assert sum('JOIN "service"' in sql and "EXISTS" in sql for sql in asked) == 2
    assert sum('FROM "item"' in sql and "EXISTS" not in sql for sql in asked) == 0


@pytest.mark.parametrize("mode", ["split", "unified"])
def test_what_a_product_keeps_is_what_the_node_keeps(runner: Runner, door: Door, mode: str) -> None:
    limits = {"web_backups": "7", "mail_backups": "3", "account_backups": "4"}
    with sim_fleet(("all01", "ns01") if mode == "unified" else ("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        add_product(door, ProductForm("kept", "eu", mode, tuple(Role), limits))
        ordered(runner, door, "kept")
        most = {
            row.username: hestia(fleet, row.server.name).book.users[row.username].values["BACKUPS"]
            for row in Account.select()
            if "dns" not in row.roles or len(row.roles) > 1
        }
    assert sorted(most.values()) == (["4"] if mode == "unified" else ["3", "7"])


def test_one_that_is_sold_with_rare_backups_is_late_by_its_own_time(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    register(door, fleet)
    add_product(door, ProductForm("rare", "eu", "split", (Role.WEB, Role.DNS), {"backup_every": "10d"}))
    service = ordered(runner, door, "rare")
    read(runner, door)
    age(service)
    assert lines() == []
    Service.update(created_at=utcnow() - timedelta(days=12)).where(Service.id == service).execute()
    assert len(lines()) == 1


def test_one_that_has_failed_is_not_tried_again_before_its_time_nor_one_on_a_disabled_node(
    runner: Runner, door: Door, fleet: SimFleet
) -> None:
    register(door, fleet)
    service = ordered(runner, door, "basic")
    age(service)
    read(runner, door)
    hestia(fleet, "web01").book.users["customer-test-web"].conf["BACKUPS"] = "0"
    Server.update(status=ServerStatus.DISABLED).where(Server.name == "mx01").execute()
    begin = sweeping(door)
    assert begin() == ["web.takeBackup@web01"]
    run_all_due(runner)
    assert Task.get(Task.action == "web.takeBackup").status is TaskStatus.FAILED
    assert begin() == []
    Item.update(created_at=utcnow() - timedelta(hours=25)).execute()
    assert begin() == ["web.takeBackup@web01"]


def test_rounds_rows_and_restores_are_the_same_on_each_database(any_runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = ordered(any_runner, door, "basic")
        age(service)
        read(any_runner, door)
        assert len(lines()) == 1
        begin = sweeping(door)
        assert len(begin()) == 2
        run_all_due(any_runner)
        run_queues(fleet, any_runner, "web01", "mx01")
        assert begin() == []
        assert lines() == []
        web = Item.get(Item.server == Server.get(Server.name == "web01"))
        restore_backup(door, service, web.name, sure=True)
        run_all_due(any_runner)
        run_queues(fleet, any_runner, "web01")
        issued = leaf(DOMAIN)
        add_certificate(door, service, issued.pem, issued.key, intermediate().pem)
        remove_backup(door, service, web.name)
        run_all_due(any_runner)
        states = {row.action: row.status for row in Task.select() if "item" in row.args or "archive" in row.args}
        assert set(states.values()) == {TaskStatus.SUCCESS}, states
        assert {"web.restoreBackup", "web.removeBackup", "ssl.installCustom"} < set(states)
