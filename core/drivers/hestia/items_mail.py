"""Mailboxes of a customer's own mail domain as commands, and what the answers mean. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hostdeck.core.domain.autoreply import message_argument
from hostdeck.core.drivers import mail_items as say
from hostdeck.core.drivers.guard import Argument, GuardStep, StepResult
from hostdeck.core.drivers.hestia import item_texts, scripts
from hostdeck.core.drivers.hestia.argv import Steps, act, only_if
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import ABSENT, judge
from hostdeck.core.drivers.hestia.provider import PAIR
from hostdeck.core.errors import Transient


def _alone(change: Any, at: Layout, name: str, accept: str) -> GuardStep:
    file = at.account_file(change.user, change.domain)
    return only_if(scripts.script(item_texts.MAIL_NAMES_ALONE, "mail-names-alone", file, name), accept)


def _ask(ask: say.AskMailAccount, at: Layout) -> Iterable[tuple[Argument, ...]]:
    """Not v-list-mail-account: it answers with another's mailbox under the name that was asked for."""
    yield scripts.script(item_texts.MAIL_ACCOUNTS, "mail-accounts", at.account_file(ask.user, ask.domain))
    yield ("cat", at.message_file(ask.user, ask.domain, ask.account))


def _add(change: say.AddMailAccount, at: Layout) -> Steps:
    box = (change.user, change.domain, change.account)
    return (
        _alone(change, at, change.account, "3"),
        act(at, "v-add-mail-account", *box, change.password, change.quota),
    )


def _on_standing(command: str, *fields: str) -> Callable[[Any, Layout], Steps]:
    """A command about a mailbox that is there, with the change's fields behind its name."""

    def steps(change: Any, at: Layout) -> Steps:
        more = tuple(getattr(change, field) for field in fields)
        return (
            _alone(change, at, change.account, "0"),
            act(at, command, change.user, change.domain, change.account, *more),
        )

    return steps


def _forward_only(change: say.SetForwardOnly, at: Layout) -> Steps:
    return _on_standing(f"v-{'add' if change.on else 'delete'}-mail-account-fwd-only")(change, at)


def _add_alias(change: say.AddMailAlias, at: Layout) -> Steps:
    return (_alone(change, at, change.alias, "3"), *_on_standing("v-add-mail-account-alias", "alias")(change, at))


def _autoreply(change: say.SetAutoreply, at: Layout) -> Steps:
    told = message_argument(change.text)
    box = (change.user, change.domain, change.account)
    return (_alone(change, at, change.account, "0"), act(at, "v-add-mail-account-autoreply", *box, told))


def account_facts(ask: say.AskMailAccount, results: Sequence[StepResult], server: str) -> say.MailAccountFacts:
    if results[0].exit == ABSENT:
        return say.MailAccountFacts(False, None, frozenset())
    rows = [dict(PAIR.findall(line)) for line in whole_lines(results[0], server)]
    box, others = None, set()
    for row in rows:
        aliases = _listed(row.get("ALIAS", ""))
        if row.get("ACCOUNT") == ask.account:
            box = _account(row, aliases, results[1])
        else:
            others |= {row.get("ACCOUNT", ""), *aliases} - {""}
    return say.MailAccountFacts(True, box, frozenset(others))


def whole_lines(result: StepResult, server: str) -> list[str]:
    """The lines of a text that ends with end=1; Transient where it was cut off or can't be read."""
    if result.exit != 0:
        raise judge(result, server)
    lines = result.text.splitlines()
    if lines[-1:] != ["end=1"]:
        raise Transient(f"{server}: {result.step.shown()} did not come whole")
    return lines[:-1]


def _listed(value: str) -> tuple[str, ...]:
    return tuple(one for one in value.split(",") if one)


def _account(row: dict[str, str], aliases: tuple[str, ...], message: StepResult) -> say.MailAccount:
    """The message of a switched-off answer stays on the node: it counts only while it is on."""
    answers = row.get("AUTOREPLY") == "yes"
    return say.MailAccount(
        quota=row.get("QUOTA", ""),
        forwards=_listed(row.get("FWD", "")),
        forward_only=row.get("FWD_ONLY") == "yes",
        aliases=aliases,
        autoreply=(message.text.removesuffix("\n") or "?") if answers else "",
        suspended=row.get("SUSPENDED") == "yes",
    )


QUESTIONS: dict[Any, Any] = {say.AskMailAccount: _ask}
CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {
    say.AddMailAccount: _add,
    say.SetMailPassword: _on_standing("v-change-mail-account-password", "password"),
    say.SetMailQuota: _on_standing("v-change-mail-account-quota", "quota"),
    say.AddForward: _on_standing("v-add-mail-account-forward", "address"),
    say.RemoveForward: _on_standing("v-delete-mail-account-forward", "address"),
    say.SetForwardOnly: _forward_only,
    say.AddMailAlias: _add_alias,
    say.RemoveMailAlias: _on_standing("v-delete-mail-account-alias", "alias"),
    say.SetAutoreply: _autoreply,
    say.RemoveAutoreply: _on_standing("v-delete-mail-account-autoreply"),
    say.SuspendMailAccount: _on_standing("v-suspend-mail-account"),
    say.UnsuspendMailAccount: _on_standing("v-unsuspend-mail-account"),
    say.RemoveMailAccount: _on_standing("v-delete-mail-account"),
}
READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {say.AskMailAccount: account_facts}
