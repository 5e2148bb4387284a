"""Capacity slots: taken by compare-and-add, given back once, by the account that holds one."""

from __future__ import annotations

from collections.abc import Iterable

from hostdeck.core.domain.vocabulary import Role, ServerStatus
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account


def take_slot(server: int, roles: Iterable[Role]) -> bool:
    """Counts one more account on an active server that is not full and can host these roles; False where another order
    was quicker, or an operator."""
    room = (Server.max_accounts == 0) | (Server.accounts < Server.max_accounts)
    active = Server.status == ServerStatus.ACTIVE
    able = (getattr(Server, role) for role in roles)
    query = Server.update(accounts=Server.accounts + 1).where(Server.id == server, active, room, *able)
    return bool(query.execute())


def release_slot(account: int) -> bool:
    """Gives an account's slot back, the first time only."""
    row = Account.get_by_id(account)
    if not Account.update(slot=False).where(Account.id == account, Account.slot).execute():
        return False
    Server.update(accounts=Server.accounts - 1).where(Server.id == row.server_id).execute()
    return True
