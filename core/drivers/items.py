"""What a node can be asked and told of what is inside a web account: databases, FTP accounts, cron jobs.

Names are as the node has them, whole: a database `shop` of account `s4711` is `s4711_shop` here; the drivers know which
commands put the account's name in front by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hostdeck.core.drivers.language import Change, Question
from hostdeck.core.transport.base import Secret


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
