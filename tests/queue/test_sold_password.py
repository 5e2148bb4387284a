"""The password of a sold name's one mailbox: set on the provider's domain, and nothing else there is touched."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.provider import PARENT, USER
from tests.queue.conftest import run_all_due
from tests.queue.test_deploy import changing
from tests.queue.test_vanity import DOMAIN, NODES, built, for_sale, mailboxes
from tests.simfleet import sim_fleet

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.items import add_item, reset_password
from hostdeck.core.intents.life import grant
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Task, TaskLog
from hostdeck.queue.runner import Runner


def sent(fleet: SimFleet) -> list[list[str]]:
    """The arguments of every password change on the mail node."""
    ran = [list(one.argv) for one in fleet["mx01"].journal]
    return [argv for argv in ran if argv[0].endswith("v-change-mail-account-password")]


def test_a_new_password_reaches_that_mailbox_alone_and_leaves_the_row(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        before, ran = mailboxes(fleet), Counter(changing(fleet))
        deed = reset_password(door, service, ItemKind.MAILBOX, "anna")
        run_all_due(runner)
        task = Task.get_by_id(deed.task)
        assert task.status is TaskStatus.SUCCESS, task.error
        assert Counter(changing(fleet)) - ran == Counter({("mx01", "v-change-mail-account-password"): 1})
        assert [argv[1:4] for argv in sent(fleet)] == [[USER, PARENT, "anna"]]
        assert mailboxes(fleet).keys() == before.keys()
        assert Item.get().secret is None
        assert deed.password is not None
        assert not TaskLog.select().where(TaskLog.text.contains(deed.password)).exists()


def test_a_sold_name_has_one_mailbox_and_another_is_refused(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        with pytest.raises(Conflict, match="is a sold name"):
            add_item(door, service, ItemKind.MAILBOX, "otto", {})
        with pytest.raises(NotFound, match="has no mailbox 'bob'"):
            reset_password(door, service, ItemKind.MAILBOX, "bob")


def test_its_row_goes_with_the_service(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        reset_password(door, service, ItemKind.MAILBOX, DOMAIN)
        run_all_due(runner)
        grant(door, service, Wish.TERMINATE, typed=DOMAIN)
        run_all_due(runner)
        assert not Item.select().exists()
