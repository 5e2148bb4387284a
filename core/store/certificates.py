"""The rows of certificates and of what was asked of the authority.

A certificate's state is never set by hand: like a service's status it follows from its task, inside the transaction
that moved that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hostdeck.core.domain.acme import WEEK, CertificateState, Order, Wanted, budget, state_of
from hostdeck.core.domain.action_args import CertificateArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import CertificateSeen, OwnCertificateSeen
from hostdeck.core.domain.vocabulary import DONE, TaskStatus
from hostdeck.core.errors import NotYet
from hostdeck.core.store.base import database
from hostdeck.core.store.db import is_postgres
from hostdeck.core.store.work_models import AcmeOrder, Certificate, Task


def expect(service_id: int, server_id: int, args: CertificateArgs) -> None:
    """The row of a set of names that a new task shall get a certificate for; what is known of it stays."""
    same = (Certificate.service == service_id) & (Certificate.kind == args.kind)
    values: dict[str, Any] = {"server": server_id, "failures": 0, "next_try": None, "state": CertificateState.WAITING}
    if not Certificate.update(**values, reason=None).where(same).execute():
        Certificate.create(service=service_id, kind=args.kind, hosts=list(args.hosts), **values)


def follow(task_id: int, now: datetime) -> None:
    """The certificate of a task that has just moved."""
    task = Task.get_by_id(task_id)
    row = _row(task)
    if row is None or task.status is TaskStatus.RUNNING:
        return
    row.state = state_of(task.status, task.attempts, task.snoozes, row.not_after is not None and row.not_after > now)
    if task.status is not TaskStatus.CANCELLED:
        row.failures = 0 if task.status in DONE else task.attempts
    stands = task.status is TaskStatus.CANCELLED and row.state == CertificateState.ACTIVE
    row.reason = None if task.status is TaskStatus.SUCCESS or stands else task.error
    row.next_try = task.not_before if task.status is TaskStatus.RETRYING else None
    row.save()


def look_again(service_id: int, kind: str, *, refused: bool) -> None:
    """Whoever waits to ask for it does not wait any longer; where `refused`, nor who was refused and backs off."""
    rows = Task.select().where(
        Task.service == service_id, Task.action == Action.SSL_SEED, Task.status == TaskStatus.RETRYING
    )
    waiting = [row.id for row in rows if row.args.get("kind", "web") == kind and (refused or row.snoozes)]
    Task.update(not_before=None, woken=False).where(Task.id.in_(waiting), Task.status == TaskStatus.RETRYING).execute()


def stopped(run_id: int, now: datetime) -> None:
    """The certificates of a run whose tasks were cancelled all at once."""
    tasks = Task.select(Task.id).where(Task.run == run_id, Task.action == Action.SSL_SEED)
    for task in tasks.where(Task.status == TaskStatus.CANCELLED):
        follow(task.id, now)


def kept(service_id: int) -> list[dict[str, Any]]:
    """What is known of a service's certificates besides what the node has, as `give_back` takes it."""
    return [
        {
            "kind": row.kind,
            "server": row.server_id,
            "hosts": row.hosts,
            "state": row.state,
            "failures": row.failures,
            "reason": row.reason,
            "next_try": row.next_try.isoformat() if row.next_try else None,
        }
        for row in Certificate.select().where(Certificate.service == service_id)
    ]


def give_back(service_id: int, run_id: int, rows: Iterable[dict[str, Any]], now: datetime) -> None:
    """The rows as they were kept; where a task of `run_id`, the run before, has gone on meanwhile, as it says."""
    for kept_row in rows:
        values = dict(kept_row)
        kind, next_try = values.pop("kind"), values.pop("next_try")
        values["next_try"] = datetime.fromisoformat(next_try) if next_try else None
        same = (Certificate.service == service_id) & (Certificate.kind == kind)
        Certificate.update(**values).where(same).execute()
    for task in Task.select(Task.id).where(
        Task.run == run_id, Task.action == Action.SSL_SEED, Task.status != TaskStatus.CANCELLED
    ):
        follow(task.id, now)


def seen(task: Task, found: CertificateSeen, now: datetime) -> None:
    row = _row(task)
    if row is not None:
        row.issuer, row.not_after, row.hosts, row.checked_at = found.issuer, found.not_after, list(found.hosts), now
        row.save()


def own(task: Task, found: OwnCertificateSeen, now: datetime) -> None:
    """One of the service's own stands: whatever went wrong with Let's Encrypt's is past."""
    same = (Certificate.service == task.service_id) & (Certificate.kind == found.kind)
    values: dict[str, Any] = {
        "server": task.server_id,
        "hosts": list(found.hosts),
        "state": CertificateState.ACTIVE,
        "issuer": found.issuer,
        "not_after": found.not_after,
        "failures": 0,
        "reason": None,
        "next_try": None,
        "checked_at": now,
    }
    if not Certificate.update(**values).where(same).execute():
        Certificate.create(service=task.service_id, kind=found.kind, **values)


def own_gone(task: Task, kind: str) -> None:
    """Nothing stands; a task for Let's Encrypt's that waits for this has said what comes."""
    same = (Certificate.service == task.service_id) & (Certificate.kind == kind)
    Certificate.update(issuer=None, not_after=None, checked_at=None).where(same).execute()
    Certificate.update(state=CertificateState.NONE).where(
        same, Certificate.state == CertificateState.ACTIVE.value
    ).execute()


def gone(service_id: int, server_id: int, *, for_good: bool) -> None:
    """The account they stood in was removed; `for_good`: nobody will get them again."""
    there = (Certificate.service == service_id) & (Certificate.server == server_id)
    if for_good:
        Certificate.delete().where(there).execute()
    else:
        Certificate.update(issuer=None, not_after=None, checked_at=None).where(there).execute()


def _row(task: Task) -> Any:
    if task.action != Action.SSL_SEED:
        return None
    kind = task.args.get("kind", "web")
    return Certificate.get_or_none(Certificate.service == task.service_id, Certificate.kind == kind)


# ------------------------------------------------------------------------------------------- the ledger of orders


def ask(task: Task, account: str, hosts: Sequence[str], now: datetime) -> None:
    """Writes an order that is about to be sent, or raises NotYet where a limit is reached. Looking and writing are one:
    nobody else's order comes between."""
    if is_postgres():
        # SQLite's transactions hold the only write lock from their beginning.
        database.execute_sql("LOCK TABLE acme_order IN EXCLUSIVE MODE")
    wanted = Wanted(account, frozenset(hosts))
    if shut := budget(orders(wanted.registered, account, now=now), wanted, now):
        raise NotYet(f"waiting for the budget: {shut.sentence}", until=shut.opens)
    AcmeOrder.create(account=account, registered=_joined(wanted.registered), hosts=_joined(hosts), at=now)
    row = _row(task)
    if row is not None:
        row.state, row.reason, row.next_try = CertificateState.ISSUING, None, None
        row.save()


def issued(account: str, hosts: Iterable[str]) -> None:
    """Marks the newest order of these names."""
    if (newest := _newest(account, hosts)) is not None:
        AcmeOrder.update(issued=True).where(AcmeOrder.id == newest.id).execute()


def unsent(account: str, hosts: Iterable[str]) -> None:
    """Takes the newest order of these names back."""
    if (newest := _newest(account, hosts)) is not None and not newest.issued:
        newest.delete_instance()


def _newest(account: str, hosts: Iterable[str]) -> Any:
    same = (AcmeOrder.account == account) & (AcmeOrder.hosts == _joined(hosts))
    return AcmeOrder.select().where(same).order_by(AcmeOrder.id.desc()).first()


def orders(registered: Iterable[str], account: str, *, now: datetime) -> tuple[Order, ...]:
    """Those of registered domains or an account that any limit may still count."""
    concerned = is_of(registered) | (AcmeOrder.account == account)
    return tuple(map(order_of, AcmeOrder.select().where(AcmeOrder.at > now - WEEK, concerned)))


def is_of(registered: Iterable[str]) -> Any:
    """Those of several domains are few."""
    return AcmeOrder.registered.in_(sorted(set(registered))) | AcmeOrder.registered.contains(",")


def order_of(row: AcmeOrder) -> Order:
    registered, hosts = (frozenset(text.split(",")) for text in (row.registered, row.hosts))
    return Order(row.account, registered, hosts, row.at, row.issued)


def _joined(hosts: Iterable[str]) -> str:
    return ",".join(sorted(hosts))
