"""Rows about how nodes shall be configured, and how they are."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, JSONField, TextField

from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.store.base import Row
from hostdeck.core.store.fields import UtcField, WordField, utcnow
from hostdeck.core.store.fleet_models import Group, Server


class GroupConfig(Row):
    """A managed key of a group; one that has no row is not managed, an empty value is a value."""

    group = ForeignKeyField(Group, backref="config", on_delete="CASCADE")
    key = CharField(max_length=64)
    value = TextField(default="")

    class Meta:
        table_name = "group_config"
        indexes = ((("group", "key"), True),)


class ServerConfig(Row):
    """A node's `hestia.conf` as last read; secrets are left out."""

    server = ForeignKeyField(Server, unique=True, backref="config", on_delete="CASCADE")
    live = JSONField(default=dict)
    read_at = UtcField()

    class Meta:
        table_name = "server_config"


class DriftIgnore(Row):
    """A difference on one node that is nobody's business until then."""

    group = ForeignKeyField(Group, backref="ignored", on_delete="CASCADE")
    server = ForeignKeyField(Server, on_delete="CASCADE")
    key = CharField(max_length=64)
    until = UtcField()

    class Meta:
        table_name = "drift_ignore"
        indexes = ((("group", "server", "key"), True),)


class StandardFile(Row):
    """A file that nodes of the group shall have, its placeholders not yet filled; `digest` is SHA-256 of `content`, in
    hex."""

    group = ForeignKeyField(Group, backref="files", on_delete="CASCADE")
    path = CharField(max_length=512)
    target = WordField(Target)
    content = TextField()
    digest = CharField(max_length=64)
    changed_at = UtcField(default=utcnow)

    class Meta:
        table_name = "standard_file"
        indexes = ((("group", "path"), True),)


class ServerFile(Row):
    """What a node has of a standard file: SHA-256 as last read, None where it has none."""

    server = ForeignKeyField(Server, backref="files", on_delete="CASCADE")
    path = CharField(max_length=512)
    digest = CharField(max_length=64, null=True)
    read_at = UtcField()

    class Meta:
        table_name = "server_file"
        indexes = ((("server", "path"), True),)
