"""What a step is: arguments, a question, a decision. Look, decide, apply, look again is the runner's; a step that has
nothing left to decide is done.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from hostdeck.core.domain.action_args import Args, ItemArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import args_of
from hostdeck.core.domain.findings import Finding
from hostdeck.core.domain.item_specs import Spec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import Driver, Role
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.changes import AddUser, RemoveUser
from hostdeck.core.drivers.language import Change, Owner, Question, Service
from hostdeck.core.errors import StepError
from hostdeck.core.transport.base import Secret

A = TypeVar("A", bound=Args)
F = TypeVar("F")


class Resolver(Protocol):
    """Public DNS, as the worker sees it."""

    async def __call__(self, host: str) -> frozenset[str]:
        """The addresses of a name; empty where it has none yet, or nobody answers soon."""


class NameserverQuery(Protocol):
    """One nameserver, asked directly."""

    async def __call__(self, ip: str, host: str) -> frozenset[str] | None:
        """The addresses it answers for a name; None where it does not answer."""


@dataclass(frozen=True, slots=True)
class WantedItem:
    """An item as its row has it now. `password` is to be set, or what a certificate's key is; `sealed` is the text of
    the row that it came from; `known` is what was last read of it."""

    id: int
    kind: ItemKind
    name: str
    wanted: Spec
    known: Mapping[str, Any]
    ours: bool
    removing: bool
    password: Secret | None = None
    sealed: str | None = None
    closed: bool = False
    """Its service is suspended, or about to be."""


@dataclass(frozen=True)
class World:
    """What a step may know beside its arguments and its node: the server's name, our rows, public DNS, dice. `ledger`:
    whether our rows call the one mailbox (MAIL) or the one record on this server (DNS) of a sold name ours.
    `nameservers` are (name, ip) of those of ours that hold the service's names. `able` and `panel` are what the node's
    own row says of it, whatever a task's arguments want; `item` is one item of the service, None where its row has
    gone; `standard_files` gives a group's files, filled in, by path.
    `parents` are the provider's (user, parent domain) whose names are sold as mailboxes on this node. `site_names` are
    the other names of the service's website, None where they are those of the order."""

    server: str
    zone_records: Callable[[str], tuple[ZoneRecord, ...]]
    ledger: Callable[[Role], bool]
    resolve: Resolver
    password: Callable[[], str]
    nameservers: Callable[[], tuple[tuple[str, str], ...]]
    ask_nameserver: NameserverQuery
    able: frozenset[Role] = frozenset()
    panel: Driver = Driver.HESTIA
    standard_files: Callable[[str], Mapping[str, str]] = lambda group: {}
    parents: Callable[[], tuple[tuple[str, str], ...]] = tuple
    item: Callable[[int], WantedItem | None] = lambda number: None
    own_certificate: Callable[[Role], bool] = lambda role: False
    site_names: Callable[[], tuple[str, ...] | None] = lambda: None


class Step(ABC, Generic[A, F]):
    """One registered step. `flush`: what must reload after a change, or after an earlier attempt may have made one."""

    flush: tuple[Service, ...] = ()

    def __init__(self, args: A, world: World) -> None:
        self.args = args
        self.world = world

    def prepare(self) -> None:
        """Reads rows; runs on the worker's thread, before anything is asked of anybody."""

    async def wait_for_world(self) -> None:
        """Raises NotYet where the step can't begin yet; runs on the loop, before the node is asked."""

    def owner(self) -> Owner | None:
        """The Hestia user this step works in, if there must be one already: nothing happens in anybody else's."""
        return None

    @abstractmethod
    def question(self) -> Question[F]:
        """What to look at."""

    @abstractmethod
    def decide(self, found: F) -> tuple[Change, ...]:
        """What is still to be changed; empty means done. Raises Permanent where an operator must decide."""

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        """What the rows must say before these changes are sent. Where they refuse it (NotYet), nothing is sent."""
        return ()

    def after(self, changes: tuple[Change, ...], trouble: StepError | None, found: F) -> tuple[Finding, ...]:
        """What the rows must say once the node has answered; `trouble` and `found` as in Applied. Not called where
        the answer was lost."""
        return ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        """What takes back `before`, where nothing of the changes has begun on the node."""
        return ()

    def leave(self, found: F) -> tuple[Change, ...]:
        """What must still be sent where the changes went wrong half-way: nothing may stay opened for them."""
        return ()

    def learn(self, found: F) -> tuple[Finding, ...]:
        """What the rows should know once nothing is left to decide."""
        return ()

    def is_foreseen(self, changes: tuple[Change, ...]) -> bool:
        """Whether a plan shows these; what it can't show does not differ from it."""
        return True

    @abstractmethod
    def blank(self) -> F:
        """The facts where nothing of it is on the node."""

    @abstractmethod
    def expect(self, found: F, changes: Sequence[Change]) -> F:
        """The facts once these changes of its own have taken: what a plan goes on from."""

    def given(self, found: F, earlier: Sequence[Change]) -> F:
        """The facts once changes of other steps before it, on the same node, have taken."""
        return self.blank() if any(map(self.rests_on, earlier)) else found

    def rests_on(self, change: Change) -> bool:
        """Whether what this step looks at goes, or can only come, with another step's change."""
        owner = self.owner()
        return owner is not None and isinstance(change, AddUser | RemoveUser) and change.user == owner.user


class Reading(ABC, Generic[A]):
    """A step that only reads a node."""

    def __init__(self, args: A, world: World) -> None:
        self.args = args
        self.world = world

    def prepare(self) -> None:
        """As a step's."""

    @abstractmethod
    async def read(self, node: NodeDriver) -> tuple[Finding, ...]:
        """What the node tells."""


REGISTRY: dict[Action, type[Step[Any, Any]] | type[Reading[Any]]] = {}
ITEM_STEPS: dict[ItemKind, type[Step[Any, Any]]] = {}
"""Items: one step a kind, whether its row says that it shall be there or go."""

S = TypeVar("S", bound="type[Step[Any, Any]] | type[Reading[Any]]")


def step(*actions: Action) -> Callable[[S], S]:
    """Registers a class for actions that do the same thing."""

    def register(cls: S) -> S:
        for action in actions:
            REGISTRY[action] = cls
        return cls

    return register


Kept = TypeVar("Kept", bound="type[Step[Any, Any]]")


def item_step(kind: ItemKind) -> Callable[[Kept], Kept]:
    """Registers a class for a kind of items."""

    def register(cls: Kept) -> Kept:
        ITEM_STEPS[kind] = cls
        return cls

    return register


def load_steps() -> None:
    """Importing the areas registers their steps; a worker does it before its first task."""
    from hostdeck.core.steps import (  # noqa: F401
        account,
        backup,
        backup_item,
        config,
        dns,
        files,
        item_cron,
        item_database,
        item_ftp,
        item_mailbox,
        item_settings,
        life,
        limits,
        mail,
        own_certificate,
        proof,
        restore,
        resync,
        server,
        sold_mailbox,
        sold_password,
        sold_record,
        sold_site,
        ssl,
        trial,
        usage,
        web,
    )


def make_step(action: Action, args: dict[str, Any], world: World) -> Step[Any, Any] | Reading[Any]:
    """The step of a task's row."""
    load_steps()
    read = args_of(action, args)
    if isinstance(read, ItemArgs):
        return ITEM_STEPS[ItemKind(read.kind)](read, world)
    return REGISTRY[action](read, world)
