"""The long lists, narrowed and sorted by the database: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.vocabulary import Mode, Role, RunKind, ServiceStatus, TaskStatus
from hostdeck.core.domain.windows import Asked
from hostdeck.core.intents.base import Door
from hostdeck.core.queries.audit_list import audit_window
from hostdeck.core.queries.service_list import service_window
from hostdeck.core.queries.task_list import task_window
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Product, Run, Service, Task

NOW = datetime(2026, 3, 14, 21, 12, tzinfo=UTC)
ACTIONS = ("web.createUser", "web.addDomain", "mail.addDomain", "dns.deployZone")

KEPT = {
    "shop07": [7], "SHOP07": [7], "state:error": [35, 28, 21, 14, 7], "!state:active shop2": [28, 21],
    "owner17@": [17], "u33": [33], "server:web02 shop0": [9, 7, 5, 3, 1], "~s17e": [17], "~eror": [35, 28, 21, 14, 7],
    "age:<2h": [40, 39], "age:>38h": [1], "shop0%": [], "shop_1": [], "email:owner39": [39],
    "product:basic group:eu shop40": [40], "mode:uni": [], "state:nothing": [], "domain:shop11": [11],
}  # fmt: skip
COUNTED = {
    "": 160, "state:fail": 8, "!state:fail": 152, "e_exists": 8, "u%": 8, "server:web01": 80, "shop07": 4,
    "for:shop07 task:web": 2, "action:dns": 40, "publishing": 40, "error:exists age:<1d": 5, "group:eu": 160,
    "group:us": 0, "!error:exists": 152, "!e_exists": 152,
}  # fmt: skip


@pytest.fixture
def filled(any_store: Settings) -> None:
    """Forty services, every seventh in error, an hour apart; four tasks each, the first of every fifth failed."""
    add_fleet()
    basic = Product.get()
    webs = [Server.get(Server.name == name) for name in ("web01", "web02")]
    for number in range(1, 41):
        born = NOW - timedelta(hours=40 - number)
        status = ServiceStatus.ERROR if number % 7 == 0 else ServiceStatus.ACTIVE
        service = Service.create(
            domain=f"shop{number:02}.example.com", product=basic, mode=Mode.SPLIT, roles=[Role.WEB], status=status,
            email=f"owner{number}@example.net", created_at=born,
        )  # fmt: skip
        run = Run.create(kind=RunKind.DEPLOY, service=service)
        Account.create(service=service, server=webs[number % 2], roles=[Role.WEB], username=f"u{number:02}", nonce="n")
        for place, action in enumerate(ACTIONS):
            failed = number % 5 == 0 and place == 0
            Task.create(
                run=run, service=service, server=webs[number % 2], action=action, target=service.domain,
                status=TaskStatus.FAILED if failed else TaskStatus.SUCCESS, created_at=born,
                error="E_EXISTS: user u% exists" if failed else None,
            )  # fmt: skip


def services(text: str = "", order: tuple[str, bool] | None = None, first: int = 0, limit: int = 200) -> list[int]:
    return [row.id for row in service_window(Asked(text, order, first, limit), now=NOW).rows]


def tasks(text: str) -> int:
    return task_window(Asked(text), now=NOW).count


def test_a_task_and_a_line_of_the_audit_are_found_again(filled: None, door: Door) -> None:
    assert [row.id for row in task_window(Asked("", ("label", True), limit=4, near=77), now=NOW).rows].count(77) == 1
    for _ in range(9):
        with door.change("a.wish", "a thing"):
            pass
    assert [row.id for row in audit_window(Asked("", limit=3, near=2)).rows] == [3, 2, 1]


@pytest.mark.usefixtures("filled")
class TestServices:
    def test_the_newest_stand_first_and_windows_follow_one_another(self) -> None:
        assert services(limit=3) == [40, 39, 38]
        assert services(first=38) == [2, 1]
        assert services(first=40) == []

    def test_all_are_counted_whatever_the_window(self) -> None:
        window = service_window(Asked("state:err", limit=2), now=NOW)
        assert (len(window.rows), window.count, window.total) == (2, 5, 40)
        assert window.states == {"active": 35, "error": 5}

    @pytest.mark.parametrize("order", [None, ("domain", False), ("domain", True), ("status", False), ("product", True)])
    def test_a_row_is_found_again_wherever_it_stands(self, order: tuple[str, bool] | None) -> None:
        rows = services(order=order)
        for number in (40, 28, 21, 2, 1):
            window = service_window(Asked("", order, limit=5, near=number), now=NOW)
            assert number in [row.id for row in window.rows]
            assert [row.id for row in window.rows] == rows[window.asked.first :][:5]
            assert window.asked.near is None

    def test_one_that_is_not_kept_changes_nothing(self) -> None:
        window = service_window(Asked("state:error", first=1, limit=2, near=8), now=NOW)
        assert ([row.id for row in window.rows], window.asked.first) == ([28, 21], 1)
        window = service_window(Asked("state:error", limit=2, near=7), now=NOW)
        assert ([row.id for row in window.rows], window.asked.first) == ([14, 7], 3)

    def test_what_is_typed_keeps(self) -> None:
        assert {text: services(text) for text in KEPT} == KEPT

    def test_what_is_sorted_by_a_column_is_sorted_as_a_whole(self) -> None:
        assert services(order=("domain", False), limit=2) == [1, 2]
        assert services(order=("domain", True), limit=2) == [40, 39]
        assert services(order=("status", True), limit=6) == [35, 28, 21, 14, 7, 40]
        assert services(order=("age", True), limit=2) == [1, 2]
        assert services(order=("id", False), limit=2) == [1, 2]


@pytest.mark.usefixtures("filled")
def test_tasks_are_found_by_what_is_typed() -> None:
    assert {text: tasks(text) for text in COUNTED} == COUNTED


HOSTILE = (
    "a\x00b", "\ud800", "age:<9999999999w", "!age:<9999999999w", f"age:>{'9' * 400}w", "\\", "'", '"; drop',
    "e_exists\\", " ".join(f"w{number}" for number in range(3000)), "!abc " * 1500, f"state:{'x,' * 3000}",
    f"~{'ab' * 5000}", "%" * 60000,
)  # fmt: skip


def test_a_hostile_filter_is_a_filter_like_any_other(filled: None) -> None:
    for text in HOSTILE:
        for window in (service_window, task_window, audit_window):
            found = window(Asked(text), now=NOW)
            assert found.count <= found.total
    assert len(services("age:<9999999999w")) == 40
    assert services("age:>9999999999w") == []


def test_letters_beyond_ascii_are_found_in_upper_and_lower_case(filled: None) -> None:
    first = Task.select().order_by(Task.id).get()
    Task.update(error="Źródło: straße").where(Task.id == first.id).execute()
    for typed in ("error:Źródło", "źródło", "ŹRÓDŁO", "straße", "~Źdł"):
        assert [row.id for row in task_window(Asked(typed), now=NOW).rows] == [first.id], typed
