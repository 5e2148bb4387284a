"""What wants a person, the most harmful first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.breaker import parked_words
from hostdeck.core.domain.causes import Cause, cause_of
from hostdeck.core.domain.placement import DISK_FULL, DISK_WARN
from hostdeck.core.domain.product import LIMIT_BY_KEY
from hostdeck.core.domain.tickets import TicketStatus
from hostdeck.core.domain.usage import Mailbox
from hostdeck.core.domain.vocabulary import FINAL, HealthState, Mode, ServerStatus, ServiceStatus, TaskStatus
from hostdeck.core.queries.backups import unsaved
from hostdeck.core.queries.own_certificates import running_out
from hostdeck.core.queries.rows import retry_words, task_query
from hostdeck.core.queries.usage import over_limits
from hostdeck.core.queries.views import Attention, ServerRow
from hostdeck.core.store.figure_models import FullMailbox
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, Ticket, TicketEntry

LONG = timedelta(minutes=10)
"""A side track that has not come right after this long is worth a look."""

EACH_LIMIT = 100
TASK_LIMIT = 1000
"""Tasks that are looked at for a common cause."""
SHARED = 3
"""With more failures of one cause than this, the cause is told instead of each."""

HARM = {"FAIL": 0, "DOWN": 1, "WARN": 2}


def attention(servers: Iterable[ServerRow], worker_alive: bool, now: datetime) -> tuple[Attention, ...]:
    """One line for each thing that is wrong; within a level no worker comes first, then the newest."""
    found = [*_failed(), *_idle(worker_alive), *_down(servers, now), *_filling(servers), *_late(now), *_over()]
    found += [*_full(), *unsaved(now), *running_out(now)]
    found += _untold_tickets(found)
    found = list(grouped(found))
    return tuple(sorted(found, key=lambda line: (HARM[line.level], line.kind != "worker", _newest_first(line.since))))


def wanting(query: Any) -> Any:
    """Tasks of the runs that live services stand by: an older run's failure is history."""
    live = Service.select(Service.run).where(Service.status != ServiceStatus.TERMINATED, Service.run.is_null(False))
    return query.where(Task.run.in_(live))


def _newest_first(since: datetime | None) -> float:
    return -since.timestamp() if since else 0.0


def _failed() -> Iterator[Attention]:
    in_error = Service.select(Service.run).where(Service.status == ServiceStatus.ERROR, Service.run.is_null(False))
    query = task_query().where(Task.run.in_(in_error), ~Task.follow_up, Task.status == TaskStatus.FAILED)
    shown = set()
    for row in query.order_by(Task.id.desc()).limit(TASK_LIMIT).dicts():
        shown.add(row["service"])
        yield _of_task("FAIL", row, row["error"] or "failed")
    others = Service.select().where(Service.status == ServiceStatus.ERROR).order_by(Service.id.desc())
    for service in others.limit(EACH_LIMIT):
        if service.id not in shown:
            text = service.error or "ended in error"
            yield Attention(
                level="FAIL", kind="service", id=service.id, what=service.domain, text=text, since=service.created_at
            )


def _down(servers: Iterable[ServerRow], now: datetime) -> Iterator[Attention]:
    for server in servers:
        quarantined = server.status is ServerStatus.QUARANTINED
        if server.health.state is HealthState.ERROR or quarantined:
            text = server.health.error or ("quarantined: it is not logged in to" if quarantined else "check failed")
            if server.breaker is not None:
                text = f"{text}; {parked_words(server.name, server.breaker.until, now)}"
            yield Attention(
                level="DOWN",
                kind="server",
                id=server.id,
                what=server.name,
                text=text,
                since=server.health.collected_at,
            )


def _filling(servers: Iterable[ServerRow]) -> Iterator[Attention]:
    for server in servers:
        share = server.health.disk_percent
        if share is not None and share >= DISK_WARN and server.status is not ServerStatus.DISABLED:
            closed = "; no new accounts are placed on it" if share >= DISK_FULL else ""
            yield Attention(
                level="WARN",
                kind="server",
                id=server.id,
                what=server.name,
                text=f"its fullest disk is at {share:.0f} %{closed}",
                since=server.health.collected_at,
            )


def _idle(worker_alive: bool) -> Iterator[Attention]:
    if worker_alive:
        return
    # What the last one held runs no more: it waits as well, for another to take it over.
    left = Task.select(fn.COUNT(Task.id), fn.MIN(Task.created_at)).where(Task.status.not_in(FINAL))
    waiting, oldest = left.tuples().first()
    if not waiting and Server.select().exists():
        text = "no worker is running: nothing is collected, and nothing would be built; start it: hostdeck worker"
        yield Attention(level="DOWN", kind="worker", id=0, what="worker", text=text, since=None)
    if waiting:
        since = Task.created_at.python_value(oldest)
        tasks = "1 task waits" if waiting == 1 else f"{waiting} tasks wait"
        text = f"no worker is running and {tasks}; start it: hostdeck worker"
        yield Attention(level="DOWN", kind="worker", id=0, what="worker", text=text, since=since)


def _late(now: datetime) -> Iterator[Attention]:
    """Side tracks in trouble: the service is active without them, but somebody should know."""
    side = wanting(task_query()).where(Task.follow_up | Task.lane.is_null(False))
    failed = (Task.status == TaskStatus.FAILED) & Task.follow_up
    long = (Task.status == TaskStatus.RETRYING) & (
        fn.COALESCE(Task.snoozed_since, Task.started_at, Task.created_at) < Task.created_at.db_value(now - LONG)
    )
    # A certificate waits for a customer's delegation, for weeks if need be: that is the SSL board's to tell.
    long &= (Task.action != Action.SSL_SEED) | (Task.attempts > 0)
    for row in side.where(failed | long).order_by(Task.id.desc()).limit(TASK_LIMIT).dicts():
        if row["status"] is TaskStatus.FAILED:
            text = row["error"] or "failed"
        else:
            text = retry_words(row["error"] or "keeps being retried", row["not_before"], now)
        yield _of_task("WARN", row, text)


def _untold_tickets(told: Iterable[Attention]) -> Iterator[Attention]:
    """Open tickets about nothing that stands there already: their step is tried again just now, or was cancelled."""
    lines = {(line.kind, line.id) for line in told if (line.kind, line.level) != ("service", "WARN")}
    query = Ticket.select(Ticket, Service.domain.alias("domain"), Server.name.alias("server_name"))
    query = query.left_outer_join(Service).switch(Ticket).left_outer_join(Server)
    waiting = list(
        query.where(Ticket.status == TicketStatus.OPEN.value).order_by(Ticket.id.desc()).limit(EACH_LIMIT).objects()
    )
    tasks: dict[int, set[int]] = defaultdict(set)
    of = TicketEntry.ticket.in_([row.id for row in waiting]) & TicketEntry.task.is_null(False)
    for ticket, task in TicketEntry.select(TicketEntry.ticket, TicketEntry.task).where(of).tuples():
        tasks[ticket].add(task)
    under_way = Task.id.in_({task for of in tasks.values() for task in of}) & Task.status.not_in(FINAL)
    moving = {number for (number,) in Task.select(Task.id).where(under_way).tuples()}
    for row in waiting:
        about = {("task", task) for task in tasks[row.id]} | {("service", row.service_id)}
        if row.service_id is None:
            about.add(("server", row.server_id))
        if about & lines:
            continue
        again = "being tried again: " if tasks[row.id] & moving else ""
        yield Attention(
            level="WARN",
            kind="ticket",
            id=row.id,
            what=f"ticket #{row.id} {row.domain or row.server_name or ''}".rstrip(),
            text=f"{again}{row.title}",
            since=row.opened_at,
        )


def _over() -> Iterator[Attention]:
    """Services that use more than they were sold."""
    for service, domain, use, at in over_limits(EACH_LIMIT):
        share = "" if use.percent is None else f" ({use.percent:.0f} %)"
        spec = LIMIT_BY_KEY[use.key]
        unit = f" {spec.unit}" if spec.unit else ""
        yield Attention(
            level="WARN",
            kind="service",
            id=service,
            what=domain,
            text=f"{spec.label}: {use.used} of {use.limit}{unit}{share}, over by {use.over}",
            since=at,
        )


def _full() -> Iterator[Attention]:
    """Mailboxes that soon take no mail any more; that of a sold name which is over is told of with the limits."""
    columns = (FullMailbox.address, FullMailbox.used, FullMailbox.quota, FullMailbox.at)
    query = FullMailbox.select(*columns, Service.id, Service.domain, Service.mode).join(Service)
    there = query.where(Service.status != ServiceStatus.TERMINATED)
    # In thousandths: 1.0 would be made 1, as the column's numbers are, and all that are not over would be alike.
    fullness = FullMailbox.used * 1000 / FullMailbox.quota
    fullest = there.where(FullMailbox.quota > 0).order_by(fullness.desc(), Service.id)
    for address, used, quota, at, service, domain, mode in fullest.limit(EACH_LIMIT).tuples():
        box = Mailbox(address, used, quota)
        if mode is Mode.VANITY and used > quota:
            continue
        full = "takes no more mail" if used >= quota else "is nearly full"
        yield Attention(
            level="WARN",
            kind="service",
            id=service,
            what=domain,
            text=f"mailbox {address} {full}: {used} of {quota} MB ({box.percent} %)",
            since=at,
        )


def _of_task(level: str, row: dict[str, Any], text: str) -> Attention:
    what = f"{row['action']} {row['domain'] or row['target']}" + (
        f" on {row['server_name']}" if row["server_name"] else ""
    )
    since = row["finished_at"] or row["started_at"] or row["created_at"]
    return _TaskLine(
        level=level, kind="task", id=row["id"], what=what, text=text, since=since, server=row["server_name"] or "",
        error=row["error"] or "", status=row["status"],
    )  # fmt: skip


class _TaskLine(Attention):
    """With what its cause is told by."""

    server: str
    error: str
    status: TaskStatus


def grouped(lines: Sequence[Attention]) -> Iterator[Attention]:
    """The lines, with one for each cause that many tasks share in the place of theirs."""
    shares: dict[str, list[_TaskLine]] = defaultdict(list)
    for line in lines:
        if isinstance(line, _TaskLine):
            shares[cause_of(line.error, line.server).key].append(line)
    told: dict[str, int] = defaultdict(int)
    for line in lines:
        if not isinstance(line, _TaskLine):
            yield line
            continue
        cause = cause_of(line.error, line.server)
        told[cause.key] += 1
        if len(shares[cause.key]) <= SHARED:
            yield line
        elif told[cause.key] == 1:
            yield _shared(cause, shares[cause.key])


def _shared(cause: Cause, lines: Sequence[_TaskLine]) -> Attention:
    return Attention(
        level=min((line.level for line in lines), key=lambda level: HARM[level]),
        kind="cause",
        id=max(line.id for line in lines),
        what=f"{len(lines)} tasks",
        text=cause.words,
        since=min((line.since for line in lines if line.since), default=None),
        narrowing=cause.narrowing(sorted({line.status for line in lines})),
    )
