"""An order becomes tasks; tasks become statuses."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.lifecycle import (
    RetryPolicy,
    TaskFacts,
    backoff,
    become_follow_ups,
    service_status,
    snooze,
)
from hostdeck.core.domain.pipeline import Blueprint, name_accounts, plan_hosting
from hostdeck.core.domain.placement import Node, place_split
from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.progress import count
from hostdeck.core.domain.vocabulary import (
    Driver,
    Role,
    RunKind,
    ServerId,
    ServerStatus,
    ServiceId,
    ServiceStatus,
    TaskId,
    TaskStatus,
)

S = TaskStatus


def node(id: int, *roles: Role, driver: Driver = Driver.HESTIA) -> Node:
    return Node(
        ServerId(id), f"n{id}", f"n{id}.x.net", f"203.0.113.{id}", driver, ServerStatus.ACTIVE, frozenset(roles), 0, 0
    )


def plan(*members: Node, dns: tuple[Node, ...] = (), roles: frozenset[Role] = frozenset(Role)) -> Blueprint:
    limits = resolve_limits({}, {})
    placement = place_split(roles, members, dns, "eu")
    accounts = name_accounts("customer.com", placement, lambda server, name: False, lambda: "n0")
    return plan_hosting(ServiceId(42), "customer.com", None, limits, placement, accounts)


def shown(blueprint: Blueprint) -> list[str]:
    return [f"{task.action}@{task.server.name}" for task in blueprint.tasks]


THREE_TIERS = (node(1, Role.WEB), node(2, Role.MAIL))
NAMESERVERS = (node(3, Role.DNS), node(4, Role.DNS))


def test_a_split_order_has_package_user_and_domain_per_role_and_the_zone_on_every_nameserver() -> None:
    assert sorted(shown(plan(*THREE_TIERS, dns=NAMESERVERS))) == sorted(
        [
            *("web.createPackage@n1", "web.createUser@n1", "web.addDomain@n1"),
            *("mail.createPackage@n2", "mail.createUser@n2", "mail.addDomain@n2"),
            *("dns.createPackage@n3", "dns.createUser@n3", "dns.deployZone@n3"),
            *("dns.createPackage@n4", "dns.createUser@n4", "dns.deployZone@n4"),
            *("ssl.seed@n1", "ssl.seed@n2"),
        ]
    )


def test_a_role_that_is_off_has_no_task() -> None:
    tasks = shown(plan(THREE_TIERS[1], dns=NAMESERVERS, roles=frozenset({Role.MAIL, Role.DNS})))
    assert not [task for task in tasks if task.startswith("web")]
    assert [task for task in tasks if task.startswith("ssl")] == ["ssl.seed@n2"]


def test_the_zone_waits_for_the_mail_domain_and_its_own_user_only() -> None:
    blueprint = plan(*THREE_TIERS, dns=NAMESERVERS)
    zone = next(task for task in blueprint.tasks if task.key == "dns@n3.zone")
    assert set(zone.after) == {"dns@n3.user", "mail.domain"}


def test_every_task_comes_after_the_tasks_it_waits_for() -> None:
    blueprint = plan(*THREE_TIERS, dns=NAMESERVERS)
    keys = [task.key for task in blueprint.tasks]
    assert len(set(keys)) == len(keys)
    for at, task in enumerate(blueprint.tasks):
        assert set(task.after) <= set(keys[:at])


def test_roles_on_one_node_share_one_user_and_one_package() -> None:
    only = node(1, *Role)
    blueprint = plan(only, dns=(only,))
    assert [(a.username, a.roles) for a in blueprint.accounts] == [("customer-com", (Role.WEB, Role.MAIL, Role.DNS))]
    packages = [task for task in blueprint.tasks if task.action.endswith("createPackage")]
    assert [task.target for task in packages] == ["hdk-000042-all-p"]
    assert sum(a.takes_slot for a in blueprint.accounts) == 1


def test_a_powerdns_node_gets_the_zone_alone() -> None:
    blueprint = plan(*THREE_TIERS, dns=(node(5, Role.DNS, driver=Driver.POWERDNS),))
    assert [task.key for task in blueprint.tasks if task.server.id == 5] == ["dns@n5.zone"]


def test_dns_never_takes_a_slot() -> None:
    blueprint = plan(*THREE_TIERS, dns=NAMESERVERS)
    assert {a.server.name: a.takes_slot for a in blueprint.accounts} == {
        "n1": True,
        "n2": True,
        "n3": False,
        "n4": False,
    }


def test_every_action_has_a_label_and_arguments() -> None:
    assert set(ACTIONS) == set(Action)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 15), (2, 30), (3, 60), (7, 900), (20, 900)])
def test_backoff_doubles_to_its_cap(attempt: int, seconds: float) -> None:
    policy = RetryPolicy()
    assert backoff(attempt, policy, 0.5) == seconds
    assert backoff(attempt, policy, 0.0) == seconds / 2
    assert backoff(attempt, policy, 1.0) == seconds * 1.5


def test_waiting_for_a_node_is_never_longer_than_a_minute_and_a_half() -> None:
    assert max(snooze(n, Action.WEB_CREATE_USER, 1.0) for n in range(50)) <= 90
    assert snooze(50, Action.SSL_SEED, 0.5) == 3600


def facts(*statuses: TaskStatus, follow_up: TaskStatus | None = None) -> list[TaskFacts]:
    made = [
        TaskFacts(TaskId(n), Action.WEB_CREATE_USER, status, False, None, False) for n, status in enumerate(statuses)
    ]
    if follow_up:
        made.append(TaskFacts(TaskId(99), Action.SSL_SEED, follow_up, True, None, False))
    return made


@pytest.mark.parametrize(
    ("before", "tasks", "after"),
    [
        (ServiceStatus.PENDING, facts(S.QUEUED, S.WAITING), ServiceStatus.PENDING),
        (ServiceStatus.PENDING, facts(S.RUNNING, S.WAITING), ServiceStatus.DEPLOYING),
        (ServiceStatus.DEPLOYING, facts(S.QUEUED, S.SUCCESS), ServiceStatus.DEPLOYING),
        (ServiceStatus.DEPLOYING, facts(S.SUCCESS, S.SKIPPED), ServiceStatus.ACTIVE),
        (ServiceStatus.DEPLOYING, facts(S.SUCCESS, follow_up=S.RETRYING), ServiceStatus.ACTIVE),
        (ServiceStatus.ACTIVE, facts(S.SUCCESS, follow_up=S.FAILED), ServiceStatus.ACTIVE),
        (ServiceStatus.DEPLOYING, facts(S.SUCCESS, S.FAILED, S.WAITING), ServiceStatus.ERROR),
        (ServiceStatus.DEPLOYING, facts(S.SUCCESS, S.CANCELLED, S.WAITING), ServiceStatus.ERROR),
        (ServiceStatus.ERROR, facts(S.SUCCESS, S.QUEUED), ServiceStatus.DEPLOYING),
        (ServiceStatus.TERMINATED, facts(S.RUNNING), ServiceStatus.TERMINATED),
    ],
)
def test_a_services_status_follows_from_its_tasks(
    before: ServiceStatus, tasks: list[TaskFacts], after: ServiceStatus
) -> None:
    assert service_status(before, RunKind.DEPLOY, tasks) is after


def lane(name: str, *statuses: TaskStatus) -> list[TaskFacts]:
    actions = (Action.DNS_CREATE_PACKAGE, Action.DNS_CREATE_USER, Action.DNS_DEPLOY_ZONE)
    return [
        TaskFacts(TaskId(hash((name, n)) & 0xFFFF), action, status, False, name, status in (S.RETRYING, S.FAILED))
        for n, (action, status) in enumerate(zip(actions, statuses, strict=True))
    ]


def test_a_lane_in_trouble_becomes_a_follow_up_once_another_nameserver_answers() -> None:
    dead = lane("ns2", S.RETRYING, S.WAITING, S.WAITING)
    assert become_follow_ups([*lane("ns1", S.SUCCESS, S.SUCCESS, S.RUNNING), *dead]) == frozenset()
    answered = [*lane("ns1", S.SUCCESS, S.SUCCESS, S.SUCCESS), *dead]
    assert become_follow_ups(answered) == {task.id for task in dead}


def test_a_lane_that_is_only_slower_is_waited_for() -> None:
    slow = lane("ns2", S.SUCCESS, S.RUNNING, S.WAITING)
    assert become_follow_ups([*lane("ns1", S.SUCCESS, S.SUCCESS, S.SUCCESS), *slow]) == frozenset()


def test_active_is_a_hundred_percent_whatever_the_follow_ups_do() -> None:
    done = count([(S.SUCCESS, False), (S.SKIPPED, False), (S.RETRYING, True)])
    assert (done.total, done.done, done.percent) == (2, 2, 100)


def test_the_four_numbers_of_progress_add_up() -> None:
    every = count([(status, False) for status in TaskStatus])
    assert every.done + every.running + every.pending + every.failed == every.total == len(TaskStatus)
