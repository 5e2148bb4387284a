"""A service as one reading finds it, with the tasks that keys on its tabs are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hostdeck.core.domain.acme import CertificateState
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import FINAL, TaskStatus
from hostdeck.core.queries import certificates, items, services, tasks, usage
from hostdeck.core.queries.certificates import CertificateRow
from hostdeck.core.queries.items import ItemRow, UseOfKind
from hostdeck.core.queries.usage import UseView
from hostdeck.core.queries.views import ServiceDetail, TaskRow
from hostdeck.screens.service_tabs import ITEM_TABS

TASK_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """`tasks` are the last of all its runs, oldest first."""

    service: ServiceDetail
    certificates: tuple[CertificateRow, ...]
    use: dict[str, UseView]
    items: tuple[ItemRow, ...]
    use_of_items: dict[ItemKind, UseOfKind]
    tasks: tuple[TaskRow, ...]

    def of_kind(self, kind: ItemKind | None) -> list[ItemRow]:
        return [row for row in self.items if row.kind is kind]

    def counts(self) -> dict[str, int]:
        """What the labels of tabs say, by the tab's key."""
        return {tab.key: len(self.of_kind(tab.kind)) for tab in ITEM_TABS} | {"tasks": len(self.tasks)}

    @property
    def frozen(self) -> int:
        return sum(row.state is CertificateState.FROZEN for row in self.certificates)

    @property
    def is_moving(self) -> bool:
        return any(task.started_at and task.status not in FINAL for task in self.tasks)

    def task(self, number: int | None) -> TaskRow | None:
        return next((task for task in self.tasks if task.id == number), None)

    def task_of(self, item: ItemRow | None) -> TaskRow | None:
        """The task that last had to do with an item; a record is published with its zone."""
        if item is not None and item.kind is ItemKind.RECORD:
            return _telling(reversed([task for task in self.tasks if task.action == Action.DNS_DEPLOY_ZONE]))
        return self.task(item.task) if item is not None else None

    @property
    def certificate_task(self) -> TaskRow | None:
        """What a key on the SSL tab is about."""
        return _telling(task for task in self.service.tasks if task.action == Action.SSL_SEED)


def _telling(tasks: Iterable[TaskRow]) -> TaskRow | None:
    """The first that has failed, else one that is not done, else any."""
    given = list(tasks)
    failed = [task for task in given if task.status is TaskStatus.FAILED]
    return next(iter(failed or [task for task in given if task.status not in FINAL] or given), None)


def read_service(key: int | str, now: datetime) -> Shown:
    service = services.service(key, now=now)
    number = service.id
    return Shown(
        service,
        certificates.certificates(number, now=now),
        usage.use_of_service(number),
        (*items.items(number), *items.items(number, ItemKind.RECORD)),
        items.use_of_items(number),
        tuple(reversed(tasks.tasks(number, limit=TASK_LIMIT, now=now))),
    )
