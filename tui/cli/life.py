"""`hostdeck service suspend` and its kin: a service's later life, after what `services` says of its first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import backups  # noqa: F401  its verb stands in the same table
from hostdeck.tui.cli.services import Key, Timeout, follow, service, show
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.domain.wishes import Wish

TABLES = {"service": service}

Plan = Annotated[bool, typer.Option("--plan", help="Say what would be done; change nothing.")]
Planned = Annotated[int | None, typer.Option(metavar="N", min=1, help="Exactly what plan N showed, or nothing.")]
Wait = Annotated[bool, typer.Option("--wait", help="Until it is done or has failed.")]


@verb(service, "suspend", "hostdeck service suspend customer.com --wait")
def service_suspend(
    key: Key, plan: Plan = False, planned: Planned = None, wait: Wait = False, timeout: Timeout = 900
) -> int:
    """Suspend its accounts; its nameservers go on answering."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.SUSPEND, plan, wait, timeout, planned=planned)


@verb(service, "unsuspend", "hostdeck service unsuspend customer.com --wait")
def service_unsuspend(
    key: Key, plan: Plan = False, planned: Planned = None, wait: Wait = False, timeout: Timeout = 900
) -> int:
    """Open its accounts again."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.UNSUSPEND, plan, wait, timeout, planned=planned)


@verb(service, "redeploy", "hostdeck service redeploy customer.com --wait")
def service_redeploy(
    key: Key,
    hard: Annotated[bool, typer.Option("--hard", help="Remove all of it first; needs --yes.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, what --hard destroys may go.")] = False,
    plan: Plan = False,
    planned: Planned = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Bring back what is missing on the nodes and put right what differs; what is right is passed over."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.HARD_REDEPLOY if hard else Wish.REDEPLOY, plan, wait, timeout, planned=planned, yes=yes)


@verb(service, "terminate", "hostdeck service terminate customer.com --yes --wait")
def service_terminate(
    key: Key,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, all of it may go.")] = False,
    plan: Plan = False,
    planned: Planned = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Remove its accounts, their contents and its zone from every node."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.TERMINATE, plan, wait, timeout, planned=planned, yes=yes)


@verb(service, "rename-account", "hostdeck service rename-account customer.com web01 --wait")
def service_rename_account(
    key: Key,
    server: Annotated[str, typer.Argument(metavar="SERVER", show_default=False)],
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Build under another account name where the first one is somebody else's on that server."""
    from hostdeck.core.intents.accounts import rename_account
    from hostdeck.core.queries.services import service as found

    with opened() as door:
        refuse_read_only("service.rename_account", door.read_only)
        number = found(key).id
        rename_account(door, number, server)
        if wait:
            return follow(number, timeout)
        show(found(number))
        return 0


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


@verb(service, "change-product", "hostdeck service change-product customer.com web-l --plan")
def service_change_product(
    key: Key,
    product: Annotated[str, typer.Argument(metavar="P", show_default=False)],
    plan: Plan = False,
    planned: Planned = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Give it another product's limits; refused before anything is sent where its use does not fit."""
    from hostdeck.core.domain.wishes import Wish

    return _grant(key, Wish.CHANGE_PRODUCT, plan, wait, timeout, planned=planned, product=product)


def _grant(
    key: str,
    wish: Wish,
    plan: bool,
    wait: bool,
    timeout: float,
    *,
    planned: int | None,
    yes: bool = False,
    product: str = "",
) -> int:
    from hostdeck.core.domain.wishes import DESTROYS
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.life import grant
    from hostdeck.core.queries.services import service as found

    with opened() as door:
        if plan:
            from hostdeck.tui.cli.planning import show_wish_plan

            show_wish_plan(door, found(key).id, wish, product)
            return 0
        refuse_read_only(f"service.{wish}", door.read_only)
        row = found(key)
        if wish in DESTROYS and not yes:
            what = f"add --yes to {wish} {row.domain}; --plan shows what would be destroyed"
            raise Invalid("confirm", what, "CONFIRM")
        run = grant(door, row.id, wish, typed=row.domain if yes else "", product=product, plan=planned)
        if not wait:
            show(found(row.id))
            return 0
        ended = follow(row.id, timeout)
        _refuse_change(run, row.domain)
        return ended


def _refuse_change(run: int, domain: str) -> None:
    """A change that a check has stopped was refused, however well the service is."""
    from hostdeck.core.errors import Conflict
    from hostdeck.core.queries.plans import refusal_of

    if why := refusal_of(run):
        code = "PLAN_SMALLER" if "[PLAN_SMALLER]" in why else None
        raise Conflict("service", f"{domain} keeps its product: {why}", code)
