"""Publishing a zone again, and asking its nameservers."""

from __future__ import annotations

from hostdeck.core.domain.order_plan import PlannedTaskView
from hostdeck.core.domain.zone_check import ServerVerdict, judge, wanted_sets
from hostdeck.core.intents import zones as wishes
from hostdeck.core.queries.zones import ZoneDetail, wanted
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.plan_reading import Looked, PlanReading
from hostdeck.tui.widgets.words import inert, muted, plural


def redeploy(screen: DeckScreen, zone: str) -> None:
    """The plan, then the deed."""
    if not screen.may_change():
        return
    door = screen.deck.door

    def go(answer: str, number: int | None) -> None:
        screen.ask(
            lambda: wishes.redeploy_zone(door, zone, plan=number),
            lambda ids: screen.say(f"{zone}: {plural(len(ids), 'nameserver')} will get it"),
        )

    def planned(tasks: tuple[PlannedTaskView, ...]) -> None:
        looked = Looked(
            question=f"Publish {zone} again?",
            deed="Publish it",
            first=(muted("A nameserver that has it right is passed over."), inert("")),
            tasks=tasks,
            ask=lambda: wishes.ask_nameservers(door, zone),
            go=go,
        )
        PlanReading(screen, looked).open()

    screen.ask(lambda: wishes.plan_redeploy_zone(door, zone), planned)


async def ask(zone: ZoneDetail, port: int) -> list[ServerVerdict]:
    """Every nameserver side by side. The DNS library is loaded at the first question, not with the console."""
    from hostdeck.core.dns.ask import ask_all

    sets = wanted_sets(wanted(zone))
    answers = await ask_all([(server.server, server.ip) for server in zone.servers], port, zone.zone, sets)
    deployed = {server.server: server.serial for server in zone.servers}
    return [judge(sets, answer, deployed[answer.server]) for answer in answers]
