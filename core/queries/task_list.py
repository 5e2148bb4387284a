"""The list of all tasks, by windows."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from peewee import JOIN, Case, fn

from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.narrowed import Listed, Test, all_of, any_of, holds, one_of
from hostdeck.core.queries.rows import actions_labelled, task_query, task_rows, utc
from hostdeck.core.queries.views import TaskRow
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Service, Task


def task_window(asked: Asked, *, now: datetime | None = None) -> Window[TaskRow]:
    """`state: server: for: task: action: group: error:` and `age:` are its qualifiers; a bare word is looked for in
    target, action, label, domain, server, state and error. A new task stands first unless `order` says otherwise."""
    moment = utc(now)
    conditions = _tasks().conditions(asked.text, moment)
    kept = _joined(Task.select(Task.id))
    kept = kept.where(all_of(conditions)) if conditions else kept
    ordered = kept.order_by(*_tasks().order(asked.order)).limit(asked.limit).offset(asked.first)
    ids = [number for (number,) in ordered.tuples()]
    rows = {row.id: row for row in task_rows(task_query().where(Task.id.in_(ids)), moment)}
    states = dict(Task.select(Task.status, fn.COUNT(Task.id)).group_by(Task.status).tuples())
    total = sum(states.values())
    return Window(
        tuple(rows[number] for number in ids if number in rows),
        asked,
        kept.count() if conditions else total,
        total,
        {str(TaskStatus(state)): count for state, count in states.items()},
        _tasks().qualifiers,
    )


def _joined(query: Any) -> Any:
    return query.join(Service, JOIN.LEFT_OUTER, on=(Task.service == Service.id)).join(
        Server, JOIN.LEFT_OUTER, on=(Task.server == Server.id)
    )


def _label(word: str) -> Any:
    return Task.action.in_(actions_labelled(word))


def _group(word: str) -> Any:
    """That of the task's server, or of its service."""
    named = holds(Group.name)(word)
    sold = Product.select(Product.id).join(Group).where(named)
    return Server.group.in_(Group.select(Group.id).where(named)) | Service.product.in_(sold)


@cache
def _tasks() -> Listed:
    state: Test = one_of(Task.status, list(TaskStatus))
    belongs = any_of([holds(Service.domain), holds(Task.target)])
    by_label = sorted(ACTIONS, key=lambda action: ACTIONS[action].label)
    return Listed(
        anywhere=any_of([belongs, holds(Task.action), _label, holds(Server.name), state, holds(Task.error)]),
        keys={
            "state": state,
            "status": state,
            "server": holds(Server.name),
            "for": belongs,
            "task": _label,
            "action": holds(Task.action),
            "group": _group,
            "error": holds(Task.error),
        },
        born=Task.created_at,
        orders={
            "id": Task.id,
            "state": Task.status,
            "label": Case(Task.action, [(action.value, place) for place, action in enumerate(by_label)]),
            "domain": fn.COALESCE(Service.domain, Task.target),
            "server": Server.name,
            "age": Task.id * -1,
        },
    )
