"""The one wish about a ticket: that it is closed although its cause may still be there."""

from __future__ import annotations

from hostdeck.core.domain.tickets import TicketStatus, closed_text
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.store import tickets
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Ticket


def close_ticket(door: Door, number: int) -> None:
    """Closes an open ticket; its tasks stay as they are, and a later failure opens a new one. NotFound; Conflict when
    it is closed already, with who closed it."""
    with door.change("ticket.close", f"ticket #{number}") as change:
        ticket = Ticket.get_or_none(Ticket.id == number)
        if ticket is None:
            raise NotFound("ticket", f"there is no ticket #{number}; see 'hostdeck ticket list'")
        change.object = f"ticket #{number} {ticket.incident}"
        still_open = ticket.status == TicketStatus.OPEN
        if not still_open or not tickets.close(ticket, door.actor, closed_text(door.actor), utcnow()):
            by = Ticket.get_by_id(number).closed_by
            raise Conflict("ticket", f"#{number} is closed already, by {by}", "TICKET_CLOSED")
