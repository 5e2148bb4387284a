"""`hostdeck service`: ordering, watching, and what there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

if TYPE_CHECKING:
    from hostdeck.core.queries.views import ServiceDetail, TaskRow

service = table()

Key = Annotated[str, typer.Argument(metavar="ID|DOMAIN", show_default=False)]
Pairs = Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE")]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")]


@verb(service, "create", "hostdeck service create customer.com --product web-s --option web_disk_quota=5000 --wait")
def service_create(
    domain: Annotated[str, typer.Argument(metavar="[DOMAIN]", show_default=False)] = "",
    product: Annotated[str, typer.Option(metavar="P", help="What is ordered.", show_default=False)] = "",
    email: Annotated[str, typer.Option(metavar="E", help="The customer's address.")] = "",
    option: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Another limit; repeat.")] = None,
    field: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="A customer's answer; repeat.")] = None,
    meta: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Kept with the service; repeat.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be done; write nothing.")] = False,
    planned: Annotated[
        str | None, typer.Option(metavar="FINGERPRINT", help="Exactly what a plan showed, or nothing.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is active or has failed.")] = False,
    timeout: Timeout = 900,
) -> int:
    """Order a service; the worker builds it."""
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.forms import OrderForm
    from hostdeck.core.intents.services import place_order, plan_order
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.words import pairs_of

    if not product:
        raise Invalid("product", "is required; see 'hostdeck product list'", "PRD_EMPTY")
    if planned is not None and re.fullmatch("[0-9a-f]{16}", planned) is None:
        raise Invalid("planned", "is the fingerprint that --plan has shown, 16 digits and letters a-f", "PLAN_NAME")
    form = OrderForm(
        domain=domain,
        product=product,
        email=email,
        options=pairs_of("option", option),
        fields=pairs_of("field", field),
        meta=pairs_of("meta", meta),
    )
    with opened() as door:
        if plan:
            from hostdeck.tui.cli.ordering import show_plan

            show_plan(plan_order(door, form))
            return 0
        number = place_order(door, form, planned or "")
        if wait:
            return follow(number, timeout)
        show(found(number))
        return 0


@verb(service, "list", "hostdeck service list --status error")
def service_list(
    status: Annotated[str, typer.Option(metavar="STATUS", help="Only those in this status.")] = "",
    search: Annotated[str, typer.Option(metavar="TEXT", help="In domain, address, product or user name.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 500,
) -> None:
    """Services, newest first."""
    from hostdeck.core.domain.vocabulary import ServiceStatus
    from hostdeck.core.queries.services import services
    from hostdeck.tui.cli.words import one_of

    with opened():
        rows = services(one_of(ServiceStatus, status, "status") if status else None, search, limit)
    none = "no service matches" if status or search else "no services yet; order one: hostdeck service create --help"
    output.listed(
        (">ID", "DOMAIN", "PRODUCT", "MODE", "STATUS", ">DONE", "NOW", "SERVERS", f"CREATED ({output.zone()})"),
        rows,
        lambda row: (
            row.id,
            row.domain,
            row.product,
            row.mode,
            row.status,
            f"{row.progress.percent}%",
            row.error or row.progress.now,
            tuple(dict.fromkeys(account.server for account in row.accounts)),
            row.created_at,
        ),
        none,
    )


@verb(service, "show", "hostdeck service show customer.com")
def service_show(key: Key) -> None:
    """One service: where it stands, its limits, its zone."""
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ordering import show_detail

    with opened():
        show_detail(found(key))


@verb(service, "plan", "hostdeck service plan customer.com")
def service_plan(key: Key) -> None:
    """The tasks of its current deployment: what is done, skipped, under way and left."""
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.words import show_tasks

    with opened():
        show_tasks(found(key).tasks, empty="nothing was ever planned for it")


@verb(service, "timeline", "hostdeck service timeline customer.com")
def service_timeline(key: Key) -> None:
    """Every task it ever had, oldest first."""
    from hostdeck.core.queries.services import service as found
    from hostdeck.core.queries.tasks import timeline
    from hostdeck.tui.cli.words import show_tasks

    with opened():
        show_tasks(timeline(found(key).id), empty="nothing was ever planned for it")


@verb(service, "watch", "hostdeck service watch customer.com")
def service_watch(
    key: Key,
    timeout: Timeout = 900,
    public: Annotated[
        bool, typer.Option("--public", help="What its customer may see: steps, no servers, no log.")
    ] = False,
) -> int:
    """Follow a deployment until it has ended; exit 1 if in error."""
    from hostdeck.core.queries.services import service as found

    with opened():
        if public:
            from hostdeck.tui.cli.public import follow_public

            return follow_public(found(key).id, timeout)
        return follow(found(key).id, timeout, states=True)


def follow(number: int, timeout: float, *, states: bool = False) -> int:
    """Waits, shows the service as it then is, and says how it ended as an exit code."""
    import sys

    from hostdeck.core.domain.vocabulary import ServiceStatus
    from hostdeck.core.errors import TimedOut
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.waiting import follow_service

    piped = states and not given.json and not output.styled(sys.stdout)
    try:
        ended = follow_service(number, timeout, each=_say_state if piped else None)
    except TimedOut:
        show(found(number))
        raise
    show(ended)
    if ended.status is ServiceStatus.ERROR:
        output.note(f"service: #{ended.id} {ended.domain} ended in error: {ended.error or ended.progress.now}")
        return 1
    return 0


def _say_state(task: TaskRow) -> None:
    from hostdeck.tui.cli.words import state_line

    output.text(state_line(task))


def show(row: ServiceDetail) -> None:
    """The service as a row, without the detail that `show` adds."""
    from hostdeck.core.queries.views import ServiceRow
    from hostdeck.tui.cli.ordering import row_fields

    short = ServiceRow(**{name: getattr(row, name) for name in ServiceRow.model_fields})
    output.shown(short, row_fields(short))
