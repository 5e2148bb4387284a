"""The list of all tasks, by windows."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from peewee import JOIN, Case, fn

from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.narrowing import How
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries.narrowed import Listed, Test, any_of, by_state, holds, one_of, read_window
from hostdeck.core.queries.rows import actions_labelled, task_query, task_rows, utc
from hostdeck.core.queries.views import TaskRow
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Service, Task


def task_window(asked: Asked, *, now: datetime | None = None) -> Window[TaskRow]:
    """`state: server: for: task: action: group: error:` and `age:` are its qualifiers; a bare word is looked for in
    target, action, label, domain, server, state and error. A new task stands first unless `order` says otherwise."""
    moment = utc(now)
    states = by_state(Task, TaskStatus)
    kept = Task.select(Task.id).join(Service, JOIN.LEFT_OUTER, on=(Task.service == Service.id))
    return read_window(
        _tasks(),
        kept.join(Server, JOIN.LEFT_OUTER, on=(Task.server == Server.id)),
        asked,
        lambda ids: task_rows(task_query().where(Task.id.in_(ids)), moment),
        now=moment,
        total=sum(states.values()),
        states=states,
    )


def _label(word: str, how: How) -> Any:
    return Task.action.in_(actions_labelled(word, how))


def _group(word: str, how: How) -> Any:
    """That of the task's server, or of its service."""
    named = holds(Group.name)(word, how)
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
