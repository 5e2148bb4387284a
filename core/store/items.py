"""The rows of items. A status is never set by hand: it follows from the item's task and from what the node showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import DONE, Role, TaskStatus
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Task

WITH_PASSWORD = tuple(kind for kind, spec in KINDS.items() if spec.has_password)
ENDED = (TaskStatus.FAILED, TaskStatus.CANCELLED)
PASSWORD_UNKNOWN = {"password": "unknown"}
"""Of an item that was built anew with a password that nobody was shown."""


def expect(item_id: int, task_id: int) -> None:
    """A new task has to do with the item; one that shall go goes on going."""
    row = Item.get_by_id(item_id)
    row.task, row.error = task_id, None
    if row.status is not ItemStatus.REMOVING:
        row.status = ItemStatus.PENDING
    row.save()


def follow(task_id: int) -> None:
    """The item of a task that has just moved."""
    row = Item.first_by(Item.task, task_id)
    if row is None:
        return
    task = Task.get_by_id(task_id)
    going = row.status is ItemStatus.REMOVING
    if task.status is TaskStatus.SKIPPED and going:
        Item.delete().where(Item.id == row.id).execute()
    elif task.status is TaskStatus.SKIPPED:
        Item.update(error=task.error, status=ItemStatus.ERROR).where(Item.id == row.id).execute()
    elif task.status in ENDED:
        error = task.error
        Item.update(error=error, status=ItemStatus.REMOVING if going else ItemStatus.ERROR).where(
            Item.id == row.id
        ).execute()
    elif task.status not in DONE:
        Item.update(error=task.error, status=ItemStatus.REMOVING if going else ItemStatus.PENDING).where(
            Item.id == row.id
        ).execute()


def stopped(run_id: int) -> None:
    """The items of a run whose tasks were cancelled all at once."""
    for task in Task.select(Task.id).where(Task.run == run_id, Task.status == TaskStatus.CANCELLED):
        follow(task.id)


def has_own_certificate(service_id: int | None, role: Role) -> bool:
    """Whether the website or the mail domain shall have one of its own, installed yet or not."""
    rows = Item.select(Item.wanted).where(
        Item.service == service_id, Item.kind == ItemKind.CERTIFICATE.value, Item.status != ItemStatus.REMOVING
    )
    return any(row.wanted.get("role") == role for row in rows)


def site_names(service_id: int | None) -> tuple[str, ...] | None:
    """The other names that its website shall have; None where nobody has changed those of the order."""
    row = Item.get_or_none(Item.service == service_id, Item.kind == ItemKind.WEBSITE.value)
    names = row.wanted.get("aliases") if row is not None else None
    return None if names is None else tuple(names)


def call_ours(item_id: int, *, ours: bool) -> None:
    Item.update(ours=ours).where(Item.id == item_id).execute()


def sending(item_id: int, known: dict[str, Any]) -> None:
    """Before the node is sent another form of it: whatever becomes of the answer, all that it may be is known."""
    Item.update(known=known).where(Item.id == item_id).execute()


def as_wanted(
    item_id: int, known: dict[str, Any], secret: str | None, now: datetime, task: int, name: str | None = None
) -> None:
    """The node has it, as `task` has seen; where a newer wish waits, it is not active yet. A password that was wished
    while the step ran stays, for the task that it came with. `name`: it is called so now; a row that was made for the
    same thing meanwhile, by a look at the node, is no other."""
    if name is not None:
        row = Item.get_by_id(item_id)
        Item.delete().where(
            Item.service == row.service_id, Item.kind == row.kind.value, Item.name == name, Item.id != item_id
        ).execute()
        Item.update(name=name).where(Item.id == item_id).execute()
    values: dict[str, Any] = {"known": known, "ours": True, "seen_at": now}
    Item.update(**values).where(Item.id == item_id).execute()
    newest = (Item.id == item_id) & (Item.task.is_null() | (Item.task == task))
    staying = newest & (Item.status != ItemStatus.REMOVING)
    Item.update(status=ItemStatus.ACTIVE, error=None).where(staying).execute()
    if secret is not None:
        Item.update(secret=None).where(Item.id == item_id, Item.secret == secret).execute()


def gone(item_id: int) -> None:
    """Not on the node any more: the row goes if it should go, and is called nobody's otherwise."""
    Item.delete().where(Item.id == item_id, Item.status == ItemStatus.REMOVING).execute()
    Item.update(ours=False).where(Item.id == item_id).execute()


def terminated(service_id: int) -> None:
    """Nothing of a service is left anywhere, so nothing inside it is."""
    Item.delete().where(Item.service == service_id).execute()


def account_gone(service_id: int, server_id: int, *, for_good: bool) -> None:
    """An account has gone with all that was in it; one that is built anew shall have it all again. A password went with
    it: what is built anew has one that nobody was shown, unless one is waiting to be set."""
    here = (Item.service == service_id) & (Item.server == server_id)
    if for_good:
        Item.delete().where(here).execute()
    else:
        Item.delete().where(here, Item.status == ItemStatus.REMOVING).execute()
        Item.update(ours=False).where(here).execute()
        Item.update(known=PASSWORD_UNKNOWN).where(here, Item.kind.in_(WITH_PASSWORD), Item.secret.is_null()).execute()


def kept(rows: Iterable[Item]) -> dict[str, dict[str, Any]]:
    """Items as they are before a wish about them, by number, as `give_back` takes them."""
    return {
        str(row.id): {
            "name": row.name,
            "wanted": row.wanted,
            "status": row.status,
            "error": row.error,
            "task": row.task,
            "password": row.secret is not None,
        }
        for row in rows
    }


def give_back(tasks: Iterable[int], before: Mapping[str, Mapping[str, Any]], why: str) -> None:
    """The items of tasks that were taken back before they began: as they were, where that is known (empty: not there);
    gone, where nothing of them has ever been on a node; else it is said that the node has it as it was."""
    for row in list(Item.select().where(Item.task.in_(list(tasks)))):
        same = Item.id == row.id
        known = before.get(str(row.id))
        if known:
            values = {key: known[key] for key in ("name", "wanted", "error", "task")}
            values["status"] = ItemStatus(known["status"])
            if not known["password"]:
                values["secret"] = None
            Item.update(**values).where(same).execute()
        elif known is not None or (not row.ours and row.seen_at is None):
            Item.delete().where(same).execute()
        elif row.status is ItemStatus.REMOVING:
            Item.update(status=ItemStatus.ACTIVE, error=None).where(same).execute()
        else:
            text = f"{why}: the node has it as it was before; change it again, or read it anew"
            Item.update(status=ItemStatus.ERROR, error=text).where(same).execute()
