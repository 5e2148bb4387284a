"""What an order would do, in values a person or a script can read before anything is written."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from hostdeck.core.domain.vocabulary import Mode, Role


class View(BaseModel):
    """A frozen answer; its field names are those of `interface.md`'s JSON."""

    model_config = ConfigDict(frozen=True)


class AccountView(View):
    """One role of a service on one server; roles that share a user repeat its name. PowerDNS has no user. `shared`: the
    user is the provider's, and only one mailbox or record of it is the service's."""

    role: Role
    server: str
    username: str | None
    shared: bool = False


class RecordView(View):
    name: str
    type: str
    value: str
    priority: int | None
    ttl: int


class RoleOff(View):
    role: Role
    why: str


class PlannedTaskView(View):
    """One task of a plan, before any row exists; `after` holds positions (1, 2, 3…) in the same list. `commands`: the
    changing ones it would send, in order; None where they have not been read from the node. `note` says why there are
    none."""

    position: int
    action: str
    label: str
    target: str
    server: str
    after: tuple[int, ...]
    follow_up: bool
    commands: tuple[str, ...] | None = None
    note: str | None = None


class OrderPlan(View):
    """What an order would do; nothing has been written. `limits` with `origin`: default, product or option. The order
    may be placed as planned by its `fingerprint`: it is refused where the plan would be another by then."""

    domain: str
    product: str
    mode: Mode
    roles: tuple[Role, ...]
    roles_off: tuple[RoleOff, ...]
    accounts: tuple[AccountView, ...]
    why: tuple[str, ...]
    limits: dict[str, str]
    origin: dict[str, str]
    records: tuple[RecordView, ...]
    tasks: tuple[PlannedTaskView, ...]
    fingerprint: str = ""
