"""What is sold, and what changing it may touch."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import add_fleet, add_server

from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductChange, ProductForm
from hostdeck.core.intents.products import EXAMPLE, add_product, edit_product, plan_product, remove_product
from hostdeck.core.intents.services import place_order, plan_order
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Audit, Group, Server
from hostdeck.core.store.work_models import Product, Service

pytestmark = pytest.mark.usefixtures("fleet")


@pytest.fixture
def fleet(any_store: Settings) -> None:
    add_fleet()


def both_on_one_node() -> Server:
    return add_server("all01", Role.WEB, Role.MAIL, group=Group.get())


def product() -> Product:
    return Product.get(Product.name == "basic")


def test_a_changed_product_counts_for_orders_from_now_on(door: Door) -> None:
    before = place_order(door, OrderForm("first.com", "basic"))
    edit_product(door, "basic", ProductChange(limits={"web_databases": "42"}))
    after = place_order(door, OrderForm("second.com", "basic"))
    assert Service.get_by_id(before).limits["web_databases"] == "5"
    assert Service.get_by_id(after).limits["web_databases"] == "42"


def test_an_unset_limit_is_the_default_again(door: Door) -> None:
    edit_product(door, "basic", ProductChange(limits={"web_databases": "42"}))
    edit_product(door, "basic", ProductChange(unset=("web_databases",)))
    assert "web_databases" not in product().limits


def test_the_mode_is_locked_once_something_was_ordered(door: Door) -> None:
    both_on_one_node()
    edit_product(door, "basic", ProductChange(mode="unified"))
    assert product().mode is Mode.UNIFIED
    edit_product(door, "basic", ProductChange(mode="split"))
    place_order(door, OrderForm("first.com", "basic"))
    with pytest.raises(Conflict, match="its mode is locked") as refused:
        edit_product(door, "basic", ProductChange(mode="unified"))
    assert refused.value.code == "PRD_LOCKED"
    assert product().mode is Mode.SPLIT


def test_a_product_of_neither_web_nor_mail_is_refused(door: Door) -> None:
    with pytest.raises(Invalid):
        edit_product(door, "basic", ProductChange(roles=("dns",)))
    assert len(product().roles) > 1


def test_a_product_goes_only_while_nothing_was_ordered_of_it(door: Door) -> None:
    place_order(door, OrderForm("first.com", "basic"))
    with pytest.raises(Conflict, match="used by 1 services"):
        remove_product(door, "basic")
    add_product(door, ProductForm("unsold", "eu", "split", ("web",)))
    remove_product(door, "unsold")
    assert [row.name for row in Product.select()] == ["basic"]


@pytest.mark.parametrize("status", ["draining", "disabled", "quarantined", ""])
def test_i73_a_unified_product_is_not_saved_where_nothing_could_build_it(door: Door, status: str) -> None:
    """Nor ordered, when the server went later."""
    if status:
        node = both_on_one_node()
        Server.update(status=status).where(Server.id == node).execute()
    form = ProductForm("one", "eu", "unified", ("web", "mail"))
    for wish in (
        lambda: add_product(door, form),
        lambda: edit_product(door, "basic", ProductChange(mode="unified")),
        lambda: plan_product(door, form),
    ):
        with pytest.raises(Invalid) as refused:
            wish()
        assert str(refused.value) == "group: no active server has both Web and Mail [GRP_UNIFIED]"
    assert [row.name for row in Product.select()] == ["basic"]


def test_i73_a_unified_product_is_not_ordered_once_its_server_drains(door: Door) -> None:
    node = both_on_one_node()
    add_product(door, ProductForm("one", "eu", "unified", ("web", "mail")))
    assert plan_order(door, OrderForm("first.com", "one")).accounts
    Server.update(status="draining").where(Server.id == node).execute()
    with pytest.raises(Invalid) as refused:
        place_order(door, OrderForm("first.com", "one"))
    assert (refused.value.exit_code, refused.value.code) == (2, "GRP_UNIFIED")


def rows() -> dict[str, int]:
    return {model.__name__: model.select().count() for model in (Audit, Product, Service, Server)}


def test_a_product_is_tried_out_before_it_is_saved_and_nothing_is_written(door: Door) -> None:
    before = rows()
    plan = plan_product(door, ProductForm("", "eu", "split", ("web", "mail", "dns")))
    assert plan.domain == EXAMPLE
    assert {(a.role, a.server, a.username) for a in plan.accounts} == {
        (Role.WEB, "web01", "newcustomer-com-web"),
        (Role.MAIL, "mx01", "newcustomer-com-mail"),
        (Role.DNS, "ns01", "newcustomer-com-dns"),
        (Role.DNS, "ns02", "newcustomer-com-dns"),
    }
    assert rows() == before


def test_trying_out_a_product_says_what_saving_it_would(door: Door) -> None:
    for form, field in (
        (ProductForm("p", "eu", "odd", ("web",)), "mode"),
        (ProductForm("p", "eu", "split", ("ftp",)), "roles"),
        (ProductForm("p", "eu", "split", ("web",), {"web_disk_quota": "much"}), "web_disk_quota"),
        (ProductForm("p", "eu", "split", ("dns",)), "product"),
    ):
        with pytest.raises(Invalid) as refused:
            plan_product(door, form)
        assert refused.value.field == field


def outcome(plan: OrderPlan) -> tuple[object, ...]:
    """All of a plan that reaches a node or a nameserver."""
    return plan.mode, plan.roles, plan.accounts, plan.why, plan.records, plan.tasks


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.sampled_from(["split", "unified"]), st.sets(st.sampled_from(list(Role))), st.sampled_from(["web", "mail"]))
def test_an_option_of_zero_is_exactly_an_unticked_box(door: Door, mode: str, ticked: set[Role], off: str) -> None:
    if not Server.get_or_none(Server.name == "all01"):
        both_on_one_node()
    Product.delete().where(Product.name != "basic").execute()
    Product.create(name="whole", group=Group.get(), mode=mode, roles=sorted(ticked), limits={})
    Product.create(name="less", group=Group.get(), mode=mode, roles=sorted(ticked - {Role(off)}), limits={})

    def planned(product: str, options: dict[str, str]) -> object:
        try:
            return outcome(plan_order(door, OrderForm("first.com", product, options=options)))
        except Invalid as refused:
            return str(refused)

    assert planned("whole", {f"{off}_disk_quota": "0"}) == planned("less", {})
