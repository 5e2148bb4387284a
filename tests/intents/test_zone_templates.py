"""A group's zone template: who gets it, and where the DKIM key goes."""

from __future__ import annotations

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.findings import DkimKnown
from hostdeck.core.errors import Invalid, NotFound, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order, plan_order
from hostdeck.core.intents.zone_templates import reset_template, set_template
from hostdeck.core.queries.zone_templates import zone_template
from hostdeck.core.settings import Settings
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.findings import keep
from hostdeck.core.store.fleet_models import Audit, Group
from hostdeck.core.store.work_models import Record, Run, Task, Zone

pytestmark = pytest.mark.usefixtures("fleet")
TEXT = "@ 3600 NS {ns}\n@ 600 A {server_ip}\neu1._domainkey 300 TXT {domainkey}\n"
KEYLESS = "@ 3600 NS {ns}\n@ 600 A {server_ip}\n"


@pytest.fixture
def fleet(any_store: Settings) -> None:
    add_fleet()


def records(service: int) -> set[tuple[str, str, int]]:
    rows = Record.select().join(Zone).where(Zone.service == service)
    return {(row.name, str(row.type), row.ttl) for row in rows}


def key_found(service: int, domain: str, key: str = "v=DKIM1; p=one") -> set[tuple[str, str]]:
    """The mail node has told its key; the DKIM records there are then."""
    task = Task.get((Task.service == service) & (Task.action == "mail.addDomain"))
    keep(task, DkimKnown(domain, key), utcnow())
    rows = Record.select().join(Zone).where(Zone.service == service, Record.value.startswith("v=DKIM1"))
    return {(row.name, row.value) for row in rows}


def test_new_orders_use_the_template_and_older_zones_keep_theirs(door: Door) -> None:
    before = place_order(door, OrderForm("old.com", "basic"))
    kept = records(before)
    set_template(door, "eu", TEXT)
    after = place_order(door, OrderForm("new.com", "basic"))
    assert records(after) == {("@", "NS", 3600), ("@", "A", 600)}
    assert records(before) == kept
    assert {record.ttl for record in plan_order(door, OrderForm("next.com", "basic")).records} == {600, 3600}
    reset_template(door, "eu")
    assert zone_template("eu").builtin
    assert records(place_order(door, OrderForm("last.com", "basic"))) == kept


def test_the_key_comes_under_the_name_of_the_template(door: Door) -> None:
    set_template(door, "eu", TEXT)
    service = place_order(door, OrderForm("new.com", "basic"))
    assert key_found(service, "new.com") == {("eu1._domainkey", "v=DKIM1; p=one")}
    assert ("eu1._domainkey", "TXT", 300) in records(service)
    assert key_found(service, "new.com", "v=DKIM1; p=two") == {("eu1._domainkey", "v=DKIM1; p=two")}


def test_a_template_without_a_key_makes_a_zone_without_one(door: Door) -> None:
    set_template(door, "eu", KEYLESS)
    assert key_found(place_order(door, OrderForm("new.com", "basic")), "new.com") == set()


def test_a_zone_keeps_its_own_template_when_the_groups_changes_before_the_key_is_known(door: Door) -> None:
    service = place_order(door, OrderForm("new.com", "basic"))
    set_template(door, "eu", KEYLESS)
    assert key_found(service, "new.com") == {("mail._domainkey", "v=DKIM1; p=one")}


def test_an_order_of_before_there_were_templates_has_the_usual_name(door: Door) -> None:
    service = place_order(door, OrderForm("new.com", "basic"))
    Run.update(detail=None).execute()
    assert key_found(service, "new.com") == {("mail._domainkey", "v=DKIM1; p=one")}


def test_a_template_that_is_refused_changes_nothing(door: Door) -> None:
    with pytest.raises(Invalid, match="line 2"):
        set_template(door, "eu", "@ 60 NS {ns}\n@ 60 A {nowhere}\n")
    assert Group.get().zone_template is None
    with pytest.raises(NotFound):
        set_template(door, "us", TEXT)
    with pytest.raises(Refused):
        reset_template(Door("tester", read_only=True), "eu")


def test_the_audit_keeps_what_was_there_before(door: Door) -> None:
    set_template(door, "eu", TEXT)
    set_template(door, "eu", KEYLESS)
    line = Audit.select().order_by(Audit.id.desc()).get()
    assert (line.intent, line.object, line.detail["records"]) == ("group.template", "eu", 2)
    assert len(line.detail["before"]) == 3
