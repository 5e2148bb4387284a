"""What services use of what they are sold: which counter counts for which limit, how full that is, and when a tier will
be full.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hostdeck.core.domain.product import LIMIT_BY_KEY, Quota
from hostdeck.core.domain.vocabulary import Mode, Role

COUNTED = (
    "disk", "mail_disk", "bandwidth", "databases", "cron_jobs", "backups", "web_aliases", "mail_accounts",
    "dns_records", "ftp_accounts",
)  # fmt: skip
"""What a node counts of a user; `disk` is all of it, `mail_disk` the mail's part, in MB; `bandwidth` MB this month."""


def usage_of(mode: Mode, roles: Iterable[Role], used: Mapping[str, int]) -> dict[str, int]:
    """What one user of ours uses, by limit key; what was not counted is left out. A user of two roles has one number of
    backups: `account_backups` where that is sold, else the website's, which is the larger part (`features.md` 21)."""
    held, found = frozenset(roles), dict(used)
    site = found["disk"] - found.get("mail_disk", 0) if "disk" in found else None
    if site is not None:
        found["site_disk"] = max(0, site)
    wanted: dict[str, str] = {}
    if mode is Mode.VANITY:
        wanted = {"vanity_site_disk_quota": "site_disk"} if Role.WEB in held else {}
    else:
        if Role.WEB in held:
            wanted |= {"web_disk_quota": "site_disk", "web_bandwidth": "bandwidth", "web_databases": "databases"}
            wanted |= {"web_ftp_accounts": "ftp_accounts", "web_cron_jobs": "cron_jobs", "web_aliases": "web_aliases"}
        if Role.MAIL in held:
            wanted |= {"mail_disk_quota": "mail_disk", "mail_accounts": "mail_accounts"}
        if Role.DNS in held:
            wanted["dns_records"] = "dns_records"
        wanted |= dict.fromkeys(_backups(mode, held), "backups")
    return {key: found[counter] for key, counter in wanted.items() if counter in found}


def _backups(mode: Mode, roles: frozenset[Role]) -> tuple[str, ...]:
    if mode is Mode.UNIFIED:
        return ("account_backups",) if roles & {Role.WEB, Role.MAIL} else ()
    return ("web_backups",) if Role.WEB in roles else ("mail_backups",) if Role.MAIL in roles else ()


# ------------------------------------------------------------------------------------------------------- how full it is

BANDS: tuple[tuple[float, str], ...] = ((95.0, "full"), (85.0, "high"), (70.0, "notice"))
"""From so many percent on; `over` is beyond the limit, `ok` is everything below, `free` where there is no limit."""


@dataclass(frozen=True, slots=True)
class Share:
    """A use of a limit. `percent` is not clamped, and None where there is no limit or the limit is 0; `over` is by how
    much the use is beyond it."""

    used: int
    limit: Quota
    percent: float | None
    over: int
    band: str

    @property
    def weight(self) -> float:
        """The larger, the worse: the percent, and anything at all of nothing is worse than any percent."""
        if self.percent is not None:
            return self.percent
        return float("inf") if self.over else 0.0


def share(used: int, limit: Quota) -> Share:
    if limit == "unlimited":
        return Share(used, limit, None, 0, "free")
    over = max(0, used - limit)
    percent = 100 * used / limit if limit else None
    if over:
        return Share(used, limit, percent, over, "over")
    return Share(used, limit, percent, 0, next((word for least, word in BANDS if (percent or 0.0) >= least), "ok"))


MAILBOX_FULL = 90
"""Percent of its quota from which a single mailbox is told of: at 100 it takes no mail any more."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What one mailbox uses of its quota, in MB."""

    address: str
    used: int
    quota: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 is full."""
        return 100 * self.used // self.quota if self.quota > 0 else 0

    @property
    def is_full(self) -> bool:
        return self.percent >= MAILBOX_FULL


def worst_first(shares: Iterable[Share]) -> tuple[float, int]:
    """What a service is sorted by: its fullest limit, then by how much it is over."""
    known = list(shares)
    return (-max((one.weight for one in known), default=-1.0), -max((one.over for one in known), default=0))


def quota_of(limits: Mapping[str, str], key: str) -> Quota:
    """A limit of a service; one that was ordered before there was such a key has the default."""
    value = limits.get(key, LIMIT_BY_KEY[key].default)
    return "unlimited" if value == "unlimited" else int(value)


# ----------------------------------------------------------------------------------------------------- when it is full

LEAST_DAYS = 3
"""Two days make a line of anything."""


@dataclass(frozen=True, slots=True)
class Series:
    """One node's (day number, used), and how much there is in all; 0 is without an end."""

    points: Sequence[tuple[int, float]]
    total: float


def growth(points: Sequence[tuple[int, float]]) -> float | None:
    """What is added in a day, by least squares; None with fewer than three days."""
    days = dict(points)
    if len(days) < LEAST_DAYS:
        return None
    middle, mean = sum(days) / len(days), sum(days.values()) / len(days)
    spread = sum((day - middle) ** 2 for day in days)
    return sum((day - middle) * (used - mean) for day, used in days.items()) / spread


def days_to_full(nodes: Iterable[Series]) -> float | None:
    """Of some nodes together, as they grew so far; None where they do not grow, nobody can say yet, or one of them has
    no end. 0 where they are full."""
    known = list(nodes)
    if not known or any(node.total <= 0 for node in known):
        return None
    rates = [rate for node in known if (rate := growth(node.points)) is not None]
    free = sum(node.total - max(node.points)[1] for node in known if node.points)
    if not rates or sum(rates) <= 0:
        return None
    return max(0.0, free / sum(rates))
