"""The changing commands that a panel would be sent, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.vocabulary import Driver
from hostdeck.core.drivers.hestia.commands import sends as hestia_sends
from hostdeck.core.drivers.language import Change, Service
from hostdeck.core.drivers.powerdns.commands import USUAL, Tools
from hostdeck.core.drivers.powerdns.commands import sends as powerdns_sends
from hostdeck.core.plans.forecast import Sends


def sends_of(driver: Driver, home: str | None) -> Sends:
    """`home` is the panel's folder on the node, None where it is the usual one."""
    if driver is Driver.POWERDNS:
        tools = Tools(home or USUAL)

        def powerdns(changes: Sequence[Change], flush: Sequence[Service]) -> tuple[str, ...]:
            return powerdns_sends(changes, flush, tools)

        return powerdns
    return hestia_sends
