"""A service's later life, as typed in a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.work_models import Service, Task
from hostdeck.tui.cli.planning import say_ending

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def active(call: Call, home: Path) -> None:
    """An order whose tasks are all done."""
    assert call("service", "create", "customer.com", "--product", "web-s").code == 0
    with connection():
        Task.update(status=TaskStatus.SUCCESS).execute()
        Service.update(status=ServiceStatus.ACTIVE).execute()


def status() -> ServiceStatus:
    with connection():
        return Service.get().status


def test_suspend_answers_at_once_with_the_service_on_its_way(call: Call, active: None) -> None:
    said = call("service", "suspend", "customer.com", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["status"] == "suspending"


def test_terminate_without_yes_is_refused_and_changes_nothing(call: Call, active: None) -> None:
    said = call("service", "terminate", "customer.com")
    assert said.code == 2
    assert "add --yes to terminate customer.com" in said.err
    assert status() is ServiceStatus.ACTIVE


def test_the_plan_of_a_termination_says_what_goes(call: Call, active: None) -> None:
    said = call("service", "terminate", "customer.com", "--plan", "--json")
    plan = json.loads(said.out)
    assert any("customer-com-web" in line for line in plan["destroys"])
    assert [task["position"] for task in plan["tasks"]] == list(range(1, len(plan["tasks"]) + 1))
    assert status() is ServiceStatus.ACTIVE


def test_terminate_with_yes_begins_and_is_audited(call: Call, active: None) -> None:
    assert call("service", "terminate", "customer.com", "--yes").code == 0
    assert status() is ServiceStatus.TERMINATING
    with connection():
        assert Audit.select().where(Audit.intent == "service.terminate").count() == 1


def test_what_does_not_fit_the_state_is_refused_with_the_reason(call: Call, active: None) -> None:
    said = call("service", "unsuspend", "customer.com")
    assert said.code == 4
    assert "can't unsuspend: it is active" in said.err


def test_resume_takes_up_what_has_failed(call: Call, active: None) -> None:
    assert call("service", "resume", "customer.com").code == 4
    with connection():
        last = Task.select().order_by(Task.id.desc()).get()
        Task.update(status=TaskStatus.FAILED, follow_up=False).where(Task.id == last.id).execute()
    assert call("service", "resume", "customer.com").code == 0
    with connection():
        assert Task.get_by_id(last.id).status is TaskStatus.QUEUED


def test_what_a_customer_may_watch_names_no_server_user_or_error(call: Call, active: None) -> None:
    with connection():
        Task.update(status=TaskStatus.FAILED, error="web01 said no").where(Task.action == "web.addDomain").execute()
        Service.update(status=ServiceStatus.ERROR, error="web01 said no").execute()
    for flags in (("--json",), ()):
        said = call("service", "watch", "customer.com", "--public", *flags)
        assert said.code == 1
        assert "Configuring web hosting" in said.out
        for secret in ("web01", "mx01", "ns1", "customer-com-web", "said no"):
            assert secret not in said.out + said.err
    assert json.loads(call("service", "watch", "1", "--public", "--json").out)["status"] == "delayed"


@pytest.mark.parametrize("number", ["0", "-1", "x"])
def test_only_a_plans_number_holds_a_wish_to_it(call: Call, active: None, number: str) -> None:
    """Zero would have done it without any plan."""
    for words in (("service", "suspend"), ("zone", "redeploy")):
        said = call(*words, "customer.com", f"--planned={number}")
        assert said.code == 2
        assert "--planned" in said.err
    assert status() is ServiceStatus.ACTIVE


@pytest.mark.parametrize("word", ["", "12", "0123456789ABCDEF"])
def test_only_a_fingerprint_holds_an_order_to_its_plan(call: Call, home: Path, word: str) -> None:
    said = call("service", "create", "customer.com", "--product", "web-s", f"--planned={word}")
    assert said.code == 2
    assert "fingerprint" in said.err


def test_a_plan_that_was_not_read_whole_offers_nothing_to_hold_to(capsys: pytest.CaptureFixture[str]) -> None:
    say_ending(7, ("mx01",), read=False)
    said = capsys.readouterr().out
    assert "not read from mx01: nothing can be held to this plan" in said
    assert "--planned" not in said
    say_ending(7, (), read=True)
    assert "--planned 7 does exactly this" in capsys.readouterr().out
