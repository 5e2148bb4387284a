"""The tasks that ended last are found without looking at all that ever did."""

from __future__ import annotations

from typing import Any

from peewee import Database


def up(migrator: Any, db: Database) -> None:
    db.execute_sql('CREATE INDEX "task_finished_at" ON "task" ("finished_at")')
