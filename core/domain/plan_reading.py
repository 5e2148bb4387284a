"""A plan that has been read from the nodes, and whether what is about to be sent is what it showed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hostdeck.core.domain.action_args import PlanArgs, StepArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.pipeline import PlannedTask
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.vocabulary import ServerId


@dataclass(frozen=True, slots=True)
class Read:
    """What a node said of one planned task. `certain` False: it would stop with the error in `note`."""

    commands: tuple[str, ...]
    note: str | None
    certain: bool


def by_server(tasks: Iterable[PlannedTask]) -> dict[ServerId, tuple[Node, PlanArgs]]:
    """What is to be read on each server, in the order it would be carried out."""
    found: dict[ServerId, list[StepArgs]] = {}
    nodes: dict[ServerId, Node] = {}
    for task in tasks:
        nodes[task.server.id] = task.server
        step = StepArgs(key=task.key, action=task.action, args=task.args.model_dump(mode="json"))
        found.setdefault(task.server.id, []).append(step)
    return {server: (nodes[server], PlanArgs(steps=tuple(steps))) for server, steps in found.items()}


def fingerprint(tasks: Sequence[PlannedTask]) -> str:
    """Of what a plan would do, as the rows have it: another one means that the rows have changed. The clock's part is
    left out."""
    told = [
        [t.key, t.action, t.server.id, t.args.model_dump(mode="json", exclude={"since"}), t.after, t.follow_up]
        for t in tasks
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read_of(results: Iterable[Mapping[str, Any] | None]) -> dict[str, Read]:
    """By the planned tasks' keys, from what the reading tasks wrote down."""
    told: dict[str, Read] = {}
    for result in results:
        for key, value in (result or {}).items():
            told[key] = Read(tuple(value["commands"]), value["note"], bool(value["certain"]))
    return told


NEW_KEY = "written again with the mail domain's new DKIM key, whatever is shown here"

_MAKES_KEY = frozenset({"v-add-mail-domain", "v-add-mail-domain-dkim"})


def brings_new_key(told: Iterable[tuple[str, Sequence[str]]]) -> bool:
    """Whether a plan, as (action, commands), makes a DKIM key: the zone then holds what nobody can know before."""
    return any(
        action == Action.MAIL_ADD_DOMAIN and any(command.split(" ", 1)[0] in _MAKES_KEY for command in commands)
        for action, commands in told
    )


def moved(expected: Sequence[str], sent: Sequence[str], coming: Sequence[str], *, again: bool) -> str | None:
    """The first of `coming` that must not be sent after `sent`, or None. The first attempt sends what was planned, in
    its order; one that takes up a lost attempt may send less of it, never anything else."""
    if again:
        return next((command for command in coming if command not in expected), None)
    rest = expected[len(sent) :]
    return next((command for n, command in enumerate(coming) if n >= len(rest) or rest[n] != command), None)
