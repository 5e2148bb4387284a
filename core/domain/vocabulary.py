"""The words the whole program speaks. Values are those of `interface.md`: they stand in rows and in JSON."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

ServerId = NewType("ServerId", int)
ServiceId = NewType("ServiceId", int)
TaskId = NewType("TaskId", int)
RunId = NewType("RunId", int)


class Role(StrEnum):
    """What a node can be able to host (its capabilities), and what a service has of it."""

    WEB = "web"
    MAIL = "mail"
    DNS = "dns"


class Mode(StrEnum):
    """How many Hestia users stand behind a service, and where."""

    SPLIT = "split"
    UNIFIED = "unified"
    VANITY = "vanity"


class Target(StrEnum):
    """Which nodes of a group a setting or a file is for; `all` is every Hestia node."""

    ALL = "all"
    WEB = "web"
    MAIL = "mail"
    DNS = "dns"


class Driver(StrEnum):
    HESTIA = "hestiacp"
    POWERDNS = "powerdns"


class ServerStatus(StrEnum):
    """Only an active server takes new accounts; a quarantined one is not even logged in to."""

    ACTIVE = "active"
    DRAINING = "draining"
    DISABLED = "disabled"
    QUARANTINED = "quarantined"


class HealthState(StrEnum):
    OK = "ok"
    ERROR = "error"
    UNKNOWN = "unknown"


class BreakerKind(StrEnum):
    """Why nobody calls at a node: it does not answer (tried again by itself), or it refuses the login (an operator
    must act)."""

    UNREACHABLE = "unreachable"
    LOGIN = "login"


class TaskStatus(StrEnum):
    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


DONE = frozenset({TaskStatus.SUCCESS, TaskStatus.SKIPPED})
FINAL = frozenset({TaskStatus.SUCCESS, TaskStatus.SKIPPED, TaskStatus.FAILED, TaskStatus.CANCELLED})
PENDING = frozenset({TaskStatus.WAITING, TaskStatus.QUEUED, TaskStatus.RETRYING})


class ServiceStatus(StrEnum):
    PENDING = "pending"
    DEPLOYING = "deploying"
    ACTIVE = "active"
    ERROR = "error"
    SUSPENDING = "suspending"
    SUSPENDED = "suspended"
    TERMINATING = "terminating"
    TERMINATED = "terminated"


class RunKind(StrEnum):
    """What a run is for: it says which service statuses its tasks may lead to."""

    DEPLOY = "deploy"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    TERMINATE = "terminate"
    CHANGE = "change"
    PLAN = "plan"
    ZONE = "zone"
    SERVER = "server"
    BULK = "bulk"
    ITEM = "item"


class Stream(StrEnum):
    """Where a log line comes from: the command sent, the node's two streams, or hostdeck's own note."""

    COMMAND = "command"
    STDOUT = "stdout"
    STDERR = "stderr"
    NOTE = "note"


class RecordType(StrEnum):
    A = "A"
    AAAA = "AAAA"
    NS = "NS"
    CNAME = "CNAME"
    MX = "MX"
    TXT = "TXT"
    SRV = "SRV"
    CAA = "CAA"
