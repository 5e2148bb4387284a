"""The fleet: breakers of nodes, figures over time, wanted and live configuration of groups and nodes, standard files,
and what services use.

The models stand here as they were on that day; the program's own may move on.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    BigIntegerField,
    CharField,
    Database,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator: Any, db: Database) -> None:
    class Row(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Group(Row):
        class Meta:
            table_name = "server_group"

    class Server(Row):
        pass

    class Service(Row):
        pass

    class Breaker(Row):
        server = ForeignKeyField(Server, unique=True, on_delete="CASCADE")
        kind = CharField(max_length=32)
        failures = IntegerField(default=0)
        first_at = DateTimeField()
        opens = IntegerField(default=0)
        opened_at = DateTimeField(null=True)
        until = DateTimeField(null=True)
        reason = TextField(default="")

    class HealthSample(Row):
        server = ForeignKeyField(Server, on_delete="CASCADE")
        at = DateTimeField()
        cpu = FloatField(null=True)
        ram = FloatField(null=True)
        disk = FloatField(null=True)
        load = FloatField(null=True)

        class Meta:
            table_name = "health_sample"
            indexes = ((("server", "at"), False),)

    class CapacityDay(Row):
        server = ForeignKeyField(Server, on_delete="CASCADE")
        day = CharField(max_length=10)
        accounts = IntegerField(default=0)
        max_accounts = IntegerField(default=0)
        disk_used_mb = BigIntegerField(null=True)
        disk_total_mb = BigIntegerField(null=True)

        class Meta:
            table_name = "capacity_day"
            indexes = ((("server", "day"), True),)

    class GroupConfig(Row):
        group = ForeignKeyField(Group, on_delete="CASCADE")
        key = CharField(max_length=64)
        value = TextField(default="")

        class Meta:
            table_name = "group_config"
            indexes = ((("group", "key"), True),)

    class ServerConfig(Row):
        server = ForeignKeyField(Server, unique=True, on_delete="CASCADE")
        live = JSONField(default=dict)
        read_at = DateTimeField()

        class Meta:
            table_name = "server_config"

    class DriftIgnore(Row):
        group = ForeignKeyField(Group, on_delete="CASCADE")
        server = ForeignKeyField(Server, on_delete="CASCADE")
        key = CharField(max_length=64)
        until = DateTimeField()

        class Meta:
            table_name = "drift_ignore"
            indexes = ((("group", "server", "key"), True),)

    class StandardFile(Row):
        group = ForeignKeyField(Group, on_delete="CASCADE")
        path = CharField(max_length=512)
        target = CharField(max_length=32)
        content = TextField()
        digest = CharField(max_length=64)
        changed_at = DateTimeField()

        class Meta:
            table_name = "standard_file"
            indexes = ((("group", "path"), True),)

    class ServerFile(Row):
        server = ForeignKeyField(Server, on_delete="CASCADE")
        path = CharField(max_length=512)
        digest = CharField(max_length=64, null=True)
        read_at = DateTimeField()

        class Meta:
            table_name = "server_file"
            indexes = ((("server", "path"), True),)

    class Usage(Row):
        service = ForeignKeyField(Service, on_delete="CASCADE")
        key = CharField(max_length=32)
        used = BigIntegerField()
        at = DateTimeField()

        class Meta:
            indexes = ((("service", "key"), True),)

    db.create_tables(
        [
            Breaker,
            HealthSample,
            CapacityDay,
            GroupConfig,
            ServerConfig,
            DriftIgnore,
            StandardFile,
            ServerFile,
            Usage,
        ]
    )
    migrator.migrate(
        migrator.add_column("server", "collect_at", DateTimeField(null=True)),
        migrator.add_column("server", "usage_at", DateTimeField(null=True)),
        migrator.add_column("server_group", "variables", JSONField(null=True)),
    )
