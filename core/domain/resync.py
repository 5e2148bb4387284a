"""What a node has inside an account against what the rows want of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hostdeck.core.domain.cron_lines import unkeepable
from hostdeck.core.domain.item_specs import Spec
from hostdeck.core.domain.items import ItemKind

Inside = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By kind and name, the fields that a node shows; those of a kind's spec that it does not show are left out. A kind
that was not read at all is not there."""

READ = (ItemKind.MAILBOX, ItemKind.DATABASE, ItemKind.FTP, ItemKind.CRON)


class Verdict(StrEnum):
    """`foreign`: on the node alone, as somebody made it in the panel; `missing`: in the rows alone."""

    FOREIGN = "foreign"
    MISSING = "missing"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as its row has it."""

    id: int
    kind: ItemKind
    name: str
    wanted: Spec


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the rows have it; `wanted` and `found` are the fields that differ."""

    kind: ItemKind
    name: str
    verdict: Verdict
    item: int | None
    wanted: Mapping[str, Any]
    found: Mapping[str, Any]

    @property
    def adoptable(self) -> bool:
        """Whether a row could say it: a job that the node would not keep as it is written can't be built anew."""
        if self.kind is not ItemKind.CRON or self.verdict is not Verdict.FOREIGN:
            return True
        return unkeepable(self.found["schedule"], self.found["command"]) is None

    @property
    def words(self) -> str:
        """For people: what is wanted, and what there is instead."""
        if self.verdict is Verdict.FOREIGN:
            return "made on the node, in no row" if self.adoptable else "made on the node; it can't be adopted"
        if self.verdict is Verdict.MISSING:
            return "not on the node"
        return "; ".join(
            f"{key}: wanted {_said(self.wanted[key])}, is {_said(self.found.get(key))}" for key in self.wanted
        )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value) if value not in (None, "") else "none"


def differences(
    items: Iterable[Standing], inside: Inside, passed_over: Collection[tuple[ItemKind, str]] = ()
) -> tuple[Difference, ...]:
    """By kind and name; items of kinds that were not read are passed over, and those that are on their way."""
    rows = {(item.kind, item.name): item for item in items if item.kind in inside}
    found = {(ItemKind(kind), name): fields for kind, named in inside.items() for name, fields in named.items()}
    told = []
    for (kind, name), fields in found.items():
        item = rows.get((kind, name))
        if (kind, name) in passed_over:
            continue
        if item is None:
            told.append(Difference(kind, name, Verdict.FOREIGN, None, {}, dict(fields)))
            continue
        wanted = item.wanted.model_dump(mode="json")
        other = {key: wanted[key] for key, value in fields.items() if key in wanted and not _same(wanted[key], value)}
        if other:
            now = {key: fields[key] for key in other}
            told.append(Difference(kind, name, Verdict.DIFFERS, item.id, other, now))
    for (kind, name), item in rows.items():
        if (kind, name) not in found:
            told.append(Difference(kind, name, Verdict.MISSING, item.id, item.wanted.model_dump(mode="json"), {}))
    return tuple(sorted(told, key=lambda one: (one.kind, one.name)))


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, list | tuple):
        return set(wanted) == set(found)
    return bool(wanted == found)
