"""What an operator is offered about a task that has failed."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.offers import Failed, offers
from hostdeck.core.domain.vocabulary import TaskStatus

TASK = Failed(task=7, action=Action.WEB_CREATE_USER, target="shop-web", service=3, domain="shop.test", server="web01")


def deeds(task: Failed, error: str | None) -> list[str]:
    return [one.deed for one in offers(task, TaskStatus.FAILED, error)]


def test_a_task_that_has_not_failed_offers_nothing() -> None:
    assert offers(TASK, TaskStatus.RETRYING, "busy [OWN_FOREIGN]") == ()


@pytest.mark.parametrize("error", [None, "no code", "an unknown [OWN_ELSE]"])
def test_a_failure_without_a_way_of_its_own_can_be_tried_again(error: str | None) -> None:
    assert deeds(TASK, error) == ["retry"]


def test_an_account_of_somebody_elses_can_be_left_alone_under_another_name() -> None:
    assert deeds(TASK, "is another's [OWN_FOREIGN]") == ["show", "rename", "retry"]


def test_a_change_that_was_refused_is_wished_anew_and_never_retried() -> None:
    check = TASK.model_copy(update={"action": Action.WEB_CHECK_LIMITS})
    (way,) = offers(check, TaskStatus.FAILED, "web01: it holds more [PLAN_SMALLER]")
    assert way.command == "hostdeck service change-product 3 PRODUCT --plan"
