"""`hostdeck service suspend` and its kin: a service's later life, after what `services` says of its first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.services import Key, Timeout, follow, service, show
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.domain.wishes import Wish, WishPlan

TABLES = {"service": service}

Plan = Annotated[bool, typer.Option("--plan", help="Say what would be done; change nothing.")]
Wait = Annotated[bool, typer.Option("--wait", help="Until it is done or has failed.")]


@verb(service, "suspend", "hostdeck service suspend customer.com --wait")
def service_suspend(key: Key, plan: Plan = False, wait: Wait = False, timeout: Timeout = 900) -> int:
    """Suspend its accounts; its nameservers go on answering."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.SUSPEND, plan, wait, timeout)


@verb(service, "unsuspend", "hostdeck service unsuspend customer.com --wait")
def service_unsuspend(key: Key, plan: Plan = False, wait: Wait = False, timeout: Timeout = 900) -> int:
    """Open its accounts again."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.UNSUSPEND, plan, wait, timeout)


@verb(service, "redeploy", "hostdeck service redeploy customer.com --wait")
def service_redeploy(
    key: Key,
    hard: Annotated[bool, typer.Option("--hard", help="Remove all of it first; needs --yes.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, what --hard destroys may go.")] = False,
    plan: Plan = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Bring back what is missing on the nodes and put right what differs; what is right is passed over."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.HARD_REDEPLOY if hard else Wish.REDEPLOY, plan, wait, timeout, yes=yes)


@verb(service, "terminate", "hostdeck service terminate customer.com --yes --wait")
def service_terminate(
    key: Key,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, all of it may go.")] = False,
    plan: Plan = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Remove its accounts, their contents and its zone from every node."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.TERMINATE, plan, wait, timeout, yes=yes)


@verb(service, "resume", "hostdeck service resume customer.com --wait")
def service_resume(key: Key, wait: Wait = False, timeout: Timeout = 900) -> int:
    """Take up every failed or cancelled step of its current run again."""
    from hostdeck.core.intents.life import resume
    from hostdeck.core.queries.services import service as found

    with opened() as door:
        refuse_read_only("service.resume", door.read_only)
        number = found(key).id
        resume(door, number)
        if wait:
            return follow(number, timeout)
        show(found(number))
        return 0


def _grant(key: str, wish: Wish, plan: bool, wait: bool, timeout: float, *, yes: bool = False) -> int:
    from hostdeck.core.domain.wishes import DESTROYS
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.life import grant, plan_wish
    from hostdeck.core.queries.services import service as found

    with opened() as door:
        if plan:
            _show_plan(plan_wish(door, found(key).id, wish))
            return 0
        refuse_read_only(f"service.{wish}", door.read_only)
        row = found(key)
        if wish in DESTROYS and not yes:
            what = f"add --yes to {wish} {row.domain}; --plan shows what would be destroyed"
            raise Invalid("confirm", what, "CONFIRM")
        grant(door, row.id, wish, typed=row.domain if yes else "")
        if wait:
            return follow(row.id, timeout)
        show(found(row.id))
        return 0


def _show_plan(plan: WishPlan) -> None:
    if given.json:
        output.document(plan)
        return
    fields: list[tuple[str, object]] = [(str(plan.wish), f"#{plan.service} {plan.domain}")]
    fields += [("destroys", line) for line in plan.destroys]
    fields += [("stays", line) for line in plan.leaves]
    if plan.stops:
        fields.append(("stops", f"{plan.stops} tasks of the run that is under way"))
    output.pairs(fields)
    output.text()
    output.table(
        (">#", "STEP", "TARGET", "SERVER", "AFTER", "NOTE"),
        (
            (
                task.position,
                task.label,
                task.target,
                task.server,
                task.after,
                "afterwards, not waited for" if task.follow_up else "",
            )
            for task in plan.tasks
        ),
    )
    output.text()
    output.text("nothing has been changed; leave out --plan to do it")
