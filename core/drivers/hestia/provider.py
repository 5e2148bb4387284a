"""The provider's accounts on a Hestia node: questions and changes as commands, and what the answers mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hostdeck.core.drivers import provider as say
from hostdeck.core.drivers.guard import Argument, StepResult
from hostdeck.core.drivers.hestia import scripts
from hostdeck.core.drivers.hestia.argv import Steps, act, look, only_if
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import ABSENT, named_object, owners_of, record_of
from hostdeck.core.errors import Transient

PAIR = re.compile(r"(\w+)='([^']*)'")
"""One field of a line of Hestia's flat files."""


def _ask_parent(ask: say.AskParent, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-search-domain-owner", ask.parent, "any")
    yield scripts.script(scripts.PARENT_STATE, "parent-state", ask.parent, at.users, at.conf)


def _ask_mailbox(ask: say.AskMailbox, at: Layout) -> Iterable[tuple[Argument, ...]]:
    """Never all mailboxes: a provider has thousands, and a listing takes 0.06 s for each (`hestia.md` 3.2)."""
    yield look(at, "v-list-mail-domain", ask.user, ask.parent, "json")
    yield look(at, "v-list-mail-account", ask.user, ask.parent, ask.account, "json")
    yield scripts.script(scripts.ALIAS_OF, "alias-of", at.account_file(ask.user, ask.parent), ask.account)
    yield look(at, "v-list-user", ask.user, "json")


def _ask_record(ask: say.AskRecord, at: Layout) -> Iterable[tuple[Argument, ...]]:
    """Never the whole zone, for the same reason."""
    name = f"{ask.record.name}.{ask.parent}"
    yield look(at, "v-list-dns-domain", ask.user, ask.parent, "json")
    yield scripts.script(scripts.AT_NAME, "at-name", at.record_file(ask.user, ask.parent), ask.record.name)
    yield look(at, "v-search-domain-owner", ask.parent, "dns")
    yield ("dig", "+short", "+time=2", "+tries=1", "@127.0.0.1", name, str(ask.record.type))


QUESTIONS: dict[Any, Any] = {
    say.AskParent: _ask_parent,
    say.AskMailbox: _ask_mailbox,
    say.AskRecord: _ask_record,
}


def _add_mailbox(change: say.AddMailbox, at: Layout) -> Steps:
    box = (change.user, change.parent, change.account)
    return (
        only_if(look(at, "v-list-mail-account", *box, "json"), "3"),
        act(at, "v-add-mail-account", *box, change.password, change.quota),
    )


def _change_quota(change: say.ChangeMailboxQuota, at: Layout) -> Steps:
    box = (change.user, change.parent, change.account)
    return (act(at, "v-change-mail-account-quota", *box, change.quota),)


def _change_password(change: say.ChangeMailboxPassword, at: Layout) -> Steps:
    box = (change.user, change.parent, change.account)
    return (act(at, "v-change-mail-account-password", *box, change.password),)


def _mailbox(command: str) -> Callable[[Any, Layout], Steps]:
    return lambda change, at: (act(at, command, change.user, change.parent, change.account),)


def _add_record(change: say.AddRecord, at: Layout) -> Steps:
    record, zone = change.record, at.record_file(change.user, change.parent)
    return (
        only_if(scripts.script(scripts.AT_NAME, "at-name", zone, record.name), "3"),
        act(
            at, "v-add-dns-record", change.user, change.parent, record.name, str(record.type), record.value, "", "",
            "no", str(record.ttl),
        ),
    )  # fmt: skip


def _remove_record(change: say.RemoveRecord, at: Layout) -> Steps:
    record, zone = change.record, at.record_file(change.user, change.parent)
    exactly = (zone, change.id, record.name, str(record.type), record.value)
    return (
        only_if(scripts.script(scripts.RECORD_IS, "record-is", *exactly), "0"),
        act(at, "v-delete-dns-record", change.user, change.parent, change.id, "no"),
    )


CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {
    say.AddMailbox: _add_mailbox,
    say.ChangeMailboxQuota: _change_quota,
    say.ChangeMailboxPassword: _change_password,
    say.SuspendMailbox: _mailbox("v-suspend-mail-account"),
    say.UnsuspendMailbox: _mailbox("v-unsuspend-mail-account"),
    say.RemoveMailbox: _mailbox("v-delete-mail-account"),
    say.AddRecord: _add_record,
    say.RemoveRecord: _remove_record,
}


def parent_facts(ask: say.AskParent, results: Sequence[StepResult], server: str) -> say.ParentFacts:
    state = dict(line.partition("=")[::2] for line in results[1].text.splitlines())
    return say.ParentFacts(owners_of(results[0]), state.get("enforced") == "1", state.get("allowed") == "1")


def mailbox_facts(ask: say.AskMailbox, results: Sequence[StepResult], server: str) -> say.MailboxFacts:
    """What another name's mailbox answers for this one is never taken for it: to Hestia a name is a pattern
    (`hestia.md` 1.6)."""
    domain = named_object(results[0], ask.parent, server)
    if domain is not None and results[2].exit != 0:
        raise Transient(f"{server}: the aliases of {ask.parent} can't be read there")
    user = named_object(results[3], ask.user, server) or {}
    found = named_object(results[1], ask.account, server) if domain is not None else None
    count = "" if domain is None else domain.get("ACCOUNTS", "")
    return say.MailboxFacts(
        domain=None if domain is None else domain.get("SUSPENDED") == "yes",
        most=user.get("MAIL_ACCOUNTS", ""),
        count=int(count) if count.isdigit() else 0,
        mailbox=None if found is None else _mailbox_of(found),
        alias_of=None if domain is None else results[2].text.strip() or None,
    )


def _mailbox_of(box: dict[str, str]) -> say.Mailbox:
    used = box.get("U_DISK", "")
    return say.Mailbox(box.get("QUOTA", ""), box.get("SUSPENDED") == "yes", int(used) if used.isdigit() else 0)


def record_facts(ask: say.AskRecord, results: Sequence[StepResult], server: str) -> say.RecordFacts:
    zone = named_object(results[0], ask.parent, server)
    if zone is not None and results[1].exit not in (0, ABSENT):
        raise Transient(f"{server}: the records of {ask.parent} can't be read there")
    lines = results[1].text.splitlines() if zone is not None else []
    items = [dict(PAIR.findall(line)) for line in lines]
    return say.RecordFacts(
        zone=None if zone is None else zone.get("SUSPENDED") == "yes",
        owners=owners_of(results[2]),
        at_name={item["ID"]: record_of(item) for item in items},
        answers=frozenset(results[3].text.split()) if results[3].exit == 0 else frozenset(),
    )


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {
    say.AskParent: parent_facts,
    say.AskMailbox: mailbox_facts,
    say.AskRecord: record_facts,
}
