"""Backups are tried in a sandbox, no longer in an account made for it: older trials read as if they had always been,
and each account that one of them may have left is removed.

The removals are of no service's runs: a termination must not call them off, and a service's certificates and mailboxes
do not go with an account that was made beside its own. The models stand here as they were on that day; the program's
own may move on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from peewee import BooleanField, CharField, Database, DateTimeField, IntegerField, JSONField, Model

TRIALS = {"web.tryBackup": "web", "mail.tryBackup": "mail"}
LEFT_NOTHING = "success"


def up(migrator: Any, db: Database) -> None:
    class Row(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Account(Row):
        service_id = IntegerField()
        username = CharField()
        nonce = CharField()

    class Run(Row):
        kind = CharField()
        created_at = DateTimeField()

    class Task(Row):
        run_id = IntegerField()
        server_id = IntegerField(null=True)
        action = CharField()
        target = CharField()
        args = JSONField()
        changing = BooleanField()
        follow_up = BooleanField()
        edition = IntegerField()
        status = CharField()
        attempts = IntegerField()
        max_attempts = IntegerField()
        claim_no = IntegerField()
        lapses = IntegerField()
        snoozes = IntegerField()
        woken = BooleanField()
        cancel_asked = BooleanField()
        created_at = DateTimeField()

    now = datetime.now(UTC).replace(tzinfo=None)
    usernames = {(row.service_id, row.nonce): row.username for row in Account.select()}
    left: dict[tuple[int, str], Any] = {}
    for task in Task.select().where(Task.action.in_(list(TRIALS))).order_by(Task.id):
        old = task.args
        if "trial" in old:
            continue
        if task.claim_no and task.status != LEFT_NOTHING and task.server_id is not None:
            left[task.server_id, old["user"]] = (TRIALS[task.action], old)
        Task.update(args=_as_now(TRIALS[task.action], old, usernames)).where(Task.id == task.id).execute()
    for (server, user), (role, old) in left.items():
        Task.create(
            run_id=Run.create(kind="item", created_at=now).id,
            server_id=server,
            action=f"{role}.removeUser",
            target=user,
            args={name: old[name] for name in ("user", "mark", "service", "nonce", "domain")},
            changing=True,
            follow_up=False,
            edition=0,
            status="queued",
            attempts=0,
            max_attempts=3,
            claim_no=0,
            lapses=0,
            snoozes=0,
            woken=False,
            cancel_asked=False,
            created_at=now,
        )


def _as_now(role: str, old: dict[str, Any], usernames: dict[tuple[int, str], str]) -> dict[str, Any]:
    """The account is the customer's own, the trial has a name, and its time counts in milliseconds."""
    service, nonce = old["service"], old["nonce"]
    kept = {name: value for name, value in old.items() if name not in ("service", "nonce", "package")}
    return kept | {
        "user": usernames.get((service, nonce), old["user"]),
        "trial": f"{service}-{nonce}-{role}",
        "since": old["since"] * 1000,
    }
