"""What an operator may do about a task that has failed for good: nothing of it ever happens by itself."""

from __future__ import annotations

import re
from collections.abc import Callable

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.causes import cause_of
from hostdeck.core.domain.order_plan import View
from hostdeck.core.domain.vocabulary import TaskStatus

CODE = re.compile(r"\[([A-Z]+_[A-Z_]+)\]\s*$")


class Offer(View):
    """One way out: what it means, and the command that goes it. `deed` names it for a screen: retry, rename, show."""

    deed: str
    means: str
    command: str


class Failed(View):
    """A failed task as its offers see it."""

    task: int
    action: str
    target: str
    service: int | None
    domain: str | None
    server: str | None


def offers(task: Failed, status: TaskStatus, error: str | None) -> tuple[Offer, ...]:
    """None where the task has not failed. The last is to try again as things are, but for a change that was refused:
    it is over, and is wished anew."""
    if status is not TaskStatus.FAILED:
        return ()
    found = CODE.search(error or "")
    if found and found[1] == "PLAN_SMALLER":
        return (_change(task),)
    special = _BY_CODE.get(found[1]) if found else None
    special = special or (lambda task: _of_cause(task, error or ""))
    again = Offer(deed="retry", means="try again as things are now", command=f"hostdeck task retry {task.task}")
    return (*special(task), again)


def _foreign(task: Failed) -> tuple[Offer, ...]:
    if task.action.endswith(".createUser"):
        return (_look(task, f"v-list-user {task.target} json", "see whose account it is"), _rename(task))
    if task.action in (Action.MAIL_ADD_MAILBOX, Action.MAIL_CHECK_MAILBOX, Action.DNS_ADD_RECORD):
        return (_end(task, "give this name up; sell another"),)
    if task.action == Action.DNS_CHECK_RECORD:
        return (_end(task, "give this name up; sell another"),)
    owner = f"v-search-domain-owner {task.domain or task.target} any"
    return (_look(task, owner, "see who holds the domain there"), _end(task, "give the service up"))


def _look(task: Failed, command: str, means: str) -> Offer:
    return Offer(deed="show", means=means, command=f"ssh {task.server} {command}")


def _rename(task: Failed) -> Offer:
    return Offer(
        deed="rename",
        means=f"leave '{task.target}' alone and build under another account name on {task.server}",
        command=f"hostdeck service rename-account {task.service} {task.server}",
    )


def _end(task: Failed, means: str) -> Offer:
    return Offer(deed="show", means=means, command=f"hostdeck service terminate {task.service} --plan")


def _change(task: Failed) -> Offer:
    return Offer(
        deed="show",
        means="lower the use, or change to a larger product",
        command=f"hostdeck service change-product {task.service} PRODUCT --plan",
    )


def _moved(task: Failed) -> tuple[Offer, ...]:
    return (
        Offer(
            deed="show",
            means="see what would be sent as things are now",
            command=f"hostdeck service redeploy {task.service} --plan",
        ),
    )


_BY_CODE: dict[str, Callable[[Failed], tuple[Offer, ...]]] = {
    "OWN_FOREIGN": _foreign,
    "VAN_BLOCKED": lambda task: (_end(task, "give this name up"),),
    "PLAN_MOVED": _moved,
}


def _of_cause(task: Failed, error: str) -> tuple[Offer, ...]:
    """Where to look, for what is no refusal of ours."""
    kind = cause_of(error, task.server or "").key.split(":")[0].split(" v-")[0]
    if kind.startswith("le-") and task.domain:
        return (_show("see what the nameservers answer", f"hostdeck zone check {task.domain}"),)
    if kind in _CHECKED and task.server:
        return (_show(f"see what is wrong with {task.server}", f"hostdeck server check {task.server}"),)
    if kind in _LOOKS and task.server:
        return (_look(task, *_LOOKS[kind]),)
    if kind == "exit 4" and task.server and task.domain:
        return (_look(task, f"v-search-domain-owner {task.domain} any", "see whose it is there"),)
    if kind == "exit 3" and task.service:
        return (_show("bring back what is missing on the nodes", f"hostdeck service redeploy {task.service} --plan"),)
    if kind == "exit 8" and task.service:
        return (_change(task),)
    return ()


def _show(means: str, command: str) -> Offer:
    return Offer(deed="show", means=means, command=command)


_CHECKED = frozenset({"unreachable", "login", "host-key", "sudo", "panel", "guard", "line", "exit 11"})
_LOOKS = {
    "disk": ("df -h", "see how full its disks are"),
    "load": ("uptime", "see how its load is"),
    "busy": ("pgrep -a v-", "see which command runs there"),
    "exit 15": ("systemctl --failed", "see which services are down"),
    "exit 17": ("systemctl --failed", "see which services are down"),
    "exit 20": ("systemctl --failed", "see which services are down"),
}
