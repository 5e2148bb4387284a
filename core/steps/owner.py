"""Whose is a domain on a node?"""

from __future__ import annotations

from hostdeck.core.domain.text import clean_line
from hostdeck.core.errors import Permanent


def refuse_other_owner(owners: frozenset[str], user: str, domain: str, server: str) -> None:
    """Permanent where a user that is not ours holds the domain there in any role: exit 4 says only that somebody
    does, and two roles of one domain must share a user on a node (`hestia.md` 14.2)."""
    others = sorted(owners - {user})
    if others:
        shown = ", ".join(clean_line(name, 64) for name in others)
        raise Permanent(
            f"'{domain}' on {server} belongs to account '{shown}', which hostdeck does not manage for this service. "
            "It was left alone. Whoever knows that account must decide about it; then retry this step [OWN_FOREIGN]"
        )
