"""A bulk action on a group's servers: what it will do, and what its end so far means for the rest. Pure.

The first `canary` servers go first and are looked at; only then do the others. A canary that fails, or as many failed
servers as `abort` says, call the whole off: what has not begun is cancelled, and what was changed is put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.config_keys import BY_KEY
from hostdeck.core.domain.config_wishes import Push, drift, recipients, wanted_for
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.standard_files import files_for
from hostdeck.core.domain.vocabulary import PENDING, Target, TaskStatus

ACTION_OF = {
    **dict.fromkeys((Push.ALL, Push.WEB, Push.MAIL, Push.DNS), Action.SERVER_APPLY_CONFIG),
    Push.FILES: Action.SERVER_PUSH_FILES,
    Push.STATUS: Action.SERVER_COLLECT_STATUS,
}
WORDS = {
    Push.ALL: "Apply Hestia config to all servers",
    Push.WEB: "Apply Hestia config to web servers only",
    Push.MAIL: "Apply Hestia config to mail servers only",
    Push.DNS: "Apply Hestia config to DNS servers only",
    Push.FILES: "Apply standard files",
    Push.STATUS: "Refresh status on all servers",
}


NEVER = 1_000_000
"""More failed servers than there are."""


class Step(View):
    """One key or one file on one server: `now` is what it was last seen to be, None where that is not known or not
    there; `command` is what would be sent, None where it is right already."""

    name: str
    now: str | None
    wanted: str
    command: str | None


class NodePlan(View):
    """`read_at` says how old `now` is; None: this server has never been read."""

    server: str
    read_at: datetime | None
    steps: tuple[Step, ...]
    note: str = ""

    @property
    def changes(self) -> tuple[Step, ...]:
        return tuple(one for one in self.steps if one.command)


class Skipped(View):
    server: str
    why: str


class BulkPlan(View):
    """`nodes` in the order they are done; the first of them are `canary`."""

    group: str
    to: Push
    words: str
    nodes: tuple[NodePlan, ...]
    skipped: tuple[Skipped, ...]
    canary: tuple[str, ...]
    abort: int


@dataclass(frozen=True, slots=True)
class Only:
    """Some of a group's servers and keys; empty is all of them."""

    servers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


EVERYTHING = Only()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a group when a plan is made: its wishes, and what its servers were last seen to have."""

    config: Mapping[str, str]
    files: Mapping[str, tuple[Target, str]]
    live: Mapping[int, tuple[Mapping[str, str], datetime]]
    digests: Mapping[int, Mapping[str, tuple[str | None, datetime]]]
    other_groups: Mapping[int, tuple[str, ...]]


def plan_bulk(group: str, to: Push, nodes: Iterable[Node], known: Known, canary: int, abort: int) -> BulkPlan:
    """One task for each server that has something to be told; the others with the reason."""
    found = recipients(to, nodes)
    skipped = [Skipped(server=node.name, why=why) for node, why in found.passed_over]
    planned = []
    for node in found.chosen:
        steps, read_at = _steps(to, node, known)
        if not steps and to is not Push.STATUS:
            what = "standard file" if to is Push.FILES else "managed key"
            skipped.append(Skipped(server=node.name, why=f"skipped: no {what} is for it"))
            continue
        others = known.other_groups.get(node.id, ())
        note = f"also serves {', '.join(others)}" if others else ""
        planned.append(NodePlan(server=node.name, read_at=read_at, steps=steps, note=note))
    if to is Push.STATUS:
        # Looking changes nothing: one server that is down must not keep the others from being looked at.
        canary, abort = 0, NEVER
    first = tuple(one.server for one in planned[:canary])
    return BulkPlan(
        group=group, to=to, words=WORDS[to], nodes=tuple(planned), skipped=tuple(skipped), canary=first, abort=abort
    )


def _steps(to: Push, node: Node, known: Known) -> tuple[tuple[Step, ...], datetime | None]:
    if to is Push.STATUS:
        return (), None
    if to is Push.FILES:
        return _files(node, known)
    wanted = wanted_for(node, known.config)
    live, read_at = known.live.get(node.id, ({}, None))
    different = {one.key for one in drift(wanted, live)} if read_at else set(wanted)
    steps = tuple(
        Step(
            name=key,
            now=live.get(key) if read_at else None,
            wanted=value,
            command=_shown(BY_KEY[key].command(value)) if key in different else None,
        )
        for key, value in wanted.items()
    )
    return steps, read_at


def _files(node: Node, known: Known) -> tuple[tuple[Step, ...], datetime | None]:
    seen = known.digests.get(node.id, {})
    wanted = files_for(node, known.files)
    steps = []
    for path, digest in wanted.items():
        now = seen.get(path, (None, None))[0]
        command = None if now == digest else f"write {path} (sha256 {digest[:12]})"
        steps.append(Step(name=path, now=now and now[:12], wanted=digest[:12], command=command))
    ages = [at for path in wanted if (at := seen.get(path, (None, None))[1])]
    return tuple(steps), min(ages) if ages and len(ages) == len(wanted) else None


def _shown(command: Sequence[str]) -> str:
    """As a person would type it."""
    words = (word if word and not set(word) & set(" \t'\"\\$`;&|<>()*?[]#~{}!") else f"'{word}'" for word in command)
    return " ".join(words)


# ------------------------------------------------------------------------------------------------ while it is running


@dataclass(frozen=True, slots=True)
class BulkTask:
    """A task of such a run. `changed`: it has sent something whose values from before are known."""

    id: int
    server: int
    action: Action
    status: TaskStatus
    restore: bool = False
    canary: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class CallOff:
    """Tasks to be cancelled, running ones to be stopped between two commands, and changes to be put back."""

    cancel: tuple[int, ...]
    stop: tuple[int, ...]
    put_back: tuple[int, ...]


def failures(tasks: Iterable[BulkTask]) -> frozenset[int]:
    """The servers on which the action, or the look after it, has failed for good."""
    return frozenset(task.server for task in tasks if not task.restore and task.status is TaskStatus.FAILED)


def is_called_off(tasks: Sequence[BulkTask], abort: int) -> bool:
    """A canary that did not end well ends it as well: nothing would ever follow it."""
    bad = (TaskStatus.FAILED, TaskStatus.CANCELLED)
    canary_down = any(task.canary and not task.restore and task.status in bad for task in tasks)
    return canary_down or len(failures(tasks)) >= abort


def call_off(tasks: Sequence[BulkTask]) -> CallOff:
    """What there is to do once it is called off, each only once: what is put back already is not put back again. What
    waits for its next attempt may have changed something in its last; what runs is put back when it has stopped."""
    own = [task for task in tasks if not task.restore]
    put_back = {task.server for task in tasks if task.restore}
    return CallOff(
        cancel=tuple(task.id for task in own if task.status in PENDING),
        stop=tuple(task.id for task in own if task.status is TaskStatus.RUNNING),
        put_back=tuple(
            task.id
            for task in own
            if task.changed and task.status is not TaskStatus.RUNNING and task.server not in put_back
        ),
    )
