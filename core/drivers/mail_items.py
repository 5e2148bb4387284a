"""What a node can be asked and told of the mailboxes of a customer's own mail domain."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.drivers.language import Change, Question
from hostdeck.core.transport.base import Secret


@dataclass(frozen=True)
class MailAccount:
    """`quota` in MB, or unlimited; `forward_only`: nothing is kept here; `autoreply` empty: none."""

    quota: str = "unlimited"
    forwards: tuple[str, ...] = ()
    forward_only: bool = False
    aliases: tuple[str, ...] = ()
    autoreply: str = ""
    suspended: bool = False


@dataclass(frozen=True)
class MailAccountFacts:
    """Whether the account has the mail domain, the mailbox asked for, and the names and aliases of all others."""

    has_domain: bool
    box: MailAccount | None
    others: frozenset[str]


@dataclass(frozen=True)
class AskMailAccount(Question[MailAccountFacts]):
    user: str
    domain: str
    account: str


@dataclass(frozen=True)
class MailAccountChange(Change):
    """Sent only where no other name of the domain looks like this mailbox's name or aliases in the same exec."""

    user: str
    domain: str
    account: str


@dataclass(frozen=True)
class AddMailAccount(MailAccountChange):
    """Made only where nothing of the domain looks like it in the same exec, in either direction."""

    password: Secret
    quota: str


@dataclass(frozen=True)
class SetMailPassword(MailAccountChange):
    password: Secret


@dataclass(frozen=True)
class SetMailQuota(MailAccountChange):
    quota: str


@dataclass(frozen=True)
class AddForward(MailAccountChange):
    address: str


@dataclass(frozen=True)
class RemoveForward(MailAccountChange):
    address: str


@dataclass(frozen=True)
class SetForwardOnly(MailAccountChange):
    on: bool


@dataclass(frozen=True)
class AddMailAlias(MailAccountChange):
    alias: str


@dataclass(frozen=True)
class RemoveMailAlias(MailAccountChange):
    alias: str


@dataclass(frozen=True)
class SetAutoreply(MailAccountChange):
    text: str


@dataclass(frozen=True)
class RemoveAutoreply(MailAccountChange):
    """No more answers."""


@dataclass(frozen=True)
class SuspendMailAccount(MailAccountChange):
    """Nobody can log in; mail is still taken for it (`hestia-recipes.md` 3.5)."""


@dataclass(frozen=True)
class UnsuspendMailAccount(MailAccountChange):
    """Its password works again."""


@dataclass(frozen=True)
class RemoveMailAccount(MailAccountChange):
    """The mailbox with all mail in it."""
