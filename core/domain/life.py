"""What a standing service's later life makes of it: the tasks of suspending, opening, redeploying and terminating."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hostdeck.core.domain.actions import Action, BackupArgs, OwnedPackageArgs, OwnedUserArgs, OwnedZoneArgs
from hostdeck.core.domain.naming import mark_name, package_name
from hostdeck.core.domain.pipeline import Blueprint, PlannedAccount, PlannedTask, plan_hosting
from hostdeck.core.domain.placement import Placement
from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.vocabulary import Driver, Role, ServiceId

HOSTING = (Role.WEB, Role.MAIL)


@dataclass(frozen=True, slots=True)
class Standing:
    """A service as its rows have it: where it was placed, and the accounts it holds there. `now`: when something is
    wished for it, in seconds since 1970."""

    service: ServiceId
    domain: str
    email: str | None
    limits: Limits
    placement: Placement
    accounts: tuple[PlannedAccount, ...]
    now: int = 0

    def build(self) -> Blueprint:
        return plan_hosting(self.service, self.domain, self.email, self.limits, self.placement, self.accounts)

    def mark(self, account: PlannedAccount) -> str:
        return mark_name(self.service, account.nonce)


def plan_suspend(standing: Standing) -> tuple[PlannedTask, ...]:
    """Every account with a website or mailboxes; nameservers go on answering, so that visitors find the notice and
    senders the refusal. A zone inside a suspended account is suspended with it, on that nameserver alone."""
    return _for_hosting(standing, "suspend")


def plan_unsuspend(standing: Standing) -> tuple[PlannedTask, ...]:
    """Opens the accounts, then looks at all the service should have: what is right is passed over, a deployment that
    had failed before is completed, and a zone that shares an account is put right (opening mail rewrites its webmail
    record, `hestia-recipes.md` 3.5)."""
    opened = _for_hosting(standing, "unsuspend")
    return (*opened, *_after(standing.build().tasks, {task.server.name: task.key for task in opened}))


def _after(tasks: Iterable[PlannedTask], first: Mapping[str, str]) -> Iterator[PlannedTask]:
    """The tasks of a deployment, where those that begin on a server wait for the key given for it."""
    for task in tasks:
        begins = task.action is Action.DNS_DEPLOY_ZONE or task.action.endswith(".createPackage")
        key = first.get(task.server.name)
        yield replace(task, after=(*task.after, key)) if begins and key else task


def _for_hosting(standing: Standing, verb: str) -> tuple[PlannedTask, ...]:
    tasks = []
    for account in standing.accounts:
        role = next((role for role in account.roles if role in HOSTING), None)
        if role is not None:
            action = Action(f"{role}.{verb}User")
            args = _owned(standing, account)
            tasks.append(PlannedTask(f"{role}.{verb}", action, account.username, account.server, args))
    return tuple(tasks)


def plan_terminate(standing: Standing) -> tuple[PlannedTask, ...]:
    """Everything the service has on the nodes goes; each node on its own, so that a dead one holds up nobody else.
    Only when all are done is the service terminated: nothing is left behind unseen. Where the product says so, an
    account with a website or mailboxes goes only when a backup of it has been taken."""
    saved = {task.server.name: task for task in _backups(standing)}
    planned: list[PlannedTask] = []
    for server, tasks in _removals(standing).items():
        backup = saved.get(server)
        planned += (backup,) if backup else ()
        planned += (
            replace(task, after=(*task.after, backup.key)) if backup and task.action.endswith(".removeUser") else task
            for task in tasks
        )
    return tuple(planned)


def _backups(standing: Standing) -> Iterator[PlannedTask]:
    if standing.limits.text("final_backup") != "yes":
        return
    for account in standing.accounts:
        role = next((role for role in account.roles if role in HOSTING), None)
        if role is not None:
            args = BackupArgs(user=account.username, mark=standing.mark(account), since=standing.now)
            key = f"{role}@{account.server.name}.backup"
            yield PlannedTask(key, Action(f"{role}.takeBackup"), account.username, account.server, args)


def plan_hard_redeploy(standing: Standing) -> tuple[PlannedTask, ...]:
    """Removes and builds again: the first tasks of a node wait for the last of its removal."""
    gone = _removals(standing)
    built = _after(standing.build().tasks, {server: tasks[-1].key for server, tasks in gone.items()})
    return (*(task for tasks in gone.values() for task in tasks), *built)


def _removals(standing: Standing) -> dict[str, tuple[PlannedTask, ...]]:
    """By server: its zone or its user, then the package."""
    gone: dict[str, tuple[PlannedTask, ...]] = {}
    for node in standing.placement.dns:
        if node.driver is Driver.POWERDNS:
            at = f"dns@{node.name}"
            zone = OwnedZoneArgs(mark=mark_name(standing.service, standing.accounts[0].nonce), domain=standing.domain)
            gone[node.name] = (PlannedTask(f"{at}.gone", Action.DNS_REMOVE_ZONE, standing.domain, node, zone, lane=at),)
    for account in sorted(standing.accounts, key=lambda one: one.roles != (Role.DNS,)):
        role = account.roles[0]
        package = package_name(standing.service, account.suffix)
        start = f"{role}@{account.server.name}"
        lane = start if account.roles == (Role.DNS,) else None
        user_task = PlannedTask(
            f"{start}.user-gone",
            Action(f"{role}.removeUser"),
            account.username,
            account.server,
            _owned(standing, account),
            lane=lane,
        )
        package_task = PlannedTask(
            f"{start}.package-gone",
            Action(f"{role}.removePackage"),
            package,
            account.server,
            OwnedPackageArgs(package=package, mark=standing.mark(account)),
            (user_task.key,),
            lane,
        )
        gone[account.server.name] = (user_task, package_task)
    return gone


def _owned(standing: Standing, account: PlannedAccount) -> OwnedUserArgs:
    return OwnedUserArgs(
        user=account.username,
        mark=standing.mark(account),
        service=standing.service,
        nonce=account.nonce,
        domain=standing.domain,
    )
