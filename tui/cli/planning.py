"""How a plan reads on a terminal: what is lost, what stays, and every command by server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given

if TYPE_CHECKING:
    from hostdeck.core.domain.order_plan import PlannedTaskView
    from hostdeck.core.domain.wishes import Wish, WishPlan
    from hostdeck.core.intents.base import Door

READ_SECONDS = 120.0
NOT_READ = "the nodes were not asked, {why}: the commands are not known; each step looks before it acts"


def show_wish_plan(door: Door, service: int, wish: Wish, product: str) -> None:
    """With the commands, where a worker can ask the nodes for them."""
    from hostdeck.core.domain.wishes import stops_words
    from hostdeck.core.intents.life import plan_wish

    plan = _read(door, plan_wish(door, service, wish, product), product)
    if given.json:
        output.document(plan)
        return
    fields: list[tuple[str, object]] = [(str(plan.wish), f"#{plan.service} {plan.domain}")]
    fields += [("changes", line) for line in plan.changes]
    fields += [("destroys", line) for line in plan.destroys]
    fields += [("stays", line) for line in plan.leaves]
    if stops := stops_words(plan):
        fields.append(("stops", stops))
    output.pairs(fields)
    show_tasks(plan.tasks)
    say_ending(plan.plan, plan.unread, plan.read)


def say_ending(number: int | None, unread: Sequence[str], read: bool) -> None:
    """How to go on: by its number only with a plan that is known whole."""
    output.text()
    if unread and number:
        output.text(f"not read from {', '.join(unread)}: nothing can be held to this plan")
    exactly = f", --planned {number} does exactly this" if number and read else ""
    output.text(f"nothing has been changed; leave out --plan to do it{exactly}")


def _read(door: Door, plan: WishPlan, product: str) -> WishPlan:
    """The plan with what the nodes say, as far as they say it."""
    from hostdeck.core.intents.life import ask_nodes
    from hostdeck.core.queries.plans import plan_view

    number = begin_reading(door, lambda: ask_nodes(door, plan.service, plan.wish, product))
    await_reading(number)
    return plan_view(plan, number) if number else plan


def begin_reading(door: Door, ask: Callable[[], int]) -> int:
    """The plan's number; 0, and said why, where the nodes can't be asked."""
    from hostdeck.core.queries.fleet import workers

    if door.read_only:
        output.note(NOT_READ.format(why="for that would be written down"))
        return 0
    if not any(row.alive for row in workers()):
        output.note(NOT_READ.format(why="no worker is running"))
        return 0
    return ask()


def await_reading(number: int) -> None:
    """Until the nodes have answered, or for so long that it has to be said."""
    from hostdeck.core.store.plans import still_reading
    from hostdeck.tui.cli.waiting import pulses

    if not number:
        return
    for _ in pulses(READ_SECONDS):
        if not still_reading(number):
            output.live_end()
            return
        output.live("asking the nodes what would be sent to them")
    output.live_end()
    output.note(NOT_READ.format(why=f"not all of them within {READ_SECONDS:.0f} s"))


def show_tasks(tasks: Sequence[PlannedTaskView]) -> None:
    """Each task, and below it what it would send."""
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
                task.note or ("afterwards, not waited for" if task.follow_up else ""),
            )
            for task in tasks
        ),
    )
    for server, commands in _by_server(tasks):
        output.text()
        output.text(server)
        for command in commands:
            output.text(f"  {command}")


def _by_server(tasks: Iterable[PlannedTaskView]) -> Iterable[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        if task.commands:
            found.setdefault(task.server, []).extend(task.commands)
    return found.items()
