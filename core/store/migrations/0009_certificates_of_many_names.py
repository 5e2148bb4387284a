"""A certificate may be for a hundred names, below as many domains: what was asked of the authority is as long as that.

SQLite holds no text to its length.
"""

from __future__ import annotations

from typing import Any

from peewee import Database, PostgresqlDatabase


def up(migrator: Any, db: Database) -> None:
    if isinstance(db, PostgresqlDatabase):
        for column in ("registered", "hosts"):
            db.execute_sql(f'ALTER TABLE "acme_order" ALTER COLUMN "{column}" TYPE TEXT')
