"""What a customer has inside a service, behind OpenSSH's own sshd: the fixed texts run in a real shell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.item_rows import PASSWORD, let_go, send, set_password, want, write
from tests.queue.conftest import error_of, run_all_due
from tests.real.conftest import Fleet, RealFleet

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.stub_command import opened
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

MAIL = ("customer-test-mail", "customer.test")
ITEMS: tuple[tuple[ItemKind, str, dict[str, Any], dict[str, Any]], ...] = (
    (
        ItemKind.MAILBOX, "jane.doe",
        {"forwards": ["a@x.example"], "aliases": ["jane"], "autoreply": "It's \"two\"\n\\lines"},
        {"quota": "300", "autoreply": "", "suspended": True},
    ),
    (ItemKind.DATABASE, "shop", {"user": "shop"}, {"suspended": True}),
    (ItemKind.FTP, "design", {"path": "/public_html"}, {"path": "/private"}),
    (ItemKind.CRON, "nightly", {"schedule": "*/5 * * * *", "command": "echo 'x' \"$HOME\" | cat"}, {"command": "true"}),
)  # fmt: skip


def carry_out(runner: Runner, item: int) -> Task:
    task = send(item)
    run_all_due(runner)
    return Task.get_by_id(task)


def sent(running: RealFleet) -> list[str]:
    return [command for _, command, _ in running.changes()]


def test_every_kind_is_made_changed_and_removed_and_a_look_alike_stops_it(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with fleet(("web01", "mx01")) as running:
        running.register(door)
        service = place_order(door, OrderForm("customer.test", "basic"))
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        for kind, name, wanted, changed in ITEMS:
            item = write(service, kind, name, **wanted)
            task = carry_out(runner, item)
            assert task.status is TaskStatus.SUCCESS, task.error
            before = sent(running)
            assert carry_out(runner, item).status is TaskStatus.SUCCESS
            assert sent(running) == before
            want(item, **changed)
            if kind is not ItemKind.CRON:
                set_password(item, PASSWORD)
            task = carry_out(runner, item)
            assert task.status is TaskStatus.SUCCESS, task.error
            assert (Item.get_by_id(item).status, Item.get_by_id(item).secret) == (ItemStatus.ACTIVE, None)
        box = Item.get(Item.kind == ItemKind.MAILBOX)
        look_alike(running, add=True)
        before = sent(running)
        let_go(box.id)
        assert "[MAIL_ALIKE]" in str(carry_out(runner, box.id).error)
        assert sent(running) == before
        look_alike(running, add=False)
        for item in [row.id for row in Item.select()]:
            let_go(item)
            task = carry_out(runner, item)
            assert task.status is TaskStatus.SUCCESS, task.error
        assert not Item.select().exists()
        assert PASSWORD not in json.dumps([running[name].journal() for name in running.nodes])
        assert running.overlaps() == []


def look_alike(running: RealFleet, *, add: bool) -> None:
    """What a dot stands for, made or removed in the panel by somebody else."""
    with opened(running["mx01"].folder) as state:
        command = (
            ["v-add-mail-account", *MAIL, "jane-doe", PASSWORD] if add else ["v-delete-mail-account", *MAIL, "jane-doe"]
        )
        assert state.node.run(command).exit == 0
