"""Several operators at once: whose wish each run was, and who is looking at what.

The models stand here as they were on that day; the program's own may move on.
"""

from __future__ import annotations

from typing import Any

from peewee import AutoField, CharField, Database, DateTimeField, IntegerField, Model


def up(migrator: Any, db: Database) -> None:
    class Presence(Model):
        id = AutoField()
        console = CharField(max_length=36, unique=True)
        actor = CharField(max_length=128)
        host = CharField(max_length=253)
        pid = IntegerField()
        place = CharField(max_length=300)
        since = DateTimeField()
        seen_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Presence])
    migrator.migrate(
        migrator.add_column("run", "asked", IntegerField(null=True)),
        migrator.add_index("run", ("asked",)),
    )
