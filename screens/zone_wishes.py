"""Publishing a zone again, and asking its nameservers."""

from __future__ import annotations

from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.domain.zone_check import ServerVerdict, judge, wanted_sets
from hostdeck.core.intents import zones as wishes
from hostdeck.core.queries.zones import ZoneDetail, wanted
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.order_plan import task_line
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.words import muted, plural


def redeploy(screen: DeckScreen, zone: str) -> None:
    """The plan, then the deed."""
    if not screen.may_change():
        return

    def asked(tasks: tuple[PlannedTaskView, ...]) -> None:
        lines = [*map(task_line, tasks), muted("A nameserver that has it right is passed over.")]
        screen.app.push_screen(PlanDialog(f"Publish {zone} again?", lines, "Publish it", env=screen.deck.env), answered)

    def answered(answer: str | None) -> None:
        if answer is not None:
            screen.ask(
                lambda: wishes.redeploy_zone(screen.deck.door, zone),
                lambda ids: screen.say(f"{zone}: {plural(len(ids), 'nameserver')} will get it"),
            )

    screen.ask(lambda: wishes.plan_redeploy_zone(screen.deck.door, zone), asked)


async def ask(zone: ZoneDetail, port: int) -> list[ServerVerdict]:
    """Every nameserver side by side. The DNS library is loaded at the first question, not with the console."""
    from hostdeck.core.dns.ask import ask_all

    sets = wanted_sets(wanted(zone))
    answers = await ask_all([(server.server, server.ip) for server in zone.servers], port, zone.zone, sets)
    deployed = {server.server: server.serial for server in zone.servers}
    return [judge(sets, answer, deployed[answer.server]) for answer in answers]
