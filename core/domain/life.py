"""What a standing service's later life makes of it: the tasks of suspending, opening, redeploying and terminating."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hostdeck.core.domain.action_args import (
    BackupArgs,
    EndTrialArgs,
    LimitsArgs,
    OwnedPackageArgs,
    OwnedUserArgs,
    OwnedZoneArgs,
    PackageArgs,
)
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.item_tasks import PlacedItem, item_tasks
from hostdeck.core.domain.naming import mark_name, package_name, trial_name
from hostdeck.core.domain.pipeline import Blueprint, PlannedAccount, PlannedTask, plan_hosting
from hostdeck.core.domain.placement import Placement
from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.trials import END
from hostdeck.core.domain.vanity import Slot
from hostdeck.core.domain.vanity_pipeline import plan_mailbox, plan_vanity, vanity_removals
from hostdeck.core.domain.vocabulary import Driver, Role, ServerId, ServiceId

HOSTING = (Role.WEB, Role.MAIL)


@dataclass(frozen=True, slots=True)
class Standing:
    """A service as its rows have it: where it was placed, and the accounts it holds there. `slot`: the name it was
    sold on the provider's domain, if it was; `now`: when something is wished for it, in seconds since 1970; `items`:
    what is inside it and shall be there; `trials`: those of backups that may go on, or have left something."""

    service: ServiceId
    domain: str
    email: str | None
    limits: Limits
    placement: Placement
    accounts: tuple[PlannedAccount, ...]
    roles: frozenset[Role]
    slot: Slot | None = None
    now: int = 0
    items: tuple[PlacedItem, ...] = ()
    trials: frozenset[str] = frozenset()

    def build(self) -> Blueprint:
        """All it should have, what is inside it last."""
        blueprint = self._build_hosting()
        inside = item_tasks(self.service, self.domain, self.accounts, self.items, blueprint.tasks)
        return replace(blueprint, tasks=(*blueprint.tasks, *inside))

    def _build_hosting(self) -> Blueprint:
        if self.slot is not None:
            account = next(iter(self.accounts), None)
            return plan_vanity(self.service, self.email, self.limits, self.slot, account, self.roles)
        return plan_hosting(self.service, self.domain, self.email, self.limits, self.placement, self.accounts)

    def mark(self, account: PlannedAccount) -> str:
        return mark_name(self.service, account.nonce)


def plan_suspend(standing: Standing) -> tuple[PlannedTask, ...]:
    """Every account with a website or mailboxes; nameservers go on answering, so that visitors find the notice and
    senders the refusal. A zone inside a suspended account is suspended with it, on that nameserver alone."""
    tasks = _for_hosting(standing, "suspend")
    if standing.slot is not None and Role.MAIL in standing.roles:
        tasks += (plan_mailbox(standing.slot, standing.limits, Action.MAIL_SUSPEND_MAILBOX),)
    return tasks


def plan_unsuspend(standing: Standing) -> tuple[PlannedTask, ...]:
    """Opens the accounts, then looks at all the service should have: what is right is passed over, a deployment that
    had failed before is completed, and a zone that shares an account is put right (opening mail rewrites its webmail
    record, `hestia-recipes.md` 3.5)."""
    opened = _for_hosting(standing, "unsuspend")
    if standing.slot is not None and Role.MAIL in standing.roles:
        opened += (plan_mailbox(standing.slot, standing.limits, Action.MAIL_UNSUSPEND_MAILBOX),)
    return (*opened, *_after(standing.build().tasks, opened))


def _after(tasks: Iterable[PlannedTask], first: Iterable[PlannedTask]) -> Iterator[PlannedTask]:
    """The tasks of a deployment, where those that begin on a server wait for all that comes first there."""
    keys: dict[ServerId, tuple[str, ...]] = {}
    for task in first:
        keys[task.server.id] = (*keys.get(task.server.id, ()), task.key)
    for task in tasks:
        yield _waiting(task, keys.get(task.server.id, ())) if task.begins else task


def _waiting(task: PlannedTask, keys: tuple[str, ...]) -> PlannedTask:
    return replace(task, after=tuple(dict.fromkeys((*task.after, *keys))))


def _for_hosting(standing: Standing, verb: str) -> tuple[PlannedTask, ...]:
    tasks = []
    for account in standing.accounts:
        role = next((role for role in account.roles if role in HOSTING), None)
        if role is not None:
            action = Action(f"{role}.{verb}User")
            args = _owned(standing, account)
            tasks.append(PlannedTask(f"{role}.{verb}", action, account.username, account.server, args))
    return tuple(tasks)


def plan_change(standing: Standing, limits: Limits) -> tuple[PlannedTask, ...]:
    """The same service with other limits. All checks come first, on every node, and nothing is sent before the last of
    them has passed; then everything is looked at, and what differs converges."""
    changed = replace(standing, limits=limits).build().tasks
    limited = (_limits_check(task, standing) for task in changed if task.action.endswith(".createPackage"))
    mailbox = (_mailbox_check(task) for task in changed if task.action is Action.MAIL_CHECK_MAILBOX)
    checks = [check for check in (*limited, *mailbox) if check is not None]
    keys = tuple(check.key for check in checks)
    rest = (task for task in changed if task.key not in keys)
    return (*checks, *(_waiting(task, keys) if task.begins else task for task in rest))


def _mailbox_check(task: PlannedTask) -> PlannedTask:
    """A mailbox that is over its quota already stands in the way of a smaller one only, never of a repair."""
    return replace(task, args=task.args.model_copy(update={"fits": True}))


def _limits_check(package: PlannedTask, standing: Standing) -> PlannedTask | None:
    """Of a web or mail account; a nameserver's holds the zone alone."""
    account = next(one for one in standing.accounts if one.server.id == package.server.id)
    role = next((role for role in account.roles if role in HOSTING), None)
    if role is None or not isinstance(package.args, PackageArgs):
        return None
    args = LimitsArgs(user=account.username, mark=standing.mark(account), domain=standing.domain, package=package.args)
    action = Action(f"{role}.checkLimits")
    return PlannedTask(f"{role}.limits", action, account.username, account.server, args)


def plan_terminate(standing: Standing) -> tuple[PlannedTask, ...]:
    """Everything the service has on the nodes goes; each node on its own, so that a dead one holds up nobody else.
    Only when all are done is the service terminated: nothing is left behind unseen. Where the product says so, an
    account with a website or mailboxes goes only when a backup of it has been taken."""
    saved = {task.server.id: task for task in _backups(standing)}

    def waits(task: PlannedTask) -> PlannedTask:
        backup = saved.get(task.server.id)
        return _waiting(task, (backup.key,)) if backup and task.action.endswith(".removeUser") else task

    return (*saved.values(), *map(waits, _removals(standing)))


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
    gone = tuple(_removals(standing))
    return (*gone, *_after(standing.build().tasks, gone))


def _removals(standing: Standing) -> Iterator[PlannedTask]:
    """Of a sold name first what is on the provider's accounts; then each node's zone, or its user and the package."""
    if standing.slot is not None:
        yield from vanity_removals(standing.slot, standing.limits, standing.roles)
    for node in standing.placement.dns if standing.slot is None else ():
        if node.driver is Driver.POWERDNS:
            at = f"dns@{node.name}"
            zone = OwnedZoneArgs(mark=mark_name(standing.service, standing.accounts[0].nonce), domain=standing.domain)
            yield PlannedTask(f"{at}.gone", Action.DNS_REMOVE_ZONE, standing.domain, node, zone, lane=at)
    for account in sorted(standing.accounts, key=lambda one: one.roles != (Role.DNS,)):
        yield from _trial_end(standing, account)
        yield from _account_removal(standing, account)


def _trial_end(standing: Standing, account: PlannedAccount) -> Iterator[PlannedTask]:
    role = account.roles[0]
    name = trial_name(standing.service, account.nonce, role)
    if name in standing.trials:
        key = f"{role}@{account.server.name}.trial-gone"
        yield PlannedTask(key, END[role], name, account.server, EndTrialArgs(trial=name))


def _account_removal(standing: Standing, account: PlannedAccount) -> tuple[PlannedTask, PlannedTask]:
    role = account.roles[0]
    package = package_name(standing.service, account.suffix)
    start = f"{role}@{account.server.name}"
    lane = start if account.roles == (Role.DNS,) else None
    user = PlannedTask(
        f"{start}.user-gone",
        Action(f"{role}.removeUser"),
        account.username,
        account.server,
        _owned(standing, account),
        lane=lane,
    )
    return user, PlannedTask(
        f"{start}.package-gone",
        Action(f"{role}.removePackage"),
        package,
        account.server,
        OwnedPackageArgs(package=package, mark=standing.mark(account)),
        (user.key,),
        lane,
    )


def _owned(standing: Standing, account: PlannedAccount) -> OwnedUserArgs:
    return OwnedUserArgs(
        user=account.username,
        mark=standing.mark(account),
        service=standing.service,
        nonce=account.nonce,
        domain=standing.domain,
    )
