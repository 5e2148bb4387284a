"""A plan in words: accounts and nodes with the reason, roles that stay off, tasks in order."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from hostdeck.core.domain.order_plan import OrderPlan, PlannedTaskView
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.gauges import roles
from hostdeck.tui.widgets.words import inert, joined, muted, styled, toned


def waiting_text() -> Text:
    return muted("Fill in a product and a domain or name; what the order would do appears here.")


def _title(words: str) -> Text:
    return toned(words, Tone.BRIGHT)


def task_line(task: PlannedTaskView) -> Text:
    after = f"after {', '.join(str(number) for number in task.after)}" if task.after else "at once"
    return Text.assemble(
        muted(f"  {task.position:>2}  "), fitted(inert(task.label), 28), fitted(inert(task.server), 12),
        muted(f"{after}{'  follow-up' if task.follow_up else ''}"), end="",
    )  # fmt: skip


def task_lines(task: PlannedTaskView) -> Iterator[Text]:
    """A task, and below it what it would send, or why nothing."""
    yield task_line(task)
    for command in task.commands or ():
        yield Text.assemble(muted("      $ "), inert(command), end="")
    if task.note:
        yield muted(f"      {task.note}")


def plan_text(plan: OrderPlan, *, may_place: bool) -> Text:
    lines = [joined(toned(plan.domain, Tone.BRIGHT), muted(f"   {plan.product}, {plan.mode}   {roles(plan.roles)}"))]
    lines += [Text(""), _title("Accounts")]
    for account in plan.accounts:
        user = inert(account.username) if account.username else muted("no user needed")
        whose = "shared, the provider's" if account.username else "in the provider's zone"
        shared = muted(f"  {whose}") if account.shared else ""
        lines.append(Text.assemble(f"  {account.role:<6}", fitted(inert(account.server), 12), user, shared, end=""))
    if plan.why:
        lines += [Text(""), _title("Why there"), *(muted(f"  {reason}") for reason in plan.why)]
    if plan.roles_off:
        lines += [Text(""), _title("Not included")]
        lines += [joined(f"  {off.role:<6}", muted(off.why)) for off in plan.roles_off]
    lines += [Text(""), _title(f"Tasks  {len(plan.tasks)}"), *map(task_line, plan.tasks)]
    lines += _commands(plan)
    changed = [(key, value) for key, value in plan.limits.items() if plan.origin.get(key) == "option"]
    if changed:
        lines += [Text(""), _title("Changed limits")]
        lines += [joined(f"  {key:<18}", toned(value, Tone.ACCENT)) for key, value in changed]
    ending = styled((("\nctrl+o", Tone.ACCENT), (", or Enter here, places the order.", Tone.MUTED)))
    lines.append(ending if may_place else styled((("\nread-only: orders can't be placed here", Tone.WAITING),)))
    return Text("\n", end="").join(lines)


def _commands(plan: OrderPlan) -> Iterator[Text]:
    """By server, in the order each is sent."""
    by_server: dict[str, list[str]] = {}
    for task in plan.tasks:
        by_server.setdefault(task.server, []).extend(task.commands or ())
    for server, commands in by_server.items():
        if commands:
            yield Text("")
            yield joined(_title("Commands"), muted(f"  {server}, if nothing of it is there yet"))
            yield from (Text.assemble(muted("  $ "), inert(command), end="") for command in commands)
