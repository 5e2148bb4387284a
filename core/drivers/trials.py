"""Restoring an archive into a scratch account: what a node says of it, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hostdeck.core.domain.proofs import Parts
from hostdeck.core.drivers.language import Change, Question, UserFacts
from hostdeck.core.transport.base import Secret


@dataclass(frozen=True)
class TrialFacts:
    """How a trial stands. `user` is the scratch account, `databases` are the names of its own. `dumps` are the engines
    of the archive's databases by their name; `gone`: it does not lie there. `begun`: the archive that the account has
    been given to restore, whichever; `running`: that goes on, `found`: how it ended. `size` of the archive and what is
    `free` where accounts live are in MB. `backed_up`: the node's nightly round would take it along."""

    user: UserFacts
    databases: frozenset[str] = frozenset()
    dumps: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    begun: str | None = None
    running: bool = False
    found: Parts | None = None
    size: int = 0
    free: int = 0
    backed_up: bool = False


@dataclass(frozen=True)
class AskTrial(Question[TrialFacts]):
    user: str
    archive: str


@dataclass(frozen=True)
class TrialDatabase:
    """A database of the scratch account's for the one that the archive calls `name`."""

    name: str
    database: str
    password: Secret


@dataclass(frozen=True)
class StartTrial(Change):
    """Sets the restore going, which goes on by itself: as long as it takes, and whether anybody listens or not."""

    user: str
    mark: str
    archive: str
    databases: tuple[TrialDatabase, ...]


@dataclass(frozen=True)
class KeepNoBackups(Change):
    """The node's nightly round passes the account over: an archive of it would outlive it (`hestia.md` 9)."""

    user: str
    mark: str


@dataclass(frozen=True)
class RemoveScratch(Change):
    """Ends what goes on in the scratch account, then removes it and all it holds."""

    user: str
    mark: str
