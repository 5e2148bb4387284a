"""What an error says about the node itself."""

from __future__ import annotations

from hostdeck.core.domain.findings import Finding, HealthRead, NodeReached, NodeTrouble, Partly, Quarantine, Unfit
from hostdeck.core.domain.vocabulary import BreakerKind
from hostdeck.core.transport.base import HostKeyChanged, LoginRefused, Unreachable


def blame(error: BaseException | None, text: str) -> tuple[Finding, ...]:
    """`text` is the error's, cleared of secrets. A check that got in and found something else wrong has reached the
    node."""
    if isinstance(error, Partly):
        return error.findings
    if isinstance(error, Unfit):
        cause = blame(error.__cause__, text)
        return (*error.findings, *(cause or (NodeReached(),)))
    if isinstance(error, HostKeyChanged):
        return (Quarantine(text),)
    if isinstance(error, LoginRefused):
        return (HealthRead(error=text), NodeTrouble(BreakerKind.LOGIN, text))
    if isinstance(error, Unreachable):
        return (NodeTrouble(BreakerKind.UNREACHABLE, text),)
    return ()
