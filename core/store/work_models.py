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
from hostdeck.core.store.asked import asked
from hostdeck.core.store.base import Row
from hostdeck.core.store.fields import UtcField, WordField, utcnow
from hostdeck.core.store.fleet_models import Group, Server, VanityDomain


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
    """A Hestia user that is ours; `nonce` is half of its ownership mark, `slot` whether it holds a capacity slot. Its
    newest backup was taken at `backup_at`, as its node said at `backups_read_at`: None there, nobody has asked yet."""

    service = ForeignKeyField(Service, backref="accounts", on_delete="RESTRICT")
    server = ForeignKeyField(Server, backref="placed", on_delete="RESTRICT")
    roles = JSONField(default=list)
    username = CharField(max_length=32)
    nonce = CharField(max_length=16)
    slot = BooleanField(default=False)
    backup_at = UtcField(null=True)
    backups_read_at = UtcField(null=True)

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


class VanitySlot(Row):
    """A sold name, and the ledger of what is ours on the provider's accounts: `mailbox_ours` is written once the node
    was seen without that mailbox, before it is made. The row goes when its service is terminated."""

    service = ForeignKeyField(Service, backref="slots", unique=True, on_delete="RESTRICT")
    vanity = ForeignKeyField(VanityDomain, backref="slots", on_delete="RESTRICT")
    name = CharField(max_length=32)
    mail_server = ForeignKeyField(Server, on_delete="RESTRICT")
    mail_user = CharField(max_length=32)
    mailbox_ours = BooleanField(default=False)

    class Meta:
        table_name = "vanity_slot"
        indexes = ((("vanity", "name"), True),)


class VanityRecord(Row):
    """The one address record of a slot on one nameserver; `ours` as `mailbox_ours`."""

    slot = ForeignKeyField(VanitySlot, backref="records", on_delete="CASCADE")
    server = ForeignKeyField(Server, on_delete="RESTRICT")
    value = CharField(max_length=45)
    ours = BooleanField(default=False)

    class Meta:
        table_name = "vanity_record"
        indexes = ((("slot", "server"), True),)


class Certificate(Row):
    """The certificate of one set of hosts (`kind` web or mail): what the node has, and how getting one goes."""

    service = ForeignKeyField(Service, backref="certificates", on_delete="RESTRICT")
    kind = CharField(max_length=32)
    server = ForeignKeyField(Server, on_delete="RESTRICT")
    hosts = JSONField(default=list)
    state = CharField(max_length=32)
    issuer = CharField(max_length=300, null=True)
    not_after = UtcField(null=True)
    failures = IntegerField(default=0)
    reason = TextField(null=True)
    next_try = UtcField(null=True)
    checked_at = UtcField(null=True)

    class Meta:
        indexes = ((("service", "kind"), True),)


class AcmeOrder(Row):
    """One certificate asked of the authority: its account (server and user), registered domains, and hosts, comma
    between them. What its published limits are counted from."""

    account = CharField(max_length=100)
    registered = TextField()
    hosts = TextField()
    at = UtcField(default=utcnow)
    issued = BooleanField(default=False)

    class Meta:
        table_name = "acme_order"


class Ticket(Row):
    """Something that wants a person, once an incident: later failures of the same are entries of it."""

    incident = CharField(max_length=400)
    status = CharField(max_length=32, default="open")
    title = CharField(max_length=300)
    service = ForeignKeyField(Service, null=True, backref="tickets", on_delete="RESTRICT")
    server = ForeignKeyField(Server, null=True, on_delete="SET NULL")
    failures = IntegerField(default=0)
    opened_at = UtcField(default=utcnow)
    closed_at = UtcField(null=True)
    closed_by = CharField(max_length=128, null=True)

    class Meta:
        indexes = ((("status", "id"), False),)


class TicketEntry(Row):
    ticket = ForeignKeyField(Ticket, backref="entries", on_delete="CASCADE")
    at = UtcField(default=utcnow)
    task = IntegerField(null=True)
    text = TextField()

    class Meta:
        table_name = "ticket_entry"


class Notice(Row):
    """A message about a ticket that has to leave the house; written with the ticket, sent by a worker."""

    ticket = ForeignKeyField(Ticket, backref="notices", on_delete="CASCADE")
    event = CharField(max_length=32)
    title = CharField(max_length=300)
    body = TextField()
    created_at = UtcField(default=utcnow)
    not_before = UtcField(null=True)
    attempts = IntegerField(default=0)
    sent_at = UtcField(null=True)
    error = TextField(null=True)


class Run(Row):
    """One deploy of one service, or one action on servers; `detail` is what the run's kind needs to know besides.
    `asked` is the line of the audit of whoever wished it: None where nobody did, or before that was written down."""

    kind = WordField(RunKind)
    service = ForeignKeyField(Service, null=True, backref="runs", on_delete="RESTRICT")
    detail = JSONField(null=True)
    asked = IntegerField(null=True, default=asked, index=True)
    created_at = UtcField(default=utcnow)
    finished_at = UtcField(null=True)


class Task(Row):
    """One step of a run on one server. `claim_no` fences every write; `lease_until` counts on the lease clock of
    `lease_epoch`; `woken` says that a wake-up went out since the task last became claimable. `expects` are the commands
    of the plan it was accepted with, `result` what a reading task has read. `edition` 0: there is one live task for one
    thing on one server; an edit's is its run's id, so that it may stand behind the one before it."""

    run = ForeignKeyField(Run, backref="tasks", on_delete="CASCADE")
    service = ForeignKeyField(Service, null=True, backref="tasks", on_delete="RESTRICT")
    server = ForeignKeyField(Server, null=True, backref="tasks", on_delete="SET NULL")
    action = CharField(max_length=48)
    target = CharField(max_length=300)
    args = JSONField(default=dict)
    expects = JSONField(null=True)
    result = JSONField(null=True)
    changing = BooleanField(default=True)
    follow_up = BooleanField(default=False)
    lane = CharField(max_length=80, null=True)
    edition = IntegerField(default=0)
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
            (("finished_at",), False),
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
