"""What is inside a service: its items, former contents of zones, and when an account was last backed up.

The models stand here as they were on that day; the program's own may move on.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    SqliteDatabase,
    TextField,
)
from playhouse.sqlite_ext import AutoIncrementField


def up(migrator: Any, db: Database) -> None:
    class Row(Model):
        class Meta:
            database = db
            legacy_table_names = False

    # A number is never used again: tasks name items by it, and outlive them.
    numbered = AutoIncrementField() if isinstance(db, SqliteDatabase) else AutoField()

    class Server(Row):
        pass

    class Service(Row):
        pass

    class Zone(Row):
        pass

    class Item(Row):
        id = numbered
        service = ForeignKeyField(Service, on_delete="RESTRICT")
        server = ForeignKeyField(Server, on_delete="RESTRICT")
        kind = CharField(max_length=32)
        name = CharField(max_length=255)
        uuid = CharField(max_length=36)
        wanted = JSONField(default=dict)
        known = JSONField(default=dict)
        secret = TextField(null=True)
        ours = BooleanField(default=False)
        status = CharField(max_length=32)
        error = TextField(null=True)
        task = IntegerField(null=True)
        created_at = DateTimeField()
        seen_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("service", "kind", "name"), True), (("task",), False))

    class ZoneVersion(Row):
        zone = ForeignKeyField(Zone, on_delete="CASCADE")
        at = DateTimeField()
        actor = CharField(max_length=128)
        what = CharField(max_length=400)
        records = JSONField(default=list)
        after = JSONField(default=list)

        class Meta:
            table_name = "zone_version"
            indexes = ((("zone", "id"), False),)

    db.create_tables([Item, ZoneVersion])
    migrator.migrate(
        migrator.add_column("task", "edition", IntegerField(default=0)),
        migrator.add_column("account", "backup_at", DateTimeField(null=True)),
        migrator.add_column("account", "backups_read_at", DateTimeField(null=True)),
    )
    # What is wished of one thing again and again is as many tasks; a server's changing tasks run one after the other.
    db.execute_sql("DROP INDEX task_live")
    db.execute_sql(
        "CREATE UNIQUE INDEX task_live ON task "
        "(coalesce(service_id, 0), action, target, coalesce(server_id, 0), edition) "
        "WHERE status IN ('waiting', 'queued', 'running', 'retrying')"
    )
