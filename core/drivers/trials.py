"""Restoring an archive for trial, beside all accounts: what a node says of it, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.domain.proofs import Parts
from hostdeck.core.drivers.language import Change, Question


@dataclass(frozen=True)
class TrialFacts:
    """How a trial stands. `gone`: the archive does not lie there. `begun`: the archive that was set going under this
    name, whichever, for the wish of `since`; `running`: that goes on, `found`: how it ended. `size` of the archive and
    what is `free` where parts are unpacked are in MB."""

    gone: bool = False
    begun: str | None = None
    since: int | None = None
    running: bool = False
    found: Parts | None = None
    size: int = 0
    free: int = 0


@dataclass(frozen=True)
class AskTrial(Question[TrialFacts]):
    """`archive` is None where only what goes on under the name matters."""

    name: str
    archive: str | None = None


@dataclass(frozen=True)
class StartTrial(Change):
    """Sets the restore going, which goes on by itself: as long as it takes, and whether anybody listens or not. `since`
    is when it was wished."""

    name: str
    archive: str
    since: int


@dataclass(frozen=True)
class EndTrial(Change):
    """Ends what goes on under the name, and leaves nothing of it."""

    name: str
