"""Restoring an archive into a scratch account: what a node says of it, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hostdeck.core.domain.proofs import Parts
from hostdeck.core.drivers.language import Change, Question, UserFacts


@dataclass(frozen=True)
class TrialFacts:
    """How a trial stands. `user` is the scratch account, `databases` are the names of its own. `dumps` are the engines
    of the archive's databases by their name; `gone`: it does not lie there. `begun`: the archive that the account has
    been given to restore, whichever; `running`: that goes on, `found`: how it ended. `size` of the archive and what is
    `free` where accounts live are in MB."""

    user: UserFacts
    databases: frozenset[str] = frozenset()
    dumps: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    begun: str | None = None
    running: bool = False
    found: Parts | None = None
    size: int = 0
    free: int = 0


@dataclass(frozen=True)
class AskTrial(Question[TrialFacts]):
    user: str
    archive: str


@dataclass(frozen=True)
class StartTrial(Change):
    """Sets the restore going, which goes on by itself: as long as it takes, and whether anybody listens or not.
    `databases` are the account's own by the name that each has in the archive."""

    user: str
    mark: str
    archive: str
    databases: Mapping[str, str]
