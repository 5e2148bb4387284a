"""Settings of website and mail domain, changed on pretend nodes over real SSH."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.queue.conftest import run_all_due
from tests.queue.test_deploy import changing, order
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.items import change_item
from hostdeck.core.intents.life import grant
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

USER = "customer-test-web"
DOMAIN = "customer.test"


@pytest.fixture
def fleet(store: Settings, runner: Runner, door: Door) -> Iterator[SimFleet]:
    """Three nodes with one active service."""
    with sim_fleet(("web01", "mx01", "ns01")) as nodes:
        register(door, nodes)
        order(door)
        run_all_due(runner)
        assert Service.get().status is ServiceStatus.ACTIVE
        yield nodes


def site(fleet: SimFleet) -> dict[str, str]:
    said = fleet["web01"].account.run(["v-list-web-domain", USER, DOMAIN, "json"]).stdout
    shown: dict[str, str] = json.loads(said)[DOMAIN]
    return shown


def mail(fleet: SimFleet) -> dict[str, str]:
    said = fleet["mx01"].account.run(["v-list-mail-domain", "customer-test-mail", DOMAIN, "json"]).stdout
    shown: dict[str, str] = json.loads(said)[DOMAIN]
    return shown


def change(door: Door, runner: Runner, kind: ItemKind, **fields: str) -> Task:
    deed = change_item(door, Service.get().id, kind, "", fields)
    run_all_due(runner)
    task: Task = Task.get_by_id(deed.task)
    return task


def test_a_site_gets_its_php_aliases_and_redirect(fleet: SimFleet, runner: Runner, door: Door) -> None:
    task = change(
        door, runner, ItemKind.WEBSITE, php="8.2", aliases="shop.customer.test", redirect="https://www.example.com"
    )
    assert task.status is TaskStatus.SUCCESS, task.error
    now = site(fleet)
    assert (now["BACKEND"], now["ALIAS"]) == ("PHP-8_2", "shop.customer.test")
    assert (now["REDIRECT"], now["REDIRECT_CODE"]) == ("https://www.example.com", "301")
    assert Item.get().status is ItemStatus.ACTIVE


def test_the_same_wish_again_sends_nothing(fleet: SimFleet, runner: Runner, door: Door) -> None:
    change(door, runner, ItemKind.WEBSITE, php="8.2", redirect="https://www.example.com")
    before = changing(fleet)
    task = change(door, runner, ItemKind.WEBSITE, php="8.2")
    assert task.status is TaskStatus.SUCCESS
    assert changing(fleet) == before


def test_an_emptied_setting_goes_and_one_that_is_not_said_stays(fleet: SimFleet, runner: Runner, door: Door) -> None:
    change(door, runner, ItemKind.WEBSITE, php="8.2", redirect="https://www.example.com")
    change(door, runner, ItemKind.WEBSITE, redirect="")
    assert (site(fleet)["REDIRECT"], site(fleet)["BACKEND"]) == ("", "PHP-8_2")


def test_https_alone_waits_for_a_certificate_and_costs_no_attempt(fleet: SimFleet, runner: Runner, door: Door) -> None:
    task = change(door, runner, ItemKind.WEBSITE, force_https="yes")
    assert (task.status, task.attempts) == (TaskStatus.RETRYING, 0)
    assert "no certificate yet" in task.error
    assert site(fleet)["SSL_FORCE"] in ("", "no")


def test_a_redeployment_keeps_the_chosen_php(fleet: SimFleet, runner: Runner, door: Door) -> None:
    change(door, runner, ItemKind.WEBSITE, php="8.2")
    before = changing(fleet)
    grant(door, Service.get().id, Wish.REDEPLOY)
    run_all_due(runner)
    assert site(fleet)["BACKEND"] == "PHP-8_2"
    assert [ran for ran in changing(fleet) if ran[1] == "v-change-web-domain-backend-tpl"] == [
        ran for ran in before if ran[1] == "v-change-web-domain-backend-tpl"
    ]


def test_a_hard_redeployment_brings_the_settings_back(fleet: SimFleet, runner: Runner, door: Door) -> None:
    change(door, runner, ItemKind.WEBSITE, php="8.2", redirect="https://www.example.com")
    change(door, runner, ItemKind.MAIL_DOMAIN, catchall="all@example.com", antispam="no")
    grant(door, Service.get().id, Wish.HARD_REDEPLOY, typed=DOMAIN)
    run_all_due(runner)
    assert (site(fleet)["BACKEND"], site(fleet)["REDIRECT"]) == ("PHP-8_2", "https://www.example.com")
    assert (mail(fleet)["CATCHALL"], mail(fleet)["ANTISPAM"]) == ("all@example.com", "no")


def test_a_catch_all_is_replaced_and_dropped(fleet: SimFleet, runner: Runner, door: Door) -> None:
    change(door, runner, ItemKind.MAIL_DOMAIN, catchall="one@example.com")
    task = change(door, runner, ItemKind.MAIL_DOMAIN, catchall="two@example.com", antivirus="no")
    assert task.status is TaskStatus.SUCCESS, task.error
    assert (mail(fleet)["CATCHALL"], mail(fleet)["ANTIVIRUS"]) == ("two@example.com", "no")
    change(door, runner, ItemKind.MAIL_DOMAIN, catchall="")
    assert mail(fleet)["CATCHALL"] == ""


def test_more_aliases_than_the_product_allows_are_refused(fleet: SimFleet, runner: Runner, door: Door) -> None:
    names = ",".join(f"a{number}.customer.test" for number in range(6))
    with pytest.raises(Conflict, match="6 aliases, 5 are allowed"):
        change(door, runner, ItemKind.WEBSITE, aliases=names)
    assert not Item.select().exists()
