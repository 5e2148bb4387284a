"""Rows about how nodes are and what services use: breakers, figures over time, usage."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, FloatField, ForeignKeyField, IntegerField, TextField

from hostdeck.core.domain.vocabulary import BreakerKind
from hostdeck.core.store.base import Row
from hostdeck.core.store.fields import UtcField, WordField
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service


class Breaker(Row):
    """A node's trouble with being reached; no row: none. `failures` since `first_at`; open where `opened_at` is set,
    until `until`, or until an operator acts where that is None. `opens`: how often in a row it has opened."""

    server = ForeignKeyField(Server, unique=True, backref="breakers", on_delete="CASCADE")
    kind = WordField(BreakerKind)
    failures = IntegerField(default=0)
    first_at = UtcField()
    opens = IntegerField(default=0)
    opened_at = UtcField(null=True)
    until = UtcField(null=True)
    reason = TextField(default="")


class HealthSample(Row):
    """A node's figures at one time, in percent; kept for two days."""

    server = ForeignKeyField(Server, backref="samples", on_delete="CASCADE")
    at = UtcField()
    cpu = FloatField(null=True)
    ram = FloatField(null=True)
    disk = FloatField(null=True)
    load = FloatField(null=True)

    class Meta:
        table_name = "health_sample"
        indexes = ((("server", "at"), False),)


class CapacityDay(Row):
    """How full a node was at the end of a day (`day` is ISO, UTC): what days-to-full are reckoned from."""

    server = ForeignKeyField(Server, backref="days", on_delete="CASCADE")
    day = CharField(max_length=10)
    accounts = IntegerField(default=0)
    max_accounts = IntegerField(default=0)
    disk_used_mb = BigIntegerField(null=True)
    disk_total_mb = BigIntegerField(null=True)

    class Meta:
        table_name = "capacity_day"
        indexes = ((("server", "day"), True),)


class FullMailbox(Row):
    """The fullest mailbox of a service, where one is nearly full; `used` and `quota` in MB."""

    service = ForeignKeyField(Service, unique=True, on_delete="CASCADE")
    address = CharField(max_length=320)
    used = BigIntegerField()
    quota = BigIntegerField()
    at = UtcField()

    class Meta:
        table_name = "full_mailbox"


class Usage(Row):
    """What a service uses of one limit (a limit's key), in the limit's own unit."""

    service = ForeignKeyField(Service, backref="usage", on_delete="CASCADE")
    key = CharField(max_length=32)
    used = BigIntegerField()
    at = UtcField()

    class Meta:
        indexes = ((("service", "key"), True),)
