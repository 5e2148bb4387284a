"""What is sold, and what changing it may touch."""

from __future__ import annotations

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.vocabulary import Mode
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductChange, ProductForm
from hostdeck.core.intents.products import add_product, edit_product, remove_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store.work_models import Product, Service

pytestmark = pytest.mark.usefixtures("fleet")


@pytest.fixture
def fleet(any_store: Settings) -> None:
    add_fleet()


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
    add_product(door, ProductForm("unsold", "eu", "unified", ("web",)))
    remove_product(door, "unsold")
    assert [row.name for row in Product.select()] == ["basic"]
