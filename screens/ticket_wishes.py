"""Closing a ticket, the same from the list and from the ticket itself."""

from __future__ import annotations

from hostdeck.core.domain.tickets import TicketStatus
from hostdeck.core.intents.tickets import close_ticket
from hostdeck.core.queries.tickets import TicketRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm


def close(screen: DeckScreen, ticket: TicketRow | None) -> None:
    """Asks first: what has failed stays failed."""
    if ticket is None or not screen.may_change():
        return
    if ticket.status is TicketStatus.CLOSED:
        screen.say(f"#{ticket.id} is closed already, by {ticket.closed_by}", Tone.WAITING)
        return
    lines = (
        ticket.title,
        "",
        "Its task stays failed and nothing is retried. It closes by itself when the same step goes well; a later "
        "failure opens a new ticket.",
    )

    def answered(sure: bool | None) -> None:
        if sure:
            screen.ask(
                lambda: close_ticket(screen.deck.door, ticket.id), lambda _: screen.say(f"#{ticket.id} is closed")
            )

    screen.app.push_screen(
        Confirm(f"Close ticket #{ticket.id}?", lines, "Close ticket", keep="Keep it open", env=screen.deck.env),
        answered,
    )
