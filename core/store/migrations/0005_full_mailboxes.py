"""Single mailboxes that are nearly full.

The models stand here as they were on that day; the program's own may move on.
"""

from __future__ import annotations

from typing import Any

from peewee import BigIntegerField, CharField, Database, DateTimeField, ForeignKeyField, Model


def up(migrator: Any, db: Database) -> None:
    class Row(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Service(Row):
        pass

    class FullMailbox(Row):
        service = ForeignKeyField(Service, unique=True, on_delete="CASCADE")
        address = CharField(max_length=320)
        used = BigIntegerField()
        quota = BigIntegerField()
        at = DateTimeField()

        class Meta:
            table_name = "full_mailbox"

    db.create_tables([FullMailbox])
