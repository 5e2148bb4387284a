"""Wishes about all servers of a group at once: telling them its configuration or its files, and asking how they are."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.action_args import Args, ConfigArgs, FilesArgs, HealthArgs, NoArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.bulk import ACTION_OF, EVERYTHING, BulkPlan, Known, Only, Skipped
from hostdeck.core.domain.config_wishes import Push, recipients, wanted_for
from hostdeck.core.domain.standard_files import files_for
from hostdeck.core.domain.vocabulary import FINAL, Driver, RunKind, TaskStatus
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import queue_one
from hostdeck.core.store.asked import asker
from hostdeck.core.store.db import LOCKED, connection, is_postgres
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.groups import group_called, known_only, nodes_of, plan_of
from hostdeck.core.store.nodes import node_of
from hostdeck.core.store.work_models import Run, Task, TaskAfter

MOST = 1000
LOOKED_AT = "skipped: is being looked at already"


def plan_apply(group: str, to: Push, canary: int = 0, abort: int = 1, only: Only = EVERYTHING) -> BulkPlan:
    """What `apply` would do now, by what the servers were last seen to have; writes nothing. Invalid [BULK_NUMBER] for
    counts that make no sense."""
    _check(canary, abort)
    with connection():
        row = group_called(group)
        return plan_of(row, known_only(row, only), to, canary, abort, only)


def apply(door: Door, group: str, to: Push, canary: int = 0, abort: int = 1, only: Only = EVERYTHING) -> int:
    """One task a server; after each of the first `canary` a look at its health, for which the others wait. Returns the
    run. Conflict [BULK_EMPTY] where no server is to be told anything, [BULK_BUSY] while another is under way in the
    group or, by another group, on one of the servers."""
    _check(canary, abort)
    with door.change("group.apply", f"{group} --to {to}") as change:
        row = group_called(group)
        if is_postgres():
            # SQLite's write lock covers it: two wishes at once would each find no other under way.
            list(Group.select(Group.id).where(Group.id == row.id).for_update(LOCKED))
        known = known_only(row, only)
        plan = plan_of(row, known, to, canary, abort, only)
        plan = _unasked(plan) if to is Push.STATUS else plan
        if not plan.nodes:
            why = "; ".join(f"{one.server}: {one.why}" for one in plan.skipped) or "it has no servers"
            raise Conflict("group", f"'{group}': no server would be told anything ({why})", "BULK_EMPTY")
        _refuse_second(row, plan)
        detail = {"group": group, "to": str(to), "canary": list(plan.canary), "abort": plan.abort}
        detail["skipped"] = [[one.server, one.why] for one in plan.skipped]
        run = Run.create(kind=RunKind.BULK, detail=detail)
        _write(run, row, known, plan)
        change.detail = detail | {"run": run.id, "tasks": len(plan.nodes)}
        return int(run.id)


def _check(canary: int, abort: int) -> None:
    if not 0 <= canary <= MOST:
        raise Invalid("canary", f"use a whole number from 0 (all at once) to {MOST}", "BULK_NUMBER")
    if not 1 <= abort <= MOST:
        raise Invalid("abort", f"use a whole number of failed servers from 1 to {MOST}", "BULK_NUMBER")


def _unasked(plan: BulkPlan) -> BulkPlan:
    """Without the servers that are being looked at already: the look under way is as good."""
    live = Task.action == Action.SERVER_COLLECT_STATUS, Task.status.not_in(list(FINAL))
    asked = {server.name for server in Server.select(Server.name).join(Task).where(*live)}
    again = tuple(Skipped(server=one.server, why=LOOKED_AT) for one in plan.nodes if one.server in asked)
    nodes = tuple(one for one in plan.nodes if one.server not in asked)
    return plan.model_copy(update={"nodes": nodes, "skipped": (*plan.skipped, *again)})


def _refuse_second(row: Group, plan: BulkPlan) -> None:
    """Two at once would put back each other's values; a server may be told by several groups."""
    if plan.to is not Push.STATUS and is_postgres():
        named = Server.name.in_([one.server for one in plan.nodes])
        list(Server.select(Server.id).where(named).order_by(Server.id).for_update(LOCKED))
    for run in Run.select().where(Run.kind == RunKind.BULK, Run.finished_at.is_null()):
        if run.detail.get("to") == Push.STATUS:
            continue
        told = {task.target for task in Task.select(Task.target).where(Task.run == run)}
        both = [one.server for one in plan.nodes if one.server in told] if plan.to is not Push.STATUS else []
        if run.detail.get("group") != row.name and not both:
            continue
        where = f" on {', '.join(both[:3])}" if run.detail.get("group") != row.name else ""
        asked = asker(run.asked)
        whose = f", {asked.words(utcnow())}" if asked is not None else ""
        of = f"--to {run.detail['to']}, run {run.id}{whose}"
        text = f"a bulk action of '{run.detail['group']}' is under way{where} ({of})"
        raise Conflict("group", f"{text}; let it end, or cancel its tasks", "BULK_BUSY")


def _write(run: Run, row: Group, known: Known, plan: BulkPlan) -> None:
    gates: list[Task] = []
    for node in plan.nodes:
        server = Server.get(Server.name == node.server)
        first = node.server in plan.canary
        task = _task(run, server, ACTION_OF[plan.to], _args(row, known, plan.to, server), waits=() if first else gates)
        if first:
            up = (server.health_facts or {}).get("services_up")
            gates.append(_task(run, server, Action.SERVER_CHECK_HEALTH, HealthArgs(services_up=up), waits=(task,)))


def _args(row: Group, known: Known, to: Push, server: Server) -> Args:
    if to is Push.STATUS:
        return NoArgs()
    if to is Push.FILES:
        return FilesArgs(group=row.name, files=files_for(node_of(server), known.files))
    return ConfigArgs(group=row.name, values=wanted_for(node_of(server), known.config))


def _task(run: Run, server: Server, action: Action, args: Args, waits: Sequence[Task]) -> Task:
    spec = ACTIONS[action]
    task = Task.create(
        run=run,
        server=server,
        action=action,
        target=server.name,
        args=args.model_dump(mode="json"),
        changing=spec.changing,
        status=TaskStatus.WAITING if waits else TaskStatus.QUEUED,
        max_attempts=spec.max_attempts,
    )
    for needed in waits:
        TaskAfter.create(task=task, needs=needed)
    return task


def read_config(door: Door, group: str) -> tuple[int, ...]:
    """Has the worker read what the group's Hestia servers have now; the tasks' ids. Nothing is changed on any node."""
    with door.change("group.read", group):
        row = group_called(group)
        nodes = [node for node in recipients(Push.ALL, nodes_of(row)).chosen if node.driver is Driver.HESTIA]
        run = Run.create(kind=RunKind.SERVER)
        ids = tuple(queue_one(run, Server.get_by_id(node.id), Action.SERVER_READ_CONFIG) for node in nodes)
        if not Task.select().where(Task.run == run).exists():
            run.delete_instance()
        return ids
