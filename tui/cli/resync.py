"""`hostdeck service resync`: what is inside a service on its nodes, against the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.item_words import Service, Timeout
from hostdeck.tui.cli.services import service
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.queries.resync import ResyncView


@verb(service, "resync", "hostdeck service resync customer.com")
def service_resync(
    key: Service,
    adopt: Annotated[bool, typer.Option("--adopt", help="Take what the nodes have into the rows.")] = False,
    mend: Annotated[bool, typer.Option("--mend", help="Make the nodes as the rows have it.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until the nodes are read.")] = True,
    timeout: Timeout = 300,
) -> int:
    """Read mailboxes, databases, FTP logins and cron jobs on its nodes, and say what differs from the rows.

    Nothing is changed unless --adopt or --mend says so. Exit 1 where anything differs.
    """
    from hostdeck.core.errors import Failed, Invalid
    from hostdeck.core.intents.resync import resync, settle
    from hostdeck.core.queries.resync import resync_view
    from hostdeck.core.queries.services import service_id
    from hostdeck.tui.cli.waiting import wait_for_tasks

    if adopt and mend:
        raise Invalid("resync", "give one of --adopt and --mend", "SYNC_BOTH")
    if (adopt or mend) and not wait:
        raise Invalid("resync", "what is adopted or mended must have been read: leave --no-wait out", "SYNC_BOTH")
    with opened() as door:
        refuse_read_only("service.resync", door.read_only)
        number = service_id(key)
        ids = resync(door, number)
        if not wait:
            output.shown({"service": number, "tasks": ids}, [("reading", ", ".join(f"task #{one}" for one in ids))])
            return 0
        for task in wait_for_tasks(ids, timeout):
            if task.error:
                raise Failed(f"resync: task #{task.id} on {task.server}: {task.error}")
        if adopt or mend:
            settled = settle(door, number, adopt=adopt)
            output.note(f"{len(settled)} {'adopted' if adopt else 'being put right'}")
        view = resync_view(number)
    _show(view)
    return 1 if view.differences and not mend else 0


def _show(view: ResyncView) -> None:
    from hostdeck.tui.cli.given import given

    if given.json:
        output.document(view)
        return
    if not view.differences:
        output.text("the nodes have it all as the rows say")
        return
    output.table(
        ("KIND", "NAME", "VERDICT", "WHAT"),
        ((one.kind, one.name, one.verdict, one.words) for one in view.differences),
    )
