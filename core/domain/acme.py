"""Let's Encrypt: what its published limits still allow, and the words for where a certificate stands. Pure.

The limits are those of letsencrypt.org/docs/rate-limits. They are counted here over sliding windows, which is never
more than the authority's own refilling buckets allow. Renewals by Hestia's nightly job are not ours to count: the
authority exempts them from the limits of new certificates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hostdeck.core.domain.inputs.suffixes import registrable
from hostdeck.core.domain.vocabulary import TaskStatus

NEVER_PUBLIC = (".test", ".example", ".invalid", ".localhost", ".local", ".onion", ".internal", ".alt")
"""Endings that do not exist in public DNS (RFC 6761, RFC 6762, RFC 7686): nobody certifies them."""

WEEK = timedelta(days=7)
UNDER_WAY = timedelta(minutes=15)
"""So long (the step's deadline, `robustness.md` 2) an order without an answer may still become a certificate."""


class CertificateState(StrEnum):
    """`none`: nobody is getting one. `waiting`: not ready, at no cost. `failing`: will be tried again. `frozen`: the
    attempts are used up, or an operator must decide."""

    WAITING = "waiting"
    ISSUING = "issuing"
    ACTIVE = "active"
    FAILING = "failing"
    FROZEN = "frozen"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Order:
    """One certificate asked for by `account` (SERVER/USER: Hestia registers one for each user). `registered` are the
    domains that its hosts are below. `issued` False: it failed, or its answer is not known yet."""

    account: str
    registered: frozenset[str]
    hosts: frozenset[str]
    at: datetime
    issued: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order that one would like to send."""

    account: str
    hosts: frozenset[str]

    @property
    def registered(self) -> frozenset[str]:
        """The domains that the hosts are below, by the public suffix list: what sub-domains share."""
        return frozenset(map(registrable, self.hosts))


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` in `window`; `counts` says which orders an order to come is counted with, where `each` for each of its
    registered domains by itself."""

    most: int
    window: timedelta
    what: str
    counts: Callable[[Order, Wanted, str], bool]
    certificates: bool = False
    each: bool = False

    def expires(self, order: Order) -> datetime:
        """When this order stops counting: one that became no certificate counts as one while it may be under way."""
        return order.at + (self.window if order.issued or not self.certificates else UNDER_WAY)


LIMITS = (
    Limit(
        300, timedelta(hours=3), "new orders of account {account} in 3 hours", lambda o, w, _: o.account == w.account
    ),
    Limit(
        50,
        WEEK,
        "certificates for {registered} and all names below it in 7 days",
        lambda o, _, registered: registered in o.registered,
        certificates=True,
        each=True,
    ),
    Limit(5, WEEK, "certificates for exactly {hosts} in 7 days", lambda o, w, _: o.hosts == w.hosts, certificates=True),
    Limit(
        5,
        timedelta(hours=1),
        "failed validations of {hosts} by account {account} in an hour",
        lambda o, w, _: o.account == w.account and not o.issued and bool(o.hosts & w.hosts),
    ),
)
PER_REGISTERED = LIMITS[1]
MOST_NAMES = 100
"""On one certificate."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A limit that is reached; `opens` is when one order more fits into it."""

    sentence: str
    opens: datetime


def budget(orders: Iterable[Order], wanted: Wanted, now: datetime) -> Exhausted | None:
    """None where the order may be sent now; else the reached limit that opens last."""
    known = tuple(orders)
    places = ((limit, one) for limit in LIMITS for one in (sorted(wanted.registered) if limit.each else [""]))
    reached = [found for limit, one in places if (found := _reached(limit, known, wanted, one, now)) is not None]
    return max(reached, key=lambda found: found.opens, default=None)


def _reached(limit: Limit, orders: Sequence[Order], wanted: Wanted, one: str, now: datetime) -> Exhausted | None:
    ends = sorted(end for o in orders if limit.counts(o, wanted, one) and (end := limit.expires(o)) > now)
    if len(ends) < limit.most:
        return None
    opens = ends[len(ends) - limit.most]
    what = limit.what.format(account=wanted.account, registered=one, hosts=", ".join(sorted(wanted.hosts)))
    text = f"Let's Encrypt allows {limit.most} {what}, and {len(ends)} are used; it opens {opens:%Y-%m-%d %H:%M} UTC"
    return Exhausted(text, opens)


def used_this_week(orders: Iterable[Order], registered: str, now: datetime) -> int:
    """Certificates that count against a registered domain at present, of PER_REGISTERED.most."""
    return sum(registered in o.registered and PER_REGISTERED.expires(o) > now for o in orders)


def state_of(status: TaskStatus, attempts: int, snoozes: int, valid: bool) -> CertificateState:
    """The word for a certificate whose task stands so; `valid`: the node is known to have one that has not run out."""
    at_rest = CertificateState.ACTIVE if valid else CertificateState.NONE
    match status:
        case TaskStatus.SUCCESS | TaskStatus.SKIPPED | TaskStatus.CANCELLED:
            return at_rest
        case TaskStatus.FAILED:
            return CertificateState.FROZEN
        case TaskStatus.RETRYING if attempts and not snoozes:
            return CertificateState.FAILING
        case _:
            return CertificateState.WAITING
