"""Groups as a product chooses one: who is in it, and how much room is left for each role."""

from __future__ import annotations

from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import Role, ServerStatus
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import ServerRow


class GroupOffer(View):
    """`members` are the group's own servers, `nameservers` those attached to it."""

    name: str
    members: tuple[ServerRow, ...]
    nameservers: tuple[ServerRow, ...]

    def able(self, role: Role) -> tuple[ServerRow, ...]:
        """The active servers that take the role; DNS is the nameservers' alone."""
        among = self.nameservers if role is Role.DNS else self.members
        return tuple(row for row in among if role in row.capabilities and row.status is ServerStatus.ACTIVE)

    def free(self, role: Role) -> int | None:
        """Slots left on those servers together; None where one of them has no end."""
        able = self.able(role)
        if any(row.max_accounts == 0 for row in able):
            return None
        return sum(max(0, row.max_accounts - row.accounts) for row in able)


def group_offers() -> tuple[GroupOffer, ...]:
    """Every group, by name."""
    rows = {row.name: row for row in fleet.servers()}
    return tuple(
        GroupOffer(
            name=group.name,
            members=tuple(rows[name] for name in group.servers),
            nameservers=tuple(rows[name] for name in group.dns_servers),
        )
        for group in fleet.groups()
    )
