"""The one database a process speaks to, as a proxy that `open_store` fills."""

from __future__ import annotations

from peewee import DatabaseProxy, Model

database = DatabaseProxy()


class Row(Model):
    class Meta:
        database = database
        legacy_table_names = False
