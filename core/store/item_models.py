"""Rows about what is inside a service."""

from __future__ import annotations

import uuid

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.store.base import Row
from hostdeck.core.store.fields import UtcField, WordField, utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Zone


class Item(Row):
    """One item: `wanted` is its kind's spec, `known` what the node has of it. `secret` is sealed for this row's `uuid`
    and goes once the node has taken it, but for a certificate's key. `ours`: it was made by us, or adopted; `task` is
    the task that last had to do with it."""

    service = ForeignKeyField(Service, backref="items", on_delete="RESTRICT")
    server = ForeignKeyField(Server, on_delete="RESTRICT")
    kind = WordField(ItemKind)
    name = CharField(max_length=255)
    uuid = CharField(max_length=36, default=lambda: str(uuid.uuid4()))
    wanted = JSONField(default=dict)
    known = JSONField(default=dict)
    secret = TextField(null=True)
    ours = BooleanField(default=False)
    status = WordField(ItemStatus, default=ItemStatus.PENDING)
    error = TextField(null=True)
    task = IntegerField(null=True)
    created_at = UtcField(default=utcnow)
    seen_at = UtcField(null=True)

    class Meta:
        indexes = ((("service", "kind", "name"), True), (("task",), False))


class ZoneVersion(Row):
    """The records of a zone before (`records`) and after a change, so that what it changed can be taken back."""

    zone = ForeignKeyField(Zone, on_delete="CASCADE")
    at = UtcField(default=utcnow)
    actor = CharField(max_length=128)
    what = CharField(max_length=400)
    records = JSONField(default=list)
    after = JSONField(default=list)

    class Meta:
        table_name = "zone_version"
        indexes = ((("zone", "id"), False),)
