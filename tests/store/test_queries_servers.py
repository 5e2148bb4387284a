"""One server as its screen shows it, on each database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.vocabulary import RunKind, TaskStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries import servers
from hostdeck.core.settings import Settings
from hostdeck.core.store.config_models import GroupConfig, ServerConfig
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Server, Setting
from hostdeck.core.store.work_models import Run, Task, ZoneDeploy


def check_of(server: Server, text: str, status: TaskStatus = TaskStatus.SUCCESS) -> int:
    result = {"checks": [{"key": "tcp", "label": "TCP and banner", "state": "ok", "text": text, "mend": ["a", "b"]}]}
    task = Task.create(
        run=Run.create(kind=RunKind.SERVER), server=server, action="server.check", target=server.name, status=status,
        result=result, finished_at=utcnow(),
    )  # fmt: skip
    return int(task.id)


def test_what_stands_on_a_server_its_tasks_and_its_figures_are_its_own(any_store: Settings, door: Door) -> None:
    add_fleet()
    place_order(door, OrderForm("customer.test", "basic"))
    web = Server.get(Server.accounts > 0, Server.web)
    nameserver = ZoneDeploy.get().server
    for number in range(3):
        HealthSample.create(server=web, at=utcnow() + timedelta(minutes=number), cpu=number, ram=1, disk=2)
    found = servers.detail(web.name)
    assert [(one.domain, one.kind) for one in found.standing] == [("customer.test", "web")]
    assert {task.server for task in found.tasks} == {web.name}
    assert [sample.cpu for sample in found.samples] == [0, 1, 2]
    assert "zone" in {one.kind for one in servers.detail(nameserver.name).standing}


def test_configuration_stands_beside_what_the_group_wants(any_store: Settings, door: Door) -> None:
    add_fleet()
    web = Server.get(Server.name == "web01")
    ServerConfig.create(server=web, live={"WEB_SYSTEM": "nginx", "BACKUP_GZIP": "3"}, read_at=utcnow())
    for key, value in (("BACKUP_GZIP", "5"), ("THEME", ""), ("WEBMAIL_ALIAS", "post")):
        GroupConfig.create(group=web.group, key=key, value=value)
    found = servers.detail("web01").config
    assert [(line.key, line.live, line.wanted) for line in found] == [
        ("BACKUP_GZIP", "3", "5"), ("THEME", None, ""), ("WEB_SYSTEM", "nginx", None),
    ], "a mail key is nothing for a web node"  # fmt: skip


def test_the_newest_check_counts_and_one_under_way_is_named(any_store: Settings, door: Door) -> None:
    add_fleet()
    assert servers.preflight("web01") == servers.Preflight()
    web = Server.get(Server.name == "web01")
    check_of(web, "old")
    newest = check_of(web, "new", TaskStatus.FAILED)
    check_of(Server.get(Server.name == "web02"), "another's")
    running = check_server(door, "web01")
    found = servers.preflight("web01")
    assert (found.task, found.checks[0].text, found.checks[0].mend) == (newest, "new", ("a", "b"))
    assert found.running == running


def test_the_pace_of_collections_is_the_settings_or_five_minutes(any_store: Settings) -> None:
    assert servers.collect_every() == timedelta(minutes=5)
    Setting.create(key="collect.every", value="60")
    assert servers.collect_every() == timedelta(minutes=1)


def test_an_unknown_server_is_not_found(any_store: Settings) -> None:
    for query in (servers.detail, servers.pinned_key):
        with pytest.raises(NotFound, match="no server is called 'nowhere'"):
            query("nowhere")
