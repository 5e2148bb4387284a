"""How a service and a plan read on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.planning import show_tasks

if TYPE_CHECKING:
    from hostdeck.core.domain.order_plan import AccountView, OrderPlan
    from hostdeck.core.queries.views import ServiceDetail, ServiceRow


def row_fields(row: ServiceRow) -> Iterator[tuple[str, object]]:
    yield "service", f"#{row.id} {row.domain}"
    yield "product", f"{row.product} ({row.mode})"
    yield "status", row.status
    yield "progress", f"{row.progress.done} of {row.progress.total} ({row.progress.percent}%), {row.progress.now}"
    if row.progress.follow_ups:
        yield "follow-ups", f"{row.progress.follow_ups} still to come"
    for account in row.accounts:
        yield str(account.role), _place(account)
    yield "error", row.error
    yield f"created ({output.zone()})", row.created_at


def show_detail(row: ServiceDetail) -> None:
    fields = [*row_fields(row), ("group", row.group), ("email", row.email)]
    if row.asked is not None:
        fields.append(("asked by", f"{row.asked.actor} ({row.asked.intent})"))
    fields += [("why", line) for line in row.why]
    fields += [(f"  {key}", _limit(value, row.origin.get(key, ""))) for key, value in row.limits.items()]
    fields += [(f"meta {key}", value) for key, value in row.meta.items()]
    fields += [("nameserver", f"{ns.server}: {ns.state}") for ns in row.nameservers]
    output.shown(row, fields)
    if row.records:
        output.text()
        output.table(
            ("NAME", "TYPE", ">PRIO", ">TTL", "VALUE"),
            ((record.name, record.type, record.priority, record.ttl, record.value) for record in row.records),
        )


def show_plan(plan: OrderPlan) -> None:
    if given.json:
        output.document(plan)
        return
    fields: list[tuple[str, object]] = [("order", f"{plan.domain}, {plan.product} ({plan.mode})")]
    for account in plan.accounts:
        fields.append((str(account.role), _place(account)))
    fields += [(f"no {off.role}", off.why) for off in plan.roles_off]
    fields += [("why", line) for line in plan.why]
    output.pairs(fields)
    show_tasks(plan.tasks)
    output.text()
    output.text(
        f"nothing has been written; leave out --plan to order it, or order exactly this: --planned {plan.fingerprint}"
    )


def _place(account: AccountView) -> str:
    user = f", user {account.username}" if account.username else ""
    return f"{account.server}{user}" + (" (shared, the provider's)" if account.shared else "")


def _limit(value: str, origin: str) -> str:
    return f"{value or '(node default)'}" + (f"  from the {origin}" if origin not in ("", "default") else "")
