"""Which versions of a panel are known to be unsafe to run, and what is said about them (`robustness.md` 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hostdeck.core.domain.vocabulary import Driver

SAFE_HESTIA = (1, 9, 9)
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,3}")


def parts(version: str | None) -> tuple[int, ...] | None:
    """`v1.10.3-rc1` as (1, 10, 3); None where it does not begin with a number."""
    found = _NUMBERS.match((version or "").strip().removeprefix("v"))
    return tuple(int(part) for part in found[0].split(".")) if found else None


def warnings(driver: Driver, version: str | None) -> tuple[str, ...]:
    """What a node's version is to be blamed for; a version that is not known is blamed for nothing."""
    have = parts(version)
    if driver is not Driver.HESTIA or have is None or have >= SAFE_HESTIA:
        return ()
    safe = ".".join(map(str, SAFE_HESTIA))
    return (f"vulnerable: HestiaCP {version} is older than {safe}, which closes its known holes; run: apt upgrade",)


def mixed(versions: Iterable[tuple[Driver, str | None]]) -> str:
    """A sentence where nodes of one panel run different versions; empty where they agree (`features.md` 63)."""
    seen: dict[Driver, set[str]] = {}
    for driver, version in versions:
        if version:
            seen.setdefault(driver, set()).add(version)
    differ = [
        f"{driver} {', '.join(sorted(found, key=lambda one: (parts(one) or (), one)))}"
        for driver, found in sorted(seen.items())
        if len(found) > 1
    ]
    return f"mixed versions: {'; '.join(differ)}" if differ else ""
