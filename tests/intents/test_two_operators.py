"""Two operators at one store: whose wish a run was, and what the second of two is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import RunKind, ServiceStatus, Target, TaskStatus
from hostdeck.core.domain.wishes import Wish, stops_words
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.bulk import apply
from hostdeck.core.intents.fleet import refresh_servers
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.group_config import set_config
from hostdeck.core.intents.items import add_item
from hostdeck.core.intents.life import ask_nodes, grant, plan_wish
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.zones import redeploy_zone
from hostdeck.core.queries import services, tasks
from hostdeck.core.settings import Settings
from hostdeck.core.store.asked import asker
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.work_models import Run, Service, Task

DOMAIN = "customer.test"
OPS1, OPS2 = Door("ops1", reserved_ok=True), Door("ops2", reserved_ok=True)


def ordered(door: Door = OPS1) -> int:
    add_fleet()
    return place_order(door, OrderForm(DOMAIN, "basic"))


def built(door: Door = OPS1) -> int:
    service = ordered(door)
    Task.update(status=TaskStatus.SUCCESS).execute()
    Service.update(status=ServiceStatus.ACTIVE).execute()
    return service


def some_time_ago(seconds: int = 40) -> None:
    for line in Audit.select():
        Audit.update(at=line.at - timedelta(seconds=seconds)).where(Audit.id == line.id).execute()


def wisher(run: Run) -> str | None:
    asked = asker(run.asked)
    return asked and f"{asked.actor} {asked.intent}"


def test_every_kind_of_run_says_whose_wish_it_was(any_store: Settings) -> None:
    service = built()
    ask_nodes(OPS2, service, Wish.REDEPLOY)
    redeploy_zone(OPS2, DOMAIN)
    add_item(OPS2, service, ItemKind.MAILBOX, "info", {})
    refresh_servers(OPS2, ("web01",))
    apply(OPS2, "eu", Push.STATUS)
    grant(OPS2, service, Wish.SUSPEND)
    assert {(run.kind, wisher(run)) for run in Run.select()} == {
        (RunKind.DEPLOY, "ops1 service.create"),
        (RunKind.PLAN, "ops2 service.plan"),
        (RunKind.ZONE, "ops2 zone.redeploy"),
        (RunKind.ITEM, "ops2 mailbox.add"),
        (RunKind.SERVER, "ops2 server.refresh"),
        (RunKind.BULK, "ops2 group.apply"),
        (RunKind.SUSPEND, "ops2 service.suspend"),
    }


def test_what_hostdeck_begins_by_itself_is_nobodys(store: Settings) -> None:
    ordered()
    assert Run.create(kind=RunKind.ITEM).asked is None


def test_a_service_and_its_tasks_say_who_asked(store: Settings) -> None:
    service = built()
    grant(OPS2, service, Wish.REDEPLOY)
    some_time_ago()
    seen = services.service(service).asked
    assert seen is not None
    assert (seen.actor, seen.intent) == ("ops2", "service.redeploy")
    newest = Task.select().order_by(Task.id.desc()).first()
    assert tasks.task(newest.id).asked == seen
    assert seen.words(seen.at + timedelta(seconds=40)) == "asked by ops2, 40 s ago"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Wish.REDEPLOY, Wish.REDEPLOY),
        (Wish.REDEPLOY, Wish.HARD_REDEPLOY),
        (Wish.HARD_REDEPLOY, Wish.REDEPLOY),
    ],
)
def test_a_second_redeploy_is_refused_with_the_first_ones_name(any_store: Settings, first: Wish, second: Wish) -> None:
    service = built()
    run = grant(OPS2, service, first, DOMAIN)
    some_time_ago()
    for attempt in (plan_wish, lambda *wish: grant(*wish, typed=DOMAIN)):
        with pytest.raises(Conflict, match=r"ops2 redeploys this.* since 4\d s; let it end, or cancel") as refused:
            attempt(OPS1, service, second)
        assert refused.value.code == "SVC_BUSY"
    assert Service.get_by_id(service).run == run
    assert not Task.select().where(Task.status == TaskStatus.CANCELLED).exists()


def test_a_redeploy_while_it_is_being_built_names_who_ordered_it(store: Settings) -> None:
    service = ordered(OPS2)
    with pytest.raises(Conflict, match="ops2 has this built since"):
        grant(OPS1, service, Wish.REDEPLOY)


def test_a_run_that_has_stopped_is_redeployed_again_by_anybody(store: Settings) -> None:
    """What waits behind the failed step, and a certificate that is tried for weeks, are not under way."""
    service = built()
    run = grant(OPS1, service, Wish.REDEPLOY)
    mine = Task.run == run
    Task.update(status=TaskStatus.SUCCESS).where(mine, Task.status == TaskStatus.QUEUED).execute()
    failed = Task.select().where(mine, Task.status == TaskStatus.WAITING).order_by(Task.id).first()
    Task.update(status=TaskStatus.FAILED, error="no").where(Task.id == failed.id).execute()
    Task.update(status=TaskStatus.RETRYING).where(mine, Task.follow_up).execute()
    assert Task.select().where(mine, Task.status == TaskStatus.WAITING).exists()
    assert grant(OPS1, service, Wish.REDEPLOY) != run


def test_another_wish_still_takes_over_and_its_plan_names_whose_run_it_stops(any_store: Settings) -> None:
    service = built()
    run = grant(OPS2, service, Wish.REDEPLOY)
    some_time_ago()
    plan = plan_wish(OPS1, service, Wish.TERMINATE)
    assert "of the run that is under way: ops2 redeploys this since 4" in stops_words(plan)
    grant(OPS1, service, Wish.TERMINATE, DOMAIN)
    assert not Task.select().where(Task.run == run, Task.status.in_(["queued", "waiting"])).exists()


def test_a_wish_that_does_not_fit_says_who_is_at_it(store: Settings) -> None:
    service = built()
    grant(OPS2, service, Wish.SUSPEND)
    with pytest.raises(Conflict, match="it is suspending already; ops2 suspends this since") as refused:
        grant(OPS1, service, Wish.SUSPEND)
    assert refused.value.code == "SVC_STATE"


def test_a_plan_that_stops_nothing_names_nobody(store: Settings) -> None:
    service = built()
    Task.update(status=TaskStatus.SUCCESS).execute()
    assert stops_words(plan_wish(OPS2, service, Wish.TERMINATE)) == ""


def test_a_second_publishing_and_a_second_bulk_action_name_the_first_one(store: Settings) -> None:
    built()
    redeploy_zone(OPS2, DOMAIN)
    with pytest.raises(Conflict, match=r"publishes customer.test already \(asked by ops2, "):
        redeploy_zone(OPS1, DOMAIN)
    set_config(OPS2, "eu", Target.WEB, {"DB_PMA_ALIAS": "sql"})
    apply(OPS2, "eu", Push.WEB)
    with pytest.raises(Conflict, match=r"--to web, run \d+, asked by ops2, \d+ s ago"):
        apply(OPS1, "eu", Push.WEB)
