"""The first schema: the fleet, what is sold, and the work it makes.

The models stand here as they were on that day; the program's own may move on.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    BooleanField,
    CharField,
    CompositeKey,
    Database,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

# What a model's own list can't say: at most one live task per (service, action, target, server), and one live
# service per domain, which is free again once its service is terminated.
PARTIAL_INDEXES = (
    "CREATE UNIQUE INDEX task_live ON task (coalesce(service_id, 0), action, target, coalesce(server_id, 0)) "
    "WHERE status IN ('waiting', 'queued', 'running', 'retrying')",
    "CREATE UNIQUE INDEX service_live_domain ON service (domain) WHERE status <> 'terminated'",
)


def up(migrator: Any, db: Database) -> None:
    class Row(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Group(Row):
        name = CharField(max_length=64, unique=True)
        created_at = DateTimeField()

        class Meta:
            table_name = "server_group"

    class Server(Row):
        uuid = CharField(max_length=36, unique=True)
        name = CharField(max_length=64, unique=True)
        hostname = CharField(max_length=253)
        ip = CharField(max_length=45)
        ssh_port = IntegerField(default=22)
        ssh_username = CharField(max_length=32, default="root")
        driver = CharField(max_length=32, default="hestiacp")
        web = BooleanField(default=False)
        mail = BooleanField(default=False)
        dns = BooleanField(default=False)
        group = ForeignKeyField(Group, null=True, backref="servers", on_delete="RESTRICT")
        status = CharField(max_length=32, default="active")
        max_accounts = IntegerField(default=0)
        accounts = IntegerField(default=0)
        host_key = TextField()
        credential = TextField()
        node_dir = CharField(max_length=1024, null=True)
        health = CharField(max_length=32, default="unknown")
        health_error = TextField(null=True)
        health_facts = JSONField(default=dict)
        collected_at = DateTimeField(null=True)
        created_at = DateTimeField()

    class GroupDns(Row):
        group = ForeignKeyField(Group, backref="nameservers", on_delete="CASCADE")
        server = ForeignKeyField(Server, backref="serves", on_delete="RESTRICT")

        class Meta:
            table_name = "group_dns"
            indexes = ((("group", "server"), True),)

    class Worker(Row):
        host = CharField(max_length=253)
        machine = CharField(max_length=64)
        boot_id = CharField(max_length=64)
        pid = IntegerField()
        process_start = CharField(max_length=32)
        started_at = DateTimeField()
        beat_at = DateTimeField()
        stopped_at = DateTimeField(null=True)

    class Setting(Row):
        key = CharField(max_length=64, primary_key=True)
        value = TextField()

    class Audit(Row):
        at = DateTimeField()
        actor = CharField(max_length=128)
        intent = CharField(max_length=64)
        object = CharField(max_length=300)
        result = TextField(default="")
        detail = JSONField(default=dict)
        previous = CharField(max_length=64, null=True)
        digest = CharField(max_length=64, null=True)

    class Product(Row):
        name = CharField(max_length=64, unique=True)
        group = ForeignKeyField(Group, backref="products", on_delete="RESTRICT")
        mode = CharField(max_length=32)
        roles = JSONField(default=list)
        limits = JSONField(default=dict)
        created_at = DateTimeField()

    class Service(Row):
        domain = CharField(max_length=253)
        product = ForeignKeyField(Product, backref="services", on_delete="RESTRICT")
        mode = CharField(max_length=32)
        roles = JSONField(default=list)
        limits = JSONField(default=dict)
        origin = JSONField(default=dict)
        email = CharField(max_length=254, null=True)
        meta = JSONField(default=dict)
        status = CharField(max_length=32, default="pending", index=True)
        error = TextField(null=True)
        run = IntegerField(null=True)
        why = JSONField(default=list)
        created_at = DateTimeField()

    class Account(Row):
        service = ForeignKeyField(Service, backref="accounts", on_delete="RESTRICT")
        server = ForeignKeyField(Server, backref="placed", on_delete="RESTRICT")
        roles = JSONField(default=list)
        username = CharField(max_length=32)
        nonce = CharField(max_length=16)
        slot = BooleanField(default=False)

        class Meta:
            indexes = ((("server", "username"), True),)

    class Zone(Row):
        service = ForeignKeyField(Service, backref="zones", on_delete="RESTRICT")
        name = CharField(max_length=253)

    class Record(Row):
        zone = ForeignKeyField(Zone, backref="records", on_delete="CASCADE")
        name = CharField(max_length=253)
        type = CharField(max_length=32)
        value = TextField()
        priority = IntegerField(null=True)
        ttl = IntegerField()

    class ZoneDeploy(Row):
        zone = ForeignKeyField(Zone, backref="deploys", on_delete="CASCADE")
        server = ForeignKeyField(Server, on_delete="RESTRICT")
        serial = CharField(max_length=16, null=True)
        deployed_at = DateTimeField(null=True)

        class Meta:
            table_name = "zone_deploy"
            indexes = ((("zone", "server"), True),)

    class Run(Row):
        kind = CharField(max_length=32)
        service = ForeignKeyField(Service, null=True, backref="runs", on_delete="RESTRICT")
        created_at = DateTimeField()
        finished_at = DateTimeField(null=True)

    class Task(Row):
        run = ForeignKeyField(Run, backref="tasks", on_delete="CASCADE")
        service = ForeignKeyField(Service, null=True, backref="tasks", on_delete="RESTRICT")
        server = ForeignKeyField(Server, null=True, backref="tasks", on_delete="SET NULL")
        action = CharField(max_length=48)
        target = CharField(max_length=300)
        args = JSONField(default=dict)
        changing = BooleanField(default=True)
        follow_up = BooleanField(default=False)
        lane = CharField(max_length=80, null=True)
        status = CharField(max_length=32)
        attempts = IntegerField(default=0)
        max_attempts = IntegerField(default=3)
        claim_no = IntegerField(default=0)
        lapses = IntegerField(default=0)
        snoozes = IntegerField(default=0)
        snoozed_since = DateTimeField(null=True)
        worker = IntegerField(null=True)
        lease_epoch = CharField(max_length=64, null=True)
        lease_until = FloatField(null=True)
        woken = BooleanField(default=False)
        cancel_asked = BooleanField(default=False)
        error = TextField(null=True)
        not_before = DateTimeField(null=True)
        created_at = DateTimeField()
        started_at = DateTimeField(null=True)
        finished_at = DateTimeField(null=True)

        class Meta:
            indexes = (
                (("status", "woken"), False),
                (("server", "status"), False),
            )

    class TaskAfter(Row):
        task = ForeignKeyField(Task, backref="needs", on_delete="CASCADE")
        needs = ForeignKeyField(Task, backref="unblocks", on_delete="CASCADE")

        class Meta:
            table_name = "task_after"
            primary_key = CompositeKey("task", "needs")

    class TaskLog(Row):
        task = ForeignKeyField(Task, on_delete="CASCADE")
        seq = IntegerField()
        attempt = IntegerField()
        at = DateTimeField()
        stream = CharField(max_length=32)
        text = TextField()

        class Meta:
            table_name = "task_log"
            primary_key = CompositeKey("task", "seq")

    db.create_tables(
        [
            Group,
            Server,
            GroupDns,
            Worker,
            Setting,
            Audit,
            Product,
            Service,
            Account,
            Zone,
            Record,
            ZoneDeploy,
            Run,
            Task,
            TaskAfter,
            TaskLog,
        ]
    )
    for statement in PARTIAL_INDEXES:
        db.execute_sql(statement)
