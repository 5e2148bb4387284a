"""What a node can be asked and told of what is inside an account: mailboxes, databases, FTP accounts, cron jobs.

Names are as the node has them, whole: a database `shop` of account `s4711` is `s4711_shop` here; the drivers know which
commands put the account's name in front by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hostdeck.core.drivers.language import Change, Question
from hostdeck.core.transport.base import Secret

# ------------------------------------------------------------------------------------------------------------ mailboxes


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


# ------------------------------------------------------------------------------------------------------------ databases


@dataclass(frozen=True)
class Database:
    """`charset` in capitals."""

    dbuser: str
    engine: str
    charset: str
    suspended: bool = False


@dataclass(frozen=True)
class DatabaseFacts:
    """All databases of an account, by name: no two may have the same user."""

    databases: Mapping[str, Database]


@dataclass(frozen=True)
class AskDatabases(Question[DatabaseFacts]):
    user: str


@dataclass(frozen=True)
class AddDatabase(Change):
    """Made only where the node lists no such database in the same exec."""

    user: str
    database: str
    dbuser: str
    password: Secret
    engine: str
    charset: str


@dataclass(frozen=True)
class SetDatabasePassword(Change):
    user: str
    database: str
    password: Secret


@dataclass(frozen=True)
class SuspendDatabase(Change):
    user: str
    database: str


@dataclass(frozen=True)
class UnsuspendDatabase(Change):
    user: str
    database: str


@dataclass(frozen=True)
class RemoveDatabase(Change):
    """The database with all that is in it, and its user."""

    user: str
    database: str


# --------------------------------------------------------------------------------------------------------- FTP accounts


@dataclass(frozen=True)
class FtpFacts:
    """Whether the account has the website; the path of each FTP login, from the website's folder, `/` for all of it."""

    has_site: bool
    logins: Mapping[str, str]


@dataclass(frozen=True)
class AskFtp(Question[FtpFacts]):
    user: str
    domain: str


@dataclass(frozen=True)
class AddFtp(Change):
    """Made only where the node knows no such login at all in the same exec; `path` as in FtpFacts."""

    user: str
    domain: str
    login: str
    password: Secret
    path: str


@dataclass(frozen=True)
class SetFtpPassword(Change):
    user: str
    domain: str
    login: str
    password: Secret


@dataclass(frozen=True)
class SetFtpPath(Change):
    user: str
    domain: str
    login: str
    path: str


@dataclass(frozen=True)
class RemoveFtp(Change):
    """The login; the files stay."""

    user: str
    domain: str
    login: str


# ------------------------------------------------------------------------------------------------------------ cron jobs


@dataclass(frozen=True)
class CronLine:
    """What a job does and when: five fields with one blank between them, and the command as it was written."""

    schedule: str
    command: str


@dataclass(frozen=True)
class CronJob:
    line: CronLine
    suspended: bool = False


@dataclass(frozen=True)
class CronFacts:
    """All jobs of an account by the panel's numbers, which are used again: a number says nothing by itself."""

    jobs: Mapping[str, CronJob]


@dataclass(frozen=True)
class AskCronJobs(Question[CronFacts]):
    user: str


@dataclass(frozen=True)
class AddCronJob(Change):
    """Made only where no job is exactly this one in the same exec."""

    user: str
    line: CronLine


@dataclass(frozen=True)
class CronChange(Change):
    """Sent only where exactly this job has the number in the same exec."""

    user: str
    job: str
    line: CronLine


@dataclass(frozen=True)
class ChangeCronJob(CronChange):
    becomes: CronLine


@dataclass(frozen=True)
class SuspendCronJob(CronChange):
    """It stays on the list and runs no more."""


@dataclass(frozen=True)
class UnsuspendCronJob(CronChange):
    """It runs again."""


@dataclass(frozen=True)
class RemoveCronJob(CronChange):
    """It goes from the list."""
