"""What an error says about the node itself."""

from __future__ import annotations

from hostdeck.core.domain.findings import Finding, HealthRead, NodeTrouble, Quarantine
from hostdeck.core.domain.vocabulary import BreakerKind
from hostdeck.core.errors import StepError
from hostdeck.core.transport.ssh import HostKeyChanged, LoginRefused, Unreachable


def blame(error: StepError, text: str) -> tuple[Finding, ...]:
    """`text` is the error's, cleared of secrets."""
    if isinstance(error, HostKeyChanged):
        return (Quarantine(text),)
    if isinstance(error, LoginRefused):
        return (HealthRead(error=text), NodeTrouble(BreakerKind.LOGIN, text))
    if isinstance(error, Unreachable):
        return (NodeTrouble(BreakerKind.UNREACHABLE, text),)
    return ()
