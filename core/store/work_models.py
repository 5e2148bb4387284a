"""Rows about what is sold and the work it makes."""

from __future__ import annotations

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from hostdeck.core.domain.vocabulary import Mode, RecordType, RunKind, ServiceStatus, Stream, TaskStatus
from hostdeck.core.store.base import Row
from hostdeck.core.store.fields import UtcField, WordField, utcnow
from hostdeck.core.store.fleet_models import Group, Server


class Product(Row):
    """`roles` are words of Role; `limits` only what differs from the defaults."""

    name = CharField(max_length=64, unique=True)
    group = ForeignKeyField(Group, backref="products", on_delete="RESTRICT")
    mode = WordField(Mode)
    roles = JSONField(default=list)
    limits = JSONField(default=dict)
    created_at = UtcField(default=utcnow)


class Service(Row):
    """`mode`, `roles`, `limits` and `origin` are fixed when the order is accepted; `run` is the current run's id."""

    domain = CharField(max_length=253)
    product = ForeignKeyField(Product, backref="services", on_delete="RESTRICT")
    mode = WordField(Mode)
    roles = JSONField(default=list)
    limits = JSONField(default=dict)
    origin = JSONField(default=dict)
    email = CharField(max_length=254, null=True)
    meta = JSONField(default=dict)
    status = WordField(ServiceStatus, default=ServiceStatus.PENDING, index=True)
    error = TextField(null=True)
    run = IntegerField(null=True)
    why = JSONField(default=list)
    created_at = UtcField(default=utcnow)


class Account(Row):
    """A Hestia user that is ours; `nonce` is half of its ownership mark, `slot` whether it holds a capacity slot."""

    service = ForeignKeyField(Service, backref="accounts", on_delete="RESTRICT")
    server = ForeignKeyField(Server, backref="placed", on_delete="RESTRICT")
    roles = JSONField(default=list)
    username = CharField(max_length=32)
    nonce = CharField(max_length=16)
    slot = BooleanField(default=False)

    class Meta:
        indexes = ((("server", "username"), True),)


class Zone(Row):
    """One logical zone, kept here whatever its nameservers hold."""

    service = ForeignKeyField(Service, backref="zones", on_delete="RESTRICT")
    name = CharField(max_length=253)


class Record(Row):
    zone = ForeignKeyField(Zone, backref="records", on_delete="CASCADE")
    name = CharField(max_length=253)
    type = WordField(RecordType)
    value = TextField()
    priority = IntegerField(null=True)
    ttl = IntegerField()


class ZoneDeploy(Row):
    """What one nameserver has of a zone: the serial it answered with when it was last right."""

    zone = ForeignKeyField(Zone, backref="deploys", on_delete="CASCADE")
    server = ForeignKeyField(Server, on_delete="RESTRICT")
    serial = CharField(max_length=16, null=True)
    deployed_at = UtcField(null=True)

    class Meta:
        table_name = "zone_deploy"
        indexes = ((("zone", "server"), True),)


class Run(Row):
    """One deploy of one service, or one action on servers."""

    kind = WordField(RunKind)
    service = ForeignKeyField(Service, null=True, backref="runs", on_delete="RESTRICT")
    created_at = UtcField(default=utcnow)
    finished_at = UtcField(null=True)


class Task(Row):
    """One step of a run on one server. `claim_no` fences every write; `lease_until` counts on the lease clock of
    `lease_epoch`; `woken` says that a wake-up went out since the task last became claimable."""

    run = ForeignKeyField(Run, backref="tasks", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="tasks", on_delete="RESTRICT")
    server = ForeignKeyField(Server, null=True, backref="tasks", on_delete="SET NULL")
    action = CharField(max_length=48)
    target = CharField(max_length=300)
    args = JSONField(default=dict)
    changing = BooleanField(default=True)
    follow_up = BooleanField(default=False)
    lane = CharField(max_length=80, null=True)
    status = WordField(TaskStatus)
    attempts = IntegerField(default=0)
    max_attempts = IntegerField(default=3)
    claim_no = IntegerField(default=0)
    lapses = IntegerField(default=0)
    snoozes = IntegerField(default=0)
    snoozed_since = UtcField(null=True)
    worker = IntegerField(null=True)
    lease_epoch = CharField(max_length=64, null=True)
    lease_until = FloatField(null=True)
    woken = BooleanField(default=False)
    cancel_asked = BooleanField(default=False)
    error = TextField(null=True)
    not_before = UtcField(null=True)
    created_at = UtcField(default=utcnow)
    started_at = UtcField(null=True)
    finished_at = UtcField(null=True)

    class Meta:
        indexes = (
            (("status", "woken"), False),
            (("server", "status"), False),
        )


class TaskAfter(Row):
    """`task` waits until `needs` is done."""

    task = ForeignKeyField(Task, backref="needs", on_delete="CASCADE")
    needs = ForeignKeyField(Task, backref="unblocks", on_delete="CASCADE")

    class Meta:
        table_name = "task_after"
        primary_key = CompositeKey("task", "needs")


class TaskLog(Row):
    """A task's lines, numbered 1, 2, 3… without a gap by the one who holds its claim."""

    task = ForeignKeyField(Task, on_delete="CASCADE")
    seq = IntegerField()
    attempt = IntegerField()
    at = UtcField()
    stream = WordField(Stream)
    text = TextField()

    class Meta:
        table_name = "task_log"
        primary_key = CompositeKey("task", "seq")
